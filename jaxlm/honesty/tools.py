"""Tools that a model may call: a name, a description, a JSON schema of the arguments, a function that returns text.

Beside search (`jaxlm.honesty.search`) and the calculator, another one takes five lines:

>>> def count_letters(word: str, letter: str) -> str:
...     return str(word.count(letter))
>>> two = dict(type="object", properties=dict(word=TEXT, letter=TEXT), required=["word", "letter"])
>>> letters = Tool("count_letters", "Counts a letter in a word.", two, count_letters)
>>> run_call([letters], dict(name="count_letters", arguments=dict(word="strawberry", letter="r")))
'3'

What a tool returns is data. It is capped, freed of invisible characters, and enters the context as the content of a
`tool` message, which `jaxlm.text.conversation.render` encodes as text: it cannot become a control token.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Sequence

from jaxlm.errors import UserError
from jaxlm.honesty.schema import check_schema, problem
from jaxlm.text.conversation import LEAD, text_of
from jaxlm.text.tokenizer import Tokenizer

MAX_CHARS = 4000  # of a result
CUT = " ..."  # ends a result that was cut
TEXT = dict(type="string")  # schema of an argument that is any text
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as OpenAI's API demands
_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"  # control characters but tab and newline; lone surrogates
    "|[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"  # turn the writing direction, or spell unseen orders (tags)
)


@dataclasses.dataclass(frozen=True)
class Tool:
    """Something a model may call. Raises UserError when the name or the schema cannot be used.

    Attributes:
        name: letters, digits, `_` and `-`.
        description: what it does, for the model.
        parameters: JSON schema of its arguments, of type object; see jaxlm.honesty.schema for what is supported.
        function: takes the arguments by name and returns text. What it raises is reported to the model as its result.
    """

    name: str
    description: str
    parameters: dict
    function: Callable[..., str]

    def __post_init__(self):
        if not _NAME.fullmatch(self.name):
            raise UserError(f"tool name {self.name!r}: expected 1 to 64 letters, digits, _ or -")
        if self.parameters.get("type") != "object":
            raise UserError(f"tool {self.name}: parameters.type: expected object")
        check_schema(self.parameters, f"tool {self.name}: parameters")


def make_call(name: str, arguments: dict, number: int = 0) -> dict:
    """An item of a message's `tool_calls`, in OpenAI's schema."""
    function = dict(name=name, arguments=json.dumps(arguments, ensure_ascii=False))
    return dict(id=f"call_{number}", type="function", function=function)


def run_call(
    tools: Iterable[Tool],
    call: dict | str,
    max_chars: int = MAX_CHARS,
    tokenizer: Tokenizer | None = None,
    max_tokens: int | None = None,
) -> str:
    """Runs one call and returns the result's text; whatever goes wrong is one line of text that begins with `Error: `.

    Args:
        tools: those the model may call.
        call: an item of a message's `tool_calls` (OpenAI's schema), its `function` alone, or the text of a call that
            was malformed (`malformed_calls` of jaxlm.text.conversation.parse_assistant).
        max_chars: longest result in characters.
        tokenizer, max_tokens: when both are given, the longest result in tokens as well.
    """
    return cap(_result({tool.name: tool for tool in tools}, call), max_chars, tokenizer, max_tokens)


def answer(tools: Sequence[Tool], message: dict, **limits) -> list[dict]:
    """The `tool` messages that answer an assistant's message, one a call; `limits` as in `run_call`.

    Malformed calls that `parse_assistant` kept are answered too, behind the others.
    """
    calls = [(call.get("id"), call) for call in message.get("tool_calls") or ()]
    calls += [(None, text) for text in message.get("malformed_calls") or ()]
    results = [(i, run_call(tools, call, **limits)) for i, call in calls]
    return [dict(role="tool", content=text) | (dict(tool_call_id=i) if i else {}) for i, text in results]


def specification(tools: Iterable[Tool]) -> list[dict]:
    """The tools in OpenAI's schema, as a request's `tools` field has them."""
    fields = ("name", "description", "parameters")
    return [dict(type="function", function={name: getattr(tool, name) for name in fields}) for tool in tools]


def offer(specified: Iterable[dict]) -> str:
    """The line of a system prompt that tells a model which tools it may call: `Tools: search(query).`

    Args:
        specified: tools in OpenAI's schema; see `specification`. Their JSON schemas would fill a small model's context.
    """
    calls = []
    for function in (tool["function"] for tool in specified):
        properties = (function.get("parameters") or {}).get("properties")
        calls.append(f"{function['name']}({', '.join(properties) if isinstance(properties, dict) else ''})")
    return f"Tools: {', '.join(calls)}."


def offering(messages: list[dict], specified: Iterable[dict]) -> list[dict]:
    """The conversation with `offer` behind what its system message says; with a system message if it has none."""
    line = offer(specified)
    if messages and messages[0].get("role") == "system":
        return [messages[0] | {"content": f"{text_of(messages[0])} {line}"}, *messages[1:]]
    return [{"role": "system", "content": line}, *messages]


def cap(text: str, max_chars: int, tokenizer: Tokenizer | None = None, max_tokens: int | None = None) -> str:
    """The text without characters that nobody sees, cut behind a word so that it keeps within both limits."""
    text = _NOT_SHOWN.sub("", text.replace("\r\n", "\n")).strip()
    short = _cut(text, max_chars)
    if tokenizer is None or max_tokens is None:
        return short
    size = len(tokenizer.encode(LEAD + short))
    while size > max_tokens and short:
        # tokens are shared out evenly over the characters: one or two rounds suffice
        short = _cut(text, min(len(short) - 1, len(short) * max_tokens // size))
        size = len(tokenizer.encode(LEAD + short))
    return short


def _cut(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    start = text[: max(max_chars - len(CUT), 0)]
    words = start.rsplit(maxsplit=1)[0] if start[-1:].strip() and text[len(start)].strip() else start
    return (words.rstrip() + CUT)[:max_chars]


def _result(tools: dict[str, Tool], call: dict | str) -> str:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return 'Error: malformed call: expected {"name": ..., "arguments": {...}}'
    tool = tools.get(function["name"])
    if tool is None:
        return _error(f"there is no tool {function['name']!r}; there are {', '.join(tools) or 'none'}")
    try:
        arguments = _arguments(function.get("arguments"))
    except (ValueError, RecursionError):
        return _error(f"{tool.name}: expected arguments that are a JSON object")
    if wrong := problem(arguments, tool.parameters):
        return _error(f"{tool.name}: {wrong}")
    return _run(tool, arguments)


def _arguments(arguments) -> dict:
    arguments = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments
    if arguments is not None and not isinstance(arguments, dict):
        raise ValueError("not an object")
    return arguments or {}


def _run(tool: Tool, arguments: dict) -> str:
    try:
        text = tool.function(**arguments)
    except UserError as error:
        return _error(f"{tool.name}: {error}")
    except Exception as error:  # a conversation must not end because a tool is broken
        return _error(f"{tool.name} failed: {type(error).__name__}: {error}")
    return text if isinstance(text, str) else _error(f"{tool.name} failed: expected text, it returned {text!r}")


def _error(text: str) -> str:
    return f"Error: {' '.join(text.split())[:300]}"
