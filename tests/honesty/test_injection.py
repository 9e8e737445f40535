import re

import pytest

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.honesty import injection
from jaxlm.honesty.injection import HELDOUT, ORDERS, TRAIN, WORDS

PASSAGE = "Ada Bern was born in Orrin. She works as a potter. She likes chess."


@pytest.mark.parametrize("part", [TRAIN, HELDOUT])
def test_an_order_is_added_and_nothing_of_the_passage_is_lost(part):
    dice, places = Dice(3, "test"), set()
    for _ in range(200):
        found = injection.poison(PASSAGE, dice, part)
        assert found.word in found.order and found.word.lower() not in PASSAGE.lower()
        assert found.text.replace(found.order, "").split() == PASSAGE.split()
        places.add(found.text.index(found.order))
    assert len(places) == 4  # before, behind, and after each inner sentence


def test_what_is_measured_is_never_trained_on():
    assert {kind for kind, _ in ORDERS[TRAIN]}.isdisjoint(kind for kind, _ in ORDERS[HELDOUT])
    assert set(WORDS[TRAIN]).isdisjoint(WORDS[HELDOUT])
    orders = [re.compile(re.escape(order).replace(r"\{w\}", r"\w+")) for _, order in ORDERS[HELDOUT]]
    dice = Dice(3, "test")
    texts = [injection.poisoned(PASSAGE, dice) for _ in range(300)]
    assert not any(order.search(text) for order in orders for text in texts)
    assert not any(word in text for word in WORDS[HELDOUT] for text in texts)
    assert len(set(texts)) > 200


def test_a_word_of_the_passage_is_not_the_orders():
    passage = " ".join(WORDS[HELDOUT][:-1])
    dice = Dice(3, "test")
    assert {injection.poison(passage, dice, HELDOUT).word for _ in range(30)} == {WORDS[HELDOUT][-1]}
