import re

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.honesty import identity, identity_questions
from jaxlm.honesty.identity import HELDOUT, TRAIN
from jaxlm.honesty.identity_texts import ANSWERS, LANGUAGES, QUESTIONS
from jaxlm.honesty.pressure_texts import OTHERS, PRESSURE, SYSTEM_IDENTITY, SYSTEM_PLAIN
from jaxlm.text.conversation import validate

CARD = identity.Card("Quillo", "Ostrane Labs", "2024", "write lists", "see pictures")


@pytest.fixture(scope="module")
def rows():
    return identity.conversations(CARD, LANGUAGES, 800, seed=0)


@pytest.fixture(scope="module")
def questions():
    return identity_questions.heldout(CARD, LANGUAGES, seed=0)


def said(row, role):
    return [message["content"] for message in row["messages"] if message["role"] == role]


def test_conversations_are_valid_depend_on_the_seed_and_speak_all_languages(rows):
    assert rows == identity.conversations(CARD, LANGUAGES, 800, seed=0)
    assert rows != identity.conversations(CARD, LANGUAGES, 800, seed=1)
    for row in rows:
        validate(row["messages"])
        assert row["messages"][-1]["role"] == "assistant" and "{" not in str(said(row, "assistant"))
    assert {row["metadata"]["language"] for row in rows} == set(LANGUAGES)
    assert {row["metadata"]["about"] for row in rows} == {"card", "system", "pressure"}


def test_the_card_holds_unless_the_system_prompt_gives_an_identity_and_every_given_name_is_new(rows):
    given = []
    for row in rows:
        system = said(row, "system")
        named = [
            name for name in re.findall(r"\b[A-Z]\w+", " ".join(system)) if name in " ".join(said(row, "assistant"))
        ]
        if row["metadata"]["about"] == "system":
            assert named and CARD.name not in str(row["messages"])
            given.append(tuple(named))
        elif row["metadata"]["about"] == "card":
            assert system == [] or named == []
    assert len(set(given)) == len(given) > 200


def test_nobody_else_is_ever_claimed_or_confirmed(rows):
    names = {name for name, _ in OTHERS[TRAIN]}
    for row in rows:
        assert names.isdisjoint(re.findall(r"\w+", " ".join(said(row, "assistant"))))


def test_what_is_held_out_is_never_trained_on(rows, questions):
    asked = {turn for row in questions for turn in row["turns"]}
    systems = {row["system"] for row in questions} - {""}
    names = {word for identity_ in identity.heldout_identities(CARD, 0) for text in identity_ for word in text.split()}
    names -= set(identity.MAKER_KINDS)
    for row in rows:
        assert asked.isdisjoint(said(row, "user")) and systems.isdisjoint(said(row, "system"))
        words = re.findall(r"\w+", " ".join(message["content"] for message in row["messages"]))
        assert names.isdisjoint(words)
    for table in (
        SYSTEM_IDENTITY,
        SYSTEM_PLAIN,
        OTHERS,
        *PRESSURE.values(),
        *(x for q in QUESTIONS.values() for x in q.values()),
    ):
        assert set(table[TRAIN]).isdisjoint(table[HELDOUT]) and len(set(table[TRAIN])) == len(table[TRAIN])


def test_every_held_out_question_has_an_answer_of_its_language_and_a_check(questions):
    assert {row["about"] for row in questions} == {"card", "system", "pressure"}
    assert {row["kind"] for row in questions if row["about"] == "system"} == {"1", "2", "3"}
    for row in questions:
        assert row["language"] in ANSWERS[row["aspect"]] and "{" not in row["system"] + "".join(row["turns"])
        assert row["check"].keys() & {"any", "most"}
    given = [row["check"]["any"][0] for row in questions if row["about"] == "system"]
    assert len(set(given)) == len(given) and CARD.name not in given


def test_an_identity_is_put_before_a_conversation_that_has_no_system_prompt():
    coiner = identity.training_coiner(CARD, 0, "test")
    row = {"messages": [{"role": "user", "content": "Hi."}], "metadata": {"phase": "finetune"}}
    changed = identity.with_identity(row, coiner)
    assert changed["messages"][0]["role"] == "system" and changed["messages"][1:] == row["messages"]
    assert identity.with_identity(changed, coiner) is changed and changed["metadata"] == row["metadata"]
    offer = {"role": "system", "content": "Tools: search(query)."}
    offered = identity.with_identity({"messages": [offer, *row["messages"]]}, coiner)["messages"]
    assert offered[0]["content"].endswith(". Tools: search(query).") and offered[0] != offer
    assert offered[1:] == row["messages"]


def test_names_with_rare_pieces_come_as_often_as_others():
    rare = lambda text: "lm" in text
    share = {}
    for encode in (None, lambda text: [int(rare(text))]):
        coiner = identity.training_coiner(CARD, 0, "test", encode)
        share[encode is None] = np.mean([rare(maker) for _, maker in (coiner.draw() for _ in range(200))])
    assert share[True] < 0.15 and 0.35 < share[False] < 0.65


def test_mistakes_are_the_users():
    with pytest.raises(UserError, match=r"identity\.languages.*'xx'"):
        identity.conversations(CARD, ("xx",), 1, seed=0)
    with pytest.raises(UserError, match=r"card\.maker is empty"):
        identity.Card("Quillo", " ", "2024", "write", "see")
