import os
import pathlib
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm import runtime

ROOT = pathlib.Path(__file__).parents[1]


def _python(code: str, **environment) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JAX", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["jaxlm", "jaxlm.run", "jaxlm.runtime", "jaxlm.phases", "jaxlm.config"])
def test_base_modules_import_nothing_heavy(module):
    code = f"import sys, {module}; print([m for m in ('jax', 'numpy', 'rich', 'optax', 'pyarrow') if m in sys.modules])"
    assert _python(code) == "[]"


def test_help_answers_at_once():
    times = []
    for _ in range(3):  # the best of three, for a busy machine
        start = time.monotonic()
        _python("import runpy, sys; sys.argv = ['jaxlm', '--help']; runpy.run_module('jaxlm', run_name='__main__')")
        times.append(time.monotonic() - start)
    assert min(times) < 0.5


def test_settings_reach_a_jax_that_is_imported_later_and_children():
    code = (
        "from jaxlm import runtime; runtime.configure(); import os, jax;"
        "print(jax.config.jax_compilation_cache_dir, jax.config.jax_persistent_cache_min_compile_time_secs,"
        "jax.config.jax_persistent_cache_min_entry_size_bytes, os.environ['JAX_COMPILATION_CACHE_DIR'])"
    )
    folder, seconds, size, inherited = _python(code, JAXLM_CACHE="/tmp/somewhere").split()
    assert folder == inherited == str(pathlib.Path("/tmp/somewhere/xla") / pathlib.Path(folder).name)
    assert (float(seconds), int(size)) == (0, 0)
    assert _python(code, JAX_COMPILATION_CACHE_DIR="/tmp/mine").split()[0] == "/tmp/mine"


def test_settings_reach_a_jax_that_is_loaded_already():
    assert jax.config.jax_compilation_cache_dir == os.environ["JAX_COMPILATION_CACHE_DIR"]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_tuned_malloc_keeps_freed_memory_in_the_process():
    """A block of 64 MB that is taken and freed again costs its 16,384 page faults once, not each time."""
    code = """
import ctypes, resource
from jaxlm import runtime
assert runtime.tune_malloc()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def touch():
    block = libc.malloc(ctypes.c_size_t(1 << 26))
    ctypes.memset(block, 1, 1 << 26)
    libc.free(ctypes.c_void_p(block))
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4): touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    assert int(_python(code, JAX_PLATFORMS="cpu")) < 100


def test_malloc_is_left_alone_where_jax_uses_an_accelerator(monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "cuda,cpu")
    assert not runtime.tune_malloc()


def test_train_options_are_accepted_and_change_no_result(monkeypatch):
    monkeypatch.delenv("JAXLM_ONEDNN")
    x = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    products = [
        jax.jit(lambda x: jnp.dot(x.T, x), compiler_options=runtime.compiler_options(kind))(x)
        for kind in ("train", "decode")
    ]
    assert runtime.compiler_options("train") and not runtime.compiler_options("decode")
    np.testing.assert_allclose(*products, rtol=1e-5)
    with pytest.raises(ValueError, match="kind"):
        runtime.compiler_options("eval")


def test_a_machine_without_onednn_is_noticed_once_and_said(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("JAXLM_ONEDNN")
    monkeypatch.setenv("JAXLM_CACHE", str(tmp_path))
    monkeypatch.setattr(runtime, "_ONEDNN", {"xla_cpu_no_such_option": True})
    runtime._accepts_onednn.cache_clear()
    assert runtime.compiler_options("train") == runtime.compiler_options("train") == {}
    assert capsys.readouterr().out.count("oneDNN does not work here") == 1
    runtime._accepts_onednn.cache_clear()
