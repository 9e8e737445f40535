"""The mesh and the logical-axis table on eight fake devices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

from jaxlm.errors import UserError
from jaxlm.model import transformer, weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.mesh import axis_sizes, make_mesh
from jaxlm.parallel.sharding import shardings, spec

CUBE = dict(data=2, fsdp=2, tensor=2, context=1)


def test_axis_sizes_resolve_and_reject():
    assert axis_sizes(dict(data=-1, fsdp=2, tensor=1, context=1), 8) == (4, 2, 1, 1)
    for wrong in (dict(data=-1, fsdp=-1), dict(tensor=0), dict(data=-1, tensor=3), dict(data=4)):
        with pytest.raises(UserError, match=r"config\.mesh"):
            axis_sizes(CUBE | wrong, 8)


def test_spec_uses_each_mesh_axis_once_and_keeps_indivisible_dimensions_whole():
    mesh = make_mesh(CUBE)
    assert spec(("layers", "embed", "heads", "head_dim"), (3, 8, 4, 2), mesh) == P(None, "fsdp", "tensor", None)
    assert spec(("batch", "sequence"), (8, 16), mesh) == P(("data", "fsdp"), None)
    assert spec(("embed", "kv_heads"), (8, 3), mesh) == P("fsdp", None)
    with pytest.raises(ValueError, match="twice"):
        spec(("heads", "mlp"), (4, 4), mesh)
    with pytest.raises(ValueError, match="unknown logical axis"):
        spec(("heds",), (4,), mesh)


@pytest.mark.parametrize("sizes", [CUBE, CUBE | dict(data=1, context=2), dict(data=1, fsdp=8, tensor=1, context=1)])
def test_forward_on_a_mesh_equals_one_device_and_weights_are_cut(sizes):
    cfg = ModelConfig(
        vocab_size=64, layers=2, width=32, heads=4, kv_heads=2, head_dim=8, mlp=64, dtype="float32", unroll=1
    )
    tokens = jnp.asarray(np.random.default_rng(0).integers(2, 64, (8, 32)), jnp.int32)

    def forward(params, tokens):
        positions, segments = transformer.segment_info(tokens, 2)
        return transformer.logits(params, transformer.hidden(params, tokens, positions, segments, cfg), cfg)

    alone = jax.jit(weights.init, static_argnums=0)(cfg, jax.random.key(0))
    mesh = make_mesh(sizes)
    with jax.set_mesh(mesh):
        params = jax.jit(weights.init, static_argnums=0, out_shardings=shardings(weights.describe(cfg), mesh))(
            cfg, jax.random.key(0)
        )
        ours = jax.jit(forward)(params, tokens)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), alone, params)
    up = params["layers"]["w_up"]
    cut = sizes["fsdp"] * sizes["tensor"]
    assert up.addressable_shards[0].data.size * cut == up.size
    np.testing.assert_allclose(np.asarray(ours), np.asarray(jax.jit(forward)(alone, tokens)), atol=2e-5)
