import sys

import pytest

from jaxlm import config
from jaxlm.errors import UserError
from jaxlm.honesty.search.backend import BACKENDS, backend, toolbox
from jaxlm.honesty.search.index import Index, build
from jaxlm.honesty.search.web import WebSearch
from jaxlm.honesty.tools import run_call
from jaxlm.limits import CHOICES


def test_the_index_is_the_default(tmp_path):
    settings = config.tools()
    build(tmp_path / "index", [dict(id="a", text="Ada Baker lives in Velm.")])
    search = backend(settings, tmp_path / "index")
    box = toolbox(settings, search)
    assert isinstance(search, Index) and box.fetcher is None
    assert [tool.name for tool in box.tools] == ["search", "calculator"]
    found = run_call(box.tools, dict(name="search", arguments={"query": "Ada Baker"}))
    assert found == "[1] a\nAda Baker lives in Velm.\nQuery: Ada Baker"
    with pytest.raises(UserError, match=r"config\.tools\.search\.backend=index: this run has no index"):
        backend(settings, None)


def test_a_web_search_and_page_opening(monkeypatch):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed (pip install 'jaxlm[search]')")
    monkeypatch.setenv("TAVILY_API_KEY", "key")
    settings = config.tools()
    settings.search.backend, settings.fetch.enabled, settings.fetch.pages = "tavily", True, 3
    search = backend(settings, None)
    box = toolbox(settings, search)
    assert isinstance(search, WebSearch) and search.timeout == settings.search.timeout
    assert [tool.name for tool in box.tools] == ["search", "calculator", "open_page"]
    assert box.fetcher.limits.pages == 3 and toolbox(settings, search).fetcher is not box.fetcher


def test_without_aiohttp_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    settings = config.tools()
    settings.search.backend = "brave"
    with pytest.raises(UserError, match=r"need aiohttp: pip install 'jaxlm\[search\]'"):
        backend(settings, None)


def test_the_choices_are_those_of_the_code():
    assert CHOICES["tools.search.backend"] == BACKENDS
