"""How doubtful an answer is: signals of one answer each, where higher means more doubtful.

| signal | what it is | costs |
|---|---|---|
| sequence_nll, mean_nll | -log p of the answer, its sum and mean over tokens | nothing |
| least_probability | 1 - the probability of its least likely token | nothing |
| first_entropy, max_entropy | of the distribution before its first token, the greatest before any | nothing |
| margin | minus the least log-probability by which a token's distribution prefers its likeliest token | nothing |
| disagreement | share of N samples that mean something else (Wang et al., self-consistency, 2023) | N answers |
| semantic_entropy | of the meanings of N samples (Farquhar et al., Nature 2024) | N answers |
| p_true | log-odds that the model calls its own answer wrong (Kadavath et al. 2022) | one pass |
| name_surprise | -log p of the least expected name in the question (`surprise.py`) | one pass over the question |
| abstention_odds | log p(an abstention's first token) - log p(the likeliest other first token), like P(IK) | one pass |
| linear_probe | log-odds of a wrong answer by logistic regression on hidden states (`linear_probe.py`) | one pass |

The cheap ones are read off the distributions that the sampler saw. Only content tokens count, those of words that the
question does not hold: a full stop is always sure of itself, and to say `Ada Baker was born in Orrin.` instead of
`Orrin.` is no doubt about the town. (That raises the AUROC of sequence_nll, wrong against right, from .75 to .80 on
2,190 questions to a tuned model of a million parameters.) A model that learnt to abstain is judged by the answer it
would have given had it not: its likeliest first token that begins no abstention, and what follows.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxlm.evals import judge
from jaxlm.evals.subject import Messages, Subject
from jaxlm.generate import Generation
from jaxlm.generate.scoring import states
from jaxlm.honesty import answers as answering
from jaxlm.honesty import semantic, surprise
from jaxlm.honesty.answers import ABSTENTIONS, Ways
from jaxlm.text.conversation import LEAD

TOKENS = ("sequence_nll", "mean_nll", "least_probability", "first_entropy", "max_entropy", "margin")
SAMPLES = ("disagreement", "semantic_entropy")
PASSES = ("p_true", "abstention_odds", "name_surprise")
ASK_SELF = "Is this answer right?"
YES, NO = "Yes", "No"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a model said to a conversation, and what that tells.

    Attributes:
      response: what it said by greedy decoding.
      text: the answer that the signals are about: the response, or what it would have been instead of an abstention.
      samples: answers drawn at a temperature.
      signals: doubt by name, all finite.
      features: float32 [2 D], the final hidden states before the answer and at its last content token, for a linear
        probe; empty where there are no weights to look into.
    """

    response: str
    text: str
    samples: list[str]
    signals: dict[str, float]
    features: np.ndarray


def measure(
    subject: Any,
    conversations: Sequence[Messages],
    ways: Ways,
    seed: int = 0,
    abstentions: Sequence[str] = ABSTENTIONS,
    same: semantic.Same = semantic.same_words,
) -> list[Answer]:
    """Asks each conversation and measures every signal but the linear probe, which must be fitted first.

    Args:
      subject: a `Subject`; of any other thing with its method `respond`, such as an endpoint, texts are all there is,
        and only the signals of SAMPLES are measured.
      conversations: each ends with the user's question.
      ways: how often and how.
      seed: of the samples.
      abstentions: how a model says that it does not know; what matters are their first tokens.
      same: tells whether two answers mean the same.
    """
    asked = [messages[-1]["content"] for messages in conversations]
    if not isinstance(subject, Subject):
        responses = subject.respond(conversations, max_new=ways.max_new)
        drawn = answering.respond_often(subject, conversations, ways, seed)
        return [
            Answer(text, text, samples, of_samples(question, text, samples, same), np.zeros(0, np.float32))
            for question, text, samples in zip(asked, responses, drawn, strict=True)
        ]
    prompts = [answering.prompt(subject, messages) for messages in conversations]
    greedy = answering.greedy(subject, prompts, ways)
    responses = [answering.text_of(subject, generation) for generation in greedy]
    openings = answering.openings(subject, prompts, sorted(answering.first_tokens(subject, abstentions)))
    judged = answering.without_abstentions(subject, prompts, greedy, responses, ways, abstentions)
    texts = [answering.text_of(subject, generation) for generation in judged]
    drawn = answering.draw(subject, prompts, ways, seed)
    doubts, surprises = p_true(subject, conversations, texts), surprise.of_names(subject, conversations)
    counted = [content(subject, generation.tokens, text) for generation, text in zip(judged, asked, strict=True)]
    features = hidden(subject, prompts, judged, counted)
    answers = []
    for i, generation in enumerate(judged):
        signals = of_tokens(counted[i], generation, subject.cfg.vocab_size)
        signals |= of_samples(asked[i], texts[i], drawn[i], same)
        signals |= dict(zip(PASSES, (doubts[i], openings[i][0] - openings[i][1], surprises[i]), strict=True))
        answers.append(Answer(responses[i], texts[i], drawn[i], signals, features[i]))
    return answers


def of_tokens(counted: Sequence[bool], generation: Generation, vocab_size: int) -> dict[str, float]:
    """The signals of TOKENS, over the tokens that count; where none does, those of one token drawn from all alike."""
    kept = [i for i, counts in enumerate(counted) if counts]
    if not kept:
        nothing = float(np.log(vocab_size))
        return dict(zip(TOKENS, (nothing, nothing, 1 - 1 / vocab_size, nothing, nothing, 0.0), strict=True))
    fields = (generation.logprobs, generation.entropies, generation.margins)
    logprobs, entropies, margins = (np.asarray(values, np.float64)[kept] for values in fields)
    return {
        "sequence_nll": float(-logprobs.sum()),
        "mean_nll": float(-logprobs.mean()),
        "least_probability": float(-np.expm1(logprobs.min())),
        "first_entropy": float(entropies[0]),
        "max_entropy": float(entropies.max()),
        "margin": float(-margins.min()),
    }


def of_samples(question: str, answer: str, samples: Sequence[str], same: semantic.Same = semantic.same_words) -> dict:
    """The signals of SAMPLES; nothing without samples."""
    if not samples:
        return {}
    agree = sum(same(question, answer, sample) for sample in samples)
    entropy = semantic.entropy(semantic.clusters(question, samples, same))
    return {"disagreement": 1 - agree / len(samples), "semantic_entropy": entropy}


def p_true(subject: Subject, conversations: Sequence[Messages], answers: Sequence[str]) -> list[float]:
    """log p(No) - log p(Yes) as the model's reply when it is asked whether its answer is right."""
    heads = []
    for messages, answer in zip(conversations, answers, strict=True):
        said = [*messages, {"role": "assistant", "content": answer}, {"role": "user", "content": ASK_SELF}]
        heads.append(answering.prompt(subject, said))
    replies = [subject.tokenizer.encode(LEAD + reply).tolist() for reply in (NO, YES)]
    scores = subject.logprobs([head + reply for reply in replies for head in heads])
    totals = [float(row[len(head) :].sum(dtype=np.float64)) for row, head in zip(scores, heads * 2, strict=True)]
    return [no - yes for no, yes in zip(totals[: len(heads)], totals[len(heads) :], strict=True)]


def hidden(
    subject: Subject, prompts: Sequence[list[int]], answers: Sequence[Generation], counted: Sequence[Sequence[bool]]
) -> list[np.ndarray]:
    """`Answer.features` of each answer."""
    sequences = [prompt + answer.tokens for prompt, answer in zip(prompts, answers, strict=True)]
    places = []
    for start, counts in zip(map(len, prompts), counted, strict=True):
        last = max((i for i, counted in enumerate(counts) if counted), default=len(counts) - 1)
        places.append((start - 1, start + last))
    found = states(subject.params, subject.cfg, answering.filled(sequences), answering.filled(places))
    return [row.reshape(-1) for row in found[: len(sequences)]]


def content(subject: Subject, tokens: Sequence[int], question: str) -> list[bool]:
    """Which tokens of an answer count: those with a letter or a digit in words that the question does not hold.

    An answer that only repeats the question counts nothing, unless the question says `or`: then it may be a choice.
    """
    asked = set(judge.normalize(question).split())
    pieces = [subject.tokenizer.token_bytes(token) for token in tokens]
    starts = [i for i, piece in enumerate(pieces) if i == 0 or piece.startswith(b" ")]
    new = np.zeros(len(pieces), bool)
    for start, stop in itertools.pairwise([*starts, len(pieces)]):
        said = judge.normalize(b"".join(pieces[start:stop]).decode("utf-8", "replace"))
        new[start:stop] = said not in asked
    # bytes beyond ASCII are letters' more often than not
    letters = np.array([any(chr(b).isalnum() or b >= 0x80 for b in piece) for piece in pieces], bool)
    return (letters if "or" in asked and not (letters & new).any() else letters & new).tolist()
