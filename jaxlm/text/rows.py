"""Rows of JSON, JSON Lines and parquet files, plain, compressed (.gz, .zst) or packed in a .tar."""

import contextlib
import gzip
import io
import json
import os
import pathlib
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from jaxlm.errors import UserError

KINDS = (".json", ".jsonl", ".parquet")
COMPRESSIONS = (".gz", ".zst")
JOURNAL = ".decisions.jsonl"  # of a review of the file beside it, not data


def read_rows(paths: Iterable[str | os.PathLike]) -> Iterator[tuple[str, Any]]:
    """Yields (place, row) in the order of the paths and, in folders, of the names.

    `place` names the file and the line (.jsonl) or the number of the row (from 1), for messages to the user. Rows of
    .json are the items of the file's array (or its one object).

    Raises:
        UserError: a file or folder is missing, of no known kind, damaged, or not the JSON it should be.
    """
    for path in paths:
        for file in _files(pathlib.Path(path).expanduser()):
            try:
                yield from _file_rows(file)
            except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
                raise UserError(f"{file}: cannot be read to the end: {error}") from None


def _files(path: pathlib.Path) -> list[pathlib.Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"{path}: no such file or folder")
    files = sorted(file for file in path.rglob("*") if file.is_file() and _kind(file.name) in (*KINDS, ".tar"))
    files = [file for file in files if not file.name.endswith(JOURNAL)]
    if not files:
        raise UserError(f"{path}: no {', '.join(KINDS)} files in this folder")
    return files


def _kind(name: str) -> str:
    path = pathlib.PurePath(name)
    return pathlib.PurePath(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix


def _file_rows(path: pathlib.Path) -> Iterator[tuple[str, Any]]:
    with _opened(path) as stream:
        if _kind(path.name) != ".tar":
            yield from _rows(str(path), _kind(path.name), stream)
            return
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if member.isfile() and _kind(member.name) in KINDS:
                    yield from _rows(f"{path}/{member.name}", _kind(member.name), archive.extractfile(member))


@contextlib.contextmanager
def _opened(path: pathlib.Path) -> Iterator[BinaryIO]:
    with open(path, "rb") as raw:
        if path.suffix == ".gz":
            yield gzip.open(raw)
        elif path.suffix == ".zst":
            yield io.BytesIO(_zstd(raw.read()))
        else:
            yield raw


def _zstd(data: bytes) -> bytes:
    """All frames, decompressed. zstandard's stream readers would take a file that was cut off for a whole one."""
    import zstandard

    parts = []
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            parts.append(frame.decompress(data))
        except zstandard.ZstdError as error:
            raise OSError(error) from None
        if not frame.eof:
            raise EOFError("the compressed data ends too early")
        data = frame.unused_data
    return b"".join(parts)


def _rows(place: str, kind: str, stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    if kind == ".jsonl":
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield f"{place}:{number}", _parsed(line, f"{place}:{number}")
    elif kind == ".json":
        found = _parsed(stream.read(), place)
        rows = found if isinstance(found, list) else [found]
        yield from ((f"{place}, row {number}", row) for number, row in enumerate(rows, start=1))
    elif kind == ".parquet":
        yield from _parquet_rows(place, stream)
    else:
        raise UserError(f"{place}: expected a file that ends in {', '.join(KINDS)}, or one of these with .gz or .zst")


def _parsed(data: bytes, place: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise UserError(f"{place}: not JSON ({error})") from None


def _parquet_rows(place: str, stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(stream.read()))
    except pyarrow.ArrowInvalid as error:
        raise UserError(f"{place}: not a parquet file ({error})") from None
    number = 0
    for batch in file.iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield f"{place}, row {number}", row
