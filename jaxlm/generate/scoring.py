"""What the model thinks of given tokens: their log-probabilities, the distribution behind them and the hidden states.

All run the training forward pass, not the cache, so they also serve as the reference for cached sampling.
"""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from jaxlm.generate import batching
from jaxlm.model import transformer
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.sharding import constrain

CHUNK = batching.MIN_LENGTH  # places whose logits exist at once: [B, T, V] would be by far the largest array


def score(params: dict, cfg: ModelConfig, sequences: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Natural log-probability of each token given those before it, teacher forced.

    Returns:
      float32 [len(sequence)] each; the first entry is nan, as nothing precedes it.

    Raises:
      UserError: an empty sequence or one longer than the model's max_len.
    """
    arrays = batching.check(sequences, cfg, cfg.max_len)
    scores: dict[int, np.ndarray] = {}
    for group, tokens, _ in batching.padded(arrays):
        logprobs = jax.device_get(_jitted_score()(params, tokens, cfg))
        scores.update((index, logprobs[i, : len(arrays[index])]) for i, index in enumerate(group))
    return [scores[index] for index in range(len(arrays))]


def next_distribution(
    params: dict, cfg: ModelConfig, prompts: Sequence[Sequence[int]], k: int
) -> list[list[tuple[int, float]]]:
    """The k most likely next tokens after each prompt as (id, probability), most likely first.

    Raises:
      UserError: an empty prompt or one longer than the model's max_len.
    """
    arrays = batching.check(prompts, cfg, cfg.max_len)
    tops: dict[int, list[tuple[int, float]]] = {}
    for group, tokens, lengths in batching.padded(arrays):
        probs, ids = jax.device_get(_jitted_next()(params, tokens, lengths, cfg, min(k, cfg.vocab_size)))
        tops.update((index, list(zip(ids[i].tolist(), probs[i].tolist()))) for i, index in enumerate(group))
    return [tops[index] for index in range(len(arrays))]


def contrast(
    params: dict, cfg: ModelConfig, prompts: Sequence[Sequence[int]], ids: Sequence[int]
) -> list[tuple[float, float, int]]:
    """For the place after each prompt: (log p of the likeliest of `ids`, log p of the likeliest other token, its id).

    Raises:
      UserError: an empty prompt or one longer than the model's max_len.
    """
    chosen = np.zeros(cfg.vocab_size, bool)
    chosen[list(ids)] = True
    arrays = batching.check(prompts, cfg, cfg.max_len)
    results: dict[int, tuple[float, float, int]] = {}
    for group, tokens, lengths in batching.padded(arrays):
        parts = jax.device_get(_jitted_contrast()(params, tokens, lengths, chosen, cfg))
        results.update((index, tuple(part[i].item() for part in parts)) for i, index in enumerate(group))
    return [results[index] for index in range(len(arrays))]


def states(
    params: dict, cfg: ModelConfig, sequences: Sequence[Sequence[int]], places: Sequence[Sequence[int]]
) -> list[np.ndarray]:
    """The final hidden states at some places of each sequence, float32 [len(places[i]), D].

    The state at a place is what the next token is predicted from. All sequences are asked for equally many places.

    Raises:
      UserError: an empty sequence or one longer than the model's max_len.
    """
    arrays = batching.check(sequences, cfg, cfg.max_len)
    results: dict[int, np.ndarray] = {}
    for group, tokens, _ in batching.padded(arrays):
        wanted = np.zeros((len(tokens), len(places[group[0]])), np.int32)
        wanted[: len(group)] = [places[index] for index in group]
        found = jax.device_get(_jitted_states()(params, tokens, wanted, cfg))
        results.update((index, found[i]) for i, index in enumerate(group))
    return [results[index] for index in range(len(arrays))]


def token_logprobs(params: dict, tokens: Int[Array, "B T"], cfg: ModelConfig) -> Float[Array, "B T"]:
    """log p(tokens[:, t] | tokens[:, :t]), nan at t = 0; T is a multiple of CHUNK."""
    h = _hidden(params, tokens, cfg)
    targets = jnp.roll(tokens, -1, axis=1)  # the last place predicts nothing and is cut off below

    def chunk(start: jax.Array) -> jax.Array:
        log_probs = jax.nn.log_softmax(
            transformer.logits(params, jax.lax.dynamic_slice_in_dim(h, start, CHUNK, 1), cfg), -1
        )
        wanted = jax.lax.dynamic_slice_in_dim(targets, start, CHUNK, 1)
        return jnp.take_along_axis(log_probs, wanted[..., None], -1)[..., 0]

    chunks = jax.lax.map(chunk, jnp.arange(0, tokens.shape[1], CHUNK))  # [T / CHUNK, B, CHUNK]
    logprobs = jnp.moveaxis(chunks, 0, 1).reshape(tokens.shape)
    logprobs = jnp.concatenate([jnp.full_like(logprobs[:, :1], jnp.nan), logprobs[:, :-1]], axis=1)
    return constrain(logprobs, (None, None))


def top_next(
    params: dict, tokens: Int[Array, "B T"], lengths: Int[Array, "B"], cfg: ModelConfig, k: int
) -> tuple[Float[Array, "B k"], Int[Array, "B k"]]:
    """Probabilities and ids of the k most likely tokens to follow the first lengths[b] tokens of each row."""
    last = jnp.take_along_axis(_hidden(params, tokens, cfg), (lengths - 1)[:, None, None], axis=1)[:, 0]
    probs, ids = jax.lax.top_k(jax.nn.softmax(transformer.logits(params, last, cfg), -1), k)
    return constrain(probs, (None, None)), constrain(ids, (None, None))


def split_next(
    params: dict, tokens: Int[Array, "B T"], lengths: Int[Array, "B"], chosen: Bool[Array, "V"], cfg: ModelConfig
) -> tuple[Float[Array, "B"], Float[Array, "B"], Int[Array, "B"]]:
    """What `contrast` returns, for right-padded rows; `chosen` marks the ids."""
    last = jnp.take_along_axis(_hidden(params, tokens, cfg), (lengths - 1)[:, None, None], axis=1)[:, 0]
    log_probs = jax.nn.log_softmax(transformer.logits(params, last, cfg), -1)
    inside = jnp.where(chosen[None], log_probs, -jnp.inf)
    outside = jnp.where(chosen[None], -jnp.inf, log_probs)
    parts = inside.max(-1), outside.max(-1), outside.argmax(-1)
    return tuple(constrain(part, (None,)) for part in parts)


def states_at(
    params: dict, tokens: Int[Array, "B T"], places: Int[Array, "B P"], cfg: ModelConfig
) -> Float[Array, "B P D"]:
    """Final hidden states in float32."""
    found = jnp.take_along_axis(_hidden(params, tokens, cfg), places[..., None], axis=1)
    return constrain(found.astype(jnp.float32), (None, None, None))


def _hidden(params: dict, tokens: Int[Array, "B T"], cfg: ModelConfig) -> Float[Array, "B T D"]:
    """One document a row: causal attention keeps the padding on the right out of everything before it."""
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1], dtype=jnp.int32), tokens.shape)
    return transformer.hidden(params, tokens, positions, jnp.zeros_like(tokens), cfg)


@functools.cache
def _jitted_score():
    return jax.jit(token_logprobs, static_argnames=("cfg",))


@functools.cache
def _jitted_next():
    return jax.jit(top_next, static_argnames=("cfg", "k"))


@functools.cache
def _jitted_contrast():
    return jax.jit(split_next, static_argnames=("cfg",))


@functools.cache
def _jitted_states():
    return jax.jit(states_at, static_argnames=("cfg",))
