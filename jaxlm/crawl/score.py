"""How well the crawl did on the micro-web, whose truth is known page by page."""

import collections
import pathlib
from collections.abc import Iterable

from jaxlm import files
from jaxlm.crawl import pii


def score(truth: pathlib.Path, removed: dict[str, tuple[str, str]], documents: Iterable[dict]) -> dict:
    """Scores removals, extraction and personal data.

    Args:
        truth: the micro-web's truth folder; of it `pages.jsonl` is read.
        removed: (stage, reason) of every removed page, by URL.
        documents: the documents that are left.
    Returns:
        junk: precision, recall and counts of the removal of junk; `kinds`: pages and removals by kind of page;
        duplicates: the share found; pii: the planted strings that are gone; extraction: mean word F1 and share of exact
        texts over clean pages without personal data; mistakes: up to 50 pages removed or kept wrongly.

    Of a page and its duplicates one has to stay; which one is not held against the crawl, as it depends on the order
    of files.
    """
    pages = {page["url"]: page for page in files.read_jsonl(truth / "pages.jsonl")}
    texts = {row["url"]: row["text"] for row in documents}
    out = _one_stays(pages, removed)
    kinds = collections.defaultdict(lambda: {"pages": 0, "removed": 0, "junk": 0})
    for url, page in pages.items():
        kind = kinds[page["kind"]]
        kind["pages"] += 1
        kind["removed"] += url in out
        kind["junk"] += not page["keep"]
    copies = [url for url, page in pages.items() if page["kind"].endswith("duplicate")]
    planted = [(url, secret) for url, page in pages.items() for secret in page["pii"] if url in texts]
    leaked = [secret for url, secret in planted if secret in texts[url]]
    return {
        "junk": _removal(pages, out),
        "kinds": dict(sorted(kinds.items())),
        "duplicates": {"pages": len(copies), "found": sum(url in out for url in copies)},
        "pii": {"planted": len(planted), "removed": len(planted) - len(leaked), "leaked": leaked[:20]},
        "extraction": _extraction(pages, texts),
        "mistakes": _mistakes(pages, out, removed)[:50],
    }


def _one_stays(pages: dict[str, dict], removed: dict[str, tuple[str, str]]) -> set[str]:
    """The removed pages, where a page that is gone because of its duplicate is taken for that duplicate."""
    out = {url for url in pages if url in removed}
    for url, page in pages.items():
        original = page["of"]
        if original in out and removed[original][0] == "duplicate" and url not in out:
            out = out - {original} | {url}
    return out


def _removal(pages: dict[str, dict], out: set[str]) -> dict:
    junk = {url for url, page in pages.items() if not page["keep"]}
    right = len(junk & out)
    return {
        "precision": right / max(1, len(out)),
        "recall": right / max(1, len(junk)),
        "junk": len(junk),
        "removed": len(out),
        "removed_junk": right,
        "pages": len(pages),
    }


def _extraction(pages: dict[str, dict], texts: dict[str, str]) -> dict:
    pairs = [
        (texts[url].split(), page["text"].split())
        for url, page in pages.items()
        if page["kind"] == "clean" and url in texts and not any(pii.replace(page["text"])[1].values())
    ]
    f1 = [_word_f1(collections.Counter(found), collections.Counter(expected)) for found, expected in pairs]
    exact = [found == expected for found, expected in pairs]
    count = max(1, len(pairs))
    return {"f1": sum(f1) / count, "exact": sum(exact) / count, "pages": len(pairs)}


def _word_f1(found: collections.Counter, expected: collections.Counter) -> float:
    return 2 * (found & expected).total() / max(1, found.total() + expected.total())


def _mistakes(pages: dict[str, dict], out: set[str], removed: dict[str, tuple[str, str]]) -> list[dict]:
    return [
        {"url": url, "kind": page["kind"], "removed": url in out, "reason": " / ".join(removed.get(url, ()))}
        for url, page in pages.items()
        if page["keep"] == (url in out)
    ]
