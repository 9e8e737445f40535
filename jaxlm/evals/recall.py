"""Recall of facts by how often the pages stated them, as a cloze to complete and as a question to answer.

Knowledge stored by a language model can be locked to the sentences it was read in; asking in another form, and about
entities whose questions never occurred in training (split `test`), tells storing from extracting (Allen-Zhu & Li,
"Physics of language models: part 3.1", 2023). Facts of tier 0 were never stated: what is right there is guessing.
"""

import itertools

import numpy as np

from jaxlm.evals import judge, statistics
from jaxlm.evals.subject import Subject, question

SPARE_TOKENS = 4  # beyond the longest answer: an article, a full stop
WORDING = {"cloze": "template", "question": "form"}  # the field that says whether the wording was seen in training
PROMPT = {"cloze": "prompt", "question": "question"}
CONTEXT = ("model", "form", "tier", "split", "wording", "type", "attribute", "entity")


def select(rows: list[dict], form: str, limit: int, seed: int) -> list[dict]:
    """Returns at most `limit` rows of each (tier, split), half of them in held-out wording where there are enough.

    The same seed selects the same rows, so that models are asked the same.
    """
    generator = np.random.Generator(np.random.PCG64([seed, len(form)]))
    chosen = []
    for cell in statistics.group(rows, lambda row: (row["tier"], row["split"])).values():
        held = [row for row in cell if row[WORDING[form]] == "heldout"]
        seen = [row for row in cell if row[WORDING[form]] != "heldout"]
        share = min(len(held), max(limit // 2, limit - len(seen)))
        chosen += statistics.sample(held, share, generator) + statistics.sample(seen, limit - share, generator)
    return chosen


def run(subject: Subject, rows: list[dict], form: str, rivals: dict[tuple[str, str], set[str]]) -> list[dict]:
    """Returns an item {model, form, tier, split, wording, ..., prompt, answer, aliases, response, right} for each row.

    Args:
      subject: the model asked. A cloze is completed by both kinds of model; a question is put in the kind's own form.
      rows: of `truth/cloze.jsonl` (form `cloze`) or `truth/questions.jsonl` (form `question`).
      form: `cloze` or `question`.
      rivals: the values known of each (type, attribute); one of them before the answer makes a response wrong.
    """
    prompts = [row[PROMPT[form]] for row in rows]
    room = answer_tokens(subject, rows, form)
    if form == "cloze":
        responses = subject.complete([prompt.rstrip() for prompt in prompts], stop="\n", max_new=room)
    else:
        responses = subject.respond([question(prompt) for prompt in prompts], max_new=room)
    items = []
    for row, prompt, response in zip(rows, prompts, responses, strict=True):
        others = rivals.get((row["type"], row["attribute"]), ())
        context = row | {"model": subject.name, "form": form, "wording": row[WORDING[form]]}
        items.append(
            {field: context[field] for field in CONTEXT}
            | {"prompt": prompt, "answer": row["answer"], "aliases": row["aliases"], "response": response}
            | {"right": judge.is_right(response, row["answer"], row["aliases"], others, prompt)}
        )
    return items


def answer_tokens(subject: Subject, rows: list[dict], form: str) -> int:
    """Returns the tokens a response may have: the longest answer, and to a question a sentence that restates it."""

    def longest(field: str) -> int:
        return max((len(subject.tokenizer.encode(f" {row[field]}")) for row in rows), default=0)

    return longest("answer") + SPARE_TOKENS + (longest("question") if form == "question" else 0)


def known_values(rows: list[dict]) -> dict[tuple[str, str], set[str]]:
    """Returns every answer that occurs for each (type, attribute)."""
    values: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        values.setdefault((row["type"], row["attribute"]), set()).add(row["answer"])
    return values


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, form, tier, split, wording, type, p, lo, hi, n} of every cell and every margin (`all`)."""
    rows = []
    for kept in itertools.product((False, True), repeat=3):
        margin = [field for field, keep in zip(("split", "wording", "type"), kept, strict=True) if not keep]
        cells = statistics.group(
            ({**item, **dict.fromkeys(margin, "all")} for item in items),
            lambda item: tuple(item[field] for field in ("model", "form", "tier", "split", "wording", "type")),
        )
        for (model, form, tier, split, wording, kind), members in cells.items():
            cell = {"model": model, "form": form, "tier": tier, "split": split, "wording": wording, "type": kind}
            rows.append(cell | statistics.proportion(item["right"] for item in members))
    return rows
