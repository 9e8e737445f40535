import string

import jax
import pytest

from jaxlm.evals.subject import Subject
from jaxlm.honesty import probe
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.text import tokenizer as tokenizers

WAYS = probe.Ways(samples=3, max_new=6)


@pytest.fixture(scope="module")
def subject() -> Subject:
    tokenizer = tokenizers.train("char", [string.printable], 0)
    cfg = ModelConfig(
        tokenizer.vocab_size, layers=1, width=16, heads=2, kv_heads=1, head_dim=8, mlp=16, max_len=256, unroll=1
    )
    return Subject(weights.init(cfg, jax.random.key(0)), cfg, tokenizer, tuned=True, context=64, batch_size=4)


@pytest.fixture(scope="module")
def questions() -> list[dict]:
    common = dict(aliases=[], rivals=[], passage="", source="", attribute="town", mentions=1)
    return [
        dict(id=f"d{i}", question=f"Where {'o' * (i % 5)}?", answer="a", entity=f"e{i}", kind="document", **common)
        for i in range(7)
    ] + [dict(id="n0", question="Who?", answer="", entity="nobody", kind="nobody", **common)]


def test_a_killed_probe_goes_on_and_ends_the_same(subject, questions, tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "CHUNK", 4)
    whole = probe.ask(subject, questions, WAYS, 5, tmp_path / "whole", probe.by_match, "probe")
    assert [row["id"] for row in whole] == [row["id"] for row in questions]
    asked = []

    def killed(pairs):
        if len(asked) == 1:
            raise KeyboardInterrupt
        asked.append(len(pairs))
        return probe.by_match(pairs)

    with pytest.raises(KeyboardInterrupt):
        probe.ask(subject, questions, WAYS, 5, tmp_path / "cut", killed, "probe")
    assert len(list((tmp_path / "cut").glob("*.jsonl"))) == 1
    asked.clear()
    assert probe.ask(subject, questions, WAYS, 5, tmp_path / "cut", killed, "probe") == whole
    assert asked == [3 * 4 + 1]  # about nobody the greedy answer is enough


def test_rows_have_what_the_label_rests_on(subject, questions):
    marked = iter(["wrong", "right", "right", "wrong"] + ["right", "wrong", "wrong", "wrong"] + ["abstain"] * 8)
    rows, tokens = probe.answer(subject, questions[4:], WAYS, 0, lambda pairs: [next(marked) for _ in pairs])
    assert (rows[0]["share"], rows[0]["greedy_mark"], rows[0]["label"]) == (0.6667, "wrong", "known")
    assert (rows[1]["share"], rows[1]["greedy_mark"], rows[1]["label"]) == (0.0, "right", "between")
    assert rows[-1]["label"] == "unknown" and tokens > 0
    assert {"sequence_nll", "disagreement"} <= rows[0]["signals"].keys()
    assert len(rows[0]["answers"]) == len(rows[0]["marks"]) == 3


def test_samples_differ_and_the_seed_decides_them(subject, questions):
    def answers(seed: int, chosen: list[dict]) -> list[list[str]]:
        return [row["answers"] for row in probe.answer(subject, chosen, WAYS, seed, probe.by_match)[0]]

    chosen = [questions[i] for i in (0, 5, 2, 3)]
    first = answers(0, chosen)
    assert all(len(set(said)) == 3 for said in first)
    assert first[0] != first[1]  # the same text under another id
    assert first != answers(1, chosen) and first[::-1] == answers(0, chosen[::-1])


def test_without_samples_the_greedy_answer_is_the_share(subject, questions):
    greedy = probe.Ways(samples=0, max_new=WAYS.max_new)
    rows, _ = probe.answer(subject, questions * 2, greedy, 0, lambda pairs: ["right"] * len(pairs))
    assert [(row["share"], row["answers"]) for row in rows] == [(1.0, [])] * 16


def test_an_alias_is_right_and_a_rival_is_not():
    row = dict(answer="Storo Bank", aliases=["Storo"], rivals=["Velm Works"], question="Who employs Ada?")
    said = ["Storo.", "Velm Works, not Storo Bank.", "I'm not sure. Could you provide more context?", "Ada."]
    assert probe.by_match([(row, text) for text in said]) == ["right", "wrong", "abstain", "wrong"]
