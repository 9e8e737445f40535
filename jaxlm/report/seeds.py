"""The claims of an experiment side by side, from runs of it that differ in their seed alone.

    python -m jaxlm.report.seeds runs/seed-0 runs/seed-1 runs/seed-2

Prints a table in Markdown, a row a claim of `jaxlm.report.claims`. Mean and spread (the smallest and the largest) are
over the runs that have the figure; a dash stands for one that was not measured. Where a share is of several cells, as
of the tiers of 64 and 256 pages, their trials are pooled.
"""

import argparse
import pathlib
from collections.abc import Callable, Sequence

from jaxlm import fingerprint
from jaxlm.errors import UserError, one_line
from jaxlm.evals import statistics
from jaxlm.report import models
from jaxlm.report.claims import AT_LEAST, AT_MOST, CLAIMS, LAST, Claim
from jaxlm.report.folder import Run
from jaxlm.report.numbers import duration

NONE = "–"
MINUTES = 30  # wanted of a whole run on two cores

Figure = tuple[float, str] | None  # a value, and what is said behind it


def main(argv: list[str] | None = None) -> None:
    """Prints the table; a user's mistake is one line and status 2."""
    parser = argparse.ArgumentParser("python -m jaxlm.report.seeds", description=__doc__.partition("\n")[0])
    parser.add_argument("runs", metavar="RUN", nargs="+", type=pathlib.Path, help="folder of a run; two or more")
    folders = parser.parse_args(argv).runs
    with one_line():
        runs = [Run(folder) for folder in folders]
        check(runs)
        print(table(runs))


def check(runs: Sequence[Run]) -> None:
    """Raises UserError for what is no run, and for runs whose configurations differ in more than the seed."""
    if len(runs) < 2:
        raise UserError(f"{runs[0].folder}: expected the folders of two runs or more")
    for run in runs:
        if "config" not in run.info():
            raise UserError(f"{run.folder}: not the folder of a run: expected run.json with a field `config`")
    parts = [{"config": run.config() | {"seed": None}, "inputs": {}, "files": {}, "code": {}} for run in runs]
    for run, other in zip(runs[1:], parts[1:], strict=True):
        if changes := fingerprint.differences(parts[0], other):
            pair = f"{runs[0].folder} and {run.folder}"
            raise UserError(f"{pair}: expected runs that differ in their seed alone, found {'; '.join(changes[:3])}")


def table(runs: Sequence[Run], claims: Sequence[Claim] = CLAIMS) -> str:
    """The claims, the times of the runs and the code that made them, as a table in Markdown."""
    heads = ("claim", "wanted", "mean", "spread", *(f"seed {run.config().get('seed')}" for run in runs))
    files = {claim.file: [run.rows(f"evaluate/{claim.file}.jsonl") for run in runs] for claim in claims}
    rows = [*(_claimed(claim, files[claim.file]) for claim in claims), *_times(runs)]
    lines = [heads, ["---"] * len(heads), *rows, ["code", NONE, NONE, NONE, *map(_code, runs)]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _claimed(claim: Claim, rows: list[list[dict]]) -> list[str]:
    chosen = [[row for row in mine if all(_passes(row.get(k), v) for k, v in claim.where.items())] for mine in rows]
    names = models.present([row for mine in chosen for row in mine])
    model = names[-1] if claim.model == LAST and names else claim.model
    figures = [measure(claim, [row for row in mine if row["model"] == model]) for mine in chosen]
    wanted = NONE if claim.limit is None else f"{claim.bound} {_share(claim.limit, 2)}"
    return _line(f"{model}: {claim.text}", wanted, figures, _share)


def _passes(value: object, wanted: object) -> bool:
    return wanted(value) if callable(wanted) else value == wanted


def measure(claim: Claim, rows: list[dict]) -> Figure:
    """The claim's figure from the rows that it is about, with its number of trials; None without trials."""
    cells = statistics.group(rows, lambda row: row[claim.worst] if claim.worst else "")
    pooled = [(*_pool(claim, members), place) for place, members in cells.items()]
    pooled = [cell for cell in pooled if cell[1]]
    if not pooled:
        return None
    share, n, place = (min if claim.bound == AT_LEAST else max)(pooled, key=lambda cell: cell[0])
    return share, f", n = {n:,}" + (f" ({claim.worst} {place})" if claim.worst else "")


def _pool(claim: Claim, rows: list[dict]) -> tuple[float, int]:
    """The share of all trials, and their number."""
    if claim.hit:
        trials = [(float(claim.hit.items() <= row.items()), 1) for row in rows]
    else:
        trials = [(row.get("p", row.get("auroc")), row["n"]) for row in rows]
    trials = [(share, n) for share, n in trials if share is not None]
    total = sum(n for _, n in trials)
    return (sum(share * n for share, n in trials) / total if total else 0.0), total


def _times(runs: Sequence[Run]) -> list[list[str]]:
    """Wall-clock seconds of each phase and of all of them; those of one that was resumed are its last attempt's."""
    phases = runs[0].config().get("phases", ())
    seconds = [{name: run.info().get("phases", {}).get(name, {}).get("seconds") for name in phases} for run in runs]
    lines = [
        _line(f"time: {name}", NONE, [(of[name], "") if of[name] is not None else None for of in seconds], duration)
        for name in phases
    ]
    whole = [(sum(of.values()), "") if of and None not in of.values() else None for of in seconds]
    return [*lines, _line("time: all phases", f"{AT_MOST} {MINUTES} min", whole, duration)]


def _code(run: Run) -> str:
    """The commits that the phases were run at."""
    commits = [entry.get("commit") for entry in run.info().get("phases", {}).values()]
    found = ", ".join(dict.fromkeys(commit[:7] for commit in commits if commit)) or NONE
    return f"{found}, with uncommitted changes" if run.info().get("code", {}).get("diff") else found


def _line(text: str, wanted: str, figures: Sequence[Figure], show: Callable[[float], str]) -> list[str]:
    cells = [f"{show(figure[0])}{figure[1]}" if figure else NONE for figure in figures]
    found = [figure[0] for figure in figures if figure]
    if not found:
        return [text, wanted, NONE, NONE, *cells]
    return [text, wanted, show(sum(found) / len(found)), f"{show(min(found))} to {show(max(found))}", *cells]


def _share(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


if __name__ == "__main__":
    main()
