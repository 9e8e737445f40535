"""The environment that makes JAX fast and quiet, set in one place.

Measured on two x86 cores with models of 1 to 30 million parameters (training speed as a ratio to torch eager, one
thread):

- Allocator. XLA on CPU takes one arena of temporary memory a call (209 MB for 1M parameters) and frees it again; glibc
  maps and unmaps it each time, and the page faults cost 13-28 % of a step. Keeping the memory in the process: 0.66 ->
  0.89. The price is that memory is not returned to the system.
- oneDNN for the dots of a training step: weight gradients (`x.T @ dy`) run at 77 instead of 51 GF/s, a step of 10M
  parameters goes from 0.98 to 1.13. Single-token decoding gets slower with it (7-16 instead of 20-30 GB/s): training
  only. XLA cannot store such a program, so a training step is compiled anew in each process (4-15 s); `JAXLM_ONEDNN=0`
  leaves it off where starting fast matters more than training fast.
- Compilation cache on disk, with everything in it: 21 s of compilation become 0.8 s in the next process.

XLA's fast-math and runtime presets changed nothing beyond noise (3 %) and are left alone.
"""

import ctypes
import functools
import hashlib
import importlib.util
import json
import os
import pathlib
import platform
import subprocess
import sys
import warnings

from jaxlm.files import read_json, write_json
from jaxlm.progress import say

# mallopt's parameters (malloc.h) and the values measured above
_MALLOPT = {
    -8: 1,  # M_ARENA_MAX: XLA's threads share the one arena that the other settings hold on to
    -4: 0,  # M_MMAP_MAX: large blocks come from the heap, not from a mapping of their own
    -1: -1,  # M_TRIM_THRESHOLD: the end of the heap is never given back
    -2: 1 << 20,  # M_TOP_PAD
}
_ACCELERATOR_PLUGINS = ("libtpu", "jax_cuda13_plugin", "jax_cuda12_plugin", "jax_rocm7_plugin")
# Each dot on its own: with LIBRARY_FUSION_TYPE_DOT two chained products (as in Muon) can kill the process with SIGILL.
_ONEDNN = {
    "xla_cpu_use_onednn": True,
    "xla_cpu_experimental_onednn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT",
}

# What a training step does: a gradient, and products of products with a batch dimension.
_ONEDNN_TRIAL = """
import json, sys, jax, jax.numpy as jnp
step = lambda w, x: jnp.einsum("lij,lkj,lkm->lim", *[jax.grad(lambda w: jnp.sum((x @ w) ** 2))(w)] * 3)
step = jax.jit(step, compiler_options=json.loads(sys.argv[1]))
step(jnp.ones((2, 64, 128)), jnp.ones((2, 256, 64))).block_until_ready()
"""


def configure() -> None:
    """Sets allocator, compilation cache and log levels. Every entry point calls it first, before jax is used.

    Does not import jax: settings go to the environment, from where jax and child processes take them, and also to
    `jax.config` when jax is loaded already. A variable that the user has set himself is respected.
    """
    tune_malloc()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # C++ warnings of XLA and TensorStore
    # Known, and said above: programs with oneDNN are not stored.
    warnings.filterwarnings("ignore", message=r"(?s)Error writing persistent compilation cache entry .*onednn-fusion")
    settings = {
        "jax_compilation_cache_dir": str(cache_folder()),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": 0,
    }
    for name, value in settings.items():
        chosen = os.environ.setdefault(name.upper(), str(value))
        if "jax" in sys.modules:
            sys.modules["jax"].config.update(name, type(value)(chosen))


def cache_folder() -> pathlib.Path:
    """Where compiled programs are kept: under `$JAXLM_CACHE`, by default `~/.cache/jaxlm`.

    One folder a kind of processor: XLA's CPU programs use the instructions of the machine that compiled them, and a
    home folder may be shared by different machines.
    """
    root = pathlib.Path(os.environ.get("JAXLM_CACHE") or pathlib.Path.home() / ".cache" / "jaxlm")
    return root / "xla" / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def tune_malloc() -> bool:
    """Tells glibc to keep freed memory, on Linux where JAX runs on CPU; returns whether it did."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc" or not _runs_on_cpu():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    accepted = [mallopt(parameter, value) == 1 for parameter, value in _MALLOPT.items()]
    return all(accepted)


def compiler_options(kind: str) -> dict:
    """Options for `jax.jit(..., compiler_options=)` of a "train" or a "decode" program on the default backend."""
    import jax

    if kind not in ("train", "decode"):
        raise ValueError(f"kind is train or decode, not {kind!r}")
    wanted = kind == "train" and os.environ.get("JAXLM_ONEDNN") != "0" and jax.default_backend() == "cpu"
    return dict(_ONEDNN) if wanted and _accepts_onednn() else {}


@functools.cache
def _accepts_onednn() -> bool:
    """Tried once a machine and jaxlib, in a child process: where oneDNN fails it can take the whole process with it."""
    import jaxlib

    record = cache_folder() / f"onednn-{jaxlib.__version__}.json"
    if not record.exists():
        trial = [sys.executable, "-c", _ONEDNN_TRIAL, json.dumps(_ONEDNN)]
        child = subprocess.run(trial, capture_output=True, env=os.environ | {"JAX_PLATFORMS": "cpu"})
        write_json(record, {"works": child.returncode == 0})
    works = read_json(record)["works"]
    if not works:
        say("oneDNN does not work here: training on CPU will be 8-18 % slower")
    return works


def _runs_on_cpu() -> bool:
    """Whether JAX will choose the CPU, found without importing it."""
    if "JAX_PLATFORMS" in os.environ:
        return os.environ["JAX_PLATFORMS"].split(",")[0] == "cpu"
    return not any(importlib.util.find_spec(plugin) for plugin in _ACCELERATOR_PLUGINS)


def _processor() -> str:
    """A text that differs between processors with different instruction sets."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    telling = ("model name", "flags", "Features", "CPU part")  # the first two on x86, the others on ARM
    return "\n".join(sorted({line for line in lines if line.startswith(telling)}))
