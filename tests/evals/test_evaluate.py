"""The phase and the command, on a run folder made by hand."""

import jax
import numpy as np
import pytest

from jaxlm import config as configs
from jaxlm.errors import UserError
from jaxlm.evals import __main__ as command
from jaxlm.evals import kshot
from jaxlm.files import read_jsonl, write_json, write_jsonl
from jaxlm.model import weights
from jaxlm.phases import evaluate
from jaxlm.text.conversation import render
from jaxlm.text.store import write_store
from jaxlm.train.checkpoint import Checkpoints

TEXT = "The river runs from the hills of Orrin down to the sea. Boats come to the town on it, and visitors too."


@pytest.fixture(scope="module")
def settings():
    config = configs.defaults()
    config.evaluate.update(dict(batch_size=4, max_new=6, kshot=(1,), prefix_tokens=4, bpb_documents=4))
    config.pretrain.seq_len = 32
    return config


@pytest.fixture(scope="module")
def run(tmp_path_factory, subject, settings):
    """A run folder without truth files: what an experiment on real text leaves behind."""
    folder = tmp_path_factory.mktemp("run")
    tokenizer = subject.tokenizer
    tokenizer.save(folder / "tokenizer")
    document = np.array([*subject.prompt_ids(TEXT), tokenizer.eos])
    talk = render(
        [{"role": "user", "content": "Where does it run?"}, {"role": "assistant", "content": "To the sea."}], tokenizer
    )
    size, digest = tokenizer.vocab_size, tokenizer.hash
    write_store(folder / "tokenizer" / "store" / "heldout", [(document, None)] * 3, size, digest)
    write_store(folder / "finetune" / "store" / "heldout", [(talk.ids, talk.loss_mask)] * 2, size, digest)
    for number, phase in enumerate(("pretrain", "finetune")):
        params = weights.init(subject.cfg, jax.random.key(number))
        checkpoints = Checkpoints(folder / phase / "checkpoints")
        about = {"model": subject.cfg.to_dict(), "tokenizer": digest, "eval_loss": 1.0}
        checkpoints.save(1, {"params": params}, about)
        checkpoints.wait()
        checkpoints.close()
    write_json(folder / "run.json", {"config": settings.to_dict()})
    return folder


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(kshot, "ITEMS", 1)


def write_truth(folder):
    fact = {"answer": "Orrin", "aliases": [], "entity": "p1", "type": "person", "attribute": "town", "tier": 4}
    fact["split"] = "test"
    write_jsonl(folder / "cloze.jsonl", [fact | {"prompt": "Ada Vell lives in", "template": "seen"}])
    write_jsonl(folder / "questions.jsonl", [fact | {"question": "Where does Ada Vell live?", "form": "heldout"}])
    write_jsonl(folder / "verbatim.jsonl", [{"text": TEXT, "copies": copies} for copies in (0, 8)])
    messages = [{"role": "user", "content": "Say two words."}]
    write_jsonl(folder / "instructions.jsonl", [{"messages": messages, "check": {"type": "words", "n": 2}}])


def test_real_text_without_truth(run, settings, few):
    result = evaluate.run(settings, run)
    assert set(result["tuned"]["bpb"]) == {"documents", "conversations"}
    assert result["base"]["cloze"] == result["base"]["verbatim"] == {} and result["base"]["instructions"] is None
    assert set(result["base"]["kshot"]) == {"lookup", "pattern"}
    rows = list(read_jsonl(run / "evaluate" / "answers.jsonl"))
    assert [row["kind"] for row in rows] == 3 * ["completion"] + 2 * ["conversation"]


def test_articles_that_were_read_and_others(run, settings, few, tmp_path):
    (tmp_path / "run").mkdir()
    for name in ("tokenizer", "pretrain", "finetune", "run.json"):
        (tmp_path / "run" / name).symlink_to(run / name)
    rows = [
        {"id": f"d{i}", "question": f"What is {name}?", "answer": "sea", "aliases": [], "rivals": [], "entity": name}
        | {"passage": f"{name} is a sea."}
        for i, name in enumerate(("Orr", "Val", "Tem", "Lun"))
    ]
    write_jsonl(tmp_path / "run" / "probe" / "reserved.jsonl", rows[:2])
    write_jsonl(tmp_path / "run" / "probe" / "unread.jsonl", rows[2:])
    write_json(tmp_path / "run" / "probe" / "summary.json", {"result": {"gate": {"threshold": 1.0}}})
    settings = settings.copy_and_resolve_references()
    settings.phases = (*settings.phases, "probe")  # with a gate before the tuned model
    results = evaluate.run(settings, tmp_path / "run")
    result = results["tuned"]
    assert results["gated"]["sets"].keys() == result["sets"].keys() and results["gated"]["bpb"] == {}
    assert result["sets"].keys() == {"reserved articles", "unread articles"}
    for conditions in result["sets"].values():
        assert conditions.keys() == {"closed", "gold"}
        assert all(sum(share[0] for share in marks.values()) == 1 for marks in conditions.values())
    for signal in ("name_surprise", "base_surprise"):  # of the test half: one article of each kind
        doubt, low, high, n = result["auroc"]["never"][signal]
        assert n == 2 and low <= doubt <= high


def test_known_world_and_going_on_after_a_cut(run, settings, few, tmp_path):
    (tmp_path / "run").mkdir()
    for name in ("tokenizer", "pretrain", "finetune", "run.json"):
        (tmp_path / "run" / name).symlink_to(run / name)
    write_truth(tmp_path / "run" / "crawl" / "truth")
    result = evaluate.run(settings, tmp_path / "run")
    assert result["base"]["question"]["4"]["test"][3] == 1 and result["tuned"]["cloze"]["4"]["seen"][3] == 1
    assert set(result["base"]["verbatim"]) == {"0", "8"} and result["tuned"]["instructions"][3] == 1
    folder = tmp_path / "run" / "evaluate"
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "recall.jsonl").unlink()
    (folder / "answers.jsonl").unlink()
    stamps = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert evaluate.run(settings, tmp_path / "run") == result
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written
    assert (folder / "kshot.jsonl").stat().st_mtime_ns == stamps["kshot.jsonl"]


def test_experiment_without_tuning(run, settings, few, tmp_path):
    (tmp_path / "tokenizer").symlink_to(run / "tokenizer")
    (tmp_path / "pretrain").symlink_to(run / "pretrain")
    with settings.copy_and_resolve_references().unlocked() as config:
        config.phases = ("tokenizer", "pretrain", "evaluate")
        result = evaluate.run(config, tmp_path)
        config.phases = ("tokenizer", "evaluate")
        with pytest.raises(UserError, match="'evaluate' needs 'pretrain' or 'finetune'"):
            evaluate.run(config, tmp_path)
    assert set(result) == {"base"} and set(result["base"]["bpb"]) == {"documents"}


def test_command_prints_tables_and_explains_mistakes(run, capsys):
    command.main([f"--model={run}", "--evals=bpb,recall", "--phase=pretrain"])
    printed = capsys.readouterr().out
    assert "bits_per_byte" in printed and "recall: nothing to ask here" in printed
    for arguments, message in (
        (["--evals=spelling"], "--evals: there is no 'spelling'"),
        (["--checkpoint=first"], "--checkpoint=first: expected"),
        (["--checkpoint=7"], "no checkpoint of step 7"),
        (["--phase=finetune,poem"], "--phase=poem: expected"),
        (["--phase=search"], "no checkpoint of the phase 'search'"),
        (["--data=/nowhere"], "--data=/nowhere: no such folder"),
        (["--limit=0"], "--limit=0: expected 1 or more"),
    ):
        with pytest.raises(SystemExit, match="2"):
            command.main([f"--model={run}", *arguments])
        assert message in capsys.readouterr().err
