"""Training metrics: JSON Lines, which is the truth, and TensorBoard events for looking at."""

import pathlib
import re

from jaxlm import files


class MetricWriter:
    """Writes `folder/metrics.jsonl` and `folder/tensorboard/`.

    Args:
        folder: the phase's folder; made when missing.
        resume_step: the step that was restored; rows of later steps are cut, for they are about to be written again.
            None when training starts from nothing: earlier rows are all cut.
    """

    def __init__(self, folder: pathlib.Path, resume_step: int | None = None):
        from tensorboardX import SummaryWriter

        self.path = pathlib.Path(folder) / "metrics.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cut_rows(self.path, resume_step)
        self._file = open(self.path, "a", encoding="utf-8")
        purge = 0 if resume_step is None else resume_step + 1
        self._events = SummaryWriter(str(self.path.parent / "tensorboard"), purge_step=purge)

    def write(self, step: int, values: dict) -> None:
        """Appends the row {step, **values}; numbers (Python, numpy or jax scalars) go to TensorBoard too."""
        row = {"step": int(step)} | {name: _scalar(value) for name, value in values.items()}
        self._file.write(files.dumps(row) + "\n")
        self._file.flush()  # a killed process loses no row
        for name, value in row.items():
            if name != "step" and isinstance(value, (int, float)):
                self._events.add_scalar(name, value, global_step=row["step"])

    def close(self) -> None:
        self._file.close()
        self._events.close()

    def __enter__(self) -> "MetricWriter":
        return self

    def __exit__(self, *exception) -> None:
        self.close()


def cut_rows(path: pathlib.Path, step: int | None) -> None:
    """Drops the rows of a JSON Lines file past `step` (None: all) and the line that a kill tore; no file is no rows."""
    if not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if step is not None and _step(line) <= step]
    if len(kept) < len(lines):
        files.atomic_write(path, b"".join(kept))


def _step(line: bytes) -> float:
    # Only the writer's own rows, which start with the step, are in the file; a torn line has no newline.
    match = re.match(rb'\{"step": (\d+)[,}]', line)
    return int(match[1]) if match and line.endswith(b"\n") else float("inf")


def _scalar(value):
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
