"""Chapter: whether the model's doubt tells what it gets wrong."""

from collections.abc import Sequence

from jaxlm.evals import calibration
from jaxlm.report import models, parts
from jaxlm.report.figures import Axes, Line, chart, small_chart, top
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element
from jaxlm.report.numbers import percent
from jaxlm.report.proportions import between, interval, pick

ANCHOR, TITLE = "calibration", "Does it know when it is wrong?"
SIGNALS = {
    "sequence_nll": "improbability of the answer",
    "mean_nll": "the same, a token",
    "least_probability": "improbability of its least likely token",
    "first_entropy": "spread before its first token",
    "max_entropy": "widest spread before any token",
    "margin": "closeness of the runner-up",
    "disagreement": "drawn answers that disagree",
    "semantic_entropy": "spread of the meanings of drawn answers",
    "p_true": "asked whether its answer is right",
    "abstention_odds": "pull towards “not sure”",
    "name_surprise": "surprise at the name asked about",
    "base_surprise": "the base model's surprise at it",
    "linear_probe": "linear probe of its hidden states",
    "combined": "all cheap ones combined",
}
TARGETS = {
    "wrong": (
        "Wrong answers from right ones",
        "The chance that a wrong answer gets more doubt than a right one, over all questions of every tier.",
    ),
    "never": (
        "Never read from often read",
        "The chance that a question on what no page states gets more doubt than one on what 64 pages or more state; "
        "where nothing counts pages, on articles held out from training against articles that it read.",
    ),
}
CURVES = 3  # signals drawn as curves: more could not be told apart
BINS = 8


def chapter(run: Run) -> Markup | None:
    rows = run.rows("evaluate/calibration.jsonl")
    lead = (
        "A model computes a probability for every token that it writes. Does that doubt mean anything? Each signal "
        "below gives every answer a score of doubt; a good one is high where the answer is wrong and low where it is "
        "right, so that a threshold on it can decide when to say “not sure”, or when to search."
    )
    if not rows:
        return None
    last = models.present(rows)[-1]
    best = best_signals(rows, last)
    items = [_only(item, best) for item in run.rows("evaluate/calibration.items.jsonl") if item["model"] == last]
    figures = [
        *(_ranking(rows, target) for target in TARGETS),
        _trade_off(items, best, last, run.rows("evaluate/knowledge.jsonl")),
        _risk_coverage(items, best, last),
        _reliability(items, best, last),
    ]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


def key_figures(run: Run) -> list[Markup]:
    """How well the last model's best signal tells wrong answers from right ones."""
    rows = run.rows("evaluate/calibration.jsonl")
    last = models.present(rows)[-1] if rows else ""
    best = best_signals(rows, last)[:1]
    found = [row for row in rows if row["model"] == last and row["signal"] in best and row["target"] == "wrong"]
    return [
        parts.card(
            f"{row['auroc']:.3f}",
            "AUROC of its doubt, wrong answers against right ones",
            f"{told(row['signal'])}; 95% interval {row['lo']:.3f} to {row['hi']:.3f}, n = {row['n']:,}",
        )
        for row in found
    ]


def best_signals(rows: Sequence[dict], model: str, target: str = "wrong") -> list[str]:
    """The CURVES signals that tell wrong from right best, best first."""
    found = [row for row in rows if row["model"] == model and row["target"] == target and row["auroc"] is not None]
    return [row["signal"] for row in sorted(found, key=lambda row: -row["auroc"])][:CURVES]


def told(signal: str) -> str:
    """A signal in words."""
    return SIGNALS.get(signal, signal.replace("_", " "))


def _only(item: dict, signals: Sequence[str]) -> dict:
    return item | {"signals": {name: item["signals"][name] for name in signals if name in item["signals"]}}


def _ranking(rows: list[dict], target: str) -> Markup | None:
    rows = [row for row in rows if row["target"] == target and row["auroc"] is not None]
    if not rows:
        return None
    names = models.present(rows)
    order = {row["signal"]: row["auroc"] for row in rows if row["model"] == names[-1]}
    panels = []
    for name in names:
        mine = sorted((row for row in rows if row["model"] == name), key=lambda row: -order.get(row["signal"], 0))
        bars = [_bar(row) for row in mine]
        panels.append(parts.titled(models.told(name), parts.bars(bars)))
    title, meaning = TARGETS[target]
    trials = between([row["n"] for row in rows])
    positives = between([row["positives"] for row in rows])
    caption = (
        f"{meaning} That is the area under the ROC curve (AUROC): 1 is perfect, a coin gets .5, where the bars begin. "
        f"{trials} answers, {positives} of them {'wrong' if target == 'wrong' else 'on what was never read'}, of "
        "people that nothing was fitted on. Thin lines are 95% intervals (DeLong, over people)."
    )
    return parts.figure(
        f"Which doubt tells: {title.lower()}",
        parts.columns(*panels),
        caption,
        _table(rows) if target == "wrong" else None,
    )


def _bar(row: dict) -> parts.Bar:
    scale = lambda value: max(2 * value - 1, 0.0)  # from a coin's .5 on
    color = 3 if row["signal"] in ("linear_probe", "combined") else 1
    return parts.Bar(
        told(row["signal"]), scale(row["auroc"]), f"{row['auroc']:.3f}", scale(row["lo"]), scale(row["hi"]), color
    )


def _trade_off(items: list[dict], best: list[str], model: str, knowledge: list[dict]) -> Markup | None:
    rows = [row for row in calibration.trade_off(items) if row["hallucination"] and row["over_refusal"][0] is not None]
    lines = [_threshold_line(rows, signal, number) for number, signal in enumerate(best)]
    lines = [line for line in lines if line.x]
    if not lines:
        return None
    trained = [point for number, name in enumerate(("honest", "final")) if (point := _own(knowledge, name, number))]
    described = "; ".join(
        f"{line.label}: " + ", ".join(f"{percent(x)} gives {percent(y)}" for x, y in zip(line.x, line.y))
        for line in (*lines, *trained)
    )
    caption = (
        f"Refuse whatever the model “{model}” doubts beyond a threshold: a lower one leaves fewer made-up answers "
        "about people it never read of (down), and loses more right answers (to the right). Lines: a threshold on a "
        f"signal, chosen on one half of the people for {len(calibration.OVER_REFUSALS)} rates of over-refusal, applied "
        "to the other half; bars are 95% Wilson intervals. "
        + "Single marks: what the trained models do in their own words, without any threshold. " * bool(trained)
        + "Down and left is better."
    )
    high = top([value for line in (*lines, *trained) for value in line.high])
    axes = Axes("right answers refused", "made up about the never-read", percent=True, percent_x=True, top=high)
    numbers = parts.fold("The numbers", _trade_off_table(rows))
    return parts.figure("The price of silence", chart([*lines, *trained], axes, described), caption, numbers)


def _threshold_line(rows: list[dict], signal: str, number: int) -> Line:
    points = {tuple(row["over_refusal"]): row["hallucination"] for row in rows if row["signal"] == signal}
    points = dict(sorted(points.items()))
    p, low, high = ([point[i] for point in points.values()] for i in range(3))
    return Line(told(signal), [x[0] for x in points], p, number + 1, low, high, dash=number, dots=True)


def _own(knowledge: list[dict], model: str, number: int) -> Line | None:
    """What a trained model does by itself, as a single point."""
    world = {"model": model, "set": "world", "condition": "closed"}
    made_up = pick(knowledge, tier=0, names="all", split="all", form="all", outcome="wrong", **world)
    refused = pick(knowledge, tier="all", outcome="over-refusal", **world)
    if not made_up or not refused:
        return None
    row = made_up[0]
    return Line(f"“{model}” itself", [refused[0]["p"]], [row["p"]], 4 + number, [row["lo"]], [row["hi"]], dots=True)


def _trade_off_table(rows: list[dict]) -> Markup:
    share = lambda value: interval(dict(zip(("p", "lo", "hi", "n"), value, strict=True)), 2) if value else ""
    shown = [
        (
            told(row["signal"]),
            f"{row['threshold']:.3g}",
            *(share(row[key]) for key in ("over_refusal", "hallucination")),
        )
        for row in rows
    ]
    return parts.table(("signal", "threshold", "right answers refused", "made up about the never-read"), shown)


def _risk_coverage(items: list[dict], best: list[str], model: str) -> Markup | None:
    rows = calibration.risk_coverage(items)
    curve = lambda signal: [row for row in rows if row["signal"] == signal]
    lines = [_curve(told(signal), curve(signal), number + 1, number) for number, signal in enumerate(best)]
    lines = [line for line in (*lines, _curve("no ordering could do better", curve("best"), 5, 2)) if line.x]
    if len(lines) < 2:
        return None
    ends = "; ".join(f"{line.label}: {percent(line.y[-1])} when all are answered" for line in lines)
    n = sum(item["half"] == calibration.HALVES[1] for item in items)
    caption = (
        f"If the model “{model}” answers only the share of questions that it doubts least (to the right: ever more of "
        "them), how many of those answers are wrong? Lower is better; the area under a line is its AURC, in the table "
        f"above. {n:,} answers of the half of people that nothing was fitted on, one line a signal, the best three."
    )
    high = top([value for line in lines for value in line.y])
    axes = Axes("questions answered", "of them wrong", percent=True, percent_x=True, top=high)
    return parts.figure("Answer only when sure", chart(lines, axes, f"Wrong answers by coverage. {ends}."), caption)


def _curve(label: str, rows: list[dict], color: int, dash: int) -> Line:
    return Line(label, [row["coverage"] for row in rows], [row["risk"] for row in rows], color, dash=dash)


def _reliability(items: list[dict], best: list[str], model: str) -> Markup | None:
    rows = calibration.reliability(items, BINS)
    charts = []
    for signal in best:
        for scale in ("raw", "fitted"):
            points = [row for row in rows if row["signal"] == signal and row["scale"] == scale]
            if points:
                charts.append(_diagram(f"{told(signal)}{', as it is' if scale == 'raw' else ', fitted'}", points))
    if not charts:
        return None
    caption = (
        f"Answers of the model “{model}” in bins by how sure the signal is (to the right), and how many of them are "
        "right (upwards). On the dotted line it is right as often as it claims; below, it is overconfident. As it is: "
        "where the signal is a probability by itself. Fitted: after a logistic fit on the other half of the people. "
        "Bars are 95% Wilson intervals; bins without answers are left out."
    )
    return parts.figure("As sure as it is right?", parts.columns(*charts), caption)


def _diagram(label: str, rows: list[dict]) -> Markup:
    x, y, low, high = ([row[name] for row in rows] for name in ("confidence", "p", "lo", "hi"))
    diagonal = Line("as sure as right", (0, 1), (0, 1), 5, dash=2)
    alt = f"{label}: " + ", ".join(
        f"{percent(a)} sure, {percent(b)} right (n = {row['n']})" for a, b, row in zip(x, y, rows)
    )
    axes = Axes("sure", "right", percent=True, percent_x=True)
    return small_chart(Line(label, x, y, 1, low, high, dots=True), axes, alt, diagonal)


def _table(rows: list[dict]) -> Markup:
    wrong = [row for row in rows if row["target"] == "wrong"]
    never = {(row["model"], row["signal"]): row for row in rows if row["target"] == "never"}
    number = lambda value: "" if value is None else f"{value:.3f}"
    shown = [
        (
            row["model"],
            told(row["signal"]),
            _auroc(row),
            _auroc(never.get((row["model"], row["signal"]))),
            *(number(row[name]) for name in ("aurc", "ece", "ece_fitted")),
        )
        for row in wrong
    ]
    headers = ("model", "signal", "AUROC wrong", "AUROC never read", "AURC", "ECE", "ECE fitted")
    caption = (
        "AUROC with 95% intervals, higher is better. AURC: area under the risk-coverage line, lower is better. ECE: "
        "mean distance between how sure and how right, as it is and after fitting, lower is better; empty where the "
        "signal is no probability by itself."
    )
    return parts.fold("All signals in numbers", parts.table(headers, shown, numeric=(4, 5, 6)), element("p", caption))


def _auroc(row: dict | None) -> str:
    return interval(row | {"p": row["auroc"]}) if row and row["auroc"] is not None else ""
