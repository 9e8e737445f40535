import collections
import dataclasses

import numpy as np
import pytest

from jaxlm.evals import kshot
from jaxlm.text.tokenizer import train


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def test_lookup_states_the_answer_in_every_round():
    for seed in range(20):
        item = kshot.lookup(4, "true", generator(seed))
        *lines, query = item.prompt.split("\n")
        assert lines.count(f"{query} {item.answer}.") == 4 and len(lines) == 4 * kshot.PEOPLE
        assert item.answer in item.candidates and len(set(item.candidates)) == kshot.PEOPLE
        assert all(sum(line.endswith(f" {name}.") for line in lines) == 4 for name in item.candidates)


def test_pattern_examples_show_the_position_of_the_answer():
    for seed in range(20):
        item = kshot.pattern(4, "true", generator(seed))
        *lines, query = [line.rstrip(".").split() for line in item.prompt.split("\n")]
        assert {line[: kshot.PARTS].index(line[-1]) for line in lines} == {query.index(item.answer)}
        assert set(item.candidates) == set(query[: kshot.PARTS])


def test_shuffled_labels_say_nothing_about_the_answer():
    hits = collections.Counter()
    for seed in range(600):
        item = kshot.lookup(1, "shuffled", generator(seed))
        *lines, query = item.prompt.split("\n")
        hits["lookup"] += f"{query} {item.answer}." in lines
        item = kshot.pattern(1, "shuffled", generator(seed))
        example, query = [line.rstrip(".").split() for line in item.prompt.split("\n")]
        hits["pattern"] += example[: kshot.PARTS].index(example[-1]) == query.index(item.answer)
    assert 250 < hits["lookup"] < 350 and 250 < hits["pattern"] < 350  # chance is 300


def test_the_answer_may_stand_anywhere_among_the_candidates():
    for make in kshot.TASKS.values():
        items = [make(1, "true", generator(seed)) for seed in range(60)]
        places = collections.Counter(item.candidates.index(item.answer) for item in items)
        assert len(places) == len(items[0].candidates)


def test_run_ranks_by_likelihood_and_leaves_out_what_does_not_fit(subject):
    items = kshot.run(subject, (0, 2, 40), seed=3, count=2)
    assert {item["k"] for item in items} == {0, 2}  # 40 rounds are longer than the model's 512 tokens
    assert all(item["within"] == (item["tokens"] + kshot.ANSWER_TOKENS <= subject.context) for item in items)
    item = items[0]
    scores = [subject.score([item["prompt"]], [f" {candidate}."])[0] for candidate in item["candidates"]]
    assert item["ranked"] == item["candidates"][int(np.argmax(scores))]
    assert item["rank"] == (item["ranked"] == item["answer"])
    assert all(("greedy" in item) == (item["labels"] == "true") for item in items)
    rows = kshot.figures(items)
    assert {(row["task"], row["chance"]) for row in rows} == {("lookup", 0.5), ("pattern", 0.5)}
    assert {(row["labels"], row["score"]) for row in rows} == {
        ("true", "rank"),
        ("true", "greedy"),
        ("shuffled", "rank"),
    }


def test_no_prompt_fits(subject):
    assert kshot.run(subject, shots=(500,), seed=0, count=1) == []


@pytest.mark.parametrize("text", ["αβγ .\n", "abc"])
def test_alphabet_without_the_letters_is_not_asked(subject, text):
    other = dataclasses.replace(subject, tokenizer=train("char", [text], 0))
    assert kshot.run(other, (0, 1), seed=0, count=2) == []
