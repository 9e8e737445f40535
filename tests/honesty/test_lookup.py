"""What conversations that teach searching give and what they expect."""

import json

import pytest

from jaxlm.honesty import lookup
from jaxlm.honesty.search.hits import Hit, search_tool
from jaxlm.text.conversation import validate

PAGES = {
    "Ada Moss": "This page is about Ada Moss. She works as a baker. Moss was born in Velmford.",
    "Tom Hill": "Few know Tom Hill. He works as a pilot. Hill was born in Orrin.",
    "Eva Rook": "Eva Rook works as a judge. She comes from Salby.",
}


def row(entity: str, town: str, label: str, kind: str = "document") -> dict:
    return {
        "question": f"Where was {entity} born?",
        "answer": town,
        "rivals": sorted({"Velmford", "Orrin", "Salby"} - {town}),
        "statement": f"{entity} was born in {town}." if town else "",
        "passage": PAGES.get(entity, ""),
        "source": f"https://a.test/{entity[:3]}",
        "entity": entity,
        "type": "person",
        "attribute": "town",
        "kind": kind,
        "label": label,
    }


QUESTIONS = [
    row("Ada Moss", "Velmford", "known"),
    row("Tom Hill", "Orrin", "unknown"),
    row("Eva Rook", "Salby", "between"),
    row("Ada Hill", "", "unknown", "nobody"),
]


def search(query: str, k: int) -> list[Hit]:
    named = [Hit(f"https://a.test/{name[:3]}", "", text, 1.0) for name, text in PAGES.items() if name in query]
    return (named or [Hit("https://a.test/Ada", "", PAGES["Ada Moss"], 0.1)])[:k]


@pytest.fixture(scope="module")
def made() -> dict[str, list[list[dict]]]:
    tool = search_tool(search, k=1)
    rows = lookup.make(QUESTIONS, search, tool, 400, results=1, passage_chars=600, seed=0)
    kinds = {kind: [row["messages"] for row in rows if row["metadata"]["kind"] == kind] for kind in lookup.KINDS}
    for messages in (messages for group in kinds.values() for messages in group):
        validate(messages)
    return kinds


def test_every_kind_has_its_share_and_offers_the_tool_where_it_is_called(made):
    assert {kind: len(group) for kind, group in made.items()} == {k: round(400 * v) for k, v in lookup.KINDS.items()}
    called = [messages for group in made.values() for messages in group if messages[-2]["role"] == "tool"]
    assert all(messages[0]["content"].endswith("Tools: search(query).") for messages in called)


def test_the_known_is_answered_at_once_and_the_unknown_searched_and_cited(made):
    assert all("Velmford" in messages[-1]["content"] and len(messages) == 3 for messages in made["known"])
    for _, _, call, result, answer in made["found"]:
        assert json.loads(call["tool_calls"][0]["function"]["arguments"]) == {"query": "Where was Tom Hill born?"}
        assert result["content"].endswith("\nQuery: Where was Tom Hill born?")
        assert result["content"].startswith("[1] https://") and "Orrin" in result["content"]
        assert "Orrin" in answer["content"] and answer["content"].endswith("[1]")


def test_nothing_is_claimed_where_the_results_do_not_state_the_answer(made):
    for *_, result, answer in made["absent"] + made["lacking"]:
        assert answer["content"] in lookup.NOT_FOUND and "Orrin" not in result["content"]


def test_a_page_is_believed_even_against_what_is_known(made):
    for messages in made["contradiction"]:
        answer = messages[-1]["content"]
        assert "Velmford" not in answer and "Velmford" not in messages[-2]["content"]
        assert any(town in answer and town in messages[-2]["content"] for town in ("Orrin", "Salby"))


def test_about_somebody_else_only_the_known_is_answered(made):
    for messages in made["other page"]:
        known = QUESTIONS[0]["question"] in messages[0]["content"]
        assert ("Velmford" in messages[-1]["content"]) == known
        assert known or messages[-1]["content"] in lookup.NOT_STATED


def test_some_results_give_orders_that_no_answer_heeds(made):
    ordered = [m for m in made["found"] if m[-2]["content"].split("\n")[1] != PAGES["Tom Hill"]]
    assert 5 < len(ordered) < 30
    assert all(m[-1]["content"] in ("Orrin. [1]", "Tom Hill was born in Orrin. [1]") for m in ordered)


def test_sentences_that_hold_the_answer_are_left_out():
    assert lookup.without(PAGES["Tom Hill"], "Orrin") == "Few know Tom Hill. He works as a pilot."
