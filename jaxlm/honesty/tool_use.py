"""The use of tools behind an interrupted answer: when it happens, what is called, and what the row then reads."""

import dataclasses
import json
from collections.abc import Callable, Sequence

from jaxlm.errors import UserError
from jaxlm.evals.subject import Messages
from jaxlm.generate import Doubt, Sampling
from jaxlm.generate.interrupt import Insertion, length_after
from jaxlm.generate.loop import Decoding
from jaxlm.honesty.search.hits import MAX_QUERY
from jaxlm.honesty.tools import MAX_CHARS, Tool, make_call, run_call
from jaxlm.text.conversation import parse_assistant, render, text_of
from jaxlm.text.tokenizer import CALL, Tokenizer

TRIGGERS = ("call", "uncertainty", "both")
SIGNALS = ("probability", "entropy", "logprob")  # fields of Doubt that a threshold can be of
SEARCH = "search"  # the tool that doubt calls
MALFORMED = "malformed"  # stands for the name of a tool in a call that is not the JSON of one
SPENT = "Error: no more calls in this turn"


@dataclasses.dataclass(frozen=True)
class Use:
    """One use of a tool.

    Attributes:
      name, arguments: of the call; the latter as JSON.
      result: what the model read.
      trigger: "call" when the model asked for it, "doubt" when it was made because the model was unsure, "surprise"
        when a name was too new to it (jaxlm.honesty.gate).
    """

    name: str
    arguments: str
    result: str
    trigger: str


def last_question(messages: Messages) -> str:
    """The text of the user's last message."""
    return next(text_of(message) for message in reversed(messages) if message["role"] == "user")


@dataclasses.dataclass(frozen=True)
class Policy:
    """When a model uses which tools.

    Attributes:
      tools: what it may call.
      max_calls: uses of tools in a turn, of which at most one is because of doubt.
      trigger: "call": the tools that the model calls itself; "uncertainty": a search when it is unsure, while its own
        calls are not run; "both".
      threshold: of `signal`, beyond which the model is unsure.
      signal: a field of jaxlm.generate.Doubt: "probability", "entropy" or "logprob".
      window: tokens of an answer that are watched for doubt.
      query: what to search for in doubt, given the conversation.
      max_chars, max_tokens: of a result.
    """

    tools: Sequence[Tool]
    max_calls: int = 1
    trigger: str = "call"
    threshold: float | None = None
    signal: str = "logprob"
    window: int = 16
    query: Callable[[Messages], str] = last_question
    max_chars: int = MAX_CHARS
    max_tokens: int | None = None

    def __post_init__(self):
        for name, allowed in (("trigger", TRIGGERS), ("signal", SIGNALS)):
            if getattr(self, name) not in allowed:
                raise UserError(f"{name}: expected {' | '.join(allowed)}, got {getattr(self, name)!r}")
        if self.max_calls < 0:
            raise UserError(f"max_calls: expected 0 or more, got {self.max_calls}")
        if self.trigger != "call" and self.threshold is None:
            raise UserError(f"threshold: trigger={self.trigger} needs one")
        if self.trigger != "call" and SEARCH not in {tool.name for tool in self.tools}:
            raise UserError(f"tools: trigger={self.trigger} needs one of the name {SEARCH}")

    def sampling(self, sampling: Sampling, tokenizer: Tokenizer) -> Sampling:
        """The request with what interrupts it."""
        off = self.trigger == "call" or not self.max_calls
        doubt = Doubt(window=0) if off else Doubt(**{self.signal: self.threshold, "window": self.window})
        return dataclasses.replace(sampling, stop=stop_ids(tokenizer), call=CALL, doubt=doubt)

    def runs(self, finish: str, used: Sequence[Use]) -> bool:
        """Whether a tool is used behind an answer that finished so, when the turn has used some already."""
        asked = finish == "doubt" or (finish == "call" and self.trigger != "uncertainty")
        return asked and len(used) < self.max_calls


def asking(messages: Messages, tokens: Sequence[int], finish: str, policy: Policy, tokenizer: Tokenizer) -> dict:
    """The assistant's message whose calls are to be run.

    It is what the model said, or in doubt a search in place of the half-said answer. A call that is not the JSON of one
    is kept as the argument of a tool that does not exist, so that the conversation can be rendered again.
    """
    if finish == "doubt":
        query = policy.query(messages)[:MAX_QUERY]
        return dict(role="assistant", content="", tool_calls=[make_call(SEARCH, dict(query=query))])
    message = parse_assistant(tokens, tokenizer)
    calls = message.setdefault("tool_calls", [])
    for text in message.pop("malformed_calls", []):
        calls.append(make_call(MALFORMED, dict(text=text), len(calls)))
    return message


@dataclasses.dataclass(frozen=True)
class Step:
    """Calls that were run.

    Attributes:
      messages: the assistant's with the calls, and a tool's a call.
      uses: the calls that the turn had left.
      insertion: what the interrupted row reads.
    """

    messages: Messages
    uses: list[Use]
    insertion: Insertion


def look_up(
    message: dict,
    finish: str,
    used: Sequence[Use],
    decoding: Decoding,
    row: int,
    policy: Policy,
    tokenizer: Tokenizer,
) -> Step | None:
    """Runs the calls of `message` (see `asking`) for a row that finished so; None when the model has no room left.

    Args:
      used: the turn's uses of tools so far.
    """
    calls, left = message["tool_calls"], policy.max_calls - len(used)
    watch = finish != "doubt" and left > len(calls) and all(use.trigger != "doubt" for use in used)
    length = length_after(decoding, row, _insertion(message, [""] * len(calls), finish, watch, tokenizer))
    answer = min(decoding.requests[row].max_new, max(1, decoding.cfg.max_len // 4))
    room = (decoding.cfg.max_len - length - answer) // len(calls)
    if room < 1:
        return None
    results = [_result(call, policy, room, tokenizer) if n < left else SPENT for n, call in enumerate(calls)]
    uses = [
        Use(call["function"]["name"], call["function"]["arguments"], result, finish)
        for call, result in list(zip(calls, results))[:left]
    ]
    insertion = _insertion(message, results, finish, watch, tokenizer)
    fits = length_after(decoding, row, insertion) < decoding.cfg.max_len
    return Step([message, *_tool_messages(message, results)], uses, insertion) if fits else None


def _result(call: dict, policy: Policy, room: int, tokenizer: Tokenizer) -> str:
    function = call["function"]
    said = json.loads(function["arguments"])["text"] if function["name"] == MALFORMED else call
    most = room if policy.max_tokens is None else min(room, policy.max_tokens)
    try:
        return run_call(policy.tools, said, policy.max_chars, tokenizer, most)
    except UserError as error:  # a tokenizer of characters does not have those of every result
        return f"Error: {error}"


def _tool_messages(message: dict, results: Sequence[str]) -> Messages:
    pairs = zip(message["tool_calls"], results, strict=True)
    return [dict(role="tool", tool_call_id=call["id"], content=result) for call, result in pairs]


def _insertion(message: dict, results: Sequence[str], finish: str, watch: bool, tokenizer: Tokenizer) -> Insertion:
    """From behind what the row keeps of its answer: nothing in doubt, after a call everything but its `<|end|>`."""
    shown = render([message, *_tool_messages(message, results)], tokenizer, generation=True)
    start, stop, _ = shown.spans[0]
    drop = finish == "doubt"
    return Insertion(shown.ids[start + 1 if drop else stop - 1 :].tolist(), drop, watch)


def stop_ids(tokenizer: Tokenizer) -> tuple[int, ...]:
    """All control symbols but the one that opens a tool call: none of the others belongs inside an answer."""
    return tuple(id for id in tokenizer.control.values() if id != CALL)
