"""The page's server: this machine only, and only for who knows the token in the address.

Other pages in the same browser can send requests to this server, too, and by DNS rebinding read what it answers.
They do not know the token, and a request with a foreign Host or Origin is refused whatever else it says.
"""

import contextlib
import functools
import hmac
import http.server
import json
import pathlib
import secrets
import traceback
import urllib.parse
from collections.abc import Callable

from jaxlm.errors import UserError, explanation
from jaxlm.honesty.review import views
from jaxlm.honesty.review.store import ChangedError, Store

HOST = "127.0.0.1"
BODY = 4_000_000  # most bytes of a request
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
FILES = ("page.html", "page.css", "page.js", "api.js", "example.js", "editor.js", "list.js", "progress.js")
# The page shows what models and web pages wrote: should anything get into it as code, it could load and send nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RequestError(Exception):
    """A request that is refused, with the HTTP status that says why."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


def serve(store: Store, port: int = 0) -> http.server.ThreadingHTTPServer:
    """A server for the store, bound and not yet running; its `address` is what to open in a browser.

    Args:
        store: the review.
        port: 0 takes any free one.
    Raises:
        UserError: the port is taken or not allowed.
    """
    token = secrets.token_urlsafe(18)
    try:
        server = http.server.ThreadingHTTPServer((HOST, port), functools.partial(Handler, store, token))
    except (OSError, OverflowError) as error:
        raise UserError(f"--port={port}: cannot be used ({getattr(error, 'strerror', None) or error})") from None
    server.daemon_threads = True
    server.address = f"http://{HOST}:{server.server_port}/{token}/"
    return server


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the page's files, and with JSON; everything that goes wrong is {"error": one line}."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "jaxlm", ""
    timeout = 60
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True

    def __init__(self, store: Store, token: str, *rest):
        self.store, self.token = store, token
        super().__init__(*rest)

    def handle(self):
        with contextlib.suppress(ConnectionError):  # the page was closed before it had its answer
            super().handle()

    def do_GET(self):
        self.answer(self.get)

    def do_POST(self):
        self.answer(self.post)

    def answer(self, respond: Callable[[str, dict], tuple[bytes, str]]) -> None:
        """Checks who asks, and sends what `respond(name, query)` returns: the body and its type."""
        try:
            body, kind = respond(*self.checked())
        except RequestError as error:
            self.send_error(error.status, str(error))
        except ChangedError as error:
            self.send_error(409, str(error))
        except UserError as error:
            self.send_error(400, str(error))
        except OSError as error:
            self.send_error(507, explanation(error) or f"not saved: {error}")
        except Exception:  # a bug: the traceback is for the terminal, the page must know that nothing was done
            traceback.print_exc()
            self.send_error(500, "a mistake in the program: its terminal shows the traceback")
        else:
            self.send(200, body, kind)

    def checked(self) -> tuple[str, dict]:
        """The path behind the token, and the query; raises RequestError for who must not ask."""
        port = self.server.server_port
        hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        if self.headers.get("Host") not in hosts:
            raise RequestError(403, "the Host header names another machine")
        if self.headers.get("Origin") not in {None, *(f"http://{host}" for host in hosts)}:
            raise RequestError(403, "the request comes from another site")
        url = urllib.parse.urlsplit(self.path)
        token, _, name = url.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode()):
            raise RequestError(403, "the address is not this review's: open the one that the command printed")
        return name, dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))

    def get(self, name: str, query: dict) -> tuple[bytes, str]:
        file = name or "page.html"
        if file in FILES:
            path = pathlib.Path(__file__).with_name(file)
            return path.read_bytes(), f"{KINDS[path.suffix]}; charset=utf-8"
        routes = {"api/about": get_about, "api/view": get_view, "api/list": get_list}
        if name not in routes:
            raise RequestError(404, f"there is no {name[:60]!r} here")
        return _json(routes[name](self.store, query))

    def post(self, name: str, query: dict) -> tuple[bytes, str]:
        routes = {
            "api/decide": post_decide, "api/edit": post_edit, "api/undo": post_undo, "api/reload": post_reload
        }  # fmt: skip
        if name not in routes:
            raise RequestError(404, f"there is no {name[:60]!r} here")
        return _json(routes[name](self.store, self.body(), query))

    def body(self) -> dict:
        """The JSON object that was sent; raises RequestError when it is none."""
        if self.headers.get_content_type() != "application/json":  # what a form on another site cannot send
            raise RequestError(415, "expected Content-Type: application/json")
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            raise RequestError(411, "expected a Content-Length")
        if int(length) > BODY:
            raise RequestError(413, f"a request has at most {BODY:,} bytes")
        try:
            found = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise RequestError(400, "the body is not JSON") from None
        if not isinstance(found, dict):
            raise RequestError(400, f"the body is {type(found).__name__}: expected an object")
        return found

    def send_error(self, code, message=None, explain=None):
        self.close_connection = True  # what is left of a refused request must not be read as the next one
        self.send(code, *_json(dict(error=message or self.responses.get(code, ("error",))[0])))

    def send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing: the terminal is for what the reviewer must know."""


def get_about(store: Store, query: dict) -> dict:
    return views.about(store)


def get_view(store: Store, query: dict) -> dict:
    return views.view(store, _integer(query, "number", -1), query.get("move", "here"), _filter(query))


def get_list(store: Store, query: dict) -> dict:
    return views.listing(store, _integer(query, "start", 0), _integer(query, "count", views.LIST), _filter(query))


def post_decide(store: Store, body: dict, query: dict) -> dict:
    """Decides, and shows the next undecided example."""
    number = store.decide(*_named(body), body.get("decision"))
    return views.view(store, number, "undecided" if body.get("decision") else "stay", _filter(query))


def post_edit(store: Store, body: dict, query: dict) -> dict:
    """Takes the edited conversation, and shows it."""
    return views.view(store, store.edit(*_named(body), body.get("messages")), "stay", _filter(query))


def post_undo(store: Store, body: dict, query: dict) -> dict:
    """Takes the last change back, and shows the example that it was about; `moved` is false where there was none."""
    number = store.undo()
    if number is None:
        return views.view(store, _integer(body, "number", 0), "stay", _filter(query)) | dict(moved=False)
    return views.view(store, number, "stay", _filter(query))


def post_reload(store: Store, body: dict, query: dict) -> dict:
    """Reads the file again."""
    store.load()
    return views.about(store)


def _named(body: dict) -> tuple[str, str]:
    if not isinstance(body.get("id"), str) or not isinstance(body.get("sha"), str):
        raise RequestError(400, "expected id and sha, the example's")
    return body["id"], body["sha"]


def _filter(query: dict) -> views.Filter:
    known = {name: query[name] for name in ("label", "kind", "decision", "search") if name in query}
    return views.Filter(**known)


def _integer(values: dict, name: str, default: int) -> int:
    try:
        return int(values.get(name, default))
    except (TypeError, ValueError):
        raise RequestError(400, f"{name} is {str(values[name])[:60]!r}: expected a number") from None


def _json(value: dict) -> tuple[bytes, str]:
    return json.dumps(value).encode(), "application/json"
