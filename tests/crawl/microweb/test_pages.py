"""What pages state, and how often."""

from jaxlm.crawl.microweb import junk
from jaxlm.crawl.microweb import pages as pages_module


def test_tier_is_the_number_of_clean_pages_that_state_all_facts(rows):
    clean = [page for page in rows("truth/pages.jsonl") if page["kind"] == "clean"]
    for entity in rows("truth/entities.jsonl"):
        about = [page["text"] for page in clean if entity["id"] in page["entities"]]
        assert len(about) == entity["tier"] == entity["pages"]
        if not entity["tail"]:
            assert all(value in text for text in about for value in entity["attributes"].values())
        if entity["tier"] == 0 and entity["type"] == "person":
            assert not any(entity["name"] in page["text"] for page in clean)


def test_tail_pages_state_facts_again_that_can_only_be_copied(rows):
    people = {row["id"]: row for row in rows("truth/entities.jsonl") if row["tail"]}
    pages = [page for page in rows("truth/pages.jsonl") if page["kind"] == "clean"]
    pages = [page for page in pages if page["entities"] and page["entities"][0] in people]
    assert sum(len(page["entities"]) for page in pages) == len(people) == 40 > len(pages)
    for page in pages:
        facts = {value for name in page["entities"] for value in people[name]["attributes"].values()}
        twice = sum(page["text"].count(value) >= 2 for value in facts)
        assert twice >= 3 and page["text"].count("Q: ") <= pages_module.MOST_ASKED + 1


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


def test_half_of_the_people_of_tier_0_become_known_after_the_crawl(rows):
    entities = {row["id"]: row for row in rows("truth/entities.jsonl")}
    later = {row["id"].removeprefix("later-"): row["text"] for row in rows("web/later.jsonl")}
    never = [row for row in entities.values() if row["type"] == "person" and row["tier"] == 0 and not row["strange"]]
    assert len(later) == len(never) / 2 and {entities[name]["split"] for name in later} == {"train", "test"}
    assert all(entities[name]["later"] and entities[name]["name"] in text for name, text in later.items())
    crawled = {page["text"] for page in rows("truth/pages.jsonl")}
    for passage in rows("truth/passages.jsonl"):
        assert passage["text"] not in crawled and "Q: " not in passage["text"]
        assert all(value in passage["text"] for value in entities[passage["entity"]]["attributes"].values())
