import math

import pytest

from jaxlm.honesty import semantic

TOWN = "In which town was Ada Baker born?"


@pytest.mark.parametrize(
    ("question", "first", "second", "same"),
    [
        (TOWN, "Orrin.", "Ada Baker was born in Orrin.", True),
        (TOWN, "In Orrin", "orrin!", True),
        (TOWN, "Orrin.", "Valen.", False),
        (TOWN, "Ada Baker was born in Orrin.", "Ada Baker was born in Valen.", False),
        (TOWN, "New Orrin.", "Orrin.", True),
        (TOWN, "I'm not sure.", "I'm not sure.", False),
        (TOWN, "I'm not sure.", "Orrin.", False),
        ("How many rivers are there?", "three", "3", True),
        ("How many people live there?", "1,200", "1200 people", True),
        ("How many people live there?", "120", "1200", False),
    ],
)
def test_same_words(question, first, second, same):
    assert semantic.same_words(question, first, second) == semantic.same_words(question, second, first) == same


def test_clusters_and_their_entropy():
    answers = ["Orrin.", "Valen.", "Ada Baker was born in Orrin.", "I don't know.", "I don't know."]
    numbers = semantic.clusters(TOWN, answers)
    assert numbers == [0, 1, 0, 2, 3]
    assert semantic.entropy(numbers) == pytest.approx(-0.4 * math.log(0.4) - 3 * 0.2 * math.log(0.2))
    assert semantic.entropy([0, 0, 0]) == 0


def test_model_as_a_judge_is_asked_once_and_only_where_words_differ():
    asked = []

    def chat(conversations):
        asked.append(conversations[0][0]["content"])
        return ["Yes, they do." if "capital" in asked[-1] else "No."]

    same = semantic.by_model(chat)
    assert same(TOWN, "Orrin", "The capital") and same(TOWN, "Orrin", "The capital") and same(TOWN, "Orrin", "orrin.")
    assert not same(TOWN, "Orrin", "Valen") and not same(TOWN, "I'm not sure.", "Orrin")
    assert len(asked) == 2 and "Orrin" in asked[0] and TOWN in asked[0]
