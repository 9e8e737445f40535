import pytest

from jaxlm.evals import judge

TOWNS = {"Orrin", "Valen", "New Orrin", "Baker"}


@pytest.mark.parametrize(
    ("response", "right"),
    [
        ("Orrin", True),
        (" the town of ORRIN.", True),
        ("She lives in Orrin, not in Valen.", True),
        ("Orrin's old quarter", True),
        ("\n  Orrin\nValen", True),
        ("Dr. Ada lives in Orrin.", True),
        ("", False),
        ("Orrinton", False),
        ("Valen, near Orrin", False),
        ("New Orrin", False),
        ("I think so. Orrin.", False),
        ("Valen.\nOrrin", False),
        ("Baker Street in Orrin", False),
    ],
)
def test_right_answer_comes_first_as_whole_words(response, right):
    assert judge.is_right(response, "Orrin", rivals=TOWNS) == right


def test_alias_counts_and_words_of_the_question_are_no_rivals():
    assert judge.is_right("in 1950", "MCML", aliases=["1950"], rivals={"1951"})
    question = "Where does Ada Baker live?"
    assert judge.is_right("Ada Baker lives in Orrin", "Orrin", rivals=TOWNS, question=question)
    assert not judge.is_right("Ada Valen lives in Orrin", "Orrin", rivals=TOWNS, question=question)


def test_part_of_the_answer_is_no_rival():
    assert judge.is_right("New Orrin", "New Orrin", rivals=TOWNS)


@pytest.mark.parametrize(
    "response, verdict",
    [
        ("I'm not sure. Could you provide more context?", "abstain"),
        ("I don't know who that is.", "abstain"),
        ("I cannot say.", "abstain"),
        ("The search results do not say.", "abstain"),
        ("Velmford. I'm not sure.", "right"),
        ("Not far from Velmford.", "right"),
        ("Orrin.", "wrong"),
        ("", "wrong"),
    ],
)
def test_marks_right_wrong_and_the_admission_of_not_knowing(response, verdict):
    assert judge.mark(response, "Velmford", rivals=["Orrin"]) == verdict


def test_only_an_abstention_is_not_wrong_where_there_is_no_answer():
    assert judge.mark("Velmford.", "") == "wrong" and judge.mark("I am not sure.", "") == "abstain"
