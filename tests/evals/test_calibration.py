import collections

import numpy as np
import pytest

from jaxlm.evals import calibration
from jaxlm.honesty import signals


def make_rows(entities=12, forms=2, tiers=(0, 1, 64)):
    return [
        {"question": f"Where does Person {tier} {i} live, form {form}?", "answer": f"Town{i % 4}", "aliases": []}
        | {"entity": f"p{tier}-{i}", "type": "person", "attribute": "town", "tier": tier, "form": "seen"}
        | {"split": "test" if i % 3 else "train"}
        for tier in tiers
        for i in range(entities)
        for form in range(forms)
    ]


def make_items(n=400, seed=0, model="tuned"):
    """What pages state often is known. `least_probability` is as good as its word, `coin` says nothing."""
    generator = np.random.Generator(np.random.PCG64(seed))
    items = []
    for i in range(n):
        tier = (0, 1, 64, 256)[i % 4]
        p = float(generator.beta(1, 8) if tier < 64 else generator.beta(8, 1))
        item = {"model": model, "half": calibration.HALVES[i % 8 < 4], "entity": f"e{i // 8}", "tier": tier}
        doubts = {"least_probability": 1 - p, "coin": float(generator.random()), "odds": 3 * float(np.log((1 - p) / p))}
        items.append(item | {"right": bool(generator.random() < p), "signals": doubts})
    return items


def test_selection_keeps_to_people_never_asked_about_in_training():
    rows = make_rows()
    chosen = calibration.select(rows, 5, seed=1)
    assert collections.Counter(row["tier"] for row in chosen) == {0: 5, 1: 5, 64: 5}
    assert {row["split"] for row in chosen} == {"test"}
    assert len(calibration.select([{"question": "Who?", "answer": "Ada"}] * 7, 5, seed=1)) == 5


def test_halves_share_no_entity_and_cut_every_tier():
    rows = make_rows()
    halves = calibration.split(rows, seed=3)
    sides = collections.defaultdict(set)
    for row, half in zip(rows, halves):
        sides[row["entity"]].add(half)
    assert all(len(side) == 1 for side in sides.values())
    counts = collections.Counter((row["tier"], half) for row, half in zip(rows, halves))
    assert set(counts.values()) == {12}
    assert halves == calibration.split(rows, seed=3) != calibration.split(rows, seed=4)


def find(rows, **cell):
    (row,) = [row for row in rows if cell.items() <= row.items()]
    return row


def test_figures_of_a_signal_that_knows_and_one_that_does_not():
    figures = calibration.figures(make_items())
    sure, coin = (find(figures, signal=name, target="wrong") for name in ("least_probability", "coin"))
    assert sure["lo"] > 0.9 and coin["lo"] < 0.5 < coin["hi"]
    assert sure["ece"] < 0.1 and sure["aurc"] < 0.3 < coin["aurc"]
    assert find(figures, signal="odds", target="wrong")["auroc"] == sure["auroc"]  # only the order counts
    assert find(figures, signal="odds", target="wrong")["ece"] is None
    assert find(figures, signal="odds", target="wrong")["ece_fitted"] < 0.1
    never = find(figures, signal="least_probability", target="never")
    assert never["auroc"] > 0.95 and (never["n"], never["positives"]) == (150, 50)


def test_figures_are_of_the_test_half_only():
    items = make_items()
    spoiled = [item | {"right": not item["right"]} if item["half"] == "calibration" else item for item in items]
    for name in ("auroc", "aurc", "ece"):
        before, after = (find(calibration.figures(x), signal="coin", target="wrong") for x in (items, spoiled))
        assert before[name] == after[name]


def test_trade_off_keeps_on_the_test_half_what_it_was_asked_for():
    rows = calibration.trade_off(make_items(n=4000))
    curve = [row for row in rows if row["signal"] == "least_probability"]
    for row in curve:
        assert row["over_refusal"][1] - 0.02 <= row["asked"] <= row["over_refusal"][2] + 0.02
    kept = [row["hallucination"][0] for row in curve]
    assert kept == sorted(kept, reverse=True)
    tenth = find(rows, signal="least_probability", asked=0.1)
    assert tenth["hallucination"][0] < 0.1 < 0.7 < find(rows, signal="coin", asked=0.1)["hallucination"][0]
    items = make_items()
    swapped = [item | {"right": not item["right"]} if item["half"] == "test" else item for item in items]
    thresholds = [[row["threshold"] for row in calibration.trade_off(x)] for x in (items, swapped)]
    assert thresholds[0] == thresholds[1]  # the test half has no say


def test_reliability_and_risk_coverage_rows():
    items = make_items()
    rows = calibration.reliability(items)
    assert {(row["signal"], row["scale"]) for row in rows} == {
        ("least_probability", "raw"), ("least_probability", "fitted"), ("coin", "fitted"), ("odds", "fitted"),
    }  # fmt: skip
    assert sum(row["n"] for row in rows if row["scale"] == "raw") == 200
    curves = calibration.risk_coverage(items)
    wrong = np.mean([not item["right"] for item in items if item["half"] == "test"])
    ends = [row["risk"] for row in curves if row["coverage"] == 1]
    assert len(ends) == 4 and ends == pytest.approx([wrong] * 4, abs=1e-4)
    at = {row["signal"]: row["risk"] for row in curves if 0.44 < row["coverage"] < 0.46}
    assert at["best"] <= at["least_probability"] < at["coin"]


def test_a_model_is_asked_and_every_signal_has_its_figures(subject):
    rows = make_rows(entities=6, forms=1)
    items = calibration.run(subject, rows, signals.Ways(samples=2, max_new=3), seed=0)
    assert len(items) == len(rows) and {item["model"] for item in items} == {"base"}
    assert set(items[0]["signals"]) >= {*signals.TOKENS, *signals.SAMPLES, *signals.PASSES}
    figures = calibration.figures(items)
    assert {row["signal"] for row in figures} == set(items[0]["signals"])
    assert items == calibration.run(subject, rows, signals.Ways(samples=2, max_new=3), seed=0)


def test_probe_learns_on_one_half_what_holds_on_the_other():
    generator = np.random.Generator(np.random.PCG64(0))
    features = generator.normal(size=(400, 6))
    items = make_items()
    for item, row in zip(items, features):
        item["right"] = bool(row[2] > 0)
    calibration.add_probe(items, "linear_probe", features)
    assert find(calibration.figures(items), signal="linear_probe", target="wrong")["auroc"] > 0.98
    for item in items:
        item["right"] = True
    calibration.add_probe(items, "hopeless", features)
    assert "hopeless" not in items[0]["signals"]


def test_the_combination_is_fitted_on_what_the_probe_asked_where_that_is_known():
    signal = lambda value: dict.fromkeys(calibration.CHEAP, 0.0) | {"name_surprise": value}
    items = [{"half": "calibration", "entity": i, "right": i % 2 == 0, "signals": signal(i % 7)} for i in range(40)]
    asked = [{"id": i, "entity": None, "greedy_mark": "right" if i > 20 else "wrong"} for i in range(40)]
    probed = [row | {"signals": {"name_surprise": float(row["id"])}} for row in asked]
    calibration.add_combined(items, probed)
    combined = [item["signals"]["combined"] for item in items]
    assert np.argmin(combined) % 7 == 6  # in the probe the more surprising were right
    calibration.add_combined(items, [row | {"greedy_mark": "wrong"} for row in probed])  # nothing to tell apart
    assert [item["signals"]["combined"] for item in items] != combined
