"""What a search returns, how a model is shown it, and the tool that makes searching callable."""

import dataclasses
from collections.abc import Callable, Sequence

from jaxlm.honesty.tools import Tool, cap

NOTHING = "No results."
MAX_QUERY = 400  # characters; the web-search APIs take no more


@dataclasses.dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        source: where it stands: a URL or a file.
        title: of the document.
        text: the passage.
        score: the higher, the better it fits; comparable within one search only.
    """

    source: str
    title: str
    text: str
    score: float


def as_text(hits: Sequence[Hit], passage_chars: int | None = None) -> str:
    """The hits for a model: a numbered line with the source, then a line with the passage; `No results.` for none.

    A block has these two lines whatever the passage says, so that no passage can pretend to be another source's.

    Args:
        hits: the best first.
        passage_chars: longest passage shown in characters; None shows all of it.
    """
    blocks = (f"[{n}] {_line(hit.source)}\n{_passage(hit, passage_chars)}" for n, hit in enumerate(hits, start=1))
    return "\n".join(blocks) or NOTHING


def result(hits: Sequence[Hit], query: str, passage_chars: int | None = None) -> str:
    """What a model reads after a search: the hits, then the query again.

    A small model that has learnt to read with the question behind the text does not find an answer with the question
    before it: of 40 results that it was trained on, one of 1.5 million parameters read 3.
    """
    return f"{as_text(hits, passage_chars)}\nQuery: {_line(query)}"


def search_tool(
    search: Callable[[str, int], list[Hit]],
    k: int = 2,
    passage_chars: int | None = None,
    seen: Callable[[list[Hit]], None] = lambda hits: None,
) -> Tool:
    """The tool `search(query)` over a backend's `search(query, k)`.

    Args:
        search: the backend.
        k: how many hits the model is shown.
        passage_chars: as in `as_text`.
        seen: called with the hits of each search, for those who show sources or allow pages to be opened.
    """

    def run(query: str) -> str:
        hits = search(query, k)
        seen(hits)
        return result(hits, query, passage_chars)

    query = dict(type="string", minLength=1, maxLength=MAX_QUERY, description="what to look for: names, key words")
    parameters = dict(type="object", properties=dict(query=query), required=["query"], additionalProperties=False)
    return Tool("search", "Looks up documents and returns passages with their sources.", parameters, run)


def _passage(hit: Hit, passage_chars: int | None) -> str:
    text = _line(hit.text)
    return text if passage_chars is None else cap(text, passage_chars)


def _line(text: str) -> str:
    return " ".join(text.split())
