"""What the model thinks of given tokens: log-probabilities of sequences, and the distribution after a prompt.

Both run the training forward pass, not the cache, so they also serve as the reference for cached sampling.
"""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

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
    for group in batching.batches([len(row) for row in arrays]):
        rows = [arrays[index] for index in group]
        tokens, _ = batching.pad(rows, batching.length_bucket(max(map(len, rows))))
        logprobs = jax.device_get(_jitted_score()(params, tokens, cfg))
        scores.update((index, logprobs[i, : len(row)]) for i, (index, row) in enumerate(zip(group, rows)))
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
    for group in batching.batches([len(row) for row in arrays]):
        rows = [arrays[index] for index in group]
        tokens, lengths = batching.pad(rows, batching.length_bucket(max(map(len, rows))))
        probs, ids = jax.device_get(_jitted_next()(params, tokens, lengths, cfg, min(k, cfg.vocab_size)))
        tops.update((index, list(zip(ids[i].tolist(), probs[i].tolist()))) for i, index in enumerate(group))
    return [tops[index] for index in range(len(arrays))]


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
