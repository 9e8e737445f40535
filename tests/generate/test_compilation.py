"""What a program is compiled for, and on how many devices it runs."""

import jax
import numpy as np
import pytest

from jaxlm.generate import Sampling, batching, generate, next_distribution, score, stream
from jaxlm.model import weights
from jaxlm.parallel.mesh import make_mesh
from jaxlm.parallel.sharding import shardings


def random_request(rng: np.random.Generator) -> Sampling:
    return Sampling(
        temperature=float(rng.choice([0.0, 0.7, 1.0])),
        top_k=int(rng.integers(0, 30)),
        top_p=float(rng.uniform(0.5, 1)),
        min_p=float(rng.choice([0.0, 0.1])),
        repetition_penalty=float(rng.uniform(0.8, 1.5)),
        max_new=int(rng.integers(1, 20)),
        stop=tuple(rng.integers(0, 61, rng.integers(0, 5)).tolist()),
        seed=int(rng.integers(2**32)),
    )


def test_100_requests_of_different_lengths_compile_nothing(model, compilations):
    params, cfg = model
    rng = np.random.default_rng(0)

    def ask(lengths: list[int], request: Sampling | None = None) -> None:
        prompts = [rng.integers(0, 61, length).tolist() for length in lengths]
        generate(params, cfg, prompts, [request or random_request(rng) for _ in prompts])
        list(stream(params, cfg, prompts[0], request or random_request(rng)))
        score(params, cfg, prompts)
        next_distribution(params, cfg, prompts, 5)

    longest = Sampling(max_new=20)
    with compilations() as names:
        ask([32, 32], longest)
        ask([44, 44], longest)
    assert any("run_loop" in name for name in names)  # the log is read as it is meant to be
    with compilations() as names:
        for _ in range(100):
            ask(rng.integers(1, 45, 2).tolist())
    assert names == []


def test_buckets_hold_what_they_are_asked_to():
    for length in range(1, 3000):
        assert length <= batching.length_bucket(length) < max(33, 2 * length)
        assert length <= batching.cache_bucket(length) <= max(64, 1.5 * length + 1)
    assert len({batching.cache_bucket(length) for length in range(1, 2049)}) == 11
    assert [batching.batch_bucket(count) for count in (1, 2, 3, 5, 64)] == [1, 2, 4, 8, 64]


@pytest.fixture
def mesh():
    return make_mesh(dict(data=2, fsdp=2, tensor=2, context=1))


def test_sharded_parameters_give_the_same_tokens(model, prompts, mesh, compilations):
    """Four rows over the mesh and one row, which no axis can cut; the stream's state keeps its layout between steps."""
    params, cfg = model
    requests = [Sampling(temperature=0.9, top_k=20, seed=i, max_new=12) for i in range(4)]
    want = generate(params, cfg, prompts, requests)
    scores = score(params, cfg, prompts)
    sharded = jax.device_put(params, shardings(weights.describe(cfg), mesh))
    with jax.set_mesh(mesh):
        got = generate(sharded, cfg, prompts, requests)
        with compilations() as names:
            events = list(stream(sharded, cfg, prompts[2], requests[2]))
        sharded_scores = score(sharded, cfg, prompts)
        following = next_distribution(sharded, cfg, prompts, 3)
    assert [answer.tokens for answer in got] == [answer.tokens for answer in want]
    assert [event.token for event in events] == want[2].tokens
    assert sum("stream_step" in name for name in names) == 1
    for row, sharded_row in zip(scores, sharded_scores):
        np.testing.assert_allclose(sharded_row, row, atol=1e-4)
    assert [row[0][0] for row in following] == [row[0][0] for row in next_distribution(params, cfg, prompts, 3)]
