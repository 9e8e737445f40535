"""The state of a batch being sampled, how it begins (`prefill`) and the one step that every driver repeats."""

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int

from jaxlm.generate.sampling import Knobs, filter_logits, sample
from jaxlm.model import transformer
from jaxlm.model.cache import Cache
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.sharding import constrain

TIE = 1e-4  # nats


@struct.dataclass
class State:
    """B rows in S places each; S is also the size of the cache.

    Attributes:
      tokens: the prompt, then what was sampled; places from lengths[b] on are 0.
      logprobs: natural log of the probability of each sampled token under the model's raw distribution, that is at
        temperature 1, before any penalty or filter; 0 at the places of the prompt.
      entropies, margins, peaks: of the raw distribution before each sampled token, see `distribution`; 0 at the places
        of the prompt.
      lengths: tokens held by each row. The cache holds one less: the last token is read by the next step.
      limits: the length at which a row is finished.
      done: rows that take part no more. stopped: those among them that met a stop token (which is not kept).
      doubted: those among them that were interrupted because they were unsure (see Doubt).
      calling: rows whose answer holds the symbol that opens a tool call.
      began: tokens held by each row before its answer began. total: the log-probability of that answer so far.
      began_key: the cache's `last_key` of that time, to go back to. It cannot be had from the cache any more, which
        holds keys after smearing only.
      seen: tokens of the vocabulary that the row's prompt or answer holds, for the repetition penalty.
      cache: keys and values.
      knobs: what each row asked for.
    """

    tokens: Int[Array, "B S"]
    logprobs: Float[Array, "B S"]
    entropies: Float[Array, "B S"]
    margins: Float[Array, "B S"]
    peaks: Float[Array, "B S"]
    lengths: Int[Array, "B"]
    limits: Int[Array, "B"]
    done: Bool[Array, "B"]
    stopped: Bool[Array, "B"]
    doubted: Bool[Array, "B"]
    calling: Bool[Array, "B"]
    began: Int[Array, "B"]
    total: Float[Array, "B"]
    began_key: tuple[Float[Array, "B K H"], ...]
    seen: Bool[Array, "B V"]
    cache: Cache
    knobs: Knobs


def prefill(
    params: dict,
    prompts: Int[Array, "B P"],
    lengths: Int[Array, "B"],
    limits: Int[Array, "B"],
    knobs: Knobs,
    cfg: ModelConfig,
    size: int,
) -> State:
    """The state after reading right-padded prompts of lengths[b] >= 1 tokens; `size` is S, at least P."""
    batch, width = prompts.shape
    rows = jnp.arange(batch)
    real = jnp.arange(width)[None] < lengths[:, None]
    _, cache = transformer.extend(params, prompts, lengths - 1, Cache.empty(cfg, batch, size), cfg)
    state = State(
        tokens=jnp.zeros((batch, size), jnp.int32).at[:, :width].set(jnp.where(real, prompts, 0)),
        logprobs=jnp.zeros((batch, size), jnp.float32),
        entropies=jnp.zeros((batch, size), jnp.float32),
        margins=jnp.zeros((batch, size), jnp.float32),
        peaks=jnp.zeros((batch, size), jnp.float32),
        lengths=lengths,
        limits=limits,
        done=lengths >= limits,
        stopped=jnp.zeros(batch, bool),
        doubted=jnp.zeros(batch, bool),
        calling=jnp.zeros(batch, bool),
        began=lengths,
        total=jnp.zeros(batch, jnp.float32),
        began_key=cache.last_key,
        seen=jnp.zeros((batch, cfg.vocab_size), bool).at[rows[:, None], prompts].max(real),
        cache=cache,
        knobs=knobs,
    )
    return laid_out(state)


def sample_step(params: dict, state: State, cfg: ModelConfig) -> tuple[State, Float[Array, "B V"]]:
    """Reads each row's last token and samples the next; rows that are done stay as they are.

    Returns:
      The new state, and the raw log-distribution the tokens were sampled from (see State.logprobs).
    """
    rows = jnp.arange(state.done.shape[0])
    active = ~state.done
    last = state.tokens[rows, state.lengths - 1]
    h, cache = transformer.extend(params, last[:, None], active.astype(jnp.int32), state.cache, cfg)
    logits = transformer.logits(params, h[:, 0], cfg)
    log_probs, entropy, margin, peak = distribution(logits)

    token = sample(filter_logits(logits, state.seen, state.knobs), state.knobs, state.lengths)
    hit = active & jnp.any(state.knobs.stop == token[:, None], -1)
    kept = active & ~hit
    place = jnp.where(kept, state.lengths, state.tokens.shape[1])  # a place outside the array drops the write
    lengths = state.lengths + kept.astype(jnp.int32)
    calling = state.calling | (kept & (token == state.knobs.call))
    total = state.total + jnp.where(kept, log_probs[rows, token], 0.0)
    limit = state.knobs.doubt
    watched = kept & ~calling & (lengths - state.began <= limit["window"])
    doubted = watched & ((peak < limit["probability"]) | (entropy > limit["entropy"]) | (total < limit["logprob"]))
    state = state.replace(
        tokens=state.tokens.at[rows, place].set(token, mode="drop"),
        logprobs=state.logprobs.at[rows, place].set(log_probs[rows, token], mode="drop"),
        entropies=state.entropies.at[rows, place].set(entropy, mode="drop"),
        margins=state.margins.at[rows, place].set(margin, mode="drop"),
        peaks=state.peaks.at[rows, place].set(peak, mode="drop"),
        lengths=lengths,
        done=state.done | hit | doubted | (lengths >= state.limits),
        stopped=state.stopped | hit,
        doubted=state.doubted | doubted,
        calling=calling,
        total=total,
        seen=state.seen.at[rows, token].max(kept),
        cache=cache,
    )
    return laid_out(state), log_probs


def distribution(logits: Float[Array, "B V"]) -> tuple[Float[Array, "B V"], *tuple[Float[Array, "B"], ...]]:
    """(log-probabilities, their entropy in nats, log-probability of the likeliest token less that of the next, and
    probability of the likeliest).

    Tokens within TIE of the likeliest count as tied with it, and leave no margin: a compiler that computes the logits
    once for the maximum and again for the comparison may round them differently. The barrier keeps the exponentials
    from being computed twice; what goes beyond `log_softmax` costs 2 to 6 % of a step of a model of a million
    parameters on a CPU, most with 64 rows (launch/bench_search_trigger.py).
    """
    shifted = logits - logits.max(-1, keepdims=True)
    weights = jax.lax.optimization_barrier(jnp.exp(shifted))
    total = weights.sum(-1)
    log_total = jnp.log(total)
    entropy = log_total - jnp.sum(weights * shifted, -1) / total
    margin = -jnp.max(jnp.where(shifted < -TIE, shifted, -jnp.inf), -1)
    tied = jnp.sum(jnp.where(shifted < -TIE, 0.0, 1.0), -1) > 1
    return shifted - log_total[:, None], entropy, jnp.where(tied, 0.0, margin), 1 / total


def laid_out(state: State) -> State:
    """Fixes the layout on a mesh, so that a step's result enters the next step without a copy or a compilation."""
    heads = ("batch", "kv_heads", None, None)
    cache = state.cache.replace(
        k=tuple(constrain(layer, heads) for layer in state.cache.k),
        v=tuple(constrain(layer, heads) for layer in state.cache.v),
        last_key=tuple(constrain(layer, heads[:3]) for layer in state.cache.last_key),
    )
    began_key = tuple(constrain(layer, heads[:3]) for layer in state.began_key)
    state = state.replace(cache=(), began_key=())
    state = jax.tree.map(lambda leaf: constrain(leaf, ("batch",) + (None,) * (leaf.ndim - 1)), state)
    return state.replace(cache=cache.replace(length=constrain(cache.length, ("batch",))), began_key=began_key)
