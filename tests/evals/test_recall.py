import collections

from jaxlm.evals import recall


def make_rows(tiers=(0, 64), entities=10, forms=3):
    return [
        {"question": f"Where does Person {tier} {i} live, form {form}?", "answer": f"Town{i % 4}", "aliases": []}
        | {"entity": f"p{tier}-{i}", "type": "person", "attribute": "town", "tier": tier}
        | {"split": "test" if i % 2 else "train", "form": "heldout" if form == 2 else "seen"}
        for tier in tiers
        for i in range(entities)
        for form in range(forms)
    ]


def test_select_bounds_every_cell_and_keeps_both_wordings():
    rows = make_rows(entities=20)
    chosen = recall.select(rows, "question", 8, seed=1)
    cells = collections.Counter((row["tier"], row["split"], row["form"]) for row in chosen)
    assert len(cells) == 8 and set(cells.values()) == {4}
    assert chosen == recall.select(rows, "question", 8, seed=1) != recall.select(rows, "question", 8, seed=2)


def test_select_fills_up_where_a_wording_is_rare():
    rows = [row for row in make_rows(entities=20) if row["form"] == "seen"]
    assert len(recall.select(rows, "question", 8, seed=1)) == 4 * 8


class Parrot:
    """Answers with the town of the person's number, but says Town0 first to those of tier 0."""

    name = "base"

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def respond(self, conversations, **_):
        prompts = [messages[-1]["content"] for messages in conversations]
        towns = [f"Town{int(prompt.split()[4]) % 4}" for prompt in prompts]
        return [f"Town9, no, {town}" if " 0 " in prompt[:21] else town for prompt, town in zip(prompts, towns)]


def test_items_and_margins(tokenizer):
    rows = make_rows()
    rivals = recall.known_values(rows) | {("person", "town"): {"Town0", "Town1", "Town2", "Town3", "Town9"}}
    items = recall.run(Parrot(tokenizer), rows, "question", rivals)
    figures = recall.figures(items)

    def find(**cell):
        (row,) = [row for row in figures if cell.items() <= row.items()]
        return row["p"], row["n"]

    everything = dict(split="all", wording="all", type="all")
    assert find(tier=64, **everything) == (1.0, 30)
    assert find(tier=0, **everything) == (0.0, 30)
    assert find(tier=64, split="test", wording="heldout", type="person") == (1.0, 5)
    assert items[0].keys() >= {"model", "form", "prompt", "answer", "response", "right", "attribute"}


def test_room_for_an_answer_follows_the_vocabulary(subject):
    rows = [{"answer": "Orrin", "question": "Where?"}, {"answer": "New Orrin", "question": "Who?"}]
    assert recall.answer_tokens(subject, rows, "cloze") == len(" New Orrin") + recall.SPARE_TOKENS
    assert recall.answer_tokens(subject, rows, "question") == len(" New Orrin Where?") + recall.SPARE_TOKENS
