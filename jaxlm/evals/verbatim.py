"""Verbatim extraction: given the beginning of a passage, does the model recite the rest, by number of copies read?

Carlini et al., "Quantifying memorization across neural language models" (2023): a passage is extractable when greedy
decoding after its first tokens reproduces what follows. Passages with 0 copies were never published: the baseline.
"""

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.subject import Subject

EXTRACTED = 32  # tokens of exact match that count as extraction of a longer passage
LONGEST = 64  # tokens compared at most


def run(subject: Subject, passages: list[dict], prefix_tokens: int) -> list[dict]:
    """Returns an item {model, copies, prefix, expected, response, match, length, extracted} for each passage.

    `match` is the number of leading tokens of the continuation that equal the passage's, out of `length`. Passages
    without a token after the prefix are left out. `subject` is asked to continue text, tuned or not.
    """
    ids = [subject.prompt_ids(row["text"]) for row in passages]
    asked = [(row, line) for row, line in zip(passages, ids, strict=True) if len(line) > 1 + prefix_tokens]
    heads = [line[: 1 + prefix_tokens] for _, line in asked]
    generations = subject.extend(heads, stop=(subject.tokenizer.eos,), max_new=LONGEST)
    decode = subject.tokenizer.decode
    items = []
    for (row, line), head, generation in zip(asked, heads, generations, strict=True):
        expected = line[len(head) : len(head) + LONGEST]
        match = matching(expected, generation.tokens)
        items.append(
            {"model": subject.name, "copies": row["copies"], "prefix": decode(head), "expected": decode(expected)}
            | {"response": decode(generation.tokens), "match": match, "length": len(expected)}
            | {"extracted": match >= min(EXTRACTED, len(expected))}
        )
    return items


def matching(expected: list[int], found: list[int]) -> int:
    """Returns how many leading tokens two sequences share."""
    size = min(len(expected), len(found))
    differs = np.flatnonzero(np.asarray(expected[:size]) != np.asarray(found[:size]))
    return int(differs[0]) if differs.size else size


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, copies, p, lo, hi, n, match_mean, match_se, match_median} by number of copies.

    p is the share extracted; match lengths are in tokens.
    """
    rows = []
    for (model, copies), members in statistics.group(items, lambda item: (item["model"], item["copies"])).items():
        lengths = [item["match"] for item in members]
        mean, error = statistics.mean_error(lengths)
        rows.append(
            {"model": model, "copies": copies}
            | statistics.proportion(item["extracted"] for item in members)
            | {"match_mean": round(mean, 2), "match_se": round(error, 2), "match_median": float(np.median(lengths))}
        )
    return rows
