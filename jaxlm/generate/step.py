"""The state of a batch being sampled, how it begins (`prefill`) and the one step that every driver repeats."""

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int

from jaxlm.generate.sampling import Knobs, filter_logits, sample
from jaxlm.model import transformer
from jaxlm.model.cache import Cache
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.sharding import constrain


@struct.dataclass
class State:
    """B rows in S places each; S is also the size of the cache.

    Attributes:
      tokens: the prompt, then what was sampled; places from lengths[b] on are 0.
      logprobs: natural log of the probability of each sampled token under the model's raw distribution, that is at
        temperature 1, before any penalty or filter; 0 at the places of the prompt.
      lengths: tokens held by each row. The cache holds one less: the last token is read by the next step.
      limits: the length at which a row is finished.
      done: rows that take part no more. stopped: those among them that met a stop token (which is not kept).
      seen: tokens of the vocabulary that the row's prompt or answer holds, for the repetition penalty.
      cache: keys and values.
      knobs: what each row asked for.
    """

    tokens: Int[Array, "B S"]
    logprobs: Float[Array, "B S"]
    lengths: Int[Array, "B"]
    limits: Int[Array, "B"]
    done: Bool[Array, "B"]
    stopped: Bool[Array, "B"]
    seen: Bool[Array, "B V"]
    cache: Cache
    knobs: Knobs


def prefill(
    params: dict,
    prompts: Int[Array, "B P"],
    lengths: Int[Array, "B"],
    limits: Int[Array, "B"],
    knobs: Knobs,
    cfg: ModelConfig,
    size: int,
) -> State:
    """The state after reading right-padded prompts of lengths[b] >= 1 tokens; `size` is S, at least P."""
    batch, width = prompts.shape
    rows = jnp.arange(batch)
    real = jnp.arange(width)[None] < lengths[:, None]
    _, cache = transformer.extend(params, prompts, lengths - 1, Cache.empty(cfg, batch, size), cfg)
    state = State(
        tokens=jnp.zeros((batch, size), jnp.int32).at[:, :width].set(jnp.where(real, prompts, 0)),
        logprobs=jnp.zeros((batch, size), jnp.float32),
        lengths=lengths,
        limits=limits,
        done=lengths >= limits,
        stopped=jnp.zeros(batch, bool),
        seen=jnp.zeros((batch, cfg.vocab_size), bool).at[rows[:, None], prompts].max(real),
        cache=cache,
        knobs=knobs,
    )
    return _laid_out(state)


def sample_step(params: dict, state: State, cfg: ModelConfig) -> tuple[State, Float[Array, "B V"]]:
    """Reads each row's last token and samples the next; rows that are done stay as they are.

    Returns:
      The new state, and the raw log-distribution the tokens were sampled from (see State.logprobs).
    """
    rows = jnp.arange(state.done.shape[0])
    active = ~state.done
    last = state.tokens[rows, state.lengths - 1]
    h, cache = transformer.extend(params, last[:, None], active.astype(jnp.int32), state.cache, cfg)
    logits = transformer.logits(params, h[:, 0], cfg)
    log_probs = jax.nn.log_softmax(logits, -1)

    token = sample(filter_logits(logits, state.seen, state.knobs), state.knobs, state.lengths)
    hit = active & jnp.any(state.knobs.stop == token[:, None], -1)
    kept = active & ~hit
    place = jnp.where(kept, state.lengths, state.tokens.shape[1])  # a place outside the array drops the write
    lengths = state.lengths + kept.astype(jnp.int32)
    state = state.replace(
        tokens=state.tokens.at[rows, place].set(token, mode="drop"),
        logprobs=state.logprobs.at[rows, place].set(log_probs[rows, token], mode="drop"),
        lengths=lengths,
        done=state.done | hit | (lengths >= state.limits),
        stopped=state.stopped | hit,
        seen=state.seen.at[rows, token].max(kept),
        cache=cache,
    )
    return _laid_out(state), log_probs


def _laid_out(state: State) -> State:
    """Fixes the layout on a mesh, so that a step's result enters the next step without a copy or a compilation."""
    heads = ("batch", "kv_heads", None, None)
    cache = state.cache.replace(
        k=tuple(constrain(layer, heads) for layer in state.cache.k),
        v=tuple(constrain(layer, heads) for layer in state.cache.v),
        last_key=tuple(constrain(layer, heads[:3]) for layer in state.cache.last_key),
    )
    state = jax.tree.map(lambda leaf: constrain(leaf, ("batch",) + (None,) * (leaf.ndim - 1)), state.replace(cache=()))
    return state.replace(cache=cache.replace(length=constrain(cache.length, ("batch",))))
