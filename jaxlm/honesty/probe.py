"""Asks the model under test each question several times and marks what it says.

The answers are written in chunks, so that a probe that was killed goes on where it was. The chunks, the random numbers
of each sample and therefore the result do not depend on how often that happened.
"""

import dataclasses
import itertools
import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import xxhash

from jaxlm.evals import judge
from jaxlm.evals.subject import Subject, question
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.generate import Sampling, generate
from jaxlm.honesty import boundary, signals, surprise
from jaxlm.progress import track
from jaxlm.text.conversation import LEAD, render

CHUNK = 256  # questions a file
# Marks (question row, response) pairs as right | abstain | wrong.
Judge = Callable[[Sequence[tuple[dict, str]]], list[str]]


@dataclasses.dataclass(frozen=True)
class Ways:
    """How a question is asked.

    Attributes:
      samples: answers drawn beside the greedy one; 0 for that alone.
      temperature, top_p: of the samples.
      max_new: most tokens of an answer.
      known, unknown: shares of right answers, see `boundary.label`.
    """

    samples: int = 8
    temperature: float = 1.0
    top_p: float = 1.0
    max_new: int = 32
    known: float = 0.5
    unknown: float = 0.15


def ask(
    subject: Subject, questions: Sequence[dict], ways: Ways, seed: int, folder: pathlib.Path, mark: Judge, name: str
) -> list[dict]:
    """Returns the question rows with {answers, marks, share, greedy, greedy_mark, signals, label}, in the order given.

    Args:
      subject: the model under test, asked in chat.
      questions: rows of the interrogator; `id` decides the random numbers of a row.
      ways: how often and how.
      seed: the experiment's.
      folder: gets NNNNN.jsonl of CHUNK questions each; those that are there are not asked again.
      mark: the judge.
      name: what the progress is called.
    """
    starts = range(0, len(questions), CHUNK)
    paths = [folder / f"{start // CHUNK:05d}.jsonl" for start in starts]
    done = sum(min(CHUNK, len(questions) - start) for start, path in zip(starts, paths) if path.exists())
    with track(len(questions), name, "questions", done) as progress:
        for start, path in zip(starts, paths):
            if not path.exists():
                began, chunk = time.monotonic(), questions[start : start + CHUNK]
                rows, tokens = answer(subject, chunk, ways, seed, mark)
                write_jsonl(path, rows)
                progress.advance(len(rows), tokens_per_s=tokens / (time.monotonic() - began))
    return [row for path in paths for row in read_jsonl(path)]


def answer(subject: Subject, questions: Sequence[dict], ways: Ways, seed: int, mark: Judge) -> tuple[list[dict], int]:
    """Asks one chunk; returns its rows and the number of tokens generated. See `ask`."""
    greedy = Sampling(temperature=0.0, max_new=ways.max_new, stop=(subject.tokenizer.end, subject.tokenizer.eos))
    # a sample more or less of an answer about nobody decides nothing: it is unknown
    counts = [1 + (ways.samples if row["kind"] != "nobody" else 0) for row in questions]
    requests = [
        (row, _sampling(greedy, ways, seed, row["id"], number))
        for row, count in zip(questions, counts, strict=True)
        for number in range(count)
    ]
    prompts = {row["id"]: prompt(subject, row["question"]) for row in questions}
    generations = generate(
        subject.params, subject.cfg, [prompts[row["id"]] for row, _ in requests], [sampling for _, sampling in requests]
    )
    texts = [subject.tokenizer.decode(generation.tokens).removeprefix(LEAD) for generation in generations]
    marks = mark([(row, text) for (row, _), text in zip(requests, texts, strict=True)])
    surprises = surprise.of_names(subject, [question(row["question"]) for row in questions])
    rows = []
    for row, count, stop, new in zip(questions, counts, itertools.accumulate(counts), surprises, strict=True):
        start = stop - count
        said, marked, greedy_one = texts[start:stop], marks[start:stop], generations[start]
        counted = signals.content(subject, greedy_one.tokens, row["question"])
        doubts = signals.of_tokens(counted, greedy_one, subject.cfg.vocab_size)
        doubts |= signals.of_samples(row["question"], said[0], said[1:]) | {"name_surprise": new}
        rows.append(_probed(row, said, marked, doubts, ways))
    return rows, sum(len(generation.tokens) + 1 for generation in generations)


def prompt(subject: Subject, text: str) -> list[int]:
    """Returns the tokens of a conversation that consists of this question, up to the answer."""
    return render(question(text), subject.tokenizer, generation=True).ids.tolist()


def by_match(pairs: Sequence[tuple[dict, str]]) -> list[str]:
    """The judge that compares with the passage's answer, its aliases and its rivals; see `jaxlm.evals.judge`."""
    return [judge.mark(text, row["answer"], row["aliases"], row["rivals"], row["question"]) for row, text in pairs]


def _sampling(greedy: Sampling, ways: Ways, seed: int, name: str, number: int) -> Sampling:
    """The greedy request first, then samples whose seeds differ from those of every other question and sample."""
    if number == 0:
        return greedy
    own = xxhash.xxh32_intdigest(f"{seed}/{name}/{number}".encode())
    return dataclasses.replace(greedy, temperature=ways.temperature, top_p=ways.top_p, seed=own)


def _probed(row: dict, texts: list[str], marks: list[str], doubts: dict[str, float], ways: Ways) -> dict[str, Any]:
    share = marks[1:].count("right") / len(marks[1:]) if marks[1:] else float(marks[0] == "right")
    return row | {
        "answers": texts[1:],
        "marks": marks[1:],
        "share": round(share, 4),
        "greedy": texts[0],
        "greedy_mark": marks[0],
        "signals": {name: round(value, 5) for name, value in doubts.items()},
        "label": boundary.label(row["kind"], share, marks[0], ways.known, ways.unknown),
    }
