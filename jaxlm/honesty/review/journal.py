"""The journal of a review: one decision a line, on the disk before anybody is told that it was taken.

A line holds the whole state of one example, `{"id", "sha", "decision", "edit"}`, so the last line about an example
counts, and replaying lines twice does no harm. A kill can tear no line but the last, which nobody was told of.
"""

import errno
import fcntl
import json
import os
import pathlib

from jaxlm.errors import UserError
from jaxlm.files import atomic_write, dumps
from jaxlm.honesty.review.rows import check_decision
from jaxlm.text.conversation import validate


def journal_path(path: str | os.PathLike) -> pathlib.Path:
    """The journal beside a file: FILE.decisions.jsonl."""
    path = pathlib.Path(path)
    return path.with_name(f"{path.name}.decisions.jsonl")


def read_journal(path: pathlib.Path) -> list[dict]:
    """The records in order, none where there is no journal; a torn last line is left out.

    Raises UserError that names the line of a record which is damaged.
    """
    if not path.exists():
        return []
    *lines, _torn = path.read_bytes().split(b"\n")
    return [_record(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _record(line: bytes, place: str) -> dict:
    try:
        record = json.loads(line)
        match record:
            case {"id": str(), "sha": str(), "decision": decision, "edit": edit}:
                check_decision(decision)
                if edit is not None:
                    validate(edit)
                return record
    except (ValueError, UserError) as error:
        raise UserError(f"{place}: not a decision ({error})") from None
    raise UserError(f"{place}: not a decision: expected an object with id, sha, decision and edit")


class Journal:
    """The journal, opened for one reviewing process; the lock ends with the process, however that ends.

    Raises UserError when another process reviews the same file.
    """

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            same = os.path.samestat(os.fstat(self.file), os.stat(path))
        except (BlockingIOError, FileNotFoundError):
            same = False
        if not same:  # held by another process, or removed by it just before it let go
            os.close(self.file)
            raise UserError(f"{path}: another process is reviewing this file; stop it first, or go on there")
        whole = path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(self.file, whole)
        _sync_folder(path)

    def records(self) -> list[dict]:
        """Everything decided so far."""
        return read_journal(self.path)

    def append(self, record: dict) -> None:
        """Returns when the record is on the disk; a failure leaves the journal as it was."""
        line = dumps(record).encode("utf-8", "surrogatepass") + b"\n"
        before = os.fstat(self.file).st_size
        try:
            if os.write(self.file, line) < len(line):
                raise OSError(
                    errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path)
                )  # what a full disk answers to the next byte
            os.fsync(self.file)
        except OSError as error:
            os.ftruncate(self.file, before)
            error.filename = error.filename or str(self.path)
            raise

    def close(self, records: list[dict]) -> None:
        """Ends the review, with only these records left; a journal without any is removed."""
        if records:
            atomic_write(self.path, "".join(dumps(record) + "\n" for record in records))
        else:
            self.path.unlink()
        self._close()

    def release(self) -> None:
        """Ends the review with the journal as it is; one that nothing was written to is removed."""
        if not os.fstat(self.file).st_size:
            self.path.unlink()
        self._close()

    def _close(self) -> None:
        file, self.file = self.file, -1  # a late request must fail, not write to what has the number next
        os.close(file)


def _sync_folder(path: pathlib.Path) -> None:
    """Else a power cut could take the new file's name with it."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
