"""Drawings: their content, their size, and that they are the same each time."""

import re
import xml.etree.ElementTree

import pytest

from jaxlm.report import figures
from jaxlm.report.figures import Axes, Line

TIERS = Line("right", range(3), (0.0, 0.5, 1.0), low=(0.0, 0.4, 0.9), high=(0.1, 0.6, 1.0), dots=True)
PERCENT = Axes("pages", "share", ticks=("0", "1", "16"), percent=True)


def parse(svg: str) -> xml.etree.ElementTree.Element:
    return xml.etree.ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1))


def test_a_drawing_is_small_labeled_and_the_same_each_time():
    first = figures.draw([TIERS], PERCENT, figures.WIDE, 'says "what" <it> shows').text
    assert first == figures.draw([TIERS], PERCENT, figures.WIDE, 'says "what" <it> shows').text
    assert len(first) < 8000
    root = parse(first)
    assert root.attrib["role"] == "img" and root.attrib["aria-label"] == 'says "what" <it> shows'
    assert {"0", "1", "16", "0%", "100%", "pages", "share"} <= {node.text for node in root.iter("text")}


def test_colors_are_the_pages():
    svg = figures.draw([TIERS], PERCENT, figures.WIDE, "a").text
    assert "var(--series-1)" in svg and "var(--ink-soft)" in svg and "var(--rule)" in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)


def test_ids_of_two_drawings_differ():
    page = figures.chart([TIERS], PERCENT, "one").text + figures.chart([TIERS], PERCENT, "two").text
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 8  # a clip path and a marker in each drawing
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', page)) == set(ids)


def test_rounding_spares_the_numbers_beside_the_axes():
    svg = figures.draw([Line("lr", (0, 1), (0.0, 0.003))], Axes("step", "lr", zero=True), figures.SMALL, "a").text
    assert ">0.001<" in svg and not re.search(r'd="[^"]*\d\.\d{3}', svg)


def test_a_long_curve_is_thinned_to_its_means():
    values = list(range(1000))
    thinned = figures.thin(values)
    assert len(thinned) == figures.MAX_POINTS
    assert sum(thinned) / len(thinned) == pytest.approx(sum(values) / len(values), abs=1)
    assert figures.thin([3, 1]) == [3, 1]


def test_smoothing_neither_lags_nor_moves_the_ends():
    line = [float(i) for i in range(9)]
    assert figures.smooth(line, 2) == pytest.approx(line)
    assert figures.smooth([0, 0, 9, 0, 0], 1) == [0, 3, 3, 3, 0]


@pytest.mark.parametrize(
    "value, text", [(0, "0"), (0.005, "0.005"), (3e-5, "3e-5"), (2.5, "2.5"), (400, "400"), (12000, "12k")]
)
def test_tick(value, text):
    assert figures.tick(value) == text
