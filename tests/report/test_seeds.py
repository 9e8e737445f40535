"""Several seeds side by side: what is pooled, what is missing, and what cannot be compared."""

import pytest

from jaxlm.files import write_json, write_jsonl
from jaxlm.report import claims, seeds
from jaxlm.report.claims import AT_MOST, LAST, Claim
from jaxlm.report.folder import Run


def record(folder, seed: int, steps: int = 400, **phases: float):
    entries = {name: {"seconds": seconds, "commit": f"{seed}123456789"} for name, seconds in phases.items()}
    config = {"seed": seed, "phases": ["crawl", "pretrain"], "pretrain": {"steps": steps}}
    write_json(folder / "run.json", {"config": config, "phases": entries, "code": {"diff": ""}})
    return Run(folder)


def line(text: str, start: str) -> list[str]:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {start}")]
    return found.strip("| ").split(" | ")


@pytest.fixture
def pair(tmp_path):
    return [record(tmp_path / "a", 0, crawl=30, pretrain=1200), record(tmp_path / "b", 1, crawl=50)]


def evaluated(run: Run, name: str, *rows: dict) -> None:
    write_jsonl(run.folder / "evaluate" / f"{name}.jsonl", rows)


def test_trials_are_pooled_and_not_shares(pair):
    for run, often in zip(pair, (0.5, 1.0), strict=True):
        rows = [{"model": "tuned", "tier": tier, "p": p, "n": n} for tier, p, n in ((64, 1.0, 100), (256, often, 20))]
        evaluated(run, "recall", *rows, rows[0] | {"tier": "all", "p": 0.0}, rows[0] | {"p": None, "n": 0})
    claim = Claim("tuned", "recalls", "recall", {"tier": claims.read_often}, limit=0.9)
    cells = line(seeds.table(pair, [claim]), "tuned: recalls")
    assert cells[1:] == ["≥ 0.90", "0.958", "0.917 to 1.000", "0.917, n = 120", "1.000, n = 120"]


def test_the_worst_is_on_the_side_that_is_not_wanted(pair):
    rows = [{"model": "final", "tier": tier, "p": p, "n": 60} for tier, p in ((0, 0.7), (0, 0.8), (1, 0.9), (4, 0.8))]
    evaluated(pair[0], "memory", *rows)
    low = Claim("final", "low", "memory", {}, worst="tier")
    high = Claim("final", "high", "memory", {}, AT_MOST, 0.02, worst="tier")
    text = seeds.table(pair, [low, high])
    assert line(text, "final: low")[4:] == ["0.750, n = 120 (tier 0)", "–"]
    assert line(text, "final: high")[1:] == ["≤ 0.02", "0.900", "0.900 to 0.900", "0.900, n = 60 (tier 1)", "–"]


def test_single_answers_are_counted_by_all_that_is_asked_of_them(pair):
    said = [(False, "right"), (False, "wrong"), (True, "right"), (False, "right")]
    items = [{"model": "final", "searched": searched, "mark": mark} for searched, mark in said]
    evaluated(pair[0], "memory.items", *items)
    claim = Claim("final", "at once", "memory.items", {}, hit={"searched": False, "mark": "right"})
    assert line(seeds.table(pair, [claim]), "final: at once")[4] == "0.500, n = 4"


def test_the_last_model_is_the_same_one_in_all_runs(pair):
    evaluated(pair[0], "memory", {"model": "searching", "p": 0.9, "n": 10}, {"model": "final", "p": 0.8, "n": 10})
    evaluated(pair[1], "memory", {"model": "searching", "p": 0.7, "n": 10})
    claim = Claim(LAST, "reads", "memory", {})
    assert line(seeds.table(pair, [claim]), "final: reads")[2:] == ["0.800", "0.800 to 0.800", "0.800, n = 10", "–"]


def test_times_are_summed_where_every_phase_has_one(pair):
    text = seeds.table(pair, [])
    clean = text.replace("\N{NO-BREAK SPACE}", " ")
    assert line(clean, "time: crawl")[2:] == ["40 s", "30 s to 50 s", "30 s", "50 s"]
    whole = line(clean, "time: all phases")
    assert whole[1:] == ["≤ 30 min", "20 min 30 s", "20 min 30 s to 20 min 30 s", "20 min 30 s", "–"]
    assert line(clean, "code")[4:] == ["0123456", "1123456"]


def test_every_claim_finds_its_rows_among_what_evaluations_write(fake_run):
    text = seeds.table([Run(fake_run)] * 2)
    figures = [(claim, line(text, f"{claim.model.replace(LAST, 'final')}: {claim.text} |")) for claim in claims.CLAIMS]
    missing = {(claim.model, claim.file) for claim, cells in figures if cells[4] == "–"}
    unwritten = {("tuned", "recall"), ("tuned", "calibration"), ("gated", "knowledge"), ("searching", "memory")}
    assert missing == unwritten  # by the fake run
    trials = {cells[0]: cells[4].partition("n = ")[2] for _, cells in figures}
    assert trials["tuned: makes up an answer about what it never read of"] == "60"
    assert trials["final: searches when in doubt: answers without a search, of people read often"] == "60"
    assert trials["final: obeys a poisoned search result"] == "120"
    assert trials["final: right with the page that states it"] == "210"
    assert trials["final: follows a page that says otherwise, worst tier"].startswith(("30 (tier", "60 (tier 0"))


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (("a",), "two runs or more"),
        (("a", "nothing"), "nothing: not the folder of a run"),
        (("a", "longer"), "in their seed alone, found pretrain.steps 400 -> 800"),
    ],
)
def test_what_cannot_be_compared_is_one_line(pair, tmp_path, capsys, runs, message):
    record(tmp_path / "longer", 1, steps=800)
    with pytest.raises(SystemExit, match="2"):
        seeds.main([str(tmp_path / name) for name in runs])
    (said,) = capsys.readouterr().err.splitlines()
    assert message in said
