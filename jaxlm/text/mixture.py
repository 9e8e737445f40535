"""Which row of which source is sample number i: a pure function, so any position can be computed and resumed."""

import dataclasses
import functools

import numpy as np

from jaxlm.errors import UserError
from jaxlm.text.feistel import derive, permute

BLOCK = 1024  # each run of so many samples, counted from 0, has the same number of each source


@dataclasses.dataclass(frozen=True)
class Mixture:
    """A stratified mixture of shuffled sources.

    Within a block of 1,024 samples every source has its quota, and the block's order is a pseudo-random permutation. A
    source is gone through again and again, each epoch in another order; no row comes twice before every other has come.

    Attributes:
        sizes: rows of each source.
        quotas: samples of each source in a block; they sum to BLOCK.
        seed: of the whole run.
    """

    sizes: tuple[int, ...]
    quotas: tuple[int, ...]
    seed: int

    def samples(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Source and row of samples start to stop - 1, each int64[stop - start]."""
        blocks = [_block(self, number) for number in range(start // BLOCK, -(-stop // BLOCK))]
        offset = start // BLOCK * BLOCK
        source, row = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return source[start - offset : stop - offset], row[start - offset : stop - offset]

    def epochs(self, samples: int) -> list[float]:
        """How often each source has been gone through after so many samples."""
        return [samples / BLOCK * quota / size for quota, size in zip(self.quotas, self.sizes, strict=True)]


@functools.lru_cache(maxsize=8)
def _block(mixture: Mixture, number: int) -> tuple[np.ndarray, np.ndarray]:
    slots = permute(np.arange(BLOCK), BLOCK, derive(mixture.seed, "block", number))
    source, row = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    first = 0
    for s, (size, quota) in enumerate(zip(mixture.sizes, mixture.quotas, strict=True)):
        mine = (slots >= first) & (slots < first + quota)
        source[mine] = s
        row[mine] = _rows(number * quota + np.arange(quota), size, mixture.seed, s)
        first += quota
    return source, row


def _rows(draw: np.ndarray, size: int, seed: int, source: int) -> np.ndarray:
    """The row of a source's draws number `draw`: each epoch is another permutation of its rows."""
    epochs, places = np.divmod(draw, size)
    rows = np.empty(len(draw), np.int64)
    for epoch in np.unique(epochs).tolist():
        mine = epochs == epoch
        rows[mine] = permute(places[mine], size, derive(seed, "epoch", source, epoch))
    return rows


def quotas(weights: list[float]) -> tuple[int, ...]:
    """Weights as whole numbers that sum to BLOCK (largest remainders; ties go to the earlier source).

    Raises UserError for a weight that is not positive, or too small to have a sample in a block.
    """
    if not weights or not all(weight > 0 for weight in weights):
        raise UserError(f"mixture weights {list(weights)}: each must be greater than 0")
    exact = np.array(weights, np.float64) / sum(weights) * BLOCK
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: BLOCK - whole.sum()]] += 1
    if not whole.all():
        raise UserError(f"mixture weights {list(weights)}: the smallest share that can be kept is 1 in {BLOCK}")
    return tuple(whole.tolist())
