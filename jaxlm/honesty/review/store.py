"""All examples of a file with what the reviewer decided; nothing he was shown as decided can be lost.

While a review runs, the file is not touched: each decision is appended to the journal beside it and synced. When the
review is stopped, the decisions are written into the file in one step (plain .jsonl; other kinds keep their journal).
Killed at any moment, the file is whole, old or new, and file and journal together say the same; see `read_reviewed`.
"""

import collections
import dataclasses
import json
import os
import pathlib
import threading
from collections.abc import Iterator

from jaxlm.errors import UserError
from jaxlm.files import atomic_path, dumps
from jaxlm.honesty.review.journal import Journal, journal_path, read_journal
from jaxlm.honesty.review.rows import Example, State, check_decision, decided_row, read_examples, reviewed_row
from jaxlm.text.conversation import text_of, validate

TITLE = 160  # characters of a title


def read_reviewed(path: str | os.PathLike) -> Iterator[dict]:
    """Yields each row as {id, messages, metadata, decision, edited}, decisions and edits applied.

    Also while a review of the file goes on, and after one that was killed. Raises UserError for a file or journal that
    cannot be read.
    """
    # The journal first: were the decisions written into the file in between, they would merely be applied twice.
    records = {(record["id"], record["sha"]): record for record in read_journal(journal_path(path))}
    for example in read_examples(path):
        record = records.get((example.id, example.sha))
        yield reviewed_row(example, _state(record) if record else example.state)


def training_rows(path: str | os.PathLike, reviewed_only: bool = False) -> Iterator[dict]:
    """The rows of `read_reviewed` to train on: without the rejected ones and, if asked, without the undecided ones."""
    for row in read_reviewed(path):
        if row["decision"] == "accept" or (row["decision"] is None and not reviewed_only):
            yield row


class ChangedError(UserError):
    """The page shows an example that is no longer in the file as it was."""


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """An example as it is kept in memory: what filters and the list need at hand, the rest as JSON."""

    id: str
    sha: str
    label: str  # "" where it has none
    kind: str
    title: str  # the question, or what the user says first
    words: str  # everything the reviewer can search for, case-folded
    text: str  # JSON of {messages, metadata}

    def example(self, saved: State) -> Example:
        """The whole example again."""
        return Example(self.id, self.sha, state=saved, **json.loads(self.text))


class Store:
    """An open review of a file. Methods may be called from several threads.

    Attributes:
        items: the examples in the file's order.
        states: what is decided about each.
        tally: count by (label, kind, decision, edited).
        unapplied: records of the journal whose example changed or is gone.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            raise UserError(f"{path}: no such file")
        self.lock = threading.RLock()
        self.journal = Journal(journal_path(self.path))
        try:
            self.load()
        except BaseException:
            self.journal.release()
            raise

    def load(self) -> None:
        """Reads the file and replays the journal, in place of what was loaded before."""
        with self.lock:
            stamp = _stamp(self.path)  # before reading, so that a change meanwhile shows
            items, saved = [], []
            for example in read_examples(self.path):
                items.append(_item(example))
                saved.append(example.state)
            if not items:
                raise UserError(f"{self.path}: no conversations in this file")
            self.stamp, self.items, self.saved, self.states = stamp, items, saved, list(saved)
            self.numbers = {item.id: number for number, item in enumerate(items)}
            self.history, self.unapplied = [], {}
            for record in self.journal.records():
                self._replay(record)
            self.tally = collections.Counter(map(self._slot, range(len(items))))

    def changed(self) -> bool:
        """Whether the file is no longer the one that was loaded."""
        return _stamp(self.path) != self.stamp

    def decide(self, name: str, sha: str, decision: str | None) -> int:
        """Accepts, rejects or (None) leaves open; returns the example's number. Durable when it returns."""
        check_decision(decision)
        with self.lock:
            number = self._number(name, sha)
            self._write(number, dataclasses.replace(self.states[number], decision=decision))
            return number

    def edit(self, name: str, sha: str, messages: list | None) -> int:
        """Rewrites the conversation, or (None) takes the rewriting back; as durable as a decision."""
        if messages is not None:
            validate(messages)
            for number, message in enumerate(messages):
                if not text_of(message).strip() and not message.get("tool_calls"):
                    raise UserError(f"message {number} ({message['role']}) is empty")
        with self.lock:
            number = self._number(name, sha)
            if messages == json.loads(self.items[number].text)["messages"]:
                messages = None
            self._write(number, dataclasses.replace(self.states[number], edit=messages))
            return number

    def undo(self) -> int | None:
        """Takes the last decision or edit back; returns its example's number, None where there is none."""
        with self.lock:
            if not self.history:
                return None
            number, before = self.history[-1]
            self._write(number, before, undo=True)
            return number

    def example(self, number: int) -> Example:
        """The whole example, with what is decided about it now."""
        return self.items[number].example(self.states[number])

    def finish(self) -> str | None:
        """Ends the review and writes the decisions into the file; returns why they stay in the journal, if they do."""
        with self.lock:
            reason = self._reason()
            if reason is None and self.states != self.saved:
                self._write_back()
            records = list(self.unapplied.values()) if reason is None else self.journal.records()
            self.journal.close(records)
            return reason if records else None

    def _reason(self) -> str | None:
        if self.path.suffix != ".jsonl":
            return "only a plain .jsonl file can take them in"
        return "the file changed while it was reviewed" if self.changed() else None

    def _write_back(self) -> None:
        """Rows that nothing was decided about keep their bytes."""
        number = 0
        with atomic_path(self.path) as temporary, open(self.path, "rb") as old, open(temporary, "wb") as new:
            os.fchmod(new.fileno(), os.fstat(old.fileno()).st_mode & 0o777)
            for line in old:
                if line.strip():
                    line = self._line(number, line)
                    number += 1
                new.write(line)

    def _line(self, number: int, line: bytes) -> bytes:
        if self.states[number] == self.saved[number]:
            return line
        example = self.items[number].example(self.saved[number])
        return (
            dumps(decided_row(json.loads(line), example, self.states[number])).encode("utf-8", "surrogatepass") + b"\n"
        )

    def _number(self, name: str, sha: str) -> int:
        number = self.numbers.get(name)
        if number is None or self.items[number].sha != sha:
            raise ChangedError(f"example {name} is not in {self.path.name} as it was shown: load it again")
        return number

    def _write(self, number: int, state: State, undo: bool = False) -> None:
        before = self.states[number]
        if state == before and not undo:
            return
        item = self.items[number]
        record = dict(id=item.id, sha=item.sha, decision=state.decision, edit=state.edit)
        self.journal.append(record | (dict(undo=True) if undo else {}))
        self.tally[self._slot(number)] -= 1
        self._set(number, state, undo)
        self.tally[self._slot(number)] += 1

    def _set(self, number: int, state: State, undo: bool) -> None:
        if undo and self.history:
            self.history.pop()
        else:
            self.history.append((number, self.states[number]))
        self.states[number] = state

    def _replay(self, record: dict) -> None:
        number = self.numbers.get(record["id"])
        if number is None or self.items[number].sha != record["sha"]:
            self.unapplied[record["id"], record["sha"]] = record
        else:
            self._set(number, _state(record), bool(record.get("undo")))

    def _slot(self, number: int) -> tuple:
        item, state = self.items[number], self.states[number]
        return item.label, item.kind, state.decision, state.edit is not None


def _state(record: dict) -> State:
    return State(record["decision"], record["edit"])


def _item(example: Example) -> Item:
    metadata, messages = example.metadata, example.messages
    first = next((message for message in messages if message["role"] == "user"), messages[0])
    question = metadata.get("question")
    return Item(
        id=example.id,
        sha=example.sha,
        label=_name(metadata.get("label")),
        kind=_name(metadata.get("kind")),
        title=" ".join((question if isinstance(question, str) and question else text_of(first)).split())[:TITLE],
        words=words([example.id, messages, metadata]),
        text=json.dumps(dict(messages=messages, metadata=metadata), default=str),
    )


def _name(value) -> str:
    return "" if value is None else str(value)


def words(value) -> str:
    """All texts inside a value of JSON, one a line, case-folded, without the names of fields and roles."""
    if isinstance(value, dict):
        return "\n".join(words(inner) for name, inner in value.items() if name not in ("role", "type"))
    if isinstance(value, list):
        return "\n".join(map(words, value))
    return value.casefold() if isinstance(value, str) else ""


def _stamp(path: pathlib.Path) -> tuple | None:
    """Tells a file from what it becomes by any writing; None where it is missing."""
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns
