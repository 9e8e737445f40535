"""Conversations and held-out instructions."""

import re

from jaxlm.crawl.microweb import instructions


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
    assert {"question", "multi_turn", "small_talk", *instructions.TASKS} == {
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
