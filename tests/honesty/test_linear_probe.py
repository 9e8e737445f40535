import numpy as np
import pytest

from jaxlm.honesty import linear_probe


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Five features, of which two decide; one is constant and one a thousand times larger than the others."""
    generator = np.random.Generator(np.random.PCG64(seed))
    features = generator.normal(size=(n, 5)) * [1, 1, 1, 0, 1000] + [0, 3, 0, 2, 0]
    log_odds = 2 * features[:, 0] - features[:, 1] + 2
    return features, generator.random(n) < 1 / (1 + np.exp(-log_odds))


def test_solution_has_no_slope_left():
    features, positive = drawn(300, 0)
    probe = linear_probe.fit(features, positive, strength=3.0)
    inputs = (features - probe.mean) / probe.scale
    error = 1 / (1 + np.exp(-probe.log_odds(features))) - positive
    np.testing.assert_allclose(inputs.T @ error + 3.0 * probe.weights, 0, atol=1e-5)
    assert abs(error.sum()) < 1e-4


def test_recovers_the_log_odds_it_was_drawn_from():
    probe = linear_probe.fit(*drawn(4000, 0))
    features, _ = drawn(500, 1)
    expected = 2 * features[:, 0] - features[:, 1] + 2
    np.testing.assert_allclose(probe.log_odds(features), expected, atol=0.6)


def test_strength_is_chosen_by_groups_held_out():
    """Noise that names the group helps on its own group only: judged on others it is worth nothing."""
    generator = np.random.Generator(np.random.PCG64(0))
    groups = [i // 10 for i in range(200)]
    positive = np.repeat(generator.random(20) < 0.5, 10)
    features = np.repeat(generator.normal(size=(20, 15)), 10, axis=0)
    held = linear_probe.fit(features, positive, groups)
    free = linear_probe.fit(features, positive)
    assert np.abs(held.weights).sum() < 0.2 * np.abs(free.weights).sum()


def test_classes_that_a_plane_separates_stay_finite():
    features = np.linspace(-1, 1, 20)[:, None]
    probe = linear_probe.fit(features, features[:, 0] > 0, strength=0.1)
    assert np.isfinite(probe.log_odds(features)).all()
    assert ((probe.log_odds(features) > 0) == (features[:, 0] > 0)).all()


def test_loss_is_that_of_a_coin_without_information():
    assert linear_probe.loss(np.zeros(4), np.array([True, False, True, False])) == pytest.approx(np.log(2))
