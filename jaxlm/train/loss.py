"""Next-token cross-entropy as sums, so that parts of a batch add up to exactly the whole."""

import math

import flax.struct
import jax
import jax.numpy as jnp

from jaxlm.model import transformer
from jaxlm.model.config import ModelConfig

# Above this many float32 logits a device (256 MiB) the head is applied to a slice of every sequence at a time.
MAX_LOGITS = 2**26


@flax.struct.dataclass
class LossSums:
    """Sums over the targets of a batch; float32 scalars.

    Attributes:
      nats: weighted sum of -log p(target).
      z: weighted sum of log(sum(exp(logits)))^2.
      weight: sum of the weights.
    """

    nats: jax.Array
    z: jax.Array
    weight: jax.Array


def next_token_loss(
    params, h: jax.Array, targets: jax.Array, weights: jax.Array, cfg: ModelConfig, chunk: int = 0
) -> LossSums:
    """Sums of cross-entropy in float32.

    Args:
      h: [B, T, D] final hidden states.
      targets: int32 [B, T] the token that follows each position.
      weights: float32 [B, T] how much each target counts; 0 where it is not to be learnt.
      chunk: positions of every sequence whose logits exist at once; 0 is all. The backward pass computes the logits of
        a
        chunk again, so neither pass ever holds [B, T, V].
    """
    if not chunk or chunk >= h.shape[1]:
        return _sums(params, h, targets, weights, cfg)

    @jax.checkpoint
    def add(total: LossSums, part):
        return jax.tree.map(jnp.add, total, _sums(params, *part, cfg)), None

    # [B, T, ...] -> [T / chunk, B, chunk, ...]: cut along time, because the batch is spread over devices.
    split = lambda x: jnp.moveaxis(x.reshape(x.shape[0], -1, chunk, *x.shape[2:]), 1, 0)
    zero = jnp.zeros((), jnp.float32)
    return jax.lax.scan(add, LossSums(zero, zero, zero), (split(h), split(targets), split(weights)))[0]


def _sums(params, h, targets, weights, cfg: ModelConfig) -> LossSums:
    logits = transformer.logits(params, h, cfg)  # [B, T, V] float32
    log_z = jax.nn.logsumexp(logits, axis=-1)
    target = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    # A weight of 0 must also silence an infinite loss there: 0 * inf is nan.
    nats = jnp.where(weights > 0, (log_z - target) * weights, 0.0)
    z = jnp.where(weights > 0, jnp.square(log_z) * weights, 0.0)
    return LossSums(nats.sum(), z.sum(), weights.sum())


def chunk_length(rows: int, seq_len: int, vocab_size: int) -> int:
    """The largest divisor of `seq_len` for which `rows` sequences on one device stay below MAX_LOGITS logits."""
    fits = [n for n in range(1, seq_len + 1) if seq_len % n == 0 and rows * n * vocab_size <= MAX_LOGITS]
    return max(fits, default=1)


def bits_per_byte(nats: float, byte_count: float) -> float:
    """Code length of a text in bits per byte of its UTF-8: sum of -log p over all its tokens / ln 2 / bytes."""
    return nats / math.log(2) / byte_count if byte_count else math.nan
