"""The phases probe and honesty on a tiny micro-web; what the model learns in so few steps does not matter."""

import json

import pytest

from jaxlm.config import defaults
from jaxlm.errors import UserError
from jaxlm.files import read_jsonl, write_json, write_jsonl
from jaxlm.phases import crawl, finetune, honesty, pretrain, probe, tokenizer
from jaxlm.train.checkpoint import load_params

pytestmark = pytest.mark.slow


def tiny():
    config = defaults()
    config.mesh.update(data=1)
    config.crawl.workers = 1
    config.crawl.microweb.update(people=4, tail=40, tiers=(0, 1, 4, 16), tier_share=(1.0, 1.0, 1.0, 1.0), shards=1)
    config.tokenizer.vocab_size = 512
    config.model.update(layers=1, width=32, heads=2, kv_heads=1, head_dim=16, mlp=64, max_len=256, unroll=1)
    shape = dict(steps=4, batch_size=2, seq_len=96, eval_every=4, eval_batches=1, save_every=4, sample_every=0)
    for phase in ("pretrain", "finetune", "honesty"):
        config[phase].update(shape)
    config.probe.update(questions=40, nobody=10, samples=1, max_new=8, reserve=0.2, known=0.9, unknown=0.0)
    config.honesty.update(rounds=1, validation=0.3)
    return config


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    for phase in (crawl, tokenizer, pretrain, finetune, probe):
        name = phase.__name__.rpartition(".")[2]
        write_json(folder / name / "summary.json", {"result": phase.run(tiny(), folder)})
    return folder


def test_the_probe_asks_about_training_people_alone(workdir):
    split = {row["name"]: row["split"] for row in read_jsonl(workdir / "crawl" / "truth" / "entities.jsonl")}
    rows = list(read_jsonl(workdir / "probe" / "answers.jsonl"))
    reserved = list(read_jsonl(workdir / "probe" / "reserved.jsonl"))
    assert {split.get(row["entity"], "nobody") for row in rows} == {"train", "nobody"}
    assert reserved and not {row["entity"] for row in rows} & {row["entity"] for row in reserved}
    assert [row["id"] for row in rows] == [row["id"] for row in read_jsonl(workdir / "probe" / "examples.jsonl")]
    result = json.loads((workdir / "probe" / "summary.json").read_text())["result"]
    assert sum(result["labels"].values()) == len(rows) == sum(row["questions"] for row in result["exposure"])


def test_everybody_would_mean_people_kept_for_evaluation(workdir, tmp_path):
    for part in ("crawl", "tokenizer", "finetune"):
        (tmp_path / part).symlink_to(workdir / part)
    config = tiny()
    config.probe.entities = "all"
    with pytest.raises(UserError, match=r"config\.probe\.entities: would ask about"):
        probe.run(config, tmp_path)


def test_honesty_trains_asks_again_and_leaves_a_checkpoint(workdir):
    path = workdir / "probe" / "examples.jsonl"
    examples = list(read_jsonl(path))
    refused = next(row for row in examples if row["metadata"]["label"] == "unknown")
    write_jsonl(path, [row | ({"decision": "reject"} if row["id"] == refused["id"] else {}) for row in examples])
    result = honesty.run(tiny(), workdir)
    load_params(workdir, phase="honesty", which="best")
    assert (result["best_round"], len(result["rounds"]), result["rejected"]) == (1, 1, 1)
    trained = list(read_jsonl(workdir / "honesty" / "conversations.jsonl"))
    asked = {message["content"] for row in trained for message in row["messages"] if message["role"] == "user"}
    assert refused["metadata"]["question"] not in asked
    assert honesty.run(tiny(), workdir)["rounds"] == result["rounds"]
