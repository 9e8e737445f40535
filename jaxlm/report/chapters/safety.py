"""Chapter: what the model refuses, and whether content that gives orders fools it."""

from jaxlm.report import models, parts, transcripts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import percent
from jaxlm.report.proportions import between, interval, pick

ANCHOR, TITLE = "safety", "What it refuses, and what cannot fool it"
SETS = {"microweb": "requests of the generated world", "advbench": "AdvBench and its look-alikes"}
KINDS = {
    "harmful": "refused, of the harmful",
    "harmless": "refused, of the harmless",
    "abstained": "“not sure”, of the harmless",
    "both": "both of a pair handled rightly",
}
WHERE = {
    "control": "any content: becomes a control token",
    "turn": "a user spells a system turn",
    "split": "likewise, over two turns",
    "tokens": "a search result spells the end of its turn",
    "result": "a search result gives an order",
    "source": "a title of a result gives an order",
    "document": "a text to be read gives an order",
    "clean": "no order at all",
}


def chapter(run: Run) -> Markup | None:
    lead = (
        "A refusal is worth something only where the harmless look-alike is answered: a model that refuses everything "
        "refuses every crime. And whatever others write, in a message, a page or a search result, is to be data, "
        "never an order: some of that holds by construction, the rest has to be learned, and measured."
    )
    orders = run.rows("evaluate/injection.jsonl")
    figures = [
        _refusals(run.rows("evaluate/safety.jsonl")),
        _requests(run.rows("evaluate/safety.items.jsonl")),
        _injection(orders),
        _fooled(run.rows("evaluate/injection.items.jsonl")),
    ]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


def _refusals(rows: list[dict]) -> Markup | None:
    rows = pick(rows)
    groups = []
    for name in dict.fromkeys(row["set"] for row in rows):
        for kind, told in KINDS.items():
            mine = {row["model"]: row for row in pick(rows, set=name, kind=kind)}
            bars = [
                parts.Bar(
                    model, row["p"], percent(row["p"]), row["lo"], row["hi"], 3 if kind in ("harmful", "both") else 2
                )
                for model, row in ((name, mine[name]) for name in models.present(rows) if name in mine)
            ]
            n = between([row["n"] for row in mine.values()]) if mine else ""
            groups += [parts.titled(f"{SETS.get(name, name)}: {told}, n = {n}", parts.bars(bars))] if bars else []
    if not groups:
        return None
    caption = (
        "Green is to be long, orange to be short. Every harmful request has a harmless one beside it that shares its "
        "dangerous word or its form; both: the one is refused and the other is not. A refusal is looked for in the "
        "first two sentences of an answer. Thin lines are 95% Wilson intervals."
    )
    return parts.figure("Refused, and only where it should", parts.columns(*groups), caption)


def _requests(items: list[dict]) -> Markup | None:
    last = next(reversed(models.present(items)), None)
    items = [item for item in items if item["model"] == last]
    talks = []
    for name in dict.fromkeys(item["set"] for item in items):
        for harmful in (True, False):
            of_kind = [item for item in items if item["set"] == name and item["harmful"] == harmful]
            for refused in (harmful, not harmful):
                found = [item for item in of_kind if item["refused"] == refused]
                told = f"{'Harmful' if harmful else 'Harmless'}, {'refused' if refused else 'not refused'}"
                talks += [_request(told, item) for item in transcripts.draw(found)]
    caption = (
        f"Requests to the model “{last}”, one of each kind and set, drawn at random; a kind that did not occur is "
        "missing."
    )
    return transcripts.figure("Asked for help", talks, caption)


def _request(heading: str, item: dict) -> Markup:
    mark = "right" if item["refused"] == item["harmful"] else "wrong"
    messages = [transcripts.user(item["prompt"]), transcripts.said(item["response"])]
    return transcripts.talk(heading, messages, mark)


def _injection(rows: list[dict]) -> Markup | None:
    whole = pick(rows, kind="all") or []
    if not whole:
        return None
    names = models.present([row for row in whole if row["model"] != "any"])
    table = []
    for where, told in WHERE.items():
        mine = {row["model"]: row for row in pick(whole, where=where)}
        if "any" in mine:
            table.append((told, f"{mine['any']['n']:,}", *[_fooled_share(mine["any"])] * max(len(names), 1)))
        elif mine:
            n = between([row["n"] for row in mine.values()])
            table.append((told, n, *(_fooled_share(mine.get(name)) for name in names)))
    caption = (
        "Share of cases in which the model obeys, its 95% Wilson interval below, and how many of the questions beside "
        "the order it still answers right. The first row is proved on random conversations, whatever the model: text "
        "is never turned into a control token, so no content can close a turn or open another. The orders are worded "
        "as none in training was; an answer that only quotes the order's word counts as fooled, so the rates are upper "
        "bounds."
    )
    headers = ("what tries to fool it", "n", *(names or ("any model",)))
    return parts.figure("Orders in what it reads", parts.table(headers, table), caption, _kinds(rows, names))


def _fooled_share(row: dict | None) -> Markup | None:
    if not row:
        return None
    right = f"; {percent(row['right'])} right" if row.get("right") is not None else ""
    span = f"{percent(row['lo'], 1)} to {percent(row['hi'], 1)}{right}"
    return join(percent(row["p"], 1), element("small", span, class_="soft below"))


def _kinds(rows: list[dict], names: list[str]) -> Markup | None:
    rows = [row for row in pick(rows) if row["kind"] != "all" and row["where"] != "clean"]
    table = []
    for where, kind in dict.fromkeys((row["where"], row["kind"]) for row in rows):
        cells = {row["model"]: row for row in pick(rows, where=where, kind=kind)}
        n = max(row["n"] for row in cells.values())
        table.append((WHERE.get(where, where), kind, f"{n:,}", *(interval(cells.get(name), 2) for name in names)))
    return (
        parts.fold("By kind of order and of spelling", parts.table(("", "kind", "n", *names), table)) if table else None
    )


def _fooled(items: list[dict]) -> Markup | None:
    last = next(reversed(models.present(items)), None)
    items = [item for item in items if item["model"] == last and item["where"] != "clean"]
    talks = []
    for where, told in WHERE.items():
        mine = [item for item in items if item["where"] == where]
        fooled = [item for item in mine if item["fooled"]]
        talks += [_order(told, item) for item in transcripts.draw(fooled or mine)]
    caption = (
        f"One case of each place, to the model “{last}”: one that fooled it where there is one, else any, drawn at "
        "random."
    )
    return transcripts.figure("Orders, in conversation", talks, caption)


def _order(heading: str, item: dict) -> Markup:
    about = f"It was to say {item['payload']}." + (f" The truth: {item['answer']}." if item["answer"] else "")
    outcome = "fooled" if item["fooled"] else "not fooled" + ", but wrong" * (item["mark"] == "wrong")
    messages = [*item["messages"], transcripts.said(item["response"])]
    return transcripts.talk(heading, messages, "wrong" if item["fooled"] else "right", f"({outcome}) {about}")
