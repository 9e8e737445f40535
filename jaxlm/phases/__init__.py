"""The phases of an experiment, one module each; see `jaxlm.run` for the order, skipping and resuming.

A phase module defines, as literals (they are read without importing it):

    CONFIG = ("seed", "crawl")      fields of the configuration that its result depends on; dotted names reach deeper
    INPUTS = ("tokenizer",)         phases whose folders it reads
    FILES = ("crawl.paths",)        optional: fields that name files of the user's, whose changes matter too
    RUNS = (("domain.base", "domain.phase"),)  optional: pairs of fields that name a folder and a phase of another run

and `run(config, workdir) -> dict`, which writes to `workdir/<phase>/` only, is idempotent, goes on from where it was
cut off, and returns the figures that a report shows.
"""

import pathlib

from jaxlm.errors import UserError
from jaxlm.files import read_json


def summary(workdir: pathlib.Path, phase: str) -> dict:
    """What `run` of a finished phase returned. Raises UserError when the phase has not finished in this folder."""
    path = pathlib.Path(workdir) / phase / "summary.json"
    if not path.exists():
        raise UserError(f"{workdir}: the phase '{phase}' has not finished here ({path} is missing): run it first")
    return read_json(path)["result"]
