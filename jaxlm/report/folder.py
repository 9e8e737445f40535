"""What the report reads: the files of a run's folder, any of which may be absent."""

import dataclasses
import pathlib

from jaxlm.files import read_json, read_jsonl


@dataclasses.dataclass(frozen=True)
class Run:
    """A run's folder. A phase that has not run gives empty results, so that its chapter is left out."""

    folder: pathlib.Path

    def info(self) -> dict:
        """run.json: command, commit, config, hardware, package versions."""
        return self.json("run.json")

    def config(self, *names: str) -> dict:
        """The run's configuration, or the part of it under these names."""
        config = self.info().get("config", {})
        for name in names:
            config = config.get(name, {})
        return config

    def result(self, phase: str) -> dict:
        """The figures that a phase returned."""
        return self.json(f"{phase}/summary.json").get("result", {})

    def json(self, name: str) -> dict:
        """A JSON file, such as `run.json`."""
        path = self.folder / name
        return read_json(path) if path.exists() else {}

    def rows(self, name: str) -> list[dict]:
        """The rows of a JSONL file, such as `pretrain/metrics.jsonl`."""
        path = self.folder / name
        return list(read_jsonl(path)) if path.exists() else []
