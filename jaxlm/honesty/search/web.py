"""Web-search APIs as a search backend: Brave, Tavily, and SearXNG, which one can run oneself."""

import asyncio
import dataclasses
import html
import json
import os
import re
from collections.abc import Callable, Sequence

from jaxlm.errors import UserError
from jaxlm.honesty.search import http
from jaxlm.honesty.search.hits import MAX_QUERY, Hit

MAX_BYTES = 2_000_000  # of an answer
MAX_WORDS = 50  # of a query; Brave takes no more
MAX_RESULTS = 20  # that one asks for
MAX_PAUSE = 10.0  # seconds waited before a retry, whatever the server asks for
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclasses.dataclass(frozen=True)
class Provider:
    """The shape of an API.

    Attributes:
        url: where it is asked; "" when everybody has his own.
        key: the environment variable with the key; "" when it needs none.
        request: (key, query, k) -> method and aiohttp's keyword arguments.
        results: the list of results in an answer's JSON: the names on the way to it.
        text: field of a result's passage.
    """

    url: str
    key: str
    request: Callable[[str, str, int], tuple[str, dict]]
    results: tuple[str, ...]
    text: str


def _brave(key: str, query: str, k: int) -> tuple[str, dict]:
    return "GET", dict(params=dict(q=query, count=str(k)), headers={"X-Subscription-Token": key})


def _tavily(key: str, query: str, k: int) -> tuple[str, dict]:
    return "POST", dict(json=dict(query=query, max_results=k), headers={"Authorization": f"Bearer {key}"})


def _searxng(key: str, query: str, k: int) -> tuple[str, dict]:
    return "GET", dict(params=dict(q=query, format="json"))


PROVIDERS = dict(
    brave=Provider(
        "https://api.search.brave.com/res/v1/web/search", "BRAVE_API_KEY", _brave, ("web", "results"), "description"
    ),
    tavily=Provider("https://api.tavily.com/search", "TAVILY_API_KEY", _tavily, ("results",), "content"),
    searxng=Provider("", "", _searxng, ("results",), "content"),
)


@dataclasses.dataclass(frozen=True)
class WebSearch:
    """A web-search API; made by `connect`. Its methods are those of jaxlm.honesty.search.index.Index.

    Attributes:
        name: one of PROVIDERS.
        url: where it is asked.
        key: the secret; never shown.
        timeout: seconds that one request may take.
        retries: further attempts after the server was busy (429), broken (5xx) or out of reach.
        pause: seconds before the first retry; doubled for each one after it. `Retry-After` is followed up to MAX_PAUSE.
    """

    name: str
    url: str
    key: str = dataclasses.field(repr=False)
    timeout: float = 10.0
    retries: int = 2
    pause: float = 0.5

    def search(self, query: str, k: int) -> list[Hit]:
        """The first k results. Raises UserError with one line that says what is wrong with the server or the key."""
        return self.search_many([query], k)[0]

    def search_many(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """`search` for each query, one after the other over one connection: free plans allow one request a second."""
        seconds = len(queries) * (self.retries + 1) * (self.timeout + MAX_PAUSE)
        return http.wait(self._search_many(queries, max(1, min(k, MAX_RESULTS))), seconds)

    async def _search_many(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        aiohttp = http.client()
        timeout, headers = aiohttp.ClientTimeout(total=self.timeout), {"User-Agent": http.USER_AGENT}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=False) as session:
            return [await self._search(session, query, k) for query in queries]

    async def _search(self, session, query: str, k: int) -> list[Hit]:
        for attempt in range(self.retries + 1):
            status, body, asked = await self._ask(session, query, k)
            if status == 200:
                return self._hits(body, k)
            if status not in (0, 429) and status < 500:
                break
            if attempt < self.retries:
                await asyncio.sleep(min(max(asked, self.pause * 2**attempt), MAX_PAUSE))
        raise UserError(f"{self.name}: {body if status == 0 else self._complaint(status)}")

    async def _ask(self, session, query: str, k: int) -> tuple[int, bytes | str, float]:
        """Status, body, and the seconds the server wants one to wait; without an answer 0 and the reason."""
        query = " ".join(query.split()[:MAX_WORDS])[:MAX_QUERY]
        method, arguments = PROVIDERS[self.name].request(self.key, query, k)
        try:
            # a redirect would take the key elsewhere
            async with session.request(method, self.url, allow_redirects=False, **arguments) as response:
                body = await http.read(response, MAX_BYTES) if response.status == 200 else b""
                return response.status, body, _seconds(response.headers.get("Retry-After"))
        except UserError as error:
            raise UserError(f"{self.name}: {error}") from None
        except (http.client().ClientError, OSError, TimeoutError, ValueError) as error:
            return 0, f"{self._host()}: {http.reason(error)}", 0.0

    def _hits(self, body: bytes, k: int) -> list[Hit]:
        provider = PROVIDERS[self.name]
        try:
            found = json.loads(body)
            for name in provider.results:
                found = found.get(name) or {}  # an answer without results may lack the fields
            return [_hit(result, provider.text, rank) for rank, result in enumerate(_usable(found)[:k])]
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise UserError(f"{self.name}: {self._host()} did not answer as its API should") from None

    def _complaint(self, status: int) -> str:
        variable = PROVIDERS[self.name].key
        if status in (401, 403) and variable:
            return f"the key in ${variable} was refused (HTTP {status})"
        if status == 403:
            return "JSON answers are refused (HTTP 403): add json to search.formats in its settings.yml"
        if status == 429:
            return "too many requests, or the plan is used up (HTTP 429)"
        if 300 <= status < 400:
            return f"{self._host()} redirects elsewhere (HTTP {status}): give the final address"
        return f"{self._host()} answered with HTTP {status}"

    def _host(self) -> str:
        return self.url.split("/")[2]


def connect(name: str, url: str = "", timeout: float = 10.0, retries: int = 2, pause: float = 0.5) -> WebSearch:
    """The search API `name`, with its key from the environment.

    Args:
        name: brave | tavily | searxng.
        url: another address than the API's own; for searxng the instance's, such as http://localhost:8888.
        timeout, retries, pause: see WebSearch.
    Raises:
        UserError: the name is not known, a key or an address is missing, or the key would travel unencrypted.
    """
    if name not in PROVIDERS:
        raise UserError(f"search backend {name!r}: expected one of {', '.join(PROVIDERS)}")
    http.client()
    provider = PROVIDERS[name]
    url = url or provider.url
    parts = re.fullmatch(r"(https?)://(\[[^\]/]*\]|[^/:@?#\s]+)(:\d+)?(/[^\s?#]*)?", url)
    if parts is None:
        raise UserError(f"{name}: url={url!r}: expected http(s)://HOST[:PORT][/PATH]")
    if name == "searxng" and not url.endswith("/search"):
        url = url.rstrip("/") + "/search"
    key = os.environ.get(provider.key, "").strip() if provider.key else ""
    if provider.key and not key:
        raise UserError(f"{name}: set ${provider.key} to your key")
    if not key.isascii() or not key.isprintable():
        raise UserError(f"{name}: ${provider.key} is not a key")
    if key and parts[1] == "http" and parts[2].strip("[]") not in LOOPBACK:
        raise UserError(f"{name}: url={url!r}: the key would travel unencrypted; use https")
    return WebSearch(name, url, key, timeout, retries, pause)


def _usable(results: list | dict) -> list[dict]:
    """The results that lead to a page."""
    return [result for result in list(results) if str(result.get("url")).startswith(("http://", "https://"))]


def _hit(result: dict, field: str, rank: int) -> Hit:
    title, text = (_plain(str(result.get(name) or "")) for name in ("title", field))
    score = result.get("score")
    return Hit(result["url"], title, text, float(score) if isinstance(score, int | float) else 1 / (rank + 1))


def _plain(text: str) -> str:
    """Text without the tags and entities with which some APIs mark the query's words."""
    return html.unescape(_TAG.sub("", text))


def _seconds(text: str | None) -> float:
    """Retry-After in seconds; a date counts as none."""
    return float(text) if text and text.isdecimal() else 0.0
