"""The training loop through both phases: what it writes, and how it ends when it cannot go on."""

import math

import jax
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.files import read_json, read_jsonl
from jaxlm.parallel.mesh import AXES, make_mesh
from jaxlm.phases import finetune, pretrain
from jaxlm.text.tokenizer import ASSISTANT, END, EOS, USER, Tokenizer, train
from jaxlm.train import chat_tokens, checkpoint, tuning
from jaxlm.train.state import digest


def rows(folder, name):
    return list(read_jsonl(folder / f"{name}.jsonl"))


def test_metrics_have_a_row_a_step_and_evaluations(whole):
    folder, summary, _ = whole
    metrics = rows(folder / "pretrain", "metrics")
    steps = [row for row in metrics if "loss" in row]
    assert [row["step"] for row in steps] == list(range(1, 9))
    assert set(steps[0]) == {"step", "loss", "grad_norm", "lr", "skipped", "tokens", "tokens_per_s", "goodput"}
    evaluations = [row for row in metrics if "eval_loss" in row]
    assert [row["step"] for row in evaluations] == [0, 4, 8]
    assert evaluations[0]["eval_loss"] == pytest.approx(
        math.log(Tokenizer.load(folder / "tokenizer").vocab_size), rel=0.02
    )
    assert evaluations[-1]["eval_loss"] < evaluations[0]["eval_loss"]
    assert summary["eval_bpb"] == evaluations[-1]["eval_bpb"] and summary["loss"] == steps[-1]["loss"]


def test_bits_per_byte_follow_from_nats_and_bytes(whole):
    _, summary, _ = whole
    # One byte a character, and one EOS without bytes a document: a little above nats / ln 2.
    assert 1.0 < summary["eval_bpb"] / (summary["eval_loss"] / math.log(2)) < 1.1


def test_samples_come_from_the_live_state(whole):
    folder, _, _ = whole
    samples = rows(folder / "pretrain", "samples")
    assert [(row["step"], row["prompt"]) for row in samples] == [(0, "the "), (4, "the "), (8, "the ")]
    for row in samples:
        assert len(row["next"]) == 10 and len(row["tokens"]) <= 4 and isinstance(row["text"], str)
        probabilities = [p for _, p in row["next"]]
        assert probabilities == sorted(probabilities, reverse=True) and sum(probabilities) <= 1.0001
    assert samples[0]["next"] != samples[1]["next"] != samples[2]["next"]


def test_summary_accounts_for_the_time_and_identifies_the_weights(whole):
    folder, summary, _ = whole
    seconds = summary["goodput"]["seconds"]
    assert sum(seconds.values()) == pytest.approx(summary["seconds"], abs=0.1)
    assert summary["goodput"]["share"] == pytest.approx(seconds["step"] / summary["seconds"], abs=0.01)
    params, _ = checkpoint.load_params(folder, "pretrain", "last")
    assert summary["sha256"] == digest(params) and summary["tokens"] == 8 * 4 * 32


def test_checkpoints_say_what_they_are(whole):
    folder, _, _ = whole
    checkpoints, step = checkpoint.find(folder, "finetune", "last")
    record = checkpoints.record(step)
    assert record["phase"] == "finetune" and record["base"] == {"phase": "pretrain", "step": 8}
    assert "<|role|>" in record["format"] and record["tokenizer"] == Tokenizer.load(folder / "tokenizer").hash


def test_finetuning_starts_from_the_base_with_new_chat_tokens(whole):
    folder, summary, tuned = whole
    tokenizer = Tokenizer.load(folder / "tokenizer")
    params, cfg = checkpoint.load_params(folder, "pretrain", "best")
    before = jax.device_get(params["embed"])
    after = jax.device_get(chat_tokens.initialize(params, cfg, tokenizer, make_mesh(dict.fromkeys(AXES, 1))))["embed"]
    np.testing.assert_allclose(after[USER], before[tokenizer.encode("Q:")].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(after[ASSISTANT], before[tokenizer.encode("A:")].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(after[END], before[EOS])
    np.testing.assert_array_equal(after[16:], before[16:])
    assert tuned["base_step"] == 8 and tuned["sha256"] != summary["sha256"]
    assert tuned["conversations"] == {"train": 36, "heldout": 4}


def test_finetuning_shows_its_mask_and_answers_heldout_questions(whole):
    folder, _, tuned = whole
    learnt = "".join(text for text, mask in tuned["example"] if mask)
    assert learnt.lstrip() == "the cat.<|end|>"
    assert len({row["prompt"] for row in rows(folder / "finetune", "samples")}) == 4


def test_too_many_bad_steps_stop_the_run_naming_the_step(workdir, config):
    config.pretrain.max_bad_steps = 2
    config.pretrain.save_every = 1
    config.pretrain.optimizer.update(name="adamw", lr=1e38, clip=0.0)
    with pytest.raises(
        UserError, match=r"pretrain: stopped at step \d: 3 steps without a finite loss.*checkpoint \d is kept"
    ):
        pretrain.run(config, workdir)


def test_finetuning_without_conversations_is_one_clear_line(workdir, config):
    (workdir / "crawl" / "raw" / "conversations.jsonl").unlink()
    with pytest.raises(UserError, match=r"no conversations to learn from: give --config\.finetune\.data="):
        finetune.run(config, workdir)


def test_finetuning_needs_the_vocabulary_of_its_base(workdir, config, whole):
    folder, _, _ = whole
    (workdir / "pretrain").symlink_to(folder / "pretrain")
    train("char", ["another text: Q A"], 0).save(workdir / "tokenizer")
    (workdir / "crawl" / "raw" / "conversations.jsonl").write_text(
        '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "e"}]}\n' * 3
    )
    config.finetune.replay = 0.0
    with pytest.raises(UserError, match="was trained with another tokenizer"):
        finetune.run(config, workdir)


def test_finetuning_needs_the_architecture_of_its_base(workdir, config, whole):
    (workdir / "pretrain").symlink_to(whole[0] / "pretrain")
    config.model.mlp += 8
    with pytest.raises(UserError, match=r"another architecture: config\.model\.mlp"):
        finetune.run(config, workdir)


def test_finetuning_needs_something_the_assistant_says(workdir, config):
    path = workdir / "crawl" / "raw" / "conversations.jsonl"
    path.write_text('{"messages": [{"role": "system", "content": "a"}]}\n' * 3)
    with pytest.raises(UserError, match=r"conversations\.jsonl: no conversation has a message of the assistant"):
        finetune.run(config, workdir)


def test_live_samples_pass_over_conversations_that_leave_no_room(workdir, config):
    tokenizer = Tokenizer.load(workdir / "tokenizer")
    talks = [{"messages": [{"role": "user", "content": text}]} for text in ("the cat" * 50, "the cat")]
    prompts = tuning._prompts(talks, config.finetune, tokenizer, max_len=64)
    assert [prompt.text for prompt in prompts] == ["the cat"]


def test_optimizer_state_and_record_are_on_disk_at_the_last_step(whole):
    folder, _, _ = whole
    record = read_json(folder / "pretrain" / "checkpoints" / "00000008.json")
    assert record["step"] == 8 and "eval_loss" in record and record["files"]
