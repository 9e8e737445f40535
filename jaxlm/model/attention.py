"""Causal attention within documents: a plain reference, a blocked form for CPU, and one query against a cache."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

MASKED = -1e30  # finite, so that a row with nothing to attend to gives numbers that a loss mask can drop, not NaN


def visible(query_at: Int[Array, "T"], key_at: Int[Array, "S"], window: jax.Array | int) -> Bool[Array, "T S"]:
    """Which key indices a query index may see: its own and earlier ones, at most `window` of them when it is > 0."""
    distance = query_at[:, None] - key_at[None, :]
    window = jnp.asarray(window, jnp.int32)
    return (distance >= 0) & ((window == 0) | (distance < window))


def attend(
    q: Float[Array, "B T N H"], k: Float[Array, "B S K H"], v: Float[Array, "B S K H"], mask: Bool[Array, "B T S"]
) -> Float[Array, "B T N H"]:
    """Reference attention with grouped queries: query head n reads key head n // (N / K). Softmax in float32."""
    batch, length, heads, size = q.shape
    grouped = q.reshape(batch, length, k.shape[2], heads // k.shape[2], size)
    scores = jnp.einsum("btkgh,bskh->bkgts", grouped, k, preferred_element_type=jnp.float32) * size**-0.5
    scores = jnp.where(mask[:, None, None], scores, MASKED)
    weights = jax.nn.softmax(scores, axis=-1).astype(v.dtype)
    return jnp.einsum("bkgts,bskh->btkgh", weights, v).reshape(q.shape)


def document_attention(
    q: Float[Array, "B T N H"],
    k: Float[Array, "B T K H"],
    v: Float[Array, "B T K H"],
    segments: Int[Array, "B T"],
    window: jax.Array | int,
) -> Float[Array, "B T N H"]:
    """Causal attention that never crosses a document boundary.

    On CPU queries go in blocks that skip the keys after them, which saves up to half of the work; accelerators take
    the whole square in one product.
    """
    length = q.shape[1]
    block = length if jax.default_backend() != "cpu" else 128 if length <= 512 else 256
    outputs = []
    for start in range(0, length, block):
        stop = min(start + block, length)
        mask = visible(jnp.arange(start, stop), jnp.arange(stop), window)[None]
        mask &= segments[:, start:stop, None] == segments[:, None, :stop]
        outputs.append(attend(q[:, start:stop], k[:, :stop], v[:, :stop], mask))
    return outputs[0] if len(outputs) == 1 else jnp.concatenate(outputs, axis=1)


def cache_attention(
    q: Float[Array, "B T N H"],
    k: Float[Array, "B K S H"],
    v: Float[Array, "B K S H"],
    start: Int[Array, "B"],
    window: int,
) -> Float[Array, "B T N H"]:
    """Attention of T new queries, at positions start[b] onwards, over everything the cache holds up to each.

    Dots on the cache's own layout. For one query a fused multiply and sum is 25 % faster with one row on jax 0.12, but
    up to 40 times slower on 0.10.
    """
    batch, length, heads, size = q.shape
    query_at = start[:, None] + jnp.arange(length, dtype=jnp.int32)[None]  # [B, T]
    mask = jax.vmap(visible, in_axes=(0, None, None))(query_at, jnp.arange(k.shape[2]), window)
    grouped = q.reshape(batch, length, k.shape[1], heads // k.shape[1], size)
    scores = jnp.einsum("btkgh,bksh->bkgts", grouped, k, preferred_element_type=jnp.float32) * size**-0.5
    weights = jax.nn.softmax(jnp.where(mask[:, None, None], scores, MASKED), axis=-1).astype(v.dtype)
    return jnp.einsum("bkgts,bksh->btkgh", weights, v).reshape(q.shape)
