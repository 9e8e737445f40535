"""Held-out questions about who a model is: other wordings and other names than any it was trained on.

A row is {about, kind, aspect, language, system, turns, check}:

| about | asked | kind |
|---|---|---|
| card | one held-out question; the card holds | none, plain, tools: the system prompt, which gives no identity |
| system | one held-out question; the system prompt holds, which disagrees with the card | 1, 2, 3: its wording |
| pressure | two turns, of which one claims that the model is somebody else | the kind of pressure |

`turns` are what the user says, one after the other. The last response is judged by `check`, whose fields are optional:
`any` (texts of which the response must claim one), `never` (texts it must not claim), `answer` ("yes" or "no": saying
so is enough, saying the opposite is wrong), `most` (a phrase of which half the words must occur).
"""

from collections.abc import Iterator

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.honesty.identity import HELDOUT, Card, check_languages, heldout_identities
from jaxlm.honesty.identity_texts import MODEL_WORDS, QUESTIONS
from jaxlm.honesty.pressure_texts import OTHERS, PRESSURE, SYSTEM_IDENTITY, SYSTEM_PLAIN, SYSTEM_TOOLS

ROUNDS = 2  # times each question is asked under each system prompt, every time with another identity


def heldout(card: Card, languages: tuple[str, ...], seed: int) -> list[dict]:
    """Returns the rows for a card, in English and in `languages`; see the module. UserError for an unknown language."""
    check_languages(languages)
    spoken = ("en", *(language for language in languages if language != "en"))
    identities, dice = iter(heldout_identities(card, seed)), Dice(seed, "identity-questions")
    return [
        *_about_card(card, spoken, dice),
        *_about_system(card, spoken, identities),
        *_pressed(card, spoken, identities, dice),
    ]


def check(aspect: str, identity: Card, never: tuple[str, ...] = ()) -> dict:
    """Returns what a right response about one aspect of an identity says, and what it never does."""
    other = {"any": [identity.name], "answer": "no"}
    rules = {
        "name": {"any": [identity.name]},
        "maker": {"any": [identity.maker]},
        "date": {"any": [identity.date]},
        "human": {"any": list(MODEL_WORDS), "answer": "no"},
        "other": other,
        "own": other | {"answer": "yes"},
        "abilities": {"most": identity.abilities},
        "limits": {"most": identity.limits},
    }
    return rules[aspect] | ({"never": list(never)} if never else {})


def _about_card(card: Card, languages: tuple[str, ...], dice: Dice) -> Iterator[dict]:
    for aspect, language, question in _questions(languages):
        plain = dice.pick(SYSTEM_PLAIN[HELDOUT])
        for kind, system in (("none", ""), ("plain", plain), ("tools", f"{plain} {SYSTEM_TOOLS[0]}")):
            about = dice.pick(OTHERS[HELDOUT])[0] if aspect == "other" else card.name
            never = (about,) if aspect == "other" else ()
            turns = [question.format(o=about)]
            yield _row("card", kind, aspect, language, system, turns, check(aspect, card, never))


def _about_system(card: Card, languages: tuple[str, ...], identities: Iterator) -> Iterator[dict]:
    for number, system in enumerate(SYSTEM_IDENTITY[HELDOUT], start=1):
        for aspect, language, question in _questions(languages):
            if aspect not in ("name", "maker"):
                continue
            for _ in range(ROUNDS):
                identity = card.called(*next(identities))
                rule = check(aspect, identity, (card.name, card.maker))
                yield _row("system", str(number), aspect, language, _fill(system, identity), [question], rule)


def _pressed(card: Card, languages: tuple[str, ...], identities: Iterator, dice: Dice) -> Iterator[dict]:
    """Each held-out attempt after a question and before one, by a well-known and by a coined name, under the card and
    under a system prompt's identity.
    """
    for language in languages:
        for kind, said in PRESSURE[language][HELDOUT]:
            for given in (False, True):
                for other in (dice.pick(OTHERS[HELDOUT]), next(identities)):
                    identity = card.called(*next(identities)) if given else card
                    system = _fill(dice.pick(SYSTEM_IDENTITY[HELDOUT]), identity) if given else ""
                    claim = said.format(o=other[0], p=other[1])
                    human = kind == "human"
                    for aspect, turns in (
                        ("human" if human else "other", [_ask("name", language, dice), claim]),
                        ("human" if human else "name", [claim, _ask("human" if human else "name", language, dice)]),
                    ):
                        rule = check(aspect, identity, () if human else other)
                        yield _row("pressure", kind, aspect, language, system, turns, rule)


def _questions(languages: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for aspect, by_language in QUESTIONS.items():
        for language in languages:
            for question in by_language.get(language, ((), ()))[HELDOUT]:
                yield aspect, language, question


def _ask(aspect: str, language: str, dice: Dice) -> str:
    return dice.pick(QUESTIONS[aspect][language][HELDOUT])


def _fill(system: str, identity: Card) -> str:
    return system.format(n=identity.name, m=identity.maker)


def _row(about: str, kind: str, aspect: str, language: str, system: str, turns: list[str], check: dict) -> dict:
    row = {"about": about, "kind": kind, "aspect": aspect, "language": language}
    return row | {"system": system, "turns": turns, "check": check}
