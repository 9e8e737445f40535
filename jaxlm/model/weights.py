"""Each weight is described once; initialization, layout, counts and optimizer treatment are derived from it."""

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxlm.model.config import ModelConfig

EMBED_STD = 0.02


@dataclasses.dataclass(frozen=True)
class Weight:
    """One parameter.

    Attributes:
      shape: dimensions; parameters are stored as float32 masters.
      axes: one logical axis a dimension (jaxlm.parallel.sharding.RULES).
      std: standard deviation of the normal initializer; None fills with `fill`.
      fill: the constant used when std is None.
      matrix: (input dimensions, output dimensions) when the weight is a linear map, else None. Muon orthogonalizes
        these; embeddings, output head, norms and other vectors have None.
    """

    shape: tuple[int, ...]
    axes: tuple[str, ...]
    std: float | None = None
    fill: float = 1.0
    matrix: tuple[tuple[int, ...], tuple[int, ...]] | None = None


def describe(cfg: ModelConfig) -> dict:
    """The tree of Weights of a decoder; leaves of `layers` are stacked over a leading layer dimension."""
    depth, width, vocab = cfg.layers, cfg.width, cfg.vocab_size
    weights = {
        "embed": Weight((vocab, width), ("vocab", "embed"), std=EMBED_STD),
        "layers": {**_attention(cfg), **_mlp(cfg)},
        "final_norm": Weight((width,), ("features",)),
    }
    for name in ("attn_norm", "mlp_norm"):
        weights["layers"][name] = Weight((depth, width), ("layers", "features"))
    if not cfg.tied:
        weights["head"] = Weight((vocab, width), ("vocab", "embed"), std=width**-0.5)
    return weights


def _attention(cfg: ModelConfig) -> dict:
    depth, width, heads, kv_heads, size = cfg.layers, cfg.width, cfg.heads, cfg.kv_heads, cfg.head_dim

    def projection(count: int, axis: str) -> Weight:
        shape, axes = (depth, width, count, size), ("layers", "embed", axis, "head_dim")
        return Weight(shape, axes, width**-0.5, matrix=((1,), (2, 3)))

    weights = {
        "wq": projection(heads, "heads"),
        "wk": projection(kv_heads, "kv_heads"),
        "wv": projection(kv_heads, "kv_heads"),
        "wo": Weight(
            (depth, heads, size, width),
            ("layers", "heads", "head_dim", "embed"),
            _residual_std(heads * size, depth),
            matrix=((1, 2), (3,)),
        ),
    }
    if cfg.qk_norm:
        weights["q_norm"] = weights["k_norm"] = Weight((depth, size), ("layers", "head_dim"))
    if cfg.smear_keys:
        weights["smear"] = Weight((depth, kv_heads), ("layers", "kv_heads"), fill=0.0)
    return weights


def _mlp(cfg: ModelConfig) -> dict:
    depth, width, mlp = cfg.layers, cfg.width, cfg.mlp
    up = Weight((depth, width, mlp), ("layers", "embed", "mlp"), width**-0.5, matrix=((1,), (2,)))
    down = Weight((depth, mlp, width), ("layers", "mlp", "embed"), _residual_std(mlp, depth), matrix=((1,), (2,)))
    gate = {"w_gate": up} if cfg.activation == "swiglu" else {}
    return {**gate, "w_up": up, "w_down": down}


def _residual_std(fan_in: int, depth: int) -> float:
    """Projections into the residual stream shrink with depth so its variance does not grow (GPT-2, section 2.3)."""
    return fan_in**-0.5 / math.sqrt(2 * depth)


def map_weights(fn: Callable, weights, *rest):
    """`jax.tree.map` over a tree of Weights."""
    return jax.tree.map(fn, weights, *rest, is_leaf=lambda leaf: isinstance(leaf, Weight))


def leaves(cfg: ModelConfig) -> list[Weight]:
    return jax.tree.leaves(describe(cfg), is_leaf=lambda leaf: isinstance(leaf, Weight))


def abstract(cfg: ModelConfig) -> dict:
    """The parameters as ShapeDtypeStructs, float32."""
    return shapes(describe(cfg))


def shapes(described) -> dict:
    """A tree of Weights as ShapeDtypeStructs, float32."""
    return map_weights(lambda weight: jax.ShapeDtypeStruct(weight.shape, jnp.float32), described)


def init(cfg: ModelConfig, key: jax.Array) -> dict:
    """Parameters, float32. Traceable: `jax.jit(init, static_argnums=0, out_shardings=...)` bears them sharded."""
    return draw(describe(cfg), key)


def draw(described, key: jax.Array) -> dict:
    """Initial values of a tree of Weights, float32; traceable."""
    structure = jax.tree.structure(shapes(described))
    keys = jax.tree.unflatten(structure, [jax.random.fold_in(key, i) for i in range(structure.num_leaves)])

    def one(weight: Weight, key: jax.Array) -> jax.Array:
        if weight.std is None:
            return jnp.full(weight.shape, weight.fill, jnp.float32)
        return weight.std * jax.random.normal(key, weight.shape, jnp.float32)

    return map_weights(one, described, keys)


def count(cfg: ModelConfig) -> int:
    """Number of parameters."""
    return sum(math.prod(weight.shape) for weight in leaves(cfg))


def flops_per_token(cfg: ModelConfig, seq_len: int) -> float:
    """Floating-point operations of one training token, forward and backward.

    6 * (weights of linear maps, the output head included) + 6 * layers * seq_len * heads * head_dim, the second term
    being the two attention products with the causal half counted (PaLM, appendix B, counts the full square: 12).
    """
    linear = sum(math.prod(weight.shape) for weight in leaves(cfg) if weight.matrix)
    attention = cfg.layers * seq_len * cfg.heads * cfg.head_dim
    return 6.0 * (linear + cfg.vocab_size * cfg.width + attention)
