"""The simplest vocabulary: one token a character of the corpus."""

from collections.abc import Iterable

import numpy as np

from jaxlm.errors import UserError


def train(documents: Iterable[str]) -> str:
    """Returns the characters of the documents, each once, in code point order."""
    found: set[str] = set()
    for document in documents:
        found.update(document)
    if not found:
        raise UserError("the tokenizer has no text to learn from: the corpus is empty")
    return "".join(sorted(found))


def encode(alphabet: np.ndarray, data: bytes) -> np.ndarray:
    """Index of each character in the alphabet.

    Args:
        alphabet: code points uint32[n], ascending.
        data: UTF-8 text.
    Returns:
        int64[characters].
    Raises:
        UserError: names a character that is not in the alphabet, or says that the data is not UTF-8.
    """
    try:
        codes = np.frombuffer(data.decode().encode("utf-32-le"), np.uint32)
    except UnicodeDecodeError as error:
        raise UserError(f"a character tokenizer reads text, and these bytes are not UTF-8: {error}") from None
    index = np.searchsorted(alphabet, codes)
    unknown = alphabet[np.minimum(index, len(alphabet) - 1)] != codes
    if unknown.any():
        raise UserError(f"the character {chr(codes[unknown.argmax()])!r} is not in the tokenizer's vocabulary")
    return index
