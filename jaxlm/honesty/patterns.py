"""Reads the facts of micro-web pages from their sentences, as a person who knows the usual phrases would.

A page introduces who it is about; later sentences name them in full, by the family name or by a pronoun. Each mention
is replaced by `@`, and what is left is looked up among the sentence patterns. A sentence whose mention fits nobody, or
two people, is passed over: a fact of the wrong person is worse than none.
"""

import collections
import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator

from jaxlm.crawl.microweb.templates import others, people

WORD = r"[A-Z][\w'’-]*\w"
NAME = rf"{WORD}(?: {WORD}){{0,2}}"
SENTENCE = re.compile(r"(?<=[.!?])\s+")
POSSESSIVE = re.compile(r"\b(?:His|Her|his|her)\b")
PRONOUN = re.compile(r"\b(?:He|She|It|he|she|it)\b")
PRONOUNS = ("he", "she", "it")
LONGEST_VALUE = 4  # words
SLOT = re.compile(r"\{(\w)\}")


@dataclasses.dataclass(frozen=True)
class Fact:
    """What a page says: `attribute` of `entity`, which is of `type` (person, place, ...), is `value`.

    `passage` is the paragraph that says it, begun by the introduction where it does not hold the entity's name.
    """

    entity: str
    type: str
    attribute: str
    value: str
    passage: str


@dataclasses.dataclass(frozen=True)
class Pattern:
    """A sentence with the mention written `@`, cut where the value stands."""

    before: str
    after: str
    type: str
    attribute: str


def facts(text: str) -> list[Fact]:
    """Returns the facts that a page states in known sentences; none for a page that introduces nobody."""
    introduced: list[str] = []
    found: dict[str, list[tuple[Pattern, str, str]]] = {}
    opening = ""
    for paragraph in text.splitlines():
        if paragraph.startswith(("Q: ", "A: ")):
            continue
        current = introduced[0] if len(introduced) == 1 else None
        for sentence in _sentences(paragraph):
            if name := _introduction(sentence):
                introduced += [name] if name not in introduced else []
                current = name
                opening = opening or sentence
                continue
            current, mentioned = _mention(sentence, introduced, current)
            if current and mentioned:
                passage = paragraph if current in paragraph else f"{opening} {paragraph}"
                found.setdefault(current, []).extend((p, value, passage) for p, value in _matches(mentioned))
    return [fact for name, matches in found.items() for fact in _of_one_type(name, matches)]


def asked(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields (name or pronoun, type, attribute) of each question in a text that is of a known form."""
    expression, meanings = _questions()
    for match in expression.finditer(text):
        yield match[match.lastindex], *meanings[match.lastindex - 1]


def asked_about(messages: Iterable[dict]) -> list[tuple[str, str]]:
    """Returns the (name, attribute) that the user's messages ask for; a pronoun means who was named before it."""
    found, name = [], ""
    for message in messages:
        if message["role"] == "user" and isinstance(message.get("content"), str):
            for who, _, attribute in asked(message["content"]):
                name = name if who in PRONOUNS else who
                found.append((name, attribute))
    return found


def question_forms(kind: str, attribute: str) -> tuple[str, ...]:
    """Returns the question templates, with the slot {x}, that training may use."""
    return people.QUESTIONS[attribute] if kind == "person" else others.QUESTIONS[kind][attribute]


def statement(fact: Fact) -> str:
    """Returns the fact as the full sentence that conversations answer with."""
    if fact.type == "person":
        return people.ANSWERS[fact.attribute].format(x=fact.entity, v=fact.value)
    return others.TRAIN[fact.type][fact.attribute][0].format(S=fact.entity, s=fact.entity, v=fact.value)


def _sentences(paragraph: str) -> list[str]:
    for opening in people.RESTATEMENTS:
        paragraph = paragraph.removeprefix(f"{opening} ")
    return SENTENCE.split(paragraph)


def _introduction(sentence: str) -> str:
    """The name that the sentence introduces, if it is an introduction."""
    match = _introductions().fullmatch(sentence)
    return match[match.lastindex] if match else ""


def _mention(sentence: str, introduced: list[str], current: str | None) -> tuple[str | None, str]:
    """Who a sentence is about, and the sentence with `@` (possessive `@'s`) in place of the first mention."""
    families = collections.Counter(name.split()[-1] for name in introduced)
    for name in introduced:
        if marked := _marked(sentence, name):
            return name, marked
    for name in introduced:
        family = name.split()[-1]
        if marked := _marked(sentence, family):
            return (name, marked) if families[family] == 1 else (None, "")
    if current is None:
        return None, ""
    mentioned, count = PRONOUN.subn("@", sentence, count=1)
    if not count:
        mentioned, count = POSSESSIVE.subn("@'s", sentence, count=1)
    return current, mentioned if count else ""


def _marked(sentence: str, name: str) -> str:
    """The sentence with `@` for the first place of the name; "" where it does not stand as whole words."""
    before, found, after = sentence.partition(name)
    inside = before[-1:].isalnum() or after[:1].isalnum()
    return f"{before}@{after}" if found and not inside else ""


def _matches(sentence: str) -> list[tuple[Pattern, str]]:
    """The patterns that the sentence fits, with its value; only those with the most words of their own."""
    heads, tails = _patterns()
    fitting = []
    for pattern in [*heads.get(_head(sentence), ()), *tails]:
        if sentence.startswith(pattern.before) and sentence.endswith(pattern.after):
            value = sentence[len(pattern.before) : len(sentence) - len(pattern.after)]
            if value and "@" not in value and len(value.split()) <= LONGEST_VALUE:
                fitting.append((pattern, value))
    most = max((len(p.before) + len(p.after) for p, _ in fitting), default=0)
    return [(p, value) for p, value in fitting if len(p.before) + len(p.after) == most]


def _of_one_type(name: str, matches: list[tuple[Pattern, str, str]]) -> Iterator[Fact]:
    """The matches of the type that explains most sentences (`was founded in` alone could be a town or a firm)."""
    counts = collections.Counter(pattern.type for pattern, _, _ in matches)
    best = [kind for kind, count in counts.items() if count == max(counts.values())]
    if len(best) == 1:
        for pattern, value, passage in matches:
            if pattern.type == best[0]:
                yield Fact(name, pattern.type, pattern.attribute, value, passage)


def _head(text: str) -> tuple[str, ...]:
    return tuple(text.split(maxsplit=2)[:2])


@functools.cache
def _patterns() -> tuple[dict[tuple[str, ...], list[Pattern]], list[Pattern]]:
    """All sentence patterns by their first two words, and those that begin with the value."""
    heads: dict[tuple[str, ...], list[Pattern]] = {}
    tails = []
    for kind, attributes in {"person": people.TRAIN, **others.TRAIN}.items():
        for attribute, sentences in attributes.items():
            for sentence in sentences:
                marked = re.sub(r"\{[Pp]\}", "@'s", re.sub(r"\{[NnSs]\}", "@", sentence))
                before, _, after = marked.partition("{v}")
                pattern = Pattern(before, after, kind, attribute)
                if before:
                    heads.setdefault(_head(before), []).append(pattern)
                else:
                    tails.append(pattern)
    return heads, tails


@functools.cache
def _introductions() -> re.Pattern:
    """One expression for all introductions, of their first sentences; the group that matches is the name."""
    templates = dict.fromkeys([*people.INTROS, *others.INTROS])
    slots = {"x": f"({NAME})"}
    return re.compile("|".join(_expression(SENTENCE.split(template)[0], slots, r"\w+") for template in templates))


@functools.cache
def _questions() -> tuple[re.Pattern, list[tuple[str, str]]]:
    """One expression for all question forms, and what its groups (the entity) are asked for."""
    forms = {
        form: (kind, attribute)
        for kind, attributes in {"person": people.QUESTIONS, **others.QUESTIONS}.items()
        for attribute, templates in attributes.items()
        for form in templates
    }
    slots = {"x": f"({NAME}|{'|'.join(PRONOUNS)})"}
    parts = [f"[{form[0]}{form[0].lower()}]" + _expression(form[1:], slots, r"\w+") for form in forms]
    return re.compile("|".join(parts)), list(forms.values())


def _expression(template: str, slots: dict[str, str], otherwise: str) -> str:
    """A regular expression for a template whose slots stand for the given expressions."""
    parts = SLOT.split(template)
    return "".join(slots.get(part, otherwise) if i % 2 else re.escape(part) for i, part in enumerate(parts))
