import csv
import json

import pytest

from jaxlm.errors import UserError
from jaxlm.evals import sets


def popqa_row(number: int, who: str, job: str) -> dict:
    about = {"title": who, "text": f"{who} worked as a {job}.", "is_supporting": True}
    other = {"title": job, "text": f"A {job} works.", "is_supporting": True}
    row = {"id": number, "subj": who, "prop": "occupation", "question": f"What was {who}?", "s_pop": 10**number}
    return row | {"possible_answers": json.dumps([job, job]), "paragraphs": [other, about]}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qa").mkdir()
    people = [popqa_row(1, "Ada Vell", "poet"), popqa_row(2, "Bo Ternd", "poet"), popqa_row(3, "Cy Ohm", "baker")]
    (tmp_path / "qa" / "popqa_1k_with_paragraphs.json").write_text(json.dumps(people))
    example = [
        {"question_id": 1, "question": "Who?", "answer": ["Ada"], "answerable": True},
        {"question_id": 2, "question": "Why all?", "answer": None, "answerable": False},
    ]
    (tmp_path / "qa" / "SelfAware.json").write_text(json.dumps({"example": example}))
    asked = [
        {"id": "a", "question": "Where?", "is_impossible": False, "answers": [{"text": "Orrin"}, {"text": "Orrin"}]},
        {"id": "b", "question": "When?", "is_impossible": True, "answers": []},
    ]
    article = {"title": "t", "paragraphs": [{"context": "In Orrin.", "qas": asked}]}
    (tmp_path / "qa" / "squad2_cs224n_dev.json").write_text(json.dumps({"data": [article]}))
    with open(tmp_path / "qa" / "TruthfulQA.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["Type", "Category", "Question", "Best Answer", "Correct Answers", "Incorrect Answers", "Source"]
        )
        writer.writerow(["A", "Myths", "What, then?", "Nothing", "Nothing; It is, so; ", "You die; You fly", ""])
    return tmp_path


def test_popqa_distracts_with_another_of_the_same_kind(folder):
    first, second, third = sets.read("popqa", folder)
    assert first["passages"]["gold"] == "Ada Vell worked as a poet."
    assert first["passages"]["distracting"] == "Cy Ohm worked as a baker."  # Bo's page would hold the answer
    assert third["passages"]["distracting"] == "Ada Vell worked as a poet."
    assert (second["answer"], second["aliases"], second["tier"]) == ("poet", [], 100)


def test_unanswerable_questions_have_no_answer(folder):
    for name in ("selfaware", "squad2"):
        known, unknown = sets.read(name, folder)
        assert known["answerable"] and known["answer"] and not unknown["answerable"] and unknown["answer"] == ""
    assert sets.read("squad2", folder)[1]["passages"] == {"gold": "In Orrin."}


def test_truthfulqa_lists(folder):
    [row] = sets.read("truthfulqa", folder)
    assert (row["best"], row["correct"], row["incorrect"]) == (
        "Nothing",
        ["Nothing", "It is, so"],
        ["You die", "You fly"],
    )


def test_missing_and_wrong_files_are_named(folder, tmp_path):
    assert sets.available(folder) == ["popqa", "selfaware", "squad2", "truthfulqa"]
    assert sets.available(folder, ("squad2", "popqa")) == ["popqa", "squad2"]
    with pytest.raises(UserError, match=r"nq_open_dev.jsonl: no such file"):
        sets.available(folder, ("popqa", "nq"))
    with pytest.raises(UserError, match=r"config.evaluate.sets: there is no 'triviaqa'; there are popqa"):
        sets.available(folder, ("triviaqa",))
    with pytest.raises(UserError, match=r"nq_open_dev.jsonl: no such file, nor with .zst or .gz"):
        sets.read("nq", folder)
    with pytest.raises(UserError, match="there is no 'triviaqa'"):
        sets.read("triviaqa", folder)
    (folder / "qa" / "SelfAware.json").write_text("[1, 2]")
    with pytest.raises(UserError, match=r"SelfAware.json: not the file that the set selfaware is read from"):
        sets.read("selfaware", folder)
    with pytest.raises(UserError, match="none of the question sets"):
        sets.available(tmp_path / "qa")


@pytest.mark.real
def test_real_sets(real_data):
    counts = {}
    for name in sets.available(real_data):
        rows = sets.read(name, real_data)
        counts[name] = len(rows)
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(row.get("prompt") or row["question"] for row in rows)
        assert all(bool(row["answer"]) == row["answerable"] for row in rows if name != "advbench")
    assert counts["popqa"] == 1000 and counts["selfaware"] == 3369 and counts["truthfulqa"] == 817
    popqa = sets.read("popqa", real_data)
    stated = [sets._holds(row["passages"]["gold"], [row["answer"], *row["aliases"]]) for row in popqa]
    assert sum(stated) == 1000 and sum("distracting" in row["passages"] for row in popqa) > 990
