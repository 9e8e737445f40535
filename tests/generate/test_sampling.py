"""Filters against a slow reference, and the frequencies of what is sampled."""

import dataclasses
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.generate.sampling import Sampling, filter_logits, knobs, sample

VOCAB = 50
REQUESTS = [
    Sampling(),
    Sampling(temperature=0.5),
    Sampling(top_k=1),
    Sampling(top_k=7),
    Sampling(top_k=VOCAB + 10),
    Sampling(top_p=0.7),
    Sampling(top_p=1e-6),
    Sampling(min_p=0.1),
    Sampling(min_p=1.0),
    Sampling(repetition_penalty=1.7),
    Sampling(repetition_penalty=0.6),
    Sampling(temperature=1.5, top_k=20, top_p=0.8, min_p=0.02, repetition_penalty=1.3),
    Sampling(temperature=0.0, top_k=3, repetition_penalty=2.0),
]


def reference(logits: np.ndarray, seen: np.ndarray, request: Sampling) -> np.ndarray:
    """The distribution to sample from, one row, by sorting, in float64."""
    logits = logits.astype(np.float64)
    for token in np.flatnonzero(seen):
        factor = request.repetition_penalty
        logits[token] = logits[token] / factor if logits[token] > 0 else logits[token] * factor
    if request.temperature > 0:
        logits = logits / request.temperature
    order = sorted(range(len(logits)), key=lambda token: -logits[token])
    kept = order[: request.top_k] if request.top_k else order
    total, nucleus = 0.0, []
    for token in kept:
        if total >= request.top_p and request.top_p < 1:
            break
        nucleus.append(token)
        total += np.exp(logits[token]) / np.exp(logits[kept]).sum()
    kept = [token for token in nucleus if np.exp(logits[token] - logits[order[0]]) >= request.min_p]
    probs = np.zeros(len(logits))
    probs[kept] = np.exp(logits[kept]) / np.exp(logits[kept]).sum()
    return probs


def random_rows(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 2, (rows, VOCAB)).astype(np.float32), rng.random((rows, VOCAB)) < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_filters_equal_reference(seed):
    """All requests in one batch, so that a row also proves not to be changed by what its neighbours ask for."""
    logits, seen = random_rows(len(REQUESTS), seed)
    filtered = jax.jit(filter_logits)(logits, seen, knobs(REQUESTS))
    got = np.asarray(jax.nn.softmax(filtered, -1))
    for row, request in enumerate(REQUESTS):
        want = reference(logits[row], seen[row], request)
        np.testing.assert_array_equal(got[row] > 0, want > 0, err_msg=str(request))
        np.testing.assert_allclose(got[row], want, atol=1e-6, err_msg=str(request))


def test_ties_are_kept_together():
    logits = np.array([[1.0, 3.0, 2.0, 2.0, 0.0]], np.float32)
    for request in (Sampling(top_k=2), Sampling(top_p=0.7)):
        filtered = filter_logits(jnp.asarray(logits), jnp.zeros((1, 5), bool), knobs([request]))
        np.testing.assert_array_equal(np.isfinite(filtered[0]), [False, True, True, True, False])


def test_frequencies_follow_the_distribution():
    """Chi-square of 20,000 draws (as many seeds) against the reference distribution; 40.8 is its 99.9th percentile
    at 18 degrees of freedom, and fewer tokens than 19 are left."""
    draws, request = 20_000, Sampling(temperature=1.3, top_k=19, top_p=0.95)
    logits, seen = random_rows(1, 7)
    requests = knobs([dataclasses.replace(request, seed=seed) for seed in range(draws)])
    filtered = filter_logits(jnp.asarray(logits), jnp.asarray(seen), knobs([request]))
    tokens = jax.jit(sample)(jnp.tile(filtered, (draws, 1)), requests, jnp.full(draws, 3, jnp.int32))
    want = reference(logits[0], seen[0], request) * draws
    got = np.bincount(tokens, minlength=VOCAB)
    assert got[want == 0].sum() == 0
    possible = want > 0
    assert 5 < possible.sum() <= 19
    assert np.sum((got[possible] - want[possible]) ** 2 / want[possible]) < 40.8


def test_draws_depend_on_seed_and_position_alone():
    logits = np.zeros((4, VOCAB), np.float32)
    requests = knobs([Sampling(seed=seed) for seed in (5, 9, 5, 5)])
    tokens = sample(jnp.asarray(logits), requests, jnp.asarray([1, 1, 1, 2]))
    assert tokens[0] == tokens[2]
    positions = jnp.arange(64, dtype=jnp.int32)
    flat = jnp.zeros((64, VOCAB))
    many = [np.asarray(sample(flat, knobs([Sampling(seed=seed)] * 64), positions)) for seed in (5, 2**32 - 1)]
    assert np.mean(many[0] == many[1]) < 0.2
    assert len(set(many[0].tolist())) > 20


def test_greedy_rows_share_a_batch_with_sampled_ones():
    logits, _ = random_rows(2, 1)
    requests = knobs([Sampling(temperature=0.0), Sampling(seed=3)])
    tokens = [sample(jnp.asarray(logits), requests, jnp.full(2, i, jnp.int32)).tolist() for i in range(20)]
    greedy, sampled = zip(*tokens)
    assert set(greedy) == {int(logits[0].argmax())}
    assert len(set(sampled)) > 5


@pytest.mark.parametrize(
    "field, value",
    [
        ("temperature", -1.0),
        ("temperature", 1e-6),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_k", 2.5),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("min_p", 2.0),
        ("repetition_penalty", 0.0),
        ("max_new", 0),
        ("seed", 2**32),
        ("stop", (-1,)),
    ],
)
def test_values_out_of_bounds_are_named(field, value):
    with pytest.raises(UserError, match=rf"sampling\.{field}: expected .*, got {re.escape(repr(value))}"):
        Sampling(**{field: value})
