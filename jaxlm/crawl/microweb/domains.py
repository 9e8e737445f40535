"""Fields of knowledge that the micro-web's pages never mention: a medicine and a law of the same world.

A model that has read the web is taught one of them afterwards, to see what it gains there and what it forgets
elsewhere. All names are coined and none of their words occurs in the web.
"""

import dataclasses
import types
from collections.abc import Iterable, Iterator

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.names import Names
from jaxlm.crawl.microweb.pages import upper_first
from jaxlm.crawl.microweb.templates import law, medicine

FIELDS = {"medicine": medicine, "law": law}
IT = 0.5  # of the mentions after the introduction: "it" in place of the name
FAQ_SHARE = 0.4  # of the documents about entities whose questions may occur: these end with questions and answers
SHORT = 0.65  # of the answers in conversations are the value alone, others a full sentence


@dataclasses.dataclass(frozen=True)
class Item:
    """Something that the field knows of."""

    id: str
    kind: str
    name: str
    split: str  # train: questions with answers about it occur in training text; test: never
    attributes: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Domain:
    """A field of knowledge.

    Attributes:
      documents: rows {id, text, entity}, each with all facts of one entity, in random order.
      conversations: rows {messages, metadata}: questions about entities of split train, in forms of training.
      questions: rows {question, form: seen | heldout, answer, aliases, entity, type, attribute, split}: for each fact
        one in a form of training and one in a form that occurs nowhere.
    """

    documents: list[dict]
    conversations: list[dict]
    questions: list[dict]


def make(field: str, seed: int, entities: int, documents: int, reserved: Iterable[str] = ()) -> Domain:
    """Draws a field of knowledge; the same arguments give the same one.

    Args:
      field: `medicine` or `law`.
      entities: of each of its two kinds; every other one is of split train.
      documents: about each entity.
      reserved: words (of the world's names) that no coined name may use.
    """
    templates = FIELDS[field]
    items = _items(templates, field, seed, entities, reserved)
    written = [
        {"id": f"{field}-{item.id}-{number:03d}", "text": text, "entity": item.id}
        for item in items
        for number, text in enumerate(_documents(item, templates, documents, Dice(seed, f"{field} {item.id}")))
    ]
    return Domain(
        documents=Dice(seed, f"{field} order").shuffled(written),
        conversations=Dice(seed, f"{field} talks").shuffled(_conversations(items, templates, seed, field)),
        questions=list(_questions(items, templates, Dice(seed, f"{field} questions"))),
    )


def _items(templates: types.ModuleType, field: str, seed: int, count: int, reserved: Iterable[str]) -> list[Item]:
    """Kinds in the order of NAMES: values of later ones may be names of earlier ones."""
    coiner, dice = Names(Dice(seed, f"{field} names"), reserved), Dice(seed, f"{field} facts")
    items: list[Item] = []
    for kind, (ends, words) in templates.NAMES.items():
        for number, name in enumerate(coiner.vocabulary(count, ends, words)):
            facts = {}
            for attribute, values in templates.VALUES[kind].items():
                known = values if isinstance(values, tuple) else [item.name for item in items if item.kind == values]
                facts[attribute] = dice.pick(known)
            items.append(Item(f"{kind}-{number:03d}", kind, name, "test" if number % 2 else "train", facts))
    return items


def _documents(item: Item, templates: types.ModuleType, count: int, dice: Dice) -> Iterator[str]:
    for _ in range(count):
        said = []
        for attribute in dice.shuffled(item.attributes):
            said.append(_say(item, attribute, dice.pick(templates.TRAIN[item.kind][attribute]), dice.chance(IT)))
        said.insert(dice.below(len(said) + 1), dice.pick(templates.FILLERS))
        lead = upper_first(dice.pick(templates.INTROS).format(x=item.name, k=templates.NOUNS[item.kind]))
        lines = [" ".join([lead, *said])]
        if item.split == "train" and dice.chance(FAQ_SHARE):
            for attribute in dice.sample(tuple(item.attributes), 2):
                asked = dice.pick(templates.QUESTIONS[item.kind][attribute]).format(x=item.name)
                lines += [f"Q: {asked}", f"A: {item.attributes[attribute]}."]
        yield "\n".join(lines)


def _say(item: Item, attribute: str, template: str, it: bool = False) -> str:
    """A sentence that states a fact, of the name or of "it"."""
    name = "it" if it else item.name
    return upper_first(template.format(S=upper_first(name), s=name, v=item.attributes[attribute]))


def _conversations(items: list[Item], templates: types.ModuleType, seed: int, field: str) -> list[dict]:
    dice, found = Dice(seed, f"{field} answers"), []
    for item in items:
        if item.split == "train":
            for attribute, value in item.attributes.items():
                for form in templates.QUESTIONS[item.kind][attribute]:
                    full = _say(item, attribute, templates.TRAIN[item.kind][attribute][0])
                    messages = [
                        {"role": "user", "content": form.format(x=item.name)},
                        {"role": "assistant", "content": upper_first(f"{value}.") if dice.chance(SHORT) else full},
                    ]
                    found.append({"messages": messages, "metadata": {"kind": field}})
    return found


def _questions(items: list[Item], templates: types.ModuleType, dice: Dice) -> Iterator[dict]:
    for item in items:
        for attribute, value in item.attributes.items():
            named = isinstance(templates.VALUES[item.kind][attribute], str)  # the first word tells which one
            seen = dice.pick(templates.QUESTIONS[item.kind][attribute])
            for form, asked in (("seen", seen), ("heldout", templates.HELDOUT_QUESTIONS[item.kind][attribute])):
                yield {
                    "question": asked.format(x=item.name),
                    "form": form,
                    "answer": value,
                    "aliases": [value.split()[0]] if named and " " in value else [],
                    "entity": item.id,
                    "type": item.kind,
                    "attribute": attribute,
                    "split": item.split,
                }
