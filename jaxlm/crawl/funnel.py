"""What was removed, at which stage and why: the last decision (duplicates), the counts, and samples for reading."""

import collections
import dataclasses

import numpy as np

from jaxlm.crawl import dedup, pii, quality

STAGES = ("read", "extract", "language", "quality", "duplicate")
COLUMNS = ("id", "stage", "reason", "language", "raw_bytes", "text_bytes", "exact", "bands", *pii.KINDS)
SAMPLES = 5  # of each reason


@dataclasses.dataclass(frozen=True)
class Decisions:
    """For each row of the crawl where and why it was removed (empty: it is a document), and what is kept instead."""

    stages: list[str]
    reasons: list[str]
    instead: dict[int, int]  # row of a duplicate -> row of the document


def decide(table, deduplicate: bool) -> Decisions:
    """The rows' own decisions and, among those that are left, duplicates; `table` has COLUMNS."""
    stages, reasons, instead = table["stage"].to_pylist(), table["reason"].to_pylist(), {}
    if deduplicate:
        left = np.array([row for row, stage in enumerate(stages) if not stage], np.int64)
        exact = table["exact"].to_numpy()[left]
        bands = table["bands"].combine_chunks().flatten().to_numpy().reshape(len(left), dedup.BANDS)
        roots, repeated = dedup.find_duplicates(exact, bands)
        for position in np.flatnonzero(roots != np.arange(len(left))):
            row = int(left[position])
            instead[row] = int(left[roots[position]])
            stages[row], reasons[row] = "duplicate", "exact duplicate" if repeated[position] else "near duplicate"
    return Decisions(stages, reasons, instead)


def count(table, decisions: Decisions) -> dict:
    """The funnel: `rows`, one a stage, with what went in, what came out and what each reason removed.

    Bytes are those of the files' records before extraction and those of the text after it. A page whose language is
    told before extraction counts as having passed it. `languages` counts all texts that were identified, `pii` what
    was replaced.
    """
    raw, text = table["raw_bytes"].to_numpy(), table["text_bytes"].to_numpy()
    reached = np.array([STAGES.index(stage) if stage else len(STAGES) for stage in decisions.stages], np.int64)
    rows = []
    for number, stage in enumerate(STAGES):
        into, out = reached >= number, reached > number
        removed = collections.Counter(decisions.reasons[row] for row in np.flatnonzero(into & ~out))
        before, after = (raw if number <= 1 else text), (raw if number == 0 else text)
        rows.append(
            {
                "stage": stage,
                "in": int(into.sum()),
                "out": int(out.sum()),
                "bytes_in": int(before[into].sum()),
                "bytes_out": int(after[out].sum()),
                "removed": [
                    {"reason": reason, "count": n, "rule_of": quality.SOURCES.get(reason, "")}
                    for reason, n in sorted(removed.items(), key=lambda item: (-item[1], item[0]))
                ],
            }
        )
    languages = collections.Counter(language for language in table["language"].to_pylist() if language)
    kept = reached == len(STAGES)
    replaced = {kind: int(table[kind].to_numpy()[kept].sum()) for kind in pii.KINDS}
    return {"rows": rows, "languages": dict(languages.most_common()), "pii": replaced}


def main_removers(rows: list[dict], most: int = 3) -> str:
    """What removed the most, as a phrase: `30 by too few words (quality), 10 by other language (language)`."""
    removed = [(entry["count"], entry["reason"], row["stage"]) for row in rows for entry in row["removed"]]
    largest = sorted(removed, key=lambda entry: -entry[0])[:most]
    return ", ".join(f"{n:,} by {reason} ({stage})" for n, reason, stage in largest)


def choose_samples(table, decisions: Decisions) -> dict[int, dict]:
    """Up to SAMPLES rows for each reason, and what the sample says; `kept_id` is the document kept for a duplicate.

    Ids are hashes, so the lowest are a fair choice.
    """
    names = table["id"].to_pylist()
    by_reason = collections.defaultdict(list)
    for row, (stage, reason) in enumerate(zip(decisions.stages, decisions.reasons)):
        if stage:
            by_reason[STAGES.index(stage), reason].append((names[row], row))
    chosen = {}
    for (stage, reason), members in sorted(by_reason.items()):
        for name, row in sorted(members)[:SAMPLES]:
            kept = decisions.instead.get(row)
            kept_id = None if kept is None else names[kept]
            chosen[row] = {"stage": STAGES[stage], "reason": reason, "id": name, "kept_id": kept_id}
    return chosen
