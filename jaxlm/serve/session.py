"""A talk with a model as data and functions: what is asked becomes token ids, what is sampled becomes text.

Nothing here reads or prints, so the terminal, tests and servers can share it.
"""

import codecs
import dataclasses
from collections.abc import Callable, Generator, Iterator

from jaxlm.errors import UserError
from jaxlm.generate import Event
from jaxlm.generate.interrupt import Insertion, resume
from jaxlm.generate.loop import Decoding
from jaxlm.generate.sampling import Sampling
from jaxlm.generate.streaming import begin, steps
from jaxlm.honesty.gate import ABSTENTION
from jaxlm.honesty.tool_use import SEARCH, Policy, Use, asking, look_up, stop_ids
from jaxlm.honesty.tools import offer, specification
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
      events: what was sampled, without the stop token; after the use of a tool, what was sampled since.
      uses: of tools. `trigger` is "call", "doubt", or "surprise" for the search that the gate made.
      finish: "stop" (the model ended its answer), "length" (max_new), "full" (the model's max_len), "call" (it called a
        tool that it may not use, or not any more), "gate" (the gate answered in its place), or "cut" while it is not at
        its end.
    """

    prompt: list[int]
    dropped: int = 0
    events: list[Event] = dataclasses.field(default_factory=list)
    uses: list[Use] = dataclasses.field(default_factory=list)
    finish: str = "cut"


@dataclasses.dataclass(frozen=True)
class Asked:
    """A tool is about to be used. `arguments` are JSON; `trigger` is as in Turn.uses."""

    name: str
    arguments: str
    trigger: str


@dataclasses.dataclass
class Session:
    """A model with its settings and the conversation so far.

    Attributes:
      mode: "chat" renders the conversation; "base" continues each text on its own, as a document.
      sampling: of the next turn; its `stop` is set by the session, its seed grows by one with each turn.
      system: text of the system message, "" for none.
      messages: the conversation without the system message.
      turns: begun since the seed was set.
      policy: when it uses which tools in chat; the system message names them. None: it has none.
      gate: whether the names in the question that a conversation ends with are too new to the model; in chat it is
        asked before each answer. Where they are, the question is searched for if the policy can, and otherwise answered
        by the usual abstention. None: there is no gate.
    """

    params: dict
    cfg: ModelConfig
    tokenizer: Tokenizer
    mode: str = "chat"
    sampling: Sampling = Sampling()
    system: str = ""
    messages: list[dict] = dataclasses.field(default_factory=list)
    turns: int = 0
    policy: Policy | None = None
    gate: Callable[[list[dict]], bool] | None = None

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

    def reply(self, turn: Turn) -> Iterator[str | Asked | Use]:
        """Samples the turn's answer and yields its text as whole characters, calls left out.

        Where a tool is used, it yields Asked before and Use after. What was said until then is in no message if the
        model was interrupted because it was unsure. Closing the iterator early, or an interrupt, keeps what was said.
        """
        surprised = self._surprised()
        if surprised and not self._can_search():
            yield self._abstain(turn)
            return
        decoding = begin(self.params, self.cfg, turn.prompt, self._request())
        self.turns += 1
        try:
            finish = "doubt" if surprised else (yield from self._say(turn, decoding))
            while self.policy and self.policy.runs(finish, turn.uses):
                trigger = "surprise" if surprised and not turn.uses else finish
                insertion = yield from self._use_tools(turn, finish, decoding, trigger)
                if insertion is None:
                    finish = "full"
                    break
                resume(decoding, {0: insertion})
                finish = yield from self._say(turn, decoding)
            full = finish == "length" and decoding.lengths[0] >= self.cfg.max_len
            turn.finish = "full" if full else finish
        finally:
            if self.mode == "chat":
                self.messages.append(parse_assistant([event.token for event in turn.events], self.tokenizer))

    def _surprised(self) -> bool:
        """Judged without the tools' description: the threshold was chosen on conversations that have none."""
        system = [dict(role="system", content=self.system)] if self.system else []
        return self.mode == "chat" and self.gate is not None and self.gate(system + self.messages)

    def _can_search(self) -> bool:
        return self.policy is not None and self.policy.max_calls > 0 and SEARCH in {t.name for t in self.policy.tools}

    def _abstain(self, turn: Turn) -> str:
        self.turns += 1
        self.messages.append(dict(role="assistant", content=ABSTENTION))
        turn.finish = "gate"
        return ABSTENTION

    def _request(self) -> Sampling:
        seed = (self.sampling.seed + self.turns) % 2**32
        call = CALL if self.mode == "chat" else -1
        request = dataclasses.replace(self.sampling, stop=stop_ids(self.tokenizer), seed=seed, call=call)
        return self.policy.sampling(request, self.tokenizer) if self.policy and self.mode == "chat" else request

    def _say(self, turn: Turn, decoding: Decoding) -> Generator[str, None, str]:
        """Yields text until the row is done; returns its finish."""
        turn.events = []
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # holds back half a character until it is whole
        calling, source = False, steps(decoding)
        while True:
            try:
                event = next(source)
            except StopIteration as end:
                if text := decoder.decode(b"", final=True):
                    yield text
                return end.value
            turn.events.append(event)
            calling |= event.token == CALL and self.mode == "chat"
            text = "" if calling else decoder.decode(self.tokenizer.token_bytes(event.token))
            if self.mode == "chat" and len(turn.events) == 1:
                text = text.removeprefix(LEAD)
            if text:
                yield text

    def _use_tools(
        self, turn: Turn, finish: str, decoding: Decoding, trigger: str
    ) -> Generator[Asked | Use, None, Insertion | None]:
        """Runs what the answer asks for and writes it down; returns what the model reads, None when it is full."""
        said = [event.token for event in turn.events]
        message = asking(self.messages, said, finish, self.policy, self.tokenizer)
        for call in message["tool_calls"]:
            yield Asked(call["function"]["name"], call["function"]["arguments"], trigger)
        step = look_up(message, finish, turn.uses, decoding, 0, self.policy, self.tokenizer)
        if step is None:
            return None
        self.messages += step.messages
        uses = [dataclasses.replace(use, trigger=trigger) for use in step.uses]
        turn.uses += uses
        turn.events = []
        yield from uses
        return step.insertion

    def reset(self) -> None:
        """Forgets the conversation; the settings stay."""
        self.messages, self.turns = [], 0

    def set_seed(self, seed: int) -> None:
        self.sampling, self.turns = dataclasses.replace(self.sampling, seed=seed), 0

    def _rendered(self, messages: list[dict]) -> list[int]:
        texts = [self.system, offer(specification(self.policy.tools)) if self.policy else ""]
        system = [dict(role="system", content=" ".join(filter(None, texts)))] if any(texts) else []
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


def _without_oldest(messages: list[dict]) -> list[dict]:
    """Drops the first exchange: up to the next message of the user, the last one at the latest."""
    later = [i for i, message in enumerate(messages) if i and message["role"] == "user"]
    return messages[later[0] :]
