"""Chapter: what the model wrote at successive steps, and how its next-token distribution sharpened."""

from jaxlm.report import parts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element
from jaxlm.report.numbers import percent
from jaxlm.report.training import by_prompt, progress_figure

ANCHOR, TITLE = "samples", "From gibberish to language"
SHOWN_TOKENS = 8


def chapter(run: Run) -> Markup | None:
    rows = run.rows("pretrain/samples.jsonl")
    if not rows:
        return None
    prompts = by_prompt(rows)
    lead = (
        "The same prompt, given to the model while it was still learning. Read downwards: noise first, then spelling, "
        "then grammar, and at the end, with luck, something about the world it read of."
    )
    first = next(iter(prompts.values()))
    caption = (
        "The prompt in gray, the model's continuation in bold, sampled from the live weights. One sample a step, "
        f"{len(first)} recorded; those shown were chosen by their step, not by how they read."
    )
    return parts.chapter(
        ANCHOR, TITLE, lead, progress_figure("One prompt through training", prompts, caption), _distribution(first)
    )


def _distribution(rows: list[dict]) -> Markup | None:
    rows = [row for row in rows if row.get("next")]
    if not rows:
        return None
    shown = [rows[i] for i in sorted({0, len(rows) // 2, len(rows) - 1})]
    scale = max(pair[1] for row in shown for pair in row["next"])
    caption = (
        f"The probability of each token to come next after “{rows[0]['prompt']}”: the {SHOWN_TOKENS} most likely of "
        "the whole vocabulary (· is a space), on one scale. Early on the model spreads its bets; later it concentrates "
        "them on the few that fit. The model writes by drawing from this distribution, token after token."
    )
    return parts.figure(
        "What comes next?", parts.columns(*(_column(row, scale) for row in shown), thirds=True), caption
    )


def _column(row: dict, scale: float) -> Markup:
    bars = [
        parts.Bar(
            element("span", parts.piece(text), class_="token"), share / scale, percent(share, 1 if share < 0.1 else 0)
        )
        for text, share in row["next"][:SHOWN_TOKENS]
    ]
    return element("div", element("h4", f"step {row['step']:,}"), parts.bars(bars))
