"""A small micro-web, built once."""

import pytest

from jaxlm import files
from jaxlm.config import defaults
from jaxlm.crawl.microweb import build

SMALL = dict(people=4, tail=40, tiers=(0, 1, 4, 16), tier_share=(1.0, 1.0, 1.0, 1.0), shards=2)


@pytest.fixture(scope="session")
def small():
    """Makes the config of a small world, with changes."""

    def make(**changes):
        config = defaults().crawl.microweb
        config.update(SMALL | changes)
        return config

    return make


@pytest.fixture(scope="session")
def web(tmp_path_factory, small):
    """(folder with web/ and truth/, what build returned)"""
    folder = tmp_path_factory.mktemp("microweb")
    return folder, build(small(), 0, folder / "web", folder / "truth")


@pytest.fixture(scope="session")
def rows(web):
    """Reads one of its JSONL files."""
    return lambda name: list(files.read_jsonl(web[0] / name))
