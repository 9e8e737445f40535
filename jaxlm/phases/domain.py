"""A finished run's model goes on learning in one field: what it gains there, and what it forgets elsewhere.

All weights and low-rank adapters, each without general text and with some replayed: one training each, from the same
weights, for as many steps. `domain.md` has the figures of all of them in one table.
"""

import dataclasses
import functools
import pathlib

import jax
import numpy as np
from ml_collections import ConfigDict

from jaxlm import files
from jaxlm.crawl import domain as crawl
from jaxlm.errors import UserError
from jaxlm.evals import domain as evals
from jaxlm.evals import suite
from jaxlm.evals.subject import Subject
from jaxlm.progress import say
from jaxlm.text.conversation import render
from jaxlm.text.loader import Loader, prefetch
from jaxlm.text.packing import Packed
from jaxlm.text.split import held_out
from jaxlm.text.store import Store, write_store
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train import checkpoint, lora
from jaxlm.train.loop import Job, train
from jaxlm.train.samples import Prompt

CONFIG = (
    "seed",
    "mesh",
    "domain",
    "evaluate.questions",
    "evaluate.batch_size",
    "evaluate.max_new",
    "evaluate.bpb_documents",
)
INPUTS = ()
FILES = ("domain.text", "domain.questions", "domain.data")
RUNS = (("domain.base", "domain.phase"),)

PROMPTS = 4  # domain questions that the live model answers while it learns


@dataclasses.dataclass(frozen=True)
class Base:
    """The model to start from: the best checkpoint of a phase of another run."""

    folder: pathlib.Path
    phase: str
    step: int
    record: dict
    tokenizer: Tokenizer

    @property
    def tuned(self) -> bool:
        return self.phase != "pretrain"


def run(config, workdir: pathlib.Path) -> dict:
    """Writes tokenizer/, material/, store/, a folder a training, NAME.jsonl of what each model answered, and the table.

    `workdir/domain` is laid out like a run's folder, its trainings like phases: `load_params(workdir / "domain",
    "lora-0.3")` gives the merged weights. Cut off and started again, it goes on in the middle of a training.
    """
    settings, folder = config.domain, workdir / "domain"

    # ---- the model, what it will learn, and what it will be asked ---------------------------------------------------
    base = _find_base(settings)
    material = crawl.load(settings, config.seed, base.folder)
    talks = _check_talks(settings, base, material)
    base.tokenizer.save(folder / "tokenizer")
    for name in ("documents", "conversations", "questions"):
        files.write_jsonl(folder / "material" / f"{name}.jsonl", getattr(material, name))
    _write_stores(folder / "store", material, talks, settings, config.seed, base.tokenizer)
    truth = suite.load_material(base.folder, config)
    general = evals.general_questions(truth.truth["questions"], config.evaluate.questions, config.seed)
    questions = {"domain": material.questions, "general": general}
    texts = {"domain": _documents(folder / "store" / "heldout"), "general": truth.documents}

    # ---- before -----------------------------------------------------------------------------------------------------
    def examine(name: str, run_folder: pathlib.Path, phase: str, which) -> dict:
        path = folder / f"{name}.jsonl"
        if not path.exists():
            subject = _subject(config, base, run_folder, phase, which, name)
            figures, items = evals.examine(subject, questions, texts, config.evaluate, config.seed)
            files.write_jsonl(folder / f"{name}.items.jsonl", items)
            files.write_jsonl(path, [figures])
        return next(files.read_jsonl(path))

    rows = [dict(name="before", replay=None, trained=0) | examine("before", base.folder, base.phase, base.step)]
    answered = list(files.read_jsonl(folder / "before.items.jsonl"))

    # ---- each way of going on, with and without general text --------------------------------------------------------
    for way in settings.ways:
        for replay in settings.replays:
            name = f"{way}-{replay:g}"
            result = _train(config, _arm(settings, way, replay), folder, name, base, material.questions, talks)
            figures = examine(name, folder, name, "best")
            change = evals.changes(answered, list(files.read_jsonl(folder / f"{name}.items.jsonl")))
            rows.append(
                dict(name=way, replay=replay, trained=result["trained"], seconds=result["seconds"], change=change)
                | figures
            )

    # ---- one table --------------------------------------------------------------------------------------------------
    files.write_jsonl(folder / "domain.jsonl", rows)
    files.atomic_write(folder / "domain.md", evals.table(rows) + "\n")
    say(evals.table(rows))
    return dict(
        base=dict(run=str(base.folder), phase=base.phase, step=base.step),
        documents=len(material.documents),
        conversations=len(material.conversations),
        questions={about: len(asked) for about, asked in questions.items()},
        rows=rows,
    )


def _find_base(settings) -> Base:
    if not settings.base:
        raise UserError("config.domain.base is empty: expected the folder of a finished run, such as runs/microweb")
    folder = pathlib.Path(settings.base).expanduser()
    tokenizer = Tokenizer.load(folder / "tokenizer")
    checkpoints, step = checkpoint.find(folder, settings.phase, "best")
    record = checkpoints.record(step)
    checkpoint.check_tokenizer(record, tokenizer.hash, checkpoints.folder)
    general = folder / "tokenizer" / "store" / "train"
    if max(settings.replays, default=0.0) and not general.is_dir():
        raise UserError(f"config.domain.replays: there is no general text in {general}")
    if not settings.ways or not settings.replays:
        raise UserError("config.domain.ways and .replays: expected one value or more each")
    return Base(folder, settings.phase, step, record, tokenizer)


def _check_talks(settings, base: Base, material: crawl.Material) -> float:
    """The share of domain rows that are conversations; UserError where the base cannot read them."""
    if not material.conversations or not settings.dialogue:
        return 0.0
    if not base.tuned:
        raise UserError(
            "config.domain.dialogue: the model of phase 'pretrain' knows no conversations: set it to 0, or "
            "config.domain.phase to a later phase"
        )
    return settings.dialogue


def _arm(settings, way: str, replay: float) -> ConfigDict:
    """The fields of one training: those of `config.domain` with what differs."""
    arm = ConfigDict(settings.to_dict())
    arm.replay = replay
    if way == "lora":
        arm.optimizer.lr = settings.lora_lr
    else:
        arm.lora.rank = 0
    return arm


def _write_stores(
    folder: pathlib.Path, material: crawl.Material, talks: float, settings, seed: int, tokenizer: Tokenizer
) -> None:
    """Token stores of the domain's text, of its held-out documents and of its conversations; finished ones stay."""
    held = held_out([row["id"] for row in material.documents], settings.holdout, seed)
    if held.all():
        raise UserError(f"config.domain.holdout: all {len(held)} documents would be held out")

    def text(keep: bool):
        chosen = (row for row, out in zip(material.documents, held, strict=True) if out == keep)
        for row in chosen:
            yield np.array([tokenizer.bos, *tokenizer.encode(row["text"]), tokenizer.eos], np.int32), None

    parts = {"train": text(False), "heldout": text(True)}
    if talks:
        rendered = (render(row["messages"], tokenizer) for row in material.conversations)
        parts["talks"] = ((one.ids, one.loss_mask) for one in rendered)
    for name, documents in parts.items():
        if not (folder / name / "manifest.json").exists():
            write_store(folder / name, documents, tokenizer.vocab_size, tokenizer.hash, tokenizer.byte_lengths)


def _documents(folder: pathlib.Path) -> list:
    store = Store.open(folder)
    return [store.document(i) for i in range(len(store))]


def _train(config, arm, folder: pathlib.Path, name: str, base: Base, questions: list[dict], talks: float) -> dict:
    """One training; returns the figures of jaxlm.train.loop.train."""
    packed = lambda path: Packed(Store.open(path), arm.seq_len)
    stores = folder / "store"
    sources = [(packed(stores / "train"), (1 - arm.replay) * (1 - talks))]
    if talks:
        sources.append((packed(stores / "talks"), (1 - arm.replay) * talks))
    if arm.replay:
        sources.append((packed(base.folder / "tokenizer" / "store" / "train"), arm.replay))
    batches = Loader(sources, arm.batch_size, config.seed)
    heldout = Loader([(packed(stores / "heldout"), 1.0)], arm.batch_size, config.seed)
    cfg = checkpoint.model_config(base.record)
    adapters = lora.from_config(arm, cfg, "domain")
    hosts = dict(host=jax.process_index(), hosts=jax.process_count())
    about = dict(tokenizer=base.tokenizer.hash, base=dict(run=str(base.folder), phase=base.phase, step=base.step))
    say(f"domain: {name}")
    return train(
        Job(
            phase="domain",
            folder=folder / name,
            config=arm,
            mesh=config.mesh,
            seed=config.seed,
            model=cfg,
            tokenizer=base.tokenizer,
            train=functools.partial(prefetch, functools.partial(batches.batch, **hosts)),
            heldout=functools.partial(heldout.batch, **hosts),
            prompts=_prompts(questions, base),
            params=lambda mesh: checkpoint.load_params(base.folder, base.phase, base.step, mesh)[0],
            about=about | lora.record(adapters, base.record),
            lora=adapters,
        )
    )


def _prompts(questions: list[dict], base: Base) -> tuple[Prompt, ...]:
    """The last questions, put in chat or as a text to continue."""
    texts = [row["question"].split(crawl.GAP)[0].rstrip() if row["choices"] else row["question"] for row in questions]
    texts = [text for text in texts if text][-PROMPTS:]
    if not base.tuned:
        return tuple(Prompt(text, (base.tokenizer.bos, *base.tokenizer.encode(text))) for text in texts)
    ask = lambda text: render([dict(role="user", content=text)], base.tokenizer, generation=True)
    return tuple(Prompt(text, tuple(ask(text).ids.tolist())) for text in texts)


def _subject(config, base: Base, folder: pathlib.Path, phase: str, which, name: str) -> Subject:
    params, cfg = checkpoint.load_params(folder, phase, which, tokenizer=base.tokenizer.hash)
    batch_size, max_new = config.evaluate.batch_size, config.evaluate.max_new
    return Subject(params, cfg, base.tokenizer, base.tuned, config.domain.seq_len, batch_size, max_new, name)
