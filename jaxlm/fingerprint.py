"""What a phase's result depends on: a slice of the configuration, its inputs, and the code that makes it.

All of it is found without importing the phase, and so without importing JAX: a finished experiment is recognized in a
second. Versions of installed packages are not part of it; `run.json` records them.
"""

import ast
import dataclasses
import functools
import glob
import hashlib
import json
import pathlib

import jaxlm
import jaxlm.phases
from jaxlm.config import PHASES
from jaxlm.errors import UserError
from jaxlm.files import dumps, read_json

# Code that does not change what is computed: the version's number, defaults (their values are compared), what is
# printed.
NEUTRAL = ("jaxlm", "jaxlm.config", "jaxlm.errors", "jaxlm.progress")
DATA_SUFFIXES = (".html", ".css", ".js", ".json", ".txt")  # as in setup.cfg's package data


@dataclasses.dataclass(frozen=True)
class Phase:
    """The literals at the top of a phase module; see `jaxlm.phases`."""

    name: str
    config: tuple[str, ...]
    inputs: tuple[str, ...]
    files: tuple[str, ...]
    runs: tuple[tuple[str, str], ...] = ()


def phase(name: str) -> Phase:
    """Reads a phase's literals. Raises UserError when there is no such phase."""
    path = _source(f"jaxlm.phases.{name}")
    if path is None:
        raise UserError(f"config.phases: there is no phase '{name}'; there are {', '.join(PHASES)}")
    literals = {"FILES": (), "RUNS": ()}
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("CONFIG", "INPUTS", "FILES", "RUNS"):
            literals[node.targets[0].id] = ast.literal_eval(node.value)
    return Phase(name, literals["CONFIG"], literals["INPUTS"], literals["FILES"], literals["RUNS"])


def of(name: str, config, workdir: pathlib.Path) -> dict:
    """The parts of a phase's fingerprint, as plain data: `config`, `inputs`, `files` and `code`.

    Inputs are the phase's `INPUTS` that the experiment has, with the digests of what is in `workdir` now, and the
    phases of other runs that its `RUNS` name.
    """
    spec = phase(name)
    others = [f"{value(config, folder)}/{value(config, other)}" for folder, other in spec.runs]
    return {
        "config": {field: value(config, field) for field in spec.config},
        "inputs": {other: finished(workdir / other) for other in spec.inputs if other in config.phases}
        | {other: finished(pathlib.Path(other)) for other in others},
        "files": {field: _file_states(value(config, field)) for field in spec.files},
        "code": code(f"jaxlm.phases.{name}"),
    }


def finished(folder: pathlib.Path) -> str | None:
    """The digest under which the phase in `folder` finished, None when it has not."""
    path = folder / "summary.json"
    return read_json(path)["fingerprint"] if path.exists() else None


def forget() -> None:
    """Reads source files anew: for a process in which they change, as in tests."""
    _tree.cache_clear()
    _code_hash.cache_clear()


def digest(parts: dict) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def differences(old: dict, new: dict) -> list[str]:
    """What changed, in words: fields with both values, inputs, files, modules."""
    changes = []
    was, now = _flat(old["config"]), _flat(new["config"])
    for field in sorted(was.keys() | now.keys()):
        if was.get(field) != now.get(field):
            changes.append(f"{field} {dumps(was.get(field))} -> {dumps(now.get(field))}")
    for kind, text in (("inputs", "the input {}"), ("files", "files of {}"), ("code", "code of {}")):
        both = old[kind].keys() | new[kind].keys()
        names = sorted(name for name in both if old[kind].get(name) != new[kind].get(name))
        if names:
            changes.append(text.format(", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")))
    return changes


def code(module: str) -> dict[str, str]:
    """Hash of each source file that `module` imports, directly or not, from this package, function-level imports
    included.

    Comments, layout and docstrings do not count. Data files beside an imported module do. An import that is computed
    (by `importlib`) is not seen: phases must not depend on one.
    """
    hashes, seen, waiting = {}, set(), [module]
    while waiting:
        name = waiting.pop()
        if name in seen or name in NEUTRAL:
            continue
        seen.add(name)
        path = _source(name)
        if path is not None:
            hashes[name] = _code_hash(path)
            hashes |= {f"{name}:{data.name}": _data_hash(data) for data in _data_files(path)}
            waiting += _imports(name, path)
    return dict(sorted(hashes.items()))


def _source(module: str) -> pathlib.Path | None:
    """The file of a module of this package, found without importing its parents; None when it is no module."""
    parts = module.split(".")[1:]
    folders, parts = (jaxlm.phases.__path__, parts[1:]) if parts[:1] == ["phases"] else (jaxlm.__path__, parts)
    for folder in folders:
        for path in (pathlib.Path(folder, *parts, "__init__.py"), pathlib.Path(folder, *parts).with_suffix(".py")):
            if path.is_file():
                return path
    return None


def _imports(name: str, path: pathlib.Path) -> list[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
            base = ".".join(part for part in (above, node.module) if part)
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    found = [module for module in found if module.split(".")[0] == "jaxlm"]
    parents = [module.rpartition(".")[0] for module in found]  # importing a module runs its package's __init__
    return found + [parent for parent in parents if parent]


@functools.cache
def _tree(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@functools.cache
def _code_hash(path: pathlib.Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def _data_files(path: pathlib.Path) -> list[pathlib.Path]:
    return sorted(file for file in path.parent.iterdir() if file.suffix in DATA_SUFFIXES)


def _data_hash(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def value(config, field: str):
    """The value of a dotted field as plain data."""
    for name in field.split("."):
        config = config[name]
    plain = config.to_dict() if hasattr(config, "to_dict") else config
    return json.loads(dumps(plain))


def _flat(value, prefix: str = "") -> dict:
    if not isinstance(value, dict):
        return {prefix: value}
    flat = {}
    for name, child in value.items():
        flat |= _flat(child, f"{prefix}.{name}".lstrip("."))
    return flat


def _file_states(patterns: list[str]) -> str:
    """A hash of names, sizes and modification times of the files that folders, files and globs name."""
    states = hashlib.sha256()
    for pattern in patterns:
        for match in sorted(glob.glob(str(pathlib.Path(pattern).expanduser()), recursive=True)):
            path = pathlib.Path(match)
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    stat = file.stat()
                    states.update(f"{file.absolute()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return states.hexdigest()[:16]
