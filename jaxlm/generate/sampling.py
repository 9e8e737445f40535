"""What a request may ask of sampling, and the pure functions that do it for a batch of different requests.

Filters follow the order of Hugging Face transformers: repetition penalty, temperature, top-k, top-p, min-p; each works
on what the ones before left. Everything a request sets is an array with one entry a row, so a batch can mix requests
and no value causes a compilation.
"""

import dataclasses
import math
import numbers
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import lax

from jaxlm.errors import UserError

MIN_TEMPERATURE = 1e-3  # below it float32 quotients overflow; exact zero asks for greedy decoding
INFINITY_BITS = 0x7F800000  # float32 infinity read as an integer
STOP_BUCKET = 8  # the table of stop tokens is padded to a multiple of this


def _number(fields, name: str, expected: str, allowed: Callable, whole: bool = False, finite: bool = True) -> None:
    value = getattr(fields, name.rpartition(".")[2])
    kind = numbers.Integral if whole else numbers.Real
    fits = isinstance(value, kind) and not isinstance(value, bool) and (math.isfinite(value) or not finite)
    if not fits or not allowed(value):
        raise UserError(f"sampling.{name}: expected {expected}, got {value!r}")


@dataclasses.dataclass(frozen=True)
class Doubt:
    """When a row is so unsure of its answer that it stops, to look something up; it does at the first of three signs.

    All are read off the model's raw distribution, as it is before temperature, penalty and filters.

    Attributes:
      probability: the largest probability is below this; 0: off.
      entropy: the entropy in nats is above this; inf: off.
      logprob: the log-probabilities of the answer's tokens add up to less than this; -inf: off.
      window: only the answer's first tokens are watched, so many of them; 0: off.
    """

    probability: float = 0.0
    entropy: float = math.inf
    logprob: float = -math.inf
    window: int = 16

    def __post_init__(self):
        _number(self, "doubt.probability", "0 (off) to 1", lambda x: 0 <= x <= 1)
        _number(self, "doubt.entropy", "0 or more; inf is off", lambda x: x >= 0, finite=False)
        _number(self, "doubt.logprob", "0 or less; -inf is off", lambda x: x <= 0, finite=False)
        _number(self, "doubt.window", "a whole number, 0 (off) or more", lambda x: x >= 0, whole=True)


@dataclasses.dataclass(frozen=True)
class Sampling:
    """One request. A field out of its bounds raises UserError.

    Attributes:
      temperature: divides the logits; 0 takes the most likely token (the filters below then change nothing).
      top_k: keep the k most likely tokens; 0 keeps all.
      top_p: keep the smallest set of most likely tokens that reaches probability top_p (Holtzman et al. 2020); 1: off.
      min_p: keep tokens at least min_p times as likely as the most likely one (Nguyen et al. 2024).
      repetition_penalty: logits of tokens already in the prompt or the answer are divided by it when positive,
        multiplied when negative (CTRL, Keskar et al. 2019); 1 is off.
      max_new: most tokens generated; the model's max_len may end a row earlier.
      stop: ids that end the row; the stop token is not part of the answer.
      seed: 0 to 2**32 - 1. Same seed, prompt and fields: same tokens, whatever else is in the batch. Requests that
        share a seed share their random numbers; give each its own for independent samples of one prompt.
      call: the id that opens a tool call; an answer that holds it and ends with a stop token finishes as "call", and is
        not interrupted by doubt from there on. -1: none.
      doubt: when the row is interrupted because it is unsure; it then finishes as "doubt".
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    max_new: int = 64
    stop: tuple[int, ...] = ()
    seed: int = 0
    call: int = -1
    doubt: Doubt = Doubt()

    def __post_init__(self):
        _number(self, "temperature", "0 or at least 0.001", lambda x: x == 0 or x >= MIN_TEMPERATURE)
        _number(self, "top_k", "a whole number, 0 (off) or more", lambda x: x >= 0, whole=True)
        _number(self, "top_p", "more than 0, at most 1 (off)", lambda x: 0 < x <= 1)
        _number(self, "min_p", "0 (off) to 1", lambda x: 0 <= x <= 1)
        _number(self, "repetition_penalty", "more than 0; 1 is off", lambda x: x > 0)
        _number(self, "max_new", "a whole number, 1 or more", lambda x: x >= 1, whole=True)
        _number(self, "seed", "a whole number, 0 to 4294967295", lambda x: 0 <= x < 2**32, whole=True)
        _number(self, "call", "a token id, or -1 (none)", lambda x: x >= -1, whole=True)
        if not all(isinstance(token, numbers.Integral) and token >= 0 for token in self.stop):
            raise UserError(f"sampling.stop: expected token ids, 0 or more, got {self.stop!r}")


@struct.dataclass
class Knobs:
    """The fields of B requests as arrays [B]; `stop` is [B, K], padded with -1, `doubt` the fields of Doubt."""

    temperature: jax.Array
    top_k: jax.Array
    top_p: jax.Array
    min_p: jax.Array
    repetition_penalty: jax.Array
    seed: jax.Array
    stop: jax.Array
    call: jax.Array
    doubt: dict[str, jax.Array]


def knobs(requests: list[Sampling]) -> Knobs:
    """Host arrays of `requests`, float32, int32 and (seed) uint32."""
    width = max(len(request.stop) for request in requests)
    width = max(1, -(-width // STOP_BUCKET)) * STOP_BUCKET
    stop = np.full((len(requests), width), -1, np.int32)
    for row, request in zip(stop, requests):
        row[: len(request.stop)] = request.stop

    def column(name: str, dtype, of: list = requests) -> np.ndarray:
        return np.array([getattr(fields, name) for fields in of], dtype)

    doubts = [request.doubt for request in requests]

    return Knobs(
        temperature=column("temperature", np.float32),
        top_k=np.minimum(column("top_k", np.int64), 2**31 - 1).astype(np.int32),
        top_p=column("top_p", np.float32),
        min_p=column("min_p", np.float32),
        repetition_penalty=column("repetition_penalty", np.float32),
        seed=column("seed", np.uint32),
        stop=stop,
        call=column("call", np.int32),
        doubt=dict(
            probability=column("probability", np.float32, doubts),
            entropy=column("entropy", np.float32, doubts),
            logprob=column("logprob", np.float32, doubts),
            window=np.minimum(column("window", np.int64, doubts), 2**31 - 1).astype(np.int32),
        ),
    )


def filter_logits(logits: jax.Array, seen: jax.Array, knobs: Knobs) -> jax.Array:
    """The distribution to sample from, as logits whose largest is 0 and whose excluded entries are -inf.

    Args:
      logits: float32 [B, V], the model's.
      seen: bool [B, V], tokens that are in the row's prompt or answer.
      knobs: the requests.
    """
    penalty = knobs.repetition_penalty[:, None]
    logits = jnp.where(seen, jnp.where(logits > 0, logits / penalty, logits * penalty), logits)
    temperature = jnp.where(knobs.temperature == 0, 1.0, knobs.temperature)
    logits = (logits - logits.max(-1, keepdims=True)) / temperature[:, None]
    for asked, weight, target in (
        (knobs.top_k > 0, jnp.ones_like, knobs.top_k.astype(jnp.float32)),
        (knobs.top_p < 1, lambda x: jax.nn.softmax(x, -1), knobs.top_p),
    ):
        target = jnp.where(asked, target, jnp.inf)
        logits = lax.cond(
            jnp.any(asked), partial(_keep_likely, weight=weight), lambda logits, _: logits, logits, target
        )  # a batch in which nobody asks does not pay
    return jnp.where(logits >= jnp.log(knobs.min_p)[:, None], logits, -jnp.inf)


def _keep_likely(logits: jax.Array, target: jax.Array, weight: Callable) -> jax.Array:
    """Keeps the most likely tokens of each row, as few as bring the sum of their weights to target[b].

    With weight 1 this is top-k, with the probability top-p; tokens that tie with the last one kept are kept too. The
    last one is found by bisection over the bits of -logits, which as integers order like the floats they stand for: 31
    sums over the row, exact, about ten times faster than sorting it on a CPU.
    """
    bits = lax.bitcast_convert_type(jnp.abs(logits), jnp.int32)  # logits are at most 0: smaller is likelier
    weights = weight(logits)

    def halve(_, bounds: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = bounds
        middle = low + (high - low) // 2
        reached = jnp.sum(weights, -1, where=bits <= middle[:, None]) >= target
        return jnp.where(reached, low, middle + 1), jnp.where(reached, middle, high)

    everything = jnp.full(logits.shape[0], INFINITY_BITS, jnp.int32)
    _, last = lax.fori_loop(0, 31, halve, (jnp.zeros_like(everything), everything))
    return jnp.where(bits <= last[:, None], logits, -jnp.inf)


def sample(filtered: jax.Array, knobs: Knobs, positions: jax.Array) -> jax.Array:
    """Draws one token a row from `filter_logits`' result; greedy rows take the largest.

    The random numbers of a row depend only on its seed and on positions[b], the place the token takes in its sequence.

    Returns:
      int32 [B].
    """
    greedy = knobs.temperature == 0

    def noisy(logits: jax.Array) -> jax.Array:
        noise = _gumbel(knobs.seed, positions, logits.shape[-1])
        return logits + jnp.where(greedy[:, None], 0.0, noise)

    # argmax(logits + Gumbel noise) is a draw from softmax(logits)
    return _first_largest(lax.cond(jnp.all(greedy), lambda logits: logits, noisy, filtered))


def _first_largest(values: jax.Array) -> jax.Array:
    """`jnp.argmax` over the last axis of [B, V] as two vectorized passes, on a CPU five times faster, 8 % of a step.

    `values` must stand in memory, as the result of a `lax.cond` does: computed again for the second pass, the largest
    might be rounded differently and equal nothing.
    """
    places = lax.broadcasted_iota(jnp.int32, values.shape, 1)
    largest = values.max(-1, keepdims=True)
    return jnp.min(jnp.where(values == largest, places, values.shape[-1] - 1), -1)


def _gumbel(seeds: jax.Array, positions: jax.Array, vocab: int) -> jax.Array:
    """float32 [B, vocab]; the generator is named so that a backend's default does not change anybody's samples."""

    def row(seed: jax.Array, position: jax.Array) -> jax.Array:
        key = jax.random.fold_in(jax.random.key(seed, impl="threefry2x32"), position)
        return jax.random.gumbel(key, (vocab,), jnp.float32)

    return jax.vmap(row)(seeds, positions)
