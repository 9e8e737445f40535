"""Adapters: they start as the base, equal their merged weights, and are all that changes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.files import read_json
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel import sharding
from jaxlm.parallel.mesh import make_mesh
from jaxlm.phases import finetune
from jaxlm.train import checkpoint, lora, state, step
from jaxlm.train.lora import Lora

CFG = ModelConfig(
    vocab_size=48, layers=2, width=16, heads=4, kv_heads=2, head_dim=8, mlp=32, dtype="float32", smear_keys=True,
    unroll=1,
)  # fmt: skip
ALL = ("wq", "wk", "wv", "wo", "w_gate", "w_up", "w_down")
RANK = 3
ADAPTED = Lora(RANK, 6.0, ALL)
ONE = dict(data=1, fsdp=1, tensor=1, context=1)
EIGHT = dict(data=2, fsdp=2, tensor=2, context=1)
BOS = 2


def batch() -> dict[str, np.ndarray]:
    random = np.random.Generator(np.random.PCG64(5))
    tokens = random.integers(16, 48, (8, 17)).astype(np.uint16)
    tokens[:, [0, 6]] = BOS
    return dict(tokens=tokens, mask=np.ones_like(tokens, np.uint8))


def settings(config, **optimizer):
    config.finetune.update(dict(batch_size=8, seq_len=16, steps=10))
    config.finetune.schedule.warmup = 0
    config.finetune.optimizer.update(dict(lr=1e-2) | optimizer)
    return config.finetune


def begin(config, sizes, spec=ADAPTED):
    mesh = make_mesh(sizes)
    program = step.compile_for(CFG, config, mesh, BOS, "finetune", spec)
    base = jax.device_put(weights.init(CFG, jax.random.key(1)), sharding.shardings(weights.describe(CFG), mesh))
    return mesh, program, state.initialize(CFG, program.transform, 3, mesh, base, spec)


def run(config, sizes, steps=2):
    mesh, program, current = begin(config, sizes)
    history = []
    with jax.set_mesh(mesh):
        for _ in range(steps):
            current, metrics = program.train(current, step.put(batch(), mesh))
            history.append(float(metrics["loss"]))
    return program, current, history


def random_adapters(seed: int) -> dict:
    random = np.random.Generator(np.random.PCG64(seed))
    shapes = weights.shapes(lora.describe(CFG, ADAPTED))
    return jax.tree.map(lambda leaf: jnp.asarray(random.normal(0, 0.3, leaf.shape), jnp.float32), shapes)


def close(a, b, tolerance):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance), a, b)


def test_training_starts_from_exactly_the_base(config):
    _, program, current = begin(settings(config), ONE)
    jax.tree.map(np.testing.assert_array_equal, program.full(current), jax.device_get(current.base))
    a = np.asarray(current.params["layers"]["wo"]["a"])
    assert a.shape == (2, 4, 8, RANK) and a.std() == pytest.approx(32**-0.5, rel=0.2)  # 4 x 8 inputs


def test_merged_weights_compute_what_the_adapted_products_do():
    base, adapters = weights.init(CFG, jax.random.key(1)), random_adapters(2)
    merged = lora.merge(base, adapters, CFG, ADAPTED)
    x = jnp.asarray(np.random.Generator(np.random.PCG64(3)).normal(size=(5, 16)), jnp.float32)
    for layer in range(CFG.layers):
        low = {name: jax.tree.map(lambda leaf: leaf[layer], pair) for name, pair in adapters["layers"].items()}  # noqa: B023
        whole = {name: leaf[layer] for name, leaf in merged["layers"].items()}
        frozen = {name: leaf[layer] for name, leaf in base["layers"].items()}
        scale = ADAPTED.alpha / ADAPTED.rank
        queries = jnp.einsum("td,dnh->tnh", x, frozen["wq"])
        queries += scale * jnp.einsum("tr,rnh->tnh", x @ low["wq"]["a"], low["wq"]["b"])
        close(jnp.einsum("td,dnh->tnh", x, whole["wq"]), queries, 1e-5)
        out = jnp.einsum("tnh,nhd->td", queries, frozen["wo"])
        out += scale * jnp.einsum("tnh,nhr->tr", queries, low["wo"]["a"]) @ low["wo"]["b"]
        close(jnp.einsum("tnh,nhd->td", queries, whole["wo"]), out, 1e-5)
    jax.tree.map(np.testing.assert_array_equal, base["embed"], merged["embed"])


def test_one_step_is_that_of_the_formula(config):
    """dA = scale * dW B' and dB = scale * A' dW (Hu et al. 2021), then Adam's first step, lr * g / (|g| + eps)."""
    mesh, program, current = begin(settings(config, clip=0.0), ONE)
    current = current.replace(params=random_adapters(4))
    base, before = jax.device_get((current.base, current.params))
    rows, scale = batch(), ADAPTED.alpha / ADAPTED.rank

    def objective(full):
        sums = step.batch_loss(full, {name: jnp.asarray(part) for name, part in rows.items()}, CFG, BOS, 16)
        return sums.nats / sums.weight

    with jax.set_mesh(mesh):
        gradient = jax.device_get(jax.grad(objective)(lora.merge(base, before, CFG, ADAPTED)))
        after = jax.device_get(program.train(current, step.put(rows, mesh))[0].params)
    for name, inputs in (("wk", 16), ("wo", 32), ("w_down", 32)):
        for layer in range(CFG.layers):
            a, b = (before["layers"][name][part][layer] for part in "ab")
            dw = gradient["layers"][name][layer].reshape(inputs, -1)
            wanted = {"a": scale * dw @ b.reshape(RANK, -1).T, "b": scale * a.reshape(inputs, RANK).T @ dw}
            for part, old in (("a", a), ("b", b)):
                g = wanted[part].reshape(old.shape)
                moved = after["layers"][name][part][layer] - old
                np.testing.assert_allclose(moved, -1e-2 * g / (np.abs(g) + 1e-8), atol=2e-5)


def test_only_adapters_change_and_the_loss_falls(config):
    program, current, history = run(settings(config), ONE, steps=6)
    assert history[-1] < history[0] - 0.03
    base, start, full = current.base, weights.init(CFG, jax.random.key(1)), program.full(current)
    jax.tree.map(np.testing.assert_array_equal, base, start)
    changed = {path[-1].key for path, leaf in jax.tree.leaves_with_path(full) if (leaf != _at(start, path)).any()}
    assert changed == set(ALL)


def test_unadapted_targets_stay(config):
    _, program, current = begin(settings(config), ONE, Lora(2, 4.0, ("wv",)))
    assert list(current.params["layers"]) == ["wv"] and program.full(current)["layers"].keys() > {"wv", "wq"}
    moments = {leaf.shape for leaf in jax.tree.leaves(current.opt_state) if leaf.ndim}
    assert moments == {leaf.shape for leaf in jax.tree.leaves(current.params)}


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_mesh_takes_the_steps_of_one_device_with_adapters_sharded(config, name):
    settings(config, name=name)
    _, alone, first = run(config.finetune, ONE)
    _, spread, second = run(config.finetune, EIGHT)
    np.testing.assert_allclose(first, second, rtol=1e-5)
    close(alone.params, jax.device_get(spread.params), 2e-4)
    wq = spread.params["layers"]["wq"]
    assert wq["a"].addressable_shards[0].data.shape == (2, 16 // 2, RANK)  # like the matrix: embed over fsdp
    assert wq["b"].addressable_shards[0].data.shape == (2, RANK, 4 // 2, 8)  # heads over tensor


def test_parameters_are_counted():
    assert lora.count(CFG, None) == weights.count(CFG)
    assert lora.count(CFG, Lora(RANK, 1.0, ("wq", "w_down"))) == 2 * RANK * ((16 + 32) + (32 + 16))


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("rank", -1, r"config\.finetune\.lora\.rank: expected 0"),
        ("alpha", 0.0, r"config\.finetune\.lora\.alpha: expected a number above 0"),
        ("targets", ("wq", "embed"), r"targets: 'embed' is no linear map of this model; it has .*wq"),
    ],
)
def test_what_cannot_be_adapted_is_the_users_mistake(config, field, value, message):
    config.finetune.lora.update({"rank": 2, field: value})
    with pytest.raises(UserError, match=message):
        lora.from_config(config.finetune, CFG, "finetune")


def test_no_targets_are_all_linear_maps(config):
    assert lora.from_config(config.finetune, CFG, "finetune") is None
    config.finetune.lora.rank = 2
    assert set(lora.from_config(config.finetune, CFG, "finetune").targets) == set(ALL)


def test_phase_tunes_adapters_resumes_and_exports_what_load_params_reads(workdir, config, whole):
    (workdir / "pretrain").symlink_to(whole[0] / "pretrain")
    config.finetune.lora.update(rank=2, targets=("wq", "w_up"))
    config.finetune.optimizer.lr = 1e-2
    summary = finetune.run(config, workdir)
    folder = workdir / "finetune"
    params, _ = checkpoint.load_params(workdir, "finetune", "last")
    assert state.digest(params) == summary["sha256"]
    assert summary["trained"] == 2 * 2 * ((32 + 32) + (32 + 64)) < summary["params"]
    assert read_json(folder / "checkpoints" / "00000008.json")["lora"]["targets"] == ["wq", "w_up"]
    assert _bytes(folder / "adapters" / "00000008") < _bytes(whole[0] / "finetune" / "checkpoints" / "00000008") / 2

    # Killed after step 4: the last adapters and everything merged are gone.
    for path in (folder / "adapters" / "00000008.json", *(folder / "checkpoints").glob("*.json")):
        path.unlink()
    assert finetune.run(config, workdir)["sha256"] == summary["sha256"]
    assert state.digest(checkpoint.load_params(workdir, "finetune", "last")[0]) == summary["sha256"]


def test_adapters_of_another_base_or_rank_are_not_gone_on_with(workdir, config, whole):
    (workdir / "pretrain").symlink_to(whole[0] / "pretrain")
    config.finetune.lora.rank = 2
    config.finetune.steps = 4
    finetune.run(config, workdir)
    config.finetune.lora.rank = 4
    with pytest.raises(UserError, match="adapters with another rank: 2, wanted 4"):
        finetune.run(config, workdir)


def _at(tree, path):
    for key in path:
        tree = tree[key.key]
    return tree


def _bytes(folder) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
