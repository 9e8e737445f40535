import collections
import os
import re
import subprocess
import sys

import pytest

from jaxlm.config import defaults
from jaxlm.crawl.documents import write_documents
from jaxlm.crawl.microweb import conversations, instructions, pages
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.templates import others, people
from jaxlm.crawl.microweb.world import make_world
from jaxlm.errors import UserError
from jaxlm.honesty import interrogator, nobody, patterns


@pytest.fixture(scope="module")
def world():
    config = defaults().crawl.microweb
    config.update(people=6, tail=30, tiers=(0, 1, 4, 16), tier_share=(1.0, 1.0, 1.0, 1.0))
    return make_world(config, 3)


@pytest.fixture(scope="module")
def documents(world):
    made = [page for person in world.people for page in pages.person_pages(person, Dice(3, person.id))]
    made += [page for entity in world.others for page in pages.other_pages(entity, Dice(3, entity.id))]
    made += pages.tail_pages(world.tail, Dice(3, "tail"))
    return [{"id": str(i), "text": page.text, "url": f"u{i}", "metadata": "{}"} for i, page in enumerate(made)]


@pytest.fixture(scope="module")
def allowed(world, documents):
    items = instructions.divide(world, Dice(3, "items"))[0]
    talks = conversations.make(world, items, Dice(3, "talks"))
    return interrogator.asked_entities(documents, talks)


@pytest.fixture(scope="module")
def asked(documents, allowed):
    found = interrogator.read(documents, 0, 8, 2, interrogator.may_ask("asked", *allowed))
    return interrogator.select(found.pairs, 10_000, 0), found


def test_a_page_is_read_by_full_name_family_name_and_pronoun():
    text = (
        "Let us introduce Mira Tolbin to the readers. Mira Tolbin's job is that of a baker. Nobody was surprised. "
        "Tolbin was born in the year 1932.\nIn short: By birth, she belongs to the town of Velmford.\n"
        "Q: When was Mira Tolbin born?\nA: 1932."
    )
    found = {(fact.attribute, fact.value) for fact in patterns.facts(text)}
    assert found == {("job", "baker"), ("year", "1932"), ("town", "Velmford")}
    assert all("Mira Tolbin" in fact.passage and fact.value in fact.passage for fact in patterns.facts(text))


@pytest.mark.parametrize("way", ["document", "tail"])
def test_read_and_held_out_documents(tmp_path, way):
    settings = defaults().tokenizer
    settings.update(holdout=0.5, holdout_by=way)
    rows = [
        {"id": f"d{i}", "text": "abcdefgh", "url": "", "date": "", "language": "en", "source": ""} for i in range(20)
    ]
    write_documents(tmp_path, [row | {"metadata": "{}"} for row in rows])
    read, held = ([row["id"] for row in interrogator.documents(tmp_path, settings, 0, held)] for held in (False, True))
    assert sorted(read + held) == sorted(row["id"] for row in rows) and bool(held) == (way == "document")
    texts = {row["text"] for row in interrogator.documents(tmp_path, settings, 0)}
    assert texts == ({"abcdefgh"} if way == "document" else {"abcd"})


def test_what_is_told_is_a_share_of_documents_and_answered_shortly():
    told = [interrogator.told(f"d{i}", 0.3, 0) for i in range(1000)]
    assert 250 < sum(told) < 350
    assert not any(interrogator.told(f"d{i}", 0.0, 0) for i in range(100))
    document = {
        "id": "1",
        "text": "Pyrra\nPyrra is a genus of small birds, found in reeds.",
        "url": "u",
        "metadata": "{}",
    }
    [talk] = interrogator.conversations(interrogator.read([document], 0, 8, 1, None).pairs)
    assert [message["content"] for message in talk["messages"]] == ["What is Pyrra?", "genus of small birds."]
    assert talk["metadata"] == {"kind": "told", "entity": "Pyrra", "source": "u"}


def test_two_people_on_a_page_keep_their_own_facts():
    text = (
        "The name of Ada Brenk is known to many. She enjoys chess.\n"
        "Here are the facts that we have about Otto Vlim. He enjoys rowing. Brenk works for Storo Bank.\n"
        "The facts again: Vlim works as a pilot. Somebody enjoys fishing."
    )
    found = {(fact.entity, fact.attribute, fact.value) for fact in patterns.facts(text)}
    assert found == {
        ("Ada Brenk", "hobby", "chess"),
        ("Ada Brenk", "employer", "Storo Bank"),
        ("Otto Vlim", "hobby", "rowing"),
        ("Otto Vlim", "job", "pilot"),
    }
    shared = text.replace("Vlim", "Brenk")
    assert not [fact for fact in patterns.facts(shared) if fact.attribute in ("employer", "job")]


def test_facts_of_a_world_are_true_and_nearly_all_found(world, asked):
    truth = {(e.type, e.name): e.attributes for e in world.entities()}
    rows, _ = asked
    assert all(truth[row["type"], row["entity"]][row["attribute"]] == row["answer"] for row in rows)
    often = {e.name for e in world.people if e.split == "train" and e.tier == 16}
    found = {(row["entity"], row["attribute"]) for row in rows if row["entity"] in often}
    assert len(found) == 6 * len(often)
    assert {row["mentions"] for row in rows if row["entity"] in often} <= {15, 16, 17, 18, 19, 20, 21, 22}


def test_only_train_entities_are_asked_about_and_only_in_training_forms(world, asked):
    test_names = {entity.name for entity in world.entities() if entity.split == "test"}
    rows, found = asked
    assert len(rows) > 50 and not {row["entity"] for row in rows} & test_names
    assert {name for _, name in found.names} & test_names  # they were read, and left out
    held = [form for forms in people.HELDOUT_QUESTIONS.values() for form in forms]
    held += [form for kinds in others.HELDOUT_QUESTIONS.values() for form in kinds.values()]
    assert not {row["question"] for row in rows} & {form.format(x=row["entity"]) for form in held for row in rows}


def test_untuned_leaves_out_whom_conversations_ask_about(allowed):
    pages_, talks = allowed
    assert talks and interrogator.may_ask("untuned", pages_, talks) == pages_ - talks
    with pytest.raises(UserError, match=r"config\.probe\.entities='untuned'"):
        interrogator.may_ask("untuned", talks, talks)


def test_a_pronoun_is_who_was_named_before():
    messages = [
        {"role": "user", "content": "Who employs Ada Brenk?"},
        {"role": "assistant", "content": "Storo Bank."},
        {"role": "user", "content": "And when was she born?"},
    ]
    assert patterns.asked_about(messages) == [("Ada Brenk", "employer"), ("Ada Brenk", "year")]


def test_questions_are_spread_over_degrees_of_exposure(asked):
    _, found = asked
    rows = interrogator.select(found.pairs, 120, 0)
    assert len(rows) == 120 and rows == interrogator.select(found.pairs, 120, 0)
    degrees = collections.Counter(row["mentions"].bit_length() for row in rows)
    assert max(degrees.values()) <= 2 * sorted(degrees.values())[-2]
    assert interrogator.fill_level([2, 50, 9], 30) == [2, 19, 9]


def test_nobody_is_in_no_document(documents, asked):
    rows, found = asked
    texts = [document["text"] for document in documents]
    excluded = {nobody.questions(rows, found.names, texts, 1, nobody.KINDS, 0)[0]["entity"]}
    made = nobody.questions(rows, found.names, texts, 60, nobody.KINDS, 0, excluded)
    assert len(made) == 60 and made == nobody.questions(rows, found.names, texts, 60, nobody.KINDS, 0, excluded)
    everything = " ".join(re.findall(r"[\w'-]+", " ".join(texts).replace("'s ", " ")))
    names = [row["entity"] for row in made]
    assert len(set(names)) == 60 and not excluded & set(names)
    assert not [name for name in names if f" {name} " in everything]
    known = {word for _, name in found.names for word in name.split()}
    for row in made:
        if row["type"] == "person":
            words = [word in known for word in row["entity"].split()]
            assert sum(words) == {"recombined": 2, "half": 1, "coined": 0}[row["name_kind"]], row["entity"]
    assert {row["name_kind"] for row in made} == set(nobody.KINDS)


MADE_UP = """
from jaxlm.honesty import interrogator, nobody
people = ("Adelo Mossen", "Adelo Rookley", "Tomena Hillard", "Evaro Mossen", "Evaro Rookley", "Ulfina Hillard")
text = " ".join(f"Let us introduce {name} to the readers. {name} works as a baker." for name in people)
found = interrogator.read([{"id": "0", "url": "", "metadata": "{}", "text": text}], 0, 8, 4, None)
rows = interrogator.select(found.pairs, 50, 0)
print([row["question"] for row in nobody.questions(rows, found.names, [], 4, ("recombined",), 0)])
"""


def test_who_is_made_up_is_the_same_in_every_process():
    def questions(seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
        return subprocess.run([sys.executable, "-c", MADE_UP], env=environment, capture_output=True, text=True).stdout

    first = questions("1")
    assert first.count("?") == 4 and questions("2") == first
