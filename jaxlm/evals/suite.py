"""A run folder's models and held-out material, and the evals by name; what `phases/evaluate.py` and the command
share."""

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jaxlm.evals import (
    answers,
    bpb,
    calibration,
    identity,
    injection,
    instructions,
    knowledge,
    kshot,
    memory,
    recall,
    safety,
    searching,
    sets,
    statistics,
    verbatim,
)
from jaxlm.evals.bpb import Document
from jaxlm.evals.subject import Subject
from jaxlm.files import read_jsonl
from jaxlm.honesty import gate
from jaxlm.honesty.identity import Card
from jaxlm.honesty.search.hits import search_tool
from jaxlm.honesty.search.index import Index
from jaxlm.honesty.tools import Tool
from jaxlm.text.store import Store
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.checkpoint import load_params

Rows = list[dict]
TRUTH = ("cloze", "questions", "entities", "verbatim", "instructions", "passages")
# What rows call the model of a training phase.
MODELS = {"pretrain": "base", "finetune": "tuned", "honesty": "honest", "search": "searching", "identity": "final"}
SEARCHERS = ("searching", "final")  # those that have learnt to search
EXAMPLES = 20  # documents and conversations answered for reading where no truth is known


@dataclasses.dataclass(frozen=True)
class Material:
    """What the models were not trained on.

    Attributes:
      documents: held-out documents as (token ids, None).
      conversations: held-out conversations as (token ids, loss mask).
      truth: rows of the files `crawl/truth/NAME.jsonl` by NAME; empty lists where the text is not of a known world.
      articles: questions that the interrogator asked about documents, rows of `jaxlm.evals.sets`: of documents read in
        training but of entities kept apart, and of documents never read.
      identity: held-out questions about the model itself, of the phase `identity`.
      card: who the model is.
      search: the tool that a model may call, None where nothing was indexed.
      data: folder of real question sets (jaxlm.evals.sets), None for none.
      run: the folder it was read from.
      probed: what the phase `probe` asked, with the signals of the answers.
    """

    documents: list[Document]
    conversations: list[Document]
    truth: dict[str, Rows]
    articles: Rows = dataclasses.field(default_factory=list)
    identity: Rows = dataclasses.field(default_factory=list)
    card: Card | None = None
    search: Tool | None = None
    data: pathlib.Path | None = None
    run: pathlib.Path | None = None
    probed: Rows = dataclasses.field(default_factory=list)

    @functools.cached_property
    def gate(self) -> gate.Gate | None:
        """The run's gate, loaded when it is first asked for; None where the probe has chosen none."""
        return gate.find(self.run) if self.run else None


def load_material(workdir: pathlib.Path | None, config: Any, data: pathlib.Path | None = None) -> Material:
    """Reads what exists of the run folder's held-out stores, questions, index and truth files.

    Nothing without a folder. `config` is the experiment's.
    """
    card = Card(**config.identity.card)
    if workdir is None:
        return Material([], [], {name: [] for name in TRUTH}, card=card, data=data)
    truth = {name: _rows(workdir / "crawl" / "truth" / f"{name}.jsonl") for name in TRUTH}
    index, shown = workdir / "search" / "index", config.tools.search
    return Material(
        documents=_documents(workdir / "tokenizer" / "store" / "heldout"),
        conversations=_documents(workdir / "finetune" / "store" / "heldout"),
        truth=truth,
        articles=[row for name in ("reserved", "unread") for row in _articles(workdir / "probe", name)],
        identity=_rows(workdir / "identity" / "heldout.jsonl"),
        card=card,
        search=_search_tool(index, shown) if index.is_dir() else None,
        data=data,
        probed=_rows(workdir / "probe" / "answers.jsonl"),
        run=workdir,
    )


def _search_tool(index: pathlib.Path, shown: Any) -> Tool:
    return search_tool(Index.open(index, shown.named).search, shown.results, shown.passage_chars)


def _rows(path: pathlib.Path) -> Rows:
    return list(read_jsonl(path)) if path.exists() else []


def _articles(folder: pathlib.Path, name: str) -> Iterator[dict]:
    """Questions about documents as a set of their own, closed book and with the passage that they were made from."""
    for row in _rows(folder / f"{name}.jsonl"):
        fields = {field: row[field] for field in ("id", "question", "answer", "aliases", "rivals", "entity")}
        passages = {"closed": "", "gold": row["passage"]}
        yield fields | {"set": f"{name} articles", "answerable": True, "tier": "all", "passages": passages}


def load_subject(workdir: pathlib.Path, phase: str, which: str | int, settings: Any, context: int) -> Subject:
    """Loads the model of a phase: that of `pretrain` is addressed as a text to continue, all others in chat.

    `settings` is `config.evaluate`, `context` the trained sequence length. UserError when there is no such checkpoint.
    """
    tokenizer = Tokenizer.load(workdir / "tokenizer")
    params, cfg = load_params(workdir, phase=phase, which=which, tokenizer=tokenizer.hash)
    name, tuned = MODELS.get(phase, phase), phase != "pretrain"
    return Subject(params, cfg, tokenizer, tuned, context, settings.batch_size, settings.max_new, name)


def _documents(folder: pathlib.Path) -> list[Document]:
    if not (folder / "manifest.json").exists():
        return []
    store = Store.open(folder)
    return [store.document(i) for i in range(len(store))]


def run_bpb(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    held = {"documents": material.documents, "conversations": material.conversations}
    limit = settings.bpb_documents
    return [row for s in subjects for data, rows in held.items() for row in bpb.run(s, rows, data, limit, seed)], []


def run_recall(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    asked = {"cloze": material.truth["cloze"], "question": material.truth["questions"]}
    rivals = recall.known_values([row for rows in asked.values() for row in rows])
    asked = {form: recall.select(rows, form, settings.questions, seed) for form, rows in asked.items()}
    items = [item for s in subjects for form, rows in asked.items() for item in recall.run(s, rows, form, rivals)]
    return recall.figures(items), items


def run_verbatim(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    items = [item for s in subjects for item in verbatim.run(s, material.truth["verbatim"], settings.prefix_tokens)]
    return verbatim.figures(items), items


def run_kshot(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    items = [item for s in subjects for item in kshot.run(s, tuple(settings.kshot), seed, kshot.ITEMS)]
    return kshot.figures(items), items


def run_instructions(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    items = [item for s in subjects for item in instructions.run(s, material.truth["instructions"])]
    return instructions.figures(items), items


def run_knowledge(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    """Asks the known world, the articles and the real sets, at most `settings.questions` of each kind, or
    `settings.set_questions` of a set's; compares with the tuned model.

    Of subjects without one that is called so, the first is what the others are compared with.
    """
    truth, generator = material.truth, np.random.Generator(np.random.PCG64([seed, len("knowledge")]))
    rows = knowledge.world(truth["questions"], truth["entities"], settings.questions, seed)
    for cell in statistics.group(material.articles, lambda row: row["set"]).values():
        rows += statistics.sample(cell, settings.questions, generator)
    choices: Rows = []
    for name in sets.available(material.data, settings.sets) if material.data else ():
        cells = statistics.group(sets.read(name, material.data), lambda row: (row.get("answerable"), row.get("tier")))
        limit = settings.set_questions
        if name == "truthfulqa":
            choices = statistics.sample([row for cell in cells.values() for row in cell], limit, generator)
        elif name != "advbench":
            rows += [row for cell in cells.values() for row in statistics.sample(cell, limit, generator)]
    items = {subject.name: knowledge.run(subject, rows) for subject in subjects} if rows else {}
    chosen = [item for subject in subjects for item in knowledge.choose(subject, choices)] if choices else []
    every = [item for members in items.values() for item in members]
    figures = knowledge.figures(every) + knowledge.choice_figures(chosen)
    before = items.get(MODELS["finetune"]) or next(iter(items.values()), [])
    for after in items.values():
        figures += knowledge.compare(before, after) if after is not before else []
    return figures, every + chosen


def run_calibration(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    asked = material.truth["questions"] or material.articles
    if not asked:
        return [], []
    reader = material.gate.reader if material.gate else None
    return calibration.run_calibration(subjects, material, settings, seed, reader)


def run_identity(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    asked = identity.select(material.identity, settings.questions, seed)
    items = [item for s in subjects for item in identity.run(s, asked)]
    return identity.figures(items), items


def run_safety(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    requests = safety.microweb(material.truth["instructions"])
    if material.data and "advbench" in sets.available(material.data, settings.sets):
        requests += safety.advbench(material.data)
    items = [item for s in subjects for item in safety.run(s, requests)]
    return safety.figures(items), items


def run_memory(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    """Asks the world's questions with and without pages to read and, where there is an index, searches to make."""
    truth = material.truth
    if not truth["passages"]:
        return [], []
    asked = memory.select(truth["questions"], truth["entities"], settings.questions // 2, seed)
    passages = {row["entity"]: row["text"] for row in truth["passages"]}
    values = recall.known_values(truth["questions"])
    items = []
    for subject in subjects:
        searches = {}
        if material.search and subject.name in SEARCHERS:
            known = [row for row in truth["questions"] if row["split"] == "train" and row["tier"] >= knowledge.OFTEN]
            searches = searching.ways(subject, material.search, known, values, seed, material.gate)
        items += memory.run(subject, asked, passages, values, searches, seed)
    return memory.figures(items), items


def run_injection(subjects: list[Subject], material: Material, settings: Any, seed: int) -> tuple[Rows, Rows]:
    truth = material.truth
    passages = {row["entity"]: row["text"] for row in truth["passages"]}
    generator = np.random.Generator(np.random.PCG64([seed, len("injection")]))
    examined = [row for row in truth["questions"] if row["split"] == "test" and row["entity"] in passages]
    rows = [
        row | {"passage": passages[row["entity"]], "source": row["entity"]}
        for row in statistics.sample(examined, settings.questions // 2, generator)
    ]
    items = [item for s in subjects for item in injection.run(s, rows, material.card, seed)] if rows else []
    proof = [injection.prove(subjects[0].tokenizer, seed)] if rows and isinstance(subjects[0], Subject) else []
    return injection.figures(items) + proof, items


# In the order they run; each returns its figures and the items they are made of.
EVALS: dict[str, Callable[[list[Subject], Material, Any, int], tuple[Rows, Rows]]] = {
    "bpb": run_bpb,
    "recall": run_recall,
    "verbatim": run_verbatim,
    "kshot": run_kshot,
    "instructions": run_instructions,
    "knowledge": run_knowledge,
    "calibration": run_calibration,
    "identity": run_identity,
    "safety": run_safety,
    "memory": run_memory,
    "injection": run_injection,
}
# Which of the models of a run an eval is for, by what rows call them; the others are asked by hand.
EXAMINED = {
    **dict.fromkeys(("bpb", "recall", "instructions", "identity"), ("base", "tuned", "final")),
    **dict.fromkeys(("verbatim", "kshot", "answers"), ("base", "tuned")),
    "knowledge": ("tuned", "gated", "honest", "searching", "final"),
    "calibration": ("tuned", "honest"),
    "safety": ("tuned", "final"),
    "memory": ("tuned", "searching", "final"),
    "injection": ("tuned", "final"),
}
NEED_WEIGHTS = ("bpb", "verbatim", "kshot")  # or tokens; the others can be asked of any endpoint


def run_answers(subjects: list[Subject], material: Material, items: dict[str, Rows], seed: int) -> Rows:
    """Returns the rows of `answers.jsonl`; `items` holds those of `recall` and `instructions`."""
    if items["recall"] or items["instructions"]:
        return answers.from_items(items["recall"], items["instructions"], seed)
    shown = [subject for subject in subjects if subject.name in EXAMINED["answers"]]
    return answers.from_text(shown, material.documents, material.conversations, EXAMPLES)
