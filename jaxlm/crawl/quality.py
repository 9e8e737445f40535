"""Published rules that tell prose from what else stands on web pages, in one pass over one tokenization.

- Gopher: Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", appendix A.1.1.
- C4: Raffel et al. 2020, "Exploring the Limits of Transfer Learning", section 2.2.
- FineWeb: Penedo et al. 2024, "The FineWeb Datasets", section 3.5; its other filters are those of Gopher and C4.

The rules count words, sentences and lines, so they fit languages that put spaces between words; the stop words are
English and are asked of English texts alone. Some rules are for web pages only: `{`, "lorem ipsum" and lines about
JavaScript or cookies are page code and notices there but content in other text, and a page of 100,000 words is a dump
while a file may be a book.

The published rules were made for pages of some hundred words. In a text of sixty, one name said five times is a fifth
of the text, and a single "the" may be all its stop words; `Thresholds.short_text` says below how many words these
rules give way.
"""

import dataclasses
import re
from collections.abc import Iterator

from jaxlm.crawl import repetition

# Each rule by the name that a removed document carries, with where it is from.
SOURCES = {
    "too few words": "Gopher",
    "too many words": "Gopher",
    "word length": "Gopher",
    "symbols": "Gopher",
    "bullet lines": "Gopher",
    "ellipsis lines": "Gopher",
    "words without letters": "Gopher",
    "few stop words": "Gopher",
    "duplicate lines": "Gopher",
    "duplicate paragraphs": "Gopher",
    "duplicate line characters": "FineWeb",
    **{f"frequent {n}-gram": "Gopher" for n in (2, 3, 4)},
    **{f"duplicate {n}-grams": "Gopher" for n in range(5, 11)},
    "lorem ipsum": "C4",
    "curly bracket": "C4",
    "too few sentences": "C4",
    "lines without punctuation": "FineWeb",
    "short lines": "FineWeb",
    "many line breaks": "FineWeb",
}


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """The published values. Shares are of words, lines or characters as the name says.

    A text of fewer words than `short_text` needs one stop word only, and n-grams as short as a name or a title (up to
    repetition.NAME_WORDS words) may recur in it; 0 asks all rules of all texts.
    """

    min_words: int = 50
    max_words: int = 100_000
    short_text: int = 0
    min_mean_word_length: float = 3
    max_mean_word_length: float = 10
    max_symbols_per_word: float = 0.1
    max_bullet_lines: float = 0.9
    max_ellipsis_lines: float = 0.3
    min_words_with_letters: float = 0.8
    min_stop_words: int = 2
    max_duplicate_lines: float = 0.3
    max_duplicate_paragraphs: float = 0.3
    max_duplicate_line_characters: float = 0.1
    max_frequent_ngram: tuple = ((2, 0.20), (3, 0.18), (4, 0.16))
    max_duplicate_ngrams: tuple = ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    min_sentences: int = 3
    min_lines_with_punctuation: float = 0.12
    max_short_lines: float = 0.67
    max_line_breaks_per_word: float = 0.3


STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
SHORT_LINE = 30  # characters
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]]*(?:\s|$)")
_ELLIPSIS = ("...", "…")
_BULLETS = ("•", "‣", "▪", "●", "○", "■", "□", "◦", "*", "-", "–")
_PUNCTUATION = (".", "!", "?", '"', "'", "”", "’", ";", ":", ",", ")", "]", "…")
_CODE_LINE = re.compile(
    r"javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies", re.IGNORECASE
)


@dataclasses.dataclass(frozen=True)
class Page:
    """A text and its only tokenization."""

    text: str
    words: list[str]
    lines: list[str]  # without the empty ones

    @classmethod
    def of(cls, text: str) -> "Page":
        return cls(text, _WORD.findall(text), [line.strip() for line in text.split("\n") if line.strip()])


def drop_notices(text: str) -> str:
    """Removes lines about JavaScript, cookies, terms and privacy, as C4 does."""
    if not _CODE_LINE.search(text):
        return text
    return "\n".join(line for line in text.split("\n") if not _CODE_LINE.search(line))


def judge(text: str, thresholds: Thresholds, language: str = "en", web: bool = True) -> str | None:
    """The first rule that removes the text, cheapest rules first; None if it stays."""
    page = Page.of(text)
    if not page.words:
        return "too few words"
    for rules in (_gopher_words(page, thresholds, language, web), _c4(page, thresholds, web), _lines(page, thresholds)):
        for rule in rules:
            return rule
    return repetition.judge(page.text, page.words, page.lines, thresholds)


def _gopher_words(page: Page, limits: Thresholds, language: str, web: bool) -> Iterator[str]:
    words, count = page.words, len(page.words)
    if count < limits.min_words:
        yield "too few words"
    if web and count > limits.max_words:
        yield "too many words"
    if not limits.min_mean_word_length <= sum(map(len, words)) / count <= limits.max_mean_word_length:
        yield "word length"
    ellipses = sum(page.text.count(mark) for mark in _ELLIPSIS)
    if max(page.text.count("#"), ellipses) / count > limits.max_symbols_per_word:
        yield "symbols"
    if sum(any(map(str.isalpha, word)) for word in words) / count < limits.min_words_with_letters:
        yield "words without letters"
    needed = min(1, limits.min_stop_words) if count < limits.short_text else limits.min_stop_words
    if language == "en" and len(STOP_WORDS.intersection(map(str.lower, words))) < needed:
        yield "few stop words"


def _c4(page: Page, limits: Thresholds, web: bool) -> Iterator[str]:
    if web and "lorem ipsum" in page.text.lower():
        yield "lorem ipsum"
    if web and "{" in page.text:
        yield "curly bracket"
    if len(_SENTENCE_END.findall(page.text)) < limits.min_sentences:
        yield "too few sentences"


def _lines(page: Page, limits: Thresholds) -> Iterator[str]:
    """Rules of Gopher and FineWeb about the shape of lines."""
    lines, count = page.lines, len(page.lines)
    if sum(line.startswith(_BULLETS) for line in lines) / count > limits.max_bullet_lines:
        yield "bullet lines"
    if sum(line.endswith(_ELLIPSIS) for line in lines) / count > limits.max_ellipsis_lines:
        yield "ellipsis lines"
    if sum(line.endswith(_PUNCTUATION) for line in lines) / count <= limits.min_lines_with_punctuation:
        yield "lines without punctuation"
    if sum(len(line) <= SHORT_LINE for line in lines) / count >= limits.max_short_lines:
        yield "short lines"
    if page.text.count("\n") / len(page.words) > limits.max_line_breaks_per_word:
        yield "many line breaks"
