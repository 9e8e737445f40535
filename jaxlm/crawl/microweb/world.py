"""The fictional world: who and what exists, its attributes and relations, and how often each is written about."""

import dataclasses
from typing import Any

from jaxlm.crawl.microweb import names
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.templates import others, people

PERSON_ATTRIBUTES = tuple(people.TRAIN)
KINDS = tuple(others.TRAIN)  # the kinds of entity beside people
KIND_SHARE = 1 / 12  # entities of another kind in a tier, as a share of the people in it
RECOMBINED = 0.6  # of the people never written about: known given and family names, put together anew
STRANGE_SHARE = 0.2  # people with strange names, as a share of the people of a tier
TAIL_RECOMBINED = 0.15  # of the people of the tail, likewise
RARE_VALUES = 0.4  # of the towns, universities and employers of the tail: hardly anybody else has them
RARE_SHARE = 1 / 8  # different ones of each attribute a person of the tail
FAMILY_SHARE = 0.2  # family names a person: most are shared, so that somebody is only known by the full name


@dataclasses.dataclass
class Entity:
    """Something the web may write about. `tier` is the number of clean pages that are to state its attributes."""

    id: str
    type: str  # person | place | company | university | book | event
    name: str
    tier: int
    split: str  # train: question-answer text about it occurs; test: never
    attributes: dict[str, str]
    novel: bool = False  # its name shares no word with the name of an entity that has pages
    tail: bool = False  # one of the people whose single page states each fact twice
    later: bool = False  # of tier 0, but a page about it appears after the training crawl: search can find it
    strange: bool = False  # its name is of a kind that occurs nowhere; nothing is written about it
    female: bool = False
    pages: int = 0

    @property
    def family(self) -> str:
        return self.name.split()[-1]

    def row(self) -> dict[str, Any]:
        """As in truth/entities.jsonl."""
        row = dataclasses.asdict(self)
        del row["female"]
        return row


@dataclasses.dataclass
class World:
    people: list[Entity]
    tail: list[Entity]
    strangers: list[Entity]  # nobody has heard of them, and their names are like no other
    others: list[Entity]
    values: dict[str, list[str]]  # closed vocabularies, by attribute of people

    def entities(self) -> list[Entity]:
        return [*self.people, *self.others, *self.tail, *self.strangers]


def make_world(config: Any, seed: int) -> World:
    """Draws the world of `config.crawl.microweb`."""
    coiner = names.Names(Dice(seed, "names"), (*people.JOBS, *people.HOBBIES, *people.MONTHS, *others.TITLES))
    values = {
        **_coined_values(coiner, 40, 20, 30),
        "job": list(people.JOBS),
        "year": [str(year) for year in range(1900, 2000)],
        "hobby": list(people.HOBBIES),
    }
    known = _people(config, seed, values, coiner)
    tail = _tail(config.tail, seed, values, known, coiner)
    strangers = _strangers(max(2, round(config.people * STRANGE_SHARE)), seed, values)
    return World(known, tail, strangers, _others(config, seed, values, known, coiner), values)


def _coined_values(coiner: names.Names, towns: int, universities: int, employers: int) -> dict[str, list[str]]:
    return {
        "town": coiner.vocabulary(towns, names.TOWN_ENDS),
        "university": coiner.vocabulary(universities, names.FAMILY_ENDS, others.UNIVERSITY_KINDS),
        "employer": coiner.vocabulary(employers, names.FAMILY_ENDS, others.COMPANY_KINDS),
    }


def tier_counts(config: Any, share: float) -> list[int]:
    """How many entities each tier gets; at least one."""
    return [max(1, round(config.people * part * share)) for part in config.tier_share]


def _facts(dice: Dice, values: dict[str, list[str]]) -> dict[str, str]:
    return {attribute: dice.pick(values[attribute]) for attribute in PERSON_ATTRIBUTES}


def _split(index: int) -> str:
    return "train" if index % 2 == 0 else "test"


def _people(config: Any, seed: int, values: dict[str, list[str]], coiner: names.Names) -> list[Entity]:
    dice = Dice(seed, "people")
    counts = tier_counts(config, 1.0)
    total = sum(counts)
    given = {
        True: [coiner.coin(names.FEMALE_ENDS) for _ in range(max(2, total // 12))],
        False: [coiner.coin(names.MALE_ENDS) for _ in range(max(2, total // 12))],
    }
    families = [coiner.coin(names.FAMILY_ENDS) for _ in range(max(4, round(total * FAMILY_SHARE)))]
    found: list[Entity] = []
    taken: set[str] = set()
    # people with pages first: those of tier 0 may only recombine names that occur
    for tier, count in sorted(zip(config.tiers, counts, strict=True), reverse=True):
        for index in range(count):
            female = dice.chance(0.5)
            novel = tier == 0 and not dice.chance(RECOMBINED)
            pool = found if tier == 0 else None
            name = None if novel else _known_name(dice, given[female], families, taken, pool)
            novel = name is None
            name = name or _novel_name(coiner, female)
            taken.add(name)
            later = tier == 0 and index % 4 < 2  # half of either split
            facts = _facts(dice, values)
            found.append(Entity("", "person", name, tier, _split(index), facts, novel, later=later, female=female))
    return _numbered(found, "person")


def _novel_name(coiner: names.Names, female: bool) -> str:
    return f"{coiner.coin(names.FEMALE_ENDS if female else names.MALE_ENDS)} {coiner.coin(names.FAMILY_ENDS)}"


def _known_name(
    dice: Dice, given: list[str], families: list[str], taken: set[str], pool: list[Entity] | None
) -> str | None:
    """A full name not in `taken` (with `pool`: of a given and a family name borne in it); None if none is left."""
    if pool:
        borne = {name for person in pool for name in person.name.split()}
        given = [name for name in given if name in borne]
        families = [name for name in families if name in borne]
    for _ in range(50 if given and families else 0):
        name = f"{dice.pick(given)} {dice.pick(families)}"
        if name not in taken:
            return name
    return None


def _tail(
    count: int, seed: int, values: dict[str, list[str]], known: list[Entity], coiner: names.Names
) -> list[Entity]:
    """People of one page. Some have the given and family names of others: a name half known is no fact known.

    Some of their towns, universities and employers are new words: one of a few well-known ones can be recognized on a
    page, a word never met can only be copied.
    """
    dice = Dice(seed, "tail")
    rare = _coined_values(coiner, *[max(2, round(count * RARE_SHARE))] * 3)
    taken = {person.name for person in known}
    given = {female: sorted({p.name.split()[0] for p in known if p.female == female}) for female in (True, False)}
    families = sorted({person.family for person in known})
    found = []
    for _ in range(count):
        female = dice.chance(0.5)
        name = _known_name(dice, given[female], families, taken, None) if dice.chance(TAIL_RECOMBINED) else None
        novel = name is None
        name = name or _novel_name(coiner, female)
        taken.add(name)
        facts = _facts(dice, values)
        facts |= {attribute: dice.pick(words) for attribute, words in rare.items() if dice.chance(RARE_VALUES)}
        found.append(Entity("", "person", name, 1, "train", facts, novel, tail=True, female=female))
    return _numbered(found, "tail")


def _strangers(count: int, seed: int, values: dict[str, list[str]]) -> list[Entity]:
    dice = Dice(seed, "strangers")
    coiner = names.Names(dice)
    found = [
        Entity("", "person", coiner.strange(), 0, "test", _facts(dice, values), True, strange=True)
        for _ in range(count)
    ]
    return _numbered(found, "stranger")


def _others(
    config: Any, seed: int, values: dict[str, list[str]], known: list[Entity], coiner: names.Names
) -> list[Entity]:
    """Places, companies and universities are the values of people's attributes; books and events point to people."""
    dice = Dice(seed, "others")
    # the largest tier is for people alone: pages about other things should not crowd them out
    tiers = list(config.tiers[:-1]) or list(config.tiers)
    slots = [tier for tier, n in zip(tiers, tier_counts(config, KIND_SHARE), strict=False) for _ in range(n)]
    authors = [person.name for person in known if person.split == "train" and person.tier > 0]
    vocabularies = {
        **values,
        "region": coiner.vocabulary(12, names.REGION_ENDS),
        "river": coiner.vocabulary(16, names.RIVER_ENDS),
        "author": authors,
    }
    named = {
        "place": values["town"],
        "company": values["employer"],
        "university": values["university"],
        "book": _titles(dice, len(slots)),
        "event": coiner.vocabulary(len(slots), names.FAMILY_ENDS, others.EVENT_KINDS),
    }
    found = []
    for kind in KINDS:
        entities = []
        for index, name in enumerate(named[kind]):
            tier = slots[index] if index < len(slots) else 0
            entities.append(Entity("", kind, name, tier, _split(index), _describe(dice, kind, vocabularies)))
        found += _numbered(entities, kind)
    return found


def _titles(dice: Dice, count: int) -> list[str]:
    return dice.sample([f"{first} {second}" for first in others.TITLE_BEGINNINGS for second in others.TITLES], count)


def _describe(dice: Dice, kind: str, vocabularies: dict[str, list[str]]) -> dict[str, str]:
    """The attributes of an entity of `kind`; towns, companies and people in them exist."""
    pick = dice.pick
    if kind == "place":
        return {
            "region": pick(vocabularies["region"]),
            "river": pick(vocabularies["river"]),
            "founded": str(dice.between(1400, 1799)),
            "product": pick(others.PRODUCTS),
        }
    if kind == "company":
        return {
            "seat": pick(vocabularies["town"]),
            "sector": pick(others.SECTORS),
            "founded": str(dice.between(1850, 1949)),
        }
    if kind == "university":
        return {
            "seat": pick(vocabularies["town"]),
            "subject": pick(others.SUBJECTS),
            "founded": str(dice.between(1600, 1849)),
        }
    if kind == "book":
        return {
            "author": pick(vocabularies["author"]),
            "genre": pick(others.GENRES),
            "year": str(dice.between(1920, 1999)),
            "setting": pick(vocabularies["town"]),
        }
    return {
        "town": pick(vocabularies["town"]),
        "month": pick(people.MONTHS),
        "first": str(dice.between(1850, 1949)),
        "sponsor": pick(vocabularies["employer"]),
    }


def _numbered(entities: list[Entity], prefix: str) -> list[Entity]:
    for index, entity in enumerate(entities):
        entity.id = f"{prefix}-{index:04d}"
    return entities
