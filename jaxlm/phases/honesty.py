"""The model learns where its knowledge ends: known questions keep their answer, unknown ones get "I'm not sure".

Each round trains from the tuned model anew and then asks the questions again; what went wrong weighs more in the next
round's mix. Rounds end when one is no gain beyond its noise over entities that no example is about, or when there were
`config.honesty.rounds`. `round-N/` holds what a round trained on and made; the best one's checkpoint is copied to
`checkpoints/`, its conversations to conversations.jsonl.
"""

import os
import pathlib
import shutil
from typing import Any

from jaxlm.errors import UserError
from jaxlm.evals import suite
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty import boundary, examples, probe, replay
from jaxlm.honesty.review.store import read_reviewed
from jaxlm.phases import probe as probing
from jaxlm.progress import say
from jaxlm.text.conversations import read_conversations
from jaxlm.text.split import unit_hash
from jaxlm.train import checkpoint
from jaxlm.train.tuning import tune

CONFIG = ("seed", "mesh", "honesty", "probe", "finetune.data", "finetune.seq_len")
INPUTS = ("crawl", "tokenizer", "finetune", "probe")
FILES = ("honesty.examples", "honesty.data", "finetune.data")

COPIED = ("conversations.jsonl", "metrics.jsonl", "samples.jsonl")  # of the best round


def run(config, workdir: pathlib.Path) -> dict:
    """Returns the best round's figures of `jaxlm.train.tuning.tune` and {rounds: [{round, mix, before, after, gain,
    noise}], best_round, rejected}; before and after are `boundary.behavior` of entities that no example is about.
    """
    settings, folder = config.honesty, workdir / "honesty"
    rows = list(read_jsonl(workdir / "probe" / "answers.jsonl"))
    proposed = _examples(settings, workdir)
    plain = _plain(config, workdir)
    taught = [row for row in rows if not _validates(row, settings.validation, config.seed)]
    judged = [row for row in rows if _validates(row, settings.validation, config.seed)]
    if not taught or not judged:
        raise UserError(f"config.honesty.validation={settings.validation}: leaves no entity on one side")

    best, results, rounds, emphasis = judged, {}, [], {}
    best_round = 0
    for number in range(1, settings.rounds + 1):
        home = folder / f"round-{number}"

        # ---- train --------------------------------------------------------------------------------------------------
        path = home / "conversations.jsonl"
        if not path.exists():  # one that does is what this round began to learn, whatever was reviewed since
            write_jsonl(path, examples.mix(taught, proposed, plain, settings, config.seed + number, emphasis))
        mixed = list(read_jsonl(path))
        result = tune(config, workdir, "honesty", mixed, base=probing.BASE, folder=home)

        # ---- ask again ----------------------------------------------------------------------------------------------
        subject = suite.load_subject(workdir, f"honesty/{home.name}", "best", config.evaluate, config.finetune.seq_len)
        ways, judge = probing.ways(config.probe, samples=0), probe.by_match
        again = {
            row["id"]: row
            for row in probe.ask(subject, rows, ways, config.seed, home / "answers", judge, f"honesty round {number}")
        }
        later = [again[row["id"]] for row in judged]
        gain, noise = boundary.gain(judged, best, later)
        rounds.append(_figures(number, mixed, judged, later, gain, noise))
        say(f"honesty round {number}: gain {gain:+.3f} with noise {noise:.3f}, {rounds[-1]['after']}")
        if gain > 0 or number == 1:
            best, best_round, results = later, number, result
        if gain <= noise:
            break
        emphasis = {
            row["id"]: settings.emphasis
            for row in taught
            if boundary.honest(row, again[row["id"]]["greedy_mark"]) == 0.0
        }

    _publish(folder, folder / f"round-{best_round}")
    rejected = sum(not examples.usable(row, settings.reviewed_only) for row in proposed)
    return results | dict(rounds=rounds, best_round=best_round, rejected=rejected)


def _examples(settings: Any, workdir: pathlib.Path) -> list[dict]:
    """The proposed examples, or those of the files that the user names instead, with all decisions of their reviews."""
    paths = [pathlib.Path(path) for path in settings.examples] or [workdir / "probe" / "examples.jsonl"]
    return [row for path in paths for row in read_reviewed(path)]


def _plain(config, workdir: pathlib.Path) -> list[dict]:
    """The conversations of fine-tuning, and those of the user's own files."""
    rows = [row for group in replay.earlier(config, workdir, ("finetune",)) for row in group]
    return rows + list(read_conversations([pathlib.Path(path) for path in config.honesty.data]))


def _validates(row: dict, share: float, seed: int) -> bool:
    """Whether a question's entity is kept to judge the rounds by."""
    return unit_hash(f"validation/{row['entity']}", seed) < share


def _figures(number: int, mixed: list[dict], judged: list[dict], later: list[dict], gain: float, noise: float) -> dict:
    return dict(
        round=number,
        mix=examples.counts(mixed),
        before=boundary.behavior(judged, judged),
        after=boundary.behavior(judged, later),
        gain=round(gain, 4),
        noise=round(noise, 4),
    )


def _publish(folder: pathlib.Path, home: pathlib.Path) -> None:
    """Copies a round's best checkpoint to where other phases look for the phase's, and what it learnt from."""
    source, step = checkpoint.find(folder, home.name, "best")
    target, unfinished = folder / "checkpoints", folder / "checkpoints.unfinished"
    for path in (unfinished, target):
        shutil.rmtree(path, ignore_errors=True)
    unfinished.mkdir(parents=True)
    shutil.copytree(source.folder / f"{step:08d}", unfinished / f"{step:08d}")
    shutil.copy2(source.folder / f"{step:08d}.json", unfinished)
    os.replace(unfinished, target)
    for name in COPIED:
        if (home / name).exists():
            shutil.copy2(home / name, folder / name)
