"""The phase that teaches a finished run's model one field: what it compares, resumes and refuses."""

import json
import shutil

import pytest

from jaxlm import fingerprint
from jaxlm.errors import UserError
from jaxlm.evals import domain as evals
from jaxlm.phases import domain
from jaxlm.train import checkpoint, state

KEYS = {"name", "replay", "trained", "domain", "domain_bpb", "general", "general_bpb", "parts"}


@pytest.fixture
def setup(tmp_path, config, whole):
    """(config, workdir): a copy of a finished run as base, sentences as domain, questions about them and in general."""
    base = shutil.copytree(whole[0], tmp_path / "base")
    truth = dict(answer="a mat", aliases=[], entity="e", type="t", attribute="a", form="seen")
    rows = [truth | dict(question=f"who saw two dogs {n % 2}"[:16], tier=n, split="test") for n in (1, 16, 64)]
    write(base / "crawl" / "truth" / "questions.jsonl", rows)
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(20):
        (texts / f"{number:02d}.txt").write_text("two dogs run and " * number + "the cat sat on a mat.")
    open_ = dict(question="who sat on a mat", answer="the cat", split="test", form="seen", type="t", attribute="sat")
    gap = dict(question="the ___ sat on a mat.", answer="cat", choices=["cat", "dogs", "mat"])
    write(tmp_path / "asked.jsonl", [open_, gap, open_ | dict(answer="dogs", form="heldout")])
    chat = dict(messages=[dict(role="user", content="who"), dict(role="assistant", content="the cat.")])
    write(tmp_path / "talks.jsonl", [chat] * 3)
    config.phases = ("domain",)
    config.domain.update(
        dict(steps=4, batch_size=4, seq_len=32, log_every=1, eval_every=4, eval_batches=1, save_every=2, sample_every=4)
        | dict(sample_tokens=2, base=str(base), text=(str(texts),), questions=(str(tmp_path / "asked.jsonl"),))
        | dict(data=(str(tmp_path / "talks.jsonl"),), replays=(0.5,), lora=dict(rank=2))
    )
    return config, tmp_path / "run"


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_one_table_of_full_and_adapted_models_that_resumes(setup, monkeypatch):
    config, workdir = setup
    summary = domain.run(config, workdir)
    rows, folder = summary["rows"], workdir / "domain"
    assert [row["name"] for row in rows] == ["before", "full", "lora"] and all(row.keys() >= KEYS for row in rows)
    assert rows[0]["domain"]["n"] == 3 and rows[0]["general"]["n"] == 2  # tiers 16 and 64
    assert 0 < rows[2]["trained"] < rows[1]["trained"]
    assert all(row["domain_bpb"]["p"] != rows[0]["domain_bpb"]["p"] for row in rows[1:])
    assert {(part["about"], part["form"]) for part in rows[0]["parts"]} >= {("domain", "seen"), ("domain", "heldout")}
    lines = (folder / "domain.md").read_text().splitlines()
    assert len(lines) == 5 and lines[4].startswith("| lora | 50% | ") and len({s.count("|") for s in lines}) == 1
    # The folder can be used like a run's, and the model it holds is the one that was examined.
    digest = state.digest(checkpoint.load_params(folder, "lora-0.5", "best")[0])

    # Killed while the adapters were trained: only that is done again, to the same result.
    for path in (folder / "lora-0.5.jsonl", folder / "lora-0.5" / "adapters" / "00000004.json"):
        path.unlink()
    shutil.rmtree(folder / "lora-0.5" / "checkpoints")
    asked = []
    monkeypatch.setattr(
        evals, "ask", lambda subject, *rest, ask=evals.ask: asked.append(subject.name) or ask(subject, *rest)
    )
    again = domain.run(config, workdir)
    assert set(asked) == {"lora-0.5"}
    assert state.digest(checkpoint.load_params(folder, "lora-0.5", "best")[0]) == digest
    assert [row["domain_bpb"] for row in again["rows"]] == [row["domain_bpb"] for row in rows]


def test_materials_held_out_part_is_never_trained_on(setup):
    config, workdir = setup
    config.domain.ways = ("full",)
    config.domain.replays = (0.0,)
    domain.run(config, workdir)
    parts = {name: domain._documents(workdir / "domain" / "store" / name) for name in ("train", "heldout", "talks")}
    texts = {name: {ids.tobytes() for ids, _ in rows} for name, rows in parts.items()}
    assert len(parts["train"]) + len(parts["heldout"]) == 20 and not texts["train"] & texts["heldout"]
    assert all(mask.any() for _, mask in parts["talks"])


def test_a_retrained_base_makes_the_phase_due_again(setup):
    config, workdir = setup
    base = workdir.parent / "base"
    (base / "finetune" / "summary.json").write_text('{"fingerprint": "1", "result": {}}')
    before = fingerprint.of("domain", config, workdir)
    (base / "finetune" / "summary.json").write_text('{"fingerprint": "2", "result": {}}')
    after = fingerprint.of("domain", config, workdir)
    assert fingerprint.differences(before, after) == [f"the input {base}/finetune"]


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(base=""), "config.domain.base is empty"),
        (dict(phase="honesty"), "no checkpoint of the phase 'honesty' here"),
        (dict(phase="pretrain"), "config.domain.dialogue: the model of phase 'pretrain' knows no conversations"),
        (dict(ways=()), "config.domain.ways and .replays: expected one value or more"),
    ],
)
def test_mistakes_are_one_clear_line(setup, changes, message):
    config, workdir = setup
    config.domain.update(changes)
    with pytest.raises(UserError, match=message):
        domain.run(config, workdir)
