"""The rows of a conversation file, of whatever shape, as examples to decide about."""

import collections
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator

from jaxlm.errors import UserError
from jaxlm.text.conversation import validate
from jaxlm.text.conversations import convert
from jaxlm.text.rows import read_rows

DECISIONS = ("accept", "reject")
REVIEW_FIELDS = ("id", "decision", "edited", "original")  # what a review reads and writes of a row


@dataclasses.dataclass(frozen=True)
class State:
    """What the reviewer made of an example."""

    decision: str | None = None  # accept, reject, or None: undecided
    edit: list | None = None  # the whole conversation as he rewrote it; None: as proposed


@dataclasses.dataclass(frozen=True)
class Example:
    """One row of the file.

    Attributes:
        id: the row's own `id`, else its hash; a repeated one gets `~2`, `~3`...
        sha: hash of the proposed conversation. A decision is about a text: with the text changed it no longer holds.
        messages: the conversation as proposed, in OpenAI's schema.
        metadata: everything else the row says, of it what the reviewer is shown as evidence.
        state: the decision and the edit that the file itself holds.
    """

    id: str
    sha: str
    messages: list
    metadata: dict
    state: State


def read_examples(path: str | os.PathLike) -> Iterator[Example]:
    """Yields the examples of a file that `jaxlm.text.conversations.read_conversations` understands.

    Raises UserError that names the file and line of a row which is no conversation or has no known decision.
    """
    seen = collections.Counter()
    for place, row in read_rows([path]):
        try:
            example = _example(row)
        except UserError as error:
            raise UserError(f"{place}: {error}") from None
        seen[example.id] += 1
        number = seen[example.id]
        yield example if number == 1 else dataclasses.replace(example, id=f"{example.id}~{number}")


def _example(row: dict | list) -> Example:
    conversation = convert(row)
    validate(conversation["messages"])
    fields = row if isinstance(row, dict) else {}
    decision, original = fields.get("decision"), fields.get("original")
    check_decision(decision)
    if original is not None:
        validate(original)
    messages = conversation["messages"] if original is None else original
    sha = hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()[:16]
    name = fields.get("id")
    return Example(
        id=sha if name is None or name == "" else str(name),
        sha=sha,
        messages=messages,
        metadata={name: value for name, value in conversation["metadata"].items() if name not in REVIEW_FIELDS},
        state=State(decision, None if original is None else conversation["messages"]),
    )


def check_decision(decision) -> None:
    """Raises UserError unless it is accept, reject or None."""
    if decision is not None and decision not in DECISIONS:
        raise UserError(f"decision is {decision!r}: expected {', '.join(DECISIONS)} or null")


def decided_row(row: dict | list, example: Example, state: State) -> dict:
    """A row of the file with the reviewer's decision in it; fields that he has no say in stay as they are.

    An edited conversation is written as `messages`, whatever shape the row had, and the proposed one is kept as
    `original`: by it the example is known again, and the edit can be taken back.
    """
    row = dict(messages=row) if isinstance(row, list) else dict(row)
    row.pop("original", None)
    marks = dict(decision=state.decision, edited=state.edit is not None)
    if state == State(state.decision, example.state.edit) == State(state.decision):  # never edited: any shape will do
        return row | marks
    if "messages" not in row:
        row = {name: row[name] for name in ("id",) if name in row} | dict(messages=None, metadata=example.metadata)
    row |= dict(messages=example.messages if state.edit is None else state.edit) | marks
    return row if state.edit is None else row | dict(original=example.messages)


def reviewed_row(example: Example, state: State) -> dict:
    """{id, messages, metadata, decision, edited}: what is trained on."""
    return dict(
        id=example.id,
        messages=example.messages if state.edit is None else state.edit,
        metadata=example.metadata,
        decision=state.decision,
        edited=state.edit is not None,
    )
