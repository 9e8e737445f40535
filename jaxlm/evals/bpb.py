"""Bits per byte on held-out text: a loss that does not depend on the vocabulary.

bits per byte = sum of -log p(token) in nats / ln 2 / bytes of those tokens. Control tokens stand for no bytes and are
not counted (as in nanochat's `loss_eval.py`), so a document's end is free.
"""

import math
from collections.abc import Sequence

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.subject import Subject

Document = tuple[np.ndarray, np.ndarray | None]  # token ids [n], mask [n] of those that count (None: all)
WINDOWS = 4  # windows scored per document asked for, on average: bounds the time that long documents take


def run(subject: Subject, documents: Sequence[Document], data: str, limit: int, seed: int = 0) -> list[dict]:
    """Returns one figure, or none when no document has a token to predict.

    Documents longer than the trained context are cut into windows that share one token, so that every token but a
    document's first is predicted once. Of more than 4 * `limit` windows, evenly spaced ones are scored.

    Args:
      subject: the model.
      documents: held-out documents as they were in training, with control tokens.
      data: what rows call them: `documents` or `conversations`.
      limit: documents scored at most, drawn by `seed`.
      seed: of the draw.

    Returns:
      [{model, data, bits_per_byte, se, nats_per_token, nats_per_character, bytes, characters, tokens, documents}]; se
      is the standard error of bits_per_byte with documents (where there is only one, its windows) as independent
      units.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    chosen = np.sort(generator.permutation(len(documents))[:limit])
    windows = [(int(i), *window) for i in chosen for window in cut(*documents[i], subject.context) if window[1].any()]
    if len(windows) > WINDOWS * limit:
        windows = [windows[i] for i in np.linspace(0, len(windows) - 1, WINDOWS * limit).round().astype(int)]
    sums = measure(subject, [(ids, mask) for _, ids, mask in windows])  # [windows, 4]
    if not sums[:, 1].any():
        return []
    owners = np.array([owner for owner, _, _ in windows])
    units = np.stack([sums[owners == owner].sum(0) for owner in np.unique(owners)])
    nats, size, characters, tokens = units.sum(0)
    bits, error = statistics.ratio_error(*(units if len(units) > 1 else sums)[:, :2].T)
    return [
        {"model": subject.name, "data": data, "bits_per_byte": round(bits / math.log(2), 5)}
        | {"se": round(error / math.log(2), 5), "nats_per_token": round(nats / tokens, 5)}
        | {"nats_per_character": round(nats / characters, 5), "bytes": int(size), "characters": int(characters)}
        | {"tokens": int(tokens), "documents": len(units)}
    ]


def cut(ids: np.ndarray, mask: np.ndarray | None, context: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns (ids, mask) windows of at most context + 1 tokens; each begins with the last token of the one before."""
    mask = np.ones(len(ids), np.uint8) if mask is None else mask
    starts = range(0, max(len(ids) - 1, 0), context)
    return [(ids[start : start + context + 1], mask[start : start + context + 1]) for start in starts]


def measure(subject: Subject, windows: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Returns nats, bytes, characters and tokens of what counts in each window (never its first token), float64 [n,
    4]."""
    pieces = [subject.tokenizer.token_bytes(i) for i in range(subject.tokenizer.vocab_size)]
    size = np.array([len(piece) for piece in pieces])
    # UTF-8 continuation bytes (10xxxxxx) begin no character.
    characters = np.array([sum(byte & 0xC0 != 0x80 for byte in piece) for piece in pieces])
    logprobs = subject.logprobs([ids.astype(int).tolist() for ids, _ in windows])
    sums = np.zeros((len(windows), 4))
    for row, (ids, mask), logprob in zip(sums, windows, logprobs, strict=True):
        counted = (np.asarray(mask[1:]) > 0) & (size[ids[1:]] > 0)
        targets = ids[1:][counted]
        row[:] = (
            (-logprob[1:][counted]).sum(dtype=np.float64),
            size[targets].sum(),
            characters[targets].sum(),
            len(targets),
        )
    return sums
