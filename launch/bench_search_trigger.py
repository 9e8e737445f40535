"""What the search trigger inside the sampling loop costs while it does not fire, and what firing saves.

    python launch/bench_search_trigger.py --run=DIR [--phase=finetune] [--repeats=50]

Three loops take turns on the same prompts, and medians are printed as ratios of tokens/s to the first: `bare` keeps no
measures of the distributions and no trigger, `measures` no trigger, `armed` has every sign of doubt and a call's symbol
to look for, none of which it meets. What a loop throws away, the compiler removes. Each time is given twice: on the
clock, and as CPU time, which other work on the machine disturbs less.
"""

import argparse
import functools
import logging
import pathlib
import statistics
import time

import jax
import numpy as np

from jaxlm import runtime
from jaxlm.errors import one_line
from jaxlm.generate import Doubt, Sampling, batching, loop
from jaxlm.generate.interrupt import Insertion, resume
from jaxlm.generate.step import State, sample_step
from jaxlm.model.transformer import unstack
from jaxlm.text.tokenizer import CONTROL, Tokenizer
from jaxlm.train.checkpoint import load_params

PROMPT, NEW, INSERTED = 32, 32, 100  # tokens; short runs, so that other work on the machine spoils few of them
NEVER = Doubt(probability=1e-30, entropy=1e9, logprob=-1e9, window=NEW)
ALWAYS = Doubt(probability=1.0)


def without(names: tuple[str, ...], params: dict, state: State, cfg) -> State:
    """A step that leaves the trigger out, and the named fields as they are."""
    new = sample_step(params, state, cfg)[0]
    done = state.done | new.stopped | (new.lengths >= new.limits)
    trigger = dict(doubted=state.doubted, calling=state.calling, total=state.total)
    return new.replace(done=done, **trigger, **{name: getattr(state, name) for name in names})


@functools.cache
def loops() -> dict:
    def compiled(step):
        def run(params, state, cfg):
            params = unstack(params)
            state = jax.lax.while_loop(lambda s: ~s.done.all(), lambda s: step(params, s, cfg), state)
            # all that loop.run reads: what nobody reads would not be computed either
            return state.replace(cache=(), began_key=(), seen=(), knobs=())

        return jax.jit(run, static_argnames=("cfg",), compiler_options=runtime.compiler_options("decode"))

    return dict(
        bare=compiled(functools.partial(without, ("entropies", "margins", "peaks"))),
        measures=compiled(functools.partial(without, ())),
        armed=compiled(lambda params, state, cfg: sample_step(params, state, cfg)[0]),
    )


def begin(params, cfg, rng: np.random.Generator, rows: int, doubt: Doubt) -> loop.Decoding:
    prompts = batching.check(rng.integers(len(CONTROL), cfg.vocab_size, (rows, PROMPT)).tolist(), cfg, cfg.max_len)
    requests = [Sampling(temperature=0.0, max_new=NEW, call=cfg.vocab_size, doubt=doubt)] * rows
    return loop.start(params, cfg, prompts, [PROMPT + NEW] * rows, requests)


def measured(function) -> tuple[float, float]:
    """Seconds on the clock and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    jax.block_until_ready(function())
    return time.perf_counter() - wall, time.process_time() - cpu


def not_firing(params, cfg, rows: int, repeats: int) -> None:
    state = begin(params, cfg, np.random.default_rng(0), rows, NEVER).state
    times = {name: [] for name in loops()}
    for repeat in range(repeats + 1):
        for name in list(times)[repeat % 3 :] + list(times)[: repeat % 3]:
            times[name].append(measured(lambda: loops()[name](params, state, cfg)))  # noqa: B023 run at once
    pairs = {name: np.array(values[1:]) for name, values in times.items()}
    speed = rows * NEW / statistics.median(pairs["bare"][:, 0])
    shown = [f"batch {rows:3d}: bare {speed:8,.0f} tokens/s"]
    for name in ("measures", "armed"):
        wall, cpu = np.median(pairs["bare"], axis=0) / np.median(pairs[name], axis=0)
        low, high = median_interval(pairs["bare"][:, 1] / pairs[name][:, 1])
        shown.append(f"{name} {wall:.3f} (CPU {cpu:.3f}, median of pairs {low:.3f} to {high:.3f})")
    print("; ".join(shown), flush=True)


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval of the median: order statistics by the binomial distribution, here its normal approximation."""
    half = 0.98 * len(values) ** 0.5
    ranks = np.clip([len(values) / 2 - half, len(values) / 2 + half], 0, len(values) - 1).round().astype(int)
    return tuple(np.sort(values)[ranks].tolist())


def firing(params, cfg, rows: int, repeats: int) -> None:
    """Every row doubts at once and reads INSERTED tokens: from the cache, against a new prefill of everything."""
    rng = np.random.default_rng(1)
    counter = logging.Handler()
    compiled = []
    counter.emit = lambda record: compiled.append(record.getMessage().startswith("Compiling"))
    logging.getLogger("jax").addHandler(counter)
    resumed, anew = [], []
    for repeat in range(repeats + 1):
        jax.config.update("jax_log_compiles", repeat > 0)
        decoding = begin(params, cfg, rng, rows, ALWAYS)
        loop.run(decoding)
        tokens = rng.integers(len(CONTROL), cfg.vocab_size, INSERTED).tolist()
        insertions = {row: Insertion(tokens, drop=True) for row in range(rows)}
        resumed.append(measured(lambda: resume(decoding, insertions) or decoding.state.lengths))  # noqa: B023
        longer = [np.zeros(PROMPT + INSERTED, np.int32)] * rows
        totals = [PROMPT + INSERTED + NEW] * rows
        anew.append(measured(lambda: loop.start(params, cfg, longer, totals, decoding.requests).state.lengths))  # noqa: B023
    jax.config.update("jax_log_compiles", False)
    logging.getLogger("jax").removeHandler(counter)
    ratio = np.median(np.array(resumed[1:]) / np.array(anew[1:]), axis=0)
    print(
        f"batch {rows:3d}: to read {INSERTED} tokens behind {PROMPT} takes {ratio[0]:.2f} of the time of a new prefill "
        f"(CPU {ratio[1]:.2f}); compilations after the first time: {sum(compiled)}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--phase", default="finetune")
    parser.add_argument("--repeats", type=int, default=50)
    options = parser.parse_args()
    runtime.configure()
    tokenizer = Tokenizer.load(options.run / "tokenizer")
    params, cfg = load_params(options.run, options.phase, "best", tokenizer=tokenizer.hash)
    for rows in (1, 16, 64):
        not_firing(params, cfg, rows, options.repeats * {1: 6, 16: 2, 64: 1}[rows])
    for rows in (1, 16, 64):
        firing(params, cfg, rows, max(3, options.repeats // 8))


if __name__ == "__main__":
    with one_line():
        main()
