"""Examines the models of the training phases: each eval's figures go to NAME.jsonl, what they are made of to
NAME.items.jsonl.

A file that exists was written whole by an earlier attempt at this very phase, and is kept.
"""

import pathlib
from typing import Any

from jaxlm.errors import UserError
from jaxlm.evals import statistics, suite
from jaxlm.evals.knowledge import MARKS
from jaxlm.evals.subject import Subject
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty import gate
from jaxlm.phases import probe
from jaxlm.progress import track

CONFIG = ("seed", "evaluate", "pretrain.seq_len", "identity.card", "tools.search")
INPUTS = ("crawl", "tokenizer", "pretrain", "finetune", "probe", "honesty", "search", "identity")
FILES = ("evaluate.data",)


def run(config, workdir: pathlib.Path) -> dict:
    """Returns the headline figures, {base: {...}, tuned: {...}}; see `headline`."""
    folder = workdir / "evaluate"
    subjects = load(config, workdir)
    material = suite.load_material(workdir, config, *map(pathlib.Path, config.evaluate.data))
    with track(len(suite.EVALS), "evaluate", "evals") as progress:
        for name, examine in suite.EVALS.items():
            if not (folder / f"{name}.jsonl").exists():
                examined = [subject for subject in subjects if subject.name in suite.EXAMINED[name]]
                figures, items = examine(examined, material, config.evaluate, config.seed) if examined else ([], [])
                write_jsonl(folder / f"{name}.items.jsonl", items)
                write_jsonl(folder / f"{name}.jsonl", figures)
            progress.advance(done=name)
    items = {name: list(read_jsonl(folder / f"{name}.items.jsonl")) for name in ("recall", "instructions")}
    write_jsonl(folder / "answers.jsonl", suite.run_answers(subjects, material, items, config.seed))
    figures = {name: list(read_jsonl(folder / f"{name}.jsonl")) for name in suite.EVALS}
    return {subject.name: headline(subject.name, figures) for subject in subjects}


def load(config, workdir: pathlib.Path) -> list[Subject | gate.Gated]:
    """Returns the models of the training phases that the experiment has, in their order, and the tuned one behind its
    gate where the probe has chosen one; UserError without a model.
    """
    phases = [phase for phase in suite.MODELS if phase in config.phases]
    if not phases:
        raise UserError("config.phases: 'evaluate' needs 'pretrain' or 'finetune': there is no model to examine")
    context = config.pretrain.seq_len
    subjects = [suite.load_subject(workdir, phase, "best", config.evaluate, context) for phase in phases]
    threshold = gate.find_threshold(workdir) if "probe" in config.phases else None
    if threshold is None:
        return subjects
    readers = [subject for subject in subjects if subject.name == suite.MODELS[gate.READER]]
    before = gate.Gate(readers[0] if readers else gate.load_reader(workdir), threshold)
    tuned = [subject for subject in subjects if subject.name == suite.MODELS[probe.BASE]]
    return subjects + [gate.Gated(subject, before) for subject in tuned]


def headline(model: str, figures: dict[str, list[dict]]) -> dict[str, Any]:
    """Returns what a table of results would show of one model; a proportion is [p, lo, hi, n].

    {bpb: {documents: [bits per byte, standard error]}, cloze: {tier: {seen | heldout: proportion}},
    question: {tier: {train | test: proportion}}, verbatim: {copies: proportion},
    kshot: {task: {k: proportion}} (by rank, true labels), instructions: proportion,
    sets: {set: {condition: {right | abstain | wrong: proportion}}} (over all of a set),
    auroc: {wrong | never: {signal: [AUROC, lo, hi, n]}}}
    """
    rows = {name: [row for row in table if row["model"] == model] for name, table in figures.items()}
    result: dict[str, Any] = {"bpb": {row["data"]: [row["bits_per_byte"], row["se"]] for row in rows["bpb"]}}
    for form, field, other in (("cloze", "wording", "split"), ("question", "split", "wording")):
        table = result.setdefault(form, {})
        for row in rows["recall"]:
            if row["form"] == form and row["type"] == row[other] == "all" != row[field]:
                table.setdefault(str(row["tier"]), {})[row[field]] = statistics.as_list(row)
    result["verbatim"] = {str(row["copies"]): statistics.as_list(row) for row in rows["verbatim"]}
    result["kshot"] = {}
    for row in rows["kshot"]:
        if row["labels"] == "true" and row["score"] == "rank":
            result["kshot"].setdefault(row["task"], {})[str(row["k"])] = statistics.as_list(row)
    result["sets"] = {}
    for row in rows["knowledge"]:
        if row["outcome"] in MARKS and all(row[name] == "all" for name in ("tier", "names", "split", "form")):
            cell = result["sets"].setdefault(row["set"], {}).setdefault(row["condition"], {})
            cell[row["outcome"]] = statistics.as_list(row)
    result["auroc"] = {}
    for row in rows["calibration"]:
        found = statistics.as_list(row | {"p": row["auroc"]})
        result["auroc"].setdefault(row["target"], {})[row["signal"]] = found
    result["instructions"] = next(
        (statistics.as_list(row) for row in rows["instructions"] if row["check"] == "all"), None
    )
    return result
