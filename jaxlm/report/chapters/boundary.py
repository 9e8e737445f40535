"""Chapter: what the model was asked about its own reading, and where its knowledge ends."""

import collections

from jaxlm.report import outcomes, parts, transcripts
from jaxlm.report.figures import Axes, Line, chart
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import NBSP, percent
from jaxlm.report.outcomes import Segment
from jaxlm.report.proportions import between, interval

ANCHOR, TITLE = "boundary", "Where its knowledge ends"
LABELS = (Segment("known", "known", 3), Segment("between", "between", 5), Segment("unknown", "unknown", 2))
SHOWN = 2  # questions of each label, and about nobody
SHOWN_ANSWERS = 6  # different ones


def chapter(run: Run) -> Markup | None:
    result = run.result("probe")
    lead = (
        "An interrogator read the training documents and asked the tuned model what they say, each question many "
        "times over; and it asked about people who do not exist. What it answers rightly again and again, it knows. "
        "The rest it makes up, in the same confident tone."
    )
    rows = run.rows("probe/answers.jsonl")
    samples = max((len(row["answers"]) for row in rows), default=run.config("probe").get("samples", 0))
    figures = [_cards(result), _by_exposure(result, samples), _labels(result), _questions(rows)]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


def degree(row: dict) -> str:
    """How often a fact was to be read, in words."""
    if row["by"] == "nobody":
        return "nobody"
    return f"{row['exposure']:,}" + "+" * (row["by"] == "mentions")


def _cards(result: dict) -> Markup | None:
    if not result:
        return None
    asked, labels = result["asked"], result["labels"]
    by = "a model" if asked.get("model") else "patterns in the text"
    known = f"{labels['between']:,} in between, {labels['unknown']:,} unknown, nobody included"
    return parts.cards(
        [
            parts.card(f"{asked['questions']:,}", "questions about what it read", f"written by {by}"),
            parts.card(f"{asked['nobody']:,}", "questions about nobody", "names that no document has"),
            parts.card(f"{labels['known']:,}", "of them it knows", known),
        ]
    )


def _by_exposure(result: dict, samples: int) -> Markup | None:
    rows = [row for row in result.get("exposure", ()) if row["by"] != "nobody"]
    if not rows:
        return None
    ticks = [degree(row) for row in rows]
    p, low, high, _ = zip(*(row["greedy"] for row in rows), strict=True)
    x = range(len(rows))
    lines = [
        Line("its likeliest answer is right", x, p, 1, low, high, dots=True),
        Line(f"mean share right of {samples} answers drawn", x, [row["share"] for row in rows], 2, dash=1, dots=True),
    ]
    described = ", ".join(
        f"{tick}: {percent(greedy)} and {percent(row['share'])}" for tick, greedy, row in zip(ticks, p, rows)
    )
    alt = f"Likeliest answer right, and mean share of drawn answers right, by {_head(rows)}: {described}."
    caption = (
        f"Share of right answers by {_head(rows)}. Where the lines are apart the model knows the answer but would not "
        f"bet on it: drawn at random, its answers disagree. Bars are 95% Wilson intervals over "
        f"{between([row['questions'] for row in rows])} questions a point; the second line is a mean over the "
        "same questions."
    )
    drawing = chart(lines, Axes(_head(rows), "right", ticks, percent=True), alt)
    return parts.figure("How often is it right?", drawing, caption, parts.fold("The numbers", _numbers(result)))


def _head(rows: list[dict]) -> str:
    by = {row["by"] for row in rows}
    return "documents that state the fact" if by == {"mentions"} else "pages about the one asked about"


def _numbers(result: dict) -> Markup:
    rows = [
        (
            degree(row),
            f"{row['questions']:,}",
            f"{row['share']:.3f}" if row["by"] != "nobody" else "",
            interval(dict(zip(("p", "lo", "hi", "n"), row["greedy"], strict=True))),
        )
        for row in result["exposure"]
    ]
    head = _head([row for row in result["exposure"] if row["by"] != "nobody"])
    return parts.table((head, "questions", "mean share right", "likeliest answer right"), rows, numeric=(1, 2))


def _labels(result: dict) -> Markup | None:
    rows = result.get("exposure", ())
    if not rows:
        return None
    shares = [
        {"at": degree(row), "outcome": part.outcome, "n": row["questions"], "p": row[part.outcome] / row["questions"]}
        for row in rows
        for part in LABELS
    ]
    caption = (
        "A question counts as known when enough of the drawn answers are right, as unknown when almost none is; what "
        "is asked about nobody is unknown, whatever is said. The labels decide what the model is taught next: to "
        f"answer, or to say that it is not sure. All {sum(row['questions'] for row in rows):,} questions asked, in "
        f"rows of {between([row['questions'] for row in rows])}."
    )
    return parts.figure(
        "What is known, what is not", join(outcomes.legend(LABELS), outcomes.stacks(shares, "pages", LABELS)), caption
    )


def _questions(rows: list[dict]) -> Markup | None:
    kinds = {part.outcome: part.name for part in LABELS}
    groups = [[row for row in rows if row["label"] == label and row["kind"] != "nobody"] for label in kinds]
    groups.append([row for row in rows if row["kind"] == "nobody"])
    shown = [row for group in groups for row in transcripts.draw(group, SHOWN)]
    if not shown:
        return None
    table = [
        (_asked(row), _answers(row), element("span", kinds[row["label"]], _share(row), class_="short")) for row in shown
    ]
    caption = (
        "Drawn at random from each label. Every answer is a fresh draw from the model; equal ones are counted. "
        "✓ says what the passage says, ✗ does not, – says that it does not know. About nobody it is asked once."
    )
    passages = [
        element("blockquote", element("small", row["source"], class_="soft below"), row["passage"][:600])
        for row in shown
        if row["passage"]
    ]
    fold = parts.fold("The passages that the questions were made from", passages) if passages else None
    return parts.figure(
        "Asked again and again", parts.table(("asked", "it said", "label"), table, stack=True), caption, fold
    )


def _asked(row: dict) -> Markup:
    truth = row["answer"] if row["kind"] != "nobody" else "nobody of this name was ever written about"
    return join(row["question"], element("small", truth[:200], class_="soft below"))


def _answers(row: dict) -> Markup:
    said = row["answers"] or [row["greedy"]]
    marks = row["marks"] or [row["greedy_mark"]]
    counted = collections.Counter(zip((text.strip() for text in said), marks, strict=True)).most_common()
    shown = [_answer(text, mark, times) for (text, mark), times in counted[:SHOWN_ANSWERS]]
    more = len(counted) - SHOWN_ANSWERS
    return element(
        "span", shown, element("span", f"{more} more", class_="soft") if more > 0 else None, class_="answers"
    )


def _answer(text: str, mark: str, times: int) -> Markup:
    sign, style = transcripts.SIGNS[mark]
    count = element("span", f"{NBSP}×{times}", class_="soft") if times > 1 else None
    return element(
        "span", element("b", sign, class_=style, title=transcripts.SAID[mark]), f" {text[:160] or '(nothing)'}", count
    )


def _share(row: dict) -> Markup | None:
    return element("small", f"{percent(row['share'])} right", class_="soft below") if row["answers"] else None
