"""The compiled loop and the streaming driver against each other and against teacher forcing."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.generate import Sampling, batching, generate, next_distribution, score, stream
from jaxlm.generate.step import distribution
from jaxlm.model import transformer

REQUESTS = [
    Sampling(temperature=0.0, max_new=9),
    Sampling(temperature=0.8, top_k=20, seed=1, max_new=30),
    Sampling(top_p=0.9, min_p=0.01, repetition_penalty=1.3, seed=2, max_new=21),
    Sampling(seed=2**32 - 1, max_new=25),
]
MEASURES = {"entropy": "entropies", "margin": "margins", "peak": "peaks"}


def streamed(params, cfg, prompt, request) -> tuple[list, str]:
    events, source = [], stream(params, cfg, prompt, request)
    while True:
        try:
            events.append(next(source))
        except StopIteration as end:
            return events, end.value


def test_batch_alone_and_stream_agree(each_model, prompts):
    params, cfg = each_model
    batch = generate(params, cfg, prompts, REQUESTS)
    for prompt, request, answer in zip(prompts, REQUESTS, batch):
        assert len(answer.tokens) == request.max_new and answer.finish == "length"
        (alone,) = generate(params, cfg, [prompt], request)
        events, finish = streamed(params, cfg, prompt, request)
        assert alone.tokens == answer.tokens == [event.token for event in events]
        assert finish == "length"
        tolerance = 1e-4 if cfg.dtype == "float32" else 0.1
        np.testing.assert_allclose([event.logprob for event in events], answer.logprobs, atol=tolerance)
        for measure, field in MEASURES.items():
            measured = [getattr(event, measure) for event in events]
            np.testing.assert_allclose(measured, getattr(answer, field), atol=3 * tolerance)


def test_cached_logprobs_are_teacher_forced_ones(each_model, prompts):
    params, cfg = each_model
    answers = generate(params, cfg, prompts, REQUESTS)
    scores = score(params, cfg, [prompt + answer.tokens for prompt, answer in zip(prompts, answers)])
    for prompt, answer, row in zip(prompts, answers, scores):
        tolerance = 1e-4 if cfg.dtype == "float32" else 0.1
        np.testing.assert_allclose(row[len(prompt) :], answer.logprobs, atol=tolerance)


def test_cached_measures_are_those_of_the_sorted_distribution(each_model, prompts):
    params, cfg = each_model
    for prompt, answer in zip(prompts, generate(params, cfg, prompts, REQUESTS)):
        tokens = jnp.asarray([prompt + answer.tokens[:-1]])
        positions = jnp.arange(tokens.shape[1], dtype=jnp.int32)[None]
        h = transformer.hidden(params, tokens, positions, jnp.zeros_like(positions), cfg)
        logits = np.asarray(transformer.logits(params, h[0, len(prompt) - 1 :], cfg), np.float64)
        p = np.sort(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), -1)  # ascending
        tolerance = 3e-4 if cfg.dtype == "float32" else 0.3
        np.testing.assert_allclose(answer.entropies, -(p * np.log(p)).sum(-1), atol=tolerance)
        np.testing.assert_allclose(answer.margins, np.log(p[:, -1] / p[:, -2]), atol=tolerance)
        np.testing.assert_allclose(answer.peaks, p[:, -1], atol=tolerance)


def test_tied_tokens_have_no_margin():
    log_probs, entropy, margin, peak = distribution(jnp.array([[2.0, 2.0, -1.0], [0.0, 0.0, 0.0], [60.0, 1.0, 0.0]]))
    np.testing.assert_allclose(margin, [0, 0, 59])
    np.testing.assert_allclose(entropy[1:], [np.log(3), 0], atol=1e-6)
    np.testing.assert_allclose(peak, np.exp(log_probs).max(-1), rtol=1e-6)


def test_penalized_greedy_equals_naive_loop(model):
    """The whole sequence again for each token, the penalty by hand."""
    params, cfg = model
    request = Sampling(temperature=0.0, repetition_penalty=1.5, max_new=20)
    prompt = [2, 7, 7, 30]

    @jax.jit
    def last_logits(tokens, length):
        positions = jnp.arange(32, dtype=jnp.int32)[None]
        h = transformer.hidden(params, tokens[None], positions, jnp.zeros_like(positions), cfg)
        return transformer.logits(params, h[0, length - 1], cfg)

    tokens = list(prompt)
    for _ in range(request.max_new):
        padded = np.array(tokens + [0] * (32 - len(tokens)), np.int32)
        logits = np.array(last_logits(padded, len(tokens)))
        for token in set(tokens):
            logits[token] *= 1 / 1.5 if logits[token] > 0 else 1.5
        tokens.append(int(logits.argmax()))
    (answer,) = generate(params, cfg, [prompt], request)
    assert answer.tokens == tokens[len(prompt) :]
    (free,) = generate(params, cfg, [prompt], dataclasses.replace(request, repetition_penalty=1.0))
    assert free.tokens != answer.tokens


def test_stop_token_ends_the_row_and_is_left_out(model, prompts):
    params, cfg = model
    full = generate(params, cfg, prompts, REQUESTS)
    token = full[1].tokens[5]
    stopping = [dataclasses.replace(request, stop=(60, token)) for request in REQUESTS]
    for prompt, request, before, after in zip(prompts, stopping, full, generate(params, cfg, prompts, stopping)):
        ends = [i for i, sampled in enumerate(before.tokens) if sampled in request.stop]
        assert after.tokens == before.tokens[: ends[0] if ends else None]
        assert after.finish == ("stop" if ends else "length")
        events, finish = streamed(params, cfg, prompt, request)
        assert ([event.token for event in events], finish) == (after.tokens, after.finish)


def test_answer_ends_where_the_model_does(model):
    params, cfg = model
    prompt = [5] * (cfg.max_len - 3)
    (answer,) = generate(params, cfg, [prompt], Sampling(max_new=50))
    assert (len(answer.tokens), answer.finish) == (3, "length")


def test_many_requests_are_cut_into_batches_and_keep_their_order(model, prompts, monkeypatch):
    params, cfg = model
    whole = generate(params, cfg, prompts + prompts[::-1], REQUESTS + REQUESTS[::-1])
    monkeypatch.setattr(batching, "MAX_BATCH", 4)
    assert [a.tokens for a in whole] == [
        a.tokens for a in generate(params, cfg, prompts + prompts[::-1], REQUESTS + REQUESTS[::-1])
    ]
    assert [a.tokens for a in whole[4:]] == [a.tokens for a in whole[:4][::-1]]
    assert generate(params, cfg, [], Sampling()) == []


def test_events_show_the_distribution(model, prompts):
    params, cfg = model
    request = Sampling(temperature=0.0, max_new=6)
    events, _ = streamed(params, cfg, prompts[2], request)
    tokens = [event.token for event in events]
    for i, event in enumerate(events):
        (following,) = next_distribution(params, cfg, [prompts[2] + tokens[:i]], 5)
        assert [token for token, _ in event.top] == [token for token, _ in following]
        np.testing.assert_allclose([p for _, p in event.top], [p for _, p in following], atol=1e-5)
        assert event.top[0][0] == event.token and np.isclose(np.exp(event.logprob), event.top[0][1], atol=1e-5)


def test_score_equals_unpadded_log_softmax(model, prompts):
    params, cfg = model
    prompt, row = prompts[2], score(params, cfg, prompts)[2]
    assert row.shape == (len(prompt),) and np.isnan(row[0])
    positions = jnp.arange(len(prompt), dtype=jnp.int32)[None]
    h = transformer.hidden(params, jnp.asarray([prompt]), positions, jnp.zeros_like(positions), cfg)
    want = jax.nn.log_softmax(transformer.logits(params, h[0], cfg), -1)[np.arange(len(prompt) - 1), prompt[1:]]
    np.testing.assert_allclose(row[1:], want, atol=1e-5)


def test_next_distribution_holds_all_probability(model, prompts):
    params, cfg = model
    for row in next_distribution(params, cfg, prompts, 1000):
        assert sorted(token for token, _ in row) == list(range(cfg.vocab_size))
        assert np.isclose(sum(p for _, p in row), 1, atol=1e-5)
        assert [p for _, p in row] == sorted((p for _, p in row), reverse=True)


@pytest.mark.parametrize(
    "prompt, message",
    [
        ([], "prompt 1 is empty: it must at least hold the BOS token"),
        ([1] * 96, "prompt 1 has 96 tokens; it may have 95 at most .*max_len=96"),
        ([61], "prompt 1: token ids must be 0 to 60"),
        ([1.5], "prompt 1: expected a list of token ids"),
    ],
)
def test_bad_prompts(model, prompt, message):
    params, cfg = model
    with pytest.raises(UserError, match=message):
        generate(params, cfg, [[1], prompt], Sampling())


def test_wrong_number_of_requests(model):
    with pytest.raises(UserError, match="2 requests for 1 prompts"):
        generate(*model, [[1]], [Sampling(), Sampling()])
