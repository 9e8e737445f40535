"""Answers of a model with what the sampler saw: greedy ones, samples, and what it says if it may not abstain."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import xxhash

from jaxlm.evals import judge
from jaxlm.evals.subject import Messages, Subject, transcript
from jaxlm.generate import Generation, Sampling, batching, generate
from jaxlm.generate.scoring import contrast
from jaxlm.text.conversation import LEAD, render

ABSTENTIONS = ("I'm not sure.", "I am not sure.", "I don't know.", "I do not know.", "Sorry, I don't know.")


@dataclasses.dataclass(frozen=True)
class Ways:
    """How answers are drawn: samples beside the greedy answer, their temperature, and most tokens of each."""

    samples: int = 8
    temperature: float = 1.0
    max_new: int = 32


def prompt(subject: Subject, messages: Messages) -> list[int]:
    """The tokens up to the assistant's next message: of a chat, or for a base model of a transcript."""
    if subject.tuned:
        return render(messages, subject.tokenizer, generation=True).ids.tolist()
    return subject.prompt_ids(transcript(messages))


def text_of(subject: Subject, generation: Generation) -> str:
    """What was said, without white space around it."""
    return subject.tokenizer.decode(generation.tokens).strip()


def first_tokens(subject: Subject, texts: Sequence[str]) -> set[int]:
    """The tokens that an answer begins with which is one of these texts."""
    return {int(subject.tokenizer.encode(LEAD + text)[0]) for text in texts}


def greedy(subject: Subject, prompts: Sequence[list[int]], ways: Ways) -> list[Generation]:
    """The likeliest answer to each prompt."""
    return extend(subject, prompts, [_sampling(subject, ways, 0.0, 0)] * len(prompts))


def draw(subject: Subject, prompts: Sequence[list[int]], ways: Ways, seed: int) -> list[list[str]]:
    """`ways.samples` answers to each prompt, each with random numbers of its own."""
    each = range(ways.samples)
    requests = [
        _sampling(subject, ways, ways.temperature, xxhash.xxh32_intdigest(f"{seed}/{i}/{number}".encode()))
        for i in range(len(prompts))
        for number in each
    ]
    texts = [text_of(subject, g) for g in extend(subject, [prompt for prompt in prompts for _ in each], requests)]
    return [texts[i * ways.samples : (i + 1) * ways.samples] for i in range(len(prompts))]


def respond_often(subject: Any, conversations: Sequence[Messages], ways: Ways, seed: int) -> list[list[str]]:
    """`draw` for what can only be asked for texts, such as an endpoint."""
    rounds = [
        subject.respond(
            conversations,
            temperature=ways.temperature,
            max_new=ways.max_new,
            seed=xxhash.xxh32_intdigest(f"{seed}/{number}".encode()),
        )
        for number in range(ways.samples)
    ]
    return [list(samples) for samples in zip(*rounds, strict=True)] if rounds else [[] for _ in conversations]


def without_abstentions(
    subject: Subject,
    prompts: Sequence[list[int]],
    answers: Sequence[Generation],
    responses: Sequence[str],
    ways: Ways,
    abstentions: Sequence[str] = ABSTENTIONS,
) -> list[Generation]:
    """The answers, an abstention replaced by the likeliest first token that begins none, and what follows it."""
    silent = [i for i, response in enumerate(responses) if judge.abstains(response)]
    if not silent:
        return list(answers)
    refused = first_tokens(subject, abstentions) | {answers[i].tokens[0] for i in silent}
    refused |= set(subject.tokenizer.control.values())
    begins = openings(subject, [prompts[i] for i in silent], sorted(refused))
    begun = [[*prompts[i], opening[2]] for i, opening in zip(silent, begins, strict=True)]
    rest = greedy(subject, begun, ways)
    replaced = dict(zip(silent, zip(begins, rest, strict=True), strict=True))
    return [_begun(answer, *replaced[i]) if i in replaced else answer for i, answer in enumerate(answers)]


def _begun(abstention: Generation, opening: tuple[float, float, int], rest: Generation) -> Generation:
    """The answer of `opening`'s token and what follows; what was measured before its first token stays as it was."""
    return Generation(
        [opening[2], *rest.tokens],
        [opening[1], *rest.logprobs],
        rest.finish,
        *([getattr(abstention, field)[0], *getattr(rest, field)] for field in ("entropies", "margins", "peaks")),
    )


def extend(subject: Subject, prompts: Sequence[list[int]], requests: Sequence[Sampling]) -> list[Generation]:
    """One generation a prompt; the last batch is filled up, as another size would be another compilation."""
    return generate(subject.params, subject.cfg, filled(prompts), filled(requests))[: len(prompts)]


def openings(subject: Subject, prompts: Sequence[list[int]], ids: Sequence[int]) -> list[tuple]:
    """`jaxlm.generate.scoring.contrast` of each prompt."""
    return contrast(subject.params, subject.cfg, filled(prompts), ids)[: len(prompts)]


def filled(rows: Sequence) -> list:
    """The rows, where they are more than one batch with the last one repeated until the batches are full."""
    missing = -len(rows) % batching.MAX_BATCH if len(rows) > batching.MAX_BATCH else 0
    return [*rows, *list(rows[-1:]) * missing]


def _sampling(subject: Subject, ways: Ways, temperature: float, seed: int) -> Sampling:
    tokenizer = subject.tokenizer
    stop = [tokenizer.end, tokenizer.eos]
    if not subject.tuned:  # a transcript's answer ends with its line
        stop += [token for token in range(tokenizer.vocab_size) if b"\n" in tokenizer.token_bytes(token)]
    return Sampling(temperature=temperature, max_new=ways.max_new, stop=tuple(stop), seed=seed)
