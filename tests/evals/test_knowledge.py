import dataclasses

import numpy as np
import pytest

from jaxlm.evals import knowledge, sets
from jaxlm.evals.endpoint import Bytes
from jaxlm.evals.subject import Subject


@pytest.fixture
def oracle(subject):
    """A model that says what a function of the prompt says."""

    def make(say, name="oracle", prefer=()):
        @dataclasses.dataclass(frozen=True)
        class Oracle(Subject):
            def respond(self, conversations, multiline=False, **sampling):
                return [say(messages[-1]["content"]) for messages in conversations]

            def score(self, prompts, continuations):
                return np.array([0.0 if tail.strip() in prefer else -1.0 for tail in continuations])

        fields = {field.name: getattr(subject, field.name) for field in dataclasses.fields(subject)}
        return Oracle(**fields | {"name": name, "context": 300})

    return make


QUESTIONS = [
    {"question": f"Where does person {n} live in {form}?", "form": form, "answer": f"Town{n % 3}", "aliases": []}
    | {"entity": f"p{n}", "type": "person", "attribute": "town", "tier": tier, "split": "test"}
    for n, tier in enumerate((0, 0, 1, 64, 256, 256))
    for form in ("seen", "heldout")
]
ENTITIES = [{"id": f"p{n}", "novel": n == 0} for n in range(6)]


def answer(prompt: str) -> str:
    return "I'm not sure." if "person 0" in prompt or "person 3" in prompt else "Town" + str(int(prompt.split()[3]) % 3)


def table(figures, **wanted):
    rows = [row for row in figures if all(row[name] == value for name, value in wanted.items())]
    return {row["outcome"]: (row["p"], row["n"]) for row in rows}


def test_known_world(oracle):
    rows = knowledge.world(QUESTIONS, ENTITIES, 10, seed=0)
    items = knowledge.run(oracle(answer), rows)
    figures = knowledge.figures(items)
    everything = dict(names="all", split="all", form="all")
    assert table(figures, tier=256, **everything) == {"right": (1, 4), "abstain": (0, 4), "wrong": (0, 4)}
    # right by guessing does not count where nothing could be known
    assert table(figures, tier=0, names="novel", split="all", form="all")["abstain"] == (1, 2)
    assert table(figures, tier=0, names="recombined", split="all", form="all")["wrong"] == (1, 2)
    assert table(figures, tier=0, form="heldout", names="novel")["abstain"] == (1, 1)
    whole = table(figures, tier="all", **everything)
    assert whole["precision"] == (0.5, 4) and whole["recall"] == (0.5, 4) and whole["f1"] == (0.5, 6)
    assert len({tuple(str(row[k]) for k in ("tier", "names", "split", "form", "outcome")) for row in figures}) == len(
        figures
    )


def test_f1_interval_contains_the_point():
    items = [{"answerable": n >= 10, "mark": "abstain" if n % 3 else "wrong"} for n in range(30)]
    found = knowledge.abstention(items)
    precision, recall = found["precision"]["p"], found["recall"]["p"]
    assert found["f1"]["p"] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-3)
    assert found["f1"]["lo"] < found["f1"]["p"] < found["f1"]["hi"]
    assert knowledge.abstention(items[:10]) == {}


def test_what_training_changed(oracle):
    rows = knowledge.world(QUESTIONS, ENTITIES, 10, seed=0)
    before = knowledge.run(oracle(lambda prompt: "Town" + str(int(prompt.split()[3]) % 3), "tuned"), rows)
    after = knowledge.run(oracle(answer, "honest"), rows)
    rows = knowledge.compare(before, after)
    assert {(row["model"], row["against"]) for row in rows} == {("honest", "tuned")}
    assert table(rows, tier="all") == {"over-refusal": (0.25, 8), "lost": (0, 8), "accuracy change": (-0.25, 8)}
    assert table(rows, tier="often")["over-refusal"] == (0.3333, 6)
    assert table(rows, tier=1)["accuracy change"] == (0, 2)
    assert table(rows, tier=0) == {}  # there is nothing to refuse


def test_conditions_and_long_passages(oracle):
    asked = []

    def say(prompt):
        asked.append(prompt)
        return "Orrin" if "Orrin" in prompt else "I'm not sure."

    passages = {"closed": "", "gold": "x" * 900 + "Orrin" + "x" * 1000, "distracting": "Valen."}
    row = {
        "set": "popqa",
        "id": 1,
        "question": "Where?",
        "answer": "Orrin",
        "aliases": [],
        "answerable": True,
        "tier": 100,
    }
    items = knowledge.run(oracle(say), [row | {"passages": passages}])
    assert [(item["condition"], item["mark"]) for item in items] == [
        ("closed", "abstain"),
        ("gold", "right"),
        ("distracting", "abstain"),
    ]
    assert asked[0] == "Where?" and asked[2] == "Read this: Valen.\nWhere?"
    # a training row held 300 tokens; more has never been practiced
    assert 200 < len(asked[1]) < 300 and asked[1].endswith("x\nWhere?")


def test_a_passage_is_cut_around_its_answer():
    text = "Ada Vell was a poet. She lived in Orrin."
    assert knowledge.excerpt(text, ("poet", ""), 20) == "Ada Vell was a poet."
    assert "Orrin" in knowledge.excerpt(text, ("Valen", "orrin"), 10)
    assert knowledge.excerpt(text, ("Valen",), 8) == "Ada Vell"
    assert all(len(knowledge.excerpt(text, ("Orrin",), size)) == size for size in range(1, len(text)))


def test_multiple_choice(oracle):
    row = {
        "set": "truthfulqa",
        "id": 0,
        "tier": "",
        "question": "What?",
        "best": "Nothing",
        "correct": ["Nothing", "No"],
    }
    row |= {"incorrect": ["You die", "You fly"]}
    for prefer, mc1, mc2 in (
        (("Nothing", "No"), 1, 1 / (1 + np.exp(-1))),
        (("You die",), 0, 2 * np.exp(-1) / (3 * np.exp(-1) + 1)),
        ((), 0, 0.5),
    ):
        items = knowledge.choose(oracle(str, prefer=prefer), [row])
        figures = knowledge.choice_figures(items)
        assert table(figures, set="truthfulqa") == {"mc1": (mc1, 1), "mc2": (pytest.approx(mc2, abs=1e-4), 1)}


@pytest.mark.real
def test_every_real_set_can_be_asked(oracle, real_data):
    for name in ("popqa", "nq", "selfaware", "squad2"):
        rows = sets.read(name, real_data)[::97]
        model = dataclasses.replace(oracle(lambda prompt: "I do not know."), tokenizer=Bytes())
        marks = [item["mark"] for item in knowledge.run(model, rows)]
        assert set(marks) == {"abstain"} and len(marks) >= len(rows)
