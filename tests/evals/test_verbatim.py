import pytest

from jaxlm.evals import verbatim
from jaxlm.generate import Generation


@pytest.mark.parametrize(
    ("expected", "found", "match"), [([1, 2, 3], [1, 2, 4], 2), ([1, 2], [1, 2, 3], 2), ([1, 2], [], 0), ([1], [1], 1)]
)
def test_matching(expected, found, match):
    assert verbatim.matching(expected, found) == match


class Reciter:
    """Knows every passage by heart but stops after `known` tokens."""

    name = "base"

    def __init__(self, subject, passages, known):
        self.tokenizer, self.prompt_ids, self.known = subject.tokenizer, subject.prompt_ids, known
        self.texts = [subject.prompt_ids(row["text"]) for row in passages]

    def extend(self, prompts, **_):
        rest = [next(text[len(head) :] for text in self.texts if text[: len(head)] == head) for head in prompts]
        return [Generation(tokens[: self.known], [], "stop") for tokens in rest]


@pytest.mark.parametrize(("known", "share"), [(31, 0.5), (32, 1.0)])
def test_extraction_needs_32_tokens_or_the_end(subject, known, share):
    passages = [
        {"text": "abcdefgh" + "long " * 20, "copies": 4},
        {"text": "ijklmnop" + "short", "copies": 4},
        {"text": "prefix", "copies": 4},
    ]
    items = verbatim.run(Reciter(subject, passages, known), passages, prefix_tokens=8)
    assert [item["prefix"] for item in items] == ["abcdefgh", "ijklmnop"]
    (figure,) = verbatim.figures(items)
    assert (figure["p"], figure["n"], figure["match_mean"]) == (share, 2, (known + 5) / 2)


def test_runs_a_model(subject):
    (item,) = verbatim.run(subject, [{"text": "The river runs down to the sea.", "copies": 0}], prefix_tokens=4)
    assert item["length"] == 27 and item["match"] <= 27
