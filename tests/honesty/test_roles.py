import pytest

from jaxlm.config import defaults
from jaxlm.errors import UserError
from jaxlm.honesty import roles

PASSAGE = "Ada Brenk was born in Velmford in 1932. She keeps bees."


class Model:
    def __init__(self, *replies: str):
        self.replies, self.asked = list(replies), []

    def chat(self, conversations, **sampling):
        self.asked += conversations
        return [self.replies.pop(0) for _ in conversations]


def test_pairs_are_parsed_strictly_and_drops_are_counted():
    reply = "\n".join(
        [
            '{"question": "Where was Ada Brenk born?", "answer": "Velmford."}',
            "Here is another one:",
            '{"question": "When was Ada Brenk born?", "answer": "1933"}',
            '{"question": "When was she born?", "answer": "1932"}',
            '{"question": "Was Ada Brenk born in 1932?", "answer": "1932"}',
            '{"question": "What does Ada Brenk keep?", "answer": "bees", "sure": true}',
            '{"question": "What does Ada Brenk keep?", "answer": ""}',
            "[]",
        ]
    )
    model = Model(reply)
    pairs, figures = roles.interrogate(model, [{"text": PASSAGE, "url": "u"}], 4, 0)
    assert [(row["question"], row["answer"], row["entity"], row["source"]) for (row,) in pairs] == [
        ("Where was Ada Brenk born?", "Velmford", "Ada Brenk", "u")
    ]
    assert figures["dropped"] == {
        "an answer that the passage does not hold": 1,
        "an answer that the question gives away": 1,
        "an empty field, or one that is no text": 1,
        "a question that names nobody": 1,
        "not JSON": 1,
        "not a question and an answer": 2,
    }
    assert PASSAGE in model.asked[0][0]["content"]


def test_the_judge_falls_back_to_matching_and_counts_that():
    row = dict(question="Where was Ada Brenk born?", answer="Velmford", aliases=[], rivals=[], passage=PASSAGE)
    nobody = row | dict(answer="", passage="")
    judge = roles.Judge(Model("Right.", "hm, hard to say", "wrong"))
    marks = judge([(row, "In V."), (row, "Velmford."), (nobody, "Velmford."), (row, "Velmford.")])
    assert marks == ["right", "right", "wrong", "wrong"]
    assert (judge.asked, judge.unclear) == (3, 1)


def test_neither_or_both_models_is_an_error():
    config = defaults()
    with pytest.raises(UserError, match=r"config.probe.model: give either url"):
        roles.load(config.probe.model, config.evaluate, 128)
