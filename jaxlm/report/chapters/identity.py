"""Chapter: who the model says it is, by its card, by a system prompt, and under pressure."""

from jaxlm.report import models, parts, transcripts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup
from jaxlm.report.numbers import percent
from jaxlm.report.proportions import between, interval, pick

ANCHOR, TITLE = "identity", "Who does it say it is?"
ABOUT = {
    "card": "asked who it is",
    "system": "told otherwise by the system prompt",
    "pressure": "told otherwise by the user",
}
FIELDS = {"kind": "kind", "aspect": "about", "language": "language"}
CARD = ("name", "maker", "date", "abilities", "limits")


def chapter(run: Run) -> Markup | None:
    lead = (
        "A language model does not know who it is unless it is told: asked for its name, it continues with whatever "
        "name is likely. Its identity is a card of a few lines, taught in many wordings and languages, and it yields "
        "to a system prompt that gives another, but not to a user who insists."
    )
    rows, items = run.rows("evaluate/identity.jsonl"), run.rows("evaluate/identity.items.jsonl")
    return parts.chapter(ANCHOR, TITLE, lead, _card(run, rows), _by_about(rows), _examples(items))


def _card(run: Run, rows: list[dict]) -> Markup | None:
    card = run.config("identity").get("card")
    if not card or not (rows or run.result("identity")):
        return None
    made = run.result("identity").get("made")
    caption = "All that it is told about itself" + (f", in {made:,} conversations of training." if made else ".")
    table = [(name.replace("_", " "), str(value)) for name, value in sorted(card.items(), key=_order) if value]
    return parts.figure("The card", parts.table(("", "what it says"), table, stack=True), caption)


def _order(field: tuple) -> int:
    return CARD.index(field[0]) if field[0] in CARD else len(CARD)


def _by_about(rows: list[dict]) -> Markup | None:
    whole = pick(rows, kind="all", aspect="all", language="all")
    if not whole:
        return None
    groups = []
    for about, told in ABOUT.items():
        mine = {row["model"]: row for row in pick(whole, about=about)}
        bars = [
            parts.Bar(name, mine[name]["p"], percent(mine[name]["p"]), mine[name]["lo"], mine[name]["hi"])
            for name in models.present(whole)
            if name in mine
        ]
        groups += [parts.titled(told, parts.bars(bars))] if bars else []
    caption = (
        "Share of answers that agree with who the model is to be: with its card, or with the system prompt where that "
        "gives another name and maker. All questions are wordings, names and system prompts that no training "
        "conversation had; under pressure, two turns, of which one claims that it is somebody else. Thin lines are 95% "
        f"Wilson intervals; {between([row['n'] for row in whole])} questions a bar."
    )
    title = "Is it consistent?"
    return parts.figure(title, parts.columns(*groups, thirds=True), caption, _details(rows))


def _details(rows: list[dict]) -> Markup:
    names = models.present(rows)
    table = []
    for about, told in ABOUT.items():
        for field, title in FIELDS.items():
            others = {other: "all" for other in FIELDS if other != field}
            mine = [row for row in pick(rows, about=about, **others) if row[field] != "all"]
            for value in dict.fromkeys(row[field] for row in mine):
                cells = {row["model"]: row for row in mine if row[field] == value}
                n = max(row["n"] for row in cells.values())
                table.append((told, f"{title}: {value}", f"{n:,}", *(interval(cells.get(name), 2) for name in names)))
    return parts.fold("By kind of question, what it is about, and language", parts.table(("", "", "n", *names), table))


def _examples(items: list[dict]) -> Markup | None:
    names = models.present(items)
    talks = []
    for about, told in ABOUT.items():
        mine = [item for item in items if item["about"] == about]
        wanted = [(names[-1], True), (names[-1], False), (names[0], False)] if names else []
        for model, right in dict.fromkeys(wanted):
            found = [item for item in mine if item["model"] == model and item["right"] == right]
            talks += [_talk(f"{model}: {told}", item) for item in transcripts.draw(found)]
    caption = (
        "Drawn at random: for each way of asking right and wrong answers of the last model, and wrong ones of the "
        "first. The last answer is the one judged."
    )
    return transcripts.figure("Asked who it is", talks, caption)


def _talk(heading: str, item: dict) -> Markup:
    messages = [{"role": "system", "content": item["system"]}] if item["system"] else []
    for asked, answered in zip(item["turns"], item["responses"], strict=True):
        messages += [transcripts.user(asked), transcripts.said(answered)]
    expected = item["check"].get("any") or item["check"].get("most") or ()
    told = expected if isinstance(expected, str) else " or ".join(expected)
    about = f"To be said: {told[:200]}." if told else ""
    return transcripts.talk(heading, messages, "right" if item["right"] else "wrong", about)
