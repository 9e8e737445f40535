"""Questions of a domain: answered in own words, or by filling a gap."""

import dataclasses

import numpy as np
import pytest

from jaxlm.evals import domain


def test_the_choice_that_makes_the_rest_of_the_sentence_probable_fills_the_gap(subject):
    asked = []

    class Scores(type(subject)):
        def score(self, prompts, continuations):
            asked.extend(zip(prompts, continuations, strict=True))
            return np.array([-3.0, -1.0, -2.0, -1.0, -3.0, -2.0])

    fields = {field.name: getattr(subject, field.name) for field in dataclasses.fields(subject)}
    rows = [
        dict(question="A ___ barks.", answer="dog", aliases=[], choices=["cat", "dog", "cow"]),
        dict(question="The ___ purrs.", answer="dog", aliases=[], choices=["cat", "dog", "cow"]),
    ]
    items = domain.ask(Scores(**fields), rows, "domain")
    assert [(item["response"], item["right"]) for item in items] == [("dog", True), ("cat", False)]
    assert asked[:2] == [("A cat", " barks."), ("A dog", " barks.")]


def test_items_come_in_the_order_of_the_questions(subject):
    gap = dict(question="A ___ b.", answer="x", aliases=[], choices=["x", "y"])
    rows = [dict(question=f"{n}?", answer="z", aliases=[], choices=[]) if n % 2 else gap for n in range(5)]
    items = domain.ask(subject, rows, "general")
    assert [item["question"] for item in items] == [row["question"] for row in rows]
    assert {item["response"] for item in items[::2]} <= {"x", "y"}


def test_general_questions_are_about_well_known_facts():
    rows = [dict(tier=tier, split="test", form="seen", question=str(tier)) for tier in (0, 1, 16, 64)]
    assert {row["tier"] for row in domain.general_questions(rows, 5, 0)} == {16, 64}


def test_changes_are_paired():
    before = [dict(about="domain", right=right) for right in (True, False, False, False)]
    after = [dict(about="domain", right=right) for right in (True, True, True, False)]
    change = domain.changes(before, after)["domain"]
    assert change["p"] == 0.5 and change["n"] == 4
    assert change["hi"] - change["p"] == pytest.approx(1.96 * (1 / 3) ** 0.5 / 2, abs=1e-3)  # sd of (0, 1, 1, 0)


def test_figures_are_shown_without_a_leading_zero():
    assert domain.show(dict(p=0.625, lo=0.5, hi=1.0, n=8), 2) == ".62 [.50, 1.00]"
    assert domain.show(None, 2) == domain.show(dict(p=None, lo=0.0, hi=1.0, n=0), 2) == "-"
