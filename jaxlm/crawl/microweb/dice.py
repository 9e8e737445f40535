"""Random choices from an explicit numpy generator, drawn in blocks because the micro-web makes millions of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

BLOCK = 4096


class Dice:
    """A stream of choices that depends on (seed, name) alone: one part of the world can change without the others."""

    def __init__(self, seed: int, name: str):
        self._generator = np.random.Generator(np.random.PCG64([seed, int.from_bytes(name.encode(), "big")]))
        self._drawn: list[float] = []

    def random(self) -> float:
        """A float in [0, 1)."""
        if not self._drawn:
            self._drawn = self._generator.random(BLOCK).tolist()
        return self._drawn.pop()

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        return int(self.random() * n)

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high], both included."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence) -> Any:
        return options[int(self.random() * len(options))]

    def shuffled(self, options: Sequence) -> list:
        """A new list in random order (Fisher-Yates)."""
        items = list(options)
        for i in range(len(items) - 1, 0, -1):
            j = int(self.random() * (i + 1))
            items[i], items[j] = items[j], items[i]
        return items

    def sample(self, options: Sequence, k: int) -> list:
        """k different positions of `options`, in random order; all of them if there are fewer than k."""
        return self.shuffled(options)[:k]
