"""What a model knows of a domain and of everything else: questions of both, and bits per byte of both kinds of text.

A question with `choices` is a sentence with a gap. The choice is right under which the words behind the gap are most
probable: the choices themselves, of different length and frequency, are not compared (Trinh & Le, "A simple method for
commonsense reasoning", 2018, partial scoring).
"""

import math
from typing import Any

from jaxlm.crawl.domain import GAP
from jaxlm.evals import bpb, judge, recall, statistics
from jaxlm.evals.bpb import Document
from jaxlm.evals.subject import Subject, question

KNOWN_TIER = 16  # general questions are about facts that at least so many pages stated: others were never known
COLUMNS = {"domain": 2, "domain_bpb": 3, "general": 2, "general_bpb": 3}  # figures of the table, and their decimals
HEAD = ("model", "general text", "trained", "domain right", "domain bits/byte", "general right", "general bits/byte")
FIELDS = ("question", "answer", "entity", "attribute", "type", "split", "form", "tier")


def ask(subject: Subject, rows: list[dict], about: str) -> list[dict]:
    """Returns an item {about, question, answer, ..., response, right} for each row of questions, in their order."""
    gaps = [row for row in rows if row.get("choices")]
    open_ = [row for row in rows if not row.get("choices")]
    filled = iter(_fill(subject, gaps))
    rivals = recall.known_values([row for row in open_ if "attribute" in row])
    room = recall.answer_tokens(subject, open_, "question")
    answered = iter(subject.respond([question(row["question"]) for row in open_], max_new=room))
    items = []
    for row in rows:
        if row.get("choices"):
            response = next(filled)
            right = response == row["answer"]
        else:
            response = next(answered)
            others = rivals.get((row.get("type"), row.get("attribute")), ())
            right = judge.is_right(response, row["answer"], row["aliases"], others, row["question"])
        known = {field: row[field] for field in FIELDS if field in row}
        items.append({"about": about, **known, "response": response, "right": right})
    return items


def general_questions(rows: list[dict], limit: int, seed: int) -> list[dict]:
    """Of the world's questions those about well-known facts, at most `limit` of each tier and split."""
    return recall.select([row for row in rows if row["tier"] >= KNOWN_TIER], "question", limit, seed)


def examine(
    subject: Subject, questions: dict[str, list[dict]], texts: dict[str, list[Document]], settings: Any, seed: int
) -> tuple[dict, list[dict]]:
    """Returns the figures of one model, and the items of its answers.

    Args:
      questions: rows by what they are about, `domain` and `general`; the latter may be empty.
      texts: held-out documents, likewise.
      settings: `config.evaluate`.
    Returns:
      {domain, general: {p, lo, hi, n}, domain_bpb, general_bpb: {p, lo, hi, n}, parts: [{split, form, ...}]}: right
      answers with Wilson intervals, bits per byte with 1.96 standard errors over documents.
    """
    items = [item for about, rows in questions.items() for item in ask(subject, rows, about)]
    figures: dict[str, Any] = {}
    for about in questions:
        figures[about] = statistics.proportion(item["right"] for item in items if item["about"] == about)
    for about, documents in texts.items():
        figures[f"{about}_bpb"] = _interval(bpb.run(subject, documents, about, settings.bpb_documents, seed))
    return figures | {"parts": _parts(items)}, items


def changes(before: list[dict], after: list[dict]) -> dict[str, dict]:
    """Returns {about: {p, lo, hi, n}}: how the share of right answers changed.

    The same questions were asked both times, so the interval is that of the mean of paired differences (normal
    approximation).
    """
    result = {}
    for about in dict.fromkeys(item["about"] for item in before):
        pairs = zip(before, after, strict=True)
        steps = [float(b["right"]) - float(a["right"]) for a, b in pairs if a["about"] == about]
        mean, error = statistics.mean_error(steps)
        half = statistics.Z95 * error
        result[about] = {"p": round(mean, 4), "lo": round(mean - half, 4), "hi": round(mean + half, 4), "n": len(steps)}
    return result


def table(rows: list[dict]) -> str:
    """The models side by side in Markdown: `rows` have name, replay, trained and the figures of `examine`."""
    lines = [HEAD, ("---",) * len(HEAD)]
    for row in rows:
        replay = "" if row["replay"] is None else f"{row['replay']:.0%}"
        figures = [show(row[name], digits) for name, digits in COLUMNS.items()]
        lines.append((row["name"], replay, f"{row['trained']:,}" if row["trained"] else "", *figures))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def show(figure: dict | None, digits: int) -> str:
    """A figure with its interval, `.62 [.57, .67]`; "-" where nothing was measured."""
    if not figure or not figure["n"]:
        return "-"
    texts = [f"{figure[name]:.{digits}f}" for name in ("p", "lo", "hi")]
    p, low, high = (text[1:] if text.startswith("0.") else text for text in texts)
    return f"{p} [{low}, {high}]"


def _fill(subject: Subject, rows: list[dict]) -> list[str]:
    """The choice of each row that makes what stands behind the gap most probable."""
    options = [(row["question"].split(GAP, 1), choice) for row in rows for choice in row["choices"]]
    scores = iter(subject.score([before + choice for (before, _), choice in options], [end for (_, end), _ in options]))
    return [max(((next(scores), choice) for choice in row["choices"]), key=lambda pair: pair[0])[1] for row in rows]


def _interval(rows: list[dict]) -> dict | None:
    if not rows or not math.isfinite(rows[0]["bits_per_byte"]):
        return None
    mean, half = rows[0]["bits_per_byte"], statistics.Z95 * rows[0]["se"]
    return {"p": mean, "lo": round(mean - half, 5), "hi": round(mean + half, 5), "n": rows[0]["documents"]}


def _parts(items: list[dict]) -> list[dict]:
    """Right answers to open questions by what they are about, by split and form."""
    key = lambda item: (item["about"], item["split"], item["form"])
    cells = statistics.group((item for item in items if "split" in item and "form" in item), key)
    return [
        dict(about=about, split=split, form=form) | statistics.proportion(item["right"] for item in members)
        for (about, split, form), members in cells.items()
    ]
