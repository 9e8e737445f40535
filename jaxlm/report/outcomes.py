"""Figures of how answers turn out, as stacked bars: rows {at, outcome, p, lo, hi, n}, one bar an `at`."""

import dataclasses
from collections.abc import Sequence

from jaxlm.report import parts
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import percent
from jaxlm.report.proportions import between, interval


@dataclasses.dataclass(frozen=True)
class Segment:
    """A part of a bar: the `outcome` of the rows, what it is called, its color (1-5)."""

    outcome: str
    name: str
    color: int


Panel = tuple[str, list[dict]]  # what its bars are of, and their rows
LONG = 16  # characters of a label that may break
MARKS = (Segment("right", "right", 3), Segment("abstain", "not sure", 1), Segment("wrong", "wrong", 2))


def figure(
    title: str,
    panels: Sequence[Panel],
    head: str,
    what: str,
    caption: str,
    segments: Sequence[Segment] = MARKS,
    more: Sequence[Markup | None] = (),
) -> Markup | None:
    """Stacked bars side by side; None without rows.

    Args:
        title: its heading.
        panels: one set of bars each.
        head: what `at` is.
        what: what is counted.
        caption: what is shown.
        segments: of every bar, from the left.
        more: what else to unfold.
    """
    panels = [(name, [row for row in rows if row["p"] is not None]) for name, rows in panels]
    panels = [(name, rows) for name, rows in panels if rows]
    if not panels:
        return None
    every = [row for _, rows in panels for row in rows]
    noise = max(row["hi"] - row["lo"] for row in every) / 2
    caption = (
        f"{caption} A bar is {between([row['n'] for row in every])} {what}; its shares are known to "
        f"±{100 * noise:.0f} points or better (half of a 95% Wilson interval; all of them in the table)."
    )
    return parts.figure(
        title,
        side_by_side(panels, head, segments),
        caption,
        parts.fold("The numbers", _table(panels, head, segments)),
        *more,
    )


def side_by_side(panels: Sequence[Panel], head: str, segments: Sequence[Segment] = MARKS) -> Markup:
    """The panels in columns, under their legend."""
    return join(
        legend(segments), parts.columns(*(parts.titled(name, stacks(rows, head, segments)) for name, rows in panels))
    )


def stacks(rows: list[dict], head: str, segments: Sequence[Segment] = MARKS) -> Markup:
    """One stacked bar an `at`, in order of appearance, with its shares beside it."""
    names = [element("th", _key(part), scope="col", class_="number") for part in segments]
    header = element("tr", element("th", head, scope="col"), element("td", aria_hidden="true"), names)
    body = [_stack(at, cell, segments) for at, cell in cells(rows).items()]
    return element("table", element("thead", header), element("tbody", body), class_="stacks")


def _key(part: Segment) -> Markup:
    """The head of a column as narrow as its numbers: the color, with the name for those who do not see it."""
    return join(
        element("span", class_=f"swatch s{part.color} of-{part.outcome}"), element("span", part.name, class_="heard")
    )


def legend(segments: Sequence[Segment] = MARKS) -> Markup:
    """What the colors mean."""
    keys = [(element("span", class_=f"swatch s{part.color} of-{part.outcome}"), part.name) for part in segments]
    return element("ul", [element("li", key, name) for key, name in keys], class_="legend", aria_hidden="true")


def cells(rows: list[dict]) -> dict[str, dict[str, dict]]:
    """The rows by `at` and outcome."""
    found: dict[str, dict[str, dict]] = {}
    for row in rows:
        found.setdefault(row["at"], {})[row["outcome"]] = row
    return found


def _stack(at: str, cell: dict[str, dict], segments: Sequence[Segment]) -> Markup:
    shares = [(part, cell[part.outcome]["p"] if part.outcome in cell else 0.0) for part in segments]
    filled = [
        element("i", class_=f"s{part.color} of-{part.outcome}", style=f"width:{100 * share:.2f}%")
        for part, share in shares
        if share
    ]
    numbers = [element("td", percent(share), class_="number") for _, share in shares]
    bar = element("td", element("div", filled, class_="stack"), class_="track-cell", aria_hidden="true")
    return element("tr", element("th", at, scope="row", class_="long" if len(at) > LONG else None), bar, numbers)


def _table(panels: Sequence[Panel], head: str, segments: Sequence[Segment]) -> Markup:
    rows = []
    for name, members in panels:
        for at, cell in cells(members).items():
            n = max(row["n"] for row in cell.values())
            rows.append((name, at, f"{n:,}", *(interval(cell.get(part.outcome)) for part in segments)))
    return parts.table(("", head, "n", *(part.name for part in segments)), rows, numeric=(2,))
