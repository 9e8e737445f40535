"""A gate before a model's answer: where the names in a question are too new to it, it says that it is not sure.

How new they are the base model tells, by its surprise as it reads the question (jaxlm.honesty.surprise). The threshold
is chosen by self-interrogation, on the questions of the probe: so that a given share of what the model knows lies
beyond it. No weight changes, and neither does the model that answers.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxlm.errors import UserError
from jaxlm.evals import statistics
from jaxlm.evals.subject import Messages, Subject
from jaxlm.files import read_json
from jaxlm.honesty import surprise
from jaxlm.honesty.abstention import PHRASINGS
from jaxlm.text.conversation import text_of
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.checkpoint import load_params

READER = "pretrain"  # the phase whose model reads the questions

ABSTENTION = PHRASINGS[0]  # what it says


@dataclasses.dataclass(frozen=True)
class Gate:
    """What reads the questions, and the surprise in nats, 0 or more, beyond which a name is too new."""

    reader: Subject
    threshold: float

    def stops(self, conversations: Sequence[Messages]) -> list[bool]:
        """Which conversations end with a question that is not to be answered; see `too_new`."""
        return too_new(self.reader, conversations, self.threshold)


def too_new(reader: Subject, conversations: Sequence[Messages], threshold: float) -> list[bool]:
    """Whether the names in the question that each conversation ends with surprise the reader by more than `threshold`.

    Never where the last message is not the user's, does not end with a question, or the question has no name: a
    greeting, an instruction, a tool's result. Names that stood in the conversation before are no surprise, except in
    questions that were refused: to ask again is no way around the gate.
    """
    judged = [[*_without_refused(messages[:-1]), messages[-1]] for messages in conversations]
    return [found > threshold for found in surprise.of_names(reader, judged, names_only=True)]


def _without_refused(messages: Messages) -> Messages:
    """The messages without the questions that were met by an abstention; what a user said before one stays."""
    kept: Messages = []
    for message in messages:
        refused = message["role"] == "assistant" and text_of(message) in PHRASINGS and not message.get("tool_calls")
        if refused and kept and kept[-1]["role"] == "user":
            said = text_of(kept.pop())
            said = said[: surprise.question_start(said)].strip()
            kept += [{"role": "user", "content": said}] if said else []
        else:
            kept.append(message)
    return kept


def find_threshold(run: pathlib.Path) -> float | None:
    """The threshold that the run's phase `probe` has chosen; None before that, or where it found nothing known."""
    path = run / "probe" / "summary.json"
    chosen = read_json(path)["result"].get("gate") if path.exists() else None
    return chosen["threshold"] if chosen else None


def load_threshold(run: pathlib.Path) -> float:
    """Likewise; raises UserError when there is none."""
    path, threshold = run / "probe" / "summary.json", find_threshold(run)
    if threshold is None and not path.exists():
        raise UserError(f"{run}: the gate's threshold is missing: the phase 'probe' has not finished here ({path})")
    if threshold is None:  # runs from before there was a gate lack the field
        raise UserError(f"{path}: no threshold for the gate: `gate` is empty, or missing in a run of an older version")
    return threshold


def load_reader(run: pathlib.Path) -> Subject:
    """The run's base model; UserError when there is none."""
    tokenizer = Tokenizer.load(run / "tokenizer")
    params, cfg = load_params(run, READER, "best", tokenizer=tokenizer.hash)
    return Subject(params, cfg, tokenizer, tuned=False)


def find(run: pathlib.Path) -> Gate | None:
    """The run's own gate, None where `find_threshold` finds none."""
    threshold = find_threshold(run)
    return None if threshold is None else Gate(load_reader(run), threshold)


def of_run(run: pathlib.Path) -> Callable[[Messages], bool]:
    """Returns whether the run's own gate stops a conversation; errors as `load_threshold` and `load_reader`."""
    threshold = load_threshold(run)
    gate = Gate(load_reader(run), threshold)
    return lambda messages: gate.stops([messages])[0]


@dataclasses.dataclass(frozen=True)
class Gated:
    """A subject behind a gate; evals that need no more than answers can take it for one.

    Attributes:
      subject: what answers.
      gate: what stands before it.
      name: what rows call the two together.
    """

    subject: Subject
    gate: Gate
    name: str = "gated"

    @property
    def tokenizer(self) -> Any:
        return self.subject.tokenizer

    @property
    def max_len(self) -> int:
        """Tokens it can hold."""
        return self.subject.cfg.max_len

    @property
    def tuned(self) -> bool:
        return self.subject.tuned

    def respond(self, conversations: Sequence[Messages], **sampling: Any) -> list[str]:
        """The subject's responses, or the usual abstention where a question's names are too new to it."""
        answers = self.subject.respond(conversations, **sampling)
        refused = self.gate.stops(conversations)
        return [ABSTENTION if is_refused else text for text, is_refused in zip(answers, refused, strict=True)]


def choose(rows: Sequence[dict], newness: Sequence[float], over_refusal: float) -> dict[str, Any] | None:
    """Returns {threshold, over_refusal, unknown_answered} of a gate; None where nothing is known.

    Args:
      rows: of the probe.
      newness: surprise in nats of the reader at the names in each row's question, 0 without a name.
      over_refusal: the share of what is known that the gate may refuse. Known, by its label, not answered rightly once:
        of a few dozen towns one may be guessed, and such luck would decide where the gate stands.
    """
    doubts = np.asarray(newness, np.float64)
    known = np.array([row["label"] == "known" for row in rows], bool)
    unknown = np.array([row["label"] == "unknown" for row in rows], bool)
    if not known.any():
        return None
    threshold = float(np.quantile(doubts[known], 1.0 - over_refusal))
    refused = doubts > threshold
    return dict(
        threshold=round(threshold, 4),
        over_refusal=statistics.as_list(statistics.proportion(refused[known])),
        unknown_answered=statistics.as_list(statistics.proportion(~refused[unknown])),
    )
