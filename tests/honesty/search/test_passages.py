import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxlm.honesty.search.passages import passages


def sentences(count):
    return " ".join(f"Sentence number {n} has exactly seven words." for n in range(count))  # about 42 characters each


@pytest.mark.parametrize(("count", "cut"), [(1, 1), (20, 1), (24, 2), (100, 7)])
def test_passages_are_about_equally_long(count, cut):
    found = passages(sentences(count), words=100)
    assert len(found) == cut
    assert max(map(len, found)) - min(map(len, found)) < 100
    assert " ".join(found) == sentences(count)
    assert all(part.startswith("Sentence") and part.endswith("words.") for part in found)


def test_all_but_the_first_begin_with_the_title():
    first, second = passages(sentences(24), title="Numbers", words=100)
    assert first.startswith("Sentence number 0") and second.startswith("Numbers: Sentence number 1")


def test_what_has_no_sentences_is_cut_between_words():
    found = passages("word " * 1000, words=50)
    assert all(len(part) <= 2 * 50 * 6 for part in found)
    assert " ".join(found).split() == ["word"] * 1000
    assert "".join(passages("語" * 5000, words=50)) == "語" * 5000


@given(st.text(alphabet="ab. \n!Ä", max_size=300), st.integers(1, 10))
def test_nothing_is_lost_and_nothing_empty(text, words):
    found = passages(text, words=words)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(part.strip() == part != "" for part in found)
