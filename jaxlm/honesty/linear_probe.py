"""Logistic regression by Newton's method: a linear probe on hidden states, and the scale of a single signal."""

import dataclasses

import numpy as np

STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of the penalty that `fit` chooses from
FOLDS = 4
ITERATIONS = 50
TOLERANCE = 1e-8


@dataclasses.dataclass(frozen=True)
class Probe:
    """log-odds = bias + ((features - mean) / scale) @ weights; all float64, the arrays [d]."""

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: float

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Features [n, d] to the log-odds [n] of being positive."""
        return self.bias + (np.asarray(features, np.float64) - self.mean) / self.scale @ self.weights


def fit(features: np.ndarray, positive: np.ndarray, groups: list | None = None, strength: float | None = None) -> Probe:
    """The probe that minimizes the log loss plus strength / 2 * |weights|^2 over standardized features.

    Args:
      features: [n, d].
      positive: bool [n].
      groups: n hashable values: examples of one group never stand on both sides when the strength is chosen.
      strength: of the penalty; None takes that of STRENGTHS with the least log loss in cross-validation by group.
    """
    features, positive = np.asarray(features, np.float64), np.asarray(positive, bool)
    if strength is None:
        strength = _choose(features, positive, list(range(len(positive))) if groups is None else groups)
    mean, scale = features.mean(0), features.std(0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    inputs = np.concatenate([(features - mean) / scale, np.ones((len(features), 1))], 1)
    solution = _newton(inputs, positive.astype(np.float64), strength)
    return Probe(mean, scale, solution[:-1], float(solution[-1]))


def loss(log_odds: np.ndarray, positive: np.ndarray) -> float:
    """Mean log loss in nats."""
    return float(np.logaddexp(0.0, np.where(positive, -log_odds, log_odds)).mean())


def _newton(inputs: np.ndarray, targets: np.ndarray, strength: float) -> np.ndarray:
    """Iteratively reweighted least squares (Bishop 2006, 4.3.3); the last column of `inputs` is 1, its weight free.

    A step that does not lower the objective is halved; classes that a plane separates leave the bias finite by a
    penalty of 1e-6.
    """
    penalty = np.full(inputs.shape[1], strength)
    penalty[-1] = 1e-6

    def objective(weights: np.ndarray) -> float:
        return loss(inputs @ weights, targets > 0) * len(targets) + 0.5 * float(penalty @ weights**2)

    weights = np.zeros(inputs.shape[1])
    for _ in range(ITERATIONS):
        p = 1 / (1 + np.exp(-np.clip(inputs @ weights, -500, 500)))
        gradient = inputs.T @ (p - targets) + penalty * weights
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        while objective(weights - step) > objective(weights) and np.abs(step).max() > TOLERANCE:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= TOLERANCE:
            break
    return weights


def _choose(features: np.ndarray, positive: np.ndarray, groups: list) -> float:
    """The strength of the least log loss on examples held out by group; groups go to the folds in turn."""
    folds = {group: i % FOLDS for i, group in enumerate(dict.fromkeys(groups))}
    fold = np.array([folds[group] for group in groups])
    sides = [(fold != i, fold == i) for i in range(FOLDS) if (fold == i).any() and (fold != i).any()]

    def held_out(strength: float) -> float:
        probes = [(fit(features[kept], positive[kept], strength=strength), left) for kept, left in sides]
        return sum(loss(probe.log_odds(features[left]), positive[left]) * left.sum() for probe, left in probes)

    return min(STRENGTHS, key=held_out)
