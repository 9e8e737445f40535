import itertools

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxlm.model.transformer import segment_info
from jaxlm.text.packing import Packed, best_fit, plan
from jaxlm.text.store import Store, write_store
from jaxlm.text.tokenizer import BOS, PAD


def make(tmp_path, lengths, masked=False, shard_tokens=50):
    """A store of documents in which every token but BOS is another number."""
    numbers = itertools.count(16)
    documents = []
    for length in lengths:
        ids = np.array([BOS, *itertools.islice(numbers, length - 1)])
        documents.append((ids, (ids % 3 == 0).astype(np.uint8) if masked else None))
    write_store(tmp_path, documents, 60_000, "hash", shard_tokens=shard_tokens)
    return Store.open(tmp_path), documents


LENGTHS = [2, 3, 9, 10, 11, 12, 18, 19, 20, 21, 28, 29, 30, 31, 100, 5, 5, 5, 2, 7, 1]


@pytest.mark.parametrize("seq_len", [1, 2, 9, 10, 200])
@pytest.mark.parametrize("masked", [False, True])
def test_every_token_is_a_target_exactly_once_with_its_predecessor(tmp_path, seq_len, masked):
    store, documents = make(tmp_path, LENGTHS, masked)
    packed = Packed(store, seq_len)
    rows = packed.rows(0, len(packed))
    tokens, mask = rows["tokens"], rows["mask"]
    pairs = zip(tokens[:, :-1].ravel().tolist(), tokens[:, 1:].ravel().tolist(), strict=True)
    found = sorted(pair for pair in pairs if pair[1] not in (BOS, PAD))
    assert found == sorted(pair for ids, _ in documents for pair in itertools.pairwise(ids.tolist()))
    learnt = [int(i) for ids, marks in documents for i in ids[1:][marks[1:] == 1 if masked else slice(None)]]
    assert sorted(tokens[mask == 1].tolist()) == learnt
    assert (tokens.dtype, mask.dtype, mask[:, 0].any()) == (np.uint16, np.uint8, False)


def test_no_document_that_fits_is_cut_and_only_the_first_piece_of_a_long_one_is_short(tmp_path):
    store, documents = make(tmp_path, LENGTHS)
    rows = Packed(store, 9).rows(0, 10_000)["tokens"]
    text = "".join(map(chr, rows.ravel().tolist()))
    for ids, _ in documents:
        head = ids if len(ids) <= 10 else ids[: (len(ids) - 2) % 9 + 2]
        assert "".join(map(chr, head.tolist())) in text
    for row in rows:
        if row[0] != BOS:
            assert not np.isin(row, [BOS, PAD]).any()  # runs on from another row, and fills this one


def test_segments_and_positions_follow_from_bos(tmp_path):
    store, documents = make(tmp_path, LENGTHS)
    tokens = Packed(store, 40).rows(0, 100)["tokens"].astype(np.int32)
    positions, segments = jax.jit(segment_info, static_argnums=1)(tokens, BOS)
    place = {int(token): n for ids, _ in documents for n, token in enumerate(ids) if token != BOS}
    short = {int(token) for ids, _ in documents if len(ids) <= 41 for token in ids}
    for row, at, segment in zip(tokens, np.asarray(positions), np.asarray(segments), strict=True):
        assert np.all(np.diff(segment)[row[1:] == BOS] == 1)
        for token, position in zip(row.tolist(), at.tolist(), strict=True):
            assert token in (BOS, PAD) or token not in short or position == place[token]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=80), st.integers(30, 40))
@settings(max_examples=100, deadline=None)
def test_best_fit_is_what_the_textbook_says(lengths, row):
    """The slow form: each item, largest first, into the fullest bin it fits."""
    left = []
    for length in sorted(lengths, reverse=True):
        fitting = [(space, n) for n, space in enumerate(left) if space >= length]
        if fitting:
            left[min(fitting)[1]] -= length
        else:
            left.append(row - length)
    bins, count = best_fit(np.array(lengths), row)
    assert count == len(left)
    assert sorted(row - np.bincount(bins, weights=lengths)) == sorted(left)


def test_padding_is_small_and_the_first_rows_are_a_fair_sample():
    rng = np.random.default_rng(0)
    lengths = np.maximum(2, rng.lognormal(6, 1, 20_000).astype(int))
    made = plan(np.concatenate([[0], np.cumsum(lengths)]), 2049)
    rows = len(made.first) - 1
    assert made.length.sum() / (rows * 2049) > 0.9995
    counts = np.diff(made.first)
    assert abs(counts[: rows // 4].mean() - counts.mean()) < 0.15 * counts.mean()


def test_packed_reports_its_padding(tmp_path):
    store, _ = make(tmp_path, [5, 5, 5])
    packed = Packed(store, 9)
    assert len(packed) == 2
    assert packed.padding == pytest.approx(1 - 15 / 20)
