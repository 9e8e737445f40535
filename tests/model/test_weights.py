"""Counts, layout and initial scale derived from the one description of each weight."""

import dataclasses

import jax
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig, architecture_difference

CFG = ModelConfig(vocab_size=100, layers=2, width=16, heads=4, kv_heads=2, head_dim=8, mlp=24, tied=False)


def test_count_and_flops_by_hand():
    per_layer = 16 * 32 + 2 * 16 * 16 + 32 * 16 + 3 * 16 * 24 + 2 * 16 + 2 * 8
    assert weights.count(CFG) == 2 * per_layer + 2 * 100 * 16 + 16
    linear = 2 * (16 * 32 + 2 * 16 * 16 + 32 * 16 + 3 * 16 * 24)
    assert weights.flops_per_token(CFG, 64) == 6 * (linear + 100 * 16 + 2 * 64 * 32)


def test_initial_parameters_follow_the_description():
    params = jax.jit(weights.init, static_argnums=0)(CFG, jax.random.key(0))
    described = weights.describe(CFG)
    weights.map_weights(lambda w, p: np.testing.assert_equal(p.shape, w.shape), described, params)
    assert float(params["layers"]["w_up"].std()) == pytest.approx(16**-0.5, rel=0.1)
    assert not np.allclose(params["layers"]["w_up"], params["layers"]["w_gate"])
    np.testing.assert_array_equal(params["layers"]["q_norm"], 1.0)
    for weight in weights.leaves(CFG):
        if weight.matrix:
            inputs, outputs = weight.matrix
            assert sorted((*inputs, *outputs)) == list(range(1, len(weight.shape)))


@pytest.mark.parametrize(
    ("field", "value"), [("heads", 3), ("head_dim", 7), ("activation", "gelu"), ("layers", 0), ("dtype", "float16")]
)
def test_impossible_shapes_name_their_field(field, value):
    with pytest.raises(UserError, match=f"config.model.{field}"):
        dataclasses.replace(CFG, **{field: value})


def test_architecture_difference_names_the_field_and_ignores_runtime_choices():
    assert architecture_difference(CFG, dataclasses.replace(CFG, remat="full", max_len=9)) is None
    other = dataclasses.replace(CFG, mlp=32)
    assert architecture_difference(CFG, other) == "mlp: the checkpoint has 24, the config 32"
    with pytest.raises(UserError, match="windo"):
        ModelConfig.from_dict(CFG.to_dict() | {"windo": 1})


def test_window_pattern():
    cfg = dataclasses.replace(CFG, layers=5, window=8, window_pattern=3)
    assert cfg.windows() == (8, 8, 0, 8, 8)
    assert dataclasses.replace(cfg, window_pattern=0).windows() == (8,) * 5
