"""Asks the tuned model what its training documents say, many times over, and finds where its knowledge ends.

Writes questions.jsonl, answers/NNNNN.jsonl as they come, answers.jsonl (all of them), and examples.jsonl: one proposed
training conversation a question, for a person to review. For evaluation alone it writes reserved.jsonl, questions about
training documents that are kept apart, and unread.jsonl, questions about documents that were never trained on.
"""

import pathlib
from collections.abc import Iterator
from typing import Any

from jaxlm.crawl.documents import read_documents
from jaxlm.errors import UserError
from jaxlm.evals import suite
from jaxlm.evals.subject import question
from jaxlm.files import read_json, read_jsonl, write_json, write_jsonl
from jaxlm.honesty import boundary, examples, gate, interrogator, nobody, probe, roles, surprise
from jaxlm.phases import summary
from jaxlm.progress import say
from jaxlm.text.split import unit_hash

CONFIG = ("seed", "probe", "tokenizer.holdout", "tokenizer.holdout_by", "finetune.seq_len")
INPUTS = ("crawl", "tokenizer", "pretrain", "finetune")

BASE = "finetune"  # the phase whose model is under test


def run(config, workdir: pathlib.Path) -> dict:
    """Returns {asked: how the questions came about, labels: {label: questions}, exposure: rows of
    `boundary.by_exposure`, gate: see `gate.choose`, judge: figures of a model as judge}.
    """
    settings, folder = config.probe, workdir / "probe"
    paths = {name: folder / name for name in ("asked.json", "questions.jsonl", "answers.jsonl")}

    # ---- questions --------------------------------------------------------------------------------------------------
    helper = None
    if "model" in (settings.interrogator, settings.judge):
        helper = roles.load(settings.model, config.evaluate, config.finetune.seq_len)
    if not paths["asked.json"].exists():
        questions, reserved, asked = _questions(config, workdir, helper)
        unread = _unread(config, workdir, round(settings.questions * settings.reserve))
        write_jsonl(paths["questions.jsonl"], questions)
        write_jsonl(folder / "reserved.jsonl", reserved)
        write_jsonl(folder / "unread.jsonl", unread)
        asked |= dict(reserved=len(reserved), unread=len(unread))
        write_json(paths["asked.json"], asked)
    questions = list(read_jsonl(paths["questions.jsonl"]))

    # ---- answers ----------------------------------------------------------------------------------------------------
    subject = suite.load_subject(workdir, BASE, "best", config.evaluate, config.finetune.seq_len)
    judge = roles.Judge(helper) if settings.judge == "model" else probe.by_match
    rows = probe.ask(subject, questions, ways(settings), config.seed, folder / "answers", judge, "probe")
    newness = surprise.of_names(gate.load_reader(workdir), [question(row["question"]) for row in rows], names_only=True)
    rows = [row | {"newness": round(new, 6)} for row, new in zip(rows, newness, strict=True)]
    write_jsonl(paths["answers.jsonl"], rows)

    # ---- what they say of the model ---------------------------------------------------------------------------------
    if not (folder / "examples.jsonl").exists():  # a person may have begun to review them
        write_jsonl(folder / "examples.jsonl", examples.propose(rows, settings.answers, config.seed))
    labels = [row["label"] for row in rows]
    return dict(
        asked=read_json(paths["asked.json"]),
        labels={label: labels.count(label) for label in boundary.LABELS},
        exposure=boundary.by_exposure(rows, tiers(workdir)),
        gate=gate.choose(rows, newness, settings.over_refusal),
        judge=dict(asked=judge.asked, unclear=judge.unclear) if settings.judge == "model" else None,
    )


def ways(settings: Any, samples: int | None = None) -> probe.Ways:
    """Returns how `config.probe` says that questions are asked, with another number of samples if given."""
    fields = ("temperature", "top_p", "max_new", "known", "unknown")
    count = settings.samples if samples is None else samples
    return probe.Ways(samples=count, **{field: settings[field] for field in fields})


def tiers(workdir: pathlib.Path) -> dict[str, int]:
    """Returns the exposure tier of each name of a micro-web, {} for other text. For tables alone: it is the truth."""
    path = workdir / "crawl" / "truth" / "entities.jsonl"
    return {row["name"]: row["tier"] for row in read_jsonl(path)} if path.exists() else {}


def _questions(config, workdir: pathlib.Path, helper: Any) -> tuple[list[dict], list[dict], dict]:
    """The questions, those kept for evaluation, and figures of how they came about."""
    settings, seed = config.probe, config.seed
    documents = [row for row in _documents(config, workdir) if not interrogator.told(row["id"], settings.told, seed)]
    allowed = _allowed(config, workdir, documents)
    found = interrogator.read(documents, seed, settings.per_document, settings.per_fact, allowed)
    pairs, by_model = found.pairs, None
    if settings.interrogator == "model":
        pairs, by_model = roles.interrogate(helper, documents, settings.per_document, seed)
        pairs = [rows for rows in pairs if allowed is None or rows[0]["entity"] in allowed]
    kept = [rows for rows in pairs if interrogator.reserved(rows[0]["entity"], settings.reserve, seed)]
    open_ = [rows for rows in pairs if not interrogator.reserved(rows[0]["entity"], settings.reserve, seed)]
    asked = interrogator.select(open_, settings.questions, seed)
    reserved = interrogator.select(kept, round(settings.questions * settings.reserve), seed)
    if not asked:
        raise UserError(
            f"{workdir}/crawl/documents: the interrogator found nothing to ask in {len(documents)} documents"
        )
    truth = _truth(workdir)
    texts = (document["text"] for document in read_documents(workdir / "crawl" / "documents"))
    about_nobody = nobody.questions(
        asked, found.names, texts, settings.nobody, tuple(settings.nobody_kinds), seed, {row["name"] for row in truth}
    )
    _check_split(asked, truth)
    say(f"probe: {len(asked):,} questions about {len(documents):,} documents, {len(about_nobody):,} about nobody")
    figures = dict(
        documents=len(documents), possible=len(pairs), questions=len(asked), nobody=len(about_nobody), model=by_model
    )
    return [*asked, *about_nobody], reserved, figures


def _unread(config, workdir: pathlib.Path, count: int) -> list[dict]:
    """Questions that the built-in interrogator asks about the documents held out from training, anybody in them."""
    documents = list(_documents(config, workdir, held=True)) if count else []
    found = interrogator.read(documents, config.seed, config.probe.per_document, config.probe.per_fact, None)
    return interrogator.select(found.pairs, count, config.seed)


def _documents(config, workdir: pathlib.Path, held: bool = False) -> Iterator[dict]:
    """About `config.probe.documents` of the training documents, or of those that are held out from training."""
    share = config.probe.documents / max(1, summary(workdir, "crawl")["documents"])
    for document in interrogator.documents(workdir / "crawl" / "documents", config.tokenizer, config.seed, held):
        if unit_hash(f"probe/{document['id']}", config.seed) < share:
            yield document


def _allowed(config, workdir: pathlib.Path, documents: list[dict]) -> set[str] | None:
    """Who may be asked about; see `jaxlm.honesty.interrogator`."""
    if config.probe.entities == "all":
        return None
    path = workdir / "crawl" / "raw" / "conversations.jsonl"
    pages, talks = interrogator.asked_entities(documents, read_jsonl(path) if path.exists() else ())
    return interrogator.may_ask(config.probe.entities, pages, talks)


def _truth(workdir: pathlib.Path) -> list[dict]:
    path = workdir / "crawl" / "truth" / "entities.jsonl"
    return list(read_jsonl(path)) if path.exists() else []


def _check_split(asked: list[dict], truth: list[dict]) -> None:
    """The micro-web's people of split `test` are for evaluation: nothing may be learnt from questions about them."""
    kept = {row["name"] for row in truth if row["split"] == "test"} - {
        row["name"] for row in truth if row["split"] == "train"
    }
    if taken := sorted({row["entity"] for row in asked} & kept):
        raise UserError(
            f"config.probe.entities: would ask about {taken[0]!r} and {len(taken) - 1} others whom the micro-web keeps "
            "for evaluation; expected 'asked' or 'untuned'"
        )
