"""The training step: the same numbers on one device, on a mesh, and in parts; nothing changes when a loss is not
finite.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.mesh import make_mesh
from jaxlm.train import state, step

CFG = ModelConfig(
    vocab_size=48, layers=2, width=16, heads=4, kv_heads=2, head_dim=8, mlp=32, dtype="float32", smear_keys=True,
    unroll=1,
)  # fmt: skip
ONE = dict(data=1, fsdp=1, tensor=1, context=1)
EIGHT = dict(data=2, fsdp=2, tensor=2, context=1)
BOS = 2


def batch(rows: int = 8) -> dict[str, np.ndarray]:
    random = np.random.Generator(np.random.PCG64(5))
    tokens = random.integers(16, 48, (rows, 17)).astype(np.uint16)
    tokens[:, [0, 6]] = BOS
    mask = random.integers(0, 2, tokens.shape).astype(np.uint8)
    return dict(tokens=tokens, mask=mask)


def settings(config, **changes):
    config.pretrain.update(dict(batch_size=8, seq_len=16, steps=10, z_loss=1e-3) | changes)
    config.pretrain.schedule.warmup = 0
    config.pretrain.optimizer.name = "adamw"
    return config.pretrain


def run(settings, sizes, steps: int = 2, rows=None):
    """The state and the metrics after some steps, on the host."""
    mesh = make_mesh(sizes)
    with jax.set_mesh(mesh):
        program = step.compile_for(CFG, settings, mesh, BOS)
        current = state.initialize(CFG, program.transform, 3, mesh)
        history = []
        for _ in range(steps):
            current, metrics = program.train(current, step.put(rows or batch(), mesh))
            history.append(jax.device_get(metrics))
        return current, history


def close(a, b, tolerance):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance), a, b)


def test_mesh_gives_the_loss_and_gradients_of_one_device(config):
    settings(config)

    def loss_and_gradients(sizes):
        mesh = make_mesh(sizes)

        def objective(params, rows):
            sums = step.batch_loss(params, rows, CFG, BOS, 8)
            return (sums.nats + 1e-3 * sums.z) / sums.weight

        with jax.set_mesh(mesh):
            program = step.compile_for(CFG, config.pretrain, mesh, BOS)
            params = state.initialize(CFG, program.transform, 3, mesh).params
            return jax.device_get(jax.jit(jax.value_and_grad(objective))(params, step.put(batch(), mesh)))

    close(loss_and_gradients(ONE), loss_and_gradients(EIGHT), 1e-5)


def test_mesh_takes_the_steps_of_one_device_with_everything_sharded(config):
    settings(config).optimizer.name = "muon"
    alone, first = run(config.pretrain, ONE)
    spread, second = run(config.pretrain, EIGHT)
    close(first, second, 1e-5)
    close(alone.params, spread.params, 1e-4)  # Newton-Schulz magnifies differences of rounding
    matrices = [leaf for leaf in jax.tree.leaves(spread) if leaf.ndim > 2]
    assert len(matrices) == 2 * 7  # weights and Muon's momenta of four projections of attention and three of the MLP
    assert all(leaf.addressable_shards[0].data.size <= leaf.size // 4 for leaf in matrices)


def test_weights_do_not_depend_on_the_mesh(config):
    transform = step.compile_for(CFG, settings(config), make_mesh(ONE), BOS).transform
    digests = {state.digest(state.initialize(CFG, transform, 3, make_mesh(sizes)).params) for sizes in (ONE, EIGHT)}
    assert len(digests) == 1


def test_accumulated_parts_equal_the_whole_batch(config):
    whole, first = run(settings(config), ONE)
    parts, second = run(settings(config, accumulate=4), ONE)
    close(first, second, 1e-6)
    close(whole.params, parts.params, 2e-5)


def test_loss_falls_and_rates_follow_the_schedule(config):
    settings(config).schedule.update(name="wsd", warmup=2, decay=0.5)
    history = run(config.pretrain, ONE, steps=8)[1]
    assert history[-1]["loss"] < history[0]["loss"] - 0.2
    np.testing.assert_allclose([row["lr"] / 3e-3 for row in history], [0.5, 1, 1, 1, 1, 1, 0.8, 0.6], rtol=1e-6)
    assert history[0]["tokens"] == batch()["mask"][:, 1:].sum()


def test_step_without_finite_gradients_changes_only_the_counters(config):
    mesh = make_mesh(ONE)
    with jax.set_mesh(mesh):
        program = step.compile_for(CFG, settings(config), mesh, BOS)
        start = state.initialize(CFG, program.transform, 3, mesh)
        broken = start.replace(params={**start.params, "embed": start.params["embed"].at[20].set(jnp.nan)})
        before = jax.device_get(broken)
        after, metrics = program.train(broken, step.put(batch(), mesh))
    jax.tree.map(np.testing.assert_array_equal, before.params, jax.device_get(after.params))
    jax.tree.map(np.testing.assert_array_equal, before.opt_state, jax.device_get(after.opt_state))
    assert (int(after.step), int(after.bad_steps), bool(metrics["bad"]), int(metrics["skipped"])) == (1, 1, True, 1)


def test_bfloat16_computes_near_float32_over_float32_masters(config):
    settings(config)
    precise = run(config.pretrain, ONE, steps=3)[1][-1]["loss"]
    mesh = make_mesh(ONE)
    cfg = ModelConfig.from_dict(CFG.to_dict() | dict(dtype="bfloat16"))
    with jax.set_mesh(mesh):
        program = step.compile_for(cfg, config.pretrain, mesh, BOS)
        current = state.initialize(cfg, program.transform, 3, mesh)
        for _ in range(3):
            current, metrics = program.train(current, step.put(batch(), mesh))
    assert float(metrics["loss"]) == pytest.approx(float(precise), rel=0.02)
    assert {leaf.dtype for leaf in jax.tree.leaves(current.params)} == {jnp.dtype("float32")}


def test_evaluation_sums_nats_and_bytes(config):
    mesh = make_mesh(ONE)
    rows = batch()
    with jax.set_mesh(mesh):
        program = step.compile_for(CFG, settings(config), mesh, BOS)
        params = state.initialize(CFG, program.transform, 3, mesh).params
        sums, size = program.evaluate(params, step.put(rows, mesh), jnp.arange(48, dtype=jnp.int32))
    assert float(sums.weight) == rows["mask"][:, 1:].sum()
    assert int(size) == (rows["tokens"].astype(int) * rows["mask"])[:, 1:].sum()
    assert float(sums.nats / sums.weight) == pytest.approx(np.log(48), rel=0.05)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("accumulate", 3, "config.pretrain.accumulate: 3 does not divide batch_size=8"),
        ("batch_size", 6, "config.pretrain.batch_size: 6 rows"),
        ("steps", 0, "config.pretrain.steps: expected a number >= 1"),
    ],
)
def test_shapes_that_do_not_fit_are_the_users_mistakes(config, field, value, message):
    with pytest.raises(UserError, match=message):
        step.compile_for(CFG, settings(config, **{field: value}), make_mesh(EIGHT), BOS)
