import subprocess
import sys

import jax

from jaxlm import files, provenance


def _git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_commit_and_uncommitted_changes(tmp_path, monkeypatch):
    _git(tmp_path, "init")
    assert provenance.code_state(tmp_path)["commit"] is None  # a repository without a commit
    (tmp_path / "a.txt").write_text("one\n")
    _git(tmp_path, "add", "a.txt")
    _git(tmp_path, "commit", "-m", "first")
    clean = provenance.code_state(tmp_path)
    assert len(clean["commit"]) == 40 and clean["diff"] == "" and clean["untracked"] == []
    (tmp_path / "a.txt").write_text("two\n")
    (tmp_path / "b.txt").touch()
    dirty = provenance.code_state(tmp_path)
    assert "-one\n+two\n" in dirty["diff"] and dirty["untracked"] == ["b.txt"]
    monkeypatch.setattr(provenance, "MAX_DIFF", 10)
    assert len(provenance.code_state(tmp_path)["diff"]) < 50


def test_a_repository_around_an_installed_package_is_not_taken_for_it(tmp_path):
    _git(tmp_path, "init")
    (tmp_path / "site-packages").mkdir()
    assert provenance.code_state(tmp_path / "site-packages")["commit"] is None


def test_the_environment_is_not_given_away(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hunter2")
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp/x")
    record = provenance.collect()
    assert "hunter2" not in files.dumps(record)
    assert record["environment"]["XLA_FLAGS"] == "--xla_dump_to=/tmp/x"


def test_devices(monkeypatch):
    assert provenance.devices() == [f"{jax.device_count()} x cpu: cpu"]
    monkeypatch.delitem(sys.modules, "jax")
    assert provenance.devices() is None
