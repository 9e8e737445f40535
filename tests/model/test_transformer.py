"""The training path against a loop written from the definitions, and the cached path against the training path."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.model import transformer, weights
from jaxlm.model.cache import Cache
from jaxlm.model.config import ModelConfig

BASE = ModelConfig(
    vocab_size=61, layers=3, width=32, heads=4, kv_heads=2, head_dim=8, mlp=48, smear_keys=True, dtype="float32"
)
BOS = 2
extend = jax.jit(transformer.extend, static_argnums=4)
head = jax.jit(transformer.logits, static_argnums=2)
init = jax.jit(weights.init, static_argnums=0)
VARIANTS = [
    BASE,
    dataclasses.replace(BASE, smear_keys=False, qk_norm=False, activation="relu2", tied=False),
    dataclasses.replace(BASE, window=5, window_pattern=3, soft_cap=10.0, kv_heads=4),
]


def random_params(cfg, seed=0):
    """Initial weights with every constant (norm scales, smearing) made random, so that none is invisible."""
    params = init(cfg, jax.random.key(seed))
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(seed + 1), len(leaves))
    return jax.tree.unflatten(tree, [leaf + 0.1 * jax.random.normal(k, leaf.shape) for leaf, k in zip(leaves, keys)])


def numpy_logits(params, tokens, cfg):
    """One document in float64, position by position."""
    params = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)
    norm = lambda x, scale: x / np.sqrt(np.mean(x**2, -1, keepdims=True) + 1e-6) * scale
    half = cfg.head_dim // 2
    angles = np.arange(len(tokens))[:, None] * cfg.rope_theta ** (-np.arange(half) / half)

    def rotate(x):
        a, b = x[..., :half], x[..., half:]
        cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    x = params["embed"][tokens]
    for i, window in enumerate(cfg.windows()):
        layer = {name: leaf[i] for name, leaf in params["layers"].items()}
        y = norm(x, layer["attn_norm"])
        q, k, v = (np.einsum("td,dnh->tnh", y, layer[name]) for name in ("wq", "wk", "wv"))
        if cfg.smear_keys:
            share = 1 / (1 + np.exp(-layer["smear"]))[None, :, None]
            k = k + share * (np.concatenate([k[:1], k[:-1]]) - k)
        if cfg.qk_norm:
            q, k = norm(q, layer["q_norm"]), norm(k, layer["k_norm"])
        q, k = rotate(q), rotate(k)
        out = np.zeros_like(q)
        for t in range(len(tokens)):
            first = max(0, t - window + 1) if window else 0
            for n in range(cfg.heads):
                group = n // (cfg.heads // cfg.kv_heads)
                scores = k[first : t + 1, group] @ q[t, n] / np.sqrt(cfg.head_dim)
                share = np.exp(scores - scores.max())
                out[t, n] = share / share.sum() @ v[first : t + 1, group]
        x = x + np.einsum("tnh,nhd->td", out, layer["wo"])
        y = norm(x, layer["mlp_norm"])
        inner = y @ layer["w_up"]
        if cfg.activation == "swiglu":
            gate = y @ layer["w_gate"]
            inner = inner * gate / (1 + np.exp(-gate))
        else:
            inner = np.maximum(inner, 0) ** 2
        x = x + inner @ layer["w_down"]
    out = norm(x, params["final_norm"]) @ params["embed" if cfg.tied else "head"].T
    return cfg.soft_cap * np.tanh(out / cfg.soft_cap) if cfg.soft_cap else out


@functools.partial(jax.jit, static_argnums=2)
def training_logits(params, tokens, cfg):
    positions, segments = transformer.segment_info(tokens, BOS)
    return transformer.logits(params, transformer.hidden(params, tokens, positions, segments, cfg), cfg)


@pytest.mark.parametrize("cfg", VARIANTS)
def test_packed_rows_equal_each_document_alone(cfg):
    params = random_params(cfg)
    rng = np.random.default_rng(0)
    documents = [np.concatenate([[BOS], rng.integers(10, cfg.vocab_size, n)]) for n in (9, 1, 140)]
    row = jnp.asarray(np.concatenate(documents), jnp.int32)[None]
    ours = np.asarray(training_logits(params, row, cfg)[0])
    reference = np.concatenate([numpy_logits(params, document, cfg) for document in documents])
    np.testing.assert_allclose(ours, reference, atol=2e-4)


@pytest.mark.parametrize("cfg", VARIANTS)
def test_cache_extension_in_any_pieces_equals_training_path(cfg):
    params = random_params(cfg)
    rng = np.random.default_rng(1)
    lengths, total = np.array([23, 9, 16]), 23
    tokens = np.where(np.arange(total) < lengths[:, None], rng.integers(10, cfg.vocab_size, (3, total)), 0)
    tokens[:, 0] = BOS
    cache = Cache.empty(cfg, batch=3, size=total)
    got = np.zeros((3, total, cfg.vocab_size))
    for piece in (8, 8, 1, 1, 1, 1, 1, 8):  # prefill, chunk, decode steps, and a chunk that overhangs the cache
        start = np.asarray(cache.length)
        take = np.clip(lengths - start, 0, piece)
        block = np.zeros((3, piece), np.int32)
        for row in range(3):
            block[row, : take[row]] = tokens[row, start[row] : start[row] + take[row]]
        h, cache = extend(params, jnp.asarray(block), jnp.asarray(take, jnp.int32), cache, cfg)
        out = np.asarray(head(params, h, cfg))
        for row in range(3):
            got[row, start[row] : start[row] + take[row]] = out[row, : take[row]]
    np.testing.assert_array_equal(np.asarray(cache.length), lengths)
    for row in range(3):
        wanted = training_logits(params, jnp.asarray(tokens[row : row + 1, : lengths[row]], jnp.int32), cfg)[0]
        np.testing.assert_allclose(got[row, : lengths[row]], np.asarray(wanted), atol=1e-4)


def test_single_row_decode_writes_in_place_equal_to_batched():
    cfg, params = BASE, random_params(BASE)
    tokens = jnp.asarray(np.random.default_rng(2).integers(10, cfg.vocab_size, (1, 6)), jnp.int32)
    one, two = Cache.empty(cfg, 1, 8), Cache.empty(cfg, 2, 8)
    for t in range(6):
        a, one = extend(transformer.unstack(params), tokens[:, t : t + 1], jnp.ones(1, jnp.int32), one, cfg)
        pair = jnp.repeat(tokens[:, t : t + 1], 2, axis=0)
        b, two = extend(params, pair, jnp.ones(2, jnp.int32), two, cfg)
        np.testing.assert_allclose(np.asarray(a[0]), np.asarray(b[1]), atol=1e-5)


def test_bfloat16_and_remat_follow_the_float32_path():
    tokens = jnp.asarray(np.random.default_rng(3).integers(10, 61, (2, 40)), jnp.int32)
    params = random_params(BASE)

    def loss(params, cfg):
        return jnp.mean(jnp.square(training_logits(params, tokens, cfg)))

    cfg = dataclasses.replace(BASE, unroll=1)
    gradient = jax.jit(jax.grad(loss), static_argnums=1)
    grad = gradient(params, cfg)
    for remat in ("dots", "full"):
        again = gradient(params, dataclasses.replace(cfg, remat=remat))
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), grad, again)
    low = training_logits(params, tokens, dataclasses.replace(BASE, dtype="bfloat16"))
    full = training_logits(params, tokens, BASE)
    assert low.dtype == jnp.float32
    assert float(jnp.abs(low - full).max()) < 0.05 * float(jnp.abs(full).max())
