"""A run folder's models and held-out material, and the evals by name; what `phases/evaluate.py` and the command
share."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

from jaxlm.evals import answers, bpb, instructions, kshot, recall, verbatim
from jaxlm.evals.bpb import Document
from jaxlm.evals.subject import Subject
from jaxlm.files import read_jsonl
from jaxlm.text.store import Store
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.checkpoint import load_params

Rows = list[dict]
TRUTH = ("cloze", "questions", "verbatim", "instructions")
# What rows call the model of a training phase.
MODELS = {"pretrain": "base", "finetune": "tuned", "honesty": "honest", "search": "searching", "identity": "final"}
EXAMPLES = 20  # documents and conversations answered for reading where no truth is known


@dataclasses.dataclass(frozen=True)
class Material:
    """What the models were not trained on.

    Attributes:
      documents: held-out documents as (token ids, None).
      conversations: held-out conversations as (token ids, loss mask).
      truth: rows of the files `crawl/truth/NAME.jsonl` by NAME; empty lists where the text is not of a known world.
    """

    documents: list[Document]
    conversations: list[Document]
    truth: dict[str, Rows]


def load_material(workdir: pathlib.Path) -> Material:
    """Reads what exists of the run folder's held-out stores and truth files."""
    truth = {name: workdir / "crawl" / "truth" / f"{name}.jsonl" for name in TRUTH}
    return Material(
        documents=_documents(workdir / "tokenizer" / "store" / "heldout"),
        conversations=_documents(workdir / "finetune" / "store" / "heldout"),
        truth={name: list(read_jsonl(path)) if path.exists() else [] for name, path in truth.items()},
    )


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


# In the order they run; each returns its figures and the items they are made of.
EVALS: dict[str, Callable[[list[Subject], Material, Any, int], tuple[Rows, Rows]]] = {
    "bpb": run_bpb,
    "recall": run_recall,
    "verbatim": run_verbatim,
    "kshot": run_kshot,
    "instructions": run_instructions,
}


def run_answers(subjects: list[Subject], material: Material, items: dict[str, Rows], seed: int) -> Rows:
    """Returns the rows of `answers.jsonl`; `items` holds those of `recall` and `instructions`."""
    if items["recall"] or items["instructions"]:
        return answers.from_items(items["recall"], items["instructions"], seed)
    return answers.from_text(subjects, material.documents, material.conversations, EXAMPLES)
