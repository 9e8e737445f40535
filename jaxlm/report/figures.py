"""Line figures as inline SVG: drawn by matplotlib, colored and set by the page's style sheet.

Colors go in as sentinel values and come out as CSS variables, so that one drawing serves light, dark and paper; text
stays text in the page's own font. A figure is drawn once for a wide column and once for a phone, and the style sheet
shows one. Nothing from the data but numbers enters a drawing: names of series are set in HTML beside it.
"""

import dataclasses
import io
import itertools
import re
from collections.abc import Sequence

from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count

COLORS = {"#010101": "var(--ink-soft)", "#020202": "var(--rule)"} | {
    f"#03030{i}": f"var(--series-{i})" for i in range(1, 6)
}
SOFT, RULE = "#010101", "#020202"
WIDE, NARROW, SMALL = (740, 310), (350, 270), (350, 200)  # width, height in CSS pixels
DASHES = ("-", (0, (5, 2.5)), (0, (1.2, 2)))
MARKERS = ("o", "s", "^")
MAX_POINTS = 300  # a longer curve is averaged in as many buckets: no screen shows more


@dataclasses.dataclass(frozen=True)
class Line:
    """A series: points, and optionally the interval of each; `color` 1-5 of the page's color-blind-safe palette."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    color: int = 1
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    dash: int = 0  # 0 solid, 1 dashed, 2 dotted: told apart without color too
    dots: bool = False


@dataclasses.dataclass(frozen=True)
class Axes:
    """What the axes say. `ticks`: labels of the x positions 0, 1, 2 ... of a categorical axis."""

    x: str
    y: str
    ticks: Sequence[str] | None = None
    percent: bool = False
    zero: bool = False  # the y axis starts at zero
    percent_x: bool = False
    top: float = 1.0  # of a y axis in percent; see `top`


def chart(lines: Sequence[Line], axes: Axes, alt: str) -> Markup:
    """A figure of the full column: two drawings, of which the style sheet shows the one that fits."""
    drawings = [
        element("div", draw(lines, axes, size, alt), class_=f"chart {name}")
        for name, size in (("wide", WIDE), ("narrow", NARROW))
    ]
    return join(legend(lines), drawings)


def small_chart(line: Line, axes: Axes, alt: str, *behind: Line) -> Markup:
    """A figure of half a column, titled by its line's label; `behind` are lines to compare it with."""
    return element("div", element("h4", line.label), draw([*behind, line], axes, SMALL, alt), class_="chart small")


def legend(lines: Sequence[Line]) -> Markup | None:
    """The names of the series with their colors; None where one series needs no telling apart."""
    if len(lines) < 2:
        return None
    return element(
        "ul",
        [element("li", element("span", class_=f"key s{line.color} {_key(line)}"), line.label) for line in lines],
        class_="legend",
    )


def _key(line: Line) -> str:
    return "point" if len(line.x) == 1 else f"dash{line.dash}"


def draw(lines: Sequence[Line], axes: Axes, size: tuple[int, int], alt: str) -> Markup:
    """One SVG element; the same input gives the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    salt = f"{alt} {size} {[line.label for line in lines]}"
    style = {
        "svg.hashsalt": salt,
        "svg.fonttype": "none",
        "font.size": 12,
        "text.parse_math": False,
        "path.simplify": True,
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(size[0] / 72, size[1] / 72))
        FigureCanvasSVG(figure)
        plot = figure.add_axes((46 / size[0], 42 / size[1], 1 - 60 / size[0], 1 - 76 / size[1]))
        dots = sum(line.dots for line in lines)
        for i, line in enumerate(lines):
            _draw_line(plot, line, shift=(i - (dots - 1) / 2) * 0.09 if axes.ticks else 0.0)
        _set_axes(plot, axes, size)
        buffer = io.StringIO()
        figure.savefig(
            buffer, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return Markup(_inline(buffer.getvalue(), alt))


def _draw_line(plot, line: Line, shift: float) -> None:
    x, y = [value + shift for value in thin(line.x)], thin(line.y)
    style = {"color": f"#03030{line.color}", "linewidth": 1.9, "linestyle": DASHES[line.dash]}
    if line.low is not None:
        plot.vlines(x, line.low, line.high, color=style["color"], linewidth=5, alpha=0.28)
    marks = {"marker": MARKERS[line.dash], "markersize": 6} if line.dots else {}
    plot.plot(x, y, solid_joinstyle="round", **style, **marks)


def _set_axes(plot, axes: Axes, size: tuple[int, int]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for side in ("top", "right", "left"):
        plot.spines[side].set_visible(False)
    plot.spines["bottom"].set_color(SOFT)
    plot.grid(axis="y", color=RULE, linewidth=1)
    plot.set_axisbelow(True)
    plot.tick_params(colors=SOFT, length=0, pad=6, labelsize=12)
    if axes.percent:
        shares = [axes.top * quarter / 4 for quarter in range(5)]
        plot.set_ylim(-0.03 * axes.top, 1.04 * axes.top)
        plot.set_yticks(shares, [f"{share:.0%}" for share in shares])
    else:
        plot.yaxis.set_major_locator(MaxNLocator(4 if size[1] <= SMALL[1] else 5, steps=[1, 2, 2.5, 5, 10]))
        plot.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        plot.set_ylim(bottom=0 if axes.zero else None)
    if axes.ticks:
        plot.set_xlim(-0.45, len(axes.ticks) - 0.55)
        plot.set_xticks(range(len(axes.ticks)), axes.ticks)
    else:
        plot.margins(x=0.01)
        plot.xaxis.set_major_locator(MaxNLocator(4 if size[0] < WIDE[0] else 7, steps=[1, 2, 2.5, 5, 10]))
        shown = (lambda value, _: f"{value:.0%}") if axes.percent_x else (lambda value, _: tick(value))
        plot.xaxis.set_major_formatter(FuncFormatter(shown))
    above, below = 1 + 16 / (size[1] - 76), -38 / (size[1] - 76)
    plot.text(-46 / (size[0] - 60), above, axes.y, transform=plot.transAxes, color=SOFT, va="baseline")
    plot.text(1, below, axes.x, transform=plot.transAxes, color=SOFT, ha="right", va="baseline")


def top(values: Sequence[float]) -> float:
    """The end of an axis of shares that holds all the values and divides into even percentages."""
    return next(end for end in (0.2, 0.4, 0.6, 0.8, 1.0) if end >= min(max(values, default=1.0), 1.0))


def tick(value: float) -> str:
    """A number beside an axis: 0, 0.005, 2.5, 400, 12k."""
    if abs(value) >= 1000:
        return count(value)
    return f"{value:.6g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.0e}".replace("e-0", "e-")


def thin(values: Sequence[float]) -> list[float]:
    """At most MAX_POINTS means of consecutive values."""
    if len(values) <= MAX_POINTS:
        return list(values)
    edges = [len(values) * i // MAX_POINTS for i in range(MAX_POINTS + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in itertools.pairwise(edges)]


def smooth(values: Sequence[float], reach: int) -> list[float]:
    """Mean of each value with up to `reach` neighbors on either side, as many on both: it neither lags nor leads."""
    out = []
    for i in range(len(values)):
        side = min(reach, i, len(values) - 1 - i)
        window = values[i - side : i + side + 1]
        out.append(sum(window) / len(window))
    return out


def _round(attribute: str) -> str:
    return re.sub(r"-?\d+\.\d{3,}", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), attribute)


def _inline(svg: str, alt: str) -> str:
    """A matplotlib SVG file as an element of a page: no prolog, ids or fonts of its own, colors as CSS variables."""
    svg = svg[svg.index("<svg") :]
    head, body = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head).group()
    body = re.sub(
        r"<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL
    )
    used = set(re.findall(r'(?:url\(#|href="#)([\w-]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda match: match.group() if match[1] in used else "", body)
    body = re.sub(r"font: [\d.]+px [^;\"]+;? ?|font-(?:family|size|weight): [^;\"]+;? ?", "", body)
    body = re.sub(r'="[^"]*"', lambda match: _round(match[0]), body)  # attributes, not the numbers beside the axes
    body = re.sub("|".join(COLORS), lambda match: COLORS[match[0]], body)
    body = re.sub(r">\s+<", "><", body)
    label = element("span", aria_label=alt).text[len("<span") : -len("></span>")]
    return f'<svg {box} role="img"{label}>{body.strip()}'
