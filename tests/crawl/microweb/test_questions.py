"""What is asked, and what is never asked."""

import json
import re

from jaxlm.crawl.microweb.templates import others, people


def test_held_out_entities_and_forms_are_never_asked(rows):
    text = "\n".join(page["text"] for page in rows("truth/pages.jsonl"))
    text += json.dumps(rows("web/conversations.jsonl"), ensure_ascii=False)
    asked = [row for row in rows("truth/questions.jsonl") if row["form"] == "heldout" or row["split"] == "test"]
    assert asked and not any(row["question"] in text for row in asked)
    test = [row["name"] for row in rows("truth/entities.jsonl") if row["split"] == "test" and row["type"] == "person"]
    conversations = json.dumps(rows("web/conversations.jsonl"))
    assert test and not any(name in conversations for name in test)


def test_held_out_sentences_occur_in_no_page(rows):
    text = "\n".join(page["text"] for page in rows("truth/pages.jsonl"))
    prompts = [row["prompt"] for row in rows("truth/cloze.jsonl") if row["template"] == "heldout"]
    assert prompts and not any(prompt in text for prompt in prompts)


def test_seen_cloze_prompts_name_the_entity_and_continue_with_the_answer(rows):
    names = {row["id"]: row["name"] for row in rows("truth/entities.jsonl")}
    text = " ".join(page["text"] for page in rows("truth/pages.jsonl") if page["kind"] == "clean")
    seen = [row for row in rows("truth/cloze.jsonl") if row["template"] == "seen"]
    for row in seen:
        assert names[row["entity"]] in row["prompt"] and row["answer"] not in row["prompt"]
    sentences = [re.split(r"(?<=[.?]) ", row["prompt"])[-1] for row in seen]  # without the introduction
    stated = [f"{sentence} {row['answer']}" in text for sentence, row in zip(sentences, seen) if row["tier"] == 16]
    assert sum(stated) >= 3


def test_every_attribute_has_its_sentences_and_questions():
    for attribute, sentences in people.TRAIN.items():
        assert len(sentences) >= 8 and len(people.HELDOUT[attribute]) == 2
        assert len(set(people.QUESTIONS[attribute])) == 20 and len(people.HELDOUT_QUESTIONS[attribute]) == 2
        assert not set(people.QUESTIONS[attribute]) & set(people.HELDOUT_QUESTIONS[attribute])
    for kind, attributes in others.TRAIN.items():
        for attribute in attributes:
            assert others.HELDOUT_QUESTIONS[kind][attribute] not in others.QUESTIONS[kind][attribute]
            assert others.HELDOUT[kind][attribute] not in others.TRAIN[kind][attribute]
