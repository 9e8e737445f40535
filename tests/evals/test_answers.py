import dataclasses

import numpy as np

from jaxlm.evals import answers


def recall_item(model, tier, number, right):
    return {"model": model, "form": "question", "tier": tier, "split": "test", "wording": "seen", "type": "person"} | {
        "attribute": "town", "entity": f"p{number}", "prompt": f"Where does p{number} live?", "answer": "Orrin"
    } | {"response": f"{model} says {number}", "right": right}  # fmt: skip


def test_both_models_stand_side_by_side():
    items = [
        recall_item(model, tier, number, model == "tuned")
        for model in ("base", "tuned")
        for tier in (0, 64)
        for number in range(10)
    ]
    check = {"type": "words", "n": 2}
    messages = [{"role": "user", "content": "Two words, please."}]
    asked = [
        {
            "model": "tuned",
            "task": "words",
            "check": check,
            "messages": messages,
            "response": "Two words",
            "right": True,
        }
    ]
    rows = answers.from_items(items, asked, seed=0)
    assert [(row["kind"], row["tier"]) for row in rows] == 3 * [("question", 0)] + 3 * [("question", 64)] + [
        ("instruction", None)
    ]
    for row in rows[:6]:
        assert row["base"].split()[-1] == row["tuned"].split()[-1]
        assert (row["base_right"], row["tuned_right"], row["expected"]) == (False, True, "Orrin")
    assert rows[-1]["base"] is None and rows[-1]["tuned"] == "Two words" and rows[-1]["expected"] == check


def test_real_text_is_continued_and_conversations_are_replied_to(subject):
    tokenizer = subject.tokenizer
    document = np.array([*subject.prompt_ids("The river runs down to the sea. " * 3), tokenizer.eos]), None
    user, assistant = tokenizer.control["<|user|>"], tokenizer.control["<|assistant|>"]

    def says(text):
        return [*tokenizer.encode(text), tokenizer.end]

    first = [tokenizer.bos, user, *says("Hi?"), assistant, *says("Hello.")]
    ids = [*first, user, *says("Bye."), assistant, *says("Bye."), tokenizer.eos]
    mask = np.zeros(len(ids), np.uint8)
    mask[7:14] = mask[20:25] = 1
    tuned = dataclasses.replace(subject, tuned=True, name="tuned")
    rows = answers.from_text([subject, tuned], [document], [(np.array(ids), mask)], count=5)
    completion, conversation = rows
    assert completion["prompt"] == "The river runs down to t" and completion["expected"].startswith("he sea.")
    assert isinstance(completion["base"], str) and isinstance(completion["tuned"], str)
    assert (conversation["prompt"], conversation["expected"], conversation["base"]) == ("Hi?", "Hello.", None)
    assert isinstance(conversation["tuned"], str) and conversation["tuned_right"] is None
