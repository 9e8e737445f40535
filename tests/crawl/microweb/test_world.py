"""The facts agree."""


def test_facts_agree_with_one_another(rows):
    entities = rows("truth/entities.jsonl")
    names = {
        kind: {row["name"] for row in entities if row["type"] == kind} for kind in {row["type"] for row in entities}
    }
    for row in entities:
        facts = row["attributes"]
        if row["type"] == "person" and not row["tail"]:
            assert facts["town"] in names["place"] and facts["employer"] in names["company"]
            assert facts["university"] in names["university"]
        if row["type"] == "book":
            assert facts["author"] in names["person"] and facts["setting"] in names["place"]
        if row["type"] == "event":
            assert facts["town"] in names["place"] and facts["sponsor"] in names["company"]
    tail = [row["attributes"] for row in entities if row["tail"]]
    assert 0 < sum(facts["town"] in names["place"] for facts in tail) < len(tail)  # others live where nobody else does
    assert len({row["name"] for row in entities}) == len(entities)
