"""A model that says what it is told to, and our server over it on a free port, for clients of others."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import uvicorn

from jaxlm.generate import Event
from jaxlm.generate.alternatives import Scored
from jaxlm.serve.app import build
from jaxlm.serve.model import Model


class Script:
    """A model whose answers are given: ids, one a list, the last one again and again.

    Attributes:
      prompts: ids that it was asked to continue.
      pause: seconds each token takes.
      made: tokens made so far.
    """

    def __init__(self, tokenizer, *answers: list[int], pause: float = 0.0, max_len: int = 512):
        self.tokenizer, self.answers, self.pause = tokenizer, list(answers), pause
        self.prompts: list[list[int]] = []
        self.requests: list = []
        self.made = 0
        self.max_len = max_len

    def stream(self, prompt, sampling):
        self.prompts.append(list(prompt))
        self.requests.append(sampling)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        for number, id in enumerate(answer):
            if number == sampling.max_new:
                return "length"
            if id in sampling.stop:
                return "stop"
            time.sleep(self.pause)
            self.made += 1
            yield Event(id, -0.5, [(id, float(np.exp(-0.5))), (id + 1, 0.1)])
        return "stop"

    def score(self, sequences, k):
        """Log-probability -place/10; the likeliest token is the real one at even places."""
        results = []
        for ids in sequences:
            n = len(ids)
            logprobs = -np.arange(n, dtype=np.float32) / 10
            logprobs[0] = np.nan
            top = np.where(np.arange(n) % 2, logprobs + np.float32(0.05), logprobs)
            results.append(Scored(logprobs, np.tile(np.int32(20), (n, k)), np.repeat(top[:, None], k, 1)))
        return results

    def model(self, name: str = "script", tuned: bool = True) -> Model:
        return Model(name, self.tokenizer, self.max_len, tuned, self.stream, self.score)


@contextlib.contextmanager
def served(model: Model, key: str = "", waiting: int = 8) -> Iterator[str]:
    """The URL of a running server's API."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(build(model, key, waiting), log_level="error", timeout_graceful_shutdown=1, ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
