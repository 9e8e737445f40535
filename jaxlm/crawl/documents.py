"""The cleaned corpus: parquet files `part-NNNNN.parquet` of one row a document."""

import os
import pathlib
import shutil
from collections.abc import Iterable, Iterator

from jaxlm.errors import UserError
from jaxlm.files import atomic_path

COLUMNS = ("id", "text", "url", "date", "language", "source", "metadata")  # all strings; metadata is a JSON object
PART_BYTES = 64 << 20  # of text
BATCH_ROWS = 256


def write_documents(folder: str | os.PathLike, rows: Iterable[dict]) -> int:
    """Writes rows with COLUMNS in the order given, in place of what the folder held; returns their number."""
    shutil.rmtree(folder, ignore_errors=True)
    pathlib.Path(folder).mkdir(parents=True)
    count = number = size = 0
    part = []
    for row in rows:
        part.append({name: row[name] for name in COLUMNS})
        count, size = count + 1, size + len(row["text"])
        if size >= PART_BYTES:
            _write_part(folder, number, part)
            number, size, part = number + 1, 0, []
    if part:
        _write_part(folder, number, part)
    return count


def read_documents(folder: str | os.PathLike) -> Iterator[dict]:
    """Yields the rows in the order they were written. Raises UserError if the folder has no documents."""
    import pyarrow.parquet

    paths = sorted(pathlib.Path(folder).glob("part-*.parquet"))
    if not paths:
        raise UserError(f"{folder}: no documents (part-*.parquet); has the crawl phase run?")
    for path in paths:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=BATCH_ROWS):
            yield from batch.to_pylist()


def _write_part(folder: str | os.PathLike, number: int, rows: list[dict]) -> None:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    table = pyarrow.Table.from_pylist(rows, schema)
    with atomic_path(pathlib.Path(folder) / f"part-{number:05d}.parquet") as path:
        pyarrow.parquet.write_table(table, path, compression="zstd", row_group_size=4096)
