"""Batches of requests, each sampled to its end inside one compiled loop."""

import dataclasses
import functools
from collections.abc import Sequence

import jax
import numpy as np

from jaxlm.errors import UserError
from jaxlm.generate import batching
from jaxlm.generate.sampling import Sampling, knobs
from jaxlm.generate.step import State, prefill, sample_step
from jaxlm.model.config import ModelConfig
from jaxlm.model.transformer import unstack
from jaxlm.parallel.sharding import constrain
from jaxlm.runtime import compiler_options


@dataclasses.dataclass(frozen=True)
class Generation:
    """One answer.

    Attributes:
      tokens: sampled ids, without the prompt and without the stop token.
      logprobs: log-probability of each under the model's raw distribution, before temperature, penalty and filters.
      finish: "stop" when a stop token was sampled, "length" when max_new or the model's max_len was reached.
    """

    tokens: list[int]
    logprobs: list[float]
    finish: str


def generate(
    params: dict, cfg: ModelConfig, prompts: Sequence[Sequence[int]], sampling: Sampling | Sequence[Sampling]
) -> list[Generation]:
    """Continues each prompt (a list of ids, BOS first); one Sampling serves all, or one is given a prompt.

    Prompts of different lengths and different requests share a batch. A program is compiled for each bucket of
    (rows, prompt length, total length); see jaxlm.generate.batching. `params` may be sharded: call under the
    `jax.set_mesh` they live on, in all processes alike.

    Raises:
      UserError: an empty prompt, one that fills the model's max_len, or a wrong number of requests.
    """
    requests = [sampling] * len(prompts) if isinstance(sampling, Sampling) else list(sampling)
    if len(requests) != len(prompts):
        raise UserError(f"sampling: {len(requests)} requests for {len(prompts)} prompts")
    tokens = batching.check(prompts, cfg, cfg.max_len - 1)
    totals = [min(len(row) + request.max_new, cfg.max_len) for row, request in zip(tokens, requests)]
    answers: dict[int, Generation] = {}
    for group in batching.batches(totals):
        rows = [tokens[index] for index in group]
        results = _generate(params, cfg, rows, [totals[index] for index in group], [requests[index] for index in group])
        answers.update(zip(group, results))
    return [answers[index] for index in range(len(prompts))]


def start(params: dict, cfg: ModelConfig, rows: list[np.ndarray], totals: list[int], requests: list[Sampling]) -> State:
    """Prefills one batch, padded to its buckets with rows that are done from the start."""
    padded, lengths = batching.pad(rows, batching.length_bucket(max(map(len, rows))))
    extra = len(padded) - len(rows)
    limits = np.array(totals + [1] * extra, np.int32)
    size = max(padded.shape[1], batching.cache_bucket(max(totals)))
    return jitted_prefill()(params, padded, lengths, limits, knobs(requests + [Sampling()] * extra), cfg, size)


def _generate(params, cfg, rows, totals, requests) -> list[Generation]:
    state = start(params, cfg, rows, totals, requests)
    tokens, logprobs, lengths, stopped = jax.device_get(jitted_loop()(params, state, cfg))
    return [
        Generation(
            tokens[i, len(row) : lengths[i]].tolist(),
            logprobs[i, len(row) : lengths[i]].tolist(),
            "stop" if stopped[i] else "length",
        )
        for i, row in enumerate(rows)
    ]


def run_loop(params: dict, state: State, cfg: ModelConfig) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """Samples until every row is done. Returns tokens, logprobs, lengths and stopped, whole on every device."""
    params = unstack(params)
    state = jax.lax.while_loop(lambda s: ~s.done.all(), lambda s: sample_step(params, s, cfg)[0], state)
    results = (state.tokens, state.logprobs, state.lengths, state.stopped)
    return tuple(constrain(x, (None,) * x.ndim) for x in results)


@functools.cache  # on first use, not on import: the options depend on the backend
def jitted_prefill():
    return jax.jit(prefill, static_argnames=("cfg", "size"), compiler_options=compiler_options("decode"))


@functools.cache
def jitted_loop():
    return jax.jit(run_loop, static_argnames=("cfg",), compiler_options=compiler_options("decode"))
