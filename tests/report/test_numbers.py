"""Numbers as people read them."""

import pytest

from jaxlm.report import numbers


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (14_120, "14.1k"),
        (999_400, "999k"),
        (999_900, "1M"),
        (1_020_000, "1.02M"),
        (7e9, "7B"),
    ],
)
def test_count(value, text):
    assert numbers.count(value) == text


@pytest.mark.parametrize("value, text", [(12, "12 B"), (1500, "1.5 kB"), (8_970_000, "8.97 MB"), (8e9, "8 GB")])
def test_size(value, text):
    assert numbers.size(value) == text.replace(" ", numbers.NBSP)


@pytest.mark.parametrize(
    "share, digits, text",
    [
        (0, 0, "0%"),
        (0.004, 0, "<1%"),
        (0.5, 0, "50%"),
        (0.996, 0, ">99%"),
        (1, 1, "100%"),
        (0.9996, 1, ">99.9%"),
        (0.978, 1, "97.8%"),
    ],
)
def test_percent_does_not_round_to_never_or_always(share, digits, text):
    assert numbers.percent(share, digits) == text


@pytest.mark.parametrize(
    "seconds, text", [(0.84, "0.8 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_duration(seconds, text):
    assert numbers.duration(seconds) == text.replace(" ", numbers.NBSP)
