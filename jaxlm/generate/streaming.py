"""One request, token by token: the same sample step as the compiled loop, driven from Python."""

import dataclasses
import functools
import math
from collections.abc import Generator, Sequence

import jax
import jax.numpy as jnp

from jaxlm.generate import batching, loop
from jaxlm.generate.sampling import Sampling
from jaxlm.generate.step import State, sample_step
from jaxlm.model.config import ModelConfig
from jaxlm.model.transformer import unstack
from jaxlm.parallel.sharding import constrain
from jaxlm.runtime import compiler_options

TOP = 5  # alternatives reported beside each token


@dataclasses.dataclass(frozen=True)
class Event:
    """A sampled token.

    Attributes:
      token: its id.
      logprob: its log-probability under the model's raw distribution, before temperature, penalty and filters.
      top: the most likely (id, probability) of that distribution, most likely first.
      entropy, margin, peak: of that distribution, as in `Generation`; nan where they are not known.
    """

    token: int
    logprob: float
    top: list[tuple[int, float]]
    entropy: float = math.nan
    margin: float = math.nan
    peak: float = math.nan


def stream(params: dict, cfg: ModelConfig, prompt: Sequence[int], sampling: Sampling) -> Generator[Event, None, str]:
    """Yields an Event a token, the tokens `generate` would give for the same request.

    The generator's return value (of `yield from`) is the finish, as in `Generation`. Closing the generator early costs
    nothing.

    Raises:
      UserError: at the first `next`; as `generate`.
    """
    return (yield from steps(begin(params, cfg, prompt, sampling)))


def begin(params: dict, cfg: ModelConfig, prompt: Sequence[int], sampling: Sampling) -> loop.Decoding:
    """One row that has read its prompt, for `steps`. Raises UserError as `generate`."""
    rows = batching.check([prompt], cfg, cfg.max_len - 1)
    limit = min(len(rows[0]) + sampling.max_new, cfg.max_len)
    return loop.start(params, cfg, rows, [limit], [sampling])


def steps(decoding: loop.Decoding) -> Generator[Event, None, str]:
    """As `stream`, of the only row of `decoding`; it is left in a state from which an interrupted row can go on."""
    decoding.params = _unstacked()(decoding.params)
    done = False
    while not done:
        decoding.state, shown = _stream_step()(decoding.params, decoding.state, decoding.cfg)
        done, stopped, calling, doubted, token, logprob, ids, probs, *measures = jax.device_get(shown)
        if not stopped:
            decoding.lengths[0] += 1
            yield Event(int(token), float(logprob), list(zip(ids.tolist(), probs.tolist())), *map(float, measures))
    return loop.finish(stopped, calling, doubted)


def stream_step(params: dict, state: State, cfg: ModelConfig) -> tuple[State, tuple]:
    """`sample_step`, and of its first row: its flags, token, logprob, top ids, their probabilities."""
    state, log_probs = sample_step(params, state, cfg)
    values, ids = jax.lax.top_k(log_probs[0], min(TOP, cfg.vocab_size))
    place = state.lengths[0] - 1
    flags = (state.done[0], state.stopped[0], state.calling[0], state.doubted[0])
    measures = (x[0, place] for x in (state.entropies, state.margins, state.peaks))
    shown = (*flags, state.tokens[0, place], state.logprobs[0, place], ids, jnp.exp(values), *measures)
    return state, tuple(constrain(x, (None,) * x.ndim) for x in shown)


@functools.cache
def _stream_step():
    return jax.jit(
        stream_step, static_argnames=("cfg",), donate_argnames=("state",), compiler_options=compiler_options("decode")
    )


@functools.cache
def _unstacked():
    return jax.jit(unstack)
