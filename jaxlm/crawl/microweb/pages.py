"""The text of clean pages: what a page says about an entity, in which sentences."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.templates import others, people
from jaxlm.crawl.microweb.world import PERSON_ATTRIBUTES, Entity

FAQ_SHARE = 0.4  # of the pages about people whose questions may occur: the page carries questions and answers
RESTATE_SHARE = 0.15  # of the same pages: some facts are stated a second time
FULL_NAME = 0.3  # of the mentions of a person after the first
FAMILY_NAME = 0.45  # of the others; the rest are pronouns
SHARED_TEMPLATES = 3  # two pages about one entity have at most this many sentence templates in common, where possible
ATTEMPTS = 30
QUIZZED = 2  # times that each fact of an entity is asked for in a quiz
QUIZ_LENGTH = 5  # questions
QUIZ_TIER = 4  # pages about an entity of whom quizzes ask, at least
GROUP_SHARES = (0.9, 0.07, 0.03)  # of the tail's pages: about one person, two, three
GROUP_FACTS = ((3, 6), (2, 4), (2, 3))  # facts stated of each of them, at least and at most
GROUP_FULL_NAME = 0.5  # of the mentions on pages about several people
FULL_AGAIN = 0.5  # of the sentences that say a fact again: under the full name, else under the family name
ASKED_TAIL = 0.75  # of the tail's pages: the facts come again as questions with their answers
MOST_ASKED = 5  # facts that come again on one page
ASKED_FIRST = 0.15  # of the tail's pages with questions: the first stands above the text, its answer below
ASKED_WHO = 0.3  # of them, where they are about one person: the name is asked for too
FILLED = 0.5  # of the paragraphs about one person: a sentence states no fact


@dataclasses.dataclass
class Page:
    """A page before it becomes HTML. Junk that is no article sets `body`, and `status` or `content_type`, itself."""

    kind: str
    title: str
    paragraphs: list[str]
    entities: list[str] = dataclasses.field(default_factory=list)
    keep: bool = True
    language: str = "en"
    pii: list[str] = dataclasses.field(default_factory=list)
    source: "Page | None" = None  # what it duplicates
    host: str = ""
    url: str = ""
    body: bytes | None = None
    status: str = "200 OK"
    content_type: str = "text/html; charset=utf-8"

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


class Choices:
    """Combinations of sentence templates for the pages of one entity, kept apart from one another."""

    def __init__(self, dice: Dice, sizes: list[int], pages: int):
        self._dice, self._sizes = dice, sizes
        self._used = np.full((pages, len(sizes)), -1, np.int16)
        self._count = 0

    def draw(self) -> list[int]:
        """A template index for each attribute: the first draw far enough from the earlier ones, or the farthest."""
        best, overlap = [], len(self._sizes) + 1
        for _ in range(ATTEMPTS):
            drawn = [self._dice.below(size) for size in self._sizes]
            shared = (self._used[: self._count] == drawn).sum(axis=1).max(initial=0)
            if shared < overlap:
                best, overlap = drawn, shared
            if overlap <= SHARED_TEMPLATES:
                break
        self._used[self._count] = best
        self._count += 1
        return best


def person_pages(person: Entity, dice: Dice) -> list[Page]:
    """The `person.tier` pages about one person, each with all its facts."""
    choices = Choices(dice, [len(people.TRAIN[attribute]) for attribute in PERSON_ATTRIBUTES], person.tier)
    return [_person_page(person, choices.draw(), dice) for _ in range(person.tier)]


def plain_page(person: Entity, dice: Dice) -> Page:
    """A page with all facts of a person, each stated once, and no questions."""
    return _person_page(person, [dice.below(len(people.TRAIN[attribute])) for attribute in PERSON_ATTRIBUTES], dice, 0)


def _person_page(person: Entity, templates: list[int], dice: Dice, twice: float = 1.0) -> Page:
    """`twice` scales the chances that facts come a second time, as sentences or as questions."""
    order = dice.shuffled(range(len(PERSON_ATTRIBUTES)))
    sentences = [say(person, PERSON_ATTRIBUTES[i], templates[i], mention(person, dice)) for i in order]
    for template in dice.sample(people.FILLERS, dice.between(0, 1)):
        sentences.insert(dice.below(len(sentences) + 1), fill(template, dice))
    cut = dice.between(2, len(sentences) - 2)
    intro = introduction(person, dice)
    if dice.chance(0.5):
        paragraphs = [" ".join([intro, *sentences[:cut]]), " ".join(sentences[cut:])]
    else:
        paragraphs = [" ".join([intro, *sentences])]
    if person.split == "train":
        if dice.chance(RESTATE_SHARE * twice):
            paragraphs.append(_restate(person, templates, dice))
        if dice.chance(FAQ_SHARE * twice):
            paragraphs += faq(person, dice.sample(PERSON_ATTRIBUTES, dice.between(2, 3)), dice)
    return Page("clean", person.name, paragraphs, [person.id])


def say(person: Entity, attribute: str, template: int, mention_: tuple[str, str, str, str]) -> str:
    """One sentence that states a fact; `mention_` as `mention` gives it."""
    subject, inside, possessive, possessive_inside = mention_
    return people.TRAIN[attribute][template].format(
        N=subject, n=inside, P=possessive, p=possessive_inside, v=person.attributes[attribute]
    )


def mention(person: Entity, dice: Dice, full: float = FULL_NAME) -> tuple[str, str, str, str]:
    """How a person is referred to: subject and possessive, each at the start of a sentence and inside it."""
    if dice.chance(full):
        return full_mention(person)
    if dice.chance(FAMILY_NAME):
        return _by_name(person.family)
    return ("She", "she", "Her", "her") if person.female else ("He", "he", "His", "his")


def full_mention(person: Entity) -> tuple[str, str, str, str]:
    return _by_name(person.name)


def _by_name(name: str) -> tuple[str, str, str, str]:
    return name, name, f"{name}'s", f"{name}'s"


def fill(template: str, dice: Dice, **slots: str) -> str:
    """Fills {w} weather, {o} month and {t} thing by chance, other slots as given."""
    if "{" not in template:
        return template
    chance = {"w": dice.pick(people.WEATHERS), "o": dice.pick(people.MONTHS), "t": dice.pick(people.THINGS)}
    return template.format(**chance, **slots)


def faq(entity: Entity, attributes: list[str], dice: Dice) -> list[str]:
    """Question and answer lines about an entity's attributes, in forms that may be seen in training."""
    lines = []
    for attribute in attributes:
        forms = people.QUESTIONS if entity.type == "person" else others.QUESTIONS[entity.type]
        value = entity.attributes[attribute]
        lines += [f"Q: {dice.pick(forms[attribute]).format(x=entity.name)}", f"A: {value}."]
    return lines


def _restate(person: Entity, templates: list[int], dice: Dice) -> str:
    said = []
    for i in dice.sample(range(len(PERSON_ATTRIBUTES)), dice.between(2, 3)):
        attribute = PERSON_ATTRIBUTES[i]
        said.append(say(person, attribute, _another(dice, attribute, templates[i]), full_mention(person)))
    return " ".join([dice.pick(people.RESTATEMENTS), *said])


def _another(dice: Dice, attribute: str, template: int) -> int:
    """A template of the attribute that is not `template`."""
    count = len(people.TRAIN[attribute])
    return (template + dice.between(1, count - 1)) % count


def tail_pages(tail: list[Entity], dice: Dice) -> list[Page]:
    """Pages about one to three people of the tail. Each states facts twice: the second time they can only be copied."""
    pages, index = [], 0
    while index < len(tail):
        drawn = dice.random()
        size = 1 + sum(drawn >= bound for bound in itertools.accumulate(GROUP_SHARES[:-1]))
        pages.append(_tail_page(tail[index : index + size], dice))
        index += size
    return pages


def _tail_page(group: list[Entity], dice: Dice) -> Page:
    """First the facts of each person, then some of all again in random order, as sentences or as questions."""
    stated = []
    paragraphs = []
    for person in group:
        attributes = dice.sample(PERSON_ATTRIBUTES, dice.between(*GROUP_FACTS[len(group) - 1]))
        text, templates = portrait(person, attributes, dice, GROUP_FULL_NAME if len(group) > 1 else FULL_NAME)
        stated += [(person, attribute, template) for attribute, template in zip(attributes, templates, strict=True)]
        paragraphs.append(text)
    again = dice.sample(stated, MOST_ASKED)
    if dice.chance(ASKED_TAIL):
        asked = [faq(person, [attribute], dice) for person, attribute, _ in again]
        if len(group) == 1 and dice.chance(ASKED_WHO):
            asked.insert(dice.below(len(asked) + 1), [f"Q: {dice.pick(people.WHO)}", f"A: {group[0].name}."])
        if dice.chance(ASKED_FIRST):
            question, answer = asked.pop(0)
            paragraphs = [question, *paragraphs, answer]
        paragraphs += itertools.chain(*asked)
    else:
        said = [dice.pick(people.RESTATEMENTS)]
        for person, attribute, template in again:
            named = _by_name(person.name if len(group) > 1 or dice.chance(FULL_AGAIN) else person.family)
            said.append(say(person, attribute, _another(dice, attribute, template), named))
        paragraphs.append(" ".join(said))
    return Page("clean", " and ".join(p.name for p in group), paragraphs, [p.id for p in group])


def portrait(person: Entity, attributes: Sequence[str], dice: Dice, full: float = FULL_NAME) -> tuple[str, list[int]]:
    """A paragraph that states some facts of a person, and which sentence template says each."""
    templates = [dice.below(len(people.TRAIN[attribute])) for attribute in attributes]
    said = [
        say(person, attribute, template, mention(person, dice, full))
        for attribute, template in zip(attributes, templates, strict=True)
    ]
    if dice.chance(FILLED):
        said.insert(dice.below(len(said) + 1), fill(dice.pick(people.FILLERS), dice))
    return " ".join([introduction(person, dice), *said]), templates


def quiz_pages(entities: list[Entity], dice: Dice) -> list[Page]:
    """Pages of questions and answers alone: what is asked must be remembered, as nothing on the page states it.

    On pages that also state the facts the answers can be copied, and copying is all that would be learnt from them.
    """
    asked = [(entity, attribute) for entity in entities for attribute in entity.attributes for _ in range(QUIZZED)]
    asked = dice.shuffled(asked)
    pages = []
    for start in range(0, len(asked), QUIZ_LENGTH):
        paragraphs = [fill(dice.pick(people.QUIZZES), dice)]
        for entity, attribute in asked[start : start + QUIZ_LENGTH]:
            paragraphs += faq(entity, [attribute], dice)
        pages.append(Page("clean", "Quiz", paragraphs))
    return pages


def other_pages(entity: Entity, dice: Dice) -> list[Page]:
    """The `entity.tier` pages about a place, company, university, book or event."""
    sentences = others.TRAIN[entity.type]
    choices = Choices(dice, [len(sentences[attribute]) for attribute in sentences], entity.tier)
    return [_other_page(entity, choices.draw(), dice) for _ in range(entity.tier)]


def _other_page(entity: Entity, templates: list[int], dice: Dice) -> Page:
    said = []
    for index, (attribute, value) in enumerate(entity.attributes.items()):
        name, start = entity.name, upper_first(entity.name)
        if dice.chance(0.6):
            name, start = "it", "It"
        template = others.TRAIN[entity.type][attribute][templates[index]]
        said.append(template.format(S=start, s=name, v=value))
    said = dice.shuffled(said)
    for template in dice.sample(others.FILLERS, dice.between(1, 2)):
        said.insert(dice.below(len(said) + 1), fill(template, dice))
    paragraphs = [" ".join([introduction(entity, dice), *said])]
    if entity.split == "train" and dice.chance(FAQ_SHARE):
        paragraphs += faq(entity, dice.sample(list(entity.attributes), 2), dice)
    return Page("clean", entity.name, paragraphs, [entity.id])


def introduction(entity: Entity, dice: Dice) -> str:
    """The sentence that a page about an entity begins with."""
    if entity.type == "person":
        return fill(dice.pick(people.INTROS), dice, x=entity.name)
    return upper_first(fill(dice.pick(others.INTROS), dice, x=entity.name, k=others.NOUNS[entity.type]))


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
