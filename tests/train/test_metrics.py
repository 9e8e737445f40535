import jax.numpy as jnp
import numpy as np

from jaxlm import files
from jaxlm.train.metrics import MetricWriter, cut_rows


def _steps(folder):
    return [row["step"] for row in files.read_jsonl(folder / "metrics.jsonl")]


def test_rows_hold_plain_numbers(tmp_path):
    with MetricWriter(tmp_path) as writer:
        writer.write(np.int32(3), {"loss": jnp.float32(1.5), "grad_norm": float("nan"), "note": "text"})
    row = {"step": 3, "loss": 1.5, "grad_norm": None, "note": "text"}
    assert list(files.read_jsonl(tmp_path / "metrics.jsonl")) == [row]
    assert any((tmp_path / "tensorboard").iterdir())


def test_resuming_cuts_what_comes_after_the_restored_step(tmp_path):
    with MetricWriter(tmp_path) as writer:
        for step in range(0, 60, 10):
            writer.write(step, {"loss": 0.0})
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"step": 20, "lo')  # killed while writing; the number alone would pass
    with MetricWriter(tmp_path, resume_step=30) as writer:
        writer.write(40, {"loss": 1.0})
    assert _steps(tmp_path) == [0, 10, 20, 30, 40]


def test_starting_from_nothing_cuts_everything(tmp_path):
    for _ in range(2):
        with MetricWriter(tmp_path) as writer:
            writer.write(0, {"loss": 0.0})
    assert _steps(tmp_path) == [0]


def test_cutting_leaves_complete_files_alone(tmp_path):
    path = tmp_path / "samples.jsonl"
    cut_rows(path, 5)
    assert not path.exists()
    files.write_jsonl(path, [{"step": 5, "text": "a"}])
    before = path.stat().st_ino
    cut_rows(path, 5)
    assert path.stat().st_ino == before
