import gzip
import socket
import threading
import time

import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.search.extraction import extract
from jaxlm.honesty.search.fetch import Fetcher, Limits
from jaxlm.honesty.search.guard import PORTS, public_only
from jaxlm.honesty.search.hits import Hit
from jaxlm.honesty.tools import run_call

SENTENCES = "Ada Baker is a potter and lives in Velm, where she was born. " * 5
PAGE = f"<html><head><title>Ada Baker</title></head><body><article><p>{SENTENCES}</p></article></body></html>".encode()
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}


class Trap:
    """A second server on this machine, which the guard must never let in."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.05)
        self.port = self.listener.getsockname()[1]

    def touched(self) -> bool:
        try:
            self.listener.accept()[0].close()
            return True
        except TimeoutError:
            return False


@pytest.fixture
def trap():
    trap = Trap()
    yield trap
    trap.listener.close()


def fetcher(server, *urls, ports=(), resolver=None, **limits):
    """A fetcher that is let in at the test's own server, and elsewhere stands under the real rule."""
    allow = lambda address, port: (address, port) == ("127.0.0.1", server.port) or public_only(address, port)
    made = Fetcher(Limits(**limits), allow, resolver, (*PORTS, server.port, *ports))
    made.permit(Hit(url, "", "", 0.0) for url in urls)
    return made


def refused(server, url, **limits) -> str:
    with pytest.raises(UserError) as caught:
        fetcher(server, url, **limits).fetch(url)
    assert "\n" not in str(caught.value) and str(caught.value).count(url) == 1
    return str(caught.value).removeprefix(f"{url}: ")


def test_a_page_becomes_its_text(server):
    server.answer = lambda request: (200, HTML, PAGE)
    hit = fetcher(server, server.url + "/ada").fetch(server.url + "/ada")
    assert (hit.source, hit.title, hit.text) == (server.url + "/ada", "Ada Baker", SENTENCES.strip())
    sent = server.requests[0].headers
    assert sent["User-Agent"].startswith("jaxlm/") and not {"Cookie", "Referer", "Authorization"} & sent.keys()


def test_a_page_that_takes_too_long_to_read_is_given_up():
    with pytest.raises(UserError, match="its text could not be extracted in time"):
        extract(PAGE, "utf-8", "trafilatura", seconds=0.01)


def test_plain_text_and_the_tool(server):
    server.answer = lambda request: (
        200,
        {"Content-Type": "text/plain; charset=latin-1"},
        "Caf\xe9 ".encode("latin-1") * 99,
    )
    url = server.url + "/text"
    tool = fetcher(server, url).tool(max_chars=20)
    assert run_call([tool], dict(name="open_page", arguments={"url": url})) == f"[1] {url}\nCafé Café Café ..."


def test_only_what_was_searched_or_typed_is_opened(server):
    server.answer = lambda request: (200, TEXT, b"Text.")
    made = fetcher(server)
    with pytest.raises(UserError, match="only pages that a search returned or the user named are opened"):
        made.fetch(server.url + "/a")
    assert server.requests == []
    made.permit_typed(f"What does ({server.url}/a), say? And {server.url}/b.")
    assert [made.fetch(f"{server.url}/{name}").text for name in "ab"] == ["Text."] * 2


def test_no_more_pages_than_allowed(server):
    made = fetcher(server, server.url, pages=2)
    for said in ("HTTP 404", "HTTP 404", "2 pages were opened already: no more are"):
        with pytest.raises(UserError, match=said):
            made.fetch(server.url)
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server, status):
    def answer(request):
        return (status, {"Location": "../b?x=1#y"}, b"") if request.path == "/a/a" else (200, TEXT, b"Text.")

    server.answer = answer
    url = server.url + "/a/a"
    assert fetcher(server, url).fetch(url).source == server.url + "/b?x=1"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.0.0.1.", "0.0.0.0", "2130706433"]
)
def test_a_redirect_into_the_machine_is_not_followed(server, trap, host):
    server.answer = lambda request: (302, {"Location": f"http://{host}:{trap.port}/"}, b"")
    assert f"port {trap.port} is not fetched from" in refused(server, server.url)
    # and where the port is one that may stand in a URL, the guard at the connection is what refuses
    made = fetcher(server, server.url, ports=[trap.port])
    with pytest.raises(UserError, match=r"the address is not a public one|is not a canonical IPv4 address"):
        made.fetch(server.url)
    assert not trap.touched() and len(server.requests) == 2


def test_a_name_that_moves_into_the_machine_is_not_followed(server, trap):
    """Rebinding: the name's first look-up gives the allowed server, later ones a private address at the same port."""
    import aiohttp

    looked_up = []

    class Resolver(aiohttp.abc.AbstractResolver):
        async def resolve(self, host, port=0, family=socket.AF_INET):
            looked_up.append(host)
            address = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.2"
            return [dict(hostname=host, host=address, port=port, family=socket.AF_INET, proto=6, flags=0)]

        async def close(self):
            pass

    server.answer = lambda request: (302, {"Location": "/again"}, b"")
    url = f"http://rebinding.example:{server.port}/"
    made = fetcher(server, url, resolver=Resolver())
    with pytest.raises(UserError, match="the address is not a public one"):
        made.fetch(url)
    assert looked_up == ["rebinding.example"] * 2 and len(server.requests) == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("file:///etc/passwd", "file:///etc/passwd: only http:// and https:// pages are fetched"),
        ("http://user:pw@public.example/", "http://user:pw@public.example/: a URL with a user name or password"),
        ("http://public.example:22/", "http://public.example:22/: port 22 is not fetched from"),
        ("http://[::1", "a redirect to what is no URL"),
        ("", "a redirect to nowhere"),
        ("/again", "more than 3 redirects"),
    ],
)
def test_redirects_to_what_may_not_be_fetched(server, place, said):
    server.answer = lambda request: (302, {"Location": place}, b"")
    assert said in refused(server, server.url, redirects=3)
    assert len(server.requests) == (4 if place == "/again" else 1)


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content-Type": "application/pdf"}, b"%PDF", "application/pdf is no page"),
        ({}, b"\x00\x01", "application/octet-stream is no page"),
        (TEXT, b" \n ", "the page has no text"),
        (HTML, b"x" * 100_001, "the answer is longer than 100,000 bytes"),
        (
            HTML | {"Content-Encoding": "gzip"},
            gzip.compress(b"x" * 50_000_000),
            "the answer is longer than 100,000 bytes",
        ),
        (HTML | {"Content-Encoding": "gzip"}, b"no gzip", "400, message: Can not decode content-encoding: gzip"),
    ],
)
def test_what_is_no_page(server, headers, body, said):
    server.answer = lambda request: (200, headers, body)
    assert refused(server, server.url, max_bytes=100_000).startswith(said)


def test_a_server_that_drips_is_left(server):
    left = threading.Event()

    def drip(write):
        while not left.wait(0.05):
            write(b"<p>")

    server.answer = lambda request: (200, HTML, drip)
    start = time.monotonic()
    assert refused(server, server.url, seconds=0.4) == "no answer in time"
    assert time.monotonic() - start < 3
    left.set()


def test_a_proxy_in_the_environment_is_not_used(server, trap, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    server.answer = lambda request: (200, TEXT, b"Text.")
    assert fetcher(server, server.url).fetch(server.url).text == "Text."
    assert not trap.touched()


def test_the_defaults_reach_public_hosts_only(server, trap):
    made = Fetcher()
    for url in (server.url, f"http://127.0.0.1:{trap.port}/"):
        made.permit_typed(url)
        with pytest.raises(UserError, match="is not fetched from"):
            made.fetch(url)
    assert not trap.touched() and server.requests == []
