"""Working memory against vague recollection: the same questions from the weights, from the context, and by searching.

| condition | before the question | right when |
|---|---|---|
| closed | nothing | the answer is given |
| gold | a page that states the answer | the answer is given |
| distracting | a page about somebody else of the same tier | the answer is given |
| contradicting | the gold page, with another value in place of the answer | what the PAGE says is given (`followed`) |
| search | nothing, but the model may search: it asks for it itself | the answer is given |
| doubt | likewise, but a search is made where its answer is less likely than a threshold | the answer is given |
| both | either | the answer is given |
| surprise | likewise, but a search is made where the names in the question are new to it | the answer is given |

The pages are published nowhere: reading one is no recitation. Following Mallen et al. 2023 ("When not to trust language
models") and Longpre et al. 2021 (knowledge conflicts by substituted answers).
"""

import dataclasses
import re
from collections.abc import Callable, Sequence

import numpy as np

from jaxlm.evals import judge, statistics
from jaxlm.evals.subject import Messages, Subject, question

READING = ("closed", "gold", "distracting", "contradicting")
SEARCHING = ("search", "doubt", "both", "surprise")
CONDITIONS = READING + SEARCHING
ASK = ("Read this: {t}\n{q}", "{t}\n{q}", "Here is a text. {t}\nQuestion: {q}")
CONTEXT = ("tier", "split", "form", "type", "attribute", "entity", "later", "novel", "question", "answer", "aliases")
SPARE_TOKENS = 24  # beyond the longest answer: a whole sentence around it, a source


@dataclasses.dataclass(frozen=True)
class Searched:
    """What came of one question asked of a model that may search.

    Attributes:
      response: the final answer.
      results: texts of the tool messages, in order; empty when it did not search.
    """

    response: str
    results: tuple[str, ...] = ()


def select(rows: list[dict], entities: list[dict], limit: int, seed: int) -> list[dict]:
    """Returns at most `limit` rows of questions about people never asked about in training, for each tier and, at
    tier 0, for those whose page search can find and those it cannot. People with strange names are left out.

    Args:
      rows: of truth/questions.jsonl.
      entities: of truth/entities.jsonl; their `later` and `novel` are added to the rows.
    """
    about = {entity["id"]: {"later": entity["later"], "novel": entity["novel"]} for entity in entities}
    asked = [
        row | about[row["entity"]]
        for row in rows
        if row["type"] == "person" and row["split"] == "test" and not row["strange"]
    ]
    generator = np.random.Generator(np.random.PCG64([seed, 31]))
    cells = statistics.group(asked, lambda row: (row["tier"], row["later"]))
    return [row for cell in cells.values() for row in statistics.sample(cell, limit, generator)]


def run(
    subject: Subject,
    rows: list[dict],
    passages: dict[str, str],
    values: dict[tuple[str, str], set[str]],
    searches: dict[str, Callable[[Sequence[Messages]], list[Searched]]],
    seed: int,
) -> list[dict]:
    """Returns an item {model, condition, ..., passage, said, response, mark, followed, searched} for each row in each
    condition that can be run.

    Args:
      rows: as `select` returns them.
      passages: a page about each entity.
      values: what each (type, attribute) can be; see recall.known_values.
      searches: for conditions of SEARCHING what asks the model while it may search in that way.
    """
    items = []
    for condition in READING:
        items += _from_text(subject, condition, rows, passages, values, seed)
    for condition, search in searches.items():
        items += _by_search(subject, condition, rows, values, search)
    return items


def _from_text(subject, condition, rows, passages, values, seed) -> list[dict]:
    generator = np.random.Generator(np.random.PCG64([seed, CONDITIONS.index(condition)]))
    asked = [_given(condition, row, rows, passages, values, generator) for row in rows]
    prompts = [text.format(t=passage, q=row["question"]) for row, (passage, _, text) in zip(rows, asked, strict=True)]
    room = max(len(subject.tokenizer.encode(f" {row['question']} {row['answer']}")) for row in rows)
    responses = subject.respond([question(prompt) for prompt in prompts], max_new=room + SPARE_TOKENS)
    return [
        _item(subject, condition, row, response, values, passage=passage, said=said)
        for row, (passage, said, _), response in zip(rows, asked, responses, strict=True)
    ]


def _given(condition, row, rows, passages, values, generator) -> tuple[str, str, str]:
    """The passage shown, the value it states ("" for none), and how passage and question are put together."""
    if condition == "closed":
        return "", "", "{q}"
    form = ASK[generator.integers(len(ASK))]
    if condition == "distracting":
        others = sorted({one["entity"] for one in rows if one["tier"] == row["tier"]} - {row["entity"]})
        return (passages[others[generator.integers(len(others))]] if others else ""), "", form
    passage = passages[row["entity"]]
    if condition == "gold":
        return passage, row["answer"], form
    rivals = sorted(values[row["type"], row["attribute"]] - {row["answer"]})
    said = rivals[generator.integers(len(rivals))]
    return substitute(passage, row["answer"], said), said, form


def substitute(passage: str, answer: str, other: str) -> str:
    """Returns the passage with every occurrence of `answer`, as whole words, replaced."""
    return re.sub(rf"(?<!\w){re.escape(answer)}(?!\w)", lambda _: other, passage)


def _by_search(subject, condition, rows, values, search) -> list[dict]:
    found = search([question(row["question"]) for row in rows])
    return [
        _item(subject, condition, row, one.response, values, passage="\n".join(one.results), searched=bool(one.results))
        for row, one in zip(rows, found, strict=True)
    ]


def _item(subject, condition, row, response, values, passage="", said="", searched=None) -> dict:
    rivals = values[row["type"], row["attribute"]]
    expected = said if condition == "contradicting" else row["answer"]
    aliases = () if condition == "contradicting" else row["aliases"]
    return {
        "model": subject.name,
        "condition": condition,
        **{field: row[field] for field in CONTEXT},
        "passage": passage,
        "said": said,
        "response": response,
        "mark": judge.mark(response, expected, aliases, rivals, row["question"]),
        "searched": searched,
        "stated": judge.find(judge.normalize(row["answer"]), judge.normalize(passage)) >= 0,
    }


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, condition, tier, later, form, outcome, p, lo, hi, n} of each cell and of all forms and tiers.

    `outcome` is right, abstain, wrong (at `contradicting`: against what the page says). Where the model may search it
    is also `searched`, `stated` (the results hold the answer), and over all tiers `precision` (searches that were due,
    because the answer from the weights is not right) and `recall` (due ones that were made).
    """
    rows = []
    for fields in (("tier", "later", "form"), ("tier", "later"), ()):
        margin = {field: "all" for field in ("tier", "later", "form") if field not in fields}
        cells = statistics.group(
            (item | margin for item in items),
            lambda item: tuple(item[field] for field in ("model", "condition", "tier", "later", "form")),
        )
        for (model, condition, tier, later, form), members in cells.items():
            cell = {"model": model, "condition": condition, "tier": tier, "later": later, "form": form}
            outcomes = {mark: [item["mark"] == mark for item in members] for mark in ("right", "abstain", "wrong")}
            if condition in SEARCHING:
                outcomes |= {name: [item[name] for item in members] for name in ("searched", "stated")}
            rows += [cell | {"outcome": name} | statistics.proportion(true) for name, true in outcomes.items()]
            if condition in SEARCHING and not fields:
                rows += [cell | row for row in _trigger(model, condition, items)]
    return rows


def _trigger(model: str, condition: str, items: list[dict]) -> list[dict]:
    """Precision and recall of searching, judged by the same model's answers without."""

    def key(item: dict) -> tuple:
        return item["entity"], item["attribute"], item["form"]

    own = [item for item in items if item["model"] == model]
    closed = {key(item): item["mark"] for item in own if item["condition"] == "closed"}
    pairs = [(item["searched"], closed[key(item)] != "right") for item in own if item["condition"] == condition]
    return [
        {"outcome": "precision"} | statistics.proportion(due for made, due in pairs if made),
        {"outcome": "recall"} | statistics.proportion(made for made, due in pairs if due),
    ]
