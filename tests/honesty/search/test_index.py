import itertools
import json
import os
import signal
import subprocess
import sys

import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.search.index import PHRASE, Index, add, build

GIVEN, FAMILY = ("Ada", "Tom", "Eva", "Ben"), ("Baker", "Moss", "Stone", "Reed")


def page(name, url, text=None, title=None):
    text = text or f"{name} lives in a house. {name.split()[0]} has a lamp, and nobody else has one like it."
    return dict(id=url, url=url, text=text, metadata=json.dumps(dict(title=title or "A page")))


def people():
    """Recombined names: the popular pages repeat one half of a name that is another's."""
    rare = [page(f"{given} {family}", f"{given}-{family}") for given, family in itertools.product(GIVEN, FAMILY)]
    popular = []
    for n, (given, family) in enumerate(itertools.product(GIVEN, FAMILY)):
        text = f"{given} Grey and Max {family} met. {family} saw {given}, {given} saw {family}. {given}! {family}!"
        popular.append(page("", f"popular-{n}", text))
    return popular + rare


def sources(index, query, k=3):
    return [hit.source for hit in index.search(query, k)]


def test_a_name_in_full_comes_before_its_halves(tmp_path, monkeypatch):
    assert build(tmp_path / "index", people()) == dict(documents=32, passages=32)
    index = Index.open(tmp_path / "index")
    pairs = [(f"{given} {family}", f"{given}-{family}") for given, family in itertools.product(GIVEN, FAMILY)]
    first = [sources(index, f"Where does {name} live?", 1) == [source] for name, source in pairs]
    assert all(first)
    assert index.search("Where does Ada Moss live?", 2)[0].score > PHRASE > index.search("Ada Moss", 2)[1].score
    monkeypatch.setattr("jaxlm.honesty.search.index.names", lambda query: [])
    assert not any(sources(index, name, 1) == [source] for name, source in pairs)  # the rule is what does it


def test_a_name_in_the_title_counts_and_a_part_of_an_unknown_name(tmp_path):
    rows = [page("", "a", "He saw Ada. Moss grows."), page("", "b", "He came from Velm.", title="Ada Moss | People")]
    build(tmp_path / "index", rows)
    index = Index.open(tmp_path / "index")
    assert sources(index, "Ada Moss", 1) == ["b"]
    assert sources(index, "Yesterday Ada Moss", 1) == ["b"]


def test_words_match_by_stem_case_and_accent(tmp_path):
    build(tmp_path / "index", [page("", "a", "Two cafés in the city."), page("", "b", "A house.")])
    index = Index.open(tmp_path / "index")
    assert sources(index, "CAFE") == ["a"]
    assert sources(index, "cities") == ["a"]
    build(tmp_path / "plain", [page("", "a", "Two cafés in the city.")], language="")
    assert sources(Index.open(tmp_path / "plain"), "cities") == []


@pytest.mark.parametrize(
    "query", ["", "?!", "nothing-like-that", "\ud800", 'text:"a" AND (OR title:[* TO', "a" * 10_000]
)
def test_any_query_is_plain_text(tmp_path, query):
    build(tmp_path / "index", [page("Ada Moss", "a")])
    assert sources(Index.open(tmp_path / "index"), query, 10**9) in ([], ["a"])


def test_long_documents_become_passages(tmp_path):
    text = " ".join(f"Sentence number {n} says nothing." for n in range(100)) + " The zebra is here."
    build(tmp_path / "index", [page("", "a", text, title="Zoo")], words=50)
    index = Index.open(tmp_path / "index")
    hit = index.search("zebra", 1)[0]
    assert (
        len(index) == 11 and hit.text.startswith("Zoo: Sentence number 9") and hit.text.endswith("The zebra is here.")
    )
    assert (hit.source, hit.title) == ("a", "Zoo")


def test_equal_passages_come_in_the_order_they_were_added(tmp_path):
    build(tmp_path / "index", [page("", f"{n:02d}", "The same words.") for n in range(30)])
    add(tmp_path / "index", [page("", f"{n:02d}", "The same words.") for n in range(30, 60)])  # another segment
    index = Index.open(tmp_path / "index")
    assert sources(index, "same words", 40) == [f"{n:02d}" for n in range(40)]
    assert sources(index, "same", 2) == ["00", "01"]


def test_documents_are_added_and_replaced(tmp_path):
    build(tmp_path / "index", [page("", "a", "An old text."), page("", "b", "Another text.")])
    before = Index.open(tmp_path / "index")
    assert add(tmp_path / "index", [page("", "a", "A new one."), page("", "c", "A third text.")])["documents"] == 2
    assert sources(before, "old") == ["a"]  # an index that is open stays as it was
    index = Index.open(tmp_path / "index")
    assert (sources(index, "old"), sources(index, "new"), sorted(sources(index, "text"))) == ([], ["a"], ["b", "c"])
    assert index.search_many(["new", "old"], 1) == [index.search("new", 1), []]


def test_a_rebuild_that_fails_leaves_the_old_index(tmp_path):
    build(tmp_path / "index", [page("", "a", "An old text.")])

    def broken():
        yield page("", "b", "A new text.")
        raise OSError("gone")

    for write in (build, add):
        with pytest.raises(OSError, match="gone"):
            write(tmp_path / "index", broken())
        index = Index.open(tmp_path / "index")
        assert (sources(index, "old"), sources(index, "new")) == (["a"], [])


def test_a_kill_while_documents_are_added_leaves_the_old_index(tmp_path):
    build(tmp_path / "index", [page("", "a", "An old text.")])
    code = """
import os, signal, sys
from jaxlm.honesty.search.index import add
def rows():
    for n in range(1000):
        yield dict(id=f"x{n}", text="A new text.")
    os.kill(os.getpid(), signal.SIGKILL)
add(sys.argv[1], rows())
"""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "index")], env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert len(Index.open(tmp_path / "index")) == 1
    assert add(tmp_path / "index", [dict(id="b", text="A new text.")])["passages"] == 1
    assert len(Index.open(tmp_path / "index")) == 2


def test_what_is_no_index_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such index"):
        Index.open(tmp_path / "none")
    with pytest.raises(UserError, match="language='klingon': expected one of arabic"):
        build(tmp_path / "index", [], language="klingon")
    build(tmp_path / "index", [])
    assert Index.open(tmp_path / "index").search("anything", 3) == []
    (tmp_path / "index" / "segments" / "meta.json").write_text("{")
    with pytest.raises(UserError, match="the index is damaged"):
        Index.open(tmp_path / "index")
    (tmp_path / "index" / "index.json").write_text('{"format": 0}')
    with pytest.raises(UserError, match=r"index\.json: not an index of this version"):
        Index.open(tmp_path / "index")


def test_a_name_may_be_required_in_full(tmp_path):
    build(tmp_path / "index", [page("Ada Moss", "a"), page("Ada Baker", "b"), page("", "c", "A house of the town.")])
    index = Index.open(tmp_path / "index", named=True)
    assert sources(index, "Where does Ada Moss live?") == ["a"]
    assert sources(index, "Where does Ada Reed live?") == []
    assert sources(index, "Do Ada Moss and Ada Baker live here?") == []  # no passage holds both
    assert sources(index, 'Is "ada" in the house?') == sources(index, "house", 3)  # one word is no name
