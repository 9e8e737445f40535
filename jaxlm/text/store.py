"""Token store: documents as flat arrays of ids, memory-mapped.

A folder of shards of whole documents and a manifest, written last:

    shard-00000.tok     ids, little-endian uint16 (uint32 when the vocabulary needs it)
    shard-00000.mask    uint8, 1 where the id is learnt; only when the documents came with masks
    shard-00000.idx     uint64[documents + 1], where each document starts and the last one ends
    manifest.json       dtype, counts, vocabulary, tokenizer's hash, sha256 and size of every file
"""

import hashlib
import os
import pathlib
from collections.abc import Iterable, Iterator

import numpy as np

from jaxlm.errors import UserError
from jaxlm.files import atomic_write, read_json, write_json
from jaxlm.text.tokenizer import BOS

SHARD_TOKENS = 1 << 25  # a shard is closed once it has this many; held in memory while it is filled

Document = tuple[np.ndarray, np.ndarray | None]  # ids int[n] that start with BOS, and mask uint8[n] or None


def write_store(
    folder: str | os.PathLike,
    documents: Iterable[Document],
    vocab_size: int,
    tokenizer_hash: str,
    byte_lengths: np.ndarray | None = None,
    shard_tokens: int = SHARD_TOKENS,
) -> dict:
    """Writes a store, in place of any earlier or half-written one, and returns its manifest.

    Args:
        folder: made if missing.
        documents: ids that start with BOS, and either for all documents or for none the mask of what is learnt.
        vocab_size: ids are below it; up to 65,536 they take two bytes each.
        tokenizer_hash: `Tokenizer.hash`, so that a store is never read with another vocabulary.
        byte_lengths: int[vocab_size], `Tokenizer.byte_lengths`: the manifest then has the bytes of text.
        shard_tokens: tokens after which a shard is closed.
    Raises:
        UserError: there are no documents.
    """
    folder = pathlib.Path(folder)
    _clear(folder)
    dtype = np.dtype("<u2" if vocab_size <= 1 << 16 else "<u4")
    shards = []
    for ids, masks in _shards(documents, dtype, shard_tokens):
        shards.append(_write_shard(folder, f"shard-{len(shards):05d}", ids, masks, byte_lengths))
    if not shards:
        raise UserError(f"{folder}: no documents to store")
    manifest = dict(
        dtype=dtype.name,
        vocab_size=vocab_size,
        tokenizer=tokenizer_hash,
        masked="mask" in shards[0]["files"],
        **{n: sum(shard[n] for shard in shards) for n in ("documents", "tokens", "bytes") if n in shards[0]},
        shards=shards,
    )
    write_json(folder / "manifest.json", manifest)
    return manifest


def _clear(folder: pathlib.Path) -> None:
    (folder / "manifest.json").unlink(missing_ok=True)  # first: without it the folder is no store
    for path in [*folder.glob("shard-*"), *folder.glob(".tmp-shard-*")]:
        path.unlink()


def _shards(documents: Iterable[Document], dtype: np.dtype, limit: int) -> Iterator[tuple[list, list]]:
    ids, masks, size = [], [], 0
    for document, mask in documents:
        if document[0] != BOS:
            raise ValueError(f"a document starts with {document[0]}, not BOS: segments could not be told apart")
        if mask is not None and len(mask) != len(document):
            raise ValueError(f"a document of {len(document)} tokens has a mask of {len(mask)}")
        ids.append(np.asarray(document).astype(dtype))
        masks += [] if mask is None else [np.asarray(mask, np.uint8)]
        size += len(document)
        if size >= limit:
            yield ids, masks
            ids, masks, size = [], [], 0
    if ids:
        yield ids, masks


def _write_shard(folder: pathlib.Path, name: str, ids: list, masks: list, byte_lengths: np.ndarray | None) -> dict:
    if masks and len(masks) != len(ids):
        raise ValueError("either all documents have masks or none has")
    tokens = np.concatenate(ids)
    arrays = dict(tok=tokens, idx=np.cumsum([0, *map(len, ids)], dtype="<u8"))
    if masks:
        arrays["mask"] = np.concatenate(masks)
    about = dict(name=name, documents=len(ids), tokens=len(tokens), files={})
    if byte_lengths is not None:
        about["bytes"] = int(byte_lengths[tokens].sum(dtype=np.int64))
    for kind, array in arrays.items():
        data = array.tobytes()
        atomic_write(folder / f"{name}.{kind}", data)
        about["files"][kind] = dict(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    return about


class Store:
    """A store opened for reading; made by `Store.open`.

    Attributes:
        folder: where it is.
        manifest: see the module's docstring.
        tokens: one array of ids a shard, memory-mapped.
        masks: one uint8 array a shard, or an empty list.
        starts: int64[documents + 1], where each document starts in the store as a whole.
        bounds: int64[shards + 1], where each shard starts in the store as a whole.
    """

    def __init__(self, folder: pathlib.Path, manifest: dict):
        self.folder, self.manifest = folder, manifest
        dtype = np.dtype(manifest["dtype"]).newbyteorder("<")
        self.tokens = [self._map(shard, "tok", dtype) for shard in manifest["shards"]]
        self.masks = [self._map(shard, "mask", np.uint8) for shard in manifest["shards"] if manifest["masked"]]
        self.bounds = np.cumsum([0, *map(len, self.tokens)], dtype=np.int64)
        ends = [np.asarray(self._map(shard, "idx", "<u8")[1:], np.int64) for shard in manifest["shards"]]
        self.starts = np.concatenate([[0], *[end + base for end, base in zip(ends, self.bounds[:-1], strict=True)]])

    @classmethod
    def open(cls, folder: str | os.PathLike) -> "Store":
        """Raises UserError when there is no store, or a file of it is missing or has another size than when written."""
        folder = pathlib.Path(folder)
        manifest = read_json(folder / "manifest.json")
        for path, about in _files(folder, manifest):
            size = path.stat().st_size if path.exists() else None
            if size != about["bytes"]:
                found = "is missing" if size is None else f"has {size:,} bytes"
                raise UserError(f"{path} {found}: the store's manifest says {about['bytes']:,} bytes")
        return cls(folder, manifest)

    def _map(self, shard: dict, kind: str, dtype) -> np.ndarray:
        # A plain view of the mapping: slices of np.memmap itself cost several microseconds each.
        return np.memmap(self.folder / f"{shard['name']}.{kind}", dtype, mode="r").view(np.ndarray)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def document(self, i: int) -> Document:
        """Ids and mask (or None) of document i, as views of the file."""
        shard = int(np.searchsorted(self.bounds, self.starts[i], "right")) - 1
        part = slice(*(int(at - self.bounds[shard]) for at in self.starts[i : i + 2]))
        return self.tokens[shard][part], self.masks[shard][part] if self.masks else None

    def verify(self) -> None:
        """Reads everything and raises UserError that names the first file whose sha256 is not the manifest's."""
        for path, about in _files(self.folder, self.manifest):
            if hashlib.sha256(path.read_bytes()).hexdigest() != about["sha256"]:
                raise UserError(f"{path}: damaged, its sha256 is not the one in the store's manifest")


def _files(folder: pathlib.Path, manifest: dict) -> Iterator[tuple[pathlib.Path, dict]]:
    for shard in manifest["shards"]:
        for kind, about in shard["files"].items():
            yield folder / f"{shard['name']}.{kind}", about
