"""Text to ids and back, without loss.

Ids 0 to 15 are control symbols, which no text ever becomes: `encode` cannot produce them, whatever the text says.
"""

import hashlib
import os
import pathlib
from collections.abc import Callable, Iterable

import numpy as np

from jaxlm.errors import UserError
from jaxlm.files import atomic_write, read_json, write_json
from jaxlm.text import bpe, characters

NAMES = ("pad", "unk", "bos", "eos", "system", "user", "assistant", "tool", "call", "end")
CONTROL = tuple(f"<|{name}|>" for name in NAMES) + tuple(f"<|reserved_{i}|>" for i in range(len(NAMES), 16))
PAD, UNK, BOS, EOS, SYSTEM, USER, ASSISTANT, TOOL, CALL, END = range(len(NAMES))

KINDS = ("bpe", "char")


class Tokenizer:
    """A vocabulary; made by `train` or `Tokenizer.load`.

    Attributes:
        kind: "bpe" or "char".
        model: the file's bytes: a SentencePiece model, or the characters in the order of their ids.
        vocab_size: number of ids, control symbols included.
        control: control symbol -> id.
        bos, eos, pad, end: ids of those control symbols.
        byte_lengths: int32[vocab_size], bytes of text that each id stands for; control symbols stand for none.
        hash: sha256 of kind and model; equal hashes mean equal ids for all texts.
    """

    bos, eos, pad, end = BOS, EOS, PAD, END

    def __init__(self, kind: str, model: bytes):
        self.kind, self.model = kind, model
        self._table, self._encode, self._encode_batch = _BACKENDS[kind](model)
        self.vocab_size = len(self._table)
        self.control = {name: i for i, name in enumerate(CONTROL)}
        self.byte_lengths = np.array([len(token) for token in self._table], np.int32)
        self.hash = hashlib.sha256(kind.encode() + b"\0" + model).hexdigest()

    def encode(self, text: str | bytes) -> np.ndarray:
        """Ids int32[n] of the text, without BOS. A lone surrogate in a str counts as its three bytes (surrogatepass).

        Raises UserError for a character that a "char" tokenizer does not have; "bpe" takes everything.
        """
        return np.array(self._encode(_to_bytes(text)), np.int32)

    def encode_batch(self, texts: list[str | bytes]) -> list[np.ndarray]:
        """`encode` of each text, on all cores."""
        return [np.array(ids, np.int32) for ids in self._encode_batch([_to_bytes(text) for text in texts])]

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The exact bytes; control symbols give none. Raises IndexError for an id outside the vocabulary."""
        ids = ids.tolist() if hasattr(ids, "tolist") else ids
        return b"".join([self._table[i] for i in ids])

    def decode(self, ids: Iterable[int]) -> str:
        """Text; bytes that are not UTF-8 (such as half a character) become U+FFFD."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def token_bytes(self, i: int) -> bytes:
        """The bytes that one id stands for; b"" for a control symbol."""
        return self._table[i]

    def pieces(self, ids: Iterable[int]) -> list[str]:
        r"""Each id for display: its text, a control symbol's name, or \xNN for bytes that are no whole character."""
        return [CONTROL[i] if i < len(CONTROL) else self._table[i].decode("utf-8", "backslashreplace") for i in ids]

    def save(self, folder: str | os.PathLike) -> None:
        """Writes tokenizer.model and tokenizer.json, each atomically."""
        folder = pathlib.Path(folder)
        atomic_write(folder / "tokenizer.model", self.model)
        about = dict(kind=self.kind, vocab_size=self.vocab_size, sha256=hashlib.sha256(self.model).hexdigest())
        write_json(folder / "tokenizer.json", about | dict(control=self.control))

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Tokenizer":
        """Raises UserError when a file is missing, or the model is not the one that tokenizer.json describes."""
        folder = pathlib.Path(folder)
        about = read_json(folder / "tokenizer.json")
        about = about if isinstance(about, dict) else {}
        if about.get("kind") not in KINDS or about.get("control") != {name: i for i, name in enumerate(CONTROL)}:
            raise UserError(f"{folder}/tokenizer.json: another version's, its kind or control symbols are not known")
        path = folder / "tokenizer.model"
        if not path.is_file():
            raise UserError(f"{path}: no such file")
        model = path.read_bytes()
        if hashlib.sha256(model).hexdigest() != about.get("sha256"):
            raise UserError(f"{path}: not the file that tokenizer.json describes (sha256 differs)")
        return cls(about["kind"], model)


def train(kind: str, documents: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learns a vocabulary from documents; deterministic. `vocab_size` is not used by kind "char".

    Raises UserError for an unknown kind, an empty corpus, or a vocab_size that the corpus cannot fill.
    """
    if kind not in KINDS:
        raise UserError(f"tokenizer.kind={kind!r}: expected one of {', '.join(KINDS)}")
    if kind == "char":
        return Tokenizer(kind, characters.train(documents).encode())
    return Tokenizer(kind, bpe.train(documents, vocab_size, CONTROL))


def without_rare(tokenizer: Tokenizer, texts: Iterable[list[str]], min_count: int) -> Tokenizer:
    """The tokenizer without the pieces that stand less often in the texts (given in batches); see `bpe.prune`.

    Raises UserError for kind "char": its pieces are the characters themselves.
    """
    if tokenizer.kind != "bpe":
        raise UserError(f"tokenizer.min_count: expected 0 for kind {tokenizer.kind!r}, got {min_count}")
    counts = np.zeros(tokenizer.vocab_size, np.int64)
    for batch in texts:
        for ids in tokenizer.encode_batch(batch):
            counts += np.bincount(ids, minlength=tokenizer.vocab_size)
    return Tokenizer("bpe", bpe.prune(tokenizer.model, counts.tolist(), min_count))


def _to_bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)


def _bpe(model: bytes) -> tuple[list[bytes], Callable, Callable]:
    processor = bpe.load(model)
    table = bpe.piece_bytes(processor)
    return table, lambda data: bpe.encode(processor, data), lambda batch: bpe.encode_batch(processor, batch)


def _char(model: bytes) -> tuple[list[bytes], Callable, Callable]:
    alphabet = model.decode()
    codes = np.array([ord(char) for char in alphabet], np.uint32)

    def encode(data):
        return characters.encode(codes, data) + len(CONTROL)

    table = [b""] * len(CONTROL) + [char.encode() for char in alphabet]
    return table, encode, lambda batch: [encode(data) for data in batch]


_BACKENDS = dict(bpe=_bpe, char=_char)
