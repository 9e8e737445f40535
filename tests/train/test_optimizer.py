"""Both optimizers against plain numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.train import optimizer

CFG = ModelConfig(
    vocab_size=24, layers=3, width=8, heads=2, kv_heads=1, head_dim=4, mlp=16, dtype="float32", tied=False
)
BASE = dict(name="adamw", lr=0.01, muon_lr=0.02, muon_iterations=5, b1=0.9, b2=0.95, weight_decay=0.1, clip=0.0)
EPS = 1e-8


def random_tree(seed: int) -> dict:
    random = np.random.Generator(np.random.PCG64(seed))
    return jax.tree.map(lambda leaf: random.standard_normal(leaf.shape).astype(np.float32), weights.abstract(CFG))


def run(config: dict, steps: int) -> tuple[dict, dict, list[dict]]:
    """Parameters before and after some steps, and the gradients used."""
    rule, start = optimizer.make(config, CFG), random_tree(0)
    params, gradients = jax.tree.map(jnp.asarray, start), [random_tree(1 + i) for i in range(steps)]
    opt_state = rule.init(params)
    for grads in gradients:
        updates, opt_state = rule.update(jax.tree.map(jnp.asarray, grads), opt_state, params)
        params = jax.tree.map(jnp.add, params, updates)
    return start, params, gradients


def adam_reference(x: np.ndarray, gradients: list[np.ndarray], decay: float, nesterov: bool = False) -> np.ndarray:
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g**2
        mean = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t) if nesterov else m / (1 - 0.9**t)
        x = x - 0.01 * (mean / (np.sqrt(v / (1 - 0.95**t)) + EPS) + decay * x)
    return x


def muon_reference(x: np.ndarray, gradients: list[np.ndarray], iterations: int) -> np.ndarray:
    """One matrix [inputs, outputs]: Nesterov momentum, quintic Newton-Schulz iterations, scaled by its shape."""
    m = np.zeros_like(x)
    scale = max(1.0, x.shape[1] / x.shape[0]) ** 0.5
    for t, g in enumerate(gradients, start=1):
        m = 0.95 * m + 0.05 * g
        y = 0.95 * m / (1 - 0.95 ** (t + 1)) + 0.05 * g / (1 - 0.95**t)
        y = y / (np.linalg.norm(y) + EPS)
        for _ in range(iterations):
            a = y @ y.T
            y = 3.4445 * y + (-4.7750 * a + 2.0315 * a @ a) @ y
        x = x - 0.02 * (scale * y + 0.1 * x)
    return x


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


def test_adamw_equals_numpy_and_decays_linear_maps_only():
    start, params, gradients = run(BASE, 3)
    for path, decay in ((("layers", "wq"), 0.1), (("layers", "attn_norm"), 0.0), (("embed",), 0.0), (("head",), 0.0)):
        leaf = lambda tree: np.asarray(jax.tree_util.tree_reduce(lambda t, k: t[k], path, tree))  # noqa: B023
        close(leaf(params), adam_reference(leaf(start), [leaf(g) for g in gradients], decay))


@pytest.mark.parametrize("name, inputs", [("wq", 8), ("wo", 8), ("wk", 8), ("w_up", 8), ("w_down", 16)])
@pytest.mark.parametrize("iterations", [3, 5])
def test_muon_orthogonalizes_each_layer_as_one_matrix(name, inputs, iterations):
    start, params, gradients = run(BASE | dict(name="muon", muon_iterations=iterations), 2)
    for layer in range(CFG.layers):
        matrix = lambda tree: np.asarray(tree["layers"][name][layer], np.float64).reshape(inputs, -1)  # noqa: B023
        close(matrix(params), muon_reference(matrix(start), [matrix(g) for g in gradients], iterations))


def test_muon_leaves_embedding_head_and_norms_to_nadam():
    start, params, gradients = run(BASE | dict(name="muon"), 2)
    for name in ("embed", "head", "final_norm"):
        close(params[name], adam_reference(start[name], [g[name] for g in gradients], 0.0, nesterov=True))


def test_clipping_bounds_the_global_norm():
    grads = jax.tree.map(jnp.asarray, random_tree(1))
    norm = np.sqrt(sum(np.square(leaf).sum() for leaf in jax.tree.leaves(grads)))
    rule = optimizer.make(BASE | dict(clip=float(norm) / 2), CFG)
    _, small = rule.update(grads, rule.init(grads), grads)
    moments = [leaf for path, leaf in jax.tree.leaves_with_path(small) if "mu" in jax.tree_util.keystr(path)]
    assert np.sqrt(sum(np.square(leaf).sum() for leaf in moments)) == pytest.approx(0.1 * norm / 2, rel=1e-4)


def test_unknown_optimizer_is_the_users_mistake():
    with pytest.raises(UserError, match=r"config.pretrain.optimizer.name: expected muon \| adamw, got 'sgd'"):
        optimizer.make(BASE | dict(name="sgd"), CFG)
