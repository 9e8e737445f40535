"""Chapter: learning one field more, what that gains there and what it forgets elsewhere."""

from jaxlm.report import parts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup
from jaxlm.report.numbers import percent
from jaxlm.report.proportions import change, with_interval

ANCHOR, TITLE = "domain", "Learning a field, and forgetting others"
WAYS = {"before": "before", "full": "all weights", "lora": "low-rank adapters"}
PARTS = {"domain": "right in the field", "general": "right elsewhere"}


def chapter(run: Run) -> Markup | None:
    rows = run.rows("domain/domain.jsonl")
    lead = (
        "A finished model goes on learning from the texts of one field. It gets better there and worse elsewhere; both "
        "are measured, for all weights and for small adapters, with and without some general text mixed in against "
        "forgetting."
    )
    return parts.chapter(ANCHOR, TITLE, lead, _gain(rows), _table(rows))


def name(row: dict) -> str:
    """How a model was trained on."""
    way = WAYS.get(row["name"], row["name"])
    return way if row["replay"] is None else f"{way}, {percent(row['replay'])} general text"


def _gain(rows: list[dict]) -> Markup | None:
    panels = []
    for about, told in PARTS.items():
        mine = [(row, row[about]) for row in rows if row.get(about) and row[about]["p"] is not None]
        bars = [
            parts.Bar(
                name(row), share["p"], percent(share["p"]), share["lo"], share["hi"], 5 if row["replay"] is None else 1
            )
            for row, share in mine
        ]
        n = mine[0][1]["n"] if mine else 0
        panels += [parts.titled(f"{told}, n = {n:,}", parts.bars(bars))] if bars else []
    if not panels:
        return None
    caption = (
        "Share of questions answered right, by the way in which the model went on learning, all from the same weights "
        "and for as many steps. Elsewhere: questions on well-known facts of its first training. Thin lines are 95% "
        "Wilson intervals; one training each."
    )
    return parts.figure("What it gains, and what it costs", parts.columns(*panels), caption)


def _table(rows: list[dict]) -> Markup | None:
    if not rows:
        return None
    table = [
        (
            name(row),
            f"{row['trained']:,}" if row["trained"] else "",
            *(change(row.get("change", {}).get(about)) for about in PARTS),
            *(with_interval(row.get(f"{about}_bpb")) for about in PARTS),
        )
        for row in rows
    ]
    headers = ("", "weights trained", "change in the field", "change elsewhere", "bits/byte in the field", "elsewhere")
    caption = (
        "Changes in right answers, in points, the same questions before and after, with normal 95% intervals of the "
        "paired differences; bits per byte of held-out text, lower is better, ± 1.96 standard errors over documents."
    )
    return parts.figure("The same in numbers", parts.table(headers, table, numeric=(1,)), caption)
