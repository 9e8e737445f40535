"""The ways in which a model under examination may search: by its own call, when it is in doubt, or both."""

from collections.abc import Callable, Sequence

import numpy as np

from jaxlm.evals import judge, statistics
from jaxlm.evals.memory import Searched
from jaxlm.evals.subject import Messages, Subject, question
from jaxlm.honesty import agent
from jaxlm.honesty.tool_use import name_in_question, stop_ids
from jaxlm.honesty.tools import Tool, offer, specification
from jaxlm.text.conversation import LEAD, render

FALSE_ALARMS = 0.05  # of the right answers about well-known things, so many may be doubted
CALIBRATION = 200  # questions the threshold of doubt is chosen on


def ways(
    subject: Subject,
    tool: Tool,
    known: list[dict],
    values: dict[tuple[str, str], set[str]],
    seed: int,
) -> dict[str, Callable[[Sequence[Messages]], list[Searched]]]:
    """Returns what asks the model while it may search, for each of memory.SEARCHING.

    Args:
      subject: a model that has learnt to read results.
      tool: searches, with one argument `query`.
      known: questions, none of which is asked later, that it should be able to answer: the threshold is chosen on them.
      values: what each (type, attribute) can be.
      seed: draws from `known`.
    """
    generator = np.random.Generator(np.random.PCG64([seed, 47]))
    threshold = doubt_threshold(subject, statistics.sample(known, CALIBRATION, generator), values)

    def ask(conversations: Sequence[Messages], trigger: str, offered: bool) -> list[Searched]:
        system = [{"role": "system", "content": offer(specification([tool]))}] if offered else []
        talks = [[*system, *messages] for messages in conversations]
        limits = {} if trigger == "call" else {"threshold": threshold, "query": name_in_question}
        found = agent.converse(subject, talks, [tool], max_calls=1, trigger=trigger, **limits)
        return [Searched(one.text, tuple(use.result for use in one.calls)) for one in found]

    return {
        "search": lambda conversations: ask(conversations, "call", True),
        "doubt": lambda conversations: ask(conversations, "uncertainty", False),
        "both": lambda conversations: ask(conversations, "both", True),
    }


def doubt_threshold(subject: Subject, rows: list[dict], values: dict[tuple[str, str], set[str]]) -> float:
    """Returns the log-probability of an answer, in nats, that all but FALSE_ALARMS of the right ones reach."""
    prompts = [render(question(row["question"]), subject.tokenizer, generation=True).ids.tolist() for row in rows]
    found = subject.extend(prompts, stop=stop_ids(subject.tokenizer))
    sums = [
        sum(answer.logprobs)
        for row, answer in zip(rows, found, strict=True)
        if judge.is_right(
            subject.tokenizer.decode(answer.tokens).removeprefix(LEAD),
            row["answer"],
            row["aliases"],
            values[row["type"], row["attribute"]],
            row["question"],
        )
    ]
    return float(np.quantile(sums, FALSE_ALARMS)) if sums else 0.0
