import random
from collections.abc import Callable

import pytest

from jaxlm.text.tokenizer import Tokenizer, train

TEXT = "the a of river Marlow house walks sings old café and, in 1987 to blue seven bridge 42 never über said"


@pytest.fixture(scope="session")
def sentences() -> Callable[[int, int], list[str]]:
    """Function of (seed, count): so many documents of four lines."""

    def make(seed, count):
        rng = random.Random(seed)
        lines = [" ".join(rng.choices(TEXT.split(), k=rng.randrange(3, 12))) + "." for _ in range(4 * count)]
        return ["\n".join(lines[i : i + 4]) for i in range(0, len(lines), 4)]

    return make


@pytest.fixture(scope="session")
def tokenizer(sentences) -> Tokenizer:
    return train("bpe", sentences(0, 200), 360)
