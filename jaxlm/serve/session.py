"""A talk with a model as data and functions: what is asked becomes token ids, what is sampled becomes text.

Nothing here reads or prints, so the terminal, tests and servers can share it.
"""

import codecs
import dataclasses
from collections.abc import Iterator

from jaxlm.errors import UserError
from jaxlm.generate import Event, stream
from jaxlm.generate.sampling import Sampling
from jaxlm.model.config import ModelConfig
from jaxlm.text.conversation import LEAD, parse_assistant, render
from jaxlm.text.tokenizer import CALL, Tokenizer

MODES = ("chat", "base")


@dataclasses.dataclass
class Turn:
    """One answer in the making.

    Attributes:
      prompt: the ids the model reads.
      dropped: messages forgotten to make room for it.
      events: what was sampled, without the stop token.
      finish: "stop" (the model ended its answer), "length" (max_new), "full" (the model's max_len), or "cut" while it
        is not at its end.
    """

    prompt: list[int]
    dropped: int = 0
    events: list[Event] = dataclasses.field(default_factory=list)
    finish: str = "cut"


@dataclasses.dataclass
class Session:
    """A model with its settings and the conversation so far.

    Attributes:
      mode: "chat" renders the conversation; "base" continues each text on its own, as a document.
      sampling: of the next turn; its `stop` is set by the session, its seed grows by one with each turn.
      system: text of the system message, "" for none.
      messages: the conversation without the system message.
      turns: begun since the seed was set.
    """

    params: dict
    cfg: ModelConfig
    tokenizer: Tokenizer
    mode: str = "chat"
    sampling: Sampling = Sampling()
    system: str = ""
    messages: list[dict] = dataclasses.field(default_factory=list)
    turns: int = 0

    def begin(self, text: str) -> Turn:
        """The next turn, ready for `reply`. Raises UserError when the text alone does not fit the model."""
        if self.mode == "base":
            turn = Turn([self.tokenizer.bos, *self.tokenizer.encode(text).tolist()])
            self._check_room(turn.prompt, "the text")
            return turn
        kept = [*self.messages, dict(role="user", content=text)]
        while len(ids := self._rendered(kept)) > self._room() and len(kept) > 1:
            kept = _without_oldest(kept)
        self._check_room(ids, "the message, with the system prompt,")
        dropped = len(self.messages) + 1 - len(kept)
        self.messages = kept
        return Turn(ids, dropped)

    def reply(self, turn: Turn) -> Iterator[str]:
        """Samples the turn's answer and yields its text as whole characters.

        Closing the iterator early, or an interrupt, keeps what was said until then.
        """
        sampling = dataclasses.replace(
            self.sampling, stop=stop_ids(self.tokenizer), seed=(self.sampling.seed + self.turns) % 2**32
        )
        self.turns += 1
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # holds back half a character until it is whole
        try:
            source = stream(self.params, self.cfg, turn.prompt, sampling)
            while (event := next(source, None)) is not None:
                turn.events.append(event)
                text = decoder.decode(self.tokenizer.token_bytes(event.token))
                if self.mode == "chat" and len(turn.events) == 1:
                    text = text.removeprefix(LEAD)
                if text:
                    yield text
            turn.finish = self._finish(turn)
            if text := decoder.decode(b"", final=True):
                yield text
        finally:
            if self.mode == "chat":
                self.messages.append(parse_assistant([event.token for event in turn.events], self.tokenizer))

    def reset(self) -> None:
        """Forgets the conversation; the settings stay."""
        self.messages, self.turns = [], 0

    def set_seed(self, seed: int) -> None:
        self.sampling, self.turns = dataclasses.replace(self.sampling, seed=seed), 0

    def _rendered(self, messages: list[dict]) -> list[int]:
        system = [dict(role="system", content=self.system)] if self.system else []
        return render(system + messages, self.tokenizer, generation=True).ids.tolist()

    def _room(self) -> int:
        """The longest prompt: an answer gets max_new tokens, or a quarter of the context if that is less."""
        return self.cfg.max_len - min(self.sampling.max_new, max(1, self.cfg.max_len // 4))

    def _check_room(self, ids: list[int], what: str) -> None:
        if len(ids) > self._room():
            raise UserError(
                f"{what} takes {len(ids)} tokens; the model holds {self.cfg.max_len}, of which an answer needs "
                f"{self.cfg.max_len - self._room()}"
            )

    def _finish(self, turn: Turn) -> str:
        if len(turn.prompt) + len(turn.events) >= self.cfg.max_len:
            return "full"
        return "length" if len(turn.events) >= self.sampling.max_new else "stop"


def stop_ids(tokenizer: Tokenizer) -> tuple[int, ...]:
    """All control symbols but the one that opens a tool call: none of the others belongs inside an answer."""
    return tuple(id for id in tokenizer.control.values() if id != CALL)


def _without_oldest(messages: list[dict]) -> list[dict]:
    """Drops the first exchange: up to the next message of the user, the last one at the latest."""
    later = [i for i, message in enumerate(messages) if i and message["role"] == "user"]
    return messages[later[0] :]
