"""Decisions survive a kill at any moment, and are never about another text than the one that was shown."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from jaxlm import files
from jaxlm.errors import UserError
from jaxlm.honesty.review import journal, store, views
from jaxlm.honesty.review.store import ChangedError, Store, read_reviewed, training_rows

REWRITTEN = [dict(role="user", content="Who?"), dict(role="assistant", content="Nobody.")]


def decide(review: Store, number: int, decision: str | None) -> int:
    return review.decide(review.items[number].id, review.items[number].sha, decision)


def edit(review: Store, number: int, messages: list | None) -> int:
    return review.edit(review.items[number].id, review.items[number].sha, messages)


def test_what_is_decided_can_be_read_at_once_and_is_in_the_file_after_the_end(made, examples):
    before = examples.read_bytes()
    review = Store(examples)
    decide(review, 0, "accept")
    decide(review, 1, "reject")
    edit(review, 2, REWRITTEN)
    rows = list(read_reviewed(examples))
    assert [(row["decision"], row["edited"]) for row in rows[:4]] == [
        ("accept", False), ("reject", False), (None, True), (None, False)
    ]  # fmt: skip
    assert rows[2]["messages"] == REWRITTEN and rows[2]["metadata"] == made.example(2)["metadata"]
    assert examples.read_bytes() == before
    assert review.finish() is None
    assert list(read_reviewed(examples)) == rows
    assert not journal.journal_path(examples).exists()
    assert made.rows_of(examples)[2] == made.example(2) | dict(
        messages=REWRITTEN, original=made.example(2)["messages"], edited=True
    )
    assert examples.read_bytes().splitlines()[3:] == before.splitlines()[3:]


def test_training_leaves_out_the_rejected_and_if_asked_the_undecided(examples):
    review = Store(examples)
    decide(review, 0, "accept")
    decide(review, 1, "reject")
    assert [row["id"] for row in training_rows(examples)] == [f"q{n:05d}" for n in range(40) if n != 1]
    assert [row["id"] for row in training_rows(examples, reviewed_only=True)] == ["q00000"]


def test_undo_goes_back_step_by_step_also_after_a_kill(examples):
    review = Store(examples)
    decide(review, 0, "accept")
    decide(review, 0, "reject")
    edit(review, 3, REWRITTEN)
    assert review.undo() == 3
    review.journal.release()  # as a kill does
    review = Store(examples)
    assert review.states[3].edit is None and review.states[0].decision == "reject"
    assert [review.undo(), review.states[0].decision] == [0, "accept"]
    assert [review.undo(), review.states[0].decision] == [0, None]
    assert review.undo() is None
    assert views.progress(review)["total"]["undecided"] == 40


def test_a_record_that_was_cut_anywhere_costs_only_itself(examples):
    review = Store(examples)
    decide(review, 0, "accept")
    edit(review, 1, REWRITTEN)
    review.journal.release()
    path = journal.journal_path(examples)
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in (0, 1, first - 1, first, first + 1, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert next(read_reviewed(examples))["decision"] == ("accept" if cut >= first else None)
        review = Store(examples)
        decide(review, 5, "reject")  # must not be glued to the torn line
        review.journal.release()
        assert [row["decision"] for row in read_reviewed(examples)][5] == "reject"


def test_a_kill_while_the_file_is_written_loses_nothing(made, examples, monkeypatch):
    review = Store(examples)
    decide(review, 0, "accept")
    edit(review, 1, REWRITTEN)
    expected = list(read_reviewed(examples))

    def killed(*_):
        raise KeyboardInterrupt

    for function in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(files.os, function, killed)
            with pytest.raises(KeyboardInterrupt):
                review.finish()
        assert list(read_reviewed(examples)) == expected
    with monkeypatch.context() as patch:  # the file is written, the journal still there
        patch.setattr(review.journal, "close", killed)
        with pytest.raises(KeyboardInterrupt):
            review.finish()
    assert made.rows_of(examples)[0]["decision"] == "accept" and journal.journal_path(examples).exists()
    assert list(read_reviewed(examples)) == expected


def test_a_full_disk_leaves_everything_as_it_was(examples, monkeypatch):
    review = Store(examples)
    decide(review, 0, "accept")
    write_all = os.write
    monkeypatch.setattr(journal.os, "write", lambda file, data: write_all(file, data[: len(data) // 2]))
    with pytest.raises(OSError, match="No space left"):
        decide(review, 1, "accept")
    monkeypatch.undo()
    assert review.states[1].decision is None
    decide(review, 2, "reject")
    assert [row["decision"] for row in read_reviewed(examples)][:3] == ["accept", None, "reject"]


def test_a_decision_is_about_a_text_and_does_not_pass_to_another(made, examples):
    review = Store(examples)
    for number in range(3):
        decide(review, number, "reject")
    rows = [made.example(number) for number in range(40)]
    rows[1]["messages"][1]["content"] = "Something else."
    made.write(examples, rows[1:])
    assert review.changed()
    assert "changed while" in review.finish()
    review = Store(examples)
    assert [state.decision for state in review.states[:3]] == [None, "reject", None]
    assert "1 changed (q00001), 1 gone (q00000)" in views.notice(review)
    with pytest.raises(ChangedError, match="q00001"):
        review.decide("q00001", "0" * 16, "accept")
    assert review.finish() is None and len(review.unapplied) == 2
    made.write(
        examples, [made.example(number) for number in range(40)]
    )  # the old file comes back, and with it what was decided
    assert [row["decision"] for row in read_reviewed(examples)][:3] == ["reject", "reject", None]


def test_rows_without_ids_are_known_by_what_they_say(made, tmp_path):
    same = dict(instruction="Greet.", output="Hello.")
    path = made.write(tmp_path / "alpaca.jsonl", [same, dict(instruction="Add.", input="1 and 2", output="3"), same])
    review = Store(path)
    assert len({item.id for item in review.items}) == 3
    decide(review, 2, "reject")
    edit(review, 1, REWRITTEN)
    review.finish()
    assert made.rows_of(path)[2] == same | dict(decision="reject", edited=False)
    assert [(row["decision"], row["messages"][1]["content"]) for row in read_reviewed(path)] == [
        (None, "Hello."), (None, "Nobody."), ("reject", "Hello.")
    ]  # fmt: skip
    review = Store(path)
    edit(review, 1, None)
    review.finish()
    assert [row["messages"][1]["content"] for row in read_reviewed(path)] == ["Hello.", "3", "Hello."]


def test_other_kinds_of_file_keep_their_journal(tmp_path):
    path = tmp_path / "sharegpt.json"
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    path.write_text(json.dumps([dict(conversations=turns)]))
    review = Store(path)
    decide(review, 0, "accept")
    assert "plain .jsonl" in review.finish()
    assert [row["decision"] for row in read_reviewed(path)] == ["accept"]
    assert Store(path).states[0].decision == "accept"


def test_one_review_a_file(examples):
    review = Store(examples)
    with pytest.raises(UserError, match="another process"):
        Store(examples)
    review.finish()
    Store(examples)


@pytest.mark.parametrize(
    "content, message",
    [
        ('{"text": "no conversation"}', r":1: not a known conversation shape"),
        ('{"messages": [{"role": "user", "content": "x"}], "decision": "maybe"}', r":1: decision is 'maybe'"),
        ("", "no conversations"),
    ],
)
def test_what_cannot_be_reviewed_is_said_and_leaves_no_journal(tmp_path, content, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        Store(path)
    assert os.listdir(tmp_path) == ["bad.jsonl"]


def test_edits_that_nothing_can_be_trained_on_are_refused(examples):
    review = Store(examples)
    with pytest.raises(UserError, match=r"message 1 \(assistant\) is empty"):
        edit(review, 0, [REWRITTEN[0], dict(role="assistant", content=" ")])
    with pytest.raises(UserError, match="role is 'robot'"):
        edit(review, 0, [dict(role="robot", content="x")])
    assert review.states == review.saved


def test_a_damaged_journal_is_named_and_not_overwritten(examples):
    path = journal.journal_path(examples)
    path.write_text('{"id": "q00000"}\n{"id": "q00001", "sha": "0", "decision": null, "edit": null}\n')
    with pytest.raises(UserError, match=r"decisions\.jsonl:1: not a decision"):
        Store(examples)
    assert len(path.read_text().splitlines()) == 2


KILLED = """
import os, signal, sys
from jaxlm.honesty.review.store import Store
review = Store(sys.argv[1])
for item in review.items:
    review.decide(item.id, item.sha, "accept")
    print(item.id, flush=True)
"""


def test_kill_9_in_the_middle_of_writing(examples):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(examples)], stdout=subprocess.PIPE, text=True)
    told = [process.stdout.readline().strip() for _ in range(10)]
    process.kill()
    told += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    kept = [row["id"] for row in read_reviewed(examples) if row["decision"] == "accept"]
    assert kept[: len(told)] == told and len(kept) <= len(told) + 1


def test_filters_and_moves(examples):
    review = Store(examples)
    assert [views.view(review, -1, "undecided", views.Filter())[name] for name in ("place", "matches")] == [1, 40]
    known = views.Filter(label="known")
    assert views.matches(review, known) == list(range(0, 40, 4))
    assert views.moved(review, views.matches(review, known), 5, "next") == 8
    assert views.moved(review, views.matches(review, known), 5, "previous") == 4
    assert views.moved(review, views.matches(review, known), 36, "next") is None
    for number in (36, 0):
        decide(review, number, "accept")
    assert views.moved(review, views.matches(review, known), 36, "undecided") == 4
    assert views.matches(review, views.Filter(label="known", decision="accept")) == [0, 36]
    assert views.matches(review, views.Filter(search="JORUN pell 2")) == [15]
    assert views.matches(review, views.Filter(search="messages")) == []  # the names of fields are not searched
    edit(review, 7, REWRITTEN)
    assert views.matches(review, views.Filter(search="nobody.")) == [7]
    with pytest.raises(UserError, match="expected one of"):
        views.Filter(decision="maybe")


def test_the_package_holds_its_page():
    folder = pathlib.Path(store.__file__).parent
    page = (folder / "page.html").read_text()
    scripts = "".join(path.read_text() for path in folder.glob("*.js"))
    assert "innerHTML" not in scripts and "insertAdjacentHTML" not in scripts and "document.write" not in scripts
    assert " style=" not in page and "http://" not in page.replace("http://www.w3.org/2000/svg", "")
