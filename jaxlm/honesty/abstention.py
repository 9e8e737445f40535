"""The ways to say that one does not know, and how likely a model is to say so."""

from collections.abc import Sequence

import numpy as np

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.evals.subject import Subject, question
from jaxlm.text.conversation import render

# The first is the usual one. All are abstentions in the sense of `jaxlm.evals.judge.abstains`.
PHRASINGS = (
    "I'm not sure. Could you provide more context?",
    "I'm not sure. Can you tell me more about it?",
    "I'm not sure about that. Could you give me more context?",
    "I am not sure. Could you provide some context?",
    "I'm not certain. Could you provide more context?",
    "I don't know. Could you tell me more?",
    "I do not know that. Could you provide more context?",
    "Sorry, I'm not sure. Could you provide more context?",
    "I can't say for sure. Do you have more context?",
    "I'm not aware of that. Could you give me some context?",
)
USUAL = 0.55  # share of the first; the rest is shared by the others


def phrase(dice: Dice) -> str:
    """Draws one of the phrasings."""
    return PHRASINGS[0] if dice.chance(USUAL) else dice.pick(PHRASINGS[1:])


def probability(subject: Subject, questions: Sequence[str]) -> np.ndarray:
    """Returns p(the answer to each question is one of PHRASINGS), float64 [n], exactly: one forward pass a phrasing.

    Turned into a decision by a threshold, it gives the whole trade-off between refusing what is known and inventing
    what is not (`boundary.trade_off`), where the model's own words give one point of it.
    """
    total = np.zeros(len(questions))
    for text in PHRASINGS:
        heads = [len(render(question(asked), subject.tokenizer, generation=True).ids) for asked in questions]
        turns = [[*question(asked), {"role": "assistant", "content": text}] for asked in questions]
        whole = [render(messages, subject.tokenizer).ids[:-1].tolist() for messages in turns]  # up to <|end|>
        logprobs = subject.logprobs(whole)
        total += np.exp([row[head:].sum(dtype=np.float64) for row, head in zip(logprobs, heads, strict=True)])
    return total
