import numpy as np
import pytest

from jaxlm.evals import statistics


def test_wilson_is_the_published_interval():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, method 3.
    assert statistics.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (20, 20), (0, 0)])
def test_wilson_at_the_ends_stays_inside_and_open(successes, n):
    low, high = statistics.wilson(successes, n)
    assert 0 <= low < high <= 1
    assert (low == 0) == (successes == 0) and (high == 1) == (successes == n)


def test_ratio_error_agrees_with_the_bootstrap():
    generator = np.random.Generator(np.random.PCG64(0))
    size = generator.integers(50, 500, 400)
    bits = size * generator.normal(2.0, 0.3, 400)
    ratio, error = statistics.ratio_error(bits, size)
    draws = generator.integers(0, 400, (2000, 400))
    bootstrap = (bits[draws].sum(1) / size[draws].sum(1)).std()
    assert ratio == pytest.approx(bits.sum() / size.sum())
    assert error == pytest.approx(bootstrap, rel=0.1)


def test_sample_is_without_replacement_and_in_order():
    rows = [{"i": i} for i in range(50)]
    chosen = [row["i"] for row in statistics.sample(rows, 20, np.random.Generator(np.random.PCG64(1)))]
    assert len(set(chosen)) == 20 and chosen == sorted(chosen) and chosen != list(range(20))
