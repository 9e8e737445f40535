"""A run that was cut off goes on as if nothing had happened, bit for bit."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from jaxlm import files
from jaxlm.phases import finetune, pretrain
from jaxlm.train import loop

PHASES = dict(pretrain=pretrain, finetune=finetune)
TIMES = ("tokens_per_s", "goodput")  # what may differ between two runs


class Cut(Exception):
    pass


def written(workdir: pathlib.Path, phase: str) -> tuple[list[dict], list[dict]]:
    """Metrics without times, and samples."""
    metrics, samples = (list(files.read_jsonl(workdir / phase / f"{name}.jsonl")) for name in ("metrics", "samples"))
    return [{k: v for k, v in row.items() if k not in TIMES} for row in metrics], samples


def cut(monkeypatch, name: str, done: int):
    """Makes the loop's function `name` raise when it is called for step `done`."""
    original = getattr(loop, name)

    def function(run, current, step):
        if step == done:
            raise Cut
        return original(run, current, step)

    monkeypatch.setattr(loop, name, function)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("place, done", [("_save", 4), ("_after_save", 4), ("_evaluate", 8), ("_after_save", 8)])
def test_cut_off_and_resumed_is_the_uninterrupted_run(whole, workdir, config, monkeypatch, phase, place, done):
    reference = whole[0]
    if phase == "finetune":
        shutil.copytree(reference / "pretrain", workdir / "pretrain")
    with monkeypatch.context() as patch, pytest.raises(Cut):
        cut(patch, place, done)
        PHASES[phase].run(config, workdir)
    summary = PHASES[phase].run(config, workdir)
    assert summary["sha256"] == whole[1 if phase == "pretrain" else 2]["sha256"]
    assert written(workdir, phase) == written(reference, phase)


def test_cut_between_evaluation_and_its_record_does_not_evaluate_twice(whole, workdir, config, monkeypatch):
    def annotate(self, step, **more):
        if step == 4:
            raise Cut

    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(loop.Checkpoints, "annotate", annotate)
        pretrain.run(config, workdir)
    assert pretrain.run(config, workdir)["best"] == whole[1]["best"]
    assert written(workdir, "pretrain") == written(whole[0], "pretrain")


def test_damaged_checkpoint_is_passed_over_and_made_again(whole, workdir, config, capsys):
    shutil.copytree(whole[0] / "pretrain", workdir / "pretrain")
    broken = max((workdir / "pretrain" / "checkpoints" / "00000008").rglob("*"), key=lambda path: path.stat().st_size)
    broken.write_bytes(broken.read_bytes()[::-1])
    assert pretrain.run(config, workdir)["sha256"] == whole[1]["sha256"]
    said = capsys.readouterr().out
    assert "checkpoint 8 is damaged and not used" in said and "goes on from checkpoint 4" in said
    assert written(workdir, "pretrain") == written(whole[0], "pretrain")


def test_sigterm_saves_and_leaves(whole, workdir, config, monkeypatch):
    original = loop._log

    def log(run, waiting):
        if waiting and waiting[0] == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(run, waiting)

    with monkeypatch.context() as patch, pytest.raises(SystemExit) as left:
        patch.setattr(loop, "_log", log)
        pretrain.run(config, workdir)
    assert left.value.code == 143
    assert loop.Checkpoints(workdir / "pretrain" / "checkpoints").latest() == 3
    assert pretrain.run(config, workdir)["sha256"] == whole[1]["sha256"]
    assert written(workdir, "pretrain") == written(whole[0], "pretrain")


EXPERIMENT = """
import sys
sys.path.insert(0, {tests!r})
from tests.train.conftest import tiny

def get_config():
    config = tiny()
    config.pretrain.steps = config.finetune.steps = 60
    config.pretrain.save_every = config.finetune.save_every = 3
    return config
"""


@pytest.mark.slow
def test_kill_at_random_moments_through_the_command(tmp_path):
    """SIGKILL five times in each phase, at random moments of the whole process; the summaries' sha256 stay the same."""
    from tests.train.conftest import fill

    root = pathlib.Path(__file__).parents[2]
    experiment = tmp_path / "experiment.py"
    experiment.write_text(EXPERIMENT.format(tests=str(root)))
    environment = os.environ | dict(PYTHONPATH=str(root), JAXLM_ONEDNN="0", JAX_NUM_CPU_DEVICES="1")

    def start(folder: pathlib.Path, phase: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "jaxlm", f"--config={experiment}", f"--workdir={folder}", f"--phases={phase}"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(folder: pathlib.Path, phase: str) -> str:
        process = start(folder, phase)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        return files.read_json(folder / phase / "summary.json")["result"]["sha256"]

    dice = random.Random(0)
    whole, killed = fill(tmp_path / "whole"), fill(tmp_path / "killed")
    for phase in PHASES:
        begin = time.monotonic()
        expected = finish(whole, phase)
        duration = time.monotonic() - begin
        kills = 0
        while kills < 5:
            process = start(killed, phase)
            time.sleep(dice.uniform(0.2, 1.0) * duration)
            kills += process.poll() is None
            process.kill()
            process.communicate()
            if (killed / phase / "summary.json").exists():
                shutil.rmtree(killed / phase)  # it was faster this time: start over, to be killed half-way
        assert finish(killed, phase) == expected, f"{phase}: other weights after {kills} kills"
        assert written(killed, phase) == written(whole, phase)
