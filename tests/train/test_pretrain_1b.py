"""The one-billion configuration lowers and compiles with full sharding; no array is made."""

import importlib.util
import math
import pathlib

import jax
import jax.numpy as jnp
import pytest

from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel import sharding
from jaxlm.parallel.mesh import make_mesh
from jaxlm.train import state, step

EXPERIMENT = pathlib.Path(__file__).parents[2] / "experiments" / "pretrain_1b.py"


def load(arg: str):
    spec = importlib.util.spec_from_file_location("pretrain_1b", EXPERIMENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.get_config(arg)


def abstract_step(config, layers: int):
    """The program and its abstract arguments on the config's mesh over 8 devices."""
    config.model.layers = layers
    cfg = ModelConfig.from_config(config.model, config.tokenizer.vocab_size)
    mesh, settings = make_mesh(config.mesh), config.pretrain
    program = step.compile_for(cfg, settings, mesh, bos=2)
    shape = (settings.batch_size, settings.seq_len + 1)
    rows = sharding.batch_sharding(mesh, shape)
    batch = {
        "tokens": jax.ShapeDtypeStruct(shape, jnp.int32, sharding=rows),
        "mask": jax.ShapeDtypeStruct(shape, jnp.uint8, sharding=rows),
    }
    return program, state.abstract(cfg, program.transform, mesh), batch


def test_it_is_a_billion():
    config = load("")
    cfg = ModelConfig.from_config(config.model, config.tokenizer.vocab_size)
    assert 1.0e9 < weights.count(cfg) < 1.05e9
    tokens = config.pretrain.steps * config.pretrain.batch_size * config.pretrain.seq_len
    assert 19 < tokens / weights.count(cfg) < 22


@pytest.mark.parametrize("arg", ["", "tensor"])
def test_each_device_holds_an_eighth_of_the_state(arg):
    _, abstract, _ = abstract_step(load(arg), layers=16)
    total = sum(leaf.size for leaf in jax.tree.leaves(abstract))
    local = sum(math.prod(leaf.sharding.shard_shape(leaf.shape)) for leaf in jax.tree.leaves(abstract))
    assert local == pytest.approx(total / 8, rel=0.01)


@pytest.mark.parametrize("arg", ["", pytest.param("tensor", marks=pytest.mark.slow)])
def test_the_step_compiles_and_its_arguments_are_sharded_and_donated(arg):
    program, abstract, batch = abstract_step(load(arg), layers=2)
    with jax.set_mesh(program.mesh):
        compiled = program.train.lower(abstract, batch).compile()
    memory, state_bytes = compiled.memory_analysis(), sum(4 * leaf.size for leaf in jax.tree.leaves(abstract))
    assert memory.argument_size_in_bytes == pytest.approx(state_bytes / 8, rel=0.02)
    assert memory.alias_size_in_bytes == pytest.approx(state_bytes / 8, rel=0.02)
    text = compiled.as_text()
    assert "all-gather" in text and ("all-reduce" in text or "reduce-scatter" in text)
