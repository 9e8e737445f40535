"""Hand-made pages and archives."""

import gzip

import pytest

PROSE = (
    "The harbor of {name} was built by the old guild, and it has been kept in order ever since that time.",
    "Visitors who come to {name} by boat are met at the stone pier by a warden with a lantern and a ledger.",
    "In the ledger she writes the name of the ship, the weather of the day, and what the hold contains.",
    "Most of the cargo of {name} goes to the mills on the hill, where water from the upper lake turns the wheels.",
    "At dusk the lamps along the quay are lit one by one, and the fishing boats return with the tide.",
)


@pytest.fixture
def prose():
    """prose(name) -> an English text of about ninety words that every rule lets pass."""
    return lambda name="Tolm": "\n".join(PROSE).format(name=name)


@pytest.fixture
def html(prose):
    """html(name) -> a page with that prose between navigation and footer."""

    def page(name="Tolm", text=None):
        paragraphs = "".join(f"<p>{line}</p>" for line in (prose(name) if text is None else text).split("\n"))
        return (
            f"<!DOCTYPE html><html><head><title>{name}</title></head><body><nav><a href='/'>Home</a> <a href='/a'>About"
            f"</a></nav><main><article><h1>{name}</h1>{paragraphs}</article></main><footer>All rights reserved</footer>"
            "</body></html>"
        )

    return page


@pytest.fixture
def record():
    """record(body, ...) -> one WARC response record, a gzip member of its own unless compress is False."""

    def make(
        body, url="http://a.example/", headers="Content-Type: text/html; charset=utf-8", status="200 OK", compress=True
    ):
        body = body.encode() if isinstance(body, str) else body
        http = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body
        head = (
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:5f0c1a3e-0000-4000-8000-000000000001>\r\n"
            f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Target-URI: {url}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        data = head.encode() + http + b"\r\n\r\n"
        return gzip.compress(data, mtime=0) if compress else data

    return make
