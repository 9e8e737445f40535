"""A model behind an OpenAI-compatible HTTP API, asked as `jaxlm.evals.subject.Subject` is: text in, text out.

What needs token ids or weights (`extend`, `logprobs`) is not there; `score` works where the server echoes the
log-probabilities of a prompt (`POST /completions` with `echo` and `logprobs`), as ours and vLLM's do.
"""

import concurrent.futures
import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from jaxlm.errors import UserError
from jaxlm.evals.subject import Messages, transcript

# Fields of `jaxlm.generate.Sampling` that the API has, and what it calls them.
FIELDS = {"temperature": "temperature", "top_p": "top_p", "max_new": "max_tokens", "seed": "seed", "stop": "stop"}


class Bytes:
    """Stands in for a tokenizer that is not known, where only a text's length matters: no tokenizer makes more."""

    def encode(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A model of a server.

    Attributes:
      url: where its API is, with the version: `http://127.0.0.1:8000/v1`.
      model: its name there; "" for the first that the server lists.
      key_variable: the environment variable that holds the key; "" for a server that wants none.
      concurrency: requests under way at once.
      retries: of a request that was refused for load, timed out or met a broken connection, with growing pauses.
      timeout: seconds a request may take.
      max_new: tokens a response may have, where the caller does not say.
      tuned: whether it is asked in chat; one that is not, by texts it can continue.
      name: what rows call it; by default its name on the server.
      max_len: tokens it can hold, where the server says so (as ours and vLLM do); 0 otherwise.

    Raises:
      UserError: the variable is not set, the package `openai` is missing, or the server does not answer.
    """

    url: str
    model: str = ""
    key_variable: str = ""
    concurrency: int = 8
    retries: int = 4
    timeout: float = 120.0
    max_new: int = 48
    tuned: bool = True
    name: str = ""
    max_len: int = 0
    tokenizer: ClassVar[Bytes] = Bytes()

    def __post_init__(self):
        if self.key_variable and not os.environ.get(self.key_variable):
            raise UserError(f"{self.url}: the environment variable {self.key_variable} does not hold its key")
        if not self.model:
            listed = self._ask(lambda: list(self._client.models.list()))
            if not listed:
                raise UserError(f"{self.url}: the server lists no model")
            object.__setattr__(self, "model", listed[0].id)
            object.__setattr__(self, "max_len", self.max_len or getattr(listed[0], "max_model_len", None) or 0)
        if not self.name:
            object.__setattr__(self, "name", self.model)

    def chat(self, conversations: Sequence[Messages], **sampling: Any) -> list[str]:
        """Returns the assistant's next message in each conversation; greedy unless `sampling` says otherwise.

        `sampling` holds temperature, top_p, max_new, seed, stop (texts). Raises UserError when a request fails for
        good, or the server does not take it.
        """
        options = self._options(sampling)

        def ask(messages: Messages) -> str:
            answer = self._client.chat.completions.create(model=self.model, messages=messages, **options)
            return answer.choices[0].message.content or ""

        return self._all(ask, conversations)

    def complete(self, prompts: Sequence[str], stop: str = "", **sampling: Any) -> list[str]:
        """Returns how each text goes on, cut before the text `stop` if given."""
        options = self._options(sampling | ({"stop": [stop]} if stop else {}))

        def ask(prompt: str) -> str:
            answer = self._client.completions.create(model=self.model, prompt=prompt, **options)
            return answer.choices[0].text

        texts = self._all(ask, prompts)
        return [text.split(stop, 1)[0] for text in texts] if stop else texts

    def respond(self, conversations: Sequence[Messages], multiline: bool = False, **sampling: Any) -> list[str]:
        """Returns the next assistant message, as `Subject.respond` does."""
        if self.tuned:
            return self.chat(conversations, **sampling)
        stop = "\nQ:" if multiline else "\n"
        return self.complete([transcript(messages) for messages in conversations], stop, **sampling)

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> np.ndarray:
        """Returns log p(continuation | document beginning with prompt) in nats, float64 [n].

        A token that begins in the prompt and ends behind it counts as the continuation's. Raises UserError when the
        server does not echo log-probabilities.
        """

        def ask(pair: tuple[str, str]) -> float:
            answer = self._client.completions.create(
                model=self.model, prompt="".join(pair), max_tokens=1, temperature=0.0, echo=True, logprobs=1
            )
            logprobs = answer.choices[0].logprobs
            if logprobs is None or not logprobs.text_offset or not logprobs.token_logprobs:
                raise UserError(f"{self.url}: the server does not echo the log-probabilities of a prompt")
            return between(logprobs, len(pair[0]), len(pair[0]) + len(pair[1]))

        return np.array(self._all(ask, list(zip(prompts, continuations, strict=True))))

    def _options(self, sampling: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(sampling) - set(FIELDS):
            raise UserError(
                f"{self.url}: an endpoint has no sampling field '{min(unknown)}'; it has {', '.join(FIELDS)}"
            )
        return {
            FIELDS[name]: value for name, value in {"temperature": 0.0, "max_new": self.max_new, **sampling}.items()
        }

    def _all(self, ask: Callable, items: Sequence) -> list:
        """Asks for all items at once, results in their order; what is left is not asked once one has failed."""
        with concurrent.futures.ThreadPoolExecutor(self.concurrency) as pool:
            asked = [pool.submit(self._ask, functools.partial(ask, item)) for item in items]
            try:
                return [future.result() for future in asked]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, call: Callable) -> Any:
        import openai

        try:
            return call()
        except openai.APIStatusError as error:
            raise UserError(f"{self.url}: HTTP {error.status_code}: {_reason(error)}") from None
        except openai.APIConnectionError as error:  # a timeout is one, too
            raise UserError(f"{self.url}: no answer after {1 + self.retries} tries ({_reason(error)})") from None
        except openai.OpenAIError as error:
            raise UserError(f"{self.url}: {_reason(error)}") from None

    @functools.cached_property
    def _client(self):
        try:
            import openai
        except ModuleNotFoundError:
            raise UserError("asking an endpoint needs the package openai: pip install 'jaxlm[endpoint]'") from None
        key = os.environ[self.key_variable] if self.key_variable else "none"
        return openai.OpenAI(base_url=self.url, api_key=key, max_retries=self.retries, timeout=self.timeout)


def between(logprobs: Any, start: int, stop: int) -> float:
    """Returns the sum of `token_logprobs` of the tokens that reach into text[start:stop], by their `text_offset`.

    A token may have no character of its own (half of one), so its place counts as well as its end.
    """
    begins = logprobs.text_offset
    ends = [*begins[1:], begins[-1] + len(logprobs.tokens[-1])]
    spans = zip(logprobs.token_logprobs, begins, ends, strict=True)
    return float(sum(p for p, begin, end in spans if p is not None and begin < stop and max(begin + 1, end) > start))


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())[:300]
