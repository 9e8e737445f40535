"""Sampled tokens as pieces of text that can be sent at once: whole characters, and nothing a stop text may claim."""

import codecs
import contextlib
import dataclasses
import math
import uuid
from collections.abc import Container, Generator, Iterator

import numpy as np

from jaxlm.generate import Event
from jaxlm.generate.alternatives import Scored
from jaxlm.honesty.gate import ABSTENTION
from jaxlm.text.conversation import LEAD, parse_assistant
from jaxlm.text.tokenizer import CALL, Tokenizer

IMPOSSIBLE = -9999.0  # what the API calls the log-probability of a token with probability 0


@dataclasses.dataclass(frozen=True)
class Token:
    """A token with its log-probability (None: nothing precedes it), what else was likely, and where its text begins.

    `top` holds (id, log-probability), likeliest first; `offset` counts characters of the choice's text.
    """

    id: int
    logprob: float | None
    top: list[tuple[int, float]]
    offset: int


@dataclasses.dataclass(frozen=True)
class Piece:
    """A part of one choice's answer.

    Attributes:
      text: what is new of its text.
      tokens: those whose text begins in it.
      sampled: tokens that were sampled for it, also those that never show: of stop texts and calls.
      calls: tool calls in OpenAI's schema; all of an answer's are in its last piece.
      finish: "" until the last piece: then stop, length or tool_calls.
      gated: the gate gave it in place of the model.
    """

    text: str = ""
    tokens: list[Token] = dataclasses.field(default_factory=list)
    sampled: int = 0
    calls: list[dict] = dataclasses.field(default_factory=list)
    finish: str = ""
    gated: bool = False


def pieces(
    source: Generator[Event, None, str],
    tokenizer: Tokenizer,
    stops: list[str],
    lead: str = "",
    offset: int = 0,
    ends: Container[int] = (),
) -> Iterator[Piece]:
    """Yields the answer that `source` samples, at least its last piece; ends it before the first of the stop texts.

    Args:
      source: as `jaxlm.generate.stream`; closed at the end.
      stops: texts that end the answer and are no part of it.
      lead: taken off where the answer begins with it.
      offset: where in the choice's text the answer begins.
      ends: ids that end the answer like the sampler's own stop tokens, but are shown among the last piece's tokens.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")  # holds back half a character until it is whole
    held, waiting, sampled, finish = "", [], 0, ""
    shown = decoded = offset
    with contextlib.closing(source):
        while not finish:
            try:
                event = next(source)
            except StopIteration as end:
                finish, text = end.value, decoder.decode(b"", final=True)
            else:
                text = decoder.decode(tokenizer.token_bytes(event.token))
                text = text if waiting or shown > offset or held else text.removeprefix(lead)
                waiting.append(of_event(event, decoded))
                sampled += 1
                if event.token in ends:
                    finish, text = "stop", decoder.decode(b"", final=True)
            held, decoded = held + text, decoded + len(text)
            ready, held, stopped = release(held, stops, final=bool(finish))
            shown += len(ready)
            if ready or stopped or finish:
                tokens = [token for token in waiting if token.offset < shown or (finish and not stopped)]
                finish = "stop" if stopped else finish
                waiting = waiting[len(tokens) :]
                yield Piece(ready, tokens, sampled, finish=finish)
                sampled = 0


def release(held: str, stops: list[str], final: bool) -> tuple[str, str, bool]:
    """Returns (what can be sent, what is held back as the possible beginning of a stop text, whether one was met)."""
    places = [place for stop in stops if (place := held.find(stop)) >= 0]
    if places:
        return held[: min(places)], "", True
    keep = 0 if final else max((_overlap(held, stop) for stop in stops), default=0)
    return held[: len(held) - keep], held[len(held) - keep :], False


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of the text that the stop text begins with."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)


def chat_pieces(source: Generator[Event, None, str], tokenizer: Tokenizer, stops: list[str]) -> Iterator[Piece]:
    """As `pieces`, for an assistant's message: its tool calls come with the last piece.

    A call that is not the JSON of a name and arguments is shown as text: the client has to see what the model did.
    """
    called: list[int] = []
    for piece in pieces(_before_calls(source, called), tokenizer, stops, LEAD):
        if piece.finish and called:
            message = parse_assistant(called, tokenizer)
            calls = [call | {"id": f"call_{uuid.uuid4().hex[:24]}"} for call in message.get("tool_calls", ())]
            piece = dataclasses.replace(
                piece,
                text=piece.text + "".join(message.get("malformed_calls", ())),
                sampled=piece.sampled + len(called),
                calls=calls,
                finish="tool_calls" if calls else piece.finish,
            )
        yield piece


def refusal(stops: list[str]) -> Piece:
    """The whole answer of the gate, before the first of the stop texts; without tokens, as none was sampled."""
    return Piece(release(ABSTENTION, stops, final=True)[0], finish="stop", gated=True)


def _before_calls(source: Generator[Event, None, str], called: list[int]) -> Generator[Event, None, str]:
    """Passes on what comes before the first `<|call|>`; the ids from there on are added to `called`."""
    with contextlib.closing(source):
        while True:
            try:
                event = next(source)
            except StopIteration as end:
                return end.value
            if called or event.token == CALL:
                called.append(event.token)
            else:
                yield event


def echo(ids: list[int], scored: Scored, tokenizer: Tokenizer, k: int) -> Piece:
    """The prompt as the first piece of its choice; `scored` may hold a BOS before the ids, which is not shown."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text, tokens = "", []
    skip = len(scored.logprobs) - len(ids)
    for place, id in enumerate(ids, skip):
        logprob = None if np.isnan(scored.logprobs[place]) else max(float(scored.logprobs[place]), IMPOSSIBLE)
        top = list(zip(scored.top_ids[place, :k].tolist(), scored.top_logprobs[place, :k].tolist()))
        tokens.append(Token(id, logprob, [(i, max(p, IMPOSSIBLE)) for i, p in top], len(text)))
        text += decoder.decode(tokenizer.token_bytes(id))
    return Piece(text + decoder.decode(b"", final=True), tokens)


def of_event(event: Event, offset: int) -> Token:
    """The sampled token itself has the same number beside it and among the likeliest."""

    def log(id: int, probability: float) -> float:
        return event.logprob if id == event.token else math.log(probability) if probability else IMPOSSIBLE

    return Token(
        event.token, max(event.logprob, IMPOSSIBLE), [(i, max(log(i, p), IMPOSSIBLE)) for i, p in event.top], offset
    )
