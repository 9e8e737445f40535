"""Signals against what they are defined as, on a random model and on a model whose distributions are written down."""

import dataclasses
import string

import jax
import numpy as np
import pytest

from jaxlm.evals.subject import Subject, question
from jaxlm.generate import Generation, score
from jaxlm.generate.scoring import contrast, next_distribution, states
from jaxlm.honesty import answers, signals
from jaxlm.model import transformer, weights
from jaxlm.model.config import ModelConfig
from jaxlm.text import tokenizer as tokenizers

ASKED = ["Where was Ada Baker born?", "Who wrote Moss or Tin?", "Which town is it?"]


@pytest.fixture(scope="module")
def subject() -> Subject:
    tokenizer = tokenizers.train("char", [string.printable], 0)
    cfg = ModelConfig(
        tokenizer.vocab_size, layers=1, width=16, heads=2, kv_heads=1, head_dim=8, mlp=16, max_len=256, unroll=1
    )
    params = jax.tree.map(lambda leaf: 3 * leaf, weights.init(cfg, jax.random.key(0)))
    return Subject(params, cfg, tokenizer, tuned=True, context=32, batch_size=4)


def ids(subject: Subject, text: str) -> list[int]:
    return subject.tokenizer.encode(text).tolist()


def test_only_letters_of_new_words_count(subject):
    def kept(text: str, asked: str) -> str:
        tokens = ids(subject, text)
        return "".join(c for c, counts in zip(text, signals.content(subject, tokens, asked), strict=True) if counts)

    assert kept(" Ada Baker was born in Orrin.", ASKED[0]) == "inOrrin"
    assert kept(" Orrin.", ASKED[0]) == "Orrin"
    assert kept(" Ada Baker's.", ASKED[0]) == kept(" .", ASKED[0]) == ""
    assert kept(" Moss.", ASKED[1]) == "Moss"  # a choice between two


def test_token_signals_by_hand():
    generation = Generation([1, 2, 3], [-0.5, -1.5, -0.1], "stop", [0.4, 2.0, 3.0], [0.7, 0.2, 0.0], [0.6, 0.3, 0.9])
    got = signals.of_tokens([True, True, False], generation, 10)
    assert got == pytest.approx(
        {"sequence_nll": 2.0, "mean_nll": 1.0, "least_probability": 1 - np.exp(-1.5)}
        | {"first_entropy": 0.4, "max_entropy": 2.0, "margin": -0.2}
    )
    nothing = signals.of_tokens([False] * 3, generation, 10)
    assert nothing["least_probability"] == 0.9 and nothing["max_entropy"] == np.log(10) and nothing["margin"] == 0
    assert list(nothing) == list(got) == list(signals.TOKENS)


def test_sample_signals_by_hand():
    got = signals.of_samples(
        ASKED[0], "In Orrin.", ["Orrin.", "Valen.", "Ada Baker was born in Orrin.", "I don't know."]
    )
    assert got == pytest.approx({"disagreement": 0.5, "semantic_entropy": -0.5 * np.log(0.5) - 0.5 * np.log(0.25)})
    assert signals.of_samples(ASKED[0], "Orrin", []) == {}


def test_measured_signals_are_those_of_the_text_itself(subject):
    conversations = [question(text) for text in ASKED]
    measured = signals.measure(subject, conversations, signals.Ways(samples=3, max_new=7), seed=1)
    for messages, answer in zip(conversations, measured, strict=True):
        head = answers.prompt(subject, messages)
        (said,) = answers.greedy(subject, [head], signals.Ways(max_new=7))
        (logprobs,) = score(subject.params, subject.cfg, [head + said.tokens])
        counted = signals.content(subject, said.tokens, messages[0]["content"])
        assert answer.response == answer.text == answers.text_of(subject, said)
        assert answer.signals["sequence_nll"] == pytest.approx(-logprobs[len(head) :][counted].sum(), abs=1e-3)
        assert len(answer.samples) == 3 and answer.features.shape == (32,)
        assert all(np.isfinite(list(answer.signals.values())))
        assert set(answer.signals) == {*signals.TOKENS, *signals.SAMPLES, *signals.PASSES}
    again = signals.measure(subject, conversations, signals.Ways(samples=3, max_new=7), seed=2)
    assert [a.samples for a in measured] != [a.samples for a in again]
    assert [a.signals["sequence_nll"] for a in measured] == [a.signals["sequence_nll"] for a in again]


def test_contrast_and_states_are_those_of_the_training_pass(subject):
    prompts = [ids(subject, text) for text in ("ab", "abc de", "x")]
    chosen = ids(subject, "aeiou")
    for prompt, (inside, outside, token) in zip(prompts, contrast(subject.params, subject.cfg, prompts, chosen)):
        everything = dict(next_distribution(subject.params, subject.cfg, [prompt], 1000)[0])
        assert inside == pytest.approx(np.log(max(everything[i] for i in chosen)), abs=1e-4)
        best = max((i for i in everything if i not in chosen), key=everything.get)
        assert token == best and outside == pytest.approx(np.log(everything[best]), abs=1e-4)
    found = states(subject.params, subject.cfg, prompts, [(0, len(prompt) - 1) for prompt in prompts])
    tokens = np.array([prompts[1]], np.int32)
    places = np.arange(tokens.shape[1], dtype=np.int32)[None]
    want = transformer.hidden(subject.params, tokens, places, np.zeros_like(tokens), subject.cfg)[0]
    np.testing.assert_allclose(found[1], np.asarray(want)[[0, -1]], atol=1e-4)


def test_abstention_gives_way_to_the_answer_behind_it(subject, monkeypatch):
    """Every greedy answer is taken for an abstention: each must begin anew, with the likeliest other token."""
    prompts = [answers.prompt(subject, question(text)) for text in ASKED]
    ways = signals.Ways(max_new=5)
    said = answers.greedy(subject, prompts, ways)
    monkeypatch.setattr(answers.judge, "abstains", lambda response: response != "kept")
    got = answers.without_abstentions(subject, prompts, said, ["kept", "silent", "silent"], ways, ("No.",))
    assert got[0] is said[0]
    for prompt, old, new in zip(prompts[1:], said[1:], got[1:]):
        assert new.tokens[0] not in {old.tokens[0], *subject.tokenizer.control.values()}
        (logprobs,) = score(subject.params, subject.cfg, [prompt + new.tokens])
        np.testing.assert_allclose(logprobs[len(prompt) :], new.logprobs, atol=1e-3)
        assert new.entropies[0] == old.entropies[0] and len(new.entropies) == len(new.tokens)


def test_p_true_is_the_log_odds_of_no_against_yes(subject):
    conversations = [question(text) for text in ASKED]
    doubts = signals.p_true(subject, conversations, ["Orrin."] * 3)
    said = [*conversations[1], {"role": "assistant", "content": "Orrin."}, *question(signals.ASK_SELF)]
    head = answers.prompt(subject, said)
    no, yes = (
        subject.logprobs([head + ids(subject, reply)])[0][len(head) :].sum() for reply in (" No", " Yes")
    )  # fmt: skip
    assert doubts[1] == pytest.approx(no - yes, abs=1e-3)


def test_an_endpoint_is_asked_for_texts_only():
    seeds = []

    class Endpoint:
        def respond(self, conversations, seed=None, **_):
            seeds.append(seed)
            return ["Orrin." if seed is None or len(seeds) % 2 else "Valen." for _ in conversations]

    (answer,) = signals.measure(Endpoint(), [question(ASKED[0])], signals.Ways(samples=4))
    assert answer.signals == pytest.approx({"disagreement": 0.5, "semantic_entropy": np.log(2)})
    assert len(set(seeds)) == 5 and not len(answer.features)


def test_filled_batches_are_full():
    assert answers.filled([]) == [] and answers.filled([1, 2]) == [1, 2]
    assert answers.filled(list(range(65))) == [*range(65), *[64] * 63]


def test_base_model_is_asked_by_a_transcript(subject):
    base = dataclasses.replace(subject, tuned=False, name="base")
    (said,) = answers.greedy(base, [answers.prompt(base, question("Who?"))], signals.Ways(max_new=40))
    assert answers.prompt(base, question("Who?")) == base.prompt_ids("Q: Who?\nA:")
    assert "\n" not in subject.tokenizer.decode(said.tokens)
