"""lm-eval on our model, in process and over HTTP: the same rows give the same numbers."""

import functools
import pathlib
import runpy

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.evals import harness
from jaxlm.files import write_jsonl
from jaxlm.generate import stream
from jaxlm.generate.alternatives import score_with_top
from jaxlm.serve.model import Model

served = runpy.run_path(str(pathlib.Path(__file__).parents[1] / "serve" / "servers.py"))["served"]

TASKS = {
    "colors": [{"query": f"Color {n} is", "choices": ["red", "green", "blue"], "gold": n % 3} for n in range(12)],
    "pronouns": [
        {"context_options": [f"{n} gave Ada", f"{n} gave Bo"], "continuation": "a book.", "gold": n % 2}
        for n in range(8)
    ],
    "words": [{"context": f"{'many ' * n}words and", "continuation": "more"} for n in range(8)],
    "long": [{"context": "so " * 400, "continuation": "on"}],
    "quiz": [{"context": f"Q: {n}?\nA:", "answer": "x", "aliases": ["x", "y"], "category": 1} for n in range(6)],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    for name, rows in TASKS.items():
        write_jsonl(folder / "some" / f"{name}.jsonl", rows)
    return folder


@pytest.fixture(scope="module")
def model(subject):
    functions = [functools.partial(f, subject.params, subject.cfg) for f in (stream, score_with_top)]
    return Model("small", subject.tokenizer, subject.cfg.max_len, True, *functions)


def test_rows_tell_the_kind_of_a_task(folder, tmp_path):
    for name, kind in (("colors", "multiple_choice"), ("words", "loglikelihood"), ("quiz", "generate_until")):
        harness.write_task(name, folder, tmp_path, limit=3, shots=0)
        assert f'"output_type": "{kind}"' in (tmp_path / f"{name}.yaml").read_text()
        assert len((tmp_path / f"{name}.jsonl").read_text().splitlines()) == 3
    with pytest.raises(UserError, match=r"--tasks=hues: there is no hues.jsonl under"):
        harness.write_task("hues", folder, tmp_path, None, 0)
    write_jsonl(folder / "odd.jsonl", [{"a": 1}])
    with pytest.raises(UserError, match=r"odd.jsonl: its rows have a; expected query, choices, gold"):
        harness.write_task("odd", folder, tmp_path, None, 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the harness and what it imports
def test_same_numbers_in_process_and_over_http(model, folder):
    pytest.importorskip("lm_eval", reason="needs the extra lmeval: pip install 'jaxlm[lmeval]'")
    from jaxlm.evals.harness_model import Local

    names = list(TASKS)
    here = harness.evaluate(Local(model), names, folder)
    with served(model) as url:
        there = harness.evaluate(harness.remote(url, batch=5), names, folder)
    compare(here, there)
    assert sum(len(rows) for rows in here["samples"].values()) == sum(map(len, TASKS.values()))
    assert 0 < here["results"]["colors"]["acc"][0] < 1


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.filterwarnings("ignore")
def test_same_numbers_on_real_tasks(model, real_data):
    pytest.importorskip("lm_eval", reason="needs the extra lmeval: pip install 'jaxlm[lmeval]'")
    from jaxlm.evals.harness_model import Local

    names = ["arc_easy", "winogrande", "bigbench_operators"]
    here = harness.evaluate(Local(model), names, real_data / "lm_eval", limit=20, shots=1)
    with served(model) as url:
        there = harness.evaluate(harness.remote(url), names, real_data / "lm_eval", limit=20, shots=1)
    compare(here, there)


def compare(here: dict, there: dict) -> None:
    """Equal accuracies; log-likelihoods of every row within 1e-4, greedy or not as in the other."""
    np.testing.assert_equal(here["results"], there["results"])
    for name, rows in here["samples"].items():
        for one, other in zip(rows, there["samples"][name], strict=True):
            assert one["gold"] == other["gold"]
            if isinstance(one["responses"][0], str):
                assert one["responses"] == other["responses"]
                continue
            for (logprob, greedy), (other_logprob, other_greedy) in zip(
                one["responses"], other["responses"], strict=True
            ):
                assert logprob == pytest.approx(other_logprob, abs=1e-4) and greedy == other_greedy
