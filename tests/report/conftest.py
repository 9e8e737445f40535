"""The folder of a run that never was, written once."""

import pathlib
import runpy

import pytest

FAKE = runpy.run_path(str(pathlib.Path(__file__).with_name("fake_run.py")))
HONESTY = runpy.run_path(str(pathlib.Path(__file__).with_name("fake_honesty.py")))


@pytest.fixture(scope="session")
def fake_run(tmp_path_factory) -> pathlib.Path:
    """Every file of a run that the report reads; tests that change something copy it first."""
    return HONESTY["write"](FAKE["write"](tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="session")
def hostile() -> str:
    """The markup that the fake run has in every place that models, pages or files can write to."""
    return FAKE["HOSTILE"]
