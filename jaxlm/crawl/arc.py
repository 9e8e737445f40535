"""ARC files, the format before WARC: a header line and a body for each record (Internet Archive, 1996)."""

import gzip
import os
import re
import zlib
from collections.abc import Iterator

from jaxlm.crawl.records import PAGE, Record
from jaxlm.crawl.warc import http_record

# URL, IP address, date, type and length; the URL may contain spaces.
_HEADER = re.compile(rb"(\w+:.+) (\S+) (\d{14}) (\S+) (\d+)\s*$")


def read_arc(path: str | os.PathLike, source: str, warnings: list[str]) -> Iterator[Record]:
    """Yields the pages of a plain or gzip ARC file (version 1); malformed stretches are counted and skipped.

    At most two lines are appended to `warnings`: one for broken records, one for a truncated file.
    """
    number, broken, truncated = 0, 0, False
    for header, block in _records(path):
        if header is None:
            truncated, broken = truncated or block is None, broken + (block is not None)
            yield Record(source, number, PAGE, reason="truncated record" if block is None else "broken record")
        elif header[1].lower().startswith(b"http"):
            yield http_record(block, _fields(header, source, number))
        else:  # the file's own description, DNS answers
            continue
        number += 1
    if broken:
        warnings.append(f"{source}: {broken} broken record(s) skipped")
    if truncated:
        warnings.append(f"{source}: the file is truncated; its complete records were read")


def _records(path: str | os.PathLike) -> Iterator[tuple]:
    """Pairs of header match and body; (None, b"") for a malformed stretch, (None, None) where the file was cut off."""
    with open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if compressed else file
        in_order = True
        try:
            while line := stream.readline():
                header = _HEADER.match(line)
                if header is None:
                    if in_order and line.strip():
                        yield None, b""
                        in_order = False
                    continue
                in_order = True
                block = stream.read(int(header[5]))
                if len(block) < int(header[5]):
                    yield None, None
                    return
                yield header, block
        except EOFError:
            yield None, None
        except (zlib.error, gzip.BadGzipFile):
            yield None, b""


def _fields(header: re.Match, source: str, number: int) -> dict:
    url, when = header[1].decode("utf-8", errors="replace"), header[3].decode()
    date = f"{when[:4]}-{when[4:6]}-{when[6:8]}T{when[8:10]}:{when[10:12]}:{when[12:]}Z"
    return dict(source=source, number=number, url=url, date=date)
