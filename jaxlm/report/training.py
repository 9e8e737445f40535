"""What pretraining and fine-tuning show alike: losses over steps, and what the live model wrote."""

from jaxlm.report import parts
from jaxlm.report.figures import Axes, Line, chart, smooth
from jaxlm.report.html import Markup

SHOWN_STEPS = 7
SMOOTHED_FROM = 30  # recorded steps; fewer are shown as they are


def series(rows: list[dict], name: str) -> tuple[list[int], list[float]]:
    """The steps at which a metric was recorded as a number, and its values."""
    found = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
    return [step for step, _ in found], [value for _, value in found]


def loss_figure(rows: list[dict], title: str, seen: str, unseen: str, remark: str = "") -> Markup | None:
    """Training and held-out loss over the steps, from a phase's metrics.

    Args:
        rows: of metrics.jsonl.
        title: its heading.
        seen: what the training loss is of.
        unseen: what the held-out loss is of.
        remark: what else the caption says.
    """
    steps, losses = series(rows, "loss")
    if not steps:
        return None
    smoothed = len(losses) >= SMOOTHED_FROM
    lines = [Line(seen, steps, smooth(losses, 2) if smoothed else losses, 1)]
    held_steps, held = series(rows, "eval_loss")
    last = f"It ends at {losses[-1]:.2f} in training"
    if held:
        lines.append(Line(unseen, held_steps, held, 2, dash=1))
        last += f" and {held[-1]:.2f} on what was held out"
    alt = f"{title} {losses[0]:.2f} at step {steps[0]}, {losses[-1]:.2f} at step {steps[-1]}."
    caption = (
        f"Mean surprise per token in nats (cross-entropy; a natural logarithm), lower is better. {remark}"
        f"{'The training line is smoothed over five recorded steps. ' * smoothed}{last}. One run, one seed."
    )
    return parts.figure(title, chart(lines, Axes("training step", "nats per token"), alt), caption)


def by_prompt(rows: list[dict]) -> dict[str, list[dict]]:
    """Rows of samples.jsonl by prompt, in order of steps; prompts in order of appearance."""
    prompts: dict[str, list[dict]] = {}
    for row in rows:
        prompts.setdefault(row["prompt"], []).append(row)
    return {prompt: sorted(group, key=lambda row: row["step"]) for prompt, group in prompts.items()}


def progress_figure(title: str, prompts: dict[str, list[dict]], caption: str, end: str = "") -> Markup:
    """What the model wrote after the first prompt at successive steps, the other prompts to unfold.

    `end` stands between the prompt and what was written.
    """
    (first, rows), *others = prompts.items()
    folds = [parts.fold(f"The same for “{prompt[:100]}”", _progress(prompt + end, found)) for prompt, found in others]
    return parts.figure(title, _progress(first + end, rows), caption, *folds)


def _progress(prompt: str, rows: list[dict]) -> Markup:
    table = [(f"{row['step']:,}", parts.completion(prompt, row["text"])) for row in spread(rows, SHOWN_STEPS)]
    return parts.table(("step", "what it wrote"), table, numeric=(0,))


def spread(rows: list, limit: int) -> list:
    """At most `limit` of the rows, the first and the last among them; denser early, where more changes."""
    if len(rows) <= limit:
        return rows
    return [rows[i] for i in sorted({round((len(rows) - 1) * (k / (limit - 1)) ** 1.6) for k in range(limit)})]
