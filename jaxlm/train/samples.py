"""What the model under training writes, and what it expects next, as rows of samples.jsonl."""

import dataclasses
from typing import Any

TOP = 10  # next tokens listed with their probabilities
TEMPERATURE = 0.8


@dataclasses.dataclass(frozen=True)
class Prompt:
    """A text to continue: as shown to a reader, and as token ids that start with BOS."""

    text: str
    ids: tuple[int, ...]


def sample_rows(job, params, step: int) -> list[dict[str, Any]]:
    """One continuation a prompt of `job` (a jaxlm.train.loop.Job), the same for the same weights and seed.

    Returns:
      rows {step, prompt, text, tokens: [token text], next: [[token text, probability] x 10]}.
    """
    from jaxlm.generate import Sampling, generate, next_distribution

    tokenizer, prompts = job.tokenizer, [list(prompt.ids) for prompt in job.prompts]
    sampling = Sampling(
        temperature=TEMPERATURE,
        max_new=job.config["sample_tokens"],
        stop=(tokenizer.eos, tokenizer.end),
        seed=job.seed,
    )
    answers = generate(params, job.model, prompts, sampling)
    following = next_distribution(params, job.model, prompts, TOP)
    return [
        dict(
            step=step,
            prompt=prompt.text,
            text=tokenizer.decode(answer.tokens),
            tokens=tokenizer.pieces(answer.tokens),
            next=[[tokenizer.pieces([token])[0], round(p, 6)] for token, p in nexts],
        )
        for prompt, answer, nexts in zip(job.prompts, answers, following, strict=True)
    ]
