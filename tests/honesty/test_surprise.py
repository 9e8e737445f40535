"""Which tokens of a question tell how new a name is."""

import string

import jax
import numpy as np
import pytest

from jaxlm.evals.subject import Subject, question
from jaxlm.honesty import surprise
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.text import tokenizer as tokenizers
from jaxlm.text.conversation import render


@pytest.fixture(scope="module")
def subject() -> Subject:
    return make(tuned=True)


def make(tuned: bool) -> Subject:
    tokenizer = tokenizers.train("char", [string.printable + "é"], 0)
    cfg = ModelConfig(
        tokenizer.vocab_size, layers=1, width=16, heads=2, kv_heads=1, head_dim=8, mlp=16, max_len=256, unroll=1
    )
    return Subject(weights.init(cfg, jax.random.key(0)), cfg, tokenizer, tuned=tuned, batch_size=4)


@pytest.mark.parametrize(
    "text, telling",
    [
        ("Where was Ada Moss born?", "Moss"),
        ("Does Éva Zhe-Rook know it?", "Zhe-Rook"),
        ("Which region does Velmford belong to?", "Velmford"),
        ("what is this?", " what is this?"),
    ],
)
def test_what_counts_is_how_the_name_goes_on(subject, text, telling):
    if not set(text) <= set(string.printable):
        text = text.replace("É", "E")
    ids = render(question(text), subject.tokenizer, generation=True).ids.tolist()
    [logprobs] = subject.logprobs([ids])
    wanted = subject.tokenizer.encode(telling).tolist()
    start = next(i for i in range(len(ids)) if ids[i : i + len(wanted)] == wanted)
    expected = -logprobs[start : start + len(wanted)].sum(dtype=np.float64)
    assert surprise.of_names(subject, [question(text)]) == pytest.approx([expected], abs=1e-4)


def test_a_base_model_reads_the_conversation_as_a_text():
    base, talk = make(tuned=False), [*question("Hello."), {"role": "assistant", "content": "Hi."}]
    texts = (" Hello.\n Hi.\n Who is Ada ", "Moss", "?")
    before, name, after = (base.tokenizer.encode(text).tolist() for text in texts)
    [logprobs] = base.logprobs([[base.tokenizer.bos, *before, *name, *after]])
    expected = -logprobs[1 + len(before) : 1 + len(before) + len(name)].sum(dtype=np.float64)
    asked = [*talk, *question("Who is Ada Moss?")]
    assert surprise.of_names(base, [asked], names_only=True) == pytest.approx([expected], abs=1e-4)


def test_of_several_names_the_least_expected_counts(subject):
    one, other = "Ada Moss", "Tom Hill"
    both = question(f"Did {one} meet {other}?")
    found = surprise.of_names(subject, [both])[0]
    assert found >= surprise.of_names(subject, [question(f"Did {one} meet")])[0] - 1e-4


@pytest.mark.parametrize("before", [" ", " Où? ", " This page is about Tom Hill. He works at Pobak College.\n"])
def test_only_names_of_the_question_count_and_places_are_bytes(before):
    text = f"{before}Où est Ana Müller?"
    [(start, end)] = surprise._spans(text)
    assert text.encode()[start:end].decode() == "Müller"


@pytest.mark.parametrize(
    "text, asks",
    [
        ("Where was Ada Moss born?", True),
        ("Well. Where was Ada Moss born?! ", True),
        ("Which region does Velmford belong to?", True),
        ("Where was Ada Moss born?\nUse this text: She is from Velm.", False),
        ("Write to Ada Moss.", False),
        ("Ada Moss is a poet. Where was she born?", False),
        ("How are you?", False),
        ("May I ask how I do this?", False),
        ("Hello!", False),
        ("", False),
    ],
)
def test_only_a_question_with_a_name_can_be_too_new(subject, text, asks):
    talk = question(text)
    [found] = surprise.of_names(subject, [talk], names_only=True)
    assert found == (surprise.of_names(subject, [talk])[0] if asks else 0.0) and (found > 0) == asks
    result = [*talk, {"role": "assistant", "content": text}]
    assert surprise.of_names(subject, [result], names_only=True) == [0.0]
