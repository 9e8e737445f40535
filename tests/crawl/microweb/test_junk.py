"""Duplicates, planted strings, the share of junk."""

import pytest

from jaxlm.crawl.microweb import junk


def test_duplicates_point_to_a_page_before_them_and_are_near(rows):
    pages = rows("truth/pages.jsonl")
    place = {page["url"]: index for index, page in enumerate(pages)}
    copies = [page for page in pages if page["of"]]
    assert {page["kind"] for page in copies} == {"exact_duplicate", "near_duplicate"}
    for page in copies:
        original = pages[place[page["of"]]]
        similarity = junk.jaccard(page["text"], original["text"])
        assert place[page["of"]] < place[page["url"]] and not page["keep"]
        assert similarity == 1 if page["kind"] == "exact_duplicate" else 0.85 <= similarity < 1


def test_share_of_junk_and_planted_strings(rows):
    pages = rows("truth/pages.jsonl")
    clean = sum(page["kind"] == "clean" for page in pages)
    assert clean / len(pages) == pytest.approx(0.8, abs=0.01)
    planted = [page for page in pages if page["pii"] and page["kind"] == "clean"]
    assert planted and all(secret in page["text"] for page in planted for secret in page["pii"])
