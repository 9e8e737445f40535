"""Proportions with intervals, means with errors, what a score of doubt is worth, and grouping of rows."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np

Z95 = 1.959963984540054  # two-sided 95 % quantile of the standard normal


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Returns the Wilson score interval (low, high) of a proportion.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). It stays inside
    [0, 1] and does not collapse at 0 or n successes. Without observations nothing is known: (0, 1).
    """
    if n == 0:
        return 0.0, 1.0
    p = successes / n
    denominator = 1 + z * z / n
    center = (p + z * z / (2 * n)) / denominator
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / denominator
    low = 0.0 if successes == 0 else center - half
    high = 1.0 if successes == n else center + half
    return low, high


def proportion(outcomes: Iterable[bool]) -> dict:
    """Returns {p, lo, hi, n} of true outcomes, rounded to 4 decimals; p is None when there are none."""
    outcomes = [bool(outcome) for outcome in outcomes]
    n, successes = len(outcomes), sum(outcomes)
    low, high = wilson(successes, n)
    return {"p": round(successes / n, 4) if n else None, "lo": round(low, 4), "hi": round(high, 4), "n": n}


def as_list(row: dict) -> list:
    """Returns the row's [p, lo, hi, n], the form of a proportion in a summary."""
    return [row["p"], row["lo"], row["hi"], row["n"]]


def mean_error(values: Sequence[float]) -> tuple[float, float]:
    """Returns the mean and its standard error (0 for fewer than two values)."""
    array = np.asarray(values, np.float64)
    error = array.std(ddof=1) / math.sqrt(len(array)) if len(array) > 1 else 0.0
    return float(array.mean()), float(error)


def ratio_error(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, float]:
    """Returns sum(numerators) / sum(denominators) and its standard error over the pairs as sampling units.

    The linearized variance of a ratio estimator, n / (n - 1) * sum((y - R x)^2) / sum(x)^2 (Cochran, Sampling
    Techniques, chapter 6): pairs of unequal weight need no resampling. The error is 0 for fewer than two pairs.
    """
    y, x = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)
    ratio = y.sum() / x.sum()
    n = len(y)
    if n < 2:
        return float(ratio), 0.0
    return float(ratio), float(math.sqrt(n / (n - 1) * np.square(y - ratio * x).sum()) / x.sum())


def auroc(scores: Sequence[float], positive: Sequence[bool], groups: Sequence[Hashable] | None = None) -> dict:
    """Returns {auroc, lo, hi, n, positives}: how often a positive scores higher than a negative, a tie counting half.

    The interval is DeLong's ("Comparing the areas under two or more correlated ROC curves", Biometrics 1988), on the
    logit scale so that it stays inside [0, 1], with the variance taken over `groups` (Obuchowski, Biometrics 1997):
    questions about one entity are no independent observations. At 0 and 1, where that variance is 0, it is Wilson's
    for as many observations as the rarer side has. Without both sides nothing is known: (None, 0, 1).
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(positive, bool)
    n_positive, n = int(positive.sum()), len(values)
    counts = {"n": n, "positives": n_positive}
    if n_positive in (0, n):
        return {"auroc": None, "lo": 0.0, "hi": 1.0} | counts
    placements = np.empty(n)  # share of the other side that each observation is ranked right against
    everywhere = _midranks(values)
    placements[positive] = (everywhere[positive] - _midranks(values[positive])) / (n - n_positive)
    placements[~positive] = 1 - (everywhere[~positive] - _midranks(values[~positive])) / n_positive
    area = float(placements[positive].mean())
    low, high = _auroc_interval(area, placements, positive, groups)
    return {"auroc": round(area, 4), "lo": round(low, 4), "hi": round(high, 4)} | counts


def _auroc_interval(area: float, placements, positive, groups) -> tuple[float, float]:
    sizes = np.where(positive, positive.sum(), (~positive).sum())
    if area in (0.0, 1.0):
        return wilson(int(area) * int(sizes.min()), int(sizes.min()))
    totals: dict[Hashable, float] = {}
    for member, influence in zip(range(len(sizes)) if groups is None else groups, (placements - area) / sizes):
        totals[member] = totals.get(member, 0.0) + float(influence)
    error = math.sqrt(sum(total**2 for total in totals.values()) * len(totals) / max(len(totals) - 1, 1))
    center, half = math.log(area / (1 - area)), Z95 * error / (area * (1 - area))
    return 0.5 + 0.5 * math.tanh((center - half) / 2), 0.5 + 0.5 * math.tanh((center + half) / 2)


def _midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def risk_coverage(doubt: Sequence[float], wrong: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Returns coverage and risk, float64 [n]: the share of wrong answers among the k least doubtful ones, k = 1 to n.

    Among equal doubts the order is not known: each counts as wrong by their mean, the expectation over all orders.
    The mean of `risk` is the AURC (Geifman & El-Yaniv, "Selective classification for deep neural networks", 2017).
    """
    values, wrong = np.asarray(doubt, np.float64), np.asarray(wrong, np.float64)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=wrong) / counts
    order = np.arange(1, len(values) + 1)
    return order / len(values), np.cumsum(np.repeat(means, counts)) / order


def reliability(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[dict]:
    """Returns {low, high, confidence, p, lo, hi, n} of each of `bins` equal bins of [0, 1] that holds an answer.

    `confidence` is the mean there, p the share of right answers.
    """
    values, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    numbers = np.minimum((values * bins).astype(int), bins - 1)
    rows = []
    for number in np.unique(numbers):
        inside = numbers == number
        row = {"low": number / bins, "high": (number + 1) / bins, "confidence": round(float(values[inside].mean()), 4)}
        rows.append(row | proportion(right[inside]))
    return rows


def calibration_error(rows: Sequence[dict]) -> float:
    """Returns the expected calibration error of `reliability`'s rows (Guo et al., ICML 2017)."""
    n = sum(row["n"] for row in rows)
    return sum(abs(row["p"] - row["confidence"]) * row["n"] for row in rows) / n


def threshold(doubt: Sequence[float], right: Sequence[bool], over_refusal: float) -> float | None:
    """Returns the least threshold above which at most that share of the right answers is refused (doubt > threshold).

    To be chosen on one set of answers and applied to another. None when no answer is right.
    """
    kept = np.sort(np.asarray(doubt, np.float64)[np.asarray(right, bool)])
    if not len(kept):
        return None
    refused = min(int(over_refusal * len(kept) + 1e-9), len(kept) - 1)
    return float(kept[len(kept) - 1 - refused])


def group(rows: Iterable[dict], key: Callable[[dict], Hashable]) -> dict[Hashable, list[dict]]:
    """Returns the rows by `key(row)`, in order of the sorted keys; within a group in the order given."""
    groups: dict[Hashable, list[dict]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return dict(sorted(groups.items()))


def sample(rows: Sequence[dict], limit: int, generator: np.random.Generator) -> list[dict]:
    """Returns at most `limit` of the rows, drawn without replacement, in the order given."""
    if len(rows) <= limit:
        return list(rows)
    chosen = np.sort(generator.permutation(len(rows))[:limit])
    return [rows[i] for i in chosen]
