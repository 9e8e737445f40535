"""What every test runs under: eight fake devices, strict types, and a shared compilation cache."""

import os
import pathlib
import signal

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_NUM_CPU_DEVICES"] = "8"
os.environ["JAX_NUMPY_DTYPE_PROMOTION"] = "strict"
os.environ["JAX_NUMPY_RANK_PROMOTION"] = "raise"
os.environ["JAXLM_ONEDNN"] = "0"  # programs with it cannot be cached, and the tests' models are tiny

import pytest

from jaxlm import runtime

runtime.configure()


@pytest.fixture(scope="session", autouse=True)
def sigint_raises():
    """A shell starts its background jobs, tests among them, with SIGINT ignored, and their children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def real_data() -> pathlib.Path:
    """The folder of real data sets; a test that wants one is skipped where there is none."""
    default = pathlib.Path(__file__).parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("JAXLM_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"no real data: set JAXLM_DATA ({folder} is not a folder)")
    return folder.resolve()
