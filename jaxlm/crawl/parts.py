"""The cleaned rows of a crawl on disk, chunk by chunk, so that a crawl that was cut off goes on where it was.

The inputs are gathered into units (a large file, or several small ones in a row); a unit is read in order and cut
into chunks of records, which worker processes clean. A chunk is `UUUUU-CCCCC.parquet`; a unit with all its chunks
done is marked by `UUUUU.json`. What a chunk holds depends on the inputs alone, not on the number of workers.
"""

import functools
import os
import pathlib
from collections.abc import Iterable, Iterator

from jaxlm import files, progress
from jaxlm.crawl import pii, workers
from jaxlm.crawl.clean import clean
from jaxlm.crawl.records import Record

UNIT_BYTES = 32 << 20  # small files are gathered up to this size
CHUNK_RECORDS, CHUNK_BYTES = 128, 8 << 20
BATCH_ROWS = 256


def clean_inputs(inputs: list, crawl, folder: pathlib.Path) -> None:
    """Reads and cleans all inputs into `folder`, which may hold chunks of an earlier attempt at just the same.

    Args:
        inputs: objects with `name` and `read(warnings) -> records`, and with `path` where they are files.
        crawl: config.crawl, as a FrozenConfigDict (it is sent to the worker processes).
    """
    with progress.track(None, "crawl", "pages") as tracker, workers.pool(crawl.workers) as submit:
        for number, unit in enumerate(_units(inputs)):
            marker = folder / f"{number:05d}.json"
            if marker.exists():
                tracker.advance(files.read_json(marker)["records"])
                continue
            warnings, records = [], 0
            for index, chunk in enumerate(_chunks(_read(unit, warnings))):
                records += len(chunk)
                path = folder / f"{number:05d}-{index:05d}.parquet"
                if path.exists():
                    tracker.advance(len(chunk))
                else:
                    submit(_clean_chunk, chunk, crawl, path, done=functools.partial(tracker.advance, len(chunk)))
            submit.wait()
            files.write_json(marker, dict(records=records, warnings=warnings))


def read_warnings(folder: pathlib.Path) -> list[str]:
    """What the readers had to say about damaged files, in the order of the inputs."""
    return [line for marker in sorted(folder.glob("[0-9]*.json")) for line in files.read_json(marker)["warnings"]]


def read_columns(folder: pathlib.Path, names: tuple[str, ...]):
    """These columns of all rows, in order, as a pyarrow.Table."""
    import pyarrow
    import pyarrow.parquet

    paths = sorted(folder.glob("*.parquet"))
    tables = [pyarrow.parquet.read_table(path, columns=list(names)) for path in paths]
    return pyarrow.concat_tables(tables) if tables else _schema().empty_table().select(list(names))


def read_rows(folder: pathlib.Path) -> Iterator[dict]:
    """All rows with all columns, in order."""
    import pyarrow.parquet

    for path in sorted(folder.glob("*.parquet")):
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=BATCH_ROWS):
            yield from batch.to_pylist()


def _clean_chunk(chunk: list[Record], crawl, path: pathlib.Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([clean(record, crawl) for record in chunk], _schema())
    with files.atomic_path(path) as temporary:
        pyarrow.parquet.write_table(table, temporary, compression="zstd")


def _schema():
    import pyarrow

    strings = ("id", "text", "url", "date", "language", "source", "metadata", "stage", "reason")
    numbers = ("raw_bytes", "text_bytes", *pii.KINDS)
    return pyarrow.schema(
        [(name, pyarrow.string()) for name in strings]
        + [(name, pyarrow.int64()) for name in numbers]
        + [("exact", pyarrow.uint64()), ("bands", pyarrow.list_(pyarrow.uint64()))]
    )


def _units(inputs: list) -> Iterator[list]:
    unit, size = [], 0
    for found in inputs:
        unit.append(found)
        size += os.path.getsize(found.path) if os.path.isfile(found.path) else UNIT_BYTES
        if size >= UNIT_BYTES:
            yield unit
            unit, size = [], 0
    if unit:
        yield unit


def _read(unit: list, warnings: list[str]) -> Iterator[Record]:
    for found in unit:
        yield from found.read(warnings)


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk, size = [], 0
    for record in records:
        chunk.append(record)
        size += len(record.body)
        if len(chunk) == CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
