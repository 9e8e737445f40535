"""Small random models whose distributions are neither flat nor certain."""

import contextlib
import functools
import logging

import jax
import numpy as np
import pytest

from jaxlm.model import weights
from jaxlm.model.config import ModelConfig

VOCAB = 61
SHAPES = {
    "plain": dict(),
    "smeared": dict(smear_keys=True),
    "windowed": dict(window=5, window_pattern=2, qk_norm=False, tied=False, soft_cap=20.0),
    "bfloat16": dict(dtype="bfloat16"),
}


@functools.cache
def build(name: str) -> tuple[dict, ModelConfig]:
    shape = dict(layers=2, width=32, heads=4, kv_heads=2, head_dim=8, mlp=48, max_len=96, dtype="float32")
    cfg = ModelConfig(vocab_size=VOCAB, **(shape | SHAPES[name]))
    params = jax.jit(weights.init, static_argnums=0)(cfg, jax.random.key(0))
    params = jax.tree.map(lambda leaf: 2.0 * leaf, params)  # so that attention and the head have preferences
    if cfg.smear_keys:
        params["layers"]["smear"] = jax.random.normal(jax.random.key(1), params["layers"]["smear"].shape)
    return params, cfg


@pytest.fixture(params=SHAPES)
def each_model(request) -> tuple[dict, ModelConfig]:
    return build(request.param)


@pytest.fixture
def model() -> tuple[dict, ModelConfig]:
    return build("plain")


def sharpened(params: dict, cfg: ModelConfig) -> tuple[dict, ModelConfig]:
    """With entropies from 0.5 to 3 nats, so that thresholds tell one token from another."""
    head = "embed" if cfg.tied else "head"
    return {**params, head: 6.0 * params[head]}, cfg


@pytest.fixture(params=["plain", "smeared", "windowed"])
def each_sharp_model(request) -> tuple[dict, ModelConfig]:
    """In float32: in bfloat16 a prompt that is read in other pieces may give another token."""
    return sharpened(*build(request.param))


@pytest.fixture
def sharp_model() -> tuple[dict, ModelConfig]:
    return sharpened(*build("plain"))


@pytest.fixture
def prompts() -> list[list[int]]:
    """Ragged: a lone BOS, and up to the end of the first bucket."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, VOCAB, length).tolist() for length in (1, 2, 17, 32)]


@pytest.fixture
def compilations(caplog):
    """A context manager that yields a list of the programs that JAX says it compiles inside the block."""

    @contextlib.contextmanager
    def listening():
        caplog.clear()
        names = []
        with jax.log_compiles(True), caplog.at_level(logging.WARNING, logger="jax"):
            yield names
        names += [record.getMessage() for record in caplog.records if record.getMessage().startswith("Compiling")]

    return listening
