"""How new the names in a question are to a model: its surprise when it reads them.

To a model that has read of Ada Moss and of Tom Baker, `Baker` behind `Ada` is unlikely, and `Moss` is not. What it
predicts while it reads says so at no extra cost but the output head's, and says it clearly where the answer does not: a
model of four layers gives confident answers about recombined names whose novelty it has just been surprised by.
"""

import re
from collections.abc import Sequence

import numpy as np

from jaxlm.evals.subject import Messages, Subject
from jaxlm.honesty.search.names import names
from jaxlm.text.conversation import LEAD, render, text_of

QUESTION = re.compile(r"[^.!?\n]*\?\s*$")  # the last sentence of a text, where it is a question
NAME_WORD = re.compile(r"(?<=\w )[A-Z][\w'’-]*")  # a capitalized word that is not the first


def of_names(subject: Subject, conversations: Sequence[Messages]) -> list[float]:
    """-log p in nats of the least expected name in the question that each conversation ends with, given all before it.

    Of a name of several words those after the first count: how a sentence goes on with a name is always open, how a
    name goes on is not. Of a name of one word all of it counts; without a name, the whole question. A name that stood
    in a text before the question is no surprise any more.
    """
    texts = [text_of(messages[-1]) for messages in conversations]
    prompts = [render(messages, subject.tokenizer, generation=True).ids.tolist() for messages in conversations]
    scored = subject.logprobs(prompts)
    surprises = []
    for text, logprobs in zip(texts, scored, strict=True):
        pieces = [subject.tokenizer.token_bytes(i) for i in subject.tokenizer.encode(LEAD + text).tolist()]
        said = -logprobs[len(logprobs) - 2 - len(pieces) : len(logprobs) - 2]  # behind it <|end|> and <|assistant|>
        ends = np.cumsum([len(piece) for piece in pieces])
        starts = ends - [len(piece) for piece in pieces]
        found = [
            float(said[(ends > begin) & (starts < end)].sum(dtype=np.float64)) for begin, end in _spans(LEAD + text)
        ]
        surprises.append(max(found))
    return surprises


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the telling parts of the names stand in the text's UTF-8, as (start, end) in bytes."""
    asked = QUESTION.search(text)
    offset = asked.start() if asked else 0
    question = text[offset:]
    places = [(question.find(" ".join(words)), words) for words in names(question)]
    found = [(place + len(words[0]) + 1, place + len(" ".join(words))) for place, words in places if place >= 0]
    found = found or [match.span() for match in NAME_WORD.finditer(question)] or [(0, len(question))]
    return [(len(text[: offset + begin].encode()), len(text[: offset + end].encode())) for begin, end in found]
