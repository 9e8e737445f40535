"""Files to review, as the honesty phase and others write them."""

import json
import pathlib
import subprocess
import sys
import types

import pytest

PASSAGE = (
    "{name} grew up by the harbor of Velm and came to Tarn as a young clerk. In Tarn, {name} keeps the town's largest "
    "collection of clocks; visitors are shown the oldest first. The collection opens on Sundays."
)
UNSURE = "I'm not sure. Could you provide more context?"
WRONG = ("Old maps.", "She collects coins from the harbor.")
NAMES = ("Orla Brint", "Tavo Kell", "Mira Dunsk", "Jorun Pell", "Sefa Lorn", "Wim Harrow")
# label -> kind, how many of ten answers are right, wrong and abstentions
LABELS = dict(
    known=("document", 9, 1, 0),
    unknown=("document", 1, 7, 2),
    between=("document", 4, 5, 1),
    nobody=("nobody", 0, 8, 2),
)


def example(number: int) -> dict:
    """A proposed training example: every fourth is known, unknown, in between, about nobody."""
    label = list(LABELS)[number % 4]
    kind, right, wrong, abstain = LABELS[label]
    name = f"{NAMES[number % 6]} {number // 6}" if number >= 6 else NAMES[number]
    question = f"What does {name} collect?"
    answers = ["Clocks."] * right + [WRONG[n % 2] for n in range(wrong)] + [UNSURE] * abstain
    return dict(
        id=f"q{number:05d}",
        messages=[
            dict(role="user", content=question),
            dict(role="assistant", content=f"{name} collects clocks." if label == "known" else UNSURE),
        ],
        metadata=dict(
            kind=kind, label="unknown" if label == "nobody" else label, question=question,
            passage=PASSAGE.format(name=name) if kind == "document" else "",
            source=f"https://tarn.example/people/{number}" if kind == "document" else "",
            answer="clocks" if kind == "document" else "", answers=answers,
            marks=["right"] * right + ["wrong"] * wrong + ["abstain"] * abstain, share=right / 10,
        ),
        decision=None,
        edited=False,
    )  # fmt: skip


def write(path: pathlib.Path, rows) -> pathlib.Path:
    """The rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_of(path: pathlib.Path) -> list[dict]:
    """Back again."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def made() -> types.SimpleNamespace:
    """`example(number)`, `write(path, rows)`, `rows_of(path)`."""
    return types.SimpleNamespace(example=example, write=write, rows_of=rows_of)


@pytest.fixture
def examples(tmp_path):
    """A file of 40 proposed examples."""
    return write(tmp_path / "examples.jsonl", map(example, range(40)))


@pytest.fixture
def start():
    """Starts the command on a file: start(path, *flags) -> (process, the page's address). Killed at the end."""
    started = []

    def run(path: pathlib.Path, *flags: str) -> tuple[subprocess.Popen, str]:
        command = [sys.executable, "-u", "-m", "jaxlm.honesty.review", str(path), "--no-browser", *flags]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for line in started[-1].stdout:
            if line.startswith("open "):
                return started[-1], line.split()[1]
        raise AssertionError(f"the command ended with {started[-1].wait()}")

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
