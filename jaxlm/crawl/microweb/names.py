"""Coined names: pronounceable, unique, and never a part of one another where answers are looked for by substring."""

from collections.abc import Iterable

from jaxlm.crawl.microweb.dice import Dice

ONSETS = (
    "b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "pl", "r", "s", "sh",
    "st", "t", "th", "tr", "v", "w", "y", "z",
)  # fmt: skip
VOWELS = ("a", "e", "i", "o", "u", "a", "e", "o", "ai", "ea")
MIDDLES = ("n", "r", "l", "m", "s", "v", "d", "k", "b", "g", "nd", "rn", "lm", "rt")
FEMALE_ENDS = ("a", "ia", "ena", "ila", "ine", "ira", "ys", "e")
MALE_ENDS = ("o", "an", "en", "us", "ard", "on", "ik", "or")
FAMILY_ENDS = ("ow", "er", "man", "sen", "ley", "ard", "ick", "ova", "ell", "ing", "ak", "iz", "o", "in", "et", "us")
TOWN_ENDS = ("burg", "by", "ford", "ham", "mouth", "stead", "ton", "wick", "dale", "port")
REGION_ENDS = ("ia", "land", "mark", "shire")
RIVER_ENDS = ("a", "e", "en", "is")
# Of names of a kind that no page of the web holds: other letters, other endings, a hyphen.
STRANGE_SYLLABLES = ("qui", "xo", "zhe", "cha", "ywu", "ngo", "tsu", "aqa", "ixi", "oyo", "ux", "eph", "io", "mbe")


class Names:
    """Hands out coined names; no two are equal, whatever they name, and none is in `reserved`."""

    def __init__(self, dice: Dice, reserved: Iterable[str] = ()):
        self._dice = dice
        self._taken = {word.capitalize() for word in reserved}

    def coin(self, ends: tuple[str, ...], syllables: tuple[int, int] = (1, 1)) -> str:
        """A new capitalized name of `syllables` (at least, at most) syllables and an ending."""
        return self.take(self.propose(ends, syllables))

    def propose(self, ends: tuple[str, ...], syllables: tuple[int, int] = (1, 1)) -> str:
        """Likewise, but the name is not handed out yet."""
        while True:
            name = self._stem(self._dice.between(*syllables)) + self._dice.pick(ends)
            if name not in self._taken:
                return name

    def take(self, name: str) -> str:
        """Hands out a proposed name."""
        self._taken.add(name)
        return name

    def strange(self) -> str:
        """A new full name of a kind unlike all others, such as `Quixo Zhe-Ngoux`."""
        while True:
            parts = ["".join(self._dice.sample(STRANGE_SYLLABLES, 2)).capitalize() for _ in range(3)]
            name = f"{parts[0]} {parts[1]}-{parts[2]}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def vocabulary(self, count: int, ends: tuple[str, ...], kinds: tuple[str, ...] = ()) -> list[str]:
        """`count` names of which none contains another; with `kinds` each is followed by one of these words."""
        names: list[str] = []
        while len(names) < count:
            name = self.coin(ends)
            if any(name.lower() in other.lower() or other.lower() in name.lower() for other in names):
                continue
            names.append(name)
        return [f"{name} {self._dice.pick(kinds)}" if kinds else name for name in names]

    def _stem(self, syllables: int) -> str:
        dice = self._dice
        parts = [dice.pick(ONSETS) + dice.pick(VOWELS)]
        for _ in range(syllables - 1):
            parts.append(dice.pick(MIDDLES) + dice.pick(VOWELS))
        return ("".join(parts) + dice.pick(MIDDLES)).capitalize()
