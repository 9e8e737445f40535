"""The command line: what it refuses in one line, and the export that training can read."""

import pytest

from jaxlm.honesty.review.__main__ import main
from jaxlm.honesty.review.store import Store
from jaxlm.text.conversations import read_conversations


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "expected one FILE"),
        (["nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["nowhere.jsonl", "--port=99999"], "port"),
        (["nowhere.jsonl", "--prot=1"], "prot"),
    ],
)
def test_mistakes_are_one_line(flags, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(flags)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("jaxlm: error: ") and message in line


def test_the_export_is_what_training_takes(examples, tmp_path, capsys):
    review = Store(examples)
    review.decide(review.items[0].id, review.items[0].sha, "accept")
    review.decide(review.items[1].id, review.items[1].sha, "reject")
    out = tmp_path / "train.jsonl"
    main([str(examples), f"--export={out}"])
    assert len(list(read_conversations([out]))) == 39
    main([str(examples), f"--export={out}", "--reviewed_only"])
    assert [row["metadata"]["question"] for row in read_conversations([out])] == ["What does Orla Brint collect?"]
    with pytest.raises(SystemExit, match="2"):
        main([str(examples), f"--export={examples}"])
    assert len(examples.read_text().splitlines()) == 40
