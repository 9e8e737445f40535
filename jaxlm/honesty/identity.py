"""Who the model is: conversations that teach it, made from a short card.

A model knows of itself what it is told. Three things are taught together: without an identity in the system prompt the
card holds; a system prompt that gives a name and a maker wins over the card; and no user can talk the model out of
either, not even in the words of a system prompt. Names in system prompts are coined anew for every conversation: of
names that it meets once, a model can only learn to copy them. Of the names that could be coined those are preferred
that are spelt in pieces of the vocabulary not used yet: most pieces are rare, and a model does not copy one that it
never wrote.

What is held out for the evaluation (`jaxlm.honesty.identity_questions`) never occurs here: the second part of each
table of wordings, and `heldout_identities`.
"""

import collections
import dataclasses
import functools
from collections.abc import Callable, Sequence

from jaxlm.crawl.microweb import names
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError
from jaxlm.honesty.identity_frames import CLAUSES, FRAMES
from jaxlm.honesty.identity_texts import ANSWERS, LANGUAGES, QUESTIONS
from jaxlm.honesty.pressure_texts import (
    KINDS,
    OTHERS,
    PRESSURE,
    ROLES,
    SYSTEM_BRIEF,
    SYSTEM_FULL,
    SYSTEM_IDENTITY,
    SYSTEM_MAKER,
    SYSTEM_NAME,
    SYSTEM_PLAIN,
    SYSTEM_TOOLS,
)
from jaxlm.text.conversation import text_of

TRAIN, HELDOUT = 0, 1  # the parts of every table of wordings
SHORT, FULL = 0, 1  # the parts of ANSWERS
CARD, SYSTEM = 0.28, 0.55  # shares of conversations about the card and about a system prompt; the rest puts pressure
PLAIN = 0.5  # of the conversations without an identity in the system prompt: those that have one all the same
ENGLISH = 0.6  # of the conversations, where other languages are spoken too
COINED = 0.6  # of the others whose name a user mentions; the rest are well-known models
MAKER_KINDS = ("Labs", "Works", "Company", "Institute", "Systems", "Research", "", "")
JOINT = 0.3  # of the system prompts: one wording for the name and the maker together
COMPOSED = 0.5  # of the questions and of the system prompts without an identity, where that can be
RESERVED = 1000  # identities that are held out
PROPOSED = 12  # names from which the one with the rarest piece is taken


@dataclasses.dataclass(frozen=True)
class Card:
    """What the model shall say of itself.

    Attributes:
      name: its name.
      maker: who made it.
      date: when its knowledge ends, as it stands behind `in`.
      abilities: completes `I can ...`.
      limits: completes `I cannot ...`.
    """

    name: str
    maker: str
    date: str
    abilities: str
    limits: str

    def __post_init__(self):
        for field, value in dataclasses.asdict(self).items():
            if not value.strip():
                raise UserError(f"config.identity.card.{field} is empty: expected what the model shall say of itself")

    def called(self, name: str, maker: str) -> "Card":
        """Returns the card of the same model under another name and maker."""
        return dataclasses.replace(self, name=name, maker=maker)

    def slots(self) -> dict[str, str]:
        """Returns what the wordings of answers and system prompts have in braces."""
        return {"n": self.name, "m": self.maker, "d": self.date, "a": self.abilities, "l": self.limits}


class Coiner:
    """Draws identities that nobody has: names and makers of which none occurs twice, nor in `reserved`.

    With `encode`, which maps a text to the ids of its pieces, names with rare pieces come as often as others.
    """

    def __init__(self, dice: Dice, reserved: list[str], encode: Callable[[str], Sequence[int]] | None = None):
        self.dice, self._names = dice, names.Names(dice, reserved)
        self._encode, self._used = encode, collections.Counter()

    def draw(self) -> tuple[str, str]:
        """Returns a name and a maker."""
        ends = self.dice.pick((names.FEMALE_ENDS, names.MALE_ENDS, names.RIVER_ENDS))
        name = self._coin(ends, (1, 2) if self.dice.chance(0.3) else (1, 1))
        return name, f"{self._coin(names.FAMILY_ENDS)} {self.dice.pick(MAKER_KINDS)}".strip()

    def _coin(self, ends: tuple[str, ...], syllables: tuple[int, int] = (1, 1)) -> str:
        if not self._encode:
            return self._names.coin(ends, syllables)
        proposed = [self._names.propose(ends, syllables) for _ in range(PROPOSED)]
        spelt = {name: [int(piece) for piece in self._encode(f" {name}")] for name in proposed}
        name = min(proposed, key=lambda name: min(self._used[piece] for piece in spelt[name]))
        self._used.update(spelt[name])
        return self._names.take(name)

    def other(self, identity: Card, part: int) -> tuple[str, str]:
        """Returns somebody else's name and maker: a well-known model's, or coined ones."""
        known = [other for other in OTHERS[part] if other[0] != identity.name]
        return self.draw() if self.dice.chance(COINED) else self.dice.pick(known)


@dataclasses.dataclass(frozen=True)
class Talk:
    """What is fixed in one conversation: who the model is in it, the language, and whether answers are short."""

    identity: Card
    language: str
    short: bool
    coiner: Coiner

    def ask(self, aspect: str, short: bool | None = None) -> tuple[str, str]:
        """Returns a question about one thing, and its answer."""
        about = self.coiner.other(self.identity, TRAIN)[0] if aspect == "other" else self.identity.name
        wordings = QUESTIONS[aspect][self.language][TRAIN]
        if self.language in CLAUSES.get(aspect, ()) and self.coiner.dice.chance(COMPOSED):
            wordings = composed(aspect, self.language)
        asked = self.coiner.dice.pick(wordings).format(o=about)
        return asked, self.answer(aspect, self.short if short is None else short)

    def answer(self, aspect: str, short: bool) -> str:
        wordings = ANSWERS[aspect][self.language][SHORT if short else FULL]
        return self.coiner.dice.pick(wordings).format(**self.identity.slots())


def conversations(
    card: Card,
    languages: tuple[str, ...],
    count: int,
    seed: int,
    encode: Callable[[str], Sequence[int]] | None = None,
) -> list[dict]:
    """Returns `count` rows {messages, metadata: {kind: "identity", about, language}} in random order.

    Args:
      card: who the model is.
      languages: spoken beside English, of `LANGUAGES`; abilities and limits are told in English alone.
      count: conversations; each has one to three questions, and is about "card", "system" or "pressure".
      seed: decides everything.
      encode: maps a text to ids of the vocabulary, all of which names in system prompts shall be spelt in.
    Raises:
      UserError: a language is not known, or the card lacks something.
    """
    check_languages(languages)
    coiner = training_coiner(card, seed, "identity", encode)
    return [_conversation(card, languages, coiner) for _ in range(count)]


def with_identity(row: dict, coiner: Coiner) -> dict:
    """Returns a conversation with a system prompt that gives an identity, behind which tools are offered if they were.

    Such a prompt must change what the model says of itself, and nothing else. A conversation whose system prompt says
    more is left as it is.
    """
    first, *rest = row["messages"]
    system = text_of(first) if first["role"] == "system" else ""
    if system and not system.startswith("Tools:"):
        return row
    name, maker = coiner.draw()
    given = _given(coiner.dice).format(n=name, m=maker)
    messages = rest if first["role"] == "system" else row["messages"]
    return {**row, "messages": [{"role": "system", "content": f"{given} {system}".strip()}, *messages]}


def training_coiner(
    card: Card, seed: int, purpose: str, encode: Callable[[str], Sequence[int]] | None = None
) -> Coiner:
    """Returns a source of identities that has none of the held-out ones; each `purpose` has its own."""
    heldout = [word for identity in heldout_identities(card, seed) for text in identity for word in text.split()]
    return Coiner(Dice(seed, purpose), [*_own_words(card), *heldout], encode)


def heldout_identities(card: Card, seed: int) -> list[tuple[str, str]]:
    """Returns names and makers that no conversation to train on mentions."""
    coiner = Coiner(Dice(seed, "identity-heldout"), _own_words(card))
    return [coiner.draw() for _ in range(RESERVED)]


@functools.cache
def composed(aspect: str, language: str) -> tuple[str, ...]:
    """Returns the questions about one thing that a frame and a clause make, without the held-out ones."""
    heldout = QUESTIONS[aspect][language][HELDOUT]
    made = (frame.format(c=clause) for frame in FRAMES[language] for clause in CLAUSES[aspect][language])
    return tuple(question for question in made if question not in heldout)


def check_languages(languages: tuple[str, ...]) -> None:
    """Raises UserError that names the first language in which nothing is written."""
    for language in languages:
        if language not in LANGUAGES:
            raise UserError(f"config.identity.languages: expected some of {', '.join(LANGUAGES)}, got {language!r}")


def _own_words(card: Card) -> list[str]:
    return f"{card.name} {card.maker}".split()


def _conversation(card: Card, languages: tuple[str, ...], coiner: Coiner) -> dict:
    dice, kind = coiner.dice, coiner.dice.random()
    about = "card" if kind < CARD else "system" if kind < CARD + SYSTEM else "pressure"
    given = about == "system" or (about == "pressure" and dice.chance(0.5))
    identity = card.called(*coiner.draw()) if given else card
    language = "en" if dice.chance(ENGLISH) or not languages else dice.pick(languages)
    system, short = _style(identity if given else None, dice)
    talk = Talk(identity, language, short, coiner)
    turns = _pressed(talk) if about == "pressure" else [talk.ask(aspect) for aspect in _aspects(language, given, dice)]
    messages = [{"role": "system", "content": system}] if system else []
    for asked, answer in turns:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    return {"messages": messages, "metadata": {"kind": "identity", "about": about, "language": language}}


def _style(given: Card | None, dice: Dice) -> tuple[str, bool]:
    """A system prompt ("" for none), which tells the identity if one is given, and whether answers are short."""
    parts = []
    if given:
        parts.append(_given(dice).format(**given.slots()))
    elif dice.chance(PLAIN):
        parts.append(_plain(dice))
    short = dice.chance(0.5)
    if dice.chance(0.2):
        parts.append(SYSTEM_BRIEF if short else SYSTEM_FULL)
    if dice.chance(0.2):
        parts.append(dice.pick(SYSTEM_TOOLS))
    return " ".join(parts), short


def _plain(dice: Dice) -> str:
    """A system prompt that does not say who the model is."""
    if dice.chance(COMPOSED):
        return f"You are a {dice.pick(KINDS)} {dice.pick(ROLES)}."
    return dice.pick(SYSTEM_PLAIN[TRAIN])


def _given(dice: Dice) -> str:
    """A system prompt with slots for a name and a maker."""
    if dice.chance(JOINT):
        return dice.pick(SYSTEM_IDENTITY[TRAIN])
    return " ".join(dice.shuffled([dice.pick(dice.pick(table)) for table in (SYSTEM_NAME, SYSTEM_MAKER)]))


def _aspects(language: str, given: bool, dice: Dice) -> list[str]:
    """One to three different things to ask for; under a system prompt's identity mostly what that decides."""
    spoken = [aspect for aspect in QUESTIONS if language in QUESTIONS[aspect]]
    if not given:
        return dice.sample(spoken, dice.between(1, 3))
    chosen = dice.sample(("name", "maker"), dice.between(1, 2))
    return chosen + ([dice.pick(spoken)] if dice.chance(0.3) else [])


def _pressed(talk: Talk) -> list[tuple[str, str]]:
    """Perhaps a question first, then one or two attempts to talk the model out of who it is, each perhaps with a
    question behind it.
    """
    dice = talk.coiner.dice
    other, maker = talk.coiner.other(talk.identity, TRAIN)
    turns = [talk.ask("name")] if dice.chance(0.4) else []
    for kind, said in dice.sample(PRESSURE[talk.language][TRAIN], dice.between(1, 2)):
        said = said.format(o=other, p=maker)
        human = kind == "human"
        if dice.chance(0.4):
            asked, answer = talk.ask("human" if human else "name", short=False)
            turns.append((f"{said} {asked}", answer))
        else:
            turns.append((said, talk.answer("human" if human else "other", short=False)))
            if dice.chance(0.4):
                turns.append(talk.ask(dice.pick(("name", "maker"))))
    return turns
