"""The command line: absl flags and an experiment file, with one clear line for every mistake in either."""

import dataclasses
import difflib
import itertools
import pathlib
import re
import sys
import traceback
from collections.abc import Iterable

from absl import flags
from ml_collections import ConfigDict, config_flags

from jaxlm import limits
from jaxlm.config import defaults
from jaxlm.errors import UserError

USAGE = """\
usage: python -m jaxlm --config=experiments/NAME.py[:VARIANT] [--workdir=DIR] [--config.FIELD=VALUE ...] [--phases=A,B]

Runs the phases of an experiment in order: those that are done already with the same settings are skipped, one that was
cut off goes on. Every field that can be set, with its meaning, is in jaxlm/config.py.
"""


@dataclasses.dataclass(frozen=True)
class Command:
    """A parsed and checked command line."""

    config: ConfigDict  # locked
    workdir: pathlib.Path
    phases: tuple[str, ...]  # to run now, in the experiment's order
    print_config: bool
    accept_old_code: bool


def parse(argv: list[str]) -> Command | None:
    """Reads a command line (without the program's name); None when it asked for help, which is printed.

    Raises UserError for an unknown flag or field, a wrong type, and an experiment file that is missing or has a
    mistake.
    """
    values = _define(argv)
    if {"--help", "-help", "-h"} & set(argv):
        print(f"{USAGE}\nflags:{values.module_help(__name__)}")
        return None
    _check_overrides(argv)
    _check_experiment(argv)
    sys.modules.pop("config_config", None)  # else ml_collections runs a file on top of what an earlier one defined
    try:
        rest = values(["jaxlm", *argv])
        config = values.config
        hasattr(config, "lock")  # ml_collections raises a failure to read the file on the first access only
    except Exception as error:
        raise _explain(error, argv) from error
    if rest[1:]:
        raise UserError(f"unexpected argument '{rest[1]}': flags are written --name=value")
    if not isinstance(config, ConfigDict):
        raise UserError(f"{_experiment(argv)}: get_config() must return a ConfigDict, not {type(config).__name__}")
    check_fields(config, defaults())
    limits.check(config)
    return Command(
        config=config,
        workdir=pathlib.Path(values.workdir or pathlib.Path("runs") / config.name),
        phases=_selected(config.phases, values.phases),
        print_config=values.print_config,
        accept_old_code=values.accept_old_code,
    )


def check_fields(config: ConfigDict, reference: ConfigDict, prefix: str = "") -> None:
    """Raises UserError when a field is unknown, missing or of another type than its default (an int may stand for a
    float).
    """
    for name in reference:
        if name not in config:
            raise UserError(f"config.{prefix}{name} is missing: start from the fields of jaxlm.config.defaults()")
    for name, value in config.items():
        path = f"{prefix}{name}"
        if name not in reference:
            raise _unknown_field(path)
        default = reference[name]
        if isinstance(default, ConfigDict) and isinstance(value, ConfigDict):
            check_fields(value, default, f"{path}.")
        elif not _same_type(value, default):
            raise UserError(f"config.{path}={value!r}: expected {_expected(default)}")


def _define(argv: list[str]) -> flags.FlagValues:
    values = flags.FlagValues()  # of our own: the global ones belong to the libraries, and hold for one parse only
    config_flags.DEFINE_config_file(
        "config",
        None,
        "Experiment file, e.g. experiments/microweb.py or experiments/microweb.py:tiny. After it, single fields: "
        "--config.pretrain.steps=500, --config.crawl.paths=\"('a','b')\".",
        lock_config=True,
        flag_values=values,
        sys_argv=["jaxlm", *argv],
    )
    own = dict(flag_values=values)
    flags.DEFINE_string("workdir", None, "Folder for everything the run makes; default: runs/NAME.", **own)
    flags.DEFINE_list("phases", None, "Run only these phases of the experiment.", **own)
    flags.DEFINE_bool("print_config", False, "Print the resolved configuration and stop.", **own)
    flags.DEFINE_bool(
        "accept_old_code",
        False,
        "Take phases that an earlier version of the code made, or began, for current when only the code differs.",
        **own,
    )
    return values


def _selected(phases: tuple[str, ...], only: list[str] | None) -> tuple[str, ...]:
    for name in only or ():
        if name not in phases:
            near = _near(name, phases)
            raise UserError(f"--phases={name}: not a phase of this experiment{near}; it has {', '.join(phases)}")
    return tuple(name for name in phases if not only or name in only)


def _check_overrides(argv: list[str]) -> None:
    for argument in argv:
        match = re.match(r"--?(?:no)?config\.([^=]+)", argument)
        if match and _field(match[1]) is None:
            raise _unknown_field(match[1])


def _field(path: str):
    """The default of a dotted field, or None where there is no such field (no default is None)."""
    value = defaults()
    for name in path.split("."):
        if not isinstance(value, ConfigDict) or name not in value:
            return None
        value = value[name]
    return value


def _unknown_field(path: str) -> UserError:
    parent, _, name = path.rpartition(".")
    section = _field(parent) if parent else defaults()
    near = _near(name, section) if isinstance(section, ConfigDict) else ""
    everywhere = _all_fields(defaults())
    same_name = [field for field in everywhere if field.rpartition(".")[2] == name]
    near = near or _near(path, same_name or everywhere, cutoff=0.0 if same_name else 0.6)
    return UserError(f"config.{path}: no such field{near} (all fields: jaxlm/config.py)")


def _all_fields(config: ConfigDict, prefix: str = "") -> list[str]:
    fields = []
    for name, value in config.items():
        fields += _all_fields(value, f"{prefix}{name}.") if isinstance(value, ConfigDict) else [f"{prefix}{name}"]
    return fields


def _near(name: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    close = difflib.get_close_matches(name, list(choices), n=1, cutoff=cutoff)
    return f", did you mean '{close[0]}'?" if close else ""


def _same_type(value, default) -> bool:
    if isinstance(default, tuple):
        item = default[0] if default else ""  # those that are empty by default hold texts
        return isinstance(value, tuple) and all(_same_type(each, item) for each in value)
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _expected(default) -> str:
    if isinstance(default, tuple):
        return f"a tuple like {default!r}" if default else "a tuple of texts, () for an empty one"
    if isinstance(default, ConfigDict):
        return f"one of its fields to be set ({', '.join(default)})"
    if isinstance(default, bool):
        return "true or false"
    return {int: "an integer", float: "a number", str: "text"}[type(default)] + f" like {default!r}"


def _check_experiment(argv: list[str]) -> None:
    path = _experiment(argv)
    known = ", ".join(sorted(str(file) for file in pathlib.Path("experiments").glob("*.py")))
    if not path:
        raise UserError(f"--config=EXPERIMENT is missing; experiments here: {known or 'none'}")
    if not pathlib.Path(path).is_file():
        raise UserError(f"--config={path}: no such file; experiments here: {known or 'none'}")


def _experiment(argv: list[str]) -> str:
    """The path given as --config=PATH[:VARIANT] or --config PATH[:VARIANT]; empty when there is none."""
    for argument, following in itertools.pairwise([*argv, ""]):
        match = re.fullmatch(r"--?config(?:=(.*))?", argument)
        if match:
            return (following if match[1] is None else match[1]).split(":")[0]
    return ""


def _explain(error: Exception, argv: list[str]) -> UserError:
    """A line about an exception of absl or ml_collections, or of the experiment file that they ran."""
    path = _experiment(argv)
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)
    for cause in chain:
        if isinstance(cause, UserError):
            return cause
        if isinstance(cause, SyntaxError):
            return UserError(f"{cause.filename or path}{f':{cause.lineno}' if cause.lineno else ''}: {cause.msg}")
        if isinstance(cause, AttributeError) and cause.name == "get_config":
            return UserError(f"--config={path}: expected a function get_config() that returns a ConfigDict")
    for cause in reversed(chain):
        lines = [frame.lineno for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == path]
        if lines:
            return UserError(f"{path}:{lines[-1]}: {_first_line(cause)}")
    match = re.match(r"flag --config\.([^=]+)=(.*?): ", str(error), re.DOTALL)
    if match and _field(match[1]) is not None:
        return UserError(f"--config.{match[1]}={match[2]}: expected {_expected(_field(match[1]))}")
    if "in argv before a value for" in str(error):
        return UserError("--config=EXPERIMENT must come before --config.FIELD=VALUE")
    if not isinstance(error, flags.Error) or (len(chain) > 1 and str(error).startswith("flag --config=")):
        return UserError(f"--config={path}: {_first_line(chain[-1])}")
    return UserError(str(error).splitlines()[0])


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
