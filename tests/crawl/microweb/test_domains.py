"""The fields of knowledge beside the web: new names, facts that documents state, questions kept apart."""

import collections

import pytest

from jaxlm.crawl.microweb import domains

PAGES = 12


@pytest.fixture(scope="module", params=sorted(domains.FIELDS))
def field(request):
    return request.param, domains.make(request.param, 0, 10, PAGES)


def test_same_seed_same_field_and_another_one_differs(field):
    name, made = field
    assert domains.make(name, 0, 10, PAGES) == made
    assert domains.make(name, 1, 10, PAGES).questions != made.questions


def test_every_document_states_every_fact_of_its_entity(field):
    _, made = field
    facts = collections.defaultdict(set)
    for row in made.questions:
        facts[row["entity"]].add(row["answer"])
    assert collections.Counter(row["entity"] for row in made.documents) == dict.fromkeys(facts, PAGES)
    for row in made.documents:
        assert all(answer in row["text"] for answer in facts[row["entity"]]), row["text"]


def test_no_word_of_a_name_is_one_of_the_world(field):
    name, made = field
    words = {word for row in made.questions for word in _name(row).split()}
    coined = {word for word in words if word[0].isupper()}
    again = domains.make(name, 0, 10, PAGES, reserved=coined)
    fresh = {_name(row).split()[0] for row in again.questions}
    assert fresh and not fresh & coined


def test_what_trains_never_asks_about_the_test_half_nor_in_heldout_forms(field):
    _, made = field
    train = {row["question"] for row in made.questions if row["split"] == "train" and row["form"] == "seen"}
    rest = {row["question"] for row in made.questions} - train
    lines = {line.removeprefix("Q: ") for row in made.documents for line in row["text"].split("\n")[1::2]}
    asked = {row["messages"][0]["content"] for row in made.conversations}
    assert train <= asked and len(lines & asked) > 10
    assert not rest & (asked | lines)


def test_heldout_forms_are_made_of_words_that_the_text_uses(field):
    name, _ = field
    text = " ".join(row["text"] for row in domains.make(name, 0, 40, PAGES).documents)
    known = {word.strip("?.,:").lower() for word in text.split()}
    templates = domains.FIELDS[name].HELDOUT_QUESTIONS
    words = {word.strip("?") for kind in templates.values() for form in kind.values() for word in form.split()}
    assert {word for word in words if word != "{x}" and word.lower() not in known} <= {"whom"}


def test_answers_of_conversations_hold_the_fact(field):
    _, made = field
    answers = {row["question"]: row["answer"] for row in made.questions}
    for row in made.conversations:
        asked, said = (message["content"] for message in row["messages"])
        if asked in answers:
            assert answers[asked].lower() in said.lower()


def _name(row: dict) -> str:
    """The capitalized words of a question that are not its first word."""
    return " ".join(word.strip("?") for word in row["question"].split()[1:] if word[0].isupper())
