"""A gate before a model's answer: where the names in a question surprise it too much, it says that it is not sure.

The threshold is chosen by self-interrogation, on the questions of the probe: so that a given share of what the model
answers rightly lies beyond it. No weight changes, and neither does the model that answers.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.subject import Messages, Subject
from jaxlm.honesty import surprise
from jaxlm.honesty.abstention import PHRASINGS


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
        doubts = surprise.of_names(self.subject, conversations)
        return [PHRASINGS[0] if doubt > self.threshold else text for text, doubt in zip(answers, doubts, strict=True)]


def choose(rows: Sequence[dict], over_refusal: float) -> dict[str, Any] | None:
    """Returns {threshold, over_refusal, unknown_answered} of a gate; None where nothing is answered rightly.

    Args:
      rows: of the probe, with the signal `name_surprise`.
      over_refusal: the share of greedy answers that are right of which the gate may refuse.
    """
    doubts = np.array([row["signals"]["name_surprise"] for row in rows])
    right = np.array([row["greedy_mark"] == "right" for row in rows], bool)
    unknown = np.array([row["label"] == "unknown" for row in rows], bool)
    if not right.any():
        return None
    threshold = float(np.quantile(doubts[right], 1.0 - over_refusal))
    refused = doubts > threshold
    return dict(
        threshold=round(threshold, 4),
        over_refusal=statistics.as_list(statistics.proportion(refused[right])),
        unknown_answered=statistics.as_list(statistics.proportion(~refused[unknown])),
    )
