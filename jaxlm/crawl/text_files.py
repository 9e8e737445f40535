"""The user's own text as records: .txt and .md, .jsonl, .parquet, and the output of wikiextractor."""

import contextlib
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

from jaxlm.crawl.encoding import decode
from jaxlm.crawl.records import TEXT, Record
from jaxlm.errors import UserError

_COLUMNS = ("url", "date")  # of a row, beside `text`; whatever else it has becomes metadata
_WIKI_HEADER = re.compile(r"<doc\b[^>]*>")
_WIKI_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def read_text(path: str | os.PathLike, source: str, warnings: list[str]) -> Iterator[Record]:
    """The whole file as one record, unaltered but for a byte order mark.

    What is not UTF-8 is read in the encoding it looks like, with a line appended to `warnings`.
    """
    with _open(path) as file:
        data = file.read()
    text, encoding = decode(data)
    if encoding != "utf-8":
        warnings.append(f"{source}: not UTF-8, read as {encoding}")
    yield Record(source, 0, TEXT, body=text)


def read_jsonl(path: str | os.PathLike, source: str) -> Iterator[Record]:
    """One record a line with a `text` field; UserError naming file and line (from 1) if one is malformed."""
    with _open(path) as file:
        for number, line in enumerate(file):
            if not line.strip():
                continue
            where = f"{path}:{number + 1}"
            try:
                row = json.loads(line.strip())
            except json.JSONDecodeError as error:
                raise UserError(f"{where}: not JSON ({error.msg} at column {error.colno})") from None
            except UnicodeDecodeError as error:
                raise UserError(f"{where}: not UTF-8 ({error.reason} at byte {error.start})") from None
            yield _row_record(row, where, source, number)


def read_parquet(path: str | os.PathLike, source: str) -> Iterator[Record]:
    """One record a row with a `text` column, in the file's order; UserError if it has none or is no parquet file."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise UserError(f"{path}: not a parquet file ({_first_line(error)})") from None
    except OSError as error:  # Arrow's does not say which file
        raise UserError(f"{path}: cannot be read ({_first_line(error)})") from None
    if "text" not in file.schema_arrow.names:
        raise UserError(f"{path}: expected a column `text`, found {', '.join(file.schema_arrow.names)}")
    number = 0
    try:
        for batch in file.iter_batches(batch_size=256):
            for row in batch.to_pylist():
                yield _row_record(row, f"{path}, row {number}", source, number)
                number += 1
    except (OSError, pyarrow.ArrowException) as error:
        raise UserError(f"{path}, row {number} or later: damaged ({_first_line(error)})") from None


def read_wikiextractor(path: str | os.PathLike, source: str) -> Iterator[Record]:
    """One record an article between `<doc id= url= title=>` and `</doc>` lines."""
    header, lines, number = None, [], 0
    with _open(path) as file:
        for line in file:
            line = _utf8(line, path)
            if header is None:
                header = dict(_WIKI_ATTRIBUTE.findall(line)) if _WIKI_HEADER.match(line) else None
            elif line.startswith("</doc>"):
                metadata = {name: header[name] for name in ("id", "title") if name in header}
                body = "".join(lines).strip()
                yield Record(source, number, TEXT, body=body, url=header.get("url", ""), metadata=metadata)
                header, lines, number = None, [], number + 1
            else:
                lines.append(line)


def is_wikiextractor(path: str | os.PathLike) -> bool:
    """Whether the file starts like wikiextractor's output, whose files have no extension (wiki_00, wiki_01, ...)."""
    with open(path, "rb") as file:
        return file.read(5) == b"<doc "


def _row_record(row: dict, where: str, source: str, number: int) -> Record:
    if not isinstance(row, dict):
        raise UserError(f"{where}: expected a JSON object, found {type(row).__name__}")
    if not isinstance(row.get("text"), str):
        found = f"{type(row['text']).__name__} in it" if "text" in row else ", ".join(row) or "no field"
        raise UserError(f"{where}: expected a string field `text`, found {found}")
    columns = {name: str(row[name]) for name in _COLUMNS if row.get(name) is not None}
    metadata = {name: value for name, value in row.items() if name not in ("text", *_COLUMNS) and value is not None}
    return Record(source, number, TEXT, body=row["text"], metadata=metadata, **columns)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _utf8(data: bytes, path: str | os.PathLike) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None


@contextlib.contextmanager
def _open(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """A stream of bytes, decompressed by suffix (.gz, .zst); UserError where the compressed data is damaged."""
    name = os.fspath(path)
    opener = gzip.open if name.endswith(".gz") else _open_zstd if name.endswith(".zst") else open
    try:
        with opener(path, "rb") as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise UserError(f"{path}: damaged or not compressed as its name says ({error})") from None


def _open_zstd(path: str | os.PathLike, mode: str) -> BinaryIO:
    stream = zstandard.ZstdDecompressor().stream_reader(open(path, mode), read_across_frames=True, closefd=True)
    return io.BufferedReader(stream)
