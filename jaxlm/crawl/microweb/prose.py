"""Pages about nothing in particular, and the passages embedded in some of them."""

import re
from typing import Any

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.pages import Page
from jaxlm.crawl.microweb.templates import prose

# copies -> passages for a world of 60 people a tier or more
PASSAGES = {0: 10, 1: 12, 4: 10, 16: 10, 64: 8}
PROSE_PAGES = 2  # without a passage, for each person of a tier
SLOT = re.compile(r"{(\w+)}")


def make_passages(config: Any, dice: Dice) -> list[dict]:
    """Rows of truth/verbatim.jsonl: {text, copies}; fewer in a smaller world, none there in over 16 copies."""
    rows = []
    for copies, count in PASSAGES.items():
        for _ in range(max(1, round(count * min(1.0, config.people / 60)))):
            rows.append({"text": write(dice.pick(prose.PASSAGES), prose.PASSAGE_WORDS, dice), "copies": copies})
    return rows


def passage_pages(passages: list[dict], dice: Dice) -> list[Page]:
    """`copies` otherwise different pages for each passage, which makes up less than half of each."""
    return [_prose_page(dice, row["text"]) for row in passages for _ in range(row["copies"])]


def prose_pages(config: Any, dice: Dice) -> list[Page]:
    return [_prose_page(dice) for _ in range(round(config.people * PROSE_PAGES))]


def article(dice: Dice, sentences: int) -> tuple[str, list[str]]:
    """A title and that many sentences in one or two paragraphs."""
    title = dice.pick(tuple(prose.TOPICS))
    said = [write(template, prose.WORDS, dice) for template in dice.sample(prose.TOPICS[title], sentences)]
    cut = dice.between(3, sentences - 2)
    return title, [" ".join(said[:cut]), " ".join(said[cut:])]


def write(template: str, words: dict[str, tuple[str, ...]], dice: Dice) -> str:
    """Fills each slot of the template by a word drawn anew."""
    return SLOT.sub(lambda match: dice.pick(words[match[1]]), template)


def _prose_page(dice: Dice, passage: str = "") -> Page:
    title, paragraphs = article(dice, dice.between(6, 8))
    if passage:
        paragraphs.insert(dice.below(3), passage)
    return Page("clean", title, paragraphs)
