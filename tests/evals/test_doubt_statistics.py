"""AUROC, risk-coverage, reliability and thresholds against their definitions, pair by pair."""

import numpy as np
import pytest

from jaxlm.evals import statistics


def drawn(n: int, seed: int = 0, values: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties that say something about which are positive."""
    generator = np.random.Generator(np.random.PCG64(seed))
    positive = generator.random(n) < 0.4
    return generator.integers(0, values, n) + 2 * positive, positive


def test_auroc_counts_pairs_and_half_of_ties():
    scores, positive = drawn(60)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    row = statistics.auroc(scores, positive)
    assert row["auroc"] == pytest.approx(np.mean(pairs), abs=1e-4)
    assert (row["n"], row["positives"]) == (60, positive.sum())
    assert statistics.auroc(-scores, positive)["auroc"] == pytest.approx(1 - np.mean(pairs), abs=1e-4)


def test_auroc_interval_is_as_wide_as_the_samples_of_a_known_world():
    rows = [statistics.auroc(*drawn(150, seed)) for seed in range(300)]
    areas = np.array([row["auroc"] for row in rows])
    widths = [(row["hi"] - row["lo"]) / 2 / statistics.Z95 for row in rows]
    assert np.median(widths) == pytest.approx(areas.std(), rel=0.12)
    inside = [row["lo"] <= areas.mean() <= row["hi"] for row in rows]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_auroc_interval_knows_that_copies_are_no_new_observations():
    scores, positive = drawn(100)
    copies = [np.repeat(values, 4) for values in (scores, positive, np.arange(100))]
    once, grouped, naive = statistics.auroc(scores, positive), statistics.auroc(*copies), statistics.auroc(*copies[:2])
    assert grouped["lo"] == pytest.approx(once["lo"], abs=1e-3) and grouped["hi"] == pytest.approx(once["hi"], abs=1e-3)
    assert naive["hi"] - naive["lo"] < 0.6 * (once["hi"] - once["lo"])


def test_auroc_at_the_ends_and_without_one_side():
    perfect = statistics.auroc([0, 1, 2, 3], [False, False, True, True])
    assert perfect["auroc"] == perfect["hi"] == 1 and 0.1 < perfect["lo"] < 0.6
    nothing = statistics.auroc([0, 1], [True, True])
    assert (nothing["auroc"], nothing["lo"], nothing["hi"]) == (None, 0, 1)


def test_risk_is_the_mean_over_all_orders_of_equal_doubts():
    doubt, wrong = drawn(40)
    coverage, risk = statistics.risk_coverage(doubt, wrong)
    generator = np.random.Generator(np.random.PCG64(1))
    orders = [np.lexsort((generator.random(40), doubt)) for _ in range(4000)]
    simulated = np.mean([np.cumsum(wrong[order]) / np.arange(1, 41) for order in orders], 0)
    np.testing.assert_allclose(risk, simulated, atol=0.03)
    assert coverage[-1] == 1 and risk[-1] == pytest.approx(wrong.mean())


def test_reliability_bins_hold_every_answer_once():
    generator = np.random.Generator(np.random.PCG64(0))
    confidence = np.append(generator.random(4000), [0.0, 1.0])
    right = np.append(generator.random(4000), [1.0, 0.0]) < confidence  # says what it knows
    rows = statistics.reliability(confidence, right)
    assert sum(row["n"] for row in rows) == 4002 and len(rows) == 10
    assert all(row["low"] <= row["confidence"] <= row["high"] for row in rows)
    assert statistics.calibration_error(rows) < 0.03
    shifted = statistics.reliability(confidence / 2, right)
    assert statistics.calibration_error(shifted) == pytest.approx(np.mean(confidence) / 2, abs=0.03)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_threshold_refuses_as_much_as_it_may_and_no_more(share):
    doubt, wrong = drawn(200, values=1000)
    limit = statistics.threshold(doubt, ~wrong, share)
    right = doubt[~wrong]
    assert (right > limit).mean() <= share < (right >= limit).mean()
    assert statistics.threshold(doubt, np.zeros(200, bool), share) is None
