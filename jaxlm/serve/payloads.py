"""Pieces of answers as the JSON of OpenAI's API: whole responses, and the chunks of a stream."""

import dataclasses
import time
import uuid
from collections.abc import Iterable

from jaxlm.serve.pieces import Piece, Token
from jaxlm.text.tokenizer import Tokenizer


@dataclasses.dataclass
class Payload:
    """One response in the making.

    Attributes:
      kind: "chat" or "text".
      model: the name of what answers.
      tokenizer: its tokenizer.
      prompt_tokens: how many it read.
      top: alternatives shown beside each token; None shows no log-probabilities at all.
    """

    kind: str
    model: str
    tokenizer: Tokenizer
    prompt_tokens: int
    top: int | None = None
    sampled: int = 0
    begun: set[int] = dataclasses.field(default_factory=set)

    def __post_init__(self):
        self.object, prefix = {
            "chat": ("chat.completion", "chatcmpl"),
            "text": ("text_completion", "cmpl"),
        }[self.kind]
        self.head = {"id": f"{prefix}-{uuid.uuid4().hex}", "created": int(time.time()), "model": self.model}

    def whole(self, answers: Iterable[tuple[int, Piece]]) -> dict:
        """The response that holds all pieces, given as (choice, piece)."""
        choices: dict[int, list[Piece]] = {}
        for index, piece in answers:
            choices.setdefault(index, []).append(piece)
            self.sampled += piece.sampled
        return {
            **self.head,
            "object": self.object,
            "choices": [self._choice(index, joined(parts)) for index, parts in sorted(choices.items())],
            "usage": self.usage(),
        }

    def chunk(self, index: int, piece: Piece) -> dict:
        """What a stream sends for a piece."""
        self.sampled += piece.sampled
        choice = self._choice(index, piece)
        if self.kind == "chat":
            delta = choice.pop("message")
            if index in self.begun:
                del delta["role"]
            self.begun.add(index)
            for number, call in enumerate(delta.get("tool_calls", ())):
                call["index"] = number
            choice["delta"] = {name: value for name, value in delta.items() if name != "refusal" and value is not None}
        return self._chunk([choice])

    def last_chunk(self) -> dict:
        """The chunk of a stream that gives the usage."""
        return self._chunk([]) | {"usage": self.usage()}

    def usage(self) -> dict:
        total = self.prompt_tokens + self.sampled
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.sampled, "total_tokens": total}

    def _chunk(self, choices: list[dict]) -> dict:
        return {
            **self.head,
            "object": f"{self.object}.chunk" if self.kind == "chat" else self.object,
            "choices": choices,
        }

    def _choice(self, index: int, piece: Piece) -> dict:
        choice: dict = {"index": index, "finish_reason": piece.finish or None}
        if self.kind == "text":
            return choice | {"text": piece.text, "logprobs": self._text_logprobs(piece.tokens)}
        # A message that only calls has no content: null, as OpenAI says it.
        message = {"role": "assistant", "content": piece.text or (None if piece.calls else ""), "refusal": None}
        message |= {"tool_calls": [dict(call) for call in piece.calls]} if piece.calls else {}
        choice |= {"answered_by": "gate"} if piece.gated else {}  # OpenAI has no such field; its client keeps it
        return choice | {"message": message, "logprobs": self._chat_logprobs(piece.tokens)}

    def _text_logprobs(self, tokens: list[Token]) -> dict | None:
        if self.top is None:
            return None
        return {
            "tokens": self.tokenizer.pieces([token.id for token in tokens]),
            "token_logprobs": [token.logprob for token in tokens],
            "top_logprobs": [self._named(token) for token in tokens] if self.top else None,
            "text_offset": [token.offset for token in tokens],
        }

    def _named(self, token: Token) -> dict[str, float] | None:
        if token.logprob is None:
            return None
        names = self.tokenizer.pieces([id for id, _ in token.top[: self.top]])
        return {name: logprob for name, (_, logprob) in zip(names, token.top)}

    def _chat_logprobs(self, tokens: list[Token]) -> dict | None:
        if self.top is None:
            return None

        def about(id: int, logprob: float | None) -> dict:
            name = self.tokenizer.pieces([id])[0]
            return {"token": name, "logprob": logprob, "bytes": list(self.tokenizer.token_bytes(id))}

        content = [
            about(token.id, token.logprob) | {"top_logprobs": [about(id, p) for id, p in token.top[: self.top]]}
            for token in tokens
        ]
        return {"content": content, "refusal": None}


def joined(parts: list[Piece]) -> Piece:
    """All pieces of a choice as one."""
    return Piece(
        text="".join(part.text for part in parts),
        tokens=[token for part in parts for token in part.tokens],
        sampled=sum(part.sampled for part in parts),
        calls=[call for part in parts for call in part.calls],
        finish=parts[-1].finish,
        gated=parts[-1].gated,
    )
