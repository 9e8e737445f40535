"""The palette can be read, in light and in dark."""

import re

import pytest

from jaxlm.report.style import CSS

THEMES = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
def test_contrast(theme):
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", theme))
    for name in ("ink", "ink-soft", "accent", "good", "bad"):
        assert contrast(colors[name], colors["page"]) >= 4.5, name
        assert contrast(colors[name], colors["panel"]) >= 4.5, name
    for number in range(1, 6):
        assert contrast(colors[f"series-{number}"], colors["page"]) >= 3, number
    for number in range(4):
        assert contrast(colors["ink"], colors[f"tint-{number}"]) >= 4.5, number


def test_both_themes_set_the_same_colors():
    light, dark = (set(re.findall(r"--([\w-]+): #", theme)) for theme in THEMES)
    assert light == dark


def test_the_sheet_fetches_nothing():
    assert "url(" not in CSS and "@import" not in CSS and "</" not in CSS
