"""What abstaining is worth and what it costs, as a table of models: from rows of `jaxlm.evals.knowledge`."""

from collections.abc import Sequence

from jaxlm.report import models, parts
from jaxlm.report.html import Markup, element, join
from jaxlm.report.proportions import change, pick, with_interval

MEASURES = {
    "Made up": "wrong answers about what was never read of",
    "Recall": "of questions without an answer, those that get “not sure”",
    "Precision": "of the “not sure”, those without an answer",
    "F1": "harmonic mean of the two",
    "Over-refusal": "of what “tuned” had right, now refused",
    "Now wrong": "of what “tuned” had right, now wrong",
    "Change, read often": "in right answers on facts read 64 times or more",
    "Change": "in right answers, all questions",
    "MC1": "the best answer is more probable than every false one",
    "MC2": "probability of all true answers, as a share",
}


def table(rows: Sequence[dict]) -> Markup | None:
    """The measures of each model, of the rows of one set in one condition; None where there is none to show."""
    names = models.present(rows)
    cells = {name: measures([row for row in rows if row["model"] == name]) for name in names}
    shown = [
        (join(told, element("small", meaning, class_="soft below")), *(cells[name].get(told) for name in names))
        for told, meaning in MEASURES.items()
        if any(cells[name].get(told) for name in names)
    ]
    return parts.table(("", *names), shown) if shown else None


def measures(rows: Sequence[dict]) -> dict[str, Markup]:
    """One model's cells of MEASURES; those that were not measured are missing."""
    whole = {row["outcome"]: row for row in pick(rows, tier="all", split="all")}
    never = {row["outcome"]: row for row in pick(rows, set="world", tier=0, names="all", split="all", form="all")}
    changes = {(row["outcome"], row["tier"]): row for row in pick(rows) if "against" in row}
    found = {
        "Made up": never.get("wrong"),
        **{told: whole.get(told.lower()) for told in ("Recall", "Precision", "F1", "MC1", "MC2")},
        "Over-refusal": changes.get(("over-refusal", "all")),
        "Now wrong": changes.get(("lost", "all")),
    }
    differences = {
        "Change, read often": changes.get(("accuracy change", "often")),
        "Change": changes.get(("accuracy change", "all")),
    }
    shown = {told: with_interval(row) for told, row in found.items() if row}
    return shown | {told: change(row) for told, row in differences.items() if row}
