"""Examines a model by hand: python -m jaxlm.evals --model=RUN_OR_URL --evals=knowledge,calibration [--phase=honesty].

The model is a checkpoint of a run's folder, or whatever answers at the URL of an OpenAI-compatible API
(http://127.0.0.1:8000/v1). Of several phases (--phase=finetune,honesty) each is examined, and compared with the first.
"""

import argparse
import pathlib
import sys

from jaxlm import runtime
from jaxlm.errors import UserError, one_line

WIDTH = 160  # columns of a table that does not go to a terminal
PHASES = ("pretrain", "finetune", "honesty", "search", "identity")
MARGIN = {"recall": "type", "knowledge": "form"}  # tables show an eval's figures over all values of this field


def main(argv: list[str] | None = None) -> None:
    """Prints the figures of the chosen evals as tables; a user's mistake is one line and status 2."""
    args = parse(argv)
    with one_line():
        check(args)
        runtime.configure()
        results = examine(args)
        if args.out:
            from jaxlm.files import write_json

            write_json(args.out, results)


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m jaxlm.evals", description=__doc__, allow_abbrev=False)
    parser.add_argument("--model", required=True, help="a run's folder, or the URL of an OpenAI-compatible API")
    parser.add_argument("--evals", default="", help="which, with commas between; default: all that can be run")
    parser.add_argument("--phase", default="finetune", help=f"whose model, of {', '.join(PHASES)}; or several")
    parser.add_argument("--checkpoint", default="best", help="best, last or the number of a step")
    parser.add_argument("--material", type=pathlib.Path, help="run whose world is asked about; default: the model's")
    parser.add_argument("--data", type=pathlib.Path, help="folder of real question sets, with qa/ and safety/")
    parser.add_argument("--limit", type=int, help="questions asked of each kind, at most")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for all figures and answers")
    parser.add_argument("--name", default="", help="URL: the model's name there; default: the first listed")
    parser.add_argument("--key_variable", default="", help="URL: environment variable that holds its key")
    return parser.parse_args(argv)


def check(args: argparse.Namespace) -> None:
    """Raises UserError for the first flag that cannot be used."""
    if not args.checkpoint.isdigit() and args.checkpoint not in ("best", "last"):
        raise UserError(f"--checkpoint={args.checkpoint}: expected best, last or the number of a step")
    if unknown := [phase for phase in args.phase.split(",") if phase not in PHASES]:
        raise UserError(f"--phase={unknown[0]}: expected one or several of {', '.join(PHASES)}")
    if args.limit is not None and args.limit < 1:
        raise UserError(f"--limit={args.limit}: expected 1 or more")
    for flag in ("material", "data"):
        folder = getattr(args, flag)
        if folder and not folder.is_dir():
            raise UserError(f"--{flag}={folder}: no such folder")


def examine(args: argparse.Namespace) -> dict[str, dict]:
    """Runs the evals, prints one table for each, and returns {eval: {figures, items}}."""
    from jaxlm.evals import suite

    remote = args.model.startswith(("http://", "https://"))
    names = chosen(args.evals, suite, remote)
    home = None if remote else pathlib.Path(args.model)
    config = settings(home, args.limit)
    material = suite.load_material(args.material or home, config, args.data)
    subjects = [endpoint(args)] if remote else load(args, home, config)
    results = {}
    for name in names:
        figures, items = suite.EVALS[name](subjects, material, config.evaluate, config.seed)
        show(name, figures)
        results[name] = {"figures": figures, "items": items}
    return results


def chosen(text: str, suite, remote: bool) -> list[str]:
    """Names of evals; UserError for one that there is not, or that an endpoint cannot answer."""
    names = text.split(",") if text else [name for name in suite.EVALS if not (remote and name in suite.NEED_WEIGHTS)]
    for name in names:
        if name not in suite.EVALS:
            raise UserError(f"--evals: there is no '{name}'; there are {', '.join(suite.EVALS)}")
        if remote and name in suite.NEED_WEIGHTS:
            raise UserError(f"--evals={name}: it needs the model's weights or tokens, an endpoint gives only texts")
    return names


def settings(run: pathlib.Path | None, limit: int | None):
    """The configuration of the run, with today's defaults for what it does not have."""
    from ml_collections import ConfigDict

    from jaxlm.config import defaults
    from jaxlm.files import read_json

    config = defaults()
    if run:
        record = read_json(run / "run.json")
        if "config" not in record:
            raise UserError(f"{run}/run.json: not the record of a run: it has no field `config`")
        found = ConfigDict(record["config"])
        config.seed, config.pretrain.seq_len = found.seed, found.pretrain.seq_len
        config.evaluate.update(found.evaluate)
        if "tools" in found:
            config.identity.card.update(found.identity.card)
            config.tools.search.update(found.tools.search)
    if limit:
        config.evaluate.questions = config.evaluate.set_questions = config.evaluate.bpb_documents = limit
    return config


def load(args: argparse.Namespace, run: pathlib.Path, config) -> list:
    from jaxlm.evals import suite

    which = int(args.checkpoint) if args.checkpoint.isdigit() else args.checkpoint
    phases = args.phase.split(",")
    return [suite.load_subject(run, phase, which, config.evaluate, config.pretrain.seq_len) for phase in phases]


def endpoint(args: argparse.Namespace):
    from jaxlm.evals.endpoint import Endpoint

    return Endpoint(args.model, args.name, args.key_variable)


def show(name: str, figures: list[dict]) -> None:
    """Prints rows as a table, without the finest ones where there are many."""
    from rich.console import Console
    from rich.table import Table

    rows = [row for row in figures if row.get(MARGIN.get(name), "all") == "all"]
    table = Table(title=name, title_justify="left")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        values = [row.get(column, "") for column in columns]
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in values))
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(table if rows else f"{name}: nothing to ask here")


if __name__ == "__main__":
    main()
