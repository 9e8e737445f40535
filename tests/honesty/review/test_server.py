"""Nobody but who holds the address gets an answer, and every refusal is one line of JSON."""

import http.client
import json
import threading
import urllib.parse

import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.review.server import serve
from jaxlm.honesty.review.store import Store, read_reviewed

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def served(examples):
    """A running server: ask(method, path behind the token, ...) -> (status, body, headers)."""
    server = serve(Store(examples))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = urllib.parse.urlsplit(server.address)

    def ask(method, path, body=None, headers=(), root=url.path):
        connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=10)
        connection.request(method, root + path, body, dict(headers))
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content, response.headers

    ask.port = url.port
    yield ask
    server.shutdown()
    thread.join()
    server.server_close()


def refused(answer) -> str:
    """The message of a refusal, which is one line of JSON."""
    status, body, headers = answer
    assert status >= 400 and headers["Content-Type"] == "application/json"
    (name,) = json.loads(body)
    message = json.loads(body)[name]
    assert name == "error" and message and "\n" not in message
    return message


def test_the_page_and_its_policy(served):
    status, body, headers = served("GET", "")
    assert status == 200 and b"<main" in body
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"
    for name in ("page.css", "page.js", "api.js", "example.js", "editor.js", "list.js", "progress.js"):
        assert served("GET", name)[0] == 200


def test_deciding_over_http(served, examples):
    shown = json.loads(served("GET", "api/view?number=-1&move=undecided")[1])
    assert shown["row"]["id"] == "q00000" and shown["place"] == 1
    body = json.dumps({"id": "q00000", "sha": shown["row"]["sha"], "decision": "reject"})
    after = json.loads(served("POST", "api/decide", body, JSON)[1])
    assert after["row"]["id"] == "q00001" and after["progress"]["total"]["reject"] == 1
    assert next(read_reviewed(examples))["decision"] == "reject"
    assert json.loads(served("POST", "api/undo", "{}", JSON)[1])["row"]["id"] == "q00000"
    listed = json.loads(served("GET", "api/list?start=38&count=100&label=known")[1])
    assert listed["matches"] == 10 and listed["rows"] == []


@pytest.mark.parametrize("root", ["/", "/wrong/", "//", "/%00/"])
def test_without_the_token_nothing(served, root):
    for path in ("", "api/view", "page.js"):
        assert "address" in refused(served("GET", path, root=root))
    assert "address" in refused(served("POST", "api/undo", "{}", JSON, root=root))


def test_foreign_hosts_and_origins_are_refused(served):
    assert "Host" in refused(served("GET", "", headers={"Host": "evil.example"}))
    assert "Host" in refused(served("GET", "", headers={"Host": f"evil.example:{served.port}"}))
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{served.port + 1}"):
        assert "another site" in refused(served("POST", "api/undo", "{}", JSON | {"Origin": origin}))
    own = f"http://127.0.0.1:{served.port}"
    assert served("POST", "api/undo", "{}", JSON | {"Origin": own})[0] == 200


@pytest.mark.parametrize(
    "path", ["../store.py", "..%2fstore.py", "page.js/../store.py", "store.py", "/etc/passwd", "%2e%2e/"]
)
def test_no_file_but_the_pages_own(served, path):
    assert refused(served("GET", path))


@pytest.mark.parametrize(
    "body, headers, status",
    [
        ("{}", {}, 415),
        ("{}", {"Content-Type": "text/plain"}, 415),
        ("{", JSON, 400),
        ("[]", JSON, 400),
        ("[" * 100_000, JSON, 400),
        ("{}", JSON, 400),
        ('{"id": "q00000", "sha": 1, "decision": "accept"}', JSON, 400),
        ('{"id": "q00000", "sha": "0", "decision": "accept"}', JSON, 409),
        ('{"id": "q00000", "sha": "0", "decision": "maybe"}', JSON, 400),
        ('{"id": "q00000", "sha": "0", "decision": {}}', JSON, 400),
        ('{"id": "no such", "sha": "0", "decision": null}', JSON, 409),
    ],
)
def test_bad_requests(served, body, headers, status):
    answer = served("POST", "api/decide", body, headers)
    assert refused(answer) and answer[0] == status


def test_other_bad_requests(served):
    assert "number" in refused(served("GET", "api/view?number=x"))
    assert "move" in refused(served("GET", "api/view?move=sideways"))
    assert "decision" in refused(served("GET", "api/list?decision=maybe"))
    assert refused(served("DELETE", "api/decide"))
    assert refused(served("GET", "api/decide")) and refused(served("POST", "api/view", "{}", JSON))
    assert "at most" in refused(served("POST", "api/edit", None, JSON | {"Content-Length": "99999999"}))
    assert "Content-Length" in refused(served("POST", "api/edit", None, JSON | {"Content-Length": "-1"}))
    assert json.loads(served("GET", "api/about")[1])["file"] == "examples.jsonl"  # it still answers


def test_a_taken_port_is_one_line(served, tmp_path):
    with pytest.raises(UserError, match=f"--port={served.port}: cannot be used"):
        serve(None, served.port)
