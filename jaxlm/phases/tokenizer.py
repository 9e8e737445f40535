"""Documents become tokens: split into train and held out, learn the vocabulary, write both token stores."""

import itertools
import pathlib
from collections.abc import Iterable, Iterator

import numpy as np

from jaxlm.crawl.documents import read_documents
from jaxlm.errors import UserError
from jaxlm.progress import Track, say, track
from jaxlm.text.split import WAYS, cut_tail, held_out, unit_hash
from jaxlm.text.store import Store, write_store
from jaxlm.text.tokenizer import BOS, EOS, Tokenizer, train, without_rare

CONFIG = ("seed", "tokenizer")
INPUTS = ("crawl",)

SPLITS = ("train", "heldout")
SAMPLE_TOKENS = 160  # shown in the report, of each split
LONGEST = 40
CHUNK = 1 << 14  # characters; unit in which text is chosen to learn the vocabulary from
BATCH = 1 << 20  # characters encoded in one call


def run(config, workdir: pathlib.Path) -> dict:
    """Writes tokenizer.model, tokenizer.json and store/{train,heldout}; returns what the report shows.

    Cut off and started again, it starts from the beginning: it is deterministic, and minutes at most.
    """
    settings, folder, source = config.tokenizer, workdir / "tokenizer", workdir / "crawl" / "documents"

    # ---- which documents are held out -------------------------------------------------------------------------------
    if settings.holdout_by not in WAYS:
        raise UserError(f"tokenizer.holdout_by={settings.holdout_by!r}: expected one of {', '.join(WAYS)}")
    names, sizes = [], []
    for document in read_documents(source):
        names.append(document["id"])
        sizes.append(len(document["text"].encode()))
    if not names:
        raise UserError(f"{source}: no documents; the crawl kept nothing to learn from")
    tail = settings.holdout_by == "tail"
    held = np.zeros(len(names), bool) if tail else held_out(names, settings.holdout, config.seed)

    def texts(split: str) -> Iterator[tuple[str, str]]:
        """(id, text) of a split; with holdout_by="tail" every document has a part in both."""
        for document, out in zip(read_documents(source), held, strict=True):
            if tail:
                yield document["id"], cut_tail(document["text"], settings.holdout)[SPLITS.index(split)]
            elif out == (split == "heldout"):
                yield document["id"], document["text"]

    # ---- the vocabulary ---------------------------------------------------------------------------------------------
    share = settings.train_bytes / max(1, np.array(sizes)[~held].sum())
    if settings.kind == "char":  # needs every character that occurs, also in the text held out
        tokenizer = train("char", (text for split in SPLITS for _, text in texts(split)), settings.vocab_size)
    else:
        tokenizer = train(settings.kind, _sample(texts("train"), share, config.seed), settings.vocab_size)
    if settings.min_count:
        sample = _batches(_sample(texts("train"), share, config.seed))
        tokenizer = without_rare(tokenizer, sample, settings.min_count)
    tokenizer.save(folder)
    say(f"tokenizer: {tokenizer.vocab_size:,} tokens")

    # ---- the token stores -------------------------------------------------------------------------------------------
    for split in SPLITS:
        with track(None, f"tokenizer {split}", "tokens") as progress:
            documents = _encoded((text for _, text in texts(split)), tokenizer, progress)
            write_store(
                folder / "store" / split, documents, tokenizer.vocab_size, tokenizer.hash, tokenizer.byte_lengths
            )

    stores = {split: Store.open(folder / "store" / split) for split in SPLITS}
    return dict(
        kind=tokenizer.kind,
        vocab_size=tokenizer.vocab_size,
        hash=tokenizer.hash,
        bytes_per_token=_figures(stores["heldout"])["bytes_per_token"],
        **{split: _figures(store) for split, store in stores.items()},
        samples={split: _tokens_shown(store, tokenizer) for split, store in stores.items()},
        token_lengths=_length_histogram(stores["heldout"], tokenizer),
        longest=_longest(tokenizer),
    )


def _sample(texts: Iterable[tuple[str, str]], share: float, seed: int) -> Iterator[str]:
    """About `share` of the text, in chunks chosen by their document's id and their place in it."""
    for name, text in texts:
        for start in range(0, len(text), CHUNK):
            if unit_hash(f"vocabulary/{name}/{start}", seed) < share:
                yield text[start : start + CHUNK]


def _encoded(texts: Iterable[str], tokenizer: Tokenizer, progress: Track) -> Iterator[tuple[np.ndarray, None]]:
    for batch in _batches(text for text in texts if text):
        encoded = tokenizer.encode_batch(batch)
        progress.advance(sum(map(len, encoded)))
        for ids in encoded:
            yield np.concatenate([[BOS], ids, [EOS]]), None


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _figures(store: Store) -> dict:
    """Counts of a split; bytes per token leave out BOS and EOS."""
    counts = {name: store.manifest[name] for name in ("documents", "tokens", "bytes")}
    text_tokens = counts["tokens"] - 2 * counts["documents"]
    return counts | dict(bytes_per_token=counts["bytes"] / max(1, text_tokens))


def _tokens_shown(store: Store, tokenizer: Tokenizer) -> list[list]:
    """[piece, id] of the first tokens of the first document that has enough of them, or else of the first."""
    lengths = np.diff(store.starts)
    ids = store.document(int(np.argmax(lengths >= SAMPLE_TOKENS)))[0][:SAMPLE_TOKENS]
    return [[piece, int(i)] for piece, i in zip(tokenizer.pieces(ids), ids, strict=True)]


def _length_histogram(store: Store, tokenizer: Tokenizer) -> list[int]:
    """How often tokens of 1, 2, 3 ... bytes occur in the text."""
    used = np.zeros(tokenizer.vocab_size, np.int64)
    for tokens in store.tokens:
        used += np.bincount(tokens, minlength=tokenizer.vocab_size)
    return np.bincount(tokenizer.byte_lengths, weights=used)[1:].astype(int).tolist()


def _longest(tokenizer: Tokenizer) -> list[str]:
    """The longest pieces with a letter in them, longest first."""
    order = np.argsort(-tokenizer.byte_lengths, kind="stable").tolist()
    pieces = (tokenizer.pieces([i])[0] for i in order if tokenizer.byte_lengths[i])
    return list(itertools.islice((piece for piece in pieces if any(map(str.isalpha, piece))), LONGEST))
