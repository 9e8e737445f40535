"""What the readers of every source hand to cleaning: one record a page or text."""

import dataclasses

# Kinds of record, by what the body is.
PAGE = "page"  # bytes of an HTML page
WEB_TEXT = "web_text"  # text that somebody else extracted from a web page (WET)
TEXT = "text"  # the user's own text


@dataclasses.dataclass(frozen=True)
class Record:
    """One page or text as it was read.

    Attributes:
        source: the file it stands in, relative to the folder that was given.
        number: ordinal of the record in that file; (source, number) stays the same from run to run.
        kind: PAGE, WEB_TEXT or TEXT.
        body: bytes of a PAGE, str of the others; empty when `reason` is set.
        charset: what the HTTP header said, if anything.
        date: as the source states it (WARC: when the page was fetched, ISO 8601).
        metadata: whatever else the source knows; JSON values.
        reason: why reading alone already removes it; empty when it goes on to cleaning.
    """

    source: str
    number: int
    kind: str
    body: bytes | str = b""
    url: str = ""
    date: str = ""
    charset: str | None = None
    metadata: dict = dataclasses.field(default_factory=dict)
    reason: str = ""
