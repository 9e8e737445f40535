import dataclasses
import math

import jax
import numpy as np
import pytest

from jaxlm.evals import bpb


def document(subject, text):
    return np.array([*subject.prompt_ids(text), subject.tokenizer.eos], np.uint16), None


def test_every_token_but_the_first_is_counted_once(subject):
    for length in (1, 2, 32, 33, 34, 100):
        ids = np.arange(length)
        windows = bpb.cut(ids, None, 32)
        assert [int(i) for window, _ in windows for i in window[1:]] == list(range(1, length))
        assert all(len(window) <= 33 for window, _ in windows)


def test_uniform_model_needs_the_bits_of_its_vocabulary(subject):
    flat = dataclasses.replace(subject, params=jax.tree.map(lambda x: 0 * x, subject.params))
    text = "café " * 20  # 5 characters, 6 bytes
    (row,) = bpb.run(flat, [document(subject, text)], "documents", 10)
    vocabulary = math.log(subject.cfg.vocab_size)
    assert row["nats_per_token"] == row["nats_per_character"] == pytest.approx(vocabulary, abs=1e-4)
    assert row["bits_per_byte"] == pytest.approx(vocabulary / math.log(2) * 5 / 6, abs=1e-4)
    assert (row["bytes"], row["characters"], row["tokens"], row["documents"]) == (120, 100, 100, 1)
    assert 0 < row["se"] < 0.1  # windows hold different shares of the two-byte character


def test_agrees_with_the_log_probabilities_and_counts_only_the_mask(subject):
    ids, _ = document(subject, "Q: who?\nA: Ada.")
    mask = np.zeros(len(ids), np.uint8)
    mask[-5:] = 1  # "Ada." and the end, which stands for no bytes
    (row,) = bpb.run(subject, [(ids, mask)], "conversations", 10)
    nats = -subject.logprobs([ids.tolist()])[0][-5:-1].sum()
    assert row["tokens"] == row["bytes"] == 4
    assert row["bits_per_byte"] == pytest.approx(nats / math.log(2) / 4, rel=1e-4)


def test_draws_documents_and_spaces_windows(subject):
    documents = [document(subject, "word " * 40) for _ in range(12)]
    (row,) = bpb.run(subject, documents, "documents", limit=2)
    assert row["documents"] == 2 and row["tokens"] < 400
    assert bpb.run(subject, [], "documents", limit=2) == []
