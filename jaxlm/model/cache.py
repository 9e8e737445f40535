"""The key-value cache: what a decoder remembers of a sequence between sampling steps."""

import flax.struct
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from jaxlm.model.config import ModelConfig


@flax.struct.dataclass
class Cache:
    """Fixed-size memory of a batch of sequences; per-layer tuples so that each layer is updated in place.

    Attributes:
      k, v: one [B, K, S, H] array a layer, in the compute dtype; position s of row b is valid when s < length[b].
      last_key: one [B, K, H] array a layer, the newest key before smearing; empty tuple when the model does not smear.
      length: tokens held by each row, int32.
    """

    k: tuple[Float[Array, "B K S H"], ...]
    v: tuple[Float[Array, "B K S H"], ...]
    last_key: tuple[Float[Array, "B K H"], ...]
    length: Int[Array, "B"]

    @classmethod
    def empty(cls, cfg: ModelConfig, batch: int, size: int) -> "Cache":
        """Room for `size` tokens a row."""
        dtype = cfg.compute_dtype()
        full = (batch, cfg.kv_heads, size, cfg.head_dim)

        def layers(shape):
            return tuple(jnp.zeros(shape, dtype) for _ in range(cfg.layers))

        last = layers((batch, cfg.kv_heads, cfg.head_dim)) if cfg.smear_keys else ()
        return cls(layers(full), layers(full), last, jnp.zeros(batch, jnp.int32))

    @property
    def size(self) -> int:
        return self.k[0].shape[2]


def write(store: Float[Array, "B K S H"], new: Float[Array, "B T K H"], start: Int[Array, "B"]) -> jax.Array:
    """Puts T new entries a row at start[b] onwards; what would fall beyond S is dropped, never wrapped or shifted."""
    batch, length = new.shape[:2]
    if batch == 1 and length == 1:  # updated in place; the caller keeps start < S
        return jax.lax.dynamic_update_slice(store, new.swapaxes(1, 2), (0, 0, start[0], 0))
    if length == 1:  # the barrier keeps XLA from computing the new entries again for every place of the cache
        return store.at[jnp.arange(batch), :, start].set(jax.lax.optimization_barrier(new[:, 0]), mode="drop")
    rows = jnp.arange(batch)[:, None]
    at = start[:, None] + jnp.arange(length, dtype=jnp.int32)[None]  # [B, T]
    return store.at[rows, :, at].set(new, mode="drop")
