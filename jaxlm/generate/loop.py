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
      finish: "stop" when a stop token was sampled, "call" when that ended a tool call, "doubt" when the row was
        interrupted because it was unsure, "length" when max_new or the model's max_len was reached.
      entropies, margins, peaks: of the raw distribution before each token: entropy in nats, log-probability of its
        likeliest token less that of the next, and probability of its likeliest. Empty where they are not known, as
        when an endpoint answered.
    """

    tokens: list[int]
    logprobs: list[float]
    finish: str
    entropies: list[float] = dataclasses.field(default_factory=list)
    margins: list[float] = dataclasses.field(default_factory=list)
    peaks: list[float] = dataclasses.field(default_factory=list)


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
        decoding = start(params, cfg, rows, [totals[index] for index in group], [requests[index] for index in group])
        answers.update(zip(group, run(decoding)))
    return [answers[index] for index in range(len(prompts))]


@dataclasses.dataclass
class Decoding:
    """One batch at work, each row's answer begun or at its end. See jaxlm.generate.interrupt for how a row goes on.

    Attributes:
      params, cfg: the model.
      requests: what each row asked for.
      began: tokens each row held before the answer it is at, or has ended. lengths: tokens it holds now.
      state: on the device, padded to its buckets; each driver puts the new one here and uses up the old one.
    """

    params: dict
    cfg: ModelConfig
    requests: list[Sampling]
    began: list[int]
    lengths: list[int]
    state: State


def start(
    params: dict, cfg: ModelConfig, rows: list[np.ndarray], totals: list[int], requests: list[Sampling]
) -> Decoding:
    """Prefills one batch, padded to its buckets with rows that are done from the start.

    Args:
      rows: at most MAX_BATCH prompts, as `jaxlm.generate.batching.check` returns them.
      totals: the most tokens each row may hold, prompt and answer.
    """
    padded, lengths = batching.pad(rows, batching.length_bucket(max(map(len, rows))))
    extra = len(padded) - len(rows)
    limits = np.array(totals + [1] * extra, np.int32)
    size = max(padded.shape[1], batching.cache_bucket(max(totals)))
    state = jitted_prefill()(params, padded, lengths, limits, knobs(requests + [Sampling()] * extra), cfg, size)
    return Decoding(params, cfg, requests, [len(row) for row in rows], [len(row) for row in rows], state)


def run(decoding: Decoding) -> list[Generation]:
    """Samples until every row is done; the latest answer of each row, also of those that were done before."""
    decoding.state, results = jitted_loop()(decoding.params, decoding.state, decoding.cfg)
    of_tokens, lengths, *flags = jax.device_get(results)
    decoding.lengths = lengths[: len(decoding.began)].tolist()
    answers = []
    for i, began in enumerate(decoding.began):
        tokens, logprobs, *measures = (values[i, began : lengths[i]].tolist() for values in of_tokens)
        answers.append(Generation(tokens, logprobs, finish(*(flag[i] for flag in flags)), *measures))
    return answers


def finish(stopped: bool, calling: bool, doubted: bool) -> str:
    """A row's `Generation.finish`, from its flags in State."""
    if doubted:
        return "doubt"
    return ("call" if calling else "stop") if stopped else "length"


def run_loop(params: dict, state: State, cfg: ModelConfig) -> tuple[State, tuple]:
    """Samples until every row is done. Returns the state, and what `run` reads of it, whole on every device."""
    params = unstack(params)
    state = jax.lax.while_loop(lambda s: ~s.done.all(), lambda s: sample_step(params, s, cfg)[0], state)
    of_tokens = (state.tokens, state.logprobs, state.entropies, state.margins, state.peaks)
    results = (of_tokens, state.lengths, state.stopped, state.calling, state.doubted)
    return state, jax.tree.map(lambda x: constrain(x, (None,) * x.ndim), results)


@functools.cache  # on first use, not on import: the options depend on the backend
def jitted_prefill():
    return jax.jit(prefill, static_argnames=("cfg", "size"), compiler_options=compiler_options("decode"))


@functools.cache
def jitted_loop():
    return jax.jit(
        run_loop, static_argnames=("cfg",), donate_argnames=("state",), compiler_options=compiler_options("decode")
    )
