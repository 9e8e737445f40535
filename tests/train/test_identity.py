"""The phase `identity` on the run folder of the training tests."""

import collections
import json

import pytest

from jaxlm.errors import UserError
from jaxlm.files import read_jsonl
from jaxlm.phases import identity


@pytest.fixture
def tuned(monkeypatch):
    """What the phase would have trained on."""
    calls = {}
    monkeypatch.setattr(
        identity, "tune", lambda config, workdir, phase, rows, base: calls.update(rows=rows, base=base) or {}
    )
    return calls


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def chat(answer, **more):
    return {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": answer}]} | more


def phases(rows):
    return collections.Counter(row["metadata"].get("phase", "made") for row in rows)


def test_earlier_conversations_are_mixed_in_evenly_and_rejected_ones_left_out(workdir, config, tuned):
    config.phases = ("pretrain", "finetune", "honesty", "search", "identity")
    config.identity.update(dialogues=60, earlier=0.5)
    kind = {"metadata": {"kind": "honesty_refuse"}}
    examples = [chat("not sure", decision="accept"), chat("no", decision="reject"), *[chat("so", decision=None)] * 15]
    write(workdir / "honesty" / "conversations.jsonl", [*(row | kind for row in examples), chat("plain")])
    write(workdir / "search" / "conversations.jsonl", [chat("found")] * 50)
    result = identity.run(config, workdir)
    assert phases(tuned["rows"]) == {"made": 60, "finetune": 22, "honesty": 16, "search": 22}
    assert result == {"made": 60, "earlier": 60} and tuned["base"] == "search"
    assert not any(row["messages"][-1]["content"] == "no" for row in tuned["rows"])
    systems = [row for row in tuned["rows"] if "phase" in row["metadata"] and row["messages"][0]["role"] == "system"]
    assert 0 < len(systems) < 30
    assert len(list(read_jsonl(workdir / "identity" / "heldout.jsonl"))) > 300


def test_what_says_who_the_model_is_is_not_replayed(workdir, config, tuned):
    config.identity.update(dialogues=4, earlier=0.9)
    sayings = ["I am a small language model.", "As an AI I cannot.", "My name is Zorbo.", "the cat."]
    write(workdir / "crawl" / "raw" / "conversations.jsonl", [chat(text) for text in sayings])
    identity.run(config, workdir)
    said = [row["messages"][-1]["content"] for row in tuned["rows"] if "phase" in row["metadata"]]
    assert said == ["the cat."]


def test_decisions_of_a_person_on_the_written_file_are_kept(workdir, config, tuned):
    config.identity.update(dialogues=10, earlier=0.0)
    identity.run(config, workdir)
    path = workdir / "identity" / "conversations.jsonl"
    rows = [row | {"decision": "reject" if n < 4 else None} for n, row in enumerate(read_jsonl(path))]
    write(path, rows)
    assert identity.run(config, workdir) == {"made": 6, "earlier": 0}
    assert len(tuned["rows"]) == 6 and tuned["base"] == "finetune"


def test_without_a_model_it_cannot_begin(workdir, config):
    config.phases = ("crawl", "identity")
    with pytest.raises(UserError, match="'identity' needs a model"):
        identity.run(config, workdir)
