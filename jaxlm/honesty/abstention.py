"""The ways to say that one does not know."""

from jaxlm.crawl.microweb.dice import Dice

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
