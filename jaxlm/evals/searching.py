"""The ways in which a model under examination may search.

By its own call, when it is in doubt about its answer, either, or when the names in the question are new to it.
"""

from collections.abc import Callable, Sequence

import numpy as np

from jaxlm.evals import judge, statistics
from jaxlm.evals.memory import Searched
from jaxlm.evals.subject import Messages, Subject, question
from jaxlm.honesty import agent, surprise
from jaxlm.honesty.gate import Gate
from jaxlm.honesty.tool_use import last_question, stop_ids
from jaxlm.honesty.tools import Tool, make_call, offer, run_call, specification
from jaxlm.text.conversation import LEAD, render

FALSE_ALARMS = 0.05  # of the right answers about well-known things, so many may be doubted
CALIBRATION = 200  # questions the threshold of doubt is chosen on


def ways(
    subject: Subject,
    tool: Tool,
    known: list[dict],
    values: dict[tuple[str, str], set[str]],
    seed: int,
    gate: Gate | None = None,
) -> dict[str, Callable[[Sequence[Messages]], list[Searched]]]:
    """Returns what asks the model while it may search, for each of memory.SEARCHING.

    Args:
      subject: a model that has learnt to read results.
      tool: searches, with one argument `query`.
      known: questions, none of which is asked later, that it should be able to answer: the threshold is chosen on them.
      values: what each (type, attribute) can be.
      seed: draws from `known`.
      gate: it searches instead of answering where this stops it; None: where the surprise of the subject itself is
        beyond what is chosen on `known`, whom the model may know better than whom it is asked about then.
    """
    generator = np.random.Generator(np.random.PCG64([seed, 47]))
    doubt, new = thresholds(subject, statistics.sample(known, CALIBRATION, generator), values)
    gate = Gate(subject, new) if gate is None else gate

    def ask(conversations: Sequence[Messages], trigger: str, offered: bool) -> list[Searched]:
        system = [{"role": "system", "content": offer(specification([tool]))}] if offered else []
        talks = [[*system, *messages] for messages in conversations]
        limits = {} if trigger == "call" else {"threshold": doubt}
        found = agent.converse(subject, talks, [tool], max_calls=1, trigger=trigger, **limits)
        return [Searched(one.text, tuple(use.result for use in one.calls)) for one in found]

    def ask_if_new(conversations: Sequence[Messages]) -> list[Searched]:
        system = {"role": "system", "content": offer(specification([tool]))}
        talks, results = [], []
        for messages, is_new in zip(conversations, gate.stops(conversations), strict=True):
            looked_up = look_up(tool, messages) if is_new else []
            talks.append([system, *messages, *looked_up] if is_new else messages)
            results.append(tuple(message["content"] for message in looked_up[1:]))
        return [Searched(text, result) for text, result in zip(subject.chat(talks), results, strict=True)]

    return {
        "search": lambda conversations: ask(conversations, "call", True),
        "doubt": lambda conversations: ask(conversations, "uncertainty", False),
        "both": lambda conversations: ask(conversations, "both", True),
        "surprise": ask_if_new,
    }


def look_up(tool: Tool, messages: Messages) -> Messages:
    """The call and the result of a search with the last question."""
    wanted = make_call(tool.name, {"query": last_question(messages)})
    return [
        {"role": "assistant", "content": "", "tool_calls": [wanted]},
        {"role": "tool", "content": run_call([tool], wanted), "tool_call_id": "call_0"},
    ]


def thresholds(subject: Subject, rows: list[dict], values: dict[tuple[str, str], set[str]]) -> tuple[float, float]:
    """Returns a log-probability of the answer and a surprise at the names, in nats, that all but FALSE_ALARMS of the
    right answers keep within.
    """
    asked = [question(row["question"]) for row in rows]
    prompts = [render(messages, subject.tokenizer, generation=True).ids.tolist() for messages in asked]
    answers = subject.extend(prompts, stop=stop_ids(subject.tokenizer))
    right = [
        judge.is_right(
            subject.tokenizer.decode(answer.tokens).removeprefix(LEAD),
            row["answer"],
            row["aliases"],
            values[row["type"], row["attribute"]],
            row["question"],
        )
        for row, answer in zip(rows, answers, strict=True)
    ]
    sums = [sum(answer.logprobs) for answer, is_right in zip(answers, right, strict=True) if is_right]
    new = [found for found, is_right in zip(surprise.of_names(subject, asked), right, strict=True) if is_right]
    if not sums:
        return -np.inf, np.inf
    return float(np.quantile(sums, FALSE_ALARMS)), float(np.quantile(new, 1.0 - FALSE_ALARMS))
