"""Proportions with intervals, means with errors, and grouping of rows."""

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
