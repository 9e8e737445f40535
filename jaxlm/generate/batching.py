"""Requests of any number and length as a few array shapes, so that few programs are ever compiled."""

from collections.abc import Iterator, Sequence

import numpy as np

from jaxlm.errors import UserError
from jaxlm.model.config import ModelConfig

MAX_BATCH = 64  # rows computed at once; more requests are cut into several batches
MIN_LENGTH = 32


def batch_bucket(count: int) -> int:
    """The smallest power of two that holds `count` rows."""
    return 1 << (count - 1).bit_length()


def length_bucket(length: int) -> int:
    """The smallest of 32, 64, 128, ... that holds `length` tokens."""
    return max(MIN_LENGTH, batch_bucket(length))


def cache_bucket(length: int) -> int:
    """The smallest of 64, 96, 128, 192, 256, 384, ... that holds `length` tokens.

    Every decode step reads the whole cache, so it gets two sizes an octave where prompts get one.
    """
    size = max(2 * MIN_LENGTH, batch_bucket(length))
    return size * 3 // 4 if size > 2 * MIN_LENGTH and length <= size * 3 // 4 else size


def check(sequences: Sequence[Sequence[int]], cfg: ModelConfig, longest: int) -> list[np.ndarray]:
    """Sequences as int32 arrays; UserError when one is empty, longer than `longest`, or holds an unknown id."""
    arrays = []
    for index, sequence in enumerate(sequences):
        tokens = np.asarray(sequence)
        if tokens.size == 0:
            raise UserError(f"prompt {index} is empty: it must at least hold the BOS token")
        if tokens.ndim != 1 or tokens.dtype.kind not in "iu":
            raise UserError(f"prompt {index}: expected a list of token ids, got {tokens.dtype} of shape {tokens.shape}")
        if len(tokens) > longest:
            raise UserError(
                f"prompt {index} has {len(tokens)} tokens; it may have {longest} at most (model.max_len={cfg.max_len})"
            )
        if tokens.min() < 0 or tokens.max() >= cfg.vocab_size:
            raise UserError(f"prompt {index}: token ids must be 0 to {cfg.vocab_size - 1} (model.vocab_size)")
        arrays.append(tokens.astype(np.int32))
    return arrays


def batches(costs: Sequence[int]) -> Iterator[list[int]]:
    """Indices of requests, in groups of at most MAX_BATCH of similar cost (their length), so that little is padding."""
    order = sorted(range(len(costs)), key=lambda index: (costs[index], index))
    for start in range(0, len(order), MAX_BATCH):
        yield order[start : start + MAX_BATCH]


def padded(arrays: Sequence[np.ndarray]) -> Iterator[tuple[list[int], np.ndarray, np.ndarray]]:
    """Sequences that `check` returned in batches of similar length: (their indices, and what `pad` makes of them)."""
    for group in batches([len(array) for array in arrays]):
        rows = [arrays[index] for index in group]
        yield group, *pad(rows, length_bucket(max(map(len, rows))))


def pad(rows: list[np.ndarray], length: int) -> tuple[np.ndarray, np.ndarray]:
    """(tokens int32 [B, length], lengths int32 [B]), right-padded with 0; B is a bucket, rows added have length 1."""
    size = batch_bucket(len(rows))
    tokens = np.zeros((size, length), np.int32)
    lengths = np.ones(size, np.int32)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = row
        lengths[index] = len(row)
    return tokens, lengths
