import pytest

import jaxlm
import jaxlm.phases
from jaxlm import fingerprint
from jaxlm.config import PHASES, defaults
from jaxlm.errors import UserError

PHASE = '''\
"""A phase."""
CONFIG = ("seed", "crawl.paths")
INPUTS = ("other",)
FILES = ("crawl.paths",)

def run(config, workdir):
    from jaxlm.room import helper
    return helper.f()
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package with one phase; returns a function that writes one of its files."""
    monkeypatch.setattr(jaxlm, "__path__", [str(tmp_path)])
    monkeypatch.setattr(jaxlm.phases, "__path__", [str(tmp_path / "phases")])

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        fingerprint.forget()

    write("phases/one.py", PHASE)
    write("room/__init__.py", "")
    write("room/helper.py", "from . import deep\n\ndef f():\n    return deep.VALUE\n")
    write("room/deep.py", "import jaxlm.errors\nVALUE = 1\n")
    write("room/apart.py", "VALUE = 1\n")
    write("errors.py", "")
    yield write
    fingerprint.forget()


def test_imports_are_followed_into_functions_and_packages(package):
    names = ["jaxlm.phases.one", "jaxlm.room", "jaxlm.room.deep", "jaxlm.room.helper"]
    assert list(fingerprint.code("jaxlm.phases.one")) == names


def test_only_what_is_computed_counts(package):
    before = fingerprint.code("jaxlm.phases.one")
    package("room/deep.py", '"""Now with a docstring."""\nimport jaxlm.errors  # and a comment\n\n\nVALUE = (1)\n')
    package("room/apart.py", "VALUE = 2\n")
    package("errors.py", "class Other(Exception): ...\n")
    assert fingerprint.code("jaxlm.phases.one") == before
    package("room/deep.py", "import jaxlm.errors\nVALUE = 2\n")
    after = fingerprint.code("jaxlm.phases.one")
    assert {name for name in before if before[name] != after[name]} == {"jaxlm.room.deep"}
    package("room/page.html", "<p>")
    assert "jaxlm.room:page.html" in fingerprint.code("jaxlm.phases.one")


def test_literals_are_read_without_importing(package):
    package("phases/two.py", 'import nowhere\nCONFIG = ("seed",)\nINPUTS = ()\n')
    assert fingerprint.phase("two") == fingerprint.Phase("two", ("seed",), (), ())
    with pytest.raises(UserError, match="no phase 'three'"):
        fingerprint.phase("three")


def test_differences_are_told_in_words(package, tmp_path):
    config = defaults()
    config.phases = ("other", "one")
    config.crawl.paths = (str(tmp_path / "data"),)
    old = fingerprint.of("one", config, tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "summary.json").write_text('{"fingerprint": "abc"}')
    package("room/deep.py", "VALUE = 3\n")
    config.seed = 5
    config.report.title = "not in the slice"
    assert fingerprint.differences(old, fingerprint.of("one", config, tmp_path)) == [
        "seed 0 -> 5",
        "the input other",
        "files of crawl.paths",
        "code of jaxlm.room.deep",
    ]


def test_inputs_that_the_experiment_does_not_have_do_not_count(package, tmp_path):
    config = defaults()
    config.phases = ("one",)
    assert fingerprint.of("one", config, tmp_path)["inputs"] == {}


@pytest.mark.parametrize("name", PHASES)
def test_the_real_phases_declare_what_they_depend_on(name, tmp_path):
    spec = fingerprint.phase(name)
    assert set(spec.inputs) <= set(PHASES[: PHASES.index(name)])
    parts = fingerprint.of(name, defaults(), tmp_path)
    assert parts["config"].keys() == set(spec.config)
    assert f"jaxlm.phases.{name}" in parts["code"]
