"""A checkpoint as a model of EleutherAI's lm-evaluation-harness, registered there as "jaxlm".

It computes what the harness gets from our server over HTTP: every sequence begins with a BOS that the harness does not
see, as every document in training did; what is too long loses its beginning.
"""

import dataclasses
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.model import TemplateLM
from lm_eval.api.registry import register_model
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

from jaxlm.generate import Sampling
from jaxlm.serve.model import Model
from jaxlm.serve.pieces import pieces
from jaxlm.text.tokenizer import CONTROL

BATCH = 32  # sequences scored at once


@register_model("jaxlm")
class Local(TemplateLM):
    """The harness asks for inheritance. `model` is as `jaxlm.serve.model.load` returns it."""

    def __init__(self, model: Model):
        super().__init__()
        self.model = model

    @property
    def eot_token_id(self) -> int:
        return self.model.tokenizer.eos

    @property
    def prefix_token_id(self) -> int:
        return self.model.tokenizer.bos

    @property
    def max_length(self) -> int:
        """Tokens that the harness may send: a BOS goes before them, and over HTTP one is always sampled behind."""
        return self.model.max_len - 2

    @property
    def max_gen_toks(self) -> int:
        return max(1, (self.model.max_len - 1) // 4)

    def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: Any) -> list[int]:
        return self.model.tokenizer.encode(string).tolist()

    def _loglikelihood_tokens(self, requests: list, **_: Any) -> list[tuple[float, bool]]:
        """Requests are (anything, context ids, continuation ids); returns (log-likelihood in nats, is greedy)."""
        rows = [(context + tail)[-self.max_length :] for _, context, tail in requests]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        results: list[tuple[float, bool]] = [(0.0, True)] * len(rows)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            for i, scored in zip(
                chosen, self.model.score([self.model.document(rows[i]) for i in chosen], 1), strict=True
            ):
                # at least one token of context, as over HTTP
                n = min(len(requests[i][2]), len(rows[i]) - 1)
                tail = scored.logprobs[len(scored.logprobs) - n :]
                best = scored.top_logprobs[len(scored.logprobs) - n :, 0]
                results[i] = float(tail.sum(dtype="float64")), bool((tail == best).all())
        return results

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        sums = []
        for (text,) in (request.args for request in requests):
            windows = get_rolling_token_windows(self.tok_encode(text), self.prefix_token_id, self.max_length - 1, 1)
            parts = self._loglikelihood_tokens([(None, *make_disjoint_window(window)) for window in windows])
            sums.append(sum(logprob for logprob, _ in parts))
        return sums

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        return [self._generate(*request.args) for request in requests]

    def _generate(self, context: str, options: dict[str, Any]) -> str:
        new = options.get("max_gen_toks", self.max_gen_toks)
        until = options.get("until") or []
        ids = self.tok_encode(context)[-max(self.max_length - new, 1) :]
        sampling = Sampling(
            temperature=float(options.get("temperature", 0.0)), max_new=new, stop=tuple(range(len(CONTROL)))
        )
        sampling = dataclasses.replace(sampling, top_p=float(options.get("top_p", 1.0)))
        stops = [until] if isinstance(until, str) else [text for text in until if text]
        source = self.model.stream(self.model.document(ids), sampling)
        return "".join(piece.text for piece in pieces(source, self.model.tokenizer, stops))
