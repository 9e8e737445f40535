"""Chapter: how long each phase took, and everything needed to do it again."""

import json
import shlex

from jaxlm.report import parts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element
from jaxlm.report.numbers import duration, size

ANCHOR, TITLE = "provenance", "How it was made"
# Packages whose version can change a figure of this page; all the others are in the fold.
TELLING = (
    "jax",
    "jaxlib",
    "flax",
    "optax",
    "orbax-checkpoint",
    "numpy",
    "sentencepiece",
    "trafilatura",
    "fastwarc",
    "FastWARC",
)


def chapter(run: Run) -> Markup | None:
    lead = (
        "A figure that cannot be made again is an anecdote. This is the command, the code and the machine behind every "
        "number above."
    )
    if not run.info():
        return None
    return parts.chapter(ANCHOR, TITLE, lead, _timing(run), _made_by(run), _folds(run))


def _timing(run: Run) -> Markup | None:
    seconds = {name: entry["seconds"] for name, entry in run.info()["phases"].items() if entry.get("seconds")}
    if not seconds:
        return None
    longest, total = max(seconds.values()), sum(seconds.values())
    bars = [parts.Bar(name, value / longest, duration(value)) for name, value in seconds.items()]
    caption = (
        f"Wall-clock time of each phase, {duration(total)} together. A phase that was cut off and resumed counts its "
        "last attempt only. One run on a machine that may have had other work to do."
    )
    return parts.figure("Time by phase", parts.bars(bars), caption)


def _made_by(run: Run) -> Markup:
    info = run.info()
    code = info.get("code", {})
    packages = info.get("packages", {})
    rows = [
        ("command", element("code", command(info.get("command", [])))),
        ("code", _commit(code)),
        ("seed", str(run.config().get("seed", ""))),
        ("started", info.get("started", "")),
        (
            "processor",
            f"{info.get('cpu', '')}, {info.get('cores')} cores usable, {size(info.get('memory_bytes') or 0)} memory",
        ),
        ("devices", ", ".join(info.get("devices") or ()) or None),
        ("system", f"{info.get('platform', '')}, Python {info.get('python', '')}"),
        ("packages", ", ".join(f"{name} {packages[name]}" for name in TELLING if name in packages) or None),
        ("environment", ", ".join(f"{name}={value}" for name, value in info.get("environment", {}).items()) or None),
    ]
    return parts.figure(
        "Provenance",
        parts.table(("", ""), [row for row in rows if row[1]]),
        "From run.json.",
    )


def command(argv: list[str]) -> str:
    """The command line to type, given the program's arguments."""
    return shlex.join(["python", "-m", "jaxlm", *argv[1:]])


def _commit(code: dict) -> str:
    version = f"jaxlm {code.get('version', '')}"
    if not code.get("commit"):
        missing = "installed without its repository" if code.get("untracked") is None else "nothing committed"
        return f"{version}, {missing}"
    changes = [
        text
        for text, found in (("uncommitted changes", code.get("diff")), ("untracked files", code.get("untracked")))
        if found
    ]
    return f"{version}, commit {code['commit']}" + (f", with {' and '.join(changes)}" if changes else "")


def _folds(run: Run) -> Markup:
    info = run.info()
    code = info.get("code", {})
    lists = (
        (
            "The whole configuration",
            json.dumps(info.get("config"), indent=2, ensure_ascii=False) if info.get("config") else "",
        ),
        (
            "All installed packages",
            "\n".join(f"{name} {version}" for name, version in info.get("packages", {}).items()),
        ),
        ("Uncommitted changes", (code.get("diff") or "")[:60_000]),
        ("Untracked files", "\n".join(code.get("untracked") or ())),
    )
    return element("div", [parts.fold(title, element("pre", text)) for title, text in lists if text], class_="folds")
