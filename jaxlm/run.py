"""Runs an experiment: its phases in order, each skipped, resumed or run.

    python -m jaxlm --config=experiments/microweb.py --workdir=runs/microweb

A phase's fingerprint (`jaxlm.fingerprint`) covers its slice of the configuration, its inputs and its code. On entering
a phase, in this order:

1. Its folder was finished under the same fingerprint: skipped.
2. Its folder was begun under the same fingerprint: the phase goes on from where it was cut off.
3. A folder `<phase>.old-N` has the same fingerprint (settings were changed, and changed back): it is put back; then 1
   or 2.
4. Otherwise it runs from the start. A folder made under another fingerprint is renamed to `<phase>.old-N`, never
   deleted and never mixed with the new one, and what changed is said.

Where only the code changed, a long training need not be lost: `--accept_old_code` takes such folders as in 1 and 2.
`fingerprint.json` is the first file that is written to a phase's folder, `summary.json` the last.
"""

import contextlib
import fcntl
import glob
import importlib
import os
import pathlib
import sys
import time
from collections.abc import Iterator

from jaxlm import files, fingerprint, flags, provenance, runtime
from jaxlm.errors import UserError, one_line
from jaxlm.progress import clock, say


def main(argv: list[str] | None = None) -> None:
    """The command line. A user's mistake is one line on stderr and status 2, Ctrl-C status 130, a bug a traceback."""
    with one_line("interrupted; the same command goes on from here"):
        command = flags.parse(sys.argv[1:] if argv is None else argv)
        if command and command.print_config:
            print(command.config)
        elif command:
            experiment(command.config, command.workdir, command.phases, command.accept_old_code)


def experiment(config, workdir: pathlib.Path, phases: tuple[str, ...], accept_old_code: bool = False) -> None:
    """Runs `phases`, a selection of `config.phases` in their order, in `workdir`."""
    started = time.monotonic()
    _check_order(config)
    with locked(workdir):
        _check_inputs(config, workdir, phases)
        _check_files(config, phases)
        record = None
        for number, name in enumerate(phases, start=1):
            parts = fingerprint.of(name, config, workdir)
            if enter(workdir, name, parts, accept_old_code):
                say(f"[{number}/{len(phases)}] {name}: done already")
                continue
            if record is None:
                runtime.configure()
                record = _start_record(config, workdir)
            say(f"[{number}/{len(phases)}] {name}")
            _run(name, config, workdir, record)
        if record is not None:
            _write_record(workdir, record | {"finished": _now()})
    say(f"finished in {clock(time.monotonic() - started)}: {workdir}")
    page = workdir / "report" / "report.html"
    if page.exists():
        say(f"report: {page}")


def enter(workdir: pathlib.Path, name: str, parts: dict, accept_old_code: bool) -> bool:
    """Makes `workdir/name` the folder of this fingerprint, as in the module's docstring; returns whether it is done."""
    folder = workdir / name
    wanted = fingerprint.digest(parts)
    begun = _begun(folder)
    if begun is not None and begun["fingerprint"] != wanted and accept_old_code and _code_only(begun["parts"], parts):
        say(f"{name}: {'; '.join(fingerprint.differences(begun['parts'], parts))}: accepted as asked")
        wanted = begun["fingerprint"]
    if begun is None or begun["fingerprint"] != wanted:
        if folder.exists():
            _put_aside(folder, begun, parts)
        _put_back(folder, wanted)
    if _begun(folder) is None:
        files.write_json(folder / "fingerprint.json", {"fingerprint": wanted, "parts": parts})
    return fingerprint.finished(folder) == wanted


@contextlib.contextmanager
def locked(workdir: pathlib.Path) -> Iterator[None]:
    """Holds `workdir` for this process; raises UserError when another one holds it, or when it cannot be written to.

    A record lock of POSIX: it ends with the process however that ends, and worker processes that outlive a killed
    parent do not hold it.
    """
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        file = open(workdir / ".lock", "a+")
    except OSError as error:
        raise UserError(f"--workdir={workdir}: not a folder that can be written to ({error.strerror})") from None
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip()
            raise UserError(f"--workdir={workdir}: another run (process {holder}) is at work in it") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _check_order(config) -> None:
    """Raises UserError when a phase stands before one whose results it reads, or does not exist."""
    for number, name in enumerate(config.phases):
        later = [other for other in fingerprint.phase(name).inputs if other in config.phases[number:]]
        if later:
            raise UserError(f"config.phases: '{name}' reads what '{later[0]}' makes, and must come after it")


def _check_inputs(config, workdir: pathlib.Path, phases: tuple[str, ...]) -> None:
    """Of phases that are used but not run now: UserError when one is missing, a line when it was made otherwise."""
    needed = {other: name for name in phases for other in fingerprint.phase(name).inputs}
    for name in config.phases:
        if name not in needed or name in phases:
            continue
        begun = _begun(workdir / name)
        if begun is None or fingerprint.finished(workdir / name) is None:
            raise UserError(
                f"--phases: '{needed[name]}' needs '{name}', which has not finished in {workdir}: run it too"
            )
        changes = fingerprint.differences(begun["parts"], fingerprint.of(name, config, workdir))
        if changes:
            say(f"{name}: used as it is, though this changed since: {'; '.join(changes)}")


def _check_files(config, phases: tuple[str, ...]) -> None:
    """UserError when a file or folder of the user's is missing that a phase will read, maybe hours from now."""
    if "finetune" in phases and config.crawl.source != "microweb" and not config.finetune.data:
        without = tuple(name for name in config.phases if name != "finetune")
        raise UserError(
            "config.finetune.data is empty: 'finetune' needs conversations, --config.finetune.data=\"('FILE',)\"; "
            f'without it: --config.phases="{without}"'
        )
    for field in (field for name in phases for field in fingerprint.phase(name).files):
        for pattern in fingerprint.value(config, field):
            if not pathlib.Path(pattern).expanduser().exists() and not glob.has_magic(pattern):
                raise UserError(f"config.{field}: no such file or folder: {pattern}")


def _run(name: str, config, workdir: pathlib.Path, record: dict) -> None:
    """Runs one phase and writes its summary; seconds are those of this attempt."""
    module = importlib.import_module(f"jaxlm.phases.{name}")
    record["phases"][name] = {"started": _now(), "seconds": None, "commit": record["code"]["commit"]}
    _write_record(workdir, record)
    start = time.monotonic()
    result = module.run(config, workdir)
    seconds = round(time.monotonic() - start, 3)
    record["phases"][name]["seconds"] = seconds
    record["devices"] = provenance.devices()  # not before: asking for them would start the backend too early
    begun = _begun(workdir / name)
    files.write_json(workdir / name / "summary.json", {"fingerprint": begun["fingerprint"], "result": result})
    _write_record(workdir, record)
    say(f"{name}: done in {clock(seconds)}")


def _start_record(config, workdir: pathlib.Path) -> dict:
    """A new run.json; what it says of phases that are not run again is kept from the one before."""
    path = workdir / "run.json"
    earlier = files.read_json(path)["phases"] if path.exists() else {}
    return {"started": _now(), "config": config.to_dict(), **provenance.collect(), "devices": None, "phases": earlier}


def _write_record(workdir: pathlib.Path, record: dict) -> None:
    files.write_json(workdir / "run.json", record)


def _begun(folder: pathlib.Path) -> dict | None:
    path = folder / "fingerprint.json"
    return files.read_json(path) if path.exists() else None


def _code_only(old: dict, new: dict) -> bool:
    return {**old, "code": None} == {**new, "code": None}


def _put_aside(folder: pathlib.Path, begun: dict | None, parts: dict) -> None:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
        number += 1
    os.rename(folder, aside)
    changes = "; ".join(fingerprint.differences(begun["parts"], parts)) if begun else "not made by this program"
    say(f"{folder.name}: {changes}: what was there is kept as {aside}")
    if begun and _code_only(begun["parts"], parts):
        say(f"{folder.name}: to go on with it instead, rename it back and give --accept_old_code")


def _put_back(folder: pathlib.Path, wanted: str) -> None:
    for aside in sorted(folder.parent.glob(f"{folder.name}.old-*")):
        begun = _begun(aside)
        if begun and begun["fingerprint"] == wanted:
            os.rename(aside, folder)
            say(f"{folder.name}: {aside} was made with just these settings and is put back")
            return


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
