"""The tools that a configuration asks for: search over the chosen backend, the calculator, and opening pages."""

import dataclasses
import os

from ml_collections import ConfigDict

from jaxlm.errors import UserError
from jaxlm.honesty.calculator import CALCULATOR
from jaxlm.honesty.search.fetch import Fetcher, Limits
from jaxlm.honesty.search.hits import search_tool
from jaxlm.honesty.search.index import Index
from jaxlm.honesty.search.web import PROVIDERS, WebSearch, connect
from jaxlm.honesty.tools import Tool

BACKENDS = ("index", *PROVIDERS)


@dataclasses.dataclass(frozen=True)
class Toolbox:
    """The tools of one conversation.

    Attributes:
        tools: what a model may call.
        fetcher: what opens pages; None when that is not allowed. Give it what the user typed (`permit_typed`).
    """

    tools: tuple[Tool, ...]
    fetcher: Fetcher | None


def backend(settings: ConfigDict, folder: str | os.PathLike | None) -> Index | WebSearch:
    """What searches by config.tools.search; its `search(query, k)` and `search_many(queries, k)` are the same.

    Args:
        settings: config.tools.
        folder: of the index; needed for the backend `index` only.
    Raises:
        UserError: there is no index, the key is not in the environment, or a package is missing.
    """
    search = settings.search
    if search.backend != "index":
        return connect(search.backend, search.url, search.timeout, search.retries)
    if folder is None:
        raise UserError(f"config.tools.search.backend=index: this run has no index; expected {' | '.join(PROVIDERS)}")
    return Index.open(folder, search.named)


def toolbox(settings: ConfigDict, search: Index | WebSearch) -> Toolbox:
    """The tools for one conversation, over a backend that conversations share."""
    wanted, fetcher = settings.search, None
    if settings.fetch.enabled:
        names = ("seconds", "max_bytes", "redirects", "pages", "extractor")
        fetcher = Fetcher(Limits(**{name: settings.fetch[name] for name in names}))
    seen = fetcher.permit if fetcher else lambda hits: None
    tools = [search_tool(search.search, wanted.results, wanted.passage_chars, seen), CALCULATOR]
    if fetcher:
        tools.append(fetcher.tool(settings.max_chars))
    return Toolbox(tuple(tools), fetcher)
