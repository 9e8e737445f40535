"""Atomic file writing, and JSON and JSON Lines with errors that name the file and the line."""

import contextlib
import json
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

from jaxlm.errors import UserError


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Yields a temporary path beside `path`, which becomes `path` on success and is removed on failure.

    The temporary name keeps the suffix (writers choose formats by it), starts with a dot (globs of data files skip it)
    and is always the same, so that what a killed process left is overwritten by the next attempt. One writer at a time
    a path. Missing parent folders are made.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{path.name}")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())  # else a power cut could leave the new name with none of the content
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and not error.filename:
            error.filename = os.fspath(path)  # for the message about a full disk
        raise


def atomic_write(path: str | os.PathLike, data: str | bytes) -> None:
    """Writes the whole file (text as UTF-8) or nothing."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def write_json(path: str | os.PathLike, obj: Any) -> None:
    """Writes an object atomically as indented JSON; see `dumps` for what is allowed in it."""
    atomic_write(path, dumps(obj, indent=2) + "\n")


def read_json(path: str | os.PathLike) -> Any:
    """Raises UserError that names the file when it is missing or is not JSON."""
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: no such file") from None
    except ValueError as error:  # also UnicodeDecodeError
        raise UserError(f"{path}: not JSON ({error})") from None


def write_jsonl(path: str | os.PathLike, rows: Iterable[dict]) -> int:
    """Writes one JSON object a line, atomically; returns the number of rows."""
    count = 0
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(dumps(row) + "\n")
            count += 1
    return count


def append_jsonl(path: str | os.PathLike, row: dict) -> None:
    """Appends one row. A kill can leave a torn last line: who appends must cut it when he resumes."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(dumps(row) + "\n")


def read_jsonl(path: str | os.PathLike) -> Iterator[dict]:
    """Yields the objects of a JSON Lines file; empty lines are skipped.

    Raises UserError that names the file, and the line (from 1) when one is not a JSON object in UTF-8.
    """
    try:
        file = open(path, "rb")
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: no such file") from None
    with file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UserError(f"{path}:{number}: not JSON ({error})") from None
            if not isinstance(row, dict):
                raise UserError(f"{path}:{number}: expected a JSON object, found {type(row).__name__}")
            yield row


def dumps(obj: Any, indent: int | None = None) -> str:
    """JSON text in which numpy and jax values and paths are plain, and a number that JSON lacks (nan, inf) is null."""
    options = dict(ensure_ascii=False, allow_nan=False, indent=indent)
    try:
        return json.dumps(obj, default=_plain, **options)
    except ValueError:  # the rare case: some number is not finite
        finite = json.loads(json.dumps(obj, default=_plain), parse_constant=lambda _: None)
        return json.dumps(finite, **options)


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):  # numpy and jax scalars and arrays
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
