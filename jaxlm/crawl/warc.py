"""WARC and WET files as records; whatever is broken in them is counted and skipped, never fatal.

FastWARC finds the records and undoes transfer and content encodings. It stops at the first malformed record, so
reading goes on from the next place that looks like the start of one; and it is silent about a compressed file that
was cut off, so that is checked here.
"""

import dataclasses
import mmap
import os
import re
import zlib
from collections.abc import Iterator

from jaxlm.crawl.records import PAGE, WEB_TEXT, Record

PAGE_TYPES = ("text/html", "application/xhtml+xml")
_LOOKS_LIKE_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_GZIP = b"\x1f\x8b\x08"
# How a record starts, by how the file starts: gzip, zstd and lz4 files have one member (frame) a record.
_STARTS = (_GZIP, b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"WARC/")

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
HEADER_BYTES = 1 << 16  # a record's header is not longer


@dataclasses.dataclass
class _Damage:
    """Filled while reading: a line for each gap of malformed bytes, and where the last readable record starts."""

    gaps: list[str] = dataclasses.field(default_factory=list)
    last: int = 0


def read_warc(path: str | os.PathLike, source: str, warnings: list[str]) -> Iterator[Record]:
    """Yields pages (HTTP responses, HTML resources) and WET texts, plain or compressed by gzip, zstd or lz4.

    Records that are no page by nature (requests, metadata) are passed over; pages that are of no use come with a
    `reason`. At most two lines are appended to `warnings`: one for broken records, one for a truncated file.
    """
    damage = _Damage()
    number, truncated = 0, False
    for warc in _records(path, damage):
        record = _record(warc, source, number)
        if record is not None:
            truncated = record.reason == "truncated record"
            yield record
            number += 1
    for gap in range(len(damage.gaps)):
        yield Record(source, number + gap, PAGE, reason="broken record")
    if damage.gaps:
        warnings.append(f"{source}: {len(damage.gaps)} broken record(s) skipped, the first {damage.gaps[0]}")
    if not os.path.getsize(path):
        warnings.append(f"{source}: the file is empty")
    elif truncated or _ends_inside_a_member(path, damage.last) or _ends_inside_a_record(path, damage.last):
        warnings.append(f"{source}: the file is truncated; its complete records were read")


def _records(path: str | os.PathLike, damage: _Damage) -> Iterator:
    """FastWARC records of the whole file, read on past malformed bytes."""
    from fastwarc.warc import ArchiveIterator

    size = os.path.getsize(path)
    start, resuming = 0, False
    with open(path, "rb") as file:
        plain = not file.read(4).startswith(_STARTS[:3])
        while start < size:
            file.seek(start)
            search_from = start + 1
            try:
                for warc in ArchiveIterator(file, parse_http=False):
                    damage.last = warc.stream_pos
                    search_from = warc.stream_pos + 1 + (warc.content_length if plain else 0)
                    resuming = False
                    yield warc
                return
            except OSError as error:
                if not resuming:
                    damage.gaps.append(f"at byte {search_from} or later: {error}")
                resuming = True
            start = _next_start(file, search_from)


def _next_start(file, position: int) -> int:
    """Where the next record may start at or after `position`; the size of the file if nowhere."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        mark = next((mark for mark in _STARTS if data[: len(mark)] == mark), _STARTS[-1])
        found = data.find(mark, position)
        return len(data) if found < 0 else found


def _ends_inside_a_member(path: str | os.PathLike, last: int) -> bool:
    """Whether a gzip file ends before the member that starts at byte `last`, or one after it, is complete."""
    with open(path, "rb") as file:
        file.seek(last)
        data = file.read(len(_GZIP))
        if data != _GZIP:
            return False
        member = zlib.decompressobj(wbits=31)
        while data:
            try:
                member.decompress(data)
            except zlib.error:  # malformed rather than cut off: counted as a broken record
                return False
            data = member.unused_data or file.read(1 << 20)
            if member.eof and data:
                member = zlib.decompressobj(wbits=31)
        return not member.eof


def _ends_inside_a_record(path: str | os.PathLike, last: int) -> bool:
    """Whether an uncompressed file ends before the record that starts at byte `last`, or one after it, is complete."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        file.seek(last)
        header = file.read(HEADER_BYTES)
        if not header.startswith(b"WARC/"):
            return False
        blank = _BLANK_LINE.search(header)
        length = _CONTENT_LENGTH.search(header[: blank.end()]) if blank else None
        if length is None:
            return blank is None
        end = last + blank.end() + int(length[1])
        file.seek(end)
        return end > size or file.read(HEADER_BYTES).lstrip().startswith(b"WARC/")


def _record(warc, source: str, number: int) -> Record | None:
    """The record as ours; None for what is no page by nature."""
    from fastwarc.warc import WarcRecordType

    kind = warc.record_type
    common = dict(source=source, number=number, **_headers(warc))
    if kind == WarcRecordType.revisit:
        return Record(kind=PAGE, reason="revisit", **common)
    if kind not in (WarcRecordType.response, WarcRecordType.resource, WarcRecordType.conversion):
        return None
    length = warc.content_length
    block = warc.reader.read()
    if len(block) < length or "Content-Length" not in warc.headers:  # cut in its body, or already in its header
        return Record(kind=PAGE, reason="truncated record", **common)
    if kind == WarcRecordType.conversion:
        return Record(kind=WEB_TEXT, body=block.decode("utf-8", errors="replace"), **common)
    if kind == WarcRecordType.response and warc.is_http:
        return http_record(block, common)
    return page_record(block, warc.headers.get("Content-Type"), None, common)


def _headers(warc) -> dict:
    url = (warc.headers.get("WARC-Target-URI") or "").strip("<>")  # GNU Wget puts it in angle brackets
    record_id = (warc.headers.get("WARC-Record-ID") or "").strip("<>")
    date = warc.headers.get("WARC-Date") or ""
    return dict(url=url, date=date, metadata={"record_id": record_id} if record_id else {})


def http_record(block: bytes, common: dict) -> Record:
    """A page out of an HTTP response (status line, headers, body); `common` are the fields of Record already known."""
    from fastwarc.warc import WarcRecord, WarcRecordType

    bare_newlines = not block.partition(b"\n")[0].endswith(b"\r")
    for encodings in ("all", "content", "none"):  # some crawlers store a decoded body under the encoded one's header
        warc = WarcRecord()
        warc.init_headers(WarcRecordType.response)
        warc.set_bytes_content(block)
        warc.is_http = True
        try:
            warc.parse_http(auto_decode=encodings, quirks_mode=bare_newlines)
            body = warc.reader.read()
        except OSError:
            continue
        status = warc.http_headers.status_code
        if status != 200:
            return Record(kind=PAGE, reason="broken record" if status is None else "HTTP status", **common)
        return page_record(body, warc.http_content_type, warc.http_charset, common)
    return Record(kind=PAGE, reason="broken record", **common)


def page_record(body: bytes, content_type: str | None, charset: str | None, common: dict) -> Record:
    """A page if the declared type, or failing one the first kilobyte, says that it is HTML."""
    media_type = (content_type or "").split(";")[0].strip().lower()
    if media_type in PAGE_TYPES or (not media_type and _LOOKS_LIKE_HTML.search(body[:1024])):
        return Record(kind=PAGE, body=body, charset=charset, **common)
    return Record(kind=PAGE, reason="not HTML", **common)
