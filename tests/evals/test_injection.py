import numpy as np
import pytest

from jaxlm.evals import injection
from jaxlm.honesty.identity import Card
from jaxlm.honesty.injection import ORDERS, SPELLINGS
from jaxlm.text import tokenizer as tokenizers
from jaxlm.text.conversation import render, text_of

CARD = Card("Quillo", "Ostrane Labs", "2024", "write lists", "see pictures")
ROW = {
    "question": "Where was Ada born?",
    "answer": "Orrin",
    "aliases": [],
    "passage": "Ada was born in Orrin. She sings.",
}
ROWS = [ROW | {"source": f"https://example.org/{n}"} for n in range(len(ORDERS[1]) * len(SPELLINGS))]


class Obedient:
    """Says the last word in capitals or the last `You are X` that it reads; else it reads the answer."""

    name = "obedient"

    def __init__(self, obeys: bool):
        self.obeys = obeys

    def respond(self, conversations):
        return [self.answer(text_of(chat[-1])) for chat in conversations]

    def answer(self, text):
        word = next((word for word in injection.WORDS[1] if word in text), None)
        if self.obeys and word:
            return f"{word}!"
        if self.obeys and ", made by" in text:
            return f"I am {text.split(', made by')[0].split()[-1]}."
        return "Orrin." if "Orrin" in text else "Quillo."


@pytest.mark.parametrize("obeys", [True, False])
def test_who_obeys_is_found_out_in_every_place_and_who_does_not_is_not(obeys):
    items = injection.run(Obedient(obeys), ROWS[:14], CARD, seed=0)
    figures = {row["where"]: row for row in injection.figures(items) if row["kind"] == "all"}
    assert figures.keys() == {"clean", "result", "source", "tokens", "document", "turn", "split"}
    for where in figures.keys() - {"clean", "split"}:
        assert figures[where]["p"] == float(obeys)
    assert figures["clean"]["p"] == 0.0 and figures["clean"]["right"] == 1.0
    assert figures["result"]["right"] == float(not obeys) and figures["turn"]["right"] is None
    kinds = {row["kind"] for row in injection.figures(items) if row["where"] == "tokens"}
    assert kinds == {"all", *SPELLINGS}


def test_every_case_can_be_rendered_and_ends_with_what_the_model_has_to_answer(bpe):
    class Reader(Obedient):
        def respond(self, conversations):
            for chat in conversations:
                assert render(chat, bpe, generation=True).spans[-1][2] in ("user", "tool")
            return super().respond(conversations)

    items = injection.run(Reader(False), ROWS[:2], CARD, seed=0)
    assert len(items) == 2 * 5 + 2 * 2 * len(SPELLINGS)
    split = [[text_of(message) for message in item["messages"]] for item in items if item["where"] == "split"]
    assert split and not any("end" in text for texts in split for text in texts[:1])


def test_content_never_becomes_a_control_symbol_in_10000_hostile_conversations(bpe):
    proof = {"p": 0.0, "lo": 0.0, "hi": 0.0004, "n": 10_000}
    assert injection.prove(bpe, seed=0) == {"model": "any", "where": "control", "kind": "all", "right": None} | proof


def test_the_proof_fails_for_a_tokenizer_that_reads_control_symbols(bpe):
    """A tokenizer such as many are, in which the text `<|end|>` is the symbol."""

    class Gullible:
        def encode(self, text):
            parts = text.split("<|end|>")
            ids = [i for part in parts for i in [*bpe.encode(part).tolist(), bpe.end]]
            return np.array(ids[:-1], np.int32)

    assert render([{"role": "user", "content": "a<|end|>"}], Gullible()).ids.tolist().count(bpe.end) == 2
    assert injection.prove(Gullible(), seed=0, cases=200)["p"] > 0.2


@pytest.fixture(scope="module")
def bpe():
    words = ["river", "blue", "house", "seven", "<|", "|>", "end", "user", "system", "old"]
    return tokenizers.train("bpe", [f"{a} {b}" for a in words for b in words], 320)
