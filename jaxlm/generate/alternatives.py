"""Log-probabilities of given tokens beside those of the likeliest ones at each place: a prompt's echo."""

import dataclasses
import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from jaxlm.generate import batching
from jaxlm.generate.scoring import CHUNK
from jaxlm.model import transformer
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.sharding import constrain


@dataclasses.dataclass(frozen=True)
class Scored:
    """A sequence of n tokens; the first place predicts nothing from nothing: its entries are nan and 0.

    Attributes:
      logprobs: float32 [n], natural log of p(token | those before it).
      top_ids: int32 [n, k], the likeliest tokens at each place, likeliest first.
      top_logprobs: float32 [n, k]. Where the token is the likeliest one, exactly the number in `logprobs`.
    """

    logprobs: np.ndarray
    top_ids: np.ndarray
    top_logprobs: np.ndarray


def score_with_top(params: dict, cfg: ModelConfig, sequences: Sequence[Sequence[int]], k: int = 1) -> list[Scored]:
    """`jaxlm.generate.score` with the k likeliest tokens of each place (at most the vocabulary), teacher forced.

    Raises:
      UserError: an empty sequence or one longer than the model's max_len.
    """
    arrays = batching.check(sequences, cfg, cfg.max_len)
    results: dict[int, Scored] = {}
    for group, tokens, _ in batching.padded(arrays):
        parts = jax.device_get(_jitted()(params, tokens, cfg, min(k, cfg.vocab_size)))
        for i, index in enumerate(group):
            results[index] = Scored(*(part[i, : len(arrays[index])] for part in parts))
    return [results[index] for index in range(len(arrays))]


def top_logprobs(
    params: dict, tokens: Int[Array, "B T"], cfg: ModelConfig, k: int
) -> tuple[Float[Array, "B T"], Int[Array, "B T k"], Float[Array, "B T k"]]:
    """The fields of `Scored` for right-padded rows; T is a multiple of CHUNK."""
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1], dtype=jnp.int32), tokens.shape)
    h = transformer.hidden(params, tokens, positions, jnp.zeros_like(tokens), cfg)
    targets = jnp.roll(tokens, -1, axis=1)  # the last place predicts nothing and is cut off below

    def chunk(start: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        logits = transformer.logits(params, jax.lax.dynamic_slice_in_dim(h, start, CHUNK, 1), cfg)
        log_probs = jax.nn.log_softmax(logits, -1)  # [B, CHUNK, V]
        wanted = jax.lax.dynamic_slice_in_dim(targets, start, CHUNK, 1)
        values, ids = jax.lax.top_k(log_probs, k)
        return jnp.take_along_axis(log_probs, wanted[..., None], -1)[..., 0], ids, values

    chunks = jax.lax.map(chunk, jnp.arange(0, tokens.shape[1], CHUNK))  # [T / CHUNK, B, CHUNK, ...]
    parts = [jnp.moveaxis(part, 0, 1).reshape(*tokens.shape, *part.shape[3:]) for part in chunks]
    first = (jnp.nan, 0, jnp.nan)
    parts = [jnp.concatenate([jnp.full_like(part[:, :1], value), part[:, :-1]], 1) for part, value in zip(parts, first)]
    return tuple(constrain(part, (None,) * part.ndim) for part in parts)


@functools.cache
def _jitted():
    return jax.jit(top_logprobs, static_argnames=("cfg", "k"))
