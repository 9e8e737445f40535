"""Which files a crawl reads, in which order, and how: by name for files, or from a TFDS data set."""

import collections
import dataclasses
import glob
import os
import pathlib
from collections.abc import Iterator

from jaxlm.crawl import text_files
from jaxlm.crawl.arc import read_arc
from jaxlm.crawl.records import Record
from jaxlm.crawl.warc import read_warc
from jaxlm.errors import UserError

# Endings of file names by the reader they go to; text formats may be compressed by gzip or zstd, archives by lz4 as
# well.
_ARCHIVES = {"warc": (".warc", ".wet"), "arc": (".arc",)}
_TEXTS = {"text": (".txt", ".md"), "jsonl": (".jsonl",), "parquet": (".parquet",)}


@dataclasses.dataclass(frozen=True)
class Input:
    """A file, its name as documents will show it (relative to what was given where that is unique), and its format."""

    path: str
    name: str
    format: str

    def read(self, warnings: list[str]) -> Iterator[Record]:
        """Yields its records in order; lines about damage in it are appended to `warnings`."""
        tolerant = {"warc": read_warc, "arc": read_arc, "text": text_files.read_text}
        if self.format in tolerant:
            return tolerant[self.format](self.path, self.name, warnings)
        strict = {
            "jsonl": text_files.read_jsonl,
            "parquet": text_files.read_parquet,
            "wikiextractor": text_files.read_wikiextractor,
        }
        return strict[self.format](self.path, self.name)


def find_files(paths: tuple[str, ...], field: str = "config.crawl.paths") -> list[Input]:
    """The readable files of folders (recursively), files and globs, sorted within each, none of them twice.

    Files of other kinds in a folder are passed over, hidden ones too. Raises UserError for a path that does not
    exist, a glob or folder without a readable file, and a file of a kind that cannot be read; `field` is what it says
    they came from.
    """
    if not paths:
        raise UserError(f"{field} is empty: expected folders, files or globs")
    inputs = list({found.path: found for path in paths for found in _find(path, field)}.values())
    names = collections.Counter(found.name for found in inputs)
    return [dataclasses.replace(found, name=found.path) if names[found.name] > 1 else found for found in inputs]


def _find(pattern: str, field: str) -> list[Input]:
    path = pathlib.Path(pattern).expanduser()
    if path.is_dir():
        inputs = [_input(file, file.relative_to(path)) for file in sorted(path.rglob("*")) if _visible(file, path)]
    elif path.is_file():
        inputs = [_input(path, path.name)]
    elif glob.has_magic(pattern):
        files = [pathlib.Path(file) for file in sorted(glob.glob(str(path), recursive=True))]
        inputs = [_input(file, file.name) for file in files if file.is_file()]
    else:
        raise UserError(f"{field}: no such file or folder: {pattern}")
    readable = [found for found in inputs if found is not None]
    if not readable:
        others = f" ({len(inputs)} other files)" if inputs else ""
        raise UserError(f"{field}: nothing to read in {pattern}{others}: expected {_kinds()}")
    return readable


def _visible(file: pathlib.Path, folder: pathlib.Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _input(path: pathlib.Path, name: str | os.PathLike) -> Input | None:
    """The file with its format by its name; None if it is none of ours."""
    if not path.suffix and text_files.is_wikiextractor(path):
        return Input(str(path), str(name), "wikiextractor")
    for formats, compressions in ((_ARCHIVES, ("", ".gz", ".zst", ".lz4")), (_TEXTS, ("", ".gz", ".zst"))):
        for format, endings in formats.items():
            if path.name.endswith(tuple(ending + compression for ending in endings for compression in compressions)):
                return Input(str(path), str(name), format)
    return None


def _kinds() -> str:
    return " ".join(ending for formats in (_TEXTS, _ARCHIVES) for endings in formats.values() for ending in endings)
