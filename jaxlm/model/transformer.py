"""The decoder as functions of (params, inputs, config): training path, output head, and extension of a cache.

RMSNorm (Zhang & Sennrich 2019), rotary positions (Su et al. 2021), grouped-query attention (Ainslie et al. 2023),
query-key normalization (Dehghani et al. 2023), SwiGLU (Shazeer 2020) or squared ReLU (So et al. 2021), smeared keys
(Olsson et al. 2022), logit soft cap (Gemma 2).
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from jaxlm.model.attention import cache_attention, document_attention
from jaxlm.model.cache import Cache, write
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.sharding import constrain

NORM_EPS = 1e-6
RESIDUAL = ("batch", "sequence", "features")


def segment_info(tokens: Int[Array, "B T"], bos: int) -> tuple[Int[Array, "B T"], Int[Array, "B T"]]:
    """Positions within each document and document numbers within each row, both from where BOS stands."""
    starts = tokens == bos
    index = jnp.broadcast_to(jnp.arange(tokens.shape[1], dtype=jnp.int32), tokens.shape)
    latest = jax.lax.cummax(jnp.where(starts, index, 0), axis=1)
    return index - latest, jnp.cumsum(starts.astype(jnp.int32), axis=1)


def hidden(
    params: dict,
    tokens: Int[Array, "B T"],
    positions: Int[Array, "B T"],
    segments: Int[Array, "B T"],
    cfg: ModelConfig,
) -> Float[Array, "B T D"]:
    """Final hidden states of packed rows; a token sees earlier tokens of its own segment only."""
    rope = rope_angles(positions, cfg)
    x = embed(params, tokens, cfg)

    def block(x: jax.Array, scanned: tuple[dict, jax.Array]) -> tuple[jax.Array, None]:
        layer, window = scanned
        q, k, v = queries_keys_values(layer, x, rope, _previous_in_segment, (segments,), cfg)
        attended = document_attention(q, k, v, segments, window if cfg.window else 0)
        x = attention_output(layer, x, attended, cfg)
        return mlp(layer, x, cfg), None

    stacked = (params["layers"], jnp.asarray(cfg.windows(), jnp.int32))
    x, _ = jax.lax.scan(_rematerialized(block, cfg), x, stacked, unroll=cfg.scan_unroll())
    return rms_norm(x, params["final_norm"])


def logits(params: dict, h: Float[Array, "... D"], cfg: ModelConfig) -> Float[Array, "... V"]:
    """Next-token logits in float32."""
    with jax.named_scope("head"):
        head = params["embed" if cfg.tied else "head"].astype(h.dtype)
        # Written as 'd,vd->v': with one row, XLA's CPU backend walks an explicit transpose 6-50 times slower.
        out = jnp.einsum("...d,vd->...v", h, head, preferred_element_type=jnp.float32)
        if cfg.soft_cap:
            out = cfg.soft_cap * jnp.tanh(out / cfg.soft_cap)
        return out


def extend(
    params: dict, tokens: Int[Array, "B T"], lengths: Int[Array, "B"], cache: Cache, cfg: ModelConfig
) -> tuple[Float[Array, "B T D"], Cache]:
    """Appends T tokens a row to the cache, of which the first lengths[b] are real; T=1 is a decode step.

    Entries of the padding on the right are overwritten by the next call and never attended to. Rows are one document
    each. `params` may be unstacked (see `unstack`), which spares a copy of every layer in a loop.
    """
    positions = cache.length[:, None] + jnp.arange(tokens.shape[1], dtype=jnp.int32)[None]
    rope = rope_angles(positions, cfg)
    x = embed(params, tokens, cfg)
    keys, values, last_keys = [], [], []
    for i, (layer, window) in enumerate(zip(unstack(params)["layers"], cfg.windows(), strict=True)):
        before = (cache.last_key[i], cache.length) if cfg.smear_keys else ()
        q, k, v, raw = queries_keys_values(layer, x, rope, _previous_in_cache, before, cfg, keep_raw=True)
        keys.append(write(cache.k[i], k, cache.length))
        values.append(write(cache.v[i], v, cache.length))
        if cfg.smear_keys:
            last_keys.append(_last_real(raw, cache.last_key[i], lengths))
        x = attention_output(layer, x, cache_attention(q, keys[-1], values[-1], cache.length, window), cfg)
        x = mlp(layer, x, cfg)
    extended = Cache(tuple(keys), tuple(values), tuple(last_keys), cache.length + lengths)
    return rms_norm(x, params["final_norm"]), extended


def unstack(params: dict) -> dict:
    """The same parameters with `layers` as a tuple of per-layer dicts; already unstacked ones pass through."""
    layers = params["layers"]
    if isinstance(layers, tuple):
        return params
    depth = layers["attn_norm"].shape[0]
    return {**params, "layers": tuple({name: leaf[i] for name, leaf in layers.items()} for i in range(depth))}


def embed(params: dict, tokens: Int[Array, "B T"], cfg: ModelConfig) -> Float[Array, "B T D"]:
    with jax.named_scope("embed"):
        return constrain(params["embed"].astype(cfg.compute_dtype())[tokens], RESIDUAL)


def rms_norm(x: Float[Array, "... D"], scale: Float[Array, "D"]) -> Float[Array, "... D"]:
    """x / rms(x) * scale, computed in float32."""
    wide = x.astype(jnp.float32)
    wide = wide * jax.lax.rsqrt(jnp.mean(jnp.square(wide), axis=-1, keepdims=True) + NORM_EPS)
    return (wide * jnp.expand_dims(scale, tuple(range(x.ndim - 1)))).astype(x.dtype)


def rope_angles(positions: Int[Array, "B T"], cfg: ModelConfig) -> Float[Array, "B T 1 H/2"]:
    """Rotation angles in float32: bfloat16 would round position 257 to 256."""
    half = cfg.head_dim // 2
    frequency = cfg.rope_theta ** (-jnp.arange(half, dtype=jnp.float32) / half)
    return positions[..., None, None].astype(jnp.float32) * frequency[None, None, None]


def rotate(x: Float[Array, "B T N H"], angles: Float[Array, "B T 1 H/2"]) -> Float[Array, "B T N H"]:
    """Rotates the pairs (x[i], x[i + H/2]), the layout of Llama checkpoints in HF format."""
    first, second = jnp.split(x.astype(jnp.float32), 2, axis=-1)
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    return jnp.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1).astype(x.dtype)


def queries_keys_values(layer, x, rope, previous, previous_args, cfg, keep_raw=False):
    """q [B, T, N, H], k and v [B, T, K, H] of a block; with keep_raw also the keys before smearing and rotation."""
    with jax.named_scope("qkv"):
        y = rms_norm(x, layer["attn_norm"])

        def project(name: str, heads: str) -> jax.Array:
            out = jnp.einsum("btd,dnh->btnh", y, layer[name].astype(y.dtype))
            return constrain(out, ("batch", "sequence", heads, "head_dim"))

        q, raw, v = project("wq", "heads"), project("wk", "kv_heads"), project("wv", "kv_heads")
        k = raw
        if cfg.smear_keys:
            share = jax.nn.sigmoid(layer["smear"]).astype(y.dtype)[None, None, :, None]
            k = raw + share * (previous(raw, *previous_args) - raw)
        if cfg.qk_norm:
            q, k = rms_norm(q, layer["q_norm"]), rms_norm(k, layer["k_norm"])
        q, k = rotate(q, rope), rotate(k, rope)
    return (q, k, v, raw) if keep_raw else (q, k, v)


def attention_output(layer: dict, x: jax.Array, heads: Float[Array, "B T N H"], cfg: ModelConfig) -> jax.Array:
    with jax.named_scope("attention_output"):
        return constrain(x + jnp.einsum("btnh,nhd->btd", heads, layer["wo"].astype(x.dtype)), RESIDUAL)


def mlp(layer: dict, x: Float[Array, "B T D"], cfg: ModelConfig) -> Float[Array, "B T D"]:
    with jax.named_scope("mlp"):
        y = rms_norm(x, layer["mlp_norm"])
        inner = jnp.einsum("btd,df->btf", y, layer["w_up"].astype(y.dtype))
        if cfg.activation == "swiglu":
            inner = inner * jax.nn.silu(jnp.einsum("btd,df->btf", y, layer["w_gate"].astype(y.dtype)))
        else:
            inner = jnp.square(jax.nn.relu(inner))
        inner = constrain(inner, ("batch", "sequence", "mlp"))
        return constrain(x + jnp.einsum("btf,fd->btd", inner, layer["w_down"].astype(y.dtype)), RESIDUAL)


def _previous_in_segment(k: Float[Array, "B T K H"], segments: Int[Array, "B T"]) -> jax.Array:
    """Each key's predecessor; the first of a segment is its own."""
    shifted = jnp.concatenate([k[:, :1], k[:, :-1]], axis=1)
    same = jnp.concatenate([segments[:, :1] < 0, segments[:, 1:] == segments[:, :-1]], axis=1)
    return jnp.where(same[..., None, None], shifted, k)


def _previous_in_cache(k: Float[Array, "B T K H"], last: Float[Array, "B K H"], length: Int[Array, "B"]) -> jax.Array:
    first = jnp.where(length[:, None, None] > 0, last, k[:, 0])
    return jnp.concatenate([first[:, None], k[:, :-1]], axis=1)


def _last_real(raw: Float[Array, "B T K H"], last: Float[Array, "B K H"], lengths: Int[Array, "B"]) -> jax.Array:
    """The newest key of each row, for rows with no new token the old one."""
    newest = jnp.take_along_axis(raw, jnp.maximum(lengths - 1, 0)[:, None, None, None], axis=1)[:, 0]
    return jnp.where(lengths[:, None, None] > 0, newest, last)


def _rematerialized(block, cfg: ModelConfig):
    """Trades memory for recomputation in the backward pass (Chen et al. 2016)."""
    if cfg.remat == "none":
        return block
    policy = jax.checkpoint_policies.dots_with_no_batch_dims_saveable if cfg.remat == "dots" else None
    return jax.checkpoint(block, policy=policy)
