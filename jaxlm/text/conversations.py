"""Conversation files of the usual shapes, read as messages of OpenAI's schema."""

import json
import os
from collections.abc import Iterable, Iterator

from jaxlm.errors import UserError
from jaxlm.text.conversation import validate
from jaxlm.text.rows import read_rows

SHAPES = "messages, conversations, instruction with output or response, or prompt with response or completion"

# The names that data sets use for the four roles.
ROLE_NAMES = dict(
    system="system", developer="system",
    user="user", human="user", prompter="user",
    assistant="assistant", gpt="assistant", model="assistant", bot="assistant", function_call="assistant",
    tool="tool", observation="tool", function="tool",
)  # fmt: skip


def read_conversations(paths: Iterable[str | os.PathLike]) -> Iterator[dict]:
    """Yields {messages, metadata} for each row of .json, .jsonl and .parquet files (see jaxlm.text.rows).

    Understands OpenAI (`messages`, or a bare list of them), ShareGPT (`conversations` of from/value), Alpaca
    (`instruction`, `input`, `output`), Dolly (`instruction`, `context`, `response`) and prompt/response pairs.
    `metadata` holds the row's other fields. Rows that a person rejected (jaxlm.honesty.review) are left out.

    Raises:
        UserError: names the file and line of a row of another shape, with the fields it has, or of invalid messages.
    """
    for place, row in read_rows(paths):
        if isinstance(row, dict) and row.get("decision") == "reject":
            continue
        try:
            conversation = convert(row)
            validate(conversation["messages"])
        except UserError as error:
            raise UserError(f"{place}: {error}") from None
        yield conversation


def convert(row: dict | list) -> dict:
    """One row of any known shape as {messages, metadata}; the messages are not validated yet.

    Raises UserError with the fields found when the shape is not known.
    """
    if isinstance(row, list):
        row = dict(messages=row)
    if not isinstance(row, dict):
        raise UserError(f"expected an object, found {type(row).__name__}")
    row = {name: value for name, value in row.items() if value is not None}  # parquet has every column in every row
    for names, read in _READERS:
        if names <= row.keys():
            used, messages = read(row)
            return dict(messages=messages, metadata=_metadata(row, used))
    raise UserError(f"not a known conversation shape: expected {SHAPES}; found {', '.join(row) or 'nothing'}")


def _metadata(row: dict, used: set[str]) -> dict:
    rest = {name: value for name, value in row.items() if name not in used}
    inner = rest.pop("metadata", {})
    return rest | (inner if isinstance(inner, dict) else dict(metadata=inner))


def _openai(row: dict) -> tuple[set[str], list]:
    return {"messages"}, [_message(message) for message in _as_list(row["messages"], "messages")]


def _sharegpt(row: dict) -> tuple[set[str], list]:
    messages = [_message(message) for message in _as_list(row["conversations"], "conversations")]
    if row.get("system"):
        messages.insert(0, dict(role="system", content=row["system"]))
    return {"conversations", "system"}, messages


def _instruction(row: dict) -> tuple[set[str], list]:
    answer = "output" if "output" in row else "response"
    more = row.get("input") or row.get("context")
    asked = f"{row['instruction']}\n\n{more}" if more else row["instruction"]
    return {"instruction", "input", "context", answer}, _pair(asked, row[answer])


def _prompt(row: dict) -> tuple[set[str], list]:
    answer = "response" if "response" in row else "completion"
    return {"prompt", answer}, _pair(row["prompt"], row[answer])


def _pair(asked, answer) -> list[dict]:
    return [dict(role="user", content=asked), dict(role="assistant", content=answer)]


_READERS = (
    ({"messages"}, _openai),
    ({"conversations"}, _sharegpt),
    ({"instruction", "output"}, _instruction),
    ({"instruction", "response"}, _instruction),
    ({"prompt", "response"}, _prompt),
    ({"prompt", "completion"}, _prompt),
)


def _as_list(value, field: str) -> list:
    if not isinstance(value, list):
        raise UserError(f"{field} is {type(value).__name__}: expected a list")
    return value


def _message(message):
    """With the role's usual name; ShareGPT's from/value become role/content, its function_call a tool call."""
    if not isinstance(message, dict):
        return message  # `validate` says what is wrong with it
    message = {name: value for name, value in message.items() if value is not None}
    name = message.pop("from", None) or message.get("role")
    content = message.pop("value", message.get("content"))
    role = ROLE_NAMES.get(name, name) if isinstance(name, str) else name
    if name == "function_call":
        return dict(role=role, content="", tool_calls=[dict(type="function", function=_called(content))])
    return message | dict(role=role, content=content)


def _called(content) -> dict:
    try:
        return dict(json.loads(content))
    except (TypeError, ValueError):
        raise UserError("a function_call is not the JSON of a name and arguments") from None
