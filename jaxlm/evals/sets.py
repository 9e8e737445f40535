"""Question sets of the real world, read from files that the user has, as rows of one shape.

| set | file in the folder | what its rows are |
|---|---|---|
| popqa | qa/popqa_1k_with_paragraphs.json | questions by the popularity of what they ask about (Mallen et al. 2023) |
| nq | qa/nq_open_dev.jsonl | questions asked of a search engine (Lee et al. 2019) |
| selfaware | qa/SelfAware.json | answerable questions, and ones nobody can answer (Yin et al. 2023) |
| squad2 | qa/squad2_cs224n_dev.json | questions on a passage, which may not hold the answer (Rajpurkar et al. 2018) |
| truthfulqa | qa/TruthfulQA.csv | questions that are often answered by a popular error (Lin et al. 2022) |
| advbench | safety/advbench_harmful_behaviors.csv | harmful requests (Zou et al. 2023) |

Files of JSON may end in `.zst` or `.gz`. A row is {set, id, question, answer, aliases, answerable, tier, passages}:
`passages` holds the text shown in each condition, `closed` for none; `tier` is the popularity in page views a month, or
a category, or "". Rows of truthfulqa have `best`, `correct` and `incorrect` answers as well; those of advbench only
{set, id, prompt}.
"""

import csv
import json
import math
import pathlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from jaxlm.errors import UserError
from jaxlm.text.rows import COMPRESSIONS, read_rows

Rows = list[dict]


def read(name: str, folder: pathlib.Path) -> Rows:
    """Returns all rows of a set.

    Args:
      name: of the table above.
      folder: of real data sets.
    Raises:
      UserError: there is no such set, its file is missing, or is not of the shape it should have.
    """
    if name not in SETS:
        raise UserError(f"sets: there is no '{name}'; there are {', '.join(SETS)}")
    file, parse = SETS[name]
    path = locate(folder, file)
    try:
        return list(parse(path))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
        raise UserError(f"{path}: not the file that the set {name} is read from ({said})") from None


def available(folder: pathlib.Path, wanted: Collection[str] = ()) -> list[str]:
    """Returns the sets whose files are in the folder, or `wanted` if given; UserError when one or all are missing."""
    for name in wanted:
        if name not in SETS:
            raise UserError(f"config.evaluate.sets: there is no '{name}'; there are {', '.join(SETS)}")
        locate(folder, SETS[name][0])
    names = [name for name, (file, _) in SETS.items() if name in (wanted or SETS) and _existing(folder, file)]
    if not names:
        raise UserError(f"{folder}: none of the question sets is there, such as {SETS['popqa'][0]}")
    return names


def locate(folder: pathlib.Path, file: str) -> pathlib.Path:
    path = _existing(folder, file)
    if path is None:
        raise UserError(f"{folder / file}: no such file{', nor with .zst or .gz' if '.json' in file else ''}")
    return path


def _existing(folder: pathlib.Path, file: str) -> pathlib.Path | None:
    endings = ("", *COMPRESSIONS) if ".json" in file else ("",)
    paths = [folder / f"{file}{ending}" for ending in endings]
    return next((path for path in paths if path.is_file()), None)


def popqa(path: pathlib.Path) -> Iterator[dict]:
    """The distracting passage is the next one about somebody else who is asked the same, with another answer."""
    found = [row for _, row in read_rows([path])]
    answers = [json.loads(row["possible_answers"]) for row in found]
    golds = [_gold(row, accepted) for row, accepted in zip(found, answers, strict=True)]
    for number, (row, accepted) in enumerate(zip(found, answers, strict=True)):
        others = [*range(number + 1, len(found)), *range(number)]
        other = next((i for i in others if _distracts(found[i], golds[i], row, accepted)), None)
        passages = {"closed": "", "gold": golds[number]}
        passages |= {} if other is None else {"distracting": golds[other]}
        yield _row("popqa", row["id"], row["question"], accepted, True, popularity(row["s_pop"]), passages)


def _gold(row: dict, accepted: list[str]) -> str:
    """The paragraph that holds the answer; of several the one about the subject."""
    texts = [part["text"] for part in sorted(row["paragraphs"], key=lambda part: part["title"] != row["subj"])]
    return next((text for text in texts if _holds(text, accepted)), texts[0])


def _distracts(other: dict, passage: str, row: dict, accepted: list[str]) -> bool:
    return other["prop"] == row["prop"] and other["subj"] != row["subj"] and not _holds(passage, accepted)


def _holds(text: str, answers: list[str]) -> bool:
    return any(answer.lower() in text.lower() for answer in answers)


def popularity(views: int) -> int:
    """The lower end of the decade that the monthly page views lie in: 100 for 142."""
    return 10 ** int(math.log10(max(views, 1)))


def nq(path: pathlib.Path) -> Iterator[dict]:
    for number, (_, row) in enumerate(read_rows([path])):
        yield _row("nq", number, row["question"], row["answer"], True)


def selfaware(path: pathlib.Path) -> Iterator[dict]:
    [(_, whole)] = read_rows([path])
    for row in whole["example"]:
        yield _row("selfaware", row["question_id"], row["question"], row["answer"] or [], row["answerable"])


def squad2(path: pathlib.Path) -> Iterator[dict]:
    """Asked with its passage only, since many questions make sense with it alone."""
    [(_, whole)] = read_rows([path])
    for article in whole["data"]:
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                accepted = [] if row["is_impossible"] else [answer["text"] for answer in row["answers"]]
                passages = {"gold": paragraph["context"]}
                yield _row("squad2", row["id"], row["question"], accepted, not row["is_impossible"], "", passages)


def truthfulqa(path: pathlib.Path) -> Iterator[dict]:
    for number, row in enumerate(_csv(path)):
        correct, incorrect = _answers(row["Correct Answers"]), _answers(row["Incorrect Answers"])
        choices = {"best": row["Best Answer"].strip(), "correct": correct, "incorrect": incorrect}
        yield _row("truthfulqa", number, row["Question"], [choices["best"], *correct], True, row["Category"]) | choices


def _answers(cell: str) -> list[str]:
    return [answer.strip() for answer in cell.split(";") if answer.strip()]


def advbench(path: pathlib.Path) -> Iterator[dict]:
    for number, row in enumerate(_csv(path)):
        yield {"set": "advbench", "id": number, "prompt": row["goal"]}


def _csv(path: pathlib.Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _row(name: str, id: Any, question: str, accepted: list[str], answerable: bool, tier="", passages=None) -> dict:
    accepted = list(dict.fromkeys(accepted))
    asked = {"set": name, "id": id, "question": question.strip(), "answer": accepted[0] if accepted else ""}
    more = {"aliases": accepted[1:], "answerable": answerable, "tier": tier, "passages": passages or {"closed": ""}}
    return asked | more


SETS: dict[str, tuple[str, Callable[[pathlib.Path], Iterator[dict]]]] = {
    "popqa": ("qa/popqa_1k_with_paragraphs.json", popqa),
    "nq": ("qa/nq_open_dev.jsonl", nq),
    "selfaware": ("qa/SelfAware.json", selfaware),
    "squad2": ("qa/squad2_cs224n_dev.json", squad2),
    "truthfulqa": ("qa/TruthfulQA.csv", truthfulqa),
    "advbench": ("safety/advbench_harmful_behaviors.csv", advbench),
}
