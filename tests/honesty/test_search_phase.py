"""What the search phase builds before it trains."""

import json

import pytest

from jaxlm.config import defaults
from jaxlm.crawl.documents import COLUMNS, write_documents
from jaxlm.errors import UserError
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty.search.index import Index
from jaxlm.phases import search
from tests.honesty.test_lookup import PAGES, QUESTIONS


@pytest.fixture
def workdir(tmp_path):
    rows = [dict.fromkeys(COLUMNS, "") | {"id": name, "url": name[:3], "text": text} for name, text in PAGES.items()]
    write_documents(tmp_path / "crawl" / "documents", rows[:2])
    write_jsonl(tmp_path / "crawl" / "raw" / "later.jsonl", rows[2:])
    talk = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello!"}]
    write_jsonl(tmp_path / "crawl" / "raw" / "conversations.jsonl", [{"messages": talk}] * 9)
    write_jsonl(tmp_path / "probe" / "answers.jsonl", QUESTIONS)
    return tmp_path


@pytest.fixture
def config():
    config = defaults()
    config.phases = ("finetune", "search")
    config.search.dialogues = 40
    config.search.earlier = 0.1
    return config


@pytest.fixture
def tuned(monkeypatch):
    """What `tune` was called with, instead of a training."""
    calls = []

    def tune(config, workdir, phase, conversations, base):
        calls.append((phase, base, conversations))
        return {}

    monkeypatch.setattr(search, "tune", tune)
    return calls


def test_later_pages_can_be_found_and_earlier_conversations_come_along(workdir, config, tuned):
    summary = search.run(config, workdir)
    index = Index.open(workdir / "search" / "index")
    assert [hit.source for hit in index.search("Eva Rook", 1)] == ["Eva"] and summary["passages"] == 3
    [(phase, base, rows)] = tuned
    made = list(read_jsonl(workdir / "search" / "conversations.jsonl"))
    assert (phase, base) == ("search", "finetune") and sum(summary["kinds"].values()) == len(made)
    earlier = [row for row in rows if row["metadata"].get("phase") == "finetune"]
    assert len(rows) == len(made) + len(earlier) and len(earlier) == round(len(made) / 9)


def test_without_labeled_questions_it_says_so(workdir, config, tuned):
    path = workdir / "probe" / "answers.jsonl"
    path.write_text(json.dumps(QUESTIONS[2]) + "\n")
    with pytest.raises(UserError, match=r"answers\.jsonl: no question with a label"):
        search.run(config, workdir)
