"""A checkpoint as the server sees it: two functions on token ids, and what it takes to make ids of a request."""

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Generator, Sequence

from jaxlm.errors import UserError
from jaxlm.evals.subject import Messages
from jaxlm.generate import Event, Sampling, stream
from jaxlm.generate.alternatives import Scored, score_with_top
from jaxlm.honesty.gate import of_run
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.checkpoint import load_params


@dataclasses.dataclass(frozen=True)
class Model:
    """What answers.

    Attributes:
      name: what requests call it.
      tokenizer: text to ids and back.
      max_len: tokens it can hold.
      tuned: whether it was taught to converse.
      stream: (prompt ids, request) -> an Event a token, returning the finish; as `jaxlm.generate.stream`.
      score: (sequences, k) -> their log-probabilities; as `jaxlm.generate.alternatives.score_with_top`.
      gate: conversation -> whether the names in its last question are too new to the model, as
        `jaxlm.honesty.gate.of_run`; None where there is no gate.
    """

    name: str
    tokenizer: Tokenizer
    max_len: int
    tuned: bool
    stream: Callable[[Sequence[int], Sampling], Generator[Event, None, str]]
    score: Callable[[Sequence[Sequence[int]], int], list[Scored]]
    gate: Callable[[Messages], bool] | None = None

    def document(self, prompt: str | list[int]) -> list[int]:
        """The ids of a document that begins with the prompt: every document the model has read began with BOS."""
        ids = self.tokenizer.encode(prompt).tolist() if isinstance(prompt, str) else prompt
        return ids if ids[:1] == [self.tokenizer.bos] else [self.tokenizer.bos, *ids]

    def check(self, ids: list[int], new: int) -> None:
        """Raises UserError when the ids are not of the vocabulary, or leave no room for `new` tokens."""
        if max(ids) >= self.tokenizer.vocab_size:
            raise UserError(f"prompt: token ids must be 0 to {self.tokenizer.vocab_size - 1}")
        if len(ids) + new > self.max_len:
            raise UserError(f"prompt: it takes {len(ids)} tokens; the model holds {self.max_len}, with the answer")


def load(run: pathlib.Path, phase: str, which: str | int, gate: bool = False) -> Model:
    """The checkpoint of a run's phase, with the run's gate before it if wanted.

    Raises:
      UserError: it is missing or not of the run's tokenizer; the gate has no threshold, or no chat to stand before.
    """
    if not run.is_dir():
        raise UserError(f"--run={run}: no such folder")
    tuned = phase != "pretrain"
    if gate and not tuned:
        raise UserError("--gate: it stands before answers in chat; expected a --phase after pretrain")
    tokenizer = Tokenizer.load(run / "tokenizer")
    params, cfg = load_params(run, phase, which, tokenizer=tokenizer.hash)
    return Model(
        name=f"{run.resolve().name}-{phase}",
        tokenizer=tokenizer,
        max_len=cfg.max_len,
        tuned=tuned,
        stream=functools.partial(stream, params, cfg),
        score=functools.partial(score_with_top, params, cfg),
        gate=of_run(run) if gate else None,
    )
