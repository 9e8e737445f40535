"""Conversations in which a model may use tools: it answers until it calls one or doubts, reads the result, goes on.

Rows of a batch are interrupted inside the compiled sampling loop and go on from their KV cache: no token is computed
twice (see jaxlm.generate.interrupt). What a tool returns enters as the text of a `tool` message.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from jaxlm.evals.subject import Messages, Subject
from jaxlm.generate import Generation, Sampling, batching, loop
from jaxlm.generate.interrupt import Insertion, resume
from jaxlm.honesty.tool_use import Policy, Use, asking, last_question, look_up
from jaxlm.honesty.tools import MAX_CHARS, Tool
from jaxlm.text.conversation import parse_assistant, render
from jaxlm.text.tokenizer import Tokenizer


@dataclasses.dataclass
class Transcript:
    """A conversation with the answer it got.

    Attributes:
      messages: all of it, with calls, results and the answer.
      text: the final answer.
      calls: uses of tools in this turn.
      finish: "stop"; "length" where max_new cut the answer; "call" where the model wanted a tool that it may not use
        (any more); "full" where no token would have fitted behind the conversation or a tool's result.
      generations: what was sampled, a stretch between interruptions each; one that ended in doubt (finish "doubt") was
        taken back and is not in messages.
      ids: the tokens the model has read and said, without what was taken back and without the last stop token.
    """

    messages: Messages
    text: str = ""
    calls: list[Use] = dataclasses.field(default_factory=list)
    finish: str = "full"
    generations: list[Generation] = dataclasses.field(default_factory=list)
    ids: list[int] = dataclasses.field(default_factory=list)

    @property
    def triggered_by(self) -> str | None:
        """What made the model use a tool first: "call", "doubt", or None where it answered at once."""
        return self.calls[0].trigger if self.calls else None


def converse(
    subject: Subject,
    conversations: Sequence[Messages],
    tools: Sequence[Tool],
    max_calls: int = 1,
    trigger: str = "call",
    threshold: float | None = None,
    signal: str = "logprob",
    window: int = 16,
    query: Callable[[Messages], str] = last_question,
    max_chars: int = MAX_CHARS,
    max_tokens: int | None = None,
    **sampling: Any,
) -> list[Transcript]:
    """Answers each conversation, using tools on the way; the arguments up to `max_tokens` are the fields of Policy.

    Conversations of similar length share a batch. Interrupted rows wait until the others are done, then go on together.
    A call that cannot be run gets its error as its result, and a result is cut to the room that the model has left.

    Args:
      sampling: fields of jaxlm.generate.Sampling; greedy, and subject.max_new tokens a stretch, unless said otherwise.

    Raises:
      UserError: an argument is not as expected.
    """
    policy = Policy(tools, max_calls, trigger, threshold, signal, window, query, max_chars, max_tokens)
    request = Sampling(**{"temperature": 0.0, "max_new": subject.max_new, **sampling})
    request = policy.sampling(request, subject.tokenizer)
    transcripts = [
        Transcript(list(messages), ids=render(messages, subject.tokenizer, generation=True).ids.tolist())
        for messages in conversations
    ]
    fitting = [talk for talk in transcripts if len(talk.ids) < subject.cfg.max_len]
    fitting.sort(key=lambda talk: len(talk.ids))
    for start in range(0, len(fitting), subject.batch_size):
        _converse(subject, fitting[start : start + subject.batch_size], policy, request)
    return transcripts


def _converse(subject: Subject, batch: list[Transcript], policy: Policy, request: Sampling) -> None:
    rows = batching.check([talk.ids for talk in batch], subject.cfg, subject.cfg.max_len - 1)
    totals = [min(len(row) + request.max_new, subject.cfg.max_len) for row in rows]
    decoding = loop.start(subject.params, subject.cfg, rows, totals, [request] * len(rows))
    waiting = range(len(batch))
    while waiting:
        answers = loop.run(decoding)
        found = {row: _advance(batch[row], answers[row], decoding, row, policy, subject.tokenizer) for row in waiting}
        insertions = {row: insertion for row, insertion in found.items() if insertion}
        if insertions:
            resume(decoding, insertions)
        waiting = insertions


def _advance(
    talk: Transcript, answer: Generation, decoding: loop.Decoding, row: int, policy: Policy, tokenizer: Tokenizer
) -> Insertion | None:
    """Writes down the answer; returns what the row has to read next, None when the turn is over."""
    talk.generations.append(answer)
    talk.finish = answer.finish
    if policy.runs(answer.finish, talk.calls):
        message = asking(talk.messages, answer.tokens, answer.finish, policy, tokenizer)
        step = look_up(message, answer.finish, talk.calls, decoding, row, policy, tokenizer)
        if step is not None:
            talk.messages += step.messages
            talk.calls += step.uses
            talk.ids += ([] if step.insertion.drop else answer.tokens) + step.insertion.tokens
            return step.insertion
        talk.finish = "full"
    message = parse_assistant(answer.tokens, tokenizer)
    talk.messages.append(message)
    talk.text = message["content"]
    talk.ids += answer.tokens
    return None
