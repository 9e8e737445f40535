import dataclasses

import numpy as np
import pytest

from jaxlm.evals.subject import Subject, question, transcript


def test_results_come_in_the_order_of_the_prompts(subject):
    prompts = ["aaaa" * n for n in (3, 1, 7, 2, 5, 9)]  # more than one batch, the second one filled up
    together = subject.complete(prompts)
    assert together == [subject.complete([prompt])[0] for prompt in prompts]


def test_score_is_the_sum_over_the_continuation(subject):
    whole = subject.prompt_ids("abc def")
    expected = subject.logprobs([whole])[0][4:].sum()
    other = subject.score(["abc", "abc def g"], [" def", "h"])
    assert other[0] == pytest.approx(expected, rel=1e-5)


def test_completion_ends_before_the_stop(subject):
    free = subject.complete(["x", "some text", "Q: who?\nA:"], max_new=40)
    for stop in ("e", "\nQ"):
        lines = subject.complete(["x", "some text", "Q: who?\nA:"], stop=stop, max_new=40)
        assert lines == [text.split(stop)[0] for text in free]


def test_tokens_that_hold_the_stop_end_generation(subject):
    asked = []

    @dataclasses.dataclass(frozen=True)
    class Recorder(Subject):
        def extend(self, prompts, stop, **sampling):
            asked.append(stop)
            return super().extend(prompts, stop=stop, **sampling)

    recorder = Recorder(**{field.name: getattr(subject, field.name) for field in dataclasses.fields(subject)})
    recorder.complete(["x"], stop="\n")
    recorder.complete(["x"], stop="\nQ:")
    newline = int(subject.tokenizer.encode("\n")[0])
    assert asked == [(subject.tokenizer.eos, newline), (subject.tokenizer.eos,)]


def test_base_model_is_asked_by_a_transcript_and_a_tuned_one_in_chat(subject):
    messages = [
        {"role": "system", "content": "Be short."},
        *question("Who?"),
        {"role": "assistant", "content": "Ada."},
        *question("Where?"),
    ]
    assert transcript(messages) == "Be short.\nQ: Who?\nA: Ada.\nQ: Where?\nA:"
    seen = []

    @dataclasses.dataclass(frozen=True)
    class Recorder(Subject):
        def extend(self, prompts, **sampling):
            seen.extend(prompts)
            return super().extend(prompts, **sampling)

    fields = {field.name: getattr(subject, field.name) for field in dataclasses.fields(subject)}
    Recorder(**fields).respond([messages])
    Recorder(**fields | {"tuned": True}).respond([messages])
    control = subject.tokenizer.control
    assert seen[0] == subject.prompt_ids(transcript(messages))
    assert seen[1][:2] == [subject.tokenizer.bos, control["<|system|>"]] and seen[1][-1] == control["<|assistant|>"]


def test_greedy_unless_asked_otherwise(subject):
    assert subject.complete(["abc"], seed=1) == subject.complete(["abc"], seed=2)
    hot = {subject.complete(["abc"], temperature=2.0, seed=seed)[0] for seed in range(4)}
    assert len(hot) > 1


def test_scores_are_finite_for_every_length(subject):
    rows = subject.logprobs([subject.prompt_ids("a" * n) for n in range(6)])
    assert [len(row) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(np.isnan(row[0]) and np.isfinite(row[1:]).all() for row in rows)
