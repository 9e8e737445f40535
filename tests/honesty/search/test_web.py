import asyncio
import json
import threading
import time
import urllib.parse

import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.search.hits import Hit
from jaxlm.honesty.search.web import connect

KEY = "secret-key-123"
RESULTS = [
    dict(
        title="Ada <b>Baker</b>", url="https://a.example/1", description="A &amp; <strong>B</strong> 1 < 2", score=0.5
    ),
    dict(title="no page", url="ftp://a.example/2", description=""),
    dict(title=None, url="https://a.example/3"),
]


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("BRAVE_API_KEY", KEY)
    monkeypatch.setenv("TAVILY_API_KEY", KEY)


def speaks(name, request):
    """The answer of a server that speaks the protocol, and HTTP 422 to one that does not."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query))
    body = json.loads(request.body or b"{}")
    content = [dict(result, content=result.get("description")) for result in RESULTS]
    right, answer = dict(
        brave=(
            request.method == "GET" and request.headers.get("X-Subscription-Token") == KEY
            and query == dict(q="ada & baker", count="2"),
            dict(type="search", web=dict(type="search", results=RESULTS)),
        ),
        tavily=(
            request.method == "POST" and request.headers.get("Authorization") == f"Bearer {KEY}"
            and body == dict(query="ada & baker", max_results=2),
            dict(query="ada & baker", results=content),
        ),
        searxng=(
            request.method == "GET" and request.path.startswith("/search?") and KEY not in str(request)
            and query == dict(q="ada & baker", format="json"),
            dict(query="ada & baker", number_of_results=3, results=content),
        ),
    )[name]  # fmt: skip
    return (200, {"Content-Type": "application/json"}, json.dumps(answer).encode()) if right else (422, {}, b"")


def always(status, headers=None, body=b""):
    return lambda request: (status, headers or {}, body)


@pytest.mark.parametrize("name", ["brave", "tavily", "searxng"])
def test_each_protocol(server, name):
    server.answer = lambda request: speaks(name, request)
    assert connect(name, server.url).search("ada & baker", 2) == [
        Hit("https://a.example/1", "Ada Baker", "A & B 1 < 2", 0.5),
        Hit("https://a.example/3", "", "", 0.5),
    ]


def test_many_and_inside_a_running_loop(server):
    server.answer = lambda request: speaks("searxng", request)
    search = connect("searxng", f"{server.url}/search")

    async def inside():
        return search.search_many(["ada & baker", "ada & baker"], 2)

    first, second = asyncio.run(inside())
    assert first == second and len(first) == 2 and len(server.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(server, status):
    answers = iter([(status, {}, b""), (status, {"Retry-After": "0"}, b"")])
    server.answer = lambda request: next(answers, None) or speaks("searxng", request)
    assert len(connect("searxng", server.url, pause=0.01).search("ada & baker", 2)) == 2
    assert len(server.requests) == 3


def test_what_the_server_asks_to_wait_is_waited_for(server):
    answers = iter([(429, {"Retry-After": "1"}, b"")])
    server.answer = lambda request: next(answers, None) or speaks("searxng", request)
    start = time.monotonic()
    connect("searxng", server.url, pause=0.01).search("ada & baker", 2)
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize(
    ("name", "answer", "requests", "said"),
    [
        ("brave", always(401), 1, "brave: the key in $BRAVE_API_KEY was refused (HTTP 401)"),
        ("searxng", always(403), 1, "searxng: JSON answers are refused (HTTP 403): add json to search.formats in its"),
        ("tavily", always(429), 3, "tavily: too many requests, or the plan is used up (HTTP 429)"),
        ("tavily", always(500), 3, "tavily: HOST answered with HTTP 500"),
        (
            "brave",
            always(302, {"Location": "http://elsewhere.example/"}),
            1,
            "brave: HOST redirects elsewhere (HTTP 302)",
        ),
        ("brave", always(200, body=b"<html>"), 1, "brave: HOST did not answer as its API should"),
        ("brave", always(200, body=b'{"web": {"results": [3]}}'), 1, "brave: HOST did not answer as its API should"),
        ("brave", always(200, body=b"[" * 100_000), 1, "brave: HOST did not answer as its API should"),
        ("tavily", always(200, body=b'{"results": "abc"}'), 1, "tavily: HOST did not answer as its API should"),
        ("tavily", always(200, body=b" " * 2_000_001), 1, "tavily: the answer is longer than 2,000,000 bytes"),
    ],
)
def test_what_goes_wrong_is_one_line_without_the_key(server, name, answer, requests, said):
    server.answer = answer
    with pytest.raises(UserError) as caught:
        connect(name, server.url, pause=0.01).search("query", 2)
    assert str(caught.value).startswith(said.replace("HOST", f"127.0.0.1:{server.port}"))
    assert "\n" not in str(caught.value) and KEY not in str(caught.value)
    assert len(server.requests) == requests


@pytest.mark.parametrize("body", [b"{}", b'{"web": null}', b'{"web": {"results": []}}'])
def test_no_results_are_no_error(server, body):
    server.answer = always(200, body=body)
    assert connect("brave", server.url).search("query", 2) == []


def test_a_server_that_drips_or_hangs_is_left(server):
    left = threading.Event()

    def drip(write):
        while not left.wait(0.05):
            write(b" ")

    server.answer = always(200, body=drip)
    start = time.monotonic()
    with pytest.raises(UserError, match=r"searxng: 127\.0\.0\.1:\d+: no answer in time"):
        connect("searxng", server.url, timeout=0.3, retries=0).search("query", 2)
    assert time.monotonic() - start < 3
    left.set()


def test_a_server_that_is_not_there(server):
    server.http.server_close()
    with pytest.raises(UserError, match=r"searxng: 127\.0\.0\.1:\d+: .*connect"):
        connect("searxng", server.url, retries=1, pause=0.01).search("query", 2)


def test_what_cannot_work_is_said_at_once(monkeypatch):
    for name, url, said in [
        ("google", "", "search backend 'google': expected one of brave, tavily, searxng"),
        ("searxng", "", "searxng: url='': expected http"),
        ("searxng", "http://user@host/", "searxng: url='http://user@host/': expected http"),
        ("searxng", "file:///etc/passwd", "searxng: url='file:///etc/passwd': expected http"),
        ("brave", "http://a.example", "brave: url='http://a.example': the key would travel unencrypted; use https"),
    ]:
        with pytest.raises(UserError) as caught:
            connect(name, url)
        assert str(caught.value).startswith(said)
    monkeypatch.delenv("BRAVE_API_KEY")
    with pytest.raises(UserError, match=r"brave: set \$BRAVE_API_KEY to your key"):
        connect("brave")
    assert KEY not in repr(connect("tavily"))
