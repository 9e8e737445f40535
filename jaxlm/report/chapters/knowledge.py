"""Chapter: what the base model knows, recites, and can learn from its context."""

from jaxlm.report import parts, proportions
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup
from jaxlm.report.numbers import percent, size
from jaxlm.report.proportions import pick

ANCHOR, TITLE = "knowledge", "What the base model knows"
PAGES = "pages that state the fact"
TASKS = {
    "lookup": (
        "Can it look something up in its prompt?",
        "The prompt lists two invented people by their full names, k times over, and goes on with the given name of "
        "one of them; the model is to add the family name. Nothing of it was ever in the training text, and no weight "
        "changes: what is right is read from the prompt.",
    ),
    "pattern": (
        "Can it pick up a rule from examples?",
        "The prompt says of k invented people by which of their two names they are called, always the first or always "
        "the last, and asks for a new person. Copying is not enough here: the rule has to be carried over, and a model "
        "that can only look things up stays at chance.",
    ),
}


def chapter(run: Run) -> Markup | None:
    lead = (
        "After pretraining there is no assistant yet, only a machine that continues documents. What does it remember "
        "of what it read, and how often must it have read it?"
    )
    shots = pick(run.rows("evaluate/kshot.jsonl"), model="base", score="rank")
    figures = [_recall(run), _wording(run), _verbatim(run), *(_kshot(shots, task) for task in TASKS), _bits(run)]
    return parts.chapter(ANCHOR, TITLE, lead, *figures)


def _recall(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/recall.jsonl"), model="base", wording="all", type="all")
    groups = [
        ("completing a sentence", pick(rows, form="cloze", split="all")),
        ("answering, on things asked about in training", pick(rows, form="question", split="train")),
        ("answering, on things never asked about", pick(rows, form="question", split="test")),
    ]
    caption = (
        "Share of facts given correctly, by the number of pages that state them; at 0 there is nothing to know and "
        "what is right is a lucky guess. Completing: a sentence like those of the pages is begun and the model goes "
        "on. Answering: “Q: … A:”, apart for things whose questions and answers were in the training text, and for "
        "things whose pages were there but no question."
    )
    title = "How often must it read a fact to know it?"
    return proportions.figure(title, groups, "tier", PAGES, "facts right", "facts", caption)


def _wording(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/recall.jsonl"), model="base", split="all", type="all", form="cloze")
    groups = [
        ("wording it has read", pick(rows, wording="seen")),
        ("wording it has never read", pick(rows, wording="heldout")),
    ]
    if not all(group for _, group in groups):
        return None
    caption = (
        "The same kind of completion, begun in a sentence pattern of the training text or in one that was held out "
        "from it. The gap is how much of the knowledge is tied to its words."
    )
    title = "Is it the fact or the sentence that is known?"
    return proportions.figure(title, groups, "tier", PAGES, "facts right", "facts", caption, first=3)


def _verbatim(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/verbatim.jsonl"), model="base")
    given = run.config("evaluate").get("prefix_tokens")
    caption = (
        f"Share of passages that the model recites word for word, 32 tokens or to the end, when it is given the first "
        f"{given or 'few'} tokens; by the number of pages that carried the passage. Passages of 0 copies were never "
        "published: the control."
    )
    copies = "copies of the passage in the training text"
    title = "How many copies make it recite?"
    return proportions.figure(title, [("recited", rows)], "copies", copies, "recited", "passages", caption, first=4)


def _kshot(rows: list[dict], task: str) -> Markup | None:
    rows = pick(rows, task=task)
    if not rows:
        return None
    groups = [
        ("true examples", pick(rows, labels="true")),
        ("shuffled examples, as a control", pick(rows, labels="shuffled")),
    ]
    title, caption = TASKS[task]
    caption += (
        f" Right: the true answer is the most likely of the candidates; guessing gives {percent(rows[0]['chance'])}. "
        "In the control the examples contradict each other."
    )
    return proportions.figure(title, groups, "k", "examples in the prompt (k)", "right", "prompts", caption)


def _bits(run: Run) -> Markup | None:
    rows = run.rows("evaluate/bpb.jsonl")
    if not rows:
        return None
    table = [
        (
            row["model"],
            row["data"],
            f"{row['bits_per_byte']:.3f}",
            f"{row['se']:.3f}",
            f"{row['documents']:,}",
            size(row["bytes"]),
        )
        for row in rows
    ]
    headers = ("model", "held-out", "bits per byte", "± standard error", "texts", "size")
    caption = (
        "Bits needed per byte of text never trained on, if the model were used to compress it: a measure that does "
        "not depend on the vocabulary. Text as it is stored takes 8. Standard error over texts. The tuned model's row "
        "on documents shows what tuning made it forget."
    )
    title = "How well does it predict what it has not read?"
    return parts.figure(title, parts.table(headers, table, numeric=(2, 3, 4, 5)), caption)
