"""A web server on this machine that answers as a test says."""

import contextlib
import dataclasses
import http.server
import threading
from collections.abc import Callable

import pytest


@dataclasses.dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes


class Server:
    """`answer(request)` gives (status, headers, body); a body that is a function writes to the socket by itself."""

    def __init__(self):
        self.answer: Callable[[Request], tuple] = lambda request: (404, {}, b"")
        self.requests: list[Request] = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_one(self):
                size = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, self.path, dict(self.headers), self.rfile.read(size))
                owner.requests.append(request)
                status, headers, body = owner.answer(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if not callable(body):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # the client may leave
                    body(self.wfile.write) if callable(body) else self.wfile.write(body)

            do_GET = do_POST = handle_one
            log_message = lambda self, *args: None

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server():
    pytest.importorskip("aiohttp", reason="aiohttp is not installed (pip install 'jaxlm[search]')")
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs=dict(poll_interval=0.01), daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()
