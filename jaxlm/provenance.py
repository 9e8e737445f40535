"""What made a run: code, configuration, packages, machine. It goes to `run.json`, without anything secret."""

import importlib.metadata
import os
import pathlib
import platform
import subprocess
import sys

import jaxlm

MAX_DIFF = 200_000  # characters of uncommitted changes that are kept
# The only variables whose values are recorded: they decide how programs are compiled, and cannot hold a secret.
VARIABLES = ("JAX_PLATFORMS", "JAX_NUM_CPU_DEVICES", "JAX_ENABLE_X64", "XLA_FLAGS", "LIBTPU_INIT_ARGS")


def collect() -> dict:
    """Commit, uncommitted changes, packages, and hardware of this process, as plain data; takes well under a second."""
    return {
        "command": sys.argv,
        "code": code_state(pathlib.Path(jaxlm.__file__).parents[1]),
        "packages": packages(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": memory_bytes(),
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def devices() -> list[str] | None:
    """The kinds of device that JAX computes on, with their number; None when JAX was not used."""
    if "jax" not in sys.modules:
        return None
    kinds = [f"{device.platform}: {device.device_kind}" for device in sys.modules["jax"].devices()]
    return [f"{kinds.count(kind)} x {kind}" for kind in sorted(set(kinds))]


def code_state(root: pathlib.Path) -> dict:
    """Commit and uncommitted changes of the repository whose top folder is `root`; nulls where that is none."""
    none = {"version": jaxlm.__version__, "commit": None, "diff": None, "untracked": None}
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or pathlib.Path(top.strip()).resolve() != root.resolve():
        return none  # installed without the repository, perhaps inside another one
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    diff = _git(root, "diff", "HEAD") or ""
    cut = f"\n... {len(diff) - MAX_DIFF} characters more" if len(diff) > MAX_DIFF else ""
    untracked = _git(root, "ls-files", "--others", "--exclude-standard") or ""
    return none | {
        "commit": commit and commit.strip(),
        "diff": diff[:MAX_DIFF] + cut,
        "untracked": untracked.split("\n")[:-1][:200],
    }


def packages() -> dict[str, str]:
    """Installed versions by name."""
    found = {dist.metadata["Name"]: dist.version for dist in importlib.metadata.distributions()}
    return dict(sorted(found.items()))


def cpu_model() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _git(root: pathlib.Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
