"""What fine-tuning is told about documents, and what later phases learn again of it."""

import pytest

from jaxlm.config import defaults
from jaxlm.crawl.documents import write_documents
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty import interrogator, replay
from jaxlm.phases import finetune

ROW = {"url": "", "date": "", "language": "en", "source": "", "metadata": "{}"}


@pytest.fixture
def workdir(tmp_path):
    names = [f"Pyrra{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)]
    rows = [{"id": name, "text": f"{name}\n{name} is a genus of small birds, found in reeds."} for name in names]
    write_documents(tmp_path / "crawl" / "documents", [row | ROW for row in rows])
    talk = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello!"}]
    write_jsonl(tmp_path / "talks.jsonl", [{"messages": talk}] * 100)
    return tmp_path


@pytest.fixture
def config(workdir):
    config = defaults()
    config.finetune.data = (str(workdir / "talks.jsonl"),)
    config.tokenizer.holdout = 0.3
    return config


def test_half_of_the_conversations_are_about_documents_that_were_read(workdir, config):
    config.probe.told = 0.4
    rows = finetune.read(config, workdir)
    read = {row["id"] for row in interrogator.documents(workdir / "crawl" / "documents", config.tokenizer, config.seed)}
    told = [row["metadata"]["entity"] for row in rows if row["metadata"].get("kind") == "told"]
    assert 5 < len(set(told)) < len(read) and set(told) <= read
    assert abs(len(told) - 100) <= len(set(told))
    assert {row["metadata"]["entity"] for row in read_jsonl(workdir / "finetune" / "told.jsonl")} == set(told)
    again, reading = replay.earlier(config, workdir, ("finetune",))
    assert len(again) == 100 + len(set(told)) and not reading


def test_nothing_is_told_by_default(workdir, config):
    assert len(finetune.read(config, workdir)) == 100 and not (workdir / "finetune").exists()
