"""The same bytes for the same seed; odd and impossible worlds."""

import hashlib

import pytest

from jaxlm import files
from jaxlm.crawl.microweb import build
from jaxlm.errors import UserError


def digests(folder) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.*"))
    }


def test_same_seed_same_bytes_other_seed_other_world(web, small, tmp_path):
    build(small(), 0, tmp_path / "again/web", tmp_path / "again/truth")
    assert digests(tmp_path / "again") == digests(web[0])
    build(small(), 1, tmp_path / "other/web", tmp_path / "other/truth")
    changed = digests(tmp_path / "other")
    assert all(changed[name] != digest for name, digest in digests(web[0]).items())


@pytest.mark.parametrize(
    "changes",
    [
        dict(people=1, tail=0, tiers=(0, 1), tier_share=(1.0, 1.0)),
        dict(people=2, tail=1, tiers=(4,), tier_share=(1.0,), junk=0.0),
        dict(people=3, tail=3, tiers=(0, 64), tier_share=(2.0, 0.3), shards=1),
    ],
)
def test_worlds_of_odd_sizes(small, tmp_path, changes):
    stats = build(small(**changes), 5, tmp_path / "web", tmp_path / "truth")
    assert stats["pages"] == sum(1 for _ in files.read_jsonl(tmp_path / "truth/pages.jsonl"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (dict(tiers=(0,), tier_share=(1.0,)), "tiers"),
        (dict(tier_share=(1.0,)), "tier_share"),
        (dict(junk=1.0), "junk"),
        (dict(people=0), "people"),
        (dict(shards=0), "shards"),
    ],
)
def test_impossible_worlds_are_refused_by_field(small, tmp_path, changes, field):
    with pytest.raises(UserError, match=rf"config\.crawl\.microweb\.{field}: "):
        build(small(**changes), 0, tmp_path, tmp_path)
