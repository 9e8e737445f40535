"""Chapter: answering from the weights, from a page in the context, and by searching."""

from collections.abc import Sequence

from jaxlm.evals import statistics
from jaxlm.report import models, outcomes, parts, transcripts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, join
from jaxlm.report.numbers import percent
from jaxlm.report.outcomes import MARKS
from jaxlm.report.proportions import between, noise, pick, with_interval

ANCHOR, TITLE = "lookup", "From vague recollection to working memory"
OFTEN = 64  # pages; what was read so often should be answered without a search
READING = {
    "closed": "from memory alone",
    "gold": "with a page that states it",
    "distracting": "with a page about somebody else",
    "contradicting": "with a page that says otherwise",
}
SEARCHING = {
    "search": "searches when it asks to",
    "doubt": "searches when in doubt",
    "both": "searches for either reason",
    "surprise": "searches when a name is new to it",
}
KINDS = {
    "known": "known: answer at once",
    "found": "unknown: search, and the answer is there",
    "absent": "unknown: search, and nothing is found",
    "lacking": "unknown: search, and the results lack it",
    "page": "a page given, that states it",
    "contradiction": "a page given, that says otherwise",
    "other page": "a page given, about somebody else",
}


def chapter(run: Run) -> Markup | None:
    lead = (
        "What a model has in its weights is a vague recollection of what it once read. What stands in its context is "
        "working memory: it can be read off, exactly, now. The same questions are asked from memory, with a page "
        "before them, and with a search that the model may make itself."
    )
    rows, items = run.rows("evaluate/memory.jsonl"), run.rows("evaluate/memory.items.jsonl")
    figures = [
        parts.cards(key_figures(run)),
        _taught(run.result("search")),
        _panels(rows, READING, "The same question, four ways", _READING_CAPTION),
        _panels(rows, SEARCHING, "When it may search", _SEARCHING_CAPTION),
        _triggers(rows),
        _examples(items),
    ]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


_READING_CAPTION = (
    "By the number of pages read in training about the one asked about. The page before the question was published "
    "nowhere, so reading it is no recitation. About somebody else: right is the answer all the same, or “not sure” "
    "where it is not known. Says otherwise: the true answer was replaced by another, and right is what the page says, "
    "against what the weights may hold."
)
_SEARCHING_CAPTION = (
    "Nothing stands before the question, but the model may search the crawl and pages that appeared after it. People "
    "of 0 pages were never read of in training; of those “in the index” a page appeared later and can be found, of "
    "those “nowhere” there is none, and “not sure” is the honest answer. In doubt: the search is made for it "
    "when its answer is less likely than a threshold."
)


def key_figures(run: Run) -> list[Markup]:
    """The claims about the last model that may search, where a name is new to it, each with its interval."""
    rows = [row for row in run.rows("evaluate/memory.jsonl") if row["form"] == "all" and row["tier"] != "all"]
    way = next((way for way in ("surprise", *SEARCHING) if pick(rows, condition=way)), "")
    rows = pick(rows, model=_last(rows, way))
    found = [
        *_key(
            pick(rows, condition=way, tier=0, later=True, outcome="right"),
            "right about people never read of, by searching",
        ),
        *_key(
            pick(rows, condition=way, tier=0, later=False, outcome="abstain"),
            "say “not sure” where no page has the answer",
        ),
        *_key(_answered_at_once(rows, way), f"of questions on {OFTEN}× read answered without a search"),
        *_key(
            pick(rows, condition="gold", tier=0, outcome="right"), "right about people never read of, with their page"
        ),
    ]
    return found


def _key(rows: list[dict], label: str) -> list[Markup]:
    """The weakest of the rows, so that no tier is hidden by a mean."""
    row = min(rows, key=lambda row: row["p"], default=None)
    return [parts.card(percent(row["p"]), label, noise(row))] if row else []


def _answered_at_once(rows: list[dict], way: str) -> list[dict]:
    searched = [row for row in pick(rows, condition=way, outcome="searched") if row["tier"] == OFTEN]
    return [row | {"p": 1 - row["p"], "lo": 1 - row["hi"], "hi": 1 - row["lo"]} for row in searched]


def _last(rows: Sequence[dict], condition: str) -> str | None:
    return next(reversed(models.present([row for row in rows if row["condition"] == condition])), None)


def _taught(result: dict) -> Markup | None:
    kinds = result.get("kinds")
    if not kinds:
        return None
    total, most = sum(kinds.values()), max(kinds.values())
    bars = [parts.Bar(KINDS.get(kind, kind), n / most, f"{n:,}") for kind, n in kinds.items()]
    caption = (
        f"{total:,} conversations made from the probed questions, with the searches that they hold really made, over "
        f"an index of {result['passages']:,} passages. Some of the results and pages give an order as well, which the "
        "answer does not obey."
    )
    return parts.figure("What it was shown about searching", parts.bars(bars), caption)


def _panels(rows: list[dict], conditions: dict[str, str], title: str, caption: str) -> Markup | None:
    rows = [row for row in pick(rows, form="all") if row["tier"] != "all" and row["outcome"] in _marks()]
    rows = [row for row in rows if row["condition"] in conditions]
    rows = [row | {"at": place(row)} for row in (rows if conditions is SEARCHING else _merged(rows))]
    names = models.present(rows)
    if not names:
        return None
    panels = {
        name: [(told, pick(rows, model=name, condition=condition)) for condition, told in conditions.items()]
        for name in names
    }
    shown = {name: [(told, found) for told, found in panels[name] if found] for name in names}
    others = [
        parts.fold(f"The same of {models.told(name)}", outcomes.side_by_side(shown[name], "pages"))
        for name in names[:-1]
    ]
    caption = f"The model “{names[-1]}”. {caption}"
    return outcomes.figure(title, shown[names[-1]], "pages", "questions", caption, more=others)


def _merged(rows: list[dict]) -> list[dict]:
    """Whether somebody's page can be searched for is all the same where nobody may search."""
    cells = statistics.group(rows, lambda row: tuple(row[name] for name in ("model", "condition", "tier", "outcome")))
    merged = []
    for members in cells.values():
        n, successes = sum(row["n"] for row in members), round(sum(row["p"] * row["n"] for row in members))
        low, high = statistics.wilson(successes, n)
        merged.append(members[0] | {"later": "all", "p": successes / n, "lo": low, "hi": high, "n": n})
    return merged


def place(row: dict) -> str:
    """How many pages were read about somebody; of those never read about, whether one can be found."""
    if row["tier"] or row["later"] not in (True, False):
        return f"{row['tier']:,}"
    return "0, in the index" if row["later"] else "0, nowhere"


def _marks() -> set[str]:
    return {part.outcome for part in MARKS}


def _triggers(rows: list[dict]) -> Markup | None:
    whole = [row for row in pick(rows, form="all") if row["condition"] in SEARCHING]
    model = next(reversed(models.present(whole)), None)
    whole = pick(whole, model=model)
    panels, table = [], []
    for condition, told in SEARCHING.items():
        mine = pick(whole, condition=condition)
        cells = [row for row in pick(mine, outcome="searched") if row["tier"] != "all"]
        if cells:
            bars = [parts.Bar(place(row), row["p"], percent(row["p"]), row["lo"], row["hi"]) for row in cells]
            panels.append(parts.titled(told, parts.bars(bars)))
            total = {row["outcome"]: row for row in mine if row["tier"] == "all"}
            table.append(
                (told, *(with_interval(total.get(name), 2) for name in ("searched", "precision", "recall", "stated")))
            )
    if not panels:
        return None
    headers = ("", "searched", "precision", "recall", "results state the answer")
    trials = between([row["n"] for row in pick(whole, outcome="searched") if row["tier"] != "all"])
    caption = (
        f"Share of questions for which the model “{model}” searched, by pages read about the one asked about: it "
        "should search for what it does not know, and only for that. Precision: of the searches, those whose question "
        "it gets wrong or is not sure of from memory. Recall: of those questions, the ones searched for. Thin lines "
        f"and the small figures are 95% Wilson intervals; {trials} questions a bar."
    )
    body = join(parts.columns(*panels), parts.table(headers, table))
    return parts.figure("When does it search?", body, caption)


def _examples(items: list[dict]) -> Markup | None:
    model = _last(items, "search") or _last(items, "gold")
    items = [item for item in items if item["model"] == model]
    able = [item for item in items if item["condition"] in SEARCHING]
    used, unused = ([item for item in able if bool(item["searched"]) == searched] for searched in (True, False))
    given = {condition: [item for item in items if item["condition"] == condition] for condition in READING}
    often = lambda item: item["tier"] >= OFTEN
    kinds = {
        "Knows it, and does not search": [i for i in unused if often(i) and i["mark"] == "right"],
        "Never read of: searches, and reads it": [i for i in used if _found(i) and i["mark"] == "right"],
        "Searches in vain, and says so": [i for i in used if not i["stated"] and i["mark"] == "abstain"],
        "The answer is there, still wrong": [i for i in used if i["stated"] and i["mark"] == "wrong"],
        "Should have searched": [i for i in unused if i["mark"] == "wrong"],
        "Believes the page, not its memory": [i for i in given["contradicting"] if often(i) and i["mark"] == "right"],
        "Is given a page on somebody else": [i for i in given["distracting"] if i["tier"] == 0],
    }
    talks = [_talk(heading, item) for heading, found in kinds.items() for item in transcripts.draw(found)]
    caption = (
        f"One conversation of the model “{model}” of each kind, drawn at random from those of the kind; the result of "
        "a search is what the model read. A kind that did not occur is missing."
    )
    return transcripts.figure("Looking it up, in conversation", talks, caption)


def _found(item: dict) -> bool:
    """Whether a search about somebody never read of found the answer."""
    return item["tier"] == 0 and item["stated"]


def _talk(heading: str, item: dict) -> Markup:
    asked, passage = item["question"], item["passage"]
    messages = [transcripts.user(asked)]
    if item["condition"] in SEARCHING and item["searched"]:
        messages += transcripts.searched(passage, item.get("query", ""))
    elif passage and item["condition"] in READING:
        messages = [transcripts.user(f"{passage}\n\n{asked}")]
    return transcripts.talk(heading, [*messages, transcripts.said(item["response"])], item["mark"], _truth(item))


def _truth(item: dict) -> str:
    read = f"read {item['tier']:,}×" if item["tier"] else "never read of"
    if item["condition"] == "contradicting":
        return f"The page says {item['said']}; the truth is {item['answer']}, {read}."
    if item["condition"] in SEARCHING and not item["tier"] and not item["later"]:
        return f"The truth, {item['answer']}, stands on no page that can be found."
    return f"The truth is {item['answer']}, {read}."
