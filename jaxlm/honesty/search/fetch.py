"""Opt-in fetching of pages that a search returned or the user typed, guarded where the connection is made."""

import dataclasses
import re
from collections.abc import Callable, Iterable

from jaxlm.errors import UserError
from jaxlm.honesty.search import extraction, http
from jaxlm.honesty.search.guard import PORTS, check_url, public_only, socket_factory
from jaxlm.honesty.search.hits import Hit, as_text
from jaxlm.honesty.tools import Tool

HTML = ("text/html", "application/xhtml+xml")
REDIRECTS = (301, 302, 303, 307, 308)
_URL = re.compile(r"https?://[^\s<>\"'`)\]}]+")


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one fetcher may do.

    Attributes:
        seconds: for a page, its redirects and name look-ups included; and as many again to extract its text.
        max_bytes: of a page, decompressed.
        redirects: followed for a page.
        pages: fetched in all, failures included.
        extractor: trafilatura | resiliparse.
    """

    seconds: float = 10.0
    max_bytes: int = 2_000_000
    redirects: int = 5
    pages: int = 5
    extractor: str = "trafilatura"


USUAL = Limits()


class Fetcher:
    """Fetches pages for one conversation.

    Attributes:
        limits: see Limits.
        permitted: the URLs that may be fetched; `permit` and `permit_typed` add to them.
        fetched: how many were asked for so far.
    """

    def __init__(
        self, limits: Limits = USUAL, allow: Callable[[str, int], bool] = public_only, resolver=None, ports=PORTS
    ):
        """`allow` judges each IP address and port before it is connected to, `ports` may stand in a URL, `resolver` is
        aiohttp's. The defaults reach public hosts only; tests let their own server in here.
        """
        http.client()
        self.limits, self.permitted, self.fetched = limits, set(), 0
        self._allow, self._resolver, self._ports = allow, resolver, ports

    def permit(self, hits: Iterable[Hit]) -> None:
        """Allows the pages that a search returned; links inside their text are not among them."""
        self.permitted.update(hit.source for hit in hits)

    def permit_typed(self, text: str) -> None:
        """Allows the URLs in what the user typed."""
        self.permitted.update(match.group().rstrip(".,;:!?") for match in _URL.finditer(text))

    def fetch(self, url: str) -> Hit:
        """The page's title and main text, with the address where the redirects ended.

        Raises UserError with one line: not permitted, refused by the guard, over a limit, no page, or no text in it.
        """
        if url not in self.permitted:
            raise UserError(f"{url[:200]}: only pages that a search returned or the user named are opened")
        if self.fetched >= self.limits.pages:
            raise UserError(f"{self.limits.pages} pages were opened already: no more are")
        self.fetched += 1
        try:
            final, kind, charset, body = http.wait(self._get(url), self.limits.seconds)
            title, text = self._text(kind, charset, body)
        except UserError as error:
            raise UserError(f"{url}: {str(error).removeprefix(f'{url}: ')}") from None
        except (http.client().ClientError, OSError, TimeoutError, ValueError) as error:
            raise UserError(f"{url}: {http.reason(error)}") from None
        if not text:
            raise UserError(f"{url}: the page has no text")
        return Hit(final, title, text, 1.0)

    def tool(self, max_chars: int = 2000) -> Tool:
        """The tool `open_page(url)`."""
        url = dict(type="string", minLength=1, description="a page that a search returned or the user named")
        parameters = dict(type="object", properties=dict(url=url), required=["url"], additionalProperties=False)
        run = lambda url: as_text([self.fetch(url)], max_chars)
        return Tool("open_page", "Opens a page and returns its text.", parameters, run)

    async def _get(self, url: str) -> tuple[str, str, str | None, bytes]:
        """Follows redirects, each checked as the first URL was; final URL, content type, charset and body."""
        aiohttp = http.client()
        connector = aiohttp.TCPConnector(
            socket_factory=socket_factory(self._allow), resolver=self._resolver, force_close=True, use_dns_cache=False
        )
        options = dict(trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True)
        headers = {"User-Agent": http.USER_AGENT, "Accept": ", ".join((*HTML, "text/plain"))}
        async with aiohttp.ClientSession(connector=connector, headers=headers, **options) as session:
            target = check_url(url, self._ports)
            for _ in range(self.limits.redirects + 1):
                async with session.get(target, allow_redirects=False) as response:
                    if response.status not in REDIRECTS:
                        return str(target), *await self._body(response)
                    place = response.headers.get("Location", "")
                target = check_url(str(_joined(target, place)), self._ports)
        raise UserError(f"more than {self.limits.redirects} redirects")

    async def _body(self, response) -> tuple[str, str | None, bytes]:
        if response.status != 200:
            raise UserError(f"HTTP {response.status}")
        if response.content_type not in (*HTML, "text/plain"):
            raise UserError(f"{response.content_type} is no page")
        return response.content_type, response.charset, await http.read(response, self.limits.max_bytes)

    def _text(self, kind: str, charset: str | None, body: bytes) -> tuple[str, str]:
        if kind in HTML:
            return extraction.extract(body, charset, self.limits.extractor, self.limits.seconds)
        from jaxlm.crawl.encoding import decode

        return "", decode(body, charset)[0].strip()


def _joined(base, place: str):
    """The URL a redirect leads to. Raises UserError when it has none."""
    from yarl import URL

    if not place:
        raise UserError("a redirect to nowhere")
    try:
        return base.join(URL(place))
    except ValueError:
        raise UserError("a redirect to what is no URL") from None
