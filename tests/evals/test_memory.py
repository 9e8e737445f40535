"""The same question from the weights, from a page, against a page, and by search."""

import pytest

from jaxlm.evals import memory, recall

ROW = {
    "question": "Where was Ada Moss born?",
    "answer": "Velmford",
    "aliases": [],
    "entity": "person-1",
    "type": "person",
    "attribute": "town",
    "split": "test",
    "strange": False,
    "form": "seen",
}
ROWS = [
    ROW | {"tier": 64},
    ROW | {"entity": "person-2", "answer": "Orrin", "tier": 64, "question": "Where is Tom from?"},
]
ENTITIES = [{"id": "person-1", "later": False, "novel": False}, {"id": "person-2", "later": False, "novel": True}]
PASSAGES = {"person-1": "Ada Moss was born in Velmford.", "person-2": "Tom was born in Orrin."}


class Parrot:
    """Says the last town that the prompt holds, and without one what it "knows"."""

    name = "parrot"

    class tokenizer:
        encode = staticmethod(str.split)

    def respond(self, conversations, max_new):
        texts = [messages[-1]["content"] for messages in conversations]
        return [
            max(("Velmford", "Orrin"), key=text.rfind) + "." if "born in" in text else "Velmford." for text in texts
        ]


@pytest.fixture
def items():
    rows = memory.select(ROWS, ENTITIES, 10, seed=0)

    def search(conversations):
        return [memory.Searched("I'm not sure.", ("No results.",)), memory.Searched("Orrin. [1]", ("[1] a\nOrrin",))]

    found = memory.run(Parrot(), rows, PASSAGES, recall.known_values(ROWS), {"search": search}, seed=0)
    return {(item["condition"], item["entity"]): item for item in found}


def test_each_condition_is_marked_against_what_it_shows(items):
    assert items["closed", "person-1"]["mark"] == "right" and items["closed", "person-2"]["mark"] == "wrong"
    assert items["gold", "person-2"]["mark"] == "right"
    assert items["distracting", "person-1"]["passage"] == PASSAGES["person-2"]
    contradicting = items["contradicting", "person-1"]
    assert contradicting["said"] == "Orrin" and contradicting["mark"] == "right"
    assert contradicting["passage"] == "Ada Moss was born in Orrin."


def test_a_search_tells_whether_it_was_made_and_held_the_answer(items):
    first, second = items["search", "person-1"], items["search", "person-2"]
    assert (first["mark"], first["searched"], first["stated"]) == ("abstain", True, False)
    assert (second["mark"], second["searched"], second["stated"]) == ("right", True, True)


def test_figures_have_a_row_for_each_outcome(items):
    rows = {
        (row["condition"], row["outcome"]): row for row in memory.figures(list(items.values())) if row["tier"] == "all"
    }
    assert rows["gold", "right"]["p"] == 1.0 and rows["search", "searched"]["n"] == 2
    assert ("gold", "searched") not in rows
    # both searched, but only one had to: the other knew
    assert rows["search", "precision"]["p"] == 0.5 and rows["search", "recall"]["p"] == 1.0


def test_only_people_never_asked_about_are_chosen():
    rows = [*ROWS, ROW | {"split": "train", "tier": 1}, ROW | {"type": "book", "tier": 4}]
    assert {row["tier"] for row in memory.select(rows, ENTITIES, 1, seed=1)} == {64}


def test_an_answer_is_replaced_as_whole_words():
    assert memory.substitute("Orrin, not Orrins, is Orrin.", "Orrin", r"A\1") == r"A\1, not Orrins, is A\1."
