import pytest

from jaxlm import files
from jaxlm.crawl.score import score


def page(url, kind="clean", keep=True, of=None, pii=(), text="one two three four"):
    return {"url": url, "kind": kind, "keep": keep, "of": of, "pii": list(pii), "entities": [], "text": text}


PAGES = [
    page("a"),
    page("a2", "exact_duplicate", keep=False, of="a"),
    page("b", pii=["x@y.org"]),
    page("c"),
    page("spam", "spam", keep=False),
    page("gibberish", "gibberish", keep=False),
    page("d", text="five six"),
]


@pytest.fixture
def scored(tmp_path):
    def scored(removed, stage="duplicate", **texts):
        files.write_jsonl(tmp_path / "pages.jsonl", PAGES)
        documents = [{"url": url, "text": text} for url, text in texts.items()]
        return score(tmp_path, dict.fromkeys(removed, (stage, "rule")), documents)

    return scored


def test_precision_and_recall_of_junk(scored):
    found = scored(["a2", "spam", "d"], a="", b="", c="", gibberish="")
    assert found["junk"] == dict(precision=2 / 3, recall=2 / 3, junk=3, removed=3, removed_junk=2, pages=7)
    assert found["kinds"]["spam"] == {"pages": 1, "removed": 1, "junk": 1}
    assert found["duplicates"] == {"pages": 1, "found": 1}
    assert [(mistake["url"], mistake["removed"]) for mistake in found["mistakes"]] == [
        ("gibberish", False),
        ("d", True),
    ]


def test_it_does_not_matter_which_of_two_copies_stays(scored):
    found = scored(["a", "spam", "gibberish"], a2="", b="", c="", d="")
    assert found["junk"]["precision"] == found["junk"]["recall"] == 1
    assert found["duplicates"]["found"] == 1
    wrong = scored(["a", "spam", "gibberish"], stage="quality", a2="", b="", c="", d="")
    assert wrong["junk"]["precision"] == wrong["junk"]["recall"] == 2 / 3
    both = scored(["a", "a2", "spam", "gibberish"], b="", c="", d="")
    assert both["junk"]["precision"] == 3 / 4


def test_personal_data_and_extraction(scored):
    found = scored([], a="one  two\nthree four", b="write to x@y.org", c="one two", d="five six seven eight")
    assert found["pii"] == {"planted": 1, "removed": 0, "leaked": ["x@y.org"]}
    assert found["extraction"]["pages"] == 4
    assert found["extraction"]["exact"] == 1 / 4
    assert found["extraction"]["f1"] == pytest.approx((1 + 0 + 2 / 3 + 2 / 3) / 4)
