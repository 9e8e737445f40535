"""A keyed pseudo-random permutation of 0 .. n - 1 that needs no table: any element is computed on its own."""

import numpy as np
import xxhash

ROUNDS = 6


def derive(*parts: int | str) -> int:
    """A 64-bit key of integers and names. That of seed 0, epoch 1 has nothing to do with that of seed 1, epoch 0."""
    return xxhash.xxh64_intdigest("/".join(map(str, parts)).encode())


def permute(index: np.ndarray, n: int, key: int) -> np.ndarray:
    """Maps indices below n to their places: a bijection of range(n).

    A Feistel network over the smallest power of two that holds n; results outside are mapped again until they are
    inside (cycle walking: Black and Rogaway 2002, "Ciphers with arbitrary finite domains").

    Args:
        index: int64[...], 0 <= index < n.
        n: size of the domain.
        key: 64-bit key.
    Returns:
        int64[...].
    """
    bits = max(2, (n - 1).bit_length())
    keys = np.array([derive(key, i) for i in range(ROUNDS)], np.uint64)
    out = _network(np.asarray(index, np.uint64).ravel(), bits, keys)
    outside = np.flatnonzero(out >= n)
    while len(outside):
        out[outside] = _network(out[outside], bits, keys)
        outside = outside[out[outside] >= n]
    return out.astype(np.int64).reshape(np.shape(index))


def _network(x: np.ndarray, bits: int, keys: np.ndarray) -> np.ndarray:
    """Each round mixes one part of the bits into the other; with an odd number of bits the parts swap sizes."""
    low_bits, high_bits = bits // 2, bits - bits // 2
    for key in keys:
        low = x & np.uint64((1 << low_bits) - 1)
        high = (x >> np.uint64(low_bits)) ^ (_mix(low ^ key) & np.uint64((1 << high_bits) - 1))
        x = (low << np.uint64(high_bits)) | high
        low_bits, high_bits = high_bits, low_bits
    return x


def _mix(x: np.ndarray) -> np.ndarray:
    """The finalizer of splitmix64 (Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
