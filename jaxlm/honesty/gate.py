"""A gate before a model's answer: where the names in a question surprise it too much, it says that it is not sure.

The threshold is chosen by self-interrogation, on the questions of the probe: so that a given share of what the model
knows lies beyond it. No weight changes, and neither does the model that answers.
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

ABSTENTION = PHRASINGS[0]  # what it says


def too_new(subject: Subject, conversations: Sequence[Messages], threshold: float) -> list[bool]:
    """Whether the names in the question that each conversation ends with surprise the subject by more than `threshold`.

    Never where the last message is not the user's, does not end with a question, or the question has no name: a
    greeting, an instruction, a tool's result. Names that stood in the conversation before are no surprise, except in
    questions that were refused: to ask again is no way around the gate.

    Args:
      threshold: in nats, 0 or more.
    """
    judged = [[*_without_refused(messages[:-1]), messages[-1]] for messages in conversations]
    return [found > threshold for found in surprise.of_names(subject, judged, names_only=True)]


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


def of_run(run: pathlib.Path, subject: Subject) -> Callable[[Messages], bool]:
    """Returns `too_new` for one conversation at a time, at the run's own threshold; errors as `load_threshold`.

    The threshold was chosen for the model that the probe asked; later models of the run are measured by the same.
    """
    threshold = load_threshold(run)
    return lambda messages: too_new(subject, [messages], threshold)[0]


@dataclasses.dataclass(frozen=True)
class Gated:
    """A subject behind a gate; evals that need no more than answers can take it for one.

    Attributes:
      subject: what answers.
      threshold: surprise in nats beyond which it does not.
      name: what rows call the two together.
    """

    subject: Subject
    threshold: float
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
        refused = too_new(self.subject, conversations, self.threshold)
        return [ABSTENTION if is_refused else text for text, is_refused in zip(answers, refused, strict=True)]


def choose(rows: Sequence[dict], over_refusal: float) -> dict[str, Any] | None:
    """Returns {threshold, over_refusal, unknown_answered} of a gate; None where nothing is known.

    Args:
      rows: of the probe, with the signal `name_surprise`.
      over_refusal: the share of what is known that the gate may refuse. Known, by its label, not answered rightly once:
        of a few dozen towns one may be guessed, and such luck would decide where the gate stands.
    """
    doubts = np.array([row["signals"]["name_surprise"] for row in rows])
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
