"""Examines one model of a run by hand: python -m jaxlm.evals --run=DIR --evals=recall,bpb [--phase=pretrain]."""

import argparse
import pathlib
import sys

from jaxlm import runtime
from jaxlm.errors import UserError, one_line

NAMES = ("bpb", "recall", "verbatim", "kshot", "instructions")
WIDTH = 160  # columns of a table that does not go to a terminal


def main(argv: list[str] | None = None) -> None:
    """Prints the figures of the chosen evals as tables; a user's mistake is one line and status 2."""
    parser = argparse.ArgumentParser("python -m jaxlm.evals", description=__doc__, allow_abbrev=False)
    parser.add_argument("--run", required=True, type=pathlib.Path, help="the run's folder")
    parser.add_argument("--evals", default=",".join(NAMES), help=f"which, of {', '.join(NAMES)}; default: all")
    parser.add_argument("--phase", default="finetune", choices=("pretrain", "finetune"), help="the model's phase")
    parser.add_argument("--checkpoint", default="best", help="best, last or the number of a step")
    args = parser.parse_args(argv)
    with one_line():
        names = args.evals.split(",")
        if unknown := [name for name in names if name not in NAMES]:
            raise UserError(f"--evals: there is no '{unknown[0]}'; there are {', '.join(NAMES)}")
        if not args.checkpoint.isdigit() and args.checkpoint not in ("best", "last"):
            raise UserError(f"--checkpoint={args.checkpoint}: expected best, last or the number of a step")
        runtime.configure()
        examine(args.run, names, args.phase, int(args.checkpoint) if args.checkpoint.isdigit() else args.checkpoint)


def examine(run: pathlib.Path, names: list[str], phase: str, which: str | int) -> None:
    """Runs the evals with the settings of the run and prints one table for each."""
    from ml_collections import ConfigDict

    from jaxlm.evals import suite
    from jaxlm.files import read_json

    record = read_json(run / "run.json")
    if "config" not in record:
        raise UserError(f"{run}/run.json: not the record of a run: it has no field `config`")
    config = ConfigDict(record["config"])
    subject = suite.load_subject(run, phase, which, config.evaluate, config.pretrain.seq_len)
    material = suite.load_material(run)
    for name in names:
        figures, _ = suite.EVALS[name]([subject], material, config.evaluate, config.seed)
        show(name, figures)


def show(name: str, figures: list[dict]) -> None:
    """Prints rows as a table; of `recall` only the margins over entity types."""
    from rich.console import Console
    from rich.table import Table

    rows = [row for row in figures if row.get("type", "all") == "all"]
    table = Table(title=name, title_justify="left")
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(
        table if rows else f"{name}: nothing to ask in this run"
    )


if __name__ == "__main__":
    main()
