"""WARC 1.1 files (ISO 28500:2017) as crawlers write them: request and response of a page, one gzip member each."""

import base64
import datetime
import hashlib
import pathlib
import uuid
import zlib
from collections.abc import Iterable

from jaxlm import files
from jaxlm.crawl.microweb.pages import Page

SOFTWARE = "Software: microweb\r\nFormat: WARC File Format 1.1\r\n"
REASONS_WITHOUT_BODY = ("301", "304")
COMPRESSED_EVERY = 8  # one response in so many is sent with Content-Encoding: gzip
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def write_warc(path: pathlib.Path, pages: Iterable[Page], seed: int) -> None:
    """Writes the pages' records; dates and record ids derive from `seed` and the file's name, not from the clock."""
    moment = START + datetime.timedelta(days=seed % 2000)
    with files.atomic_path(path) as temporary, open(temporary, "wb") as file:
        key = f"{seed}/{path.name}"
        fields = f"WARC-Filename: {path.name}\r\n"
        file.write(_record("warcinfo", _id(key, -1), moment, "application/warc-fields", SOFTWARE.encode(), fields))
        for index, page in enumerate(pages):
            moment += datetime.timedelta(seconds=1)
            file.write(_request(page, _id(key, 2 * index), moment))
            file.write(_response(page, _id(key, 2 * index + 1), moment, compress=index % COMPRESSED_EVERY == 0))


def _request(page: Page, record_id: str, moment: datetime.datetime) -> bytes:
    host, _, path = page.url.removeprefix("https://").partition("/")
    content = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: microweb\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    fields = f"WARC-Target-URI: {page.url}\r\n"
    return _record("request", record_id, moment, "application/http; msgtype=request", content, fields)


def _response(page: Page, record_id: str, moment: datetime.datetime, compress: bool) -> bytes:
    body = page.body or b""
    headers = f"HTTP/1.1 {page.status}\r\nServer: nginx\r\nContent-Type: {page.content_type}\r\n"
    if page.status.startswith(REASONS_WITHOUT_BODY):
        headers += "Location: https://elsewhere.example/\r\n"
    elif compress:
        body = _gzip(body)
        headers += "Content-Encoding: gzip\r\n"
    content = f"{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
    digest = base64.b32encode(hashlib.sha1(body).digest()).decode()
    fields = f"WARC-Target-URI: {page.url}\r\nWARC-Payload-Digest: sha1:{digest}\r\n"
    return _record("response", record_id, moment, "application/http; msgtype=response", content, fields)


def _record(
    kind: str, record_id: str, moment: datetime.datetime, content_type: str, content: bytes, fields: str
) -> bytes:
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{record_id}>\r\n"
        f"WARC-Date: {moment:%Y-%m-%dT%H:%M:%SZ}\r\n{fields}"
        f"Content-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return _gzip(head.encode() + content + b"\r\n\r\n")


def _gzip(data: bytes) -> bytes:
    """One gzip member; zlib's own header carries no time and no name, so equal input gives equal bytes."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _id(key: str, index: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}/{index}"))
