"""Checkpoints are complete, verified, and movable to another mesh; a failed write leaves the earlier ones alone."""

import pathlib
import resource
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.mesh import make_mesh
from jaxlm.train import checkpoint, state
from jaxlm.train.checkpoint import Checkpoints

CFG = ModelConfig(vocab_size=32, layers=2, width=8, heads=2, kv_heads=2, head_dim=4, mlp=16)
MODEL = dict(model=CFG.to_dict(), tokenizer="abc", seconds={})


def mesh(**sizes):
    return make_mesh(dict(data=1, fsdp=1, tensor=1, context=1) | sizes)


def params(seed: int = 0, on=None):
    values = jax.device_get(weights.init(CFG, jax.random.key(seed)))
    return jax.tree.map(
        lambda leaf, like: jax.device_put(leaf, like.sharding), values, checkpoint.abstract_params(CFG, on or mesh())
    )


@pytest.fixture
def saved(tmp_path):
    """Steps 1 to 4 of which the two last and the best, step 2, are kept."""
    checkpoints = Checkpoints(tmp_path / "pretrain" / "checkpoints", keep=2)
    for step, loss in ((1, 3.0), (2, 1.0), (3, 2.0), (4, 1.5)):
        checkpoints.save(step, {"params": params(step), "step": jnp.int32(step)}, MODEL)
        checkpoints.annotate(step, eval_loss=loss)
    yield checkpoints
    checkpoints.close()


def files_of(checkpoints: Checkpoints, step: int) -> list[pathlib.Path]:
    folder = checkpoints.folder / f"{step:08d}"
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: -path.stat().st_size)


def test_keeps_the_last_and_the_best(saved):
    assert saved.steps() == [2, 3, 4] and saved.best() == 2 and saved.latest() == 4
    assert sorted(path.name for path in saved.folder.iterdir() if path.is_dir()) == ["00000002", "00000003", "00000004"]


def test_weights_come_back_bit_for_bit_on_any_mesh(tmp_path):
    checkpoints = Checkpoints(tmp_path / "pretrain" / "checkpoints")
    checkpoints.save(7, {"params": params(7, mesh(fsdp=4, tensor=2)), "opt_state": jnp.zeros(9)}, MODEL)
    checkpoints.wait()
    for target in (None, mesh(data=2, fsdp=2, tensor=2), mesh(tensor=2)):
        loaded, cfg = checkpoint.load_params(tmp_path, "pretrain", "last", target)
        assert cfg == CFG and state.digest(loaded) == state.digest(params(7))
        assert loaded["layers"]["wq"].sharding.mesh.size == (target or mesh()).size
    checkpoints.close()


def test_a_flipped_bit_is_found_and_the_step_before_is_used(saved):
    largest = files_of(saved, 4)[0]
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(bytes(data))
    assert next(saved.good_steps()) == 3
    with pytest.raises(UserError, match=f"checkpoint 4: .*{largest.name}: not what was written"):
        saved.restore({"params": checkpoint.abstract_params(CFG, mesh())}, 4)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_missing_and_truncated_files_are_found(saved, damage):
    damage(files_of(saved, 4)[-1])
    assert next(saved.good_steps()) == 3


def test_unfinished_steps_do_not_count_and_are_cleaned_up(saved):
    unfinished = saved.folder / "00000005"
    unfinished.mkdir()
    (saved.folder / "00000006.orbax-checkpoint-tmp").mkdir()
    (saved.folder / ".tmp-00000005.json").write_text("{")
    assert saved.latest() == 4
    saved.clean()
    assert {path.name[:8] for path in saved.folder.iterdir()} == {"00000002", "00000003", "00000004"}


def test_a_full_disk_is_one_line_and_earlier_checkpoints_stay(saved, monkeypatch):
    def full(self, *args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(saved._orbax()), "save", full)
    with pytest.raises(
        UserError, match="checkpoints: checkpoint 5 could not be written: the disk is full; checkpoint 4 is intact"
    ):
        saved.save(5, {"params": params(5)}, MODEL)
    assert saved.latest() == 4 and saved.verify(4) is None


@pytest.fixture
def small_files_only():
    """No file may grow past 64 KiB: writes fail as they do on a full disk, in whatever thread."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_write_that_fails_in_the_background_is_told_by_poll(saved, small_files_only):
    noise = np.random.Generator(np.random.PCG64(0)).standard_normal(1 << 18, np.float32)
    saved.save(5, {"params": jnp.asarray(noise)}, MODEL)
    with pytest.raises(UserError, match=r"checkpoint 5 could not be written: .*; checkpoint 4 is intact"):
        for _ in range(1000):
            saved.poll()
            time.sleep(0.01)
    assert saved.latest() == 4 and saved.verify(4) is None
    saved.clean()
    assert len(list(saved.folder.iterdir())) == 6


def test_arrays_may_change_as_soon_as_save_returns(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    overwrite = jax.jit(lambda tree: jax.tree.map(lambda leaf: leaf * 0 - 1, tree), donate_argnums=0)
    tree = {"params": {"w": jnp.arange(4e6, dtype=jnp.float32)}}
    checkpoints.save(1, tree, {})
    jax.block_until_ready(overwrite(tree))
    checkpoints.wait()
    wanted = jax.ShapeDtypeStruct(
        (4_000_000,), jnp.float32, sharding=jax.sharding.SingleDeviceSharding(jax.devices()[0])
    )
    got = checkpoints.restore({"params": {"w": wanted}}, 1)
    np.testing.assert_array_equal(got["params"]["w"], np.arange(4e6, dtype=np.float32))
    checkpoints.close()


def test_a_damaged_record_is_named_and_passed_over(saved):
    saved.wait()
    (saved.folder / "00000004.json").write_text('{"step": 4}')
    with pytest.raises(UserError, match=r"00000004\.json: damaged"):
        checkpoint.load_params(saved.folder.parents[1], "pretrain", 4)
    assert next(saved.good_steps()) == 3


def test_what_is_not_there_is_the_users_mistake(saved):
    run = saved.folder.parents[1]
    with pytest.raises(UserError, match="no checkpoint of the phase 'finetune' here"):
        checkpoint.load_params(run, "finetune")
    with pytest.raises(UserError, match="no checkpoint of step 9; there are 2, 3, 4"):
        checkpoint.load_params(run, "pretrain", 9)
    with pytest.raises(UserError, match="expected best, last or a step, got 'newest'"):
        checkpoint.load_params(run, "pretrain", "newest")
    with pytest.raises(UserError, match="checkpoint 4 was trained with another tokenizer"):
        checkpoint.load_params(run, "pretrain", "last", tokenizer="abd")


def test_another_architecture_names_the_field(saved):
    other = ModelConfig.from_dict(CFG.to_dict() | dict(heads=4, kv_heads=4))
    with pytest.raises(
        UserError, match=r"another architecture: config.model.heads: the checkpoint has 2, the config 4"
    ):
        checkpoint.check_architecture(saved.record(4), other, saved.folder)
