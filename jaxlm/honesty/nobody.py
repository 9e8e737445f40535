"""Questions about entities that nobody has heard of: those of the interrogator, with names that no document holds.

Three kinds of name, from the most to the least familiar: `recombined`, the beginning of one name that occurs and the
end of another; `half`, one such part and one newly coined; `coined`, all parts new. Coined words come from a character
model of the words that stand in the same place of the names that occur.
"""

import collections
import re
from collections.abc import Collection, Iterable, Iterator

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError

KINDS = ("recombined", "half", "coined")
ORDER = 3  # characters that decide the next one of a coined word
WORD_LENGTH = (4, 12)  # characters of a coined word, at least and at most
TRIES = 200  # for one name
SPARE = 3  # names made for each one that is needed: some turn out to occur
DISTINCT, SHARED = 0.9, 0.5  # names have different first words, and few last ones: see `_Parts`
CAPITALIZED = re.compile(r"[A-Z][\w'’-]*(?: (?:of |the |de |von )?[A-Z][\w'’-]*)*")
LONGEST_NAME = 4  # words


def questions(
    asked: list[dict],
    names: collections.Counter,
    texts: Iterable[str],
    count: int,
    kinds: Collection[str],
    seed: int,
    excluded: Collection[str] = (),
) -> list[dict]:
    """Returns `count` rows like those of the interrogator, of kind "nobody", without answer and passage.

    Args:
      asked: rows of the interrogator. A question about nobody is one of these with another name of the same type, and
        types and attributes are as frequent as there.
      names: how often each (type, name) occurs; parts of frequent names are recombined more often.
      texts: all documents, read once, to make sure that no name occurs.
      count: how many; fewer if not enough names can be made.
      kinds: of names, see KINDS; equally many of each that the type allows.
      seed: decides everything random.
      excluded: names that may not be used although they do not occur.
    """
    if unknown := set(kinds) - set(KINDS):
        raise UserError(f"config.probe.nobody_kinds: expected {', '.join(KINDS)}; found {min(unknown)!r}")
    forms = [(row, form) for row in asked if (form := _form(row))]
    if not count or not forms or not kinds:
        return []
    dice = Dice(seed, "nobody")
    made = _candidates(forms, names, count * SPARE, tuple(kinds), dice, set(excluded) | {name for _, name in names})
    heard = _heard({name for name, *_ in made}, texts)
    rows = (_row(*candidate) for candidate in made if candidate[0] not in heard)
    return [{"id": f"n{number:05d}", **row} for number, row in zip(range(count), rows)]


def _candidates(
    forms: list[tuple[dict, str]],
    names: collections.Counter,
    count: int,
    kinds: tuple[str, ...],
    dice: Dice,
    taken: set,
) -> list[tuple[str, str, dict, str]]:
    """(name, kind of name, row of the interrogator, question form) with different names."""
    parts = {kind: _Parts(kind, names) for kind in sorted({row["type"] for row, _ in forms})}
    made = []
    for index in range(count):
        row, form = dice.pick(forms)
        wanted = kinds[index % len(kinds)]
        for _ in range(TRIES):
            name = parts[row["type"]].name(wanted, dice)
            if name and name not in taken:
                taken.add(name)
                made.append((name, wanted, row, form))
                break
    return made


class _Parts:
    """The first words and the last words of the names of one type, and character models of both."""

    def __init__(self, kind: str, names: collections.Counter):
        split = [(name.split(), count) for (of, name), count in names.items() if of == kind]
        usual = collections.Counter(min(len(words), 2) for words, _ in split).most_common(1)
        self.words = usual[0][0] if usual else 1
        chosen = [(words[0], words[-1], count) for words, count in split if min(len(words), 2) == self.words]
        self.firsts = [first for first, _, count in chosen for _ in range(count)]
        self.lasts = [last for _, last, count in chosen for _ in range(count)]
        self.known = {word for _, name in names for word in name.split()}
        self.models = [_model(first for first, _, _ in chosen), _model(last for _, last, _ in chosen)]
        # `Works` in `Storo Works` says what it is and stays; a family name is a part like the given name
        self.last_is_kind = (
            self.words == 2
            and len({first for first, _, _ in chosen}) > DISTINCT * len(chosen)
            and len({last for _, last, _ in chosen}) < SHARED * len(chosen)
        )

    def name(self, wanted: str, dice: Dice) -> str:
        """A name of the wanted kind; "" where the type has none such or the attempt failed."""
        if self.words == 1:
            return self._coin(0, dice) if wanted == "coined" else ""
        if self.last_is_kind:
            first = self._coin(0, dice) if wanted == "coined" else ""
            return f"{first} {dice.pick(self.lasts)}" if first else ""
        new_first = wanted == "coined" or (wanted == "half" and dice.chance(0.5))
        new_last = wanted == "coined" or (wanted == "half" and not new_first)
        first = self._coin(0, dice) if new_first else dice.pick(self.firsts)
        last = self._coin(1, dice) if new_last else dice.pick(self.lasts)
        return f"{first} {last}" if first and last and first != last else ""

    def _coin(self, place: int, dice: Dice) -> str:
        word, model = "", self.models[place]
        while len(word) <= WORD_LENGTH[1]:
            following = model.get(("^" * ORDER + word)[-ORDER:])
            if not following:
                return ""
            letter = dice.pick(following)
            if letter == "$":
                return word if len(word) >= WORD_LENGTH[0] and word not in self.known else ""
            word += letter
        return ""


def _model(words: Iterable[str]) -> dict[str, list[str]]:
    """What follows each context of ORDER characters, as often as it does; `^` begins and `$` ends a word."""
    following = collections.defaultdict(list)
    for word in words:
        padded = "^" * ORDER + word + "$"
        for i in range(ORDER, len(padded)):
            following[padded[i - ORDER : i]].append(padded[i])
    return following


def _heard(names: set[str], texts: Iterable[str]) -> set[str]:
    """Those of the names that occur in the texts as a run of capitalized words, or as a part of one."""
    return {name for text in texts for name in runs(text) if name in names}


def runs(text: str) -> Iterator[str]:
    """Yields each run of capitalized words in a text, and each part of one, as often as it occurs."""
    for match in CAPITALIZED.finditer(text):
        words = [re.sub(r"['’]s$", "", word) for word in match[0].split()]
        for start in range(len(words)):
            for stop in range(start + 1, min(len(words), start + LONGEST_NAME) + 1):
                yield " ".join(words[start:stop])


def _form(row: dict) -> str:
    """The row's question with the slot {x} for the entity; "" where it cannot be asked of another."""
    if row["attribute"] == "blank" or row["entity"] not in row["question"] or "{" in row["question"]:
        return ""
    return row["question"].replace(row["entity"], "{x}")


def _row(name: str, kind: str, row: dict, form: str) -> dict:
    return {
        "question": form.format(x=name),
        "answer": "",
        "aliases": [],
        "rivals": [],
        "passage": "",
        "source": "",
        "entity": name,
        "type": row["type"],
        "attribute": row["attribute"],
        "kind": "nobody",
        "name_kind": kind,
        "statement": "",
        "mentions": 0,
    }
