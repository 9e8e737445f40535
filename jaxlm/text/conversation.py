"""The only place where chat becomes tokens, and generated tokens become a message again.

A conversation is written `<|bos|> (<|role|> text <|end|>)* <|eos|>`. An assistant's tool calls follow its text, each as
`<|call|> {"name": ..., "arguments": {...}}`. All text goes through the tokenizer's `encode`, which cannot produce
control symbols, so nothing a user, a document or a tool says can open or close a turn.

Each text is written after one space (`LEAD`), which is taken off again when a model's answer is read: its first word
then has the tokens it has inside running text, where pretraining met it. Without it a model of a million parameters
that answers 71 % of the questions as `A: Velm.` in plain text gets 30 % right in chat, where `Velm` is spelt anew. So
is each text among a call's arguments: without it the same model spells a name that it searches for as no page does.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from jaxlm.errors import UserError
from jaxlm.text.tokenizer import ASSISTANT, BOS, CALL, CONTROL, END, EOS, SYSTEM, TOOL, USER, Tokenizer

LEAD = " "
ROLES = dict(system=SYSTEM, user=USER, assistant=ASSISTANT, tool=TOOL)  # role -> control symbol's id


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A conversation as tokens.

    Attributes:
        ids: int32[n].
        loss_mask: uint8[n], 1 where the assistant must produce ids[i]: its text, its calls and its `<|end|>`.
        spans: (start, stop, role) of each message, from its role symbol to behind its `<|end|>`.
    """

    ids: np.ndarray
    loss_mask: np.ndarray
    spans: list[tuple[int, int, str]]


def render(messages: list[dict], tokenizer: Tokenizer, generation: bool = False) -> Rendered:
    """Turns messages (OpenAI's schema) into tokens and the mask of those to learn.

    Args:
        messages: see `validate`. A `weight` of 0 masks that assistant message out of the loss.
        tokenizer: the vocabulary.
        generation: end with an opened assistant's turn instead of `<|eos|>`, for a model to go on.
    Raises:
        UserError: the messages are not valid.
    """
    validate(messages)
    parts, learnt, spans = [[BOS]], [0], []  # token ids in pieces, and for each piece whether it is learnt
    position = 1
    for message in messages:
        learn = int(message["role"] == "assistant" and message.get("weight", 1))
        body = _body(message, tokenizer)
        parts += [[ROLES[message["role"]]], body]
        learnt += [0, learn]
        spans.append((position, position + 1 + len(body), message["role"]))
        position = spans[-1][1]
    parts.append([ASSISTANT if generation else EOS])
    learnt.append(0)
    mask = np.repeat(np.array(learnt, np.uint8), [len(part) for part in parts])
    return Rendered(np.concatenate(parts, dtype=np.int32), mask, spans)


def _body(message: dict, tokenizer: Tokenizer) -> np.ndarray:
    """Everything of a message behind its role symbol."""
    text = text_of(message)
    parts = [tokenizer.encode(LEAD + text if text else text)]
    for call in message.get("tool_calls") or ():
        function = call["function"]
        spaced = _strings(_arguments(function), lambda text: LEAD + text)
        said = json.dumps(dict(name=function["name"], arguments=spaced), ensure_ascii=False)
        parts += [[CALL], tokenizer.encode(said)]
    return np.concatenate([*parts, [END]], dtype=np.int32)


def parse_assistant(ids: Iterable[int], tokenizer: Tokenizer) -> dict:
    """What a model generated behind `<|assistant|>`, as a message.

    The message ends before the first control symbol that is not `<|call|>`, or with the ids. A call that is not the
    JSON of a name and arguments is kept as text under `malformed_calls`: models do that, and the caller has to decide.
    """
    ids = [int(i) for i in ids]
    stop = next((n for n, i in enumerate(ids) if i < len(CONTROL) and i != CALL), len(ids))
    texts = [tokenizer.decode(part) for part in _split(ids[:stop], CALL)]
    message, malformed = dict(role="assistant", content=texts[0].removeprefix(LEAD)), []
    calls = []
    for text in texts[1:]:
        function = _function(text)
        if function is None:
            malformed.append(text)
        else:
            calls.append(dict(id=f"call_{len(calls)}", type="function", function=function))
    return message | (dict(tool_calls=calls) if calls else {}) | (dict(malformed_calls=malformed) if malformed else {})


def _split(ids: list[int], separator: int) -> list[list[int]]:
    parts = [[]]
    for i in ids:
        if i == separator:
            parts.append([])
        else:
            parts[-1].append(i)
    return parts


def _function(text: str) -> dict | None:
    try:
        call = json.loads(text)
    except ValueError:
        return None
    match call:
        case {"name": str(name), "arguments": dict(arguments)}:
            arguments = _strings(arguments, lambda text: text.removeprefix(LEAD))
            return dict(name=name, arguments=json.dumps(arguments, ensure_ascii=False))
    return None


def _strings(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with its strings changed; the names of an object's fields stay."""
    if isinstance(value, dict):
        return {name: _strings(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_strings(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def validate(messages: list[dict]) -> None:
    """Checks messages of OpenAI's schema: `role`, `content`, and optionally `tool_calls` and `weight`.

    `content` is a string, a list of text parts, or for an assistant with tool calls null. A system message comes first;
    a tool message answers an assistant's calls or follows another tool message. Other fields are ignored.

    Raises:
        UserError: says which message is wrong and what was expected.
    """
    if not isinstance(messages, list) or not messages:
        raise UserError(f"a conversation is a list of messages, at least one; found {_shown(messages)}")
    previous = {}
    for n, message in enumerate(messages):
        if problem := _problem(message, previous, first=n == 0):
            raise UserError(f"message {n}: {problem}")
        previous = message


def _problem(message: dict, previous: dict, first: bool) -> str | None:
    if not isinstance(message, dict):
        return f"expected an object with role and content, found {_shown(message)}"
    role, calls = message.get("role"), message.get("tool_calls")
    if not isinstance(role, str) or role not in ROLES:
        return f"role is {_shown(role)}: expected one of {', '.join(ROLES)}"
    if role == "system" and not first:
        return "a system message can only come first"
    if role == "tool" and not (previous.get("tool_calls") or previous.get("role") == "tool"):
        return "a tool message must follow an assistant's tool_calls"
    if calls and role != "assistant":
        return f"only an assistant has tool_calls, not role {role}"
    weight = message.get("weight", 1)
    if isinstance(weight, bool) or weight not in (0, 1):
        return f"weight is {_shown(weight)}: expected 0 (not learnt) or 1"
    return _content_problem(message.get("content"), bool(calls)) or _calls_problem(calls or [])


def _content_problem(content, calls: bool) -> str | None:
    if isinstance(content, str) or (content is None and calls):
        return None
    if isinstance(content, list):
        if all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
            return None
        return "content has a part that is not text"
    return f"content is {_shown(content)}: expected text"


def _calls_problem(calls) -> str | None:
    if not isinstance(calls, list):
        return f"tool_calls is {_shown(calls)}: expected a list"
    for n, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return f"tool_calls[{n}]: expected a function with a name"
        if _arguments(function) is None:
            return f"tool_calls[{n}]: expected arguments that are a JSON object"
    return None


def _arguments(function: dict) -> dict | None:
    """A call's arguments, which OpenAI's schema keeps as JSON text and others as an object."""
    arguments = function.get("arguments", {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            return None
    return arguments if isinstance(arguments, dict) else None


def text_of(message: dict) -> str:
    """A message's content as one string."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _shown(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
