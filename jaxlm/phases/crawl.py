"""From web pages or files to clean documents, with the reason of every removal."""

import pathlib
import shutil
import time
from collections.abc import Iterator

from ml_collections import FrozenConfigDict

from jaxlm import files
from jaxlm.crawl import clean, documents, extract, funnel, microweb, parts, score, sources, tfds_source
from jaxlm.errors import UserError
from jaxlm.progress import say

CONFIG = ("seed", "crawl")
INPUTS = ()
FILES = ("crawl.paths",)

SOURCES = ("microweb", "files", "tfds")


def run(config, workdir: pathlib.Path) -> dict:
    """Writes documents/, funnel.json, samples.jsonl and, for the micro-web, raw/, truth/ and score.json.

    Cut off and started again, it goes on after the last chunk of pages that was finished.
    """
    crawl, folder = FrozenConfigDict(config.crawl), workdir / "crawl"
    started = time.monotonic()
    extract.check_extractor(crawl.extractor)

    # ---- what to read -----------------------------------------------------------------------------------------------
    if crawl.source == "microweb":
        inputs = _micro_web(crawl.microweb, config.seed, folder)
    elif crawl.source == "files":
        inputs = sources.find_files(crawl.paths)
    elif crawl.source == "tfds":
        inputs = [tfds_source.find_dataset(crawl.tfds)]
    else:
        raise UserError(f"config.crawl.source: expected {' or '.join(SOURCES)}, found {crawl.source}")

    # ---- read, extract, filter --------------------------------------------------------------------------------------
    parts.clean_inputs(inputs, crawl, folder / "parts")
    warnings = parts.read_warnings(folder / "parts")
    for line in warnings:
        say(f"warning: {line}")

    # ---- duplicates, and the funnel ---------------------------------------------------------------------------------
    table = parts.read_columns(folder / "parts", funnel.COLUMNS)
    decisions = funnel.decide(table, crawl.deduplicate)
    counts = funnel.count(table, decisions) | {"files": len(inputs), "warnings": warnings}
    files.write_json(folder / "funnel.json", counts)
    kept = counts["rows"][-1]["out"]
    if not kept:
        removers = funnel.main_removers(counts["rows"]) or "there were no pages at all"
        raise UserError(f"the crawl kept none of {len(table):,} pages: {removers}; see {folder / 'funnel.json'}")

    # ---- documents and samples of what was removed ------------------------------------------------------------------
    samples, removed = funnel.choose_samples(table, decisions), {}
    documents.write_documents(folder / "documents", _kept(folder / "parts", decisions, samples, removed))
    files.write_jsonl(folder / "samples.jsonl", samples.values())
    summary = {"documents": kept, "bytes": counts["rows"][-1]["bytes_out"], **counts}
    if crawl.source == "microweb":
        summary["score"] = score.score(folder / "truth", removed, documents.read_documents(folder / "documents"))
        files.write_json(folder / "score.json", summary["score"])
    shutil.rmtree(folder / "parts")
    summary["seconds"] = round(time.monotonic() - started, 1)
    say(f"crawl: {kept:,} documents of {len(table):,} pages; removed {funnel.main_removers(counts['rows']) or 'none'}")
    return summary


def _micro_web(world, seed: int, folder: pathlib.Path) -> list[sources.Input]:
    """Writes the micro-web unless an earlier attempt did, and returns its files."""
    marker = folder / "raw" / "built.json"
    if not marker.exists():
        shutil.rmtree(folder / "raw", ignore_errors=True)
        files.write_json(marker, microweb.build(world, seed, folder / "raw", folder / "truth"))
    return sources.find_files((str(folder / "raw" / "*.warc.gz"),))


def _kept(folder: pathlib.Path, decisions: funnel.Decisions, samples: dict[int, dict], removed: dict) -> Iterator[dict]:
    """Yields the documents; fills in `samples` (by row) and `removed` (stage and reason by URL) on the way."""
    for number, row in enumerate(parts.read_rows(folder)):
        if number in samples:
            samples[number] |= {name: row[name] for name in ("url", "source", "language", "text")}
            samples[number]["text"] = row["text"][: clean.SAMPLE_CHARACTERS]
        if decisions.stages[number]:
            removed[row["url"]] = decisions.stages[number], decisions.reasons[number]
        else:
            yield row
