"""The model under examination: text in, text out, in batches of prompts of similar length."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxlm.generate import Generation, Sampling, generate, score
from jaxlm.model.config import ModelConfig
from jaxlm.text.conversation import LEAD, render
from jaxlm.text.tokenizer import Tokenizer

Messages = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Subject:
    """A model and how to address it.

    Attributes:
      params: the weights, as `jaxlm.train.checkpoint.load_params` returns them.
      cfg: the model's shape.
      tokenizer: the tokenizer the model was trained with.
      tuned: whether it was taught to converse. One that was not is asked by a text it can continue (`Q: ...` / `A:`).
      context: tokens a training row held; longer contexts are possible but were never practiced.
      batch_size: sequences run at once.
      max_new: tokens a response may have, where the caller does not say.
      name: what rows call this model; "base" or "tuned" where nothing else is given.
    """

    params: Any
    cfg: ModelConfig
    tokenizer: Tokenizer
    tuned: bool = False
    context: int = 256
    batch_size: int = 64
    max_new: int = 48
    name: str = ""

    def __post_init__(self):
        if not self.name:
            object.__setattr__(self, "name", "tuned" if self.tuned else "base")

    def prompt_ids(self, text: str) -> list[int]:
        """Returns the tokens of a document that begins with `text`."""
        return [self.tokenizer.bos, *self.tokenizer.encode(text).tolist()]

    def complete(self, prompts: Sequence[str], stop: str = "", **sampling: Any) -> list[str]:
        """Returns how each prompt goes on as a document, cut before the text `stop` if given.

        `sampling` holds fields of `jaxlm.generate.Sampling`; the default is greedy.
        """
        stops = (self.tokenizer.eos, *self._tokens_with(stop)) if len(stop) == 1 else (self.tokenizer.eos,)
        generations = self.extend([self.prompt_ids(prompt) for prompt in prompts], stop=stops, **sampling)
        texts = [self.tokenizer.decode(generation.tokens) for generation in generations]
        return [text.split(stop, 1)[0] for text in texts] if stop else texts

    def chat(self, conversations: Sequence[Messages], **sampling: Any) -> list[str]:
        """Returns the assistant's next message in each conversation; greedy unless `sampling` says otherwise."""
        ids = [render(messages, self.tokenizer, generation=True).ids.tolist() for messages in conversations]
        generations = self.extend(ids, stop=(self.tokenizer.end, self.tokenizer.eos), **sampling)
        return [self.tokenizer.decode(generation.tokens).removeprefix(LEAD) for generation in generations]

    def respond(self, conversations: Sequence[Messages], multiline: bool = False, **sampling: Any) -> list[str]:
        """Returns the next assistant message: a tuned model in chat, a base model as the next `A:` of a transcript.

        A base model's answer ends with its line; with `multiline` where it would ask the next question itself.
        """
        if self.tuned:
            return self.chat(conversations, **sampling)
        return self.complete(
            [transcript(messages) for messages in conversations], "\nQ:" if multiline else "\n", **sampling
        )

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> np.ndarray:
        """Returns log p(continuation | document beginning with prompt) in nats, float64 [n].

        Both parts are encoded by themselves, so give the white space between them to the continuation.
        """
        heads = [self.prompt_ids(prompt) for prompt in prompts]
        whole = [head + self.tokenizer.encode(tail).tolist() for head, tail in zip(heads, continuations, strict=True)]
        logprobs = self.logprobs(whole)
        return np.array([row[len(head) :].sum(dtype=np.float64) for row, head in zip(logprobs, heads, strict=True)])

    def extend(self, prompts: Sequence[list[int]], **sampling: Any) -> list[Generation]:
        """Returns the generation that follows each prompt of tokens."""
        sampling = Sampling(**{"temperature": 0.0, "max_new": self.max_new, **sampling})
        return self._batched(lambda batch: generate(self.params, self.cfg, batch, sampling), prompts)

    def logprobs(self, sequences: Sequence[list[int]]) -> list[np.ndarray]:
        """Returns log p of each token given those before it, in nats, float32 [len]; that of the first is nan."""
        return self._batched(lambda batch: score(self.params, self.cfg, batch), sequences)

    def _batched(self, run: Callable[[list], list], sequences: Sequence[list[int]]) -> list:
        """Runs batches of sequences of similar length, longest first; results in the order of `sequences`.

        The last batch is filled up with sequences of the one before: another batch size would be another compilation.
        """
        order = sorted(range(len(sequences)), key=lambda i: (-len(sequences[i]), i))
        results: list = [None] * len(sequences)
        for start in range(0, len(order), self.batch_size):
            start = max(0, min(start, len(order) - self.batch_size))
            chosen = order[start : start + self.batch_size]
            for i, result in zip(chosen, run([sequences[i] for i in chosen]), strict=True):
                results[i] = result
        return results

    def _tokens_with(self, character: str) -> list[int]:
        """Returns the ids of all tokens whose bytes hold the character."""
        raw = character.encode()
        return [i for i in range(self.tokenizer.vocab_size) if raw in self.tokenizer.token_bytes(i)]


def question(text: str) -> Messages:
    """Returns the conversation that consists of this question."""
    return [{"role": "user", "content": text}]


def transcript(messages: Messages) -> str:
    """Returns the conversation as a text that a base model can continue with the next answer.

    A system message is its first line; what users say follows `Q: `, what the assistant says `A: `.
    """
    lead = {"system": "", "user": "Q: ", "assistant": "A: ", "tool": ""}
    return "\n".join([lead[message["role"]] + message["content"] for message in messages] + ["A:"])
