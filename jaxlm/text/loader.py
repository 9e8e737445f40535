"""Batches: batch k is a pure function of the seed and k, for any number of hosts."""

import collections
import concurrent.futures
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jaxlm.errors import UserError
from jaxlm.text.mixture import Mixture, quotas
from jaxlm.text.packing import Packed


class Loader:
    """Batches from a weighted mixture of packed sources. It has no state: to resume, ask for the next k.

    Args:
        sources: (Packed, weight) each; weights are shares of rows, of any sum, kept to 1 in 1,024.
        batch_size: rows of the global batch.
        seed: another seed is another order.
    Raises:
        UserError: no rows, weights that cannot be kept, or sources of different vocabularies or row lengths.
    """

    def __init__(self, sources: list[tuple[Packed, float]], batch_size: int, seed: int):
        self.sources = [packed for packed, _ in sources]
        self.batch_size = batch_size
        kinds = {(packed.seq_len, packed.store.manifest["tokenizer"]) for packed in self.sources}
        if len(kinds) != 1:
            folders = ", ".join(str(packed.store.folder) for packed in self.sources)
            raise UserError(f"token stores {folders} were not made with one tokenizer, or are not packed to one length")
        self.mixture = Mixture(tuple(map(len, self.sources)), quotas([weight for _, weight in sources]), seed)

    def batch(self, k: int, host: int = 0, hosts: int = 1) -> dict[str, np.ndarray]:
        """This host's part of global batch k: rows host * b to (host + 1) * b - 1 where b = batch_size / hosts.

        Returns:
            tokens uint16 (int32 for a large vocabulary) [b, seq_len + 1] and mask uint8 of the same shape; see
            Packed.take.
        """
        if self.batch_size % hosts:
            raise UserError(f"batch_size={self.batch_size} does not divide among {hosts} hosts")
        local = self.batch_size // hosts
        start = k * self.batch_size + host * local
        source, row = self.mixture.samples(start, start + local)
        if len(self.sources) == 1:
            return self.sources[0].take(row)
        parts = [packed.take(row[source == s]) for s, packed in enumerate(self.sources)]
        place = np.argsort(np.argsort(source, kind="stable"))  # where each sample is in the parts put together
        return {name: np.concatenate([part[name] for part in parts])[place] for name in ("tokens", "mask")}

    @property
    def rows_per_epoch(self) -> list[int]:
        """Rows of each source."""
        return list(self.mixture.sizes)

    def epoch_of(self, k: int) -> list[float]:
        """How often each source has been gone through before batch k."""
        return self.mixture.epochs(k * self.batch_size)


def prefetch(fn: Callable[[int], Any], start: int, depth: int = 2) -> Iterator[Any]:
    """Yields fn(start), fn(start + 1), ... computed `depth` ahead by one thread; fn's exceptions are raised here.

    `depth` further results are computed for nothing when the consumer stops: fn must be pure.
    """
    with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="prefetch") as pool:
        pending = collections.deque(pool.submit(fn, start + i) for i in range(depth))
        try:
            for k in itertools.count(start + depth):
                result = pending.popleft().result()
                pending.append(pool.submit(fn, k))
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
