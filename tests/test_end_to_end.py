"""The tiny micro-web from raw pages to the report and a chat, through the commands of the README."""

import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PHASES = 10  # of the experiment


def _python(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess:
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, input=text)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> pathlib.Path:
    workdir = tmp_path_factory.mktemp("run with a space") / "tiny"
    done = _python("jaxlm", "--config=experiments/microweb.py:tiny", f"--workdir={workdir}")
    assert done.returncode == 0, done.stdout + done.stderr
    return workdir


def _result(workdir: pathlib.Path, phase: str) -> dict:
    return json.loads((workdir / phase / "summary.json").read_text())["result"]


def test_pages_are_cleaned_as_the_ground_truth_says(run):
    score = _result(run, "crawl")["score"]
    assert score["junk"]["precision"] > 0.95 and score["junk"]["recall"] > 0.95
    assert score["duplicates"]["found"] >= 0.95 * score["duplicates"]["pages"]
    assert score["pii"]["removed"] == score["pii"]["planted"] > 0


def test_the_model_learns_to_predict_and_then_to_converse(run):
    for phase, least in (("pretrain", 2.0), ("finetune", 0.5)):
        rows = [json.loads(line) for line in (run / phase / "metrics.jsonl").read_text().splitlines()]
        losses = [row["eval_loss"] for row in rows if "eval_loss" in row]
        assert losses[-1] < losses[0] - least, phase


def test_the_report_tells_every_chapter(run):
    page = (run / "report" / "report.html").read_text()
    for heading in ("Pages become clean documents", "What the base model knows", "Where its knowledge ends"):
        assert heading in page


def test_a_second_run_skips_everything(run):
    start = time.monotonic()
    again = _python("jaxlm", "--config=experiments/microweb.py:tiny", f"--workdir={run}")
    assert again.returncode == 0 and again.stdout.count("done already") == PHASES
    assert time.monotonic() - start < 15


def test_chat_answers_a_piped_question(run):
    done = _python("jaxlm.serve.chat", f"--run={run}", "--max_new=8", text="Hello.\n/quit\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
