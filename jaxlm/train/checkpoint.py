"""Checkpoints: written in the background, complete or not there, verified when read.

`folder/00000400/` holds the arrays as Orbax writes them, `folder/00000400.json` the record of the checkpoint: step,
evaluation loss, model configuration and whatever a phase adds, and the xxh3 checksum and size of every file. The
record is written last, when the arrays are on disk: a step without one was never finished and counts for nothing.
Orbax alone would hand back arrays with flipped bits without complaint.
"""

import concurrent.futures
import functools
import logging
import pathlib
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any

import jax
import xxhash
from jax.sharding import Mesh

from jaxlm.errors import UserError
from jaxlm.files import read_json, write_json
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig, architecture_difference
from jaxlm.parallel import sharding
from jaxlm.parallel.mesh import AXES, make_mesh
from jaxlm.progress import say

READ_BYTES = 1 << 20


class Checkpoints:
    """The checkpoints of one training phase; one process at a time writes to a folder.

    Args:
      folder: made by the first save.
      keep: how many of the latest to keep; the best (lowest `eval_loss` in its record) is kept beside them.
    """

    def __init__(self, folder: pathlib.Path, keep: int = 2):
        self.folder, self.keep = pathlib.Path(folder), max(keep, 1)
        self._writer = None  # Orbax's, made by the first save
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._pending: tuple[int, concurrent.futures.Future] | None = None  # the step that is being written

    def steps(self) -> list[int]:
        """Steps of all complete checkpoints, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.json") if path.stem.isdigit())

    def latest(self) -> int | None:
        """The last step that is completely on disk."""
        return max(self.steps(), default=None)

    def best(self) -> int | None:
        """The step with the lowest evaluation loss; the last one when none was evaluated."""
        losses = {step: self.record(step).get("eval_loss") for step in self.steps()}
        known = [step for step, loss in losses.items() if loss is not None]
        return min(known, key=lambda step: (losses[step], step)) if known else self.latest()

    def record(self, step: int) -> dict[str, Any]:
        """The metadata that a checkpoint was saved with, and `step` and `files`; UserError when that is damaged."""
        record = read_json(self._record_path(step))
        if not isinstance(record, dict) or not {"step", "files"} <= record.keys():
            raise UserError(f"{self._record_path(step)}: damaged: not the record of a checkpoint")
        return record

    def clean(self) -> None:
        """Removes what an earlier process left unfinished. Call it before the first save of a process."""
        if jax.process_index() or not self.folder.is_dir():
            return
        complete = {self._path(step).name for step in self.steps()} | {
            self._record_path(step).name for step in self.steps()
        }
        for path in self.folder.iterdir():
            if path.name not in complete:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def save(self, step: int, state: Any, metadata: Mapping[str, Any]) -> None:
        """Begins to write a checkpoint; returns once `state` may be changed again.

        The checkpoint before it is waited for first.

        Raises:
          UserError: this checkpoint, or the one before it, cannot be written.
        """
        self.wait()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._orbax().save(self._path(step).absolute(), state, force=True)
        except Exception as error:
            raise self._failure(step, error) from error
        self._pending = step, self._thread.submit(self._finish, step, dict(metadata))

    def annotate(self, step: int, **more) -> None:
        """Adds to the record of a checkpoint, which is waited for; does nothing when that step was not saved."""
        if self._pending and self._pending[0] == step:
            self.wait()
        if not jax.process_index() and step in self.steps():
            write_json(self._record_path(step), self.record(step) | more)
            self._prune()

    def drop_after(self, step: int) -> None:
        """Removes all later checkpoints: they were found damaged, and are about to be made again."""
        for later in self.steps():
            if later > step and not jax.process_index():
                self._remove(later)

    def poll(self) -> None:
        """Raises UserError as soon as it is known that the checkpoint under way has failed."""
        if self._pending and self._pending[1].done():
            self.wait()

    def wait(self) -> None:
        """Returns when the checkpoint under way is on disk; raises UserError when it cannot be written."""
        pending, self._pending = self._pending, None
        if pending:
            pending[1].result()

    def close(self) -> None:
        """Waits for the threads, not raising what went wrong in them."""
        self._thread.shutdown(wait=True)
        if self._writer is not None:
            self._writer.close()

    def verify(self, step: int) -> str | None:
        """What is wrong with a checkpoint's files, as 'FILE: what', or None."""
        try:
            files = self.record(step)["files"]
        except UserError as error:
            return str(error)
        for name, about in files.items():
            path = self._path(step) / name
            if not path.is_file():
                return f"{path}: missing"
            if path.stat().st_size != about["bytes"] or _checksum(path) != about["xxh3"]:
                return f"{path}: not what was written (size or checksum differs)"
        return None

    def good_steps(self):
        """Complete, undamaged steps, the latest first; says which damaged ones are passed over."""
        for step in reversed(self.steps()):
            problem = self.verify(step)
            if problem is None:
                yield step
            else:
                say(f"checkpoint {step} is damaged and not used: {problem}")

    def restore(self, abstract: Any, step: int) -> Any:
        """The saved tree, laid out as the ShapeDtypeStructs of `abstract` say: any mesh will do.

        `abstract` may be a part of what was saved (a dict with `params` alone): only that is read.

        Raises:
          UserError: the files are damaged.
        """
        import orbax.checkpoint as ocp

        problem = self.verify(step)
        if problem is not None:
            raise UserError(f"checkpoint {step}: {problem}")
        args = ocp.args.PyTreeRestore(
            item=abstract,
            restore_args=ocp.checkpoint_utils.construct_restore_args(abstract),
            partial_restore=True,
        )
        with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as reader:
            return reader.restore(self._path(step).absolute(), args=args)

    def _path(self, step: int) -> pathlib.Path:
        return self.folder / f"{step:08d}"

    def _record_path(self, step: int) -> pathlib.Path:
        return self.folder / f"{step:08d}.json"

    def _orbax(self):
        if self._writer is None:
            import orbax.checkpoint as ocp

            # Orbax logs a traceback for each thread of a save that fails, and TensorStore prints one for each write
            # whose event loop has closed by then; the error is raised here as well.
            logging.getLogger("absl").addFilter(lambda record: "orbax" not in record.pathname)
            sys.unraisablehook = functools.partial(_print_unraisable, sys.unraisablehook)
            self._writer = ocp.StandardCheckpointer()
        return self._writer

    def _finish(self, step: int, metadata: dict) -> None:
        try:
            self._writer.wait_until_finished()
            if jax.process_index():
                return
            write_json(self._record_path(step), {"step": step, **metadata, "files": _manifest(self._path(step))})
            self._prune()
        except Exception as error:
            raise self._failure(step, error) from error

    def _prune(self) -> None:
        steps = self.steps()
        for step in set(steps) - set(steps[-self.keep :]) - {self.best()}:
            self._remove(step)

    def _remove(self, step: int) -> None:
        self._record_path(step).unlink()  # first: arrays without a record are nothing, a record without arrays an error
        shutil.rmtree(self._path(step), ignore_errors=True)

    def _failure(self, step: int, error: Exception) -> UserError:
        reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
        if "No space left" in str(error) or "RESOURCE_EXHAUSTED" in str(error):
            reason = "the disk is full"
        before = f"checkpoint {self.latest()} is intact" if self.steps() else "there is no earlier one"
        return UserError(f"{self.folder}: checkpoint {step} could not be written: {reason.strip()}; {before}")


def _print_unraisable(otherwise: Callable, unraisable) -> None:
    if str(unraisable.exc_value) != "Event loop is closed":
        otherwise(unraisable)


def load_params(
    run_dir: str | pathlib.Path,
    phase: str = "finetune",
    which: str | int = "best",
    mesh: Mesh | None = None,
    tokenizer: str | None = None,
) -> tuple[dict, ModelConfig]:
    """The weights of a run's checkpoint and their configuration; the optimizer's state is not read.

    Args:
      run_dir: the experiment's --workdir.
      which: "best" (lowest held-out loss), "last", or a step.
      mesh: where the weights go; by default the first device.
      tokenizer: the hash of the one that will be used with them, if any.
    Raises:
      UserError: there is no such checkpoint, it is damaged, it holds another architecture than its record says, or it
        was trained with another tokenizer.
    """
    checkpoints, step = find(run_dir, phase, which)
    record = checkpoints.record(step)
    if tokenizer is not None:
        check_tokenizer(record, tokenizer, checkpoints.folder)
    cfg = model_config(record)
    mesh = mesh or make_mesh(dict.fromkeys(AXES, 1))
    return checkpoints.restore({"params": abstract_params(cfg, mesh)}, step)["params"], cfg


def find(run_dir: str | pathlib.Path, phase: str, which: str | int) -> tuple[Checkpoints, int]:
    """The checkpoints of a phase and the step that `which` ("best", "last" or a step) means; UserError if there is
    none.
    """
    folder = pathlib.Path(run_dir) / phase / "checkpoints"
    checkpoints = Checkpoints(folder)
    steps = checkpoints.steps()
    if not steps:
        raise UserError(f"{folder}: no checkpoint of the phase '{phase}' here")
    if isinstance(which, str):
        if which not in ("best", "last"):
            raise UserError(f"{folder}: which checkpoint: expected best, last or a step, got {which!r}")
        return checkpoints, checkpoints.best() if which == "best" else checkpoints.latest()
    if which not in steps:
        raise UserError(f"{folder}: no checkpoint of step {which}; there are {', '.join(map(str, steps))}")
    return checkpoints, which


def model_config(record: Mapping[str, Any]) -> ModelConfig:
    """The decoder that a checkpoint with this record holds; UserError when the record does not say."""
    return ModelConfig.from_dict(record.get("model", {}))


def check_architecture(record: Mapping[str, Any], cfg: ModelConfig, folder: pathlib.Path) -> None:
    """UserError naming the first field in which a checkpoint's model differs from `cfg`."""
    difference = architecture_difference(model_config(record), cfg)
    if difference:
        raise UserError(f"{folder}: a checkpoint of another architecture: config.model.{difference}")


def check_tokenizer(record: Mapping[str, Any], tokenizer: str, folder: pathlib.Path) -> None:
    """UserError when a checkpoint was trained with another tokenizer than the one with this hash."""
    if record.get("tokenizer") != tokenizer:
        raise UserError(f"{folder}: checkpoint {record['step']} was trained with another tokenizer than the run's")


def abstract_params(cfg: ModelConfig, mesh: Mesh):
    """The parameters as ShapeDtypeStructs laid out on a mesh."""
    return jax.tree.map(
        lambda leaf, layout: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=layout),
        weights.abstract(cfg),
        sharding.shardings(weights.describe(cfg), mesh),
    )


def _manifest(folder: pathlib.Path) -> dict[str, dict]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): {"bytes": path.stat().st_size, "xxh3": _checksum(path)} for path in files}


def _checksum(path: pathlib.Path) -> str:
    total = xxhash.xxh3_64()
    with open(path, "rb") as file:
        while block := file.read(READ_BYTES):
            total.update(block)
    return total.hexdigest()
