import errno
import json
import os
import pathlib
import subprocess
import sys
import types

import jax
import pytest

import jaxlm.phases
from jaxlm import files, fingerprint, run
from jaxlm.config import defaults
from jaxlm.errors import UserError

PHASE = """\
CONFIG = {config}
INPUTS = {inputs}

def run(config, workdir):
    from jaxlm.phases import calls
    return calls.run("{name}", config, workdir)
"""


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Two fake phases, `first` and `second`; what they did is in `.log`, and `.action` is called inside them."""
    module = types.ModuleType("jaxlm.phases.calls")
    module.log, module.action = [], lambda name, folder: None

    def call(name, config, workdir):
        module.log.append(name)
        folder = workdir / name
        before = (folder / "work.txt").read_text() if (folder / "work.txt").exists() else ""
        files.atomic_write(folder / "work.txt", before + "x")
        module.action(name, folder)
        return {"work": (folder / "work.txt").read_text()}

    module.run = call
    monkeypatch.setitem(sys.modules, "jaxlm.phases.calls", module)
    monkeypatch.setattr(jaxlm.phases, "calls", module, raising=False)
    monkeypatch.setattr(jaxlm.phases, "__path__", [str(tmp_path / "phases")])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    write_phase(tmp_path, "first", ("seed",), ())
    write_phase(tmp_path, "second", ("crawl",), ("first",))
    yield module
    fingerprint.forget()
    for name in ("first", "second"):
        sys.modules.pop(f"jaxlm.phases.{name}", None)


def write_phase(tmp_path, name, config, inputs, more=""):
    source = PHASE.format(name=name, config=config, inputs=inputs) + more
    files.atomic_write(tmp_path / "phases" / f"{name}.py", source)
    fingerprint.forget()
    sys.modules.pop(f"jaxlm.phases.{name}", None)


def experiment(tmp_path, only=None, accept_old_code=False, seed=0, phases=("first", "second")):
    config = defaults()
    config.seed, config.phases = seed, phases
    run.experiment(config.lock(), tmp_path / "run", only or phases, accept_old_code)


def test_a_finished_experiment_is_skipped(tmp_path, calls, capsys):
    experiment(tmp_path)
    record = (tmp_path / "run" / "run.json").read_bytes()
    experiment(tmp_path)
    assert calls.log == ["first", "second"]
    assert (tmp_path / "run" / "run.json").read_bytes() == record  # it tells of the run that made the results
    assert capsys.readouterr().out.count("done already") == 2
    assert jaxlm.phases.summary(tmp_path / "run", "second") == {"work": "x"}


def test_a_phase_that_was_cut_off_goes_on_in_its_folder(tmp_path, calls):
    def kill(name, folder):
        if name == "second":
            raise KeyboardInterrupt

    calls.action = kill
    with pytest.raises(KeyboardInterrupt):
        experiment(tmp_path)
    with pytest.raises(UserError, match="'second' has not finished"):
        jaxlm.phases.summary(tmp_path / "run", "second")
    calls.action = lambda name, folder: None
    experiment(tmp_path)
    assert calls.log == ["first", "second", "second"]
    assert jaxlm.phases.summary(tmp_path / "run", "second") == {"work": "xx"}


def test_a_changed_field_reruns_what_depends_on_it_and_keeps_the_old(tmp_path, calls, capsys):
    experiment(tmp_path)
    experiment(tmp_path, seed=1)
    assert calls.log == ["first", "second"] * 2  # the second because its input is another
    out = capsys.readouterr().out
    assert "first: seed 0 -> 1: what was there is kept as" in out
    assert "second: the input first: what was there is kept as" in out
    assert jaxlm.phases.summary(tmp_path / "run", "first") == {"work": "x"}  # nothing mixed
    assert (tmp_path / "run" / "first.old-1" / "summary.json").exists()
    write_phase(tmp_path, "first", ("name",), ())  # it does not depend on the seed any more
    experiment(tmp_path, seed=1)
    experiment(tmp_path, seed=2)
    assert calls.log == ["first", "second"] * 3


def test_changing_back_takes_the_old_results_back(tmp_path, calls):
    experiment(tmp_path, seed=0)
    experiment(tmp_path, seed=1)
    experiment(tmp_path, seed=0)
    assert calls.log == ["first", "second"] * 2
    experiment(tmp_path, seed=1)
    assert calls.log == ["first", "second"] * 2


def test_changed_code_reruns_unless_accepted(tmp_path, calls, capsys):
    experiment(tmp_path)
    write_phase(tmp_path, "first", ("seed",), (), more="\n# a comment\n")
    experiment(tmp_path)
    assert calls.log == ["first", "second"]
    write_phase(tmp_path, "first", ("seed",), (), more="\nVALUE = 1\n")
    experiment(tmp_path, accept_old_code=True)
    assert calls.log == ["first", "second"]
    assert "code of jaxlm.phases.first: accepted as asked" in capsys.readouterr().out
    experiment(tmp_path)
    assert calls.log == ["first", "second"] * 2
    assert "give --accept_old_code" in capsys.readouterr().out


def test_accepted_code_goes_on_with_a_phase_that_was_cut_off(tmp_path, calls):
    calls.action = lambda name, folder: 1 / 0
    with pytest.raises(ZeroDivisionError):
        experiment(tmp_path)
    calls.action = lambda name, folder: None
    write_phase(tmp_path, "first", ("seed",), (), more="\nVALUE = 1\n")
    experiment(tmp_path, accept_old_code=True)
    assert jaxlm.phases.summary(tmp_path / "run", "first") == {"work": "xx"}


def test_changed_settings_are_never_accepted(tmp_path, calls):
    experiment(tmp_path)
    experiment(tmp_path, seed=1, accept_old_code=True)
    assert calls.log == ["first", "second"] * 2


def test_selected_phases_need_their_inputs(tmp_path, calls, capsys):
    with pytest.raises(UserError, match="'second' needs 'first', which has not finished"):
        experiment(tmp_path, only=("second",))
    experiment(tmp_path, only=("first",))
    assert calls.log == ["first"]
    experiment(tmp_path, only=("second",), seed=3)
    assert calls.log == ["first", "second"]
    assert "first: used as it is, though this changed since: seed 0 -> 3" in capsys.readouterr().out


def test_an_order_that_cannot_work_is_an_error(tmp_path, calls):
    with pytest.raises(UserError, match="'second' reads what 'first' makes, and must come after it"):
        experiment(tmp_path, phases=("second", "first"))
    with pytest.raises(UserError, match="no phase 'third'"):
        experiment(tmp_path, phases=("first", "third"))


def test_a_missing_file_of_the_users_is_named_before_anything_runs(tmp_path, calls):
    write_phase(tmp_path, "second", ("crawl",), ("first",), 'FILES = ("finetune.data",)\n')
    config = defaults()
    config.phases, config.finetune.data = ("first", "second"), (str(tmp_path / "no.jsonl"),)
    with pytest.raises(UserError, match=r"config.finetune.data: no such file or folder: .*no.jsonl"):
        run.experiment(config.lock(), tmp_path / "run", config.phases)
    assert calls.log == []


def test_a_second_process_is_refused(tmp_path):
    workdir = tmp_path / "run"
    code = (
        f"import pathlib\nfrom jaxlm.run import locked\nwith locked(pathlib.Path({str(workdir)!r})): print('entered')"
    )
    root = pathlib.Path(__file__).parents[1]
    other = [sys.executable, "-c", code]
    with run.locked(workdir):
        done = subprocess.run(other, cwd=root, capture_output=True, text=True)
        assert f"another run (process {os.getpid()}) is at work in it" in done.stderr
    assert subprocess.run(other, cwd=root, capture_output=True, text=True).stdout == "entered\n"


def test_a_workdir_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UserError, match="not a folder that can be written to"), run.locked(tmp_path / "run"):
        pass


def test_run_json_tells_what_made_it(tmp_path, calls):
    experiment(tmp_path, seed=4)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["seed"] == 4
    assert record["packages"].keys() >= {"jax", "numpy"}
    assert record["finished"] >= record["started"]
    assert (
        record["cores"] >= 1
        and record["memory_bytes"] > 1e8
        and record["devices"] == [f"{jax.device_count()} x cpu: cpu"]
    )
    assert record["phases"]["second"]["seconds"] >= 0
    write_phase(tmp_path, "second", ("crawl",), ("first",), more="\nVALUE = 1\n")
    experiment(tmp_path, seed=4)
    again = json.loads((tmp_path / "run" / "run.json").read_text())
    assert again["phases"]["first"] == record["phases"]["first"]  # it was not run again


def _status(tmp_path, calls, action, capsys) -> tuple[int, str]:
    calls.action = action
    path = tmp_path / "experiment.py"
    path.write_text(
        "from jaxlm.config import defaults\n\n\ndef get_config():\n"
        "    config = defaults()\n    config.phases = ('first', 'second')\n    return config\n"
    )
    with pytest.raises(SystemExit) as stop:
        run.main([f"--config={path}", f"--workdir={tmp_path / 'run'}"])
    return stop.value.code, capsys.readouterr().err


def test_what_the_user_can_mend_is_one_line(tmp_path, calls, capsys):
    def mistake(name, folder):
        raise UserError("pages.warc: truncated")

    def full(name, folder):
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "part-0.parquet")
        except OSError as error:
            raise ValueError("failed to commit") from error

    def interrupt(name, folder):
        raise KeyboardInterrupt

    assert _status(tmp_path, calls, mistake, capsys) == (2, "jaxlm: error: pages.warc: truncated\n")
    text = "the disk is full while writing part-0.parquet: free some space; the same command goes on from here"
    assert _status(tmp_path, calls, full, capsys) == (2, f"jaxlm: error: {text}\n")
    assert _status(tmp_path, calls, interrupt, capsys) == (
        130,
        "jaxlm: interrupted; the same command goes on from here\n",
    )


def test_a_bug_keeps_its_traceback(tmp_path, calls, capsys):
    with pytest.raises(ZeroDivisionError):
        _status(tmp_path, calls, lambda name, folder: 1 / 0, capsys)


def test_print_config_runs_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "experiment.py"
    path.write_text("from jaxlm.config import defaults\n\n\ndef get_config():\n    return defaults()\n")
    run.main([f"--config={path}", "--config.seed=9", "--print_config"])
    assert "seed: 9" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path]
