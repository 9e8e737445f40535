"""Figures of shares with their intervals, from rows {..., p, lo, hi, n}: a chart, and the same numbers as a table."""

from collections.abc import Sequence

from jaxlm.report import parts
from jaxlm.report.figures import Axes, Line, chart
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count, percent

Group = tuple[str, list[dict]]  # the name of a series, and its rows


def pick(rows: Sequence[dict], **fields: object) -> list[dict]:
    """The rows whose fields have these values, without those that rest on no trial."""
    return [row for row in rows if row.get("p") is not None and all(row.get(name) == fields[name] for name in fields)]


def figure(
    title: str,
    groups: Sequence[Group],
    axis: str,
    x: str,
    y: str,
    what: str,
    caption: str,
    first: int = 1,
    more: Sequence[Markup | None] = (),
) -> Markup | None:
    """A figure of shares; None without rows.

    Args:
        title: its heading.
        groups: the series.
        axis: the field of the rows that the x axis shows, one place a value.
        x: what that field is.
        y: what the share is of.
        what: what the trials are.
        caption: what is shown.
        first: color of the first series.
        more: what else to unfold.
    """
    groups = [(name, sorted(rows, key=lambda row: row[axis])) for name, rows in groups if rows]
    if not groups:
        return None
    values = sorted({row[axis] for _, rows in groups for row in rows})
    lines = [_line(name, rows, axis, values, number, first) for number, (name, rows) in enumerate(groups)]
    ticks = [count(value) for value in values]
    drawing = chart(lines, Axes(x, y, ticks, percent=True), _describe(title, lines, ticks))
    trials = between([row["n"] for _, rows in groups for row in rows])
    caption = f"{caption} Bars are 95% Wilson intervals over {trials} {what} a point."
    return parts.figure(title, drawing, caption, parts.fold("The numbers", _table(groups, axis, x, values)), *more)


def between(numbers: Sequence[int]) -> str:
    """`40`, or `12 to 40`."""
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _line(name: str, rows: list[dict], axis: str, values: list, number: int, first: int) -> Line:
    x = [values.index(row[axis]) for row in rows]
    shares, low, high = ([row[field] for row in rows] for field in ("p", "lo", "hi"))
    return Line(name, x, shares, first + number, low, high, dash=number, dots=True)


def _describe(title: str, lines: Sequence[Line], ticks: Sequence[str]) -> str:
    series = (
        f"{line.label}: " + ", ".join(f"{ticks[x]}: {percent(y)}" for x, y in zip(line.x, line.y, strict=True))
        for line in lines
    )
    return f"{title} {'; '.join(series)}."


def _table(groups: Sequence[Group], axis: str, x: str, values: list) -> Markup:
    cells = [{row[axis]: row for row in rows} for _, rows in groups]
    rows = [(f"{value:,}", *(_cell(cell.get(value)) for cell in cells)) for value in values]
    return parts.table((x, *(name for name, _ in groups)), rows)


def _cell(row: dict | None) -> str:
    return f"{interval(row)}, n = {row['n']:,}" if row else ""


def interval(row: dict | None, digits: int = 3) -> str:
    """A proportion with its interval, `0.932 (0.911 to 0.948)`; nothing for none."""
    if not row or row["p"] is None:
        return ""
    return f"{row['p']:.{digits}f} ({row['lo']:.{digits}f} to {row['hi']:.{digits}f})"


def with_interval(row: dict | None, digits: int = 3) -> Markup | None:
    """A proportion, and below it its interval, for narrow columns; None for none."""
    if not row or row["p"] is None:
        return None
    low, high = f"{row['lo']:.{digits}f}", f"{row['hi']:.{digits}f}"
    return join(f"{row['p']:.{digits}f}", element("small", f"{low} to {high}", class_="soft below short"))


def change(row: dict | None) -> Markup | None:
    """A difference of shares in points, and below it its interval; None for none."""
    if not row:
        return None
    low, high = points(row["lo"]), points(row["hi"])
    return join(f"{points(row['p'])} points", element("small", f"{low} to {high}", class_="soft below short"))


def noise(row: dict) -> str:
    """The interval and the number of trials of a proportion, in words."""
    return f"95% interval {percent(row['lo'])} to {percent(row['hi'])}, n = {row['n']:,}"


def points(share: float) -> str:
    """A difference of shares in points: +1.2, −3.4."""
    return f"{100 * share:+.1f}".replace("-", "−")
