"""Whether a free-form response states the expected short answer.

Texts are normalized as in SQuAD's evaluation script (Rajpurkar et al. 2016: lower case, no punctuation, no articles,
single spaces). A response is right when an accepted answer stands as whole words in its first sentence and no rival
answer stands before it: `In Orrin, not in Valen` is right for Orrin and wrong for Valen. Words of the question never
count as a rival, so that a restated name (`Ada Baker works as a potter`) does not read as the occupation `baker`.
"""

import functools
import re
import string
from collections.abc import Iterable

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "–—‘’“”…", " "))
POSSESSIVE = re.compile(r"['’]s\b")
# Ways to say that one does not know; the first sentence decides.
ABSTENTION = re.compile(
    r"\b(?:not|n't|never) (?:quite |really |at all )?(?:sure|certain|know|aware|say|tell|familiar)\b"
    r"|\bno (?:idea|information|knowledge)\b|\bnever heard\b|\b(?:unsure|uncertain|unknown to me)\b"
    r"|\b(?:cannot|can't|could not|couldn't) (?:say|tell|answer|find|be sure)\b"
    r"|\bdo(?:es)? not (?:contain|say|mention|know)\b|\bdo(?:es)?n't (?:contain|say|mention|know)\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?:Dr|Mr|Ms|St)\.)(?<!\bMrs\.)\s")


@functools.lru_cache(maxsize=100_000)
def normalize(text: str) -> str:
    """Returns the text in lower case without punctuation, possessive endings, articles and runs of white space."""
    text = POSSESSIVE.sub(" ", text.lower()).translate(PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", text).split())


def first_sentence(response: str) -> str:
    """Returns the response's first non-empty line, up to its first sentence end.

    A sentence ends with `.`, `!` or `?` before white space; initials and titles (`A. Baker`, `Dr. Baker`) end none.
    """
    line = next((line for line in response.splitlines() if line.strip()), "").strip()
    return SENTENCE_END.split(line, maxsplit=1)[0]


def find(answer: str, text: str) -> int:
    """Returns where the normalized answer first stands in the normalized text as whole words, or -1."""
    return f" {text} ".find(f" {answer} ") if answer else -1


def is_right(
    response: str, answer: str, aliases: Iterable[str] = (), rivals: Iterable[str] = (), question: str = ""
) -> bool:
    """Tells whether the response's first sentence states the answer (or an alias) before any rival answer.

    Args:
      response: what the model wrote.
      answer: the expected answer; `aliases` are accepted as well.
      rivals: other values the attribute can have. One that is part of an accepted answer, or stands in the question,
        is no rival.
      question: what was asked (or the prompt that was continued).
    """
    said = normalize(first_sentence(response))
    accepted = {normalize(text) for text in (answer, *aliases)}
    places = [place for text in accepted if (place := find(text, said)) >= 0]
    if not places:
        return False
    before = said[: min(places)]
    excused = (*accepted, normalize(question))
    ahead = (rival for rival in map(normalize, rivals) if 0 <= find(rival, said) < len(before))
    return all(any(find(rival, text) >= 0 for text in excused) for rival in ahead)


def abstains(response: str) -> bool:
    """Tells whether the response's first sentence says that the answer is not known (`I'm not sure ...`)."""
    return bool(ABSTENTION.search(first_sentence(response).replace("’", "'")))


def mark(
    response: str, answer: str, aliases: Iterable[str] = (), rivals: Iterable[str] = (), question: str = ""
) -> str:
    """Marks a response `right`, `abstain` or `wrong`; an abstention is one even if the answer occurs in it.

    Args as `is_right`; an empty answer stands for a question that has none: only an abstention is not wrong.
    """
    if abstains(response):
        return "abstain"
    return "right" if answer and is_right(response, answer, aliases, rivals, question) else "wrong"
