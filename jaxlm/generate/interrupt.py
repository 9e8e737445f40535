"""How an interrupted row goes on: it reads what a tool found, from where its KV cache stands, and answers anew.

A row that ended with a call keeps it and reads the result behind it. A row that ended in doubt takes its half-said
answer back first. Either way nothing before that is computed again. Programs are compiled for buckets of (rows,
places): a batch that was interrupted once at such a shape compiles nothing the next time.
"""

import dataclasses
import functools
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int

from jaxlm.generate import batching
from jaxlm.generate.loop import Decoding
from jaxlm.generate.step import State, laid_out
from jaxlm.model import transformer
from jaxlm.model.cache import Cache
from jaxlm.model.config import ModelConfig
from jaxlm.runtime import compiler_options

CHUNK = 64  # tokens a row reads at once


@dataclasses.dataclass(frozen=True)
class Insertion:
    """What a row reads before it answers anew.

    Attributes:
      tokens: ids, at least one.
      drop: take the row's latest answer back first.
      watch: doubt may interrupt the new answer too.
    """

    tokens: list[int]
    drop: bool = False
    watch: bool = False


def length_after(decoding: Decoding, row: int, insertion: Insertion) -> int:
    """Tokens the row would hold; an answer needs less than the model's max_len."""
    kept = decoding.began if insertion.drop else decoding.lengths
    return kept[row] + len(insertion.tokens)


def resume(decoding: Decoding, insertions: Mapping[int, Insertion]) -> None:
    """Makes rows that are done read something and begin a new answer of up to max_new tokens; the others stay done.

    The cache grows where it is too small. Call `jaxlm.generate.loop.run` or `streaming.steps` next.

    Raises:
      ValueError: no tokens, or a row would be full.
    """
    size, batch = decoding.state.tokens.shape[1], decoding.state.tokens.shape[0]
    counts, limits = np.zeros(batch, np.int32), np.zeros(batch, np.int32)
    drop, watch = np.zeros(batch, bool), np.zeros(batch, bool)
    for row, insertion in insertions.items():
        length = length_after(decoding, row, insertion)
        if not insertion.tokens or length >= decoding.cfg.max_len:
            raise ValueError(f"row {row}: {len(insertion.tokens)} tokens to insert, {length} in all")
        counts[row], drop[row], watch[row] = len(insertion.tokens), insertion.drop, insertion.watch
        limits[row] = min(length + decoding.requests[row].max_new, decoding.cfg.max_len)
        decoding.began[row] = decoding.lengths[row] = length
    wanted = max(size, batching.cache_bucket(int(limits.max())))
    if wanted > size:
        decoding.state = _jitted_grow()(decoding.state, wanted)
    tokens = np.zeros((batch, wanted), np.int32)
    for row, insertion in insertions.items():
        tokens[row, : counts[row]] = insertion.tokens
    decoding.state = _jitted_extend()(
        decoding.params, decoding.state, tokens, counts, limits, drop, watch, decoding.cfg
    )


def extend_state(
    params: dict,
    state: State,
    tokens: Int[Array, "B S"],
    counts: Int[Array, "B"],
    limits: Int[Array, "B"],
    drop: Bool[Array, "B"],
    watch: Bool[Array, "B"],
    cfg: ModelConfig,
) -> State:
    """Rows with counts[b] > 0 read the first counts[b] of tokens[b] and begin an answer that ends at limits[b].

    Args:
      drop: rows that take their latest answer back first.
      watch: rows whose new answer may be interrupted by doubt.
    """
    resumed = counts > 0
    state = take_back(state, drop)
    lengths = state.lengths + counts
    offsets = jnp.arange(tokens.shape[1], dtype=jnp.int32)[None] - state.lengths[:, None]  # [B, S]
    inserted = (offsets >= 0) & (offsets < counts[:, None])
    placed = jnp.where(inserted, jnp.take_along_axis(tokens, jnp.maximum(offsets, 0), axis=1), state.tokens)
    cache = read(params, placed, jnp.where(resumed, lengths - 1, state.cache.length), state.cache, cfg)
    window = jnp.where(resumed & ~watch, 0, state.knobs.doubt["window"])
    state = state.replace(
        tokens=placed,
        lengths=lengths,
        limits=jnp.where(resumed, limits, state.limits),
        done=state.done & ~resumed,
        stopped=state.stopped & ~resumed,
        doubted=state.doubted & ~resumed,
        calling=state.calling & ~resumed,
        began=jnp.where(resumed, lengths, state.began),
        total=jnp.where(resumed, 0.0, state.total),
        began_key=_chosen(resumed, cache.last_key, state.began_key),
        seen=state.seen.at[jnp.arange(len(counts))[:, None], placed].max(inserted),
        cache=cache,
        knobs=state.knobs.replace(doubt={**state.knobs.doubt, "window": window}),
    )
    return laid_out(state)


def take_back(state: State, drop: Bool[Array, "B"]) -> State:
    """The chosen rows as they were when they began their latest answer."""
    lengths = jnp.where(drop, state.began, state.lengths)
    held = jnp.arange(state.tokens.shape[1], dtype=jnp.int32)[None] < lengths[:, None]
    columns = ("tokens", "logprobs", "entropies", "margins", "peaks")
    columns = {name: getattr(state, name) for name in columns}
    rows = jnp.arange(len(drop))[:, None]
    cache = state.cache.replace(
        length=jnp.where(drop, state.began - 1, state.cache.length),
        last_key=_chosen(drop, state.began_key, state.cache.last_key),
    )
    return state.replace(
        **{name: jnp.where(held, column, jnp.zeros_like(column)) for name, column in columns.items()},
        lengths=lengths,
        seen=jnp.zeros_like(state.seen).at[rows, state.tokens].max(held),
        cache=cache,
    )


def read(params: dict, tokens: Int[Array, "B S"], targets: Int[Array, "B"], cache: Cache, cfg: ModelConfig) -> Cache:
    """The cache grown from cache.length[b] to targets[b] >= cache.length[b] of the tokens of each row."""
    params = transformer.unstack(params)

    def chunk(cache: Cache) -> Cache:
        places = cache.length[:, None] + jnp.arange(CHUNK, dtype=jnp.int32)[None]
        new = jnp.take_along_axis(tokens, jnp.minimum(places, tokens.shape[1] - 1), axis=1)
        counts = jnp.minimum(targets - cache.length, CHUNK)
        return transformer.extend(params, new, counts, cache, cfg)[1]

    return jax.lax.while_loop(lambda cache: jnp.any(cache.length < targets), chunk, cache)


def grow(state: State, size: int) -> State:
    """The same rows in `size` places each."""
    more = size - state.tokens.shape[1]
    columns = ("tokens", "logprobs", "entropies", "margins", "peaks")
    columns = {name: jnp.pad(getattr(state, name), ((0, 0), (0, more))) for name in columns}

    def layers(stores: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        return tuple(jnp.pad(store, ((0, 0), (0, 0), (0, more), (0, 0))) for store in stores)

    return laid_out(
        state.replace(**columns, cache=state.cache.replace(k=layers(state.cache.k), v=layers(state.cache.v)))
    )


def _chosen(rows: Bool[Array, "B"], these: tuple[jax.Array, ...], others: tuple[jax.Array, ...]) -> tuple:
    """Of two sets of [B, K, H] arrays, those of the chosen rows and the others of the rest."""
    return tuple(jnp.where(rows[:, None, None], this, other) for this, other in zip(these, others, strict=True))


@functools.cache
def _jitted_extend():
    return jax.jit(
        extend_state, static_argnames=("cfg",), donate_argnames=("state",), compiler_options=compiler_options("decode")
    )


@functools.cache
def _jitted_grow():
    return jax.jit(grow, static_argnames=("size",), compiler_options=compiler_options("decode"))
