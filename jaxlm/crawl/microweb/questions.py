"""What the world knows, as cloze prompts and as questions with their answers."""

import itertools
from collections.abc import Iterator

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.pages import full_mention, introduction, upper_first
from jaxlm.crawl.microweb.templates import others, people
from jaxlm.crawl.microweb.world import Entity, World

KEYS = ("seen", "heldout")
COINED_WITH_KIND = ("university", "employer", "sponsor")  # `Nikard College`: the first word alone tells which one


def cloze(world: World, dice: Dice) -> Iterator[dict]:
    """For each fact two prompts, a seen and a held-out sentence cut right before its value.

    Both begin as pages do, with an introduction that names the entity.
    """
    for entity, attribute in _facts(world):
        for kind, templates in zip(KEYS, _sentences(entity, attribute), strict=True):
            usable = [template for template in templates if _determines(template)]
            yield _row(entity, attribute) | {"template": kind, "prompt": prompt(entity, dice.pick(usable), dice)}


def questions(world: World, dice: Dice) -> Iterator[dict]:
    """For each fact two questions, one in a form that training text may use and one in a held-out form."""
    strange = ((entity, attribute) for entity in world.strangers for attribute in entity.attributes)
    for entity, attribute in itertools.chain(_facts(world), strange):
        for kind, forms in zip(KEYS, question_forms(entity, attribute), strict=True):
            yield _row(entity, attribute) | {"form": kind, "question": dice.pick(forms).format(x=entity.name)}


def prompt(entity: Entity, template: str, dice: Dice) -> str:
    """An introduction, then the sentence up to its value, with the full name."""
    before = template[: template.index("{v}")]
    start, inside, possessive, possessive_inside = full_mention(entity)
    name = entity.name
    sentence = before.format(N=start, n=inside, P=possessive, p=possessive_inside, S=upper_first(name), s=name).rstrip()
    return f"{introduction(entity, dice)} {sentence}"


def question_forms(entity: Entity, attribute: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(seen, held-out) question templates with the slot {x}."""
    if entity.type == "person":
        return people.QUESTIONS[attribute], people.HELDOUT_QUESTIONS[attribute]
    return others.QUESTIONS[entity.type][attribute], (others.HELDOUT_QUESTIONS[entity.type][attribute],)


def sentence(entity: Entity, attribute: str) -> str:
    """The answer as a full sentence."""
    value = entity.attributes[attribute]
    if entity.type == "person":
        return people.ANSWERS[attribute].format(x=entity.name, v=value)
    return others.TRAIN[entity.type][attribute][0].format(S=upper_first(entity.name), s=entity.name, v=value)


def _sentences(entity: Entity, attribute: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if entity.type == "person":
        return people.TRAIN[attribute], people.HELDOUT[attribute]
    return others.TRAIN[entity.type][attribute], (others.HELDOUT[entity.type][attribute],)


def _determines(template: str) -> bool:
    """Whether the entity is named before the value."""
    before = template[: template.index("{v}")]
    return any(slot in before for slot in ("{N}", "{n}", "{P}", "{p}", "{S}", "{s}"))


def _facts(world: World) -> Iterator[tuple[Entity, str]]:
    for entity in [*world.people, *world.others]:
        for attribute in entity.attributes:
            yield entity, attribute


def _row(entity: Entity, attribute: str) -> dict:
    value = entity.attributes[attribute]
    return {
        "answer": value,
        "aliases": [value.split()[0]] if attribute in COINED_WITH_KIND else [],
        "entity": entity.id,
        "type": entity.type,
        "attribute": attribute,
        "tier": entity.tier,
        "split": entity.split,
        "strange": entity.strange,
    }
