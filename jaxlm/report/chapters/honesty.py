"""Chapter: learning to say that it is not sure, and what that cost."""

from jaxlm.report import costs, models, outcomes, parts, proportions, transcripts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup
from jaxlm.report.numbers import percent
from jaxlm.report.outcomes import MARKS
from jaxlm.report.proportions import noise, pick, points

ANCHOR, TITLE = "honesty", "Learning to say “I'm not sure”"
OFTEN = 64  # pages; as jaxlm.evals.knowledge counts what was read often
CLOSED = {"condition": "closed", "split": "all", "form": "all"}
NAMES = {
    "recombined": "known first and last names, never together",
    "novel": "new names of the usual kind",
    "strange": "names of a kind never trained on",
}
SIDES = (
    ("known_right", "right on what it knew"),
    ("over_refusal", "refuses what it had right"),
    ("hallucination", "makes up what it does not know"),
)
MIX = {
    "honesty_answer": "known, with their answers",
    "honesty_refuse": "unknown, refused",
    "honesty_nobody": "about nobody, refused",
    "plain": "ordinary conversations",
}
CONDITIONS = {"closed": "from memory", "gold": "with the passage", "choice": "by choice"}


def chapter(run: Run) -> Markup | None:
    lead = (
        "The questions that it could not answer became training conversations in which the assistant says so; those "
        "that it could keep their answers, so that it does not learn to refuse everything. All that follows was "
        "measured on people and questions that no training example was about."
    )
    rows = run.rows("evaluate/knowledge.jsonl")
    items = run.rows("evaluate/knowledge.items.jsonl")
    if not run.result("honesty") and len(models.present(rows)) < 2:
        return None
    figures = [
        parts.cards(key_figures(run)),
        _by_tier(rows),
        _names(rows),
        _cost(rows),
        _rounds(run.result("honesty")),
        _sets(rows),
        _examples(items),
    ]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


def key_figures(run: Run) -> list[Markup]:
    """The claims, each with its interval; those that were not measured are left out."""
    rows = run.rows("evaluate/knowledge.jsonl")
    before, after = models.before_after(rows)
    if after is None:
        return []
    never = {"set": "world", "tier": 0, "names": "all", "outcome": "wrong"} | CLOSED
    return [
        card
        for card in (
            _made_up(pick(rows, model=before, **never), pick(rows, model=after, **never)),
            _compared(rows, after, "all", "over-refusal", "of what it had right is refused now"),
            _compared(
                rows, after, "often", "accuracy change", f"change in right answers on facts read {OFTEN}× or more"
            ),
            _compared(rows, after, None, "f1", "F1 of abstaining where it should"),
        )
        if card
    ]


def _made_up(before: list[dict], after: list[dict]) -> Markup | None:
    if not before or not after:
        return None
    label = f"of questions on people never read of get a made-up answer; {percent(before[0]['p'])} before"
    return parts.card(percent(after[0]["p"]), label, noise(after[0]))


def _compared(rows: list[dict], model: str, tier: str | None, outcome: str, label: str) -> Markup | None:
    wanted = {"tier": tier} if tier else {"tier": "all", "split": "all"}
    found = pick(rows, model=model, set="world", condition="closed", outcome=outcome, **wanted)
    if not found:
        return None
    row = found[0]
    if outcome == "accuracy change":
        return parts.card(
            points(row["p"]), label, f"95% interval {points(row['lo'])} to {points(row['hi'])}, n = {row['n']:,}"
        )
    return parts.card(f"{row['p']:.2f}" if outcome == "f1" else percent(row["p"]), label, noise(row))


def _by_tier(rows: list[dict]) -> Markup | None:
    rows = [row for row in pick(rows, set="world", names="all", **CLOSED) if row["tier"] != "all"]
    rows = [row | {"at": f"{row['tier']:,}"} for row in rows if row["outcome"] in _marks()]
    panels = [(models.told(name), [row for row in rows if row["model"] == name]) for name in models.present(rows)]
    caption = (
        "The same questions to each model, from memory alone, by the number of pages that state the fact. At 0 there "
        "is nothing to know: “not sure” is the one honest answer, and everything else is made up. Further down the "
        "honest answer is the right one."
    )
    return outcomes.figure("Right, not sure, or wrong?", panels, "pages", "questions", caption)


def _names(rows: list[dict]) -> Markup | None:
    rows = pick(rows, set="world", tier=0, **CLOSED)
    rows = [row for row in rows if row["names"] in NAMES and row["outcome"] in _marks()]
    panels = [
        (NAMES[kind], [row | {"at": row["model"]} for row in _in_order(rows) if row["names"] == kind]) for kind in NAMES
    ]
    caption = (
        "People who were never written about, by what their names are made of. Names that look like those it read are "
        "the hard case: nothing about them says that they are unknown. Strange ones test whether it learned about "
        "its own knowledge or about the look of a name."
    )
    return outcomes.figure("Does it matter how the unknown are called?", panels, "model", "questions", caption)


def _in_order(rows: list[dict]) -> list[dict]:
    order = models.present(rows)
    return sorted(rows, key=lambda row: order.index(row["model"]))


def _cost(rows: list[dict]) -> Markup | None:
    table = costs.table(pick(rows, set="world", condition="closed"))
    caption = (
        "From memory alone, over all tiers. A fact that a single page states counts as something to know, although "
        "hardly any model of this size keeps it: precision is strict. Below each figure its 95% interval: Wilson over "
        "questions, of the change normal over paired differences."
    )
    return parts.figure("What honesty costs", table, caption) if table else None


def _marks() -> set[str]:
    return {part.outcome for part in MARKS}


def _rounds(result: dict) -> Markup | None:
    rounds = result.get("rounds")
    if not rounds:
        return None
    fields = ("p", "lo", "hi", "n")
    told = [(0, rounds[0]["before"]), *((entry["round"], entry["after"]) for entry in rounds)]
    groups = [
        (name, pick([{"round": number} | dict(zip(fields, figures[side], strict=True)) for number, figures in told]))
        for side, name in SIDES
    ]
    caption = (
        "The model before, and after each round of training on the probed questions, judged on the questions about a "
        "part of the people that no example was about. A round starts from the tuned model again, with more of what "
        f"the last one got wrong; they end when one gains less than its noise. Round {result['best_round']} was kept."
    )
    table = [
        (f"{entry['round']}", _mixed(entry["mix"]), points(entry["gain"]), f"{100 * entry['noise']:.1f}")
        for entry in rounds
    ]
    gained = parts.table(("round", "conversations", "gain, points", "± standard error"), table, numeric=(2, 3))
    told = parts.fold("What each round learned from, and what it gained", gained)
    title, x = "Round after round", "round of training"
    return proportions.figure(title, groups, "round", x, "share", "questions", caption, more=(told,))


def _mixed(mix: dict[str, int]) -> str:
    return " · ".join(f"{n:,} {MIX.get(kind, kind)}" for kind, n in mix.items())


def _sets(rows: list[dict]) -> Markup | None:
    """What is not of a generated world: real question sets, and questions about the run's own documents."""
    other = [row for row in rows if row["set"] != "world"]
    whole = [row | {"at": _asked(row)} for row in pick(other, tier="all", split="all") if row["outcome"] in _marks()]
    panels = [(models.told(name), [row for row in whole if row["model"] == name]) for name in models.present(whole)]
    tables = {at: costs.table([row for row in other if _asked(row) == at]) for at in dict.fromkeys(map(_asked, other))}
    folds = [parts.fold(f"{at}: what it costs", table) for at, table in tables.items() if table]
    folds += [_popularity(at, [row for row in other if _asked(row) == at]) for at in tables]
    caption = (
        "Questions of real sets, and of documents of this run: reserved articles were read in training, unread ones "
        "never. From memory, and with a passage before the question."
    )
    return outcomes.figure("The same on other questions", panels, "questions", "questions", caption, more=folds)


def _popularity(at: str, rows: list[dict]) -> Markup | None:
    """The marks by tier, which in a real set is how popular the one asked about is."""
    rows = [row for row in pick(rows, names="all", split="all", form="all") if row["outcome"] in _marks()]
    rows = [row | {"at": f"{row['tier']:,}"} for row in rows if row["tier"] not in ("all", "")]
    if len({row["at"] for row in rows}) < 2:
        return None
    panels = [(models.told(name), [row for row in rows if row["model"] == name]) for name in models.present(rows)]
    return parts.fold(f"{at}: by popularity", outcomes.side_by_side(panels, "views a month"))


def _asked(row: dict) -> str:
    return f"{row['set']}, {CONDITIONS.get(row['condition'], row['condition'])}"


def _examples(items: list[dict]) -> Markup | None:
    """One question to the first and the last model for each way in which it can turn out."""
    items = [item for item in items if item.get("set") == "world" and item["condition"] == "closed"]
    before, after = models.before_after(items)
    earlier = {item["id"]: item for item in items if item["model"] == before}
    later = [item for item in items if item["model"] == after and item["id"] in earlier]
    often = lambda item: item["tier"] >= OFTEN
    kinds = (
        ("Knows it, and says it", lambda item: often(item) and item["mark"] == "right"),
        ("Nothing to know, and says so", lambda item: item["tier"] == 0 and item["mark"] == "abstain"),
        ("Nothing to know, still made up", lambda item: item["tier"] == 0 and item["mark"] == "wrong"),
        (
            "Knew it, and now refuses",
            lambda item: item["mark"] == "abstain" and earlier[item["id"]]["mark"] == "right",
        ),
        ("Read often, still wrong", lambda item: often(item) and item["mark"] == "wrong"),
        ("Read once", lambda item: item["tier"] == 1),
    )
    talks = [
        _talk(heading, earlier[item["id"]], item)
        for heading, wanted in kinds
        for item in transcripts.draw([item for item in later if wanted(item)])
    ]
    caption = (
        f"One question of each kind, drawn at random from those of the kind: what the model “{before}” said, and what "
        f"“{after}” says. A kind that did not occur is missing."
    )
    return transcripts.figure("Before and after, in conversation", talks, caption)


def _talk(heading: str, before: dict, after: dict) -> Markup:
    truth = f"The pages say {after['answer']}." if after["answerable"] else "No page says anything."
    turns = [transcripts.said(item["response"], item["model"], item["mark"]) for item in (before, after)]
    return transcripts.talk(
        heading, [transcripts.user(after["question"]), *turns], about=f"{truth} Read {after['tier']:,}×."
    )
