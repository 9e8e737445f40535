"""Which part of the text is held out: decided by a document's id or its place, never by chance."""

import numpy as np
import xxhash

from jaxlm.errors import UserError

WAYS = ("document", "tail")


def unit_hash(name: str, seed: int) -> float:
    """A number in [0, 1) that depends on the name and the seed alone (XXH64)."""
    return xxhash.xxh64_intdigest(name.encode(), seed) / 2**64


def held_out(ids: list[str], share: float, seed: int) -> np.ndarray:
    """Which documents are held out: those whose hash is below `share`, or else the one with the smallest.

    As each document is judged by its own id, adding documents moves no other from one side to the other.

    Returns:
        bool[len(ids)].
    Raises:
        UserError: nothing would be left to train on.
    """
    _check(share)
    hashes = np.array([unit_hash(name, seed) for name in ids])
    held = hashes < share
    if len(ids) and not held.any():
        held[hashes.argmin()] = True
    if held.all():
        raise UserError(
            f"{len(ids)} of {len(ids)} documents would be held out: use tokenizer.holdout_by=tail, or add text"
        )
    return held


def cut_tail(text: str, share: float) -> tuple[str, str]:
    """The text without its last part, and that part: `share` of the characters."""
    _check(share)
    cut = int(len(text) * (1 - share))
    return text[:cut], text[cut:]


def _check(share: float) -> None:
    if not 0 < share < 1:
        raise UserError(f"tokenizer.holdout={share}: expected a share between 0 and 1, ends excluded")
