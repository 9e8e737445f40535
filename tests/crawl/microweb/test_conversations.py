"""Conversations and held-out instructions."""

import re

from jaxlm.crawl.microweb import instructions
from jaxlm.crawl.microweb.templates import talk


def test_conversations_alternate_and_answer_truly(rows):
    entities = {row["name"]: row for row in rows("truth/entities.jsonl")}
    conversations = rows("web/conversations.jsonl")
    for conversation in conversations:
        roles = [message["role"] for message in conversation["messages"]]
        roles = roles[1:] if roles[0] == "system" else roles
        assert roles == ["user", "assistant"] * (len(roles) // 2) and roles
        if conversation["metadata"]["kind"] == "question":
            asked, answer = (message["content"] for message in conversation["messages"][-2:])
            subject = max((name for name in entities if name in asked), key=len)
            assert any(value in answer for value in entities[subject]["attributes"].values())
            assert entities[subject]["split"] == "train" and entities[subject]["tier"] >= 4
    assert {"question", "multi_turn", "small_talk", "remembering", *instructions.TASKS} == {
        c["metadata"]["kind"] for c in conversations
    }


def test_held_out_instructions_are_not_trained_on(rows):
    asked = {message["content"] for row in rows("web/conversations.jsonl") for message in row["messages"]}
    heldout = rows("truth/instructions.jsonl")
    assert len(heldout) > 100
    assert not any(row["messages"][-1]["content"] in asked for row in heldout)
    for row in heldout:
        if row["check"]["type"] == "regex":
            re.compile(row["check"]["pattern"])


def test_what_a_text_or_the_user_says_is_what_is_answered(rows):
    found = [row for row in rows("web/conversations.jsonl") if row["metadata"]["kind"] in ("reading", "remembering")]
    assert len({row["metadata"]["kind"] for row in found}) == 2
    for row in found:
        said = ""
        for message in row["messages"]:
            if message["role"] == "user":
                said += f" {message['content']}"
            elif message["role"] == "assistant" and message["content"] not in talk.HEARD:
                words = message["content"].rstrip(".").split()
                value = words[-2:] if len(words) > 1 and words[-2].istitle() else words[-1:]
                assert " ".join(value) in said
