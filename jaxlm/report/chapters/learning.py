"""Chapter: how the network learned to predict the next token."""

from jaxlm.report import parts
from jaxlm.report.figures import Axes, Line, small_chart
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup
from jaxlm.report.numbers import count, duration, percent
from jaxlm.report.training import loss_figure, series

ANCHOR, TITLE = "learning", "Learning to guess the next token"
SMALL = (
    ("lr", "Learning rate", "step size", True),
    ("grad_norm", "Size of the gradient, before clipping", "global norm", True),
    ("tokens_per_s", "Speed", "tokens/s", True),
    ("eval_bpb", "Held-out bits per byte", "bits/byte", False),
    ("mfu", "Model FLOP utilization", "share of the hardware's peak", True),
)
BUCKETS = {
    "step": "training steps",
    "compile": "compiling",
    "data": "waiting for data",
    "eval": "held-out evaluation",
    "save": "saving",
    "sample": "sampling",
    "restore": "restoring",
    "other": "everything else",
}
SHORTEST = 0.05  # seconds; what took less is left out


def chapter(run: Run) -> Markup | None:
    rows = run.rows("pretrain/metrics.jsonl")
    lead = (
        "Pretraining is one game played over and over: read a stretch of text, guess the next token, be corrected, "
        "adjust every weight a little. Nobody says what words mean; whatever helps to guess is kept."
    )
    return parts.chapter(
        ANCHOR,
        TITLE,
        lead,
        _shape(run),
        loss_figure(
            rows, "How surprised is it by the next token?", "text it trains on", "held-out text, never trained on"
        ),
        _instruments(rows, run.result("pretrain").get("skipped", 0)),
        _goodput(run.result("pretrain")),
    )


def _shape(run: Run) -> Markup | None:
    result, training = run.result("pretrain"), run.config("pretrain")
    if not result:
        return None
    batches = (
        f"{result['steps']:,} steps of {training['batch_size']} × {training['seq_len']} tokens" if training else None
    )
    held = f"best of the run {result['best']['eval_loss']:.3f}, at step {result['best']['step']:,}"
    return parts.cards(
        [
            parts.card(count(result["params"]), "weights to adjust", _architecture(run.config("model"))),
            parts.card(count(result["tokens"]), "tokens read", batches),
            parts.card(count(result["tokens_per_s"]), "tokens read a second", "while stepping, mean of the run"),
            parts.card(f"{result['eval_loss']:.3f}", "nats of surprise per held-out token, at the end", held),
        ]
    )


def _architecture(model: dict) -> str | None:
    if not model:
        return None
    return f"{model['layers']} layers, width {model['width']}, {model['heads']} attention heads"


def _instruments(rows: list[dict], skipped: int) -> Markup | None:
    charts = []
    for name, title, unit, zero in SMALL:
        steps, values = series(rows, name)
        if len(values) > 1:
            alt = f"{title}, from {values[0]:.3g} at step {steps[0]} to {values[-1]:.3g} at step {steps[-1]}."
            charts.append(small_chart(Line(title, steps, values, 1), Axes("training step", unit, zero=zero), alt))
    if not charts:
        return None
    caption = (
        "What an engineer watches, at every recorded step, unsmoothed. Bits per byte is the held-out loss per byte "
        "of text instead of per token, so that it compares across tokenizers. Steps without a finite loss, skipped: "
        f"{skipped}."
    )
    if series(rows, "mfu")[1]:
        caption += (
            " Utilization: the floating-point operations that training on a token needs (6 for each weight of a "
            "linear map, and 6 × layers × sequence length × heads × head size for attention), times tokens per "
            "second, over the dense bfloat16 peak of the devices; what is recomputed does not count."
        )
    return parts.figure("The instruments", parts.columns(*charts), caption)


def _goodput(result: dict) -> Markup | None:
    if "goodput" not in result:
        return None
    table = {name: value for name, value in result["goodput"]["seconds"].items() if value >= SHORTEST}
    wall = sum(table.values())
    bars = [
        parts.Bar(
            BUCKETS.get(name, name),
            value / wall,
            f"{duration(value)} · {percent(value / wall)}",
            color=3 if name == "step" else 5,
        )
        for name, value in table.items()
    ]
    caption = (
        f"Wall-clock time of pretraining by what it was spent on, {duration(wall)} in all. "
        f"{percent(result['goodput']['share'])} went into training steps: the goodput."
    )
    return parts.figure("Where the time went", parts.bars(bars), caption)
