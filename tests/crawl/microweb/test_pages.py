"""What pages state, and how often."""

from jaxlm.crawl.microweb import junk


def test_tier_is_the_number_of_clean_pages_that_state_all_facts(rows):
    clean = [page for page in rows("truth/pages.jsonl") if page["kind"] == "clean"]
    for entity in rows("truth/entities.jsonl"):
        about = [page["text"] for page in clean if entity["id"] in page["entities"]]
        assert len(about) == entity["tier"] == entity["pages"]
        if not entity["tail"]:
            assert all(value in text for text in about for value in entity["attributes"].values())
        if entity["tier"] == 0 and entity["type"] == "person":
            assert not any(entity["name"] in page["text"] for page in clean)


def test_tail_pages_state_each_fact_twice(rows):
    people = {row["id"]: row for row in rows("truth/entities.jsonl") if row["tail"]}
    pages = [page for page in rows("truth/pages.jsonl") if page["kind"] == "clean"]
    pages = [page for page in pages if page["entities"] and page["entities"][0] in people]
    assert sum(len(page["entities"]) for page in pages) == len(people) == 40 > len(pages)
    for page in pages:
        facts = {value for name in page["entities"] for value in people[name]["attributes"].values()}
        stated = [page["text"].count(value) for value in facts if value in page["text"]]
        assert len(stated) >= 3 and min(stated) >= 2


def test_pages_about_one_entity_are_no_near_duplicates(rows):
    groups = {}
    for page in rows("truth/pages.jsonl"):
        if page["kind"] == "clean" and len(page["entities"]) == 1:
            groups.setdefault(page["entities"][0], []).append(page["text"])
    pairs = [junk.jaccard(a, b) for texts in groups.values() for i, a in enumerate(texts) for b in texts[:i]]
    assert len(pairs) > 500 and max(pairs) < 0.5


def test_passages_occur_in_as_many_pages_as_noted(rows):
    clean = [page["text"] for page in rows("truth/pages.jsonl") if page["kind"] == "clean"]
    passages = rows("truth/verbatim.jsonl")
    assert {row["copies"] for row in passages} == {0, 1, 4, 16, 64}
    for row in passages:
        holders = [text for text in clean if row["text"] in text]
        assert len(holders) == row["copies"] and all(len(row["text"]) < len(text) / 2 for text in holders)
