"""One record through extraction, language, quality rules and personal data: a row that is kept, or why it is not."""

import json
import re

import xxhash

from jaxlm.crawl import dedup, extract, language, pii, quality
from jaxlm.crawl.encoding import decode
from jaxlm.crawl.records import PAGE, TEXT, Record

SAMPLE_CHARACTERS = 1000  # of a removed text that are kept for reading
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"])|\n+")
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]+")


def clean(record: Record, crawl) -> dict:
    """The row of crawl.parts for a record; `crawl` is config.crawl.

    A row that is kept has empty `stage` and `reason`, and the hashes for deduplication. A removed one names the stage
    and the reason, and has the beginning of what its text was by then.
    """
    row = dict(
        id=xxhash.xxh3_128_hexdigest(f"{record.source}\0{record.number}\0{record.url}".encode(errors="replace")),
        text="",
        url=_storable(record.url),
        date=_storable(record.date),
        language="",
        source=record.source,
        raw_bytes=len(record.body) if isinstance(record.body, bytes) else len(record.body.encode(errors="replace")),
        **dict.fromkeys(pii.KINDS, 0),
    )
    metadata = dict(record.metadata)
    row["stage"], row["reason"] = _clean(record, crawl, row, metadata)
    row["metadata"] = _storable(json.dumps(metadata, ensure_ascii=False, default=str))
    row["text_bytes"] = len(row["text"].encode())
    if row["stage"]:
        row["text"] = row["text"][:SAMPLE_CHARACTERS]
        row["exact"], row["bands"] = 0, []
    else:
        row["exact"], row["bands"] = dedup.signature(row["text"])
    return row


def _clean(record: Record, crawl, row: dict, metadata: dict) -> tuple[str, str]:
    """Fills text, language and counts of the row; returns the stage and reason of removal, empty if it is kept."""
    if record.reason:
        return "read", record.reason
    if record.kind == PAGE:
        removed = _extract(record, crawl, row, metadata)
    else:
        row["text"] = _storable(record.body)
        removed = None if row["text"].strip() else ("extract", "no text")
    if removed:
        return removed
    row["language"] = language.identify(row["text"])
    if not language.wanted(row["language"], crawl.languages):
        return "language", "other language"
    if crawl.quality:
        web = record.kind != TEXT
        row["text"] = quality.drop_notices(row["text"]) if web else row["text"]
        limits = quality.Thresholds(min_words=crawl.min_words, max_words=crawl.max_words, short_text=crawl.short_text)
        rule = quality.judge(row["text"], limits, row["language"], web)
        if rule:
            return "quality", rule
    if crawl.beginning:
        row["text"] = beginning(row["text"], crawl.beginning)
    if crawl.pii:
        row["text"], counts = pii.replace(row["text"])
        row.update(counts)
    return "", ""


def beginning(text: str, words: int) -> str:
    """Returns the text up to the end of the sentence, or of the line, that holds its word of that number."""
    count, start = 0, 0
    for end in (*(match.start() for match in _SENTENCE_END.finditer(text)), len(text)):
        count, start = count + len(text[start:end].split()), end
        if count >= words:
            break
    return text[:start]


def _extract(record: Record, crawl, row: dict, metadata: dict) -> tuple[str, str] | None:
    if len(record.body) > crawl.max_page_bytes:
        return "read", "larger than max_page_bytes"
    html, encoding = decode(record.body, record.charset)
    if encoding != "utf-8":
        metadata["encoding"] = encoding
    if crawl.languages:
        row["text"] = _storable(extract.visible_text(html))
        foreign = language.surely_foreign(row["text"], crawl.languages)
        if foreign:
            row["language"] = foreign
            return "language", "other language"
    try:
        title, text = extract.extract(html, crawl.extractor)
    except extract.OutOfTime:
        return "extract", "out of processor time"
    row["text"] = _storable(text)
    if title:
        metadata["title"] = title
    return None if row["text"] else ("extract", "no text")


def _storable(text: str) -> str:
    """Without NUL and lone surrogates: JSON and HTML can spell them, UTF-8 cannot."""
    return _NOT_STORABLE.sub("", text)
