import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.text.split import cut_tail, held_out


def test_the_share_held_out_depends_on_each_id_alone():
    ids = [f"doc{n}" for n in range(20_000)]
    held = held_out(ids, 0.02, seed=0)
    assert abs(held.mean() - 0.02) < 0.004
    np.testing.assert_array_equal(held_out(ids[::-1], 0.02, seed=0)[::-1], held)
    np.testing.assert_array_equal(held_out([*ids, "new"], 0.02, seed=0)[:-1], held)
    assert (held_out(ids, 0.02, seed=1) != held).any()


def test_of_few_documents_one_is_held_out():
    assert held_out(["a", "b", "c"], 0.001, seed=0).sum() == 1


def test_tail_is_the_protocol_of_nanogpt():
    text = "x" * 1_115_394  # the length of tiny Shakespeare
    train, heldout = cut_tail(text, 0.1)
    assert (len(train), len(heldout)) == (1_003_854, 111_540)


def test_what_cannot_be_split():
    with pytest.raises(UserError, match=r"1 of 1 documents would be held out.*tokenizer\.holdout_by=tail"):
        held_out(["a"], 0.5, seed=0)
    for share in (0.0, 1.0):
        with pytest.raises(UserError, match=rf"tokenizer\.holdout={share}"):
            cut_tail("text", share)
