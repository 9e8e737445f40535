"""A gate's threshold, and what it lets through."""

import dataclasses

import pytest

from jaxlm.errors import UserError
from jaxlm.evals.subject import question
from jaxlm.files import write_json
from jaxlm.honesty import abstention, gate, surprise


def test_the_threshold_refuses_the_share_of_right_answers_that_it_may():
    known, unknown = [{"label": "known"}] * 101, [{"label": "unknown"}] * 3
    chosen = gate.choose([*known, *unknown], [*map(float, range(101)), 95.5, 60.0, 200.0], over_refusal=0.1)
    assert chosen["threshold"] == pytest.approx(90.0)
    assert chosen["over_refusal"][0] == pytest.approx(10 / 101, abs=1e-3)
    assert chosen["unknown_answered"][0] == pytest.approx(1 / 3, abs=1e-3)
    assert gate.choose(unknown, [1.0, 2.0, 3.0], 0.1) is None


def test_only_what_is_not_too_new_is_answered(monkeypatch):
    @dataclasses.dataclass
    class Subject:
        def respond(self, conversations, **sampling):
            return [messages[-1]["content"].upper() for messages in conversations]

    monkeypatch.setattr(surprise, "of_names", lambda subject, conversations, names_only: [1.0, 3.0])
    gated = gate.Gated(Subject(), gate.Gate(None, threshold=2.0))
    assert gated.respond([question("a?"), question("b?")]) == ["A?", abstention.PHRASINGS[0]]


def test_what_was_refused_is_judged_as_if_it_had_not_been_asked(monkeypatch):
    judged = []
    monkeypatch.setattr(surprise, "of_names", lambda subject, talks, names_only: judged.extend(talks) or [0.0])
    system, who = {"role": "system", "content": "Be brief."}, question("Who is Ada Moss?")
    poem = [*question("Ada Moss wrote this. Who is Tom Hill?"), {"role": "assistant", "content": gate.ABSTENTION}]
    answered = [*question("Who is Ann Ray?"), {"role": "assistant", "content": "A judge."}]
    assert gate.too_new(None, [[system, *answered, *poem, *who, poem[1], *who]], 0.0) == [False]
    assert judged == [[system, *answered, *question("Ada Moss wrote this."), *who]]


def test_the_threshold_is_the_runs_own(tmp_path):
    with pytest.raises(UserError, match="the phase 'probe' has not finished"):
        gate.load_threshold(tmp_path)
    write_json(tmp_path / "probe" / "summary.json", {"result": {"gate": {"threshold": 2.5}}})
    assert gate.load_threshold(tmp_path) == 2.5
    write_json(tmp_path / "probe" / "summary.json", {"result": {"gate": None}})
    with pytest.raises(UserError, match="no threshold for the gate"):
        gate.load_threshold(tmp_path)
