"""Documents into rows of equal length: best-fit decreasing; hardly any padding, no document cut that fits a row."""

import dataclasses

import numpy as np

from jaxlm.text.feistel import permute
from jaxlm.text.store import Store
from jaxlm.text.tokenizer import BOS, PAD


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which pieces of documents make up which row.

    Attributes:
        first: int64[rows + 1]; row r consists of pieces first[r] to first[r + 1] - 1, in that order.
        start: int64[pieces], a piece's first token, counted over the whole store.
        length: int32[pieces].
    """

    first: np.ndarray
    start: np.ndarray
    length: np.ndarray


def plan(starts: np.ndarray, row: int) -> Plan:
    """Packs documents into rows of at most `row` tokens; deterministic.

    A document longer than a row is cut into pieces that overlap by one token, so that each token but its first is a
    target exactly once. All pieces but the first fill whole rows: in every row each document starts with BOS, except
    one that may run on from an earlier row, and that one stands first.

    Args:
        starts: int64[documents + 1], where each document starts and the last one ends.
        row: tokens in a row, at least 2.
    Returns:
        the plan; rows are in a pseudo-random order, so that the first n are a fair sample.
    """
    lengths = np.diff(starts)
    begin = starts[:-1]
    # Of a long document the first piece has 2 to `row` tokens; each further one adds row - 1 tokens.
    head = np.where(lengths > row, (lengths - 2) % (row - 1) + 2, lengths)
    further = np.where(lengths > row, (lengths - head) // (row - 1), 0)
    owner = np.repeat(np.arange(len(lengths)), further)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(further) - further, further)
    bins, count = best_fit(head, row)
    piece_row = np.concatenate([bins, count + np.arange(len(owner))])
    piece_start = np.concatenate([begin, (begin + head)[owner] - 1 + number * (row - 1)])
    piece_length = np.concatenate([head, np.full(len(owner), row)]).astype(np.int32)
    rows = count + len(owner)
    piece_row = permute(np.arange(rows), rows, key=0)[piece_row]
    order = np.argsort(piece_row, kind="stable")
    first = np.searchsorted(piece_row[order], np.arange(rows + 1))
    return Plan(first, piece_start[order], piece_length[order])


def best_fit(lengths: np.ndarray, row: int) -> tuple[np.ndarray, int]:
    """Best-fit decreasing bin packing.

    Bins are kept in buckets by the space left, and all items of one length are placed together: the work grows with the
    number of (length, space) pairs met, not with the number of items.

    Args:
        lengths: int[n], 1 to row.
        row: capacity of a bin.
    Returns:
        the bin of each item, int64[n], and the number of bins.
    """
    order = np.argsort(-lengths, kind="stable")
    ends = np.cumsum(np.bincount(lengths, minlength=row + 1)[::-1])[::-1]  # items of length >= i
    bins = np.empty(len(lengths), np.int64)
    buckets = _Buckets(row)
    count = 0
    for length in np.unique(lengths)[::-1].tolist():
        items = order[ends[length + 1] if length < row else 0 : ends[length]]
        placed = 0
        while placed < len(items):
            space = buckets.smallest(length)
            # A bin that got an item is the fullest of those that fit the next one of the same length: it is filled up.
            each = (space or row) // length
            wanted = -(-(len(items) - placed) // each)
            if space:
                taken = buckets.take(space, wanted)
            else:
                taken, space = np.arange(count, count + wanted), row
                count += wanted
            some = items[placed : placed + each * len(taken)]
            bins[some] = np.repeat(taken, each)[: len(some)]
            full, rest = divmod(len(some), each)
            buckets.put(space - each * length, taken[:full])
            buckets.put(space - rest * length, taken[full:])
            placed += len(some)
    return bins, count


class _Buckets:
    """Bins by the space left in them; a bitmap (one int) tells which buckets hold any."""

    def __init__(self, row: int):
        self.bins = [[] for _ in range(row + 1)]  # arrays of bins
        self.filled = 0

    def smallest(self, space: int) -> int:
        """The least space of at least this much that some bin has; 0 when there is none."""
        above = self.filled >> space
        return space + (above & -above).bit_length() - 1 if above else 0

    def put(self, space: int, bins: np.ndarray) -> None:
        if space and len(bins):
            self.bins[space].append(bins)
            self.filled |= 1 << space

    def take(self, space: int, most: int) -> np.ndarray:
        last = self.bins[space].pop()
        if len(last) > most:
            self.bins[space].append(last[most:])
        if not self.bins[space]:
            self.filled &= ~(1 << space)
        return last[:most]


class Packed:
    """A store's documents as rows of seq_len + 1 tokens (seq_len predictions).

    Attributes:
        store: where the tokens are.
        seq_len: targets a row.
        plan: see Plan.
    """

    def __init__(self, store: Store, seq_len: int):
        self.store, self.seq_len = store, seq_len
        self.plan = plan(store.starts, seq_len + 1)
        self.dtype = np.dtype(np.uint16 if store.tokens[0].dtype.itemsize == 2 else np.int32)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.plan.first) - 1

    @property
    def padding(self) -> float:
        """Share of all positions that is padding."""
        return 1 - float(self.plan.length.sum(dtype=np.int64)) / (len(self) * (self.seq_len + 1))

    def rows(self, start: int, stop: int) -> dict[str, np.ndarray]:
        """Rows start to stop - 1, for going through all of them in order; see `take`."""
        return self.take(np.arange(start, min(stop, len(self))))

    def take(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The given rows.

        Returns:
            tokens uint16 (int32 for a large vocabulary) [n, seq_len + 1], padded with PAD at the end, and mask uint8 of
            the same shape, 1 where the token is to be learnt as a target: never the first of a row (nothing precedes
            it), BOS or PAD, and where the store has masks only what they mark.
        """
        row = self.seq_len + 1
        tokens, mask = np.full((len(rows), row), PAD, self.dtype), np.zeros((len(rows), row), np.uint8)
        flat_tokens, flat_mask = tokens.reshape(-1), mask.reshape(-1)
        for shard, source, target, length in zip(*self._pieces(rows), strict=True):
            flat_tokens[target : target + length] = self.store.tokens[shard][source : source + length]
            if self.store.masks:
                flat_mask[target : target + length] = self.store.masks[shard][source : source + length]
        if not self.store.masks:
            np.logical_and(tokens != PAD, tokens != BOS, out=mask.view(bool))
        mask[:, 0] = 0
        return dict(tokens=tokens, mask=mask)

    def _pieces(self, rows: np.ndarray) -> tuple[list[int], list[int], list[int], list[int]]:
        """Of every piece of these rows: its shard, its place in it, its place in the flattened rows, and its length."""
        first = self.plan.first[rows]
        counts = self.plan.first[rows + 1] - first
        behind = np.cumsum(counts)  # pieces up to and with each row
        pieces = np.arange(behind[-1] if len(rows) else 0) + np.repeat(first - (behind - counts), counts)
        start, length = self.plan.start[pieces], self.plan.length[pieces]
        shard = np.searchsorted(self.store.bounds, start, "right") - 1
        before = np.cumsum(length, dtype=np.int64) - length  # tokens of all earlier pieces, also of other rows
        target = before + np.repeat(np.arange(len(rows)) * (self.seq_len + 1) - before[behind - counts], counts)
        return shard.tolist(), (start - self.store.bounds[shard]).tolist(), target.tolist(), length.tolist()
