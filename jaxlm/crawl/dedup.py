"""Exact and near duplicates: hashes of normalized text, and MinHash with banding (Broder 1997; Lee et al. 2022).

A pair of texts whose sets of word 5-grams have the Jaccard similarity s shares a band with probability
1 - (1 - s^ROWS)^BANDS: 0.05 at s = 0.5, 0.56 at 0.7, 0.92 at 0.8, 1.00 at 0.9.
"""

import functools
import re

import numpy as np
import xxhash

BANDS, ROWS = 14, 8
NGRAM = 5
_SEED = 20_220_522  # of the hash functions; fixed, so that signatures of different runs can be compared
_CHUNK = 4096  # n-grams hashed at a time: keeps the matrix of a whole book out of memory
_WORD = re.compile(r"\w+")


def signature(text: str) -> tuple[int, list[int]]:
    """The 64-bit hash of the words in lower case, and BANDS 64-bit band hashes of their n-grams."""
    words = _WORD.findall(text.lower())
    minima = np.full(BANDS * ROWS, np.iinfo(np.uint32).max, np.uint32)
    multipliers, offsets = _hash_functions()
    joined = " ".join(words).encode()
    ngrams = _ngram_hashes(joined.split(b" "))
    for start in range(0, len(ngrams), _CHUNK):
        mixed = ngrams[start : start + _CHUNK, None] * multipliers + offsets
        minima = np.minimum(minima, (mixed >> np.uint64(32)).astype(np.uint32).min(axis=0))
    rows = minima.reshape(BANDS, ROWS)
    bands = [xxhash.xxh3_64_intdigest(band.tobytes(), seed=number) for number, band in enumerate(rows)]
    return xxhash.xxh3_64_intdigest(joined), bands


def find_duplicates(exact: np.ndarray, bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clusters texts that share a hash, directly or through others, and keeps the first of each.

    Args:
        exact: uint64 [n], bands: uint64 [n, BANDS], by `signature`, in the order of the corpus.
    Returns:
        int64 [n]: the index of the text that is kept instead, its own where it is kept itself; bool [n]: whether some
        earlier text has the very same words.
    """
    parents = np.arange(len(exact))
    for column in (exact, *np.asarray(bands).T):
        for first, second in zip(*_equal_neighbors(column)):
            _union(parents, first, second)
    roots = np.array([_root(parents, index) for index in range(len(parents))], np.int64)
    repeated = np.zeros(len(exact), bool)
    repeated[_equal_neighbors(exact)[1]] = True
    return roots, repeated


@functools.cache
def _hash_functions() -> tuple[np.ndarray, np.ndarray]:
    """Multiply-shift hashing (Dietzfelbinger et al. 1997): odd multipliers and offsets, uint64 [BANDS * ROWS] each."""
    generator = np.random.Generator(np.random.PCG64(_SEED))
    multipliers, offsets = generator.integers(0, 2**64, size=(2, BANDS * ROWS), dtype=np.uint64)
    return multipliers | np.uint64(1), offsets


def _ngram_hashes(words: list[bytes]) -> np.ndarray:
    """One uint64 an n-gram of words (of all words, if they are fewer), distinct ones only."""
    hashes = np.fromiter((xxhash.xxh3_64_intdigest(word) for word in words), np.uint64, len(words))
    if len(words) < NGRAM:
        return hashes.sum(keepdims=True)
    combined = np.zeros(len(words) - NGRAM + 1, np.uint64)
    for offset in range(NGRAM):
        combined = (combined ^ (combined >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)
        combined += hashes[offset : offset + len(combined)]
    return np.unique(combined)


def _equal_neighbors(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of indices (earlier, later) with equal values, enough to connect all that are equal."""
    order = np.argsort(column, kind="stable")
    equal = column[order[1:]] == column[order[:-1]]
    return order[:-1][equal], order[1:][equal]


def _root(parents: np.ndarray, index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _union(parents: np.ndarray, first: int, second: int) -> None:
    first, second = _root(parents, first), _root(parents, second)
    parents[max(first, second)] = min(first, second)
