"""Rows that are interrupted and go on from the cache, against generation from scratch."""

import dataclasses

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.generate import Doubt, Sampling, batching, generate, loop, step
from jaxlm.generate.interrupt import Insertion, length_after, resume
from jaxlm.generate.loop import Decoding
from jaxlm.generate.streaming import steps

REQUESTS = [
    Sampling(temperature=0.0, max_new=9),
    Sampling(temperature=0.8, top_k=20, seed=1, max_new=12),
    Sampling(repetition_penalty=1.4, seed=2, max_new=10),
    Sampling(temperature=0.0, repetition_penalty=1.2, max_new=7),
]


def begin(params, cfg, prompts, requests) -> Decoding:
    rows = batching.check(prompts, cfg, cfg.max_len - 1)
    totals = [min(len(row) + request.max_new, cfg.max_len) for row, request in zip(rows, requests)]
    return loop.start(params, cfg, rows, totals, list(requests))


def streamed(decoding: Decoding) -> tuple[list, str]:
    events, source = [], steps(decoding)
    while True:
        try:
            events.append(next(source))
        except StopIteration as end:
            return events, end.value


def doubting(requests, **signs) -> list[Sampling]:
    return [dataclasses.replace(request, doubt=Doubt(**signs)) for request in requests]


def first(values: np.ndarray) -> int | None:
    return int(values.argmax()) if values.any() else None


@pytest.mark.parametrize(
    "signs, crossed",
    [
        (dict(probability=0.3), lambda plain: np.array(plain.peaks) < 0.3),
        (dict(entropy=2.5), lambda plain: np.array(plain.entropies) > 2.5),
        (dict(logprob=-6.0), lambda plain: np.cumsum(plain.logprobs) < -6.0),
        (dict(logprob=-6.0, window=3), lambda plain: np.cumsum(plain.logprobs)[:3] < -6.0),
        (dict(entropy=2.5, window=0), lambda plain: np.zeros(1, bool)),
    ],
)
def test_a_row_stops_where_it_first_doubts(sharp_model, prompts, signs, crossed):
    params, cfg = sharp_model
    plain = generate(params, cfg, prompts, REQUESTS)
    places = [first(crossed(answer)) for answer in plain]
    if signs.get("window", 16) > 3:
        assert any(places), "the threshold interrupts somebody, and not at the first token only"
    requests = doubting(REQUESTS, **signs)
    for i, (answer, place) in enumerate(zip(generate(params, cfg, prompts, requests), places)):
        assert answer.tokens == plain[i].tokens[: None if place is None else place + 1]
        assert answer.finish == ("length" if place is None else "doubt")
        events, finish = streamed(begin(params, cfg, [prompts[i]], [requests[i]]))
        assert ([event.token for event in events], finish) == (answer.tokens, answer.finish)


def test_a_row_minds_its_own_threshold(sharp_model, prompts):
    params, cfg = sharp_model
    requests = doubting(REQUESTS, probability=1.0)
    mixed = [request if i == 2 else REQUESTS[i] for i, request in enumerate(requests)]
    answers, plain = generate(params, cfg, prompts, mixed), generate(params, cfg, prompts, REQUESTS)
    assert [answer.finish for answer in answers] == ["length", "length", "doubt", "length"]
    assert [len(answer.tokens) for answer in answers] == [9, 12, 1, 7]
    assert answers[0] == plain[0]


def test_a_call_is_a_finish_of_its_own_and_is_never_doubted(sharp_model, prompts):
    params, cfg = sharp_model
    plain = generate(params, cfg, prompts, REQUESTS)[1]
    call, stop = plain.tokens[0], next(token for token in plain.tokens[4:] if token not in plain.tokens[:4])
    request = dataclasses.replace(REQUESTS[1], stop=(stop,), doubt=Doubt(probability=1.0))
    (answer,) = generate(params, cfg, [prompts[1]], dataclasses.replace(request, call=call))
    assert answer.finish == "call" and answer.tokens == plain.tokens[: plain.tokens.index(stop)]
    (unfinished,) = generate(params, cfg, [prompts[1]], dataclasses.replace(request, call=call, stop=()))
    assert unfinished.finish == "length" and unfinished.tokens == plain.tokens
    (doubted,) = generate(params, cfg, [prompts[1]], request)
    assert doubted.finish == "doubt"


def tokens(rng: np.random.Generator, count: int) -> list[int]:
    return rng.integers(0, 61, count).tolist()


def same(got, want) -> None:
    assert got.tokens == want.tokens and got.finish == want.finish
    for measure in ("logprobs", "entropies", "margins", "peaks"):
        np.testing.assert_allclose(getattr(got, measure), getattr(want, measure), atol=1e-4)


def test_resumed_rows_equal_generation_from_scratch(each_sharp_model, prompts):
    """Twice in a row, one row with and one without its first answer, the second time the other way around.

    Insertions are of one token, of more than a chunk, and so long that the cache has to grow.
    """
    params, cfg = each_sharp_model
    rng = np.random.default_rng(1)
    decoding = begin(params, cfg, prompts, doubting(REQUESTS, logprob=-12.0))
    answers = loop.run(decoding)
    texts = list(prompts)
    for insertions in (
        {0: Insertion(tokens(rng, 66), drop=True), 3: Insertion(tokens(rng, 1))},
        {
            0: Insertion(tokens(rng, 5)),
            2: Insertion(tokens(rng, 7), drop=True),
            3: Insertion(tokens(rng, 3), drop=True),
        },
    ):
        resume(decoding, insertions)
        after = loop.run(decoding)
        for row, insertion in insertions.items():
            texts[row] = texts[row] + ([] if insertion.drop else answers[row].tokens) + insertion.tokens
            (want,) = generate(params, cfg, [texts[row]], REQUESTS[row])
            same(after[row], want)
        assert [after[row] == answers[row] for row in range(4)] == [row not in insertions for row in range(4)]
        answers = after
    held = [len(text) + len(answer.tokens) for text, answer in zip(texts, answers)]
    assert decoding.lengths == held and decoding.began == [len(text) for text in texts]


@pytest.mark.parametrize("drop", [True, False])
def test_next_distribution_after_an_insertion_is_that_of_a_fresh_prefill(each_sharp_model, prompts, drop):
    params, cfg = each_sharp_model
    decoding = begin(params, cfg, prompts, doubting(REQUESTS, logprob=-12.0))
    answers = loop.run(decoding)
    resume(decoding, {row: Insertion([7, 8, 9], drop=drop) for row in range(4)})
    texts = [prompt + ([] if drop else answer.tokens) + [7, 8, 9] for prompt, answer in zip(prompts, answers)]
    fresh = begin(params, cfg, texts, REQUESTS)
    got, want = (step.sample_step(params, each.state, cfg)[1] for each in (decoding, fresh))
    np.testing.assert_allclose(got, want, atol=1e-4)


def test_the_stream_resumes_as_the_batch_does(each_sharp_model, prompts):
    params, cfg = each_sharp_model
    requests = doubting(REQUESTS, logprob=-6.0)
    batch = begin(params, cfg, prompts, requests)
    before = loop.run(batch)
    resume(batch, {row: Insertion([5, 6], drop=True, watch=True) for row in range(4)})
    after = loop.run(batch)
    assert "doubt" in {answer.finish for answer in after}
    for row in range(4):
        alone = begin(params, cfg, [prompts[row]], [requests[row]])
        events, finish = streamed(alone)
        assert ([event.token for event in events], finish) == (before[row].tokens, before[row].finish)
        resume(alone, {0: Insertion([5, 6], drop=True, watch=True)})
        events, finish = streamed(alone)
        assert ([event.token for event in events], finish) == (after[row].tokens, after[row].finish)
        assert alone.lengths == [batch.lengths[row]]


def test_doubt_interrupts_again_only_where_it_is_asked_to(sharp_model, prompts):
    params, cfg = sharp_model
    decoding = begin(params, cfg, prompts, doubting(REQUESTS, probability=1.0))
    loop.run(decoding)
    resume(decoding, {row: Insertion([3], drop=True, watch=row == 1) for row in (0, 1)})
    assert [answer.finish for answer in loop.run(decoding)] == ["length", "doubt", "doubt", "doubt"]


def test_an_answer_ends_where_the_model_does_and_nothing_is_inserted_beyond(sharp_model):
    params, cfg = sharp_model
    decoding = begin(params, cfg, [[5] * 40], [Sampling(max_new=4)])
    loop.run(decoding)
    assert length_after(decoding, 0, Insertion([1] * 50)) == 94
    with pytest.raises(ValueError, match="row 0: 52 tokens to insert, 96 in all"):
        resume(decoding, {0: Insertion([1] * 52)})
    with pytest.raises(ValueError, match="row 0: 0 tokens"):
        resume(decoding, {0: Insertion([])})
    resume(decoding, {0: Insertion([1] * 50)})
    (answer,) = loop.run(decoding)
    assert (len(answer.tokens), answer.finish) == (2, "length")


def test_interruptions_of_all_kinds_compile_nothing(sharp_model, compilations):
    params, cfg = sharp_model
    cfg = dataclasses.replace(cfg, max_len=95)  # another program than any other test's
    rng = np.random.default_rng(0)

    def ask(inserted: list[int], rows: list[int], shortest: int = 1) -> None:
        prompts = [tokens(rng, int(rng.integers(shortest, 32))) for _ in range(4)]
        doubt = Doubt(*(float(rng.choice(x)) for x in ([0, 0.3], [2, np.inf], [-5, -np.inf])), int(rng.integers(20)))
        request = Sampling(max_new=int(rng.integers(1, 10)), call=int(rng.integers(-1, 61)), doubt=doubt)
        batch, alone = begin(params, cfg, prompts, [request] * 4), begin(params, cfg, prompts[:1], [request])
        loop.run(batch)
        list(steps(alone))
        resume(batch, {row: Insertion(tokens(rng, n), bool(rng.integers(2))) for row, n in zip(rows, inserted)})
        loop.run(batch)
        resume(alone, {0: Insertion(tokens(rng, inserted[0]), True)})
        list(steps(alone))

    with compilations() as names:
        ask([1], [0])
        ask([50], [0], shortest=31)
    assert {name.split()[1] for name in names} >= {"jit(extend_state)", "jit(stream_step)", "jit(run_loop)"}
    with compilations() as names:
        for _ in range(15):
            ask(rng.integers(1, 51, 2).tolist(), rng.permutation(4)[:2].tolist())
    assert names == []


@pytest.mark.parametrize(
    "fields, message",
    [
        (dict(probability=1.5), "sampling.doubt.probability: expected 0 .off. to 1, got 1.5"),
        (dict(entropy=-1.0), "sampling.doubt.entropy"),
        (dict(entropy=float("nan")), "sampling.doubt.entropy"),
        (dict(logprob=0.5), "sampling.doubt.logprob"),
        (dict(window=2.5), "sampling.doubt.window"),
    ],
)
def test_wrong_thresholds(fields, message):
    with pytest.raises(UserError, match=message):
        Doubt(**fields)
