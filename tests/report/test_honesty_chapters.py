"""What the chapters on honesty read out of figures and items."""

import re
import shutil

import pytest

from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.report import costs, figures, models, outcomes, page, transcripts
from jaxlm.report.chapters import boundary, calibration, honesty, lookup, safety
from jaxlm.report.folder import Run


@pytest.fixture
def copy(fake_run, tmp_path):
    return shutil.copytree(fake_run, tmp_path / "run")


def row(at: str, outcome: str, p: float, n: int = 50) -> dict:
    return {"at": at, "outcome": outcome, "p": p, "lo": p - 0.1, "hi": p + 0.1, "n": n}


def text(markup) -> str:
    return re.sub(r"<[^>]+>", " ", markup.text)


def test_a_stacked_bar_is_as_long_as_its_shares_and_says_them():
    rows = [row("0", "right", 0.2), row("0", "abstain", 0.5), row("0", "wrong", 0.3), row("16", "right", 0.9)]
    drawn = outcomes.figure("Title", [("model", rows)], "pages", "questions", "Caption.")
    assert re.findall(r"width:([\d.]+)%", drawn.text) == ["20.00", "50.00", "30.00", "90.00"]
    assert "20% 50% 30%" in re.sub(r"\s+", " ", text(drawn))
    assert "A bar is 50 questions" in drawn.text and "±10 points" in drawn.text
    assert outcomes.figure("Title", [("model", [row("0", "right", 0.2) | {"p": None}])], "", "", "") is None


def test_models_are_told_in_the_order_of_their_lives():
    rows = [{"model": name} for name in ("final", "mine", "tuned", "base", "honest")]
    assert models.present(rows) == ["base", "tuned", "honest", "final", "mine"]
    assert models.before_after(rows[:1] + rows[2:]) == ("tuned", "final")
    assert models.before_after([{"model": "mine"}]) == ("mine", None)


def test_a_call_and_its_result_are_shown_and_escaped(hostile):
    messages = [transcripts.user("Who?"), *transcripts.searched(hostile, 'a "b"'), transcripts.said("She.", "final")]
    shown = transcripts.talk("Heading", messages, "right", "The truth.").text
    assert "<script" not in shown and "&lt;script&gt;" in shown
    assert r"search(query=&quot;a \&quot;b\&quot;&quot;)" in shown
    assert re.findall(r'class="who">(\w+)<', shown) == ["user", "model", "result", "final"]
    broken = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}
    assert "f({)" in transcripts.talk("", [broken]).text


def test_the_axis_of_shares_ends_above_the_highest():
    assert [figures.top(values) for values in ([0.05], [0.2], [0.21, 0.1], [0.99], [])] == [0.2, 0.2, 0.4, 1.0, 1.0]


def test_claims_are_those_of_the_figures(fake_run):
    run = Run(fake_run)
    rows = run.rows("evaluate/knowledge.jsonl")
    wanted = {"set": "world", "tier": 0, "names": "all", "split": "all", "form": "all", "outcome": "wrong"}
    made_up = {row["model"]: row["p"] for row in rows if wanted.items() <= row.items()}
    refused = [row for row in rows if row["outcome"] == "over-refusal" and row["model"] == "final"]
    cards = [text(card) for card in honesty.key_figures(run)]
    assert f"{made_up['final']:.0%}" in cards[0] and f"{made_up['tuned']:.0%} before" in cards[0]
    assert f"{next(row['p'] for row in refused if row['tier'] == 'all' and row['set'] == 'world'):.0%}" in cards[1]
    memory = run.rows("evaluate/memory.jsonl")
    cell = {"model": "final", "condition": "surprise", "tier": 0, "later": True, "form": "all", "outcome": "right"}
    found = next(row for row in memory if cell.items() <= row.items())
    assert f"{found['p']:.0%}" in text(lookup.key_figures(run)[0])


def test_doubt_is_ranked_and_its_price_drawn_from_the_items(fake_run):
    run = Run(fake_run)
    rows = run.rows("evaluate/calibration.jsonl")
    best = calibration.best_signals(rows, "honest")
    order = {row["signal"]: row["auroc"] for row in rows if row["model"] == "honest" and row["target"] == "wrong"}
    assert best == sorted(order, key=order.get, reverse=True)[:3]
    told = text(calibration.chapter(run))
    for part in ("The price of silence", "Answer only when sure", "As sure as it is right?", "for 9 rates", "itself"):
        assert part in told


def test_an_evaluation_without_items_still_has_its_figures(copy):
    for name in ("calibration", "knowledge", "memory", "safety", "injection", "identity"):
        (copy / "evaluate" / f"{name}.items.jsonl").unlink()
    shown = page.render(copy)
    assert 'id="calibration"' in shown and "The price of silence" not in shown
    assert "Looking it up, in conversation" not in shown and "When it may search" in shown


def test_where_nobody_may_search_two_halves_of_tier_0_are_one(fake_run):
    rows = [row for row in Run(fake_run).rows("evaluate/memory.jsonl") if row["form"] == "all" and row["tier"] == 0]
    mine = [row for row in rows if row["condition"] == "closed" and row["model"] == "final"]
    merged = {row["outcome"]: row for row in lookup._merged(mine)}
    assert {row["n"] for row in merged.values()} == {60}
    assert sum(row["p"] for row in merged.values()) == pytest.approx(1)
    assert merged["right"]["lo"] <= merged["right"]["p"] <= merged["right"]["hi"]


def test_real_text_has_mentions_instead_of_pages_and_sets_instead_of_a_world(copy):
    row = {"exposure": 4, "by": "mentions", "questions": 10, "share": 0.5, "greedy": [0.5, 0.2, 0.8, 10]}
    row |= {"known": 5, "between": 1, "unknown": 4}
    assert boundary.degree(row) == "4+"
    path = copy / "evaluate" / "knowledge.jsonl"
    write_jsonl(path, [row for row in read_jsonl(path) if row["set"] != "world"])
    told = text(honesty.chapter(Run(copy)))
    assert "unread articles, from memory" in told and "Right, not sure, or wrong?" not in told
    assert "from memory: by popularity" in told and "1,000" in told


def test_fooled_is_marked_as_such(fake_run):
    told = text(safety.chapter(Run(fake_run)))
    assert re.search(r"10,000 +0% +0% to &lt;0.1%", told)
    assert "(fooled)" in told and "(not fooled)" in told


def test_costs_of_a_real_set_are_told_without_tiers():
    cell = {"model": "honest", "set": "real", "condition": "closed"}
    share = {"p": 0.25, "lo": 0.1, "hi": 0.4, "n": 40}
    rows = [
        cell | {"tier": "all", "split": "all", "outcome": outcome} | share for outcome in ("right", "recall", "mc1")
    ]
    rows += [
        cell | {"against": "tuned", "tier": "all", "outcome": "accuracy change"} | share | {"p": -0.05, "lo": -0.1}
    ]
    rows += [cell | {"against": "tuned", "tier": "all", "outcome": "lost"} | share | {"p": None, "n": 0}]
    assert list(costs.measures(rows)) == ["Recall", "MC1", "Change"]
    told = text(costs.table(rows))
    assert "−5.0 points" in told and "0.250" in told
    assert costs.table(rows[:1]) is None


def test_a_model_without_a_wrong_answer_has_no_auroc_and_harms_nobody(copy):
    path = copy / "evaluate" / "calibration.jsonl"
    rows = list(read_jsonl(path))
    last = models.present(rows)[-1]
    unknown = {"auroc": None, "lo": None, "hi": None}
    write_jsonl(
        path, [row if row["model"] == last else row | unknown for row in sorted(rows, key=lambda r: r["model"])]
    )
    assert "AUROC of its doubt" in page.render(copy)
    write_jsonl(path, [row | unknown for row in rows])
    assert "AUROC of its doubt" not in page.render(copy)
