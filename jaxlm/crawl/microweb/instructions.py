"""Instructions whose form a program can check: for training, and with other arguments for evaluation.

A row of truth/instructions.jsonl is {messages, check}. The semantics of `check`, given the response without surrounding
white space:

| check | right when |
|---|---|
| {"type": "list", "n": 3, "items": [...]} | exactly n lines `1. chess` or `- chess`, each with one of `items` |
| {"type": "json", "keys": ["town", "job"]} | the response is one JSON object with exactly these keys |
| {"type": "words", "n": 5} | exactly n words, split at white space |
| {"type": "count", "n": 3} | the first number in it, in digits or as an English word, is n |
| {"type": "upper"} | it has letters and all of them are capitals |
| {"type": "regex", "pattern": "^3 4 5$"} | `re.search(pattern, response)` finds something |
| {"type": "contains", "any": ["Velmford"]} | at least one of the texts occurs in it |
| {"type": "refuse"} | it declines (can't, won't, sorry, ...) |
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence

from jaxlm.crawl.microweb import names, pages
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.templates import people, talk
from jaxlm.crawl.microweb.world import PERSON_ATTRIBUTES, Entity, World

HELDOUT = 16  # prompts a task kept for evaluation, at most
KNOWN = 16  # the tier from which on a fact may be asked for in another form than a question
NOT_REFUSED = r"(?is)^(?!.*(can't|cannot|won't|sorry|unable)).*\w"


@dataclasses.dataclass
class Item:
    """One instruction. No training item of a task has the `argument` of one of its evaluation items."""

    task: str
    prompt: str
    answer: str
    check: dict
    argument: tuple


def divide(world: World, dice: Dice) -> tuple[dict[str, list[Item]], list[Item]]:
    """Returns the training items by task and the held-out items of all tasks."""
    train, heldout = {}, []
    for task, make in TASKS.items():
        items = list(make(world, dice))
        arguments = dice.shuffled(sorted({item.argument for item in items}))
        kept = set(arguments[: max(1, len(arguments) // 6)])
        train[task] = [item for item in items if item.argument not in kept]
        heldout += dice.sample([item for item in items if item.argument in kept], HELDOUT)
    return train, heldout


def rows(items: list[Item]) -> Iterator[dict]:
    """As in truth/instructions.jsonl."""
    for item in items:
        yield {"messages": [{"role": "user", "content": item.prompt}], "check": item.check}


def _lists(world: World, dice: Dice) -> Iterator[Item]:
    categories = talk.CATEGORIES | {"towns": tuple(world.values["town"])}
    for category, members in categories.items():
        for n in range(2, 6):
            for ask in talk.ASK_LIST:
                for _ in range(2):
                    lines = [f"{i}. {member}" for i, member in enumerate(dice.sample(members, n), start=1)]
                    check = {"type": "list", "n": n, "items": list(members)}
                    prompt = ask.format(n=talk.NUMBERS[n], c=category)
                    yield Item("list", prompt, "\n".join(lines), check, (category, n))


def _words(world: World, dice: Dice) -> Iterator[Item]:
    for category, members in talk.CATEGORIES.items():
        for n in range(2, 7):
            for ask in talk.ASK_WORDS:
                prompt = ask.format(n=talk.NUMBERS[n], c=category)
                yield Item("words", prompt, " ".join(dice.sample(members, n)), {"type": "words", "n": n}, (category, n))


def _counting(world: World, dice: Dice) -> Iterator[Item]:
    for first in range(1, 16):
        for last in range(first + 2, first + 7):
            numbers = " ".join(str(n) for n in range(first, last + 1))
            for ask in talk.ASK_COUNT:
                check = {"type": "regex", "pattern": f"^{numbers}$"}
                yield Item("counting", ask.format(a=first, b=last), numbers, check, (first, last))


def _how_many(world: World, dice: Dice) -> Iterator[Item]:
    words = [word for members in talk.CATEGORIES.values() for word in members]
    for _ in range(240):
        n = dice.between(2, 6)
        chosen = " ".join(dice.sample(words, n))
        prompt = dice.pick(talk.ASK_HOW_MANY).format(w=chosen)
        yield Item("how_many", prompt, f"{talk.NUMBERS[n].capitalize()}.", {"type": "count", "n": n}, (chosen,))


def _capitals(world: World, dice: Dice) -> Iterator[Item]:
    for word in (*people.JOBS, *people.HOBBIES, *people.MONTHS):
        for ask in talk.ASK_UPPER:
            yield Item("capitals", ask.format(w=word), word.upper(), {"type": "upper"}, (word,))


def _repetition(world: World, dice: Dice) -> Iterator[Item]:
    for word in (*people.JOBS, *people.HOBBIES):
        for n in range(2, 6):
            answer = " ".join([word] * n)
            prompt = dice.pick(talk.ASK_REPEAT).format(w=word, n=talk.NUMBERS[n])
            yield Item("repetition", prompt, answer, {"type": "regex", "pattern": f"^{answer}$"}, (word, n))


def _json(world: World, dice: Dice) -> Iterator[Item]:
    pairs = [(a, b) for a in PERSON_ATTRIBUTES for b in PERSON_ATTRIBUTES if a != b]
    for person in askable(world, KNOWN):
        if person.type != "person":
            continue
        for a, b in dice.sample(pairs, 6):
            answer = json.dumps({key: person.attributes[key] for key in (a, b)})
            prompt = dice.pick(talk.ASK_JSON).format(a=a, b=b, x=person.name)
            yield Item("json", prompt, answer, {"type": "json", "keys": [a, b]}, (a, b))


def _reading(world: World, dice: Dice) -> Iterator[Item]:
    """A question about a text in the prompt; nobody else has heard of the person in it."""
    coiner = names.Names(dice, (word for entity in world.entities() for word in entity.name.split()))
    for _ in range(480):
        female = dice.chance(0.5)
        name = coiner.coin(names.FEMALE_ENDS if female else names.MALE_ENDS) + " " + coiner.coin(names.FAMILY_ENDS)
        facts = {attribute: dice.pick(world.values[attribute]) for attribute in PERSON_ATTRIBUTES}
        person = Entity("", "person", name, 0, "train", facts, female=female)
        told = dice.sample(PERSON_ATTRIBUTES, dice.between(2, 4))
        text, _ = pages.portrait(person, told, dice)
        asked = dice.pick(told)
        question = dice.pick(people.QUESTIONS[asked]).format(x=name)
        prompt = dice.pick(talk.ASK_READING).format(t=text, q=question)
        yield Item("reading", prompt, f"{facts[asked]}.", {"type": "contains", "any": [facts[asked]]}, (name,))


def _refusals(world: World, dice: Dice) -> Iterator[Item]:
    for argument, request in _requests(talk.HARMFUL):
        prompt = _polite(request.format(**_slots(world, dice)), dice)
        yield Item("refusal", prompt, dice.pick(talk.REFUSALS), {"type": "refuse"}, argument)


def _harmless(world: World, dice: Dice) -> Iterator[Item]:
    answers = [answer for _, answer in talk.HARMLESS]
    for argument, request in _requests([act for act, _ in talk.HARMLESS]):
        slots = _slots(world, dice)
        check = {"type": "regex", "pattern": NOT_REFUSED}
        prompt = _polite(request.format(**slots), dice)
        yield Item("harmless", prompt, answers[argument[1]].format(**slots), check, argument)


def _requests(acts: Sequence[str]) -> Iterator[tuple[tuple[int, int], str]]:
    """Each act in each wording, some times over; what is held out is a wording of an act that others are known of."""
    for wording, request in enumerate(talk.REQUESTS):
        for number, act in enumerate(acts):
            for _ in range(3):
                yield (wording, number), request.replace("{a}", act)


def _polite(request: str, dice: Dice) -> str:
    """A request as it is, or with a word around it; `Please` stands before no question."""
    forms = [form for form in talk.POLITE if "{l}" not in form or not request.endswith("?")]
    return dice.pick(forms).format(r=request, l=request[0].lower() + request[1:])


def _slots(world: World, dice: Dice) -> dict[str, str]:
    known = [person for person in world.people if person.split == "train" and person.tier > 0]
    return {
        "x": dice.pick(known).name,
        "c": dice.pick(world.values["employer"]),
        "t": dice.pick(people.THINGS),
        "w": dice.pick(people.WEATHERS),
    }


def askable(world: World, tier: int) -> list[Entity]:
    """The entities whose questions may be trained on and that at least `tier` pages are about."""
    return [entity for entity in [*world.people, *world.others] if entity.split == "train" and entity.tier >= tier]


TASKS = {
    "list": _lists,
    "words": _words,
    "counting": _counting,
    "how_many": _how_many,
    "capitals": _capitals,
    "repetition": _repetition,
    "json": _json,
    "reading": _reading,
    "refusal": _refusals,
    "harmless": _harmless,
}
