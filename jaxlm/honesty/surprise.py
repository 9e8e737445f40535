"""How new the names in a question are to a model: its surprise when it reads them.

To a model that has read of Ada Moss and of Tom Baker, `Baker` behind `Ada` is unlikely, and `Moss` is not. What it
predicts while it reads says so at no extra cost but the output head's, and says it clearly where the answer does not: a
model of four layers gives confident answers about recombined names whose novelty it has just been surprised by. The
base model tells best: tuning on conversations goes over the same names and blurs whom it had read of.
"""

import re
from collections.abc import Sequence

import numpy as np

from jaxlm.evals.subject import Messages, Subject
from jaxlm.honesty.search.names import names
from jaxlm.text.conversation import LEAD, render, text_of

TAIL = 2  # tokens behind the last message of a rendered conversation: <|end|> and <|assistant|>

NAME_WORD = re.compile(r"(?<=\w )(?!I\b)[A-Z][\w'’-]*")  # a capitalized word that is not the first, nor the pronoun


def of_names(subject: Subject, conversations: Sequence[Messages], names_only: bool = False) -> list[float]:
    """-log p in nats of the least expected name in the question that each conversation ends with, given all before it.

    Of a name of several words those after the first count: how a sentence goes on with a name is always open, how a
    name goes on is not. Of a name of one word all of it counts; without a name, the whole question, and where a text
    does not end with a question, all of it. A name that stood in a text before the question is no surprise any more.
    A subject that was not taught to converse reads the messages as one text, a line each.

    Args:
      names_only: 0.0 unless the last message is the user's and ends with a question that holds a name.
    """
    texts = [LEAD + text_of(messages[-1]) for messages in conversations]
    spans = [_spans(text, names_only) for text in texts]
    if names_only:
        spans = [found if talk[-1]["role"] == "user" else [] for talk, found in zip(conversations, spans, strict=True)]
    judged = [number for number, found in enumerate(spans) if found]
    tail = TAIL if subject.tuned else 0
    prompts = [_read(subject, conversations[number], texts[number]) for number in judged]
    surprises = [0.0] * len(conversations)
    for number, logprobs in zip(judged, subject.logprobs(prompts), strict=True):
        pieces = [subject.tokenizer.token_bytes(i) for i in subject.tokenizer.encode(texts[number]).tolist()]
        said = -logprobs[len(logprobs) - tail - len(pieces) : len(logprobs) - tail]
        ends = np.cumsum([len(piece) for piece in pieces])
        starts = ends - [len(piece) for piece in pieces]
        surprises[number] = max(
            float(said[(ends > begin) & (starts < end)].sum(dtype=np.float64)) for begin, end in spans[number]
        )
    return surprises


def _read(subject: Subject, messages: Messages, last: str) -> list[int]:
    """The tokens of a conversation as the subject reads it; `last` is the text of the last message."""
    if subject.tuned:
        return render(messages, subject.tokenizer, generation=True).ids.tolist()
    before = "".join(f"{LEAD}{text_of(message)}\n" for message in messages[:-1])
    return [*subject.prompt_ids(before), *subject.tokenizer.encode(last).tolist()]


def question_start(text: str) -> int | None:
    """Where the last sentence of the text begins if it is a question, by its mark; None if it is none."""
    text = text.rstrip()
    body = text.rstrip("?!")
    return max(body.rfind(mark) for mark in ".!?\n") + 1 if "?" in text[len(body) :] else None


def _spans(text: str, names_only: bool = False) -> list[tuple[int, int]]:
    """Where the telling parts of the names stand in the text's UTF-8, as (start, end) in bytes.

    With `names_only` there is none where the text does not end with a question or the question has no name.
    """
    start = question_start(text)
    if start is None and names_only:
        return []
    offset = start or 0
    question = text[offset:]
    named = [words for words in names(question) if words[1:] != ["I"]]  # May I ...
    places = [(question.find(" ".join(words)), words) for words in named]
    found = [(place + len(words[0]) + 1, place + len(" ".join(words))) for place, words in places if place >= 0]
    found = found or [match.span() for match in NAME_WORD.finditer(question)]
    found = found or ([] if names_only else [(0, len(question))])
    return [(len(text[: offset + begin].encode()), len(text[: offset + end].encode())) for begin, end in found]
