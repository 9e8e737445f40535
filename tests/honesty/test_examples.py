import collections

import pytest

from jaxlm.config import defaults
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError
from jaxlm.evals import judge
from jaxlm.honesty import abstention, boundary, examples


def row(number: int, label: str, share: float, kind: str = "document", **more) -> dict:
    said = f"Town{number}."
    base = dict(
        id=f"d{number}", question=f"Where was Ana P{number} born?", answer=f"Town{number}", aliases=[], rivals=[],
        passage="p", source="s", entity=f"Ana P{number}", attribute="town", kind=kind, label=label, share=share,
        greedy=f"Ana P{number} was born in Town{number}.", greedy_mark="right", answers=[said, said],
        marks=["right", "right"],
    )  # fmt: skip
    return base | more


def settings(**changes):
    config = defaults().honesty
    config.update({"plain": 0.0, "multi_turn": 0.0, "system": 0.0, **changes})
    return config


ROWS = [
    *(row(i, "known", 1.0) for i in range(40)),
    *(row(i, "unknown", 0.0, greedy="Else.") for i in range(40, 60)),
    *(row(i, "unknown", 0.0, "nobody", answer="", greedy="Else.") for i in range(60, 90)),
]


def kinds(rows: list[dict]) -> collections.Counter:
    return collections.Counter(one["metadata"]["kind"] for one in rows)


def test_every_phrasing_abstains_and_the_usual_one_is_commonest():
    assert abstention.PHRASINGS[0] == "I'm not sure. Could you provide more context?"
    assert all(judge.abstains(text) for text in abstention.PHRASINGS) and len(set(abstention.PHRASINGS)) >= 10
    dice = Dice(0, "phrases")
    drawn = collections.Counter(abstention.phrase(dice) for _ in range(2000))
    assert set(drawn) == set(abstention.PHRASINGS) and 0.5 < drawn[abstention.PHRASINGS[0]] / 2000 < 0.6


def test_proposals_follow_the_label():
    known, wordy, unknown, nobody = examples.propose(
        [ROWS[0], row(1, "known", 0.6, greedy="Town1. And more. And"), ROWS[40], ROWS[60]], "own", 0
    )
    assert known["messages"][1]["content"] == "Ana P0 was born in Town0."
    assert wordy["messages"][1]["content"] == "Town1."  # of its own answers one without a tail
    assert all(judge.abstains(one["messages"][1]["content"]) for one in (unknown, nobody))
    assert (known["decision"], known["edited"], known["metadata"]["label"]) == (None, False, "known")
    reference = examples.propose([row(2, "known", 1.0)], "reference", 0)[0]
    assert reference["messages"][1]["content"] == "Town2."


def test_the_mix_is_balanced():
    mixed = examples.mix(ROWS, examples.propose(ROWS, "own", 0), [], settings(known_per_unknown=1.0, nobody=0.5), 0)
    assert kinds(mixed) == {"honesty_answer": 40, "honesty_nobody": 20, "honesty_refuse": 20}
    more = examples.mix(ROWS, examples.propose(ROWS, "own", 0), [], settings(known_per_unknown=2.0, nobody=0.25), 0)
    # answers come again where there are too few of them, refusals never
    assert kinds(more) == {"honesty_answer": 54, "honesty_nobody": 7, "honesty_refuse": 20}
    once = examples.mix(ROWS, examples.propose(ROWS, "own", 0), [], settings(known_per_unknown=0.0, nobody=0.6), 0)
    assert len(once) == 90


def test_decisions_and_edits_are_honored():
    proposed = examples.propose(ROWS, "own", 0)
    proposed[0]["decision"] = "reject"
    proposed[1] |= {
        "edited": True,
        "messages": [*proposed[1]["messages"][:1], {"role": "assistant", "content": "Mine."}],
    }
    said = {
        one["messages"][0]["content"]: one["messages"][1]["content"]
        for one in examples.mix(ROWS, proposed, [], settings(known_per_unknown=0.0), 0)
    }
    assert ROWS[0]["question"] not in said and said[ROWS[1]["question"]] == "Mine."
    with pytest.raises(UserError, match="no example is left"):
        examples.mix(ROWS, proposed, [], settings(reviewed_only=True), 0)
    proposed[2]["decision"] = "accept"
    assert len(examples.mix(ROWS, proposed, [], settings(reviewed_only=True, known_per_unknown=0.0), 0)) == 1


@pytest.mark.parametrize(
    ("between", "answers", "refusals"), [("drop", 0, 0), ("answer", 80, 0), ("refuse", 0, 80), ("by_share", 80, 240)]
)
def test_what_is_in_between_is_handled_as_asked(between, answers, refusals):
    rows = [row(i, "between", 0.25) for i in range(80)] + ROWS[:1] + ROWS[40:41]
    chosen = settings(between=between, soft_copies=4, known_per_unknown=0.0)
    found = kinds(examples.mix(rows, examples.propose(rows, "own", 0), [], chosen, 0))
    assert found["honesty_answer"] - 1 == pytest.approx(answers, abs=20)
    assert found["honesty_refuse"] - 1 == pytest.approx(refusals, abs=20)
    assert found.total() == answers + refusals + 2


def test_emphasis_and_border_repeat_examples():
    rows = [row(0, "known", 0.5), row(1, "known", 1.0), ROWS[40]]
    proposed = examples.propose(rows, "own", 0)
    chosen = settings(border=4.0, known_per_unknown=0.0)
    mixed = examples.mix(rows, proposed, [], chosen, 0, emphasis={"d1": 5, "d40": 2})
    found = collections.Counter(one["messages"][0]["content"].split()[3] for one in mixed)
    assert found == {"P0": 3, "P1": 5, "P40": 2}


def test_plain_conversations_that_answer_the_unknown_are_left_out():
    def talk(*asked: str) -> dict:
        turns = [[{"role": "user", "content": text}, {"role": "assistant", "content": "X."}] for text in asked]
        return {"messages": [message for turn in turns for message in turn], "metadata": {}}

    unknown = [row(0, "unknown", 0.0, entity="Ana Brenk"), row(1, "known", 1.0, entity="Otto Vlim")]
    kept = [talk("Where was Otto Vlim born?"), talk("Who employs Ana Brenk?"), talk("Where was she born?")]
    kept.append(talk("Read this: Ana Brenk was born in Velm. Where was Ana Brenk born?"))
    left_out = [
        talk("What is the birthplace of Ana Brenk?"),
        talk("Who employs Ana Brenk?", "And where was she born?"),
        talk("where was Ana P0 born"),
    ]
    assert examples.without_unknown([*kept, *left_out], unknown) == kept
    mixed = examples.mix(unknown, examples.propose(unknown, "own", 0), kept, settings(plain=0.5), 0)
    assert examples.counts(mixed) == {"honesty_answer": 1, "honesty_refuse": 1, "plain": 2}


def test_abstaining_does_not_depend_on_being_first():
    system = {"role": "system", "content": "Be brief."}
    plain = [
        {"messages": [system, *turn], "metadata": {}}
        for turn in ([{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hello."}],) * 3
    ]
    mixed = examples.mix(ROWS, examples.propose(ROWS, "own", 0), plain, settings(multi_turn=0.5, system=0.5), 0)
    turns = collections.Counter(len([m for m in one["messages"] if m["role"] == "user"]) for one in mixed)
    assert turns[1] > 10 and turns[2] > 10
    refused = [one for one in mixed if one["metadata"]["kind"] != "honesty_answer"]
    assert any(one["messages"][0] == system for one in refused) and any(len(one["messages"]) == 4 for one in refused)


def test_labels():
    def told(share, mark, kind="document"):
        return boundary.label(kind, share, mark, known=0.5, unknown=0.15)

    assert [told(0.5, "wrong"), told(0.3, "wrong"), told(0.1, "wrong")] == ["known", "between", "unknown"]
    assert told(0.1, "right") == "between" and told(1.0, "right", "nobody") == "unknown"


def test_gain_weighs_both_sides_alike_and_counts_entities():
    before = [
        *({"label": "known", "entity": f"k{i // 5}"} for i in range(50)),
        *({"label": "unknown", "entity": f"u{i}"} for i in range(10)),
        {"label": "between", "entity": "b"},
    ]
    wrong = [{"greedy_mark": "wrong"} for _ in before]
    better = [{"greedy_mark": "right" if i < 25 else "abstain" if i >= 50 else "wrong"} for i in range(61)]
    gain, noise = boundary.gain(before, wrong, better)
    assert gain == pytest.approx((0.5 + 1.0) / 2)
    assert noise == pytest.approx((0.25 / 9) ** 0.5 / 2)  # ten entities, half of them 1 and half 0
    assert boundary.gain(before, better, better) == (0.0, 0.0)
