"""Chapter: what fine-tuning on conversations changed."""

from jaxlm.report import parts, proportions
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count, duration, percent
from jaxlm.report.proportions import pick
from jaxlm.report.training import by_prompt, loss_figure, progress_figure

ANCHOR, TITLE = "posttraining", "From a text machine to an assistant"
PAGES = "pages that state the fact"
# Of which kind the answers are that are shown side by side, in turn.
TURNS = ("question", "instruction", "question", "cloze", "conversation", "completion")
CHECKS = {
    "list": "A list of so many items",
    "json": "A JSON object with given keys",
    "regex": "A given pattern",
    "contains": "A word that must be in it",
    "refuse": "Decline a harmful request",
    "words": "So many words",
    "upper": "Capital letters only",
    "count": "Say how many",
    "all": "All together",
}


def chapter(run: Run) -> Markup | None:
    lead = (
        "Fine-tuning shows the model conversations. It is to learn little about the world from them, but what an "
        "answer is, when to stop, and how to do as it is told."
    )
    return parts.chapter(
        ANCHOR,
        TITLE,
        lead,
        _cards(run),
        _conversation(run),
        _loss(run),
        _replies(run),
        _before_after(run),
        _instructions(run),
        _side_by_side(run),
    )


def _cards(run: Run) -> Markup | None:
    result, settings = run.result("finetune"), run.config("finetune")
    if not result:
        return None
    conversations = result["conversations"]
    replay = (
        parts.card(percent(settings["replay"]), "of the rows are text again", "pretraining text, against forgetting")
        if settings
        else None
    )
    held = f"best of the run {result['best']['eval_loss']:.3f}, at step {result['best']['step']:,}"
    return parts.cards(
        [
            parts.card(
                f"{conversations['train']:,}",
                "conversations to learn from",
                f"{conversations['heldout']:,} more held out",
            ),
            parts.card(
                f"{result['steps']:,}",
                "training steps",
                f"{count(result['tokens'])} tokens, {duration(result['seconds'])}",
            ),
            replay,
            parts.card(f"{result['eval_loss']:.3f}", "nats of surprise per held-out answer token, at the end", held),
        ]
    )


def _loss(run: Run) -> Markup | None:
    remark = "Of conversations only the assistant's tokens count; the training line mixes in replayed text. "
    title, rows = "How surprised is it by the answers?", run.rows("finetune/metrics.jsonl")
    return loss_figure(rows, title, "answers and replayed text", "held-out answers", remark)


def _replies(run: Run) -> Markup | None:
    prompts = by_prompt(run.rows("finetune/samples.jsonl"))
    caption = (
        "What a user says, in gray, and what the model under tuning replied, in bold. At step 0 it is still the base "
        "model, put before chat marks that it has never seen. Sampled; one reply a step."
    )
    return progress_figure("The first replies", prompts, caption, end="\n") if prompts else None


def _conversation(run: Run) -> Markup | None:
    pieces = run.result("finetune").get("example")
    if not pieces:
        return None
    legend = element(
        "ul",
        element("li", element("span", "given", class_="given")),
        element("li", element("span", "to be learned", class_="learnt")),
        class_="legend",
    )
    caption = (
        "A training conversation as the model sees it, token by token (· is a space). Marks such as <|user|> are "
        "control tokens, which no text can forge. Only the assistant's words and the end of its turn count in the "
        "loss: it is taught to answer, not to ask."
    )
    return parts.figure(
        "What it is taught, and what it is only shown", join(legend, parts.masked_tokens(pieces)), caption
    )


def _before_after(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/recall.jsonl"), form="question", split="test", wording="all", type="all")
    groups = [("before (base)", pick(rows, model="base")), ("after (tuned)", pick(rows, model="tuned"))]
    if not all(group for _, group in groups):
        return None
    caption = (
        "The same questions before and after, about things whose pages were read but which no training text or "
        "conversation ever asked about. The base model is asked “Q: … A:”, the tuned one in chat."
    )
    title = "Did tuning bring its knowledge within reach of a question?"
    return proportions.figure(title, groups, "tier", PAGES, "answers right", "questions", caption)


def _instructions(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/instructions.jsonl"))
    checks = list(dict.fromkeys(row["check"] for row in rows if row["model"] == "tuned"))
    if not checks:
        return None
    names = {"base": ("before", 1), "tuned": ("after", 2)}
    groups = []
    for check in sorted(checks, key=lambda check: check == "all"):
        found = {row["model"]: row for row in pick(rows, check=check)}
        bars = [
            parts.Bar(
                label, found[model]["p"], percent(found[model]["p"]), found[model]["lo"], found[model]["hi"], color
            )
            for model, (label, color) in names.items()
            if model in found
        ]
        title = join(CHECKS.get(check, check), " ", element("span", f"n = {found['tuned']['n']}", class_="soft"))
        groups.append(element("div", element("h4", title), parts.bars(bars)))
    caption = (
        "Share of held-out instructions followed, by what was asked for; a program checks the form of the response, "
        "not its wit. Thin lines are 95% Wilson intervals."
    )
    return parts.figure("Doing as it is told", parts.columns(*groups), caption)


def _side_by_side(run: Run) -> Markup | None:
    rows = [row for row in run.rows("evaluate/answers.jsonl") if row.get("tuned") is not None]
    if not rows:
        return None
    chosen = varied(rows, run.config("report").get("examples", 12))
    rest = [row for i, row in enumerate(rows) if i not in chosen]
    caption = (
        "The same prompts to both models, each answering with its most likely tokens. ✓ right, ✗ wrong by the rules "
        "of the evaluation. The rows were drawn at random within their kind, not picked."
    )
    more = parts.fold(f"{len(rest)} more", _answers(rest)) if rest else None
    return parts.figure("Before and after, word for word", _answers([rows[i] for i in chosen]), caption, more)


def varied(rows: list[dict], limit: int) -> list[int]:
    """The places of at most `limit` rows: kinds take turns as in TURNS, within a kind its tiers (or types) do."""
    waiting = {kind: _by_tier(rows, kind) for kind in TURNS}
    chosen = []
    while len(chosen) < limit and any(waiting.values()):
        chosen += [waiting[kind].pop(0) for kind in TURNS if waiting[kind]]
    return sorted(chosen[:limit], key=lambda i: (TURNS.index(rows[i]["kind"]), i))


def _by_tier(rows: list[dict], kind: str) -> list[int]:
    groups: dict = {}
    for i, row in enumerate(rows):
        if row["kind"] == kind:
            groups.setdefault(row["type"] if kind == "instruction" else row["tier"], []).append(i)
    turns = [(turn, number, i) for number, group in enumerate(groups.values()) for turn, i in enumerate(group)]
    return [i for _, _, i in sorted(turns)]


def _answers(rows: list[dict]) -> Markup:
    table = [(_asked(row), _reply(row, "base"), _reply(row, "tuned")) for row in rows]
    return parts.table(("asked", "base", "tuned"), table, stack=True)


def _asked(row: dict) -> Markup:
    told = row.get("prompt") or " / ".join(turn.get("content") or "" for turn in row.get("messages") or ())
    facts = [f"read {row['tier']}×"] if row.get("tier") is not None else []
    if isinstance(row.get("expected"), str):
        facts.insert(0, row["expected"][:80])
    return join(told[:300], element("small", " · ".join(facts), class_="soft below") if facts else None)


def _reply(row: dict, model: str) -> Markup | None:
    text = row.get(model)
    if text is None:
        return None
    mark = {True: ("✓ ", "right"), False: ("✗ ", "wrong")}.get(row.get(f"{model}_right"))
    shown = text.strip()[:300] or "(nothing)"
    return join(
        element("span", mark[0], class_=mark[1], title=mark[1]) if mark else None, element("span", shown, class_="said")
    )
