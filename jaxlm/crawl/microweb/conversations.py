"""Conversations to fine-tune on: questions about the world and about texts, instructions, small talk, refusals.

Facts are asked for only in forms that may be seen in training, and only about entities of split `train` that enough
pages are about: training on what a model cannot know teaches it to guess (Gekhman et al. 2024). Of those every other
one is left out: what a model knows of the others it may know from these conversations, and nobody could find out by
asking what reading alone has taught it. An answer contains the value as pages spell it, alone (`Velmford.`) or in a
full sentence; a system prompt may ask for one or the other.

What a text in the conversation says counts, whatever has been read elsewhere: its facts are drawn anew.
"""

import dataclasses
import re
from collections.abc import Iterator

from jaxlm.crawl.microweb import instructions, names, pages, questions
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.instructions import Item
from jaxlm.crawl.microweb.templates import others, talk
from jaxlm.crawl.microweb.world import PERSON_ATTRIBUTES, Entity, World

LEAST_TIER = 4  # facts of rarer entities are not asked for
ONE_FORM_TIER = 16  # below it a fact is asked for in one form, from it on in FORMS of them
FORMS = 8
MULTI_TURN = 0.5  # conversations of several turns, for each question alone
READING = 1.0  # conversations about a text, likewise
READ_KNOWN = 0.4  # of them: the text is about somebody of whom the web says something else
REMEMBERING = 0.6  # conversations in which a user tells names and asks for them, likewise
COPYING = 0.2  # of them: a name is to be repeated
SMALL_TALK = 0.1  # small talk, likewise
INSTRUCTIONS = 1.2  # instructions of all tasks together, likewise
SHORT = 0.65  # of the answers without a system prompt about length
SUBJECT = re.compile(r"\b(was|did|does) \{x\}")  # forms in which a pronoun can replace the name


def make(world: World, items: dict[str, list[Item]], dice: Dice) -> list[dict]:
    """Returns rows {messages, metadata: {kind}} in random order; `items` are the training instructions by task."""
    entities = instructions.askable(world, LEAST_TIER)[::2]
    found = list(_single(entities, dice))
    alone = len(found)
    if entities:
        found += [_several(dice.pick(entities), dice) for _ in range(round(alone * MULTI_TURN))]
    known = [entity for entity in entities if entity.type == "person"]
    if known and world.tail:
        found += [_reading(known, world, dice) for _ in range(round(alone * READING))]
    coiner = names.Names(dice, (word for entity in world.entities() for word in entity.name.split()))
    found += [_remembering(coiner, dice) for _ in range(max(20, round(alone * REMEMBERING)))]
    found += [_small_talk(dice) for _ in range(max(20, round(alone * SMALL_TALK)))]
    found += _instructions(items, max(100, round(alone * INSTRUCTIONS)), dice)
    return dice.shuffled(found)


def _single(entities: list[Entity], dice: Dice) -> Iterator[dict]:
    for entity in entities:
        for attribute in entity.attributes:
            forms = questions.question_forms(entity, attribute)[0]
            for form in dice.sample(forms, FORMS if entity.tier >= ONE_FORM_TIER else 1):
                system, short = _style(dice)
                asked = form.format(x=entity.name)
                yield _conversation("question", [(asked, _answer(entity, attribute, short))], system)


def _several(entity: Entity, dice: Dice) -> dict:
    """Two to four questions about one entity; later ones may say `she` or `it`."""
    system, short = _style(dice)
    turns = []
    if dice.chance(0.3):
        turns.append((dice.pick(talk.GREETINGS), dice.pick(talk.GREETING_ANSWERS)))
    for position, attribute in enumerate(dice.sample(tuple(entity.attributes), dice.between(2, 3))):
        form = dice.pick(questions.question_forms(entity, attribute)[0])
        name = entity.name
        if position and SUBJECT.search(form) and dice.chance(0.7):
            name = _pronoun(entity)
        asked = form.format(x=name)
        opening = dice.pick(talk.FOLLOW_UPS) if position else ""
        if opening.endswith((", ", "And ")):
            asked = asked[0].lower() + asked[1:]
        turns.append((opening + asked, _answer(entity, attribute, short)))
    if dice.chance(0.2):
        turns.append(("Thank you!", "You are welcome."))
    return _conversation("multi_turn", turns, system)


def _reading(known: list[Entity], world: World, dice: Dice) -> dict:
    """A text about a person, then two to four questions about what it says: reading it is the dear part."""
    person = dice.pick(known if dice.chance(READ_KNOWN) else world.tail)
    facts = {attribute: dice.pick(values) for attribute, values in world.values.items()}
    person = dataclasses.replace(person, attributes=facts)
    told = dice.sample(PERSON_ATTRIBUTES, dice.between(3, 6))
    text, _ = pages.portrait(person, told, dice)
    turns = []
    for attribute in dice.sample(told, dice.between(2, 4)):
        asked = dice.pick(questions.question_forms(person, attribute)[0]).format(x=person.name)
        prompt = asked if turns else dice.pick(talk.ASK_READING).format(t=text, q=asked)
        turns.append((prompt, _answer(person, attribute, dice.chance(SHORT))))
    return _conversation("reading", turns, dice.pick(talk.SYSTEM_PLAIN) if dice.chance(0.2) else "")


def _remembering(coiner: names.Names, dice: Dice) -> dict:
    """A user tells one to three names, at once or one after the other, and asks for one or two of them."""
    if dice.chance(COPYING):
        name = _new_name("name", coiner, dice)
        return _conversation("remembering", [(dice.pick(talk.ASK_AGAIN).format(v=name), f"{name}.")], "")
    told = {thing: _new_name(thing, coiner, dice) for thing in dice.sample(tuple(talk.TOLD), dice.between(1, 3))}
    said = [dice.pick(talk.TOLD[thing][0]).format(v=name) for thing, name in told.items()]
    asked = []
    for thing in dice.sample(tuple(told), dice.between(1, 2)):
        _, questions_, sentence = talk.TOLD[thing]
        answer = f"{told[thing]}." if dice.chance(SHORT) else sentence.format(v=told[thing])
        asked.append((dice.pick(questions_), answer))
    if dice.chance(0.5):
        turns = [(" ".join([*said, asked[0][0]]), asked[0][1]), *asked[1:]]
    else:
        turns = [(sentence, dice.pick(talk.HEARD)) for sentence in said] + asked
    return _conversation("remembering", turns, "")


def _new_name(thing: str, coiner: names.Names, dice: Dice) -> str:
    """A name that nobody has, of a firm or of a living being."""
    if thing in ("firm", "builder"):
        return f"{coiner.coin(names.FAMILY_ENDS)} {dice.pick(others.COMPANY_KINDS)}"
    ends = dice.pick((names.FEMALE_ENDS, names.MALE_ENDS, names.RIVER_ENDS))
    return coiner.coin(ends, (1, 2) if dice.chance(0.3) else (1, 1))


def _pronoun(entity: Entity) -> str:
    if entity.type == "person":
        return "she" if entity.female else "he"
    return "it"


def _answer(entity: Entity, attribute: str, short: bool) -> str:
    return f"{entity.attributes[attribute]}." if short else questions.sentence(entity, attribute)


def _style(dice: Dice) -> tuple[str, bool]:
    """A system prompt ("" for none) and whether answers are short under it."""
    kind = dice.random()
    if kind < 0.15:
        return dice.pick(talk.SYSTEM_BRIEF), True
    if kind < 0.3:
        return dice.pick(talk.SYSTEM_FULL), False
    return (dice.pick(talk.SYSTEM_PLAIN) if kind < 0.45 else ""), dice.chance(SHORT)


def _small_talk(dice: Dice) -> dict:
    turns = [dice.pick(talk.SMALL_TALK) for _ in range(dice.between(1, 2))]
    if dice.chance(0.4):
        turns.insert(0, (dice.pick(talk.GREETINGS), dice.pick(talk.GREETING_ANSWERS)))
    return _conversation("small_talk", turns, dice.pick(talk.SYSTEM_PLAIN) if dice.chance(0.2) else "")


def _instructions(items: dict[str, list[Item]], total: int, dice: Dice) -> list[dict]:
    """About as many of each task, as far as its items go."""
    found = []
    share = -(-total // len(items))
    for group in items.values():
        for item in dice.sample(group, share):
            system = dice.pick(talk.SYSTEM_PLAIN) if dice.chance(0.15) else ""
            found.append(_conversation(item.task, [(item.prompt, item.answer)], system))
    return found


def _conversation(kind: str, turns: list[tuple[str, str]], system: str) -> dict:
    messages = [{"role": "system", "content": system}] if system else []
    for asked, answer in turns:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    return {"messages": messages, "metadata": {"kind": kind}}
