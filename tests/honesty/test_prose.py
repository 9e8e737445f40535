import itertools
import json

import pytest

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.evals.judge import find, normalize
from jaxlm.honesty import prose

LIFE = (
    "Henrike Aldous Maren (4 May 1871 – 9 June 1940) was a Danish organ builder who worked in Ribe. She left her "
    "workshop to her pupils, and her letters to her sister.\n"
    "Maren was born in Esbjerg, Denmark, and she learnt from her uncle. Her first organ was finished in 1893.\n"
    "The organ of Ribe was repaired by Maren after the flood of 1911. In 1920 Maren went to Lisbon with her sister."
)
BRIDGE = (
    "The Korrel Bridge is a stone bridge over the river Amse. Korrel Bridge was built by Jan Overdijk in 1762.\n"
    "Korrel Bridge is located in Tervuur, a small town of traders. This was a surprise to all of the people of 1799.\n"
    "Traders of the town paid for Korrel Bridge with the tax on salt that the duke of Brabant had given up."
)


def ask(title: str, text: str) -> dict[str, tuple[str, str]]:
    document = {"id": "1", "text": f"{title}\n{text}", "metadata": json.dumps({"title": title})}
    return {pair.question: (pair.answer, pair.type) for pair in prose.pairs(document, Dice(0, "test"))}


def test_a_life():
    found = ask("Henrike Maren", LIFE.replace("Henrike Aldous Maren", "Henrike Maren"))
    expected = {
        "In which year was Henrike Maren born?": "1871",
        "In which year did Henrike Maren die?": "1940",
        "Who was Henrike Maren?": "Danish organ builder",
        "Where was Henrike Maren born?": "Esbjerg, Denmark",
    }
    assert {question: found[question] for question in expected} == {q: (a, "person") for q, a in expected.items()}


def test_a_thing():
    found = ask("Korrel Bridge", BRIDGE)
    expected = {
        "In which year was Korrel Bridge built?": "1762",
        "By whom was Korrel Bridge built?": "Jan Overdijk",
        "Where is Korrel Bridge located?": "Tervuur",
    }
    assert {question: found[question] for question in expected} == {q: (a, "thing") for q, a in expected.items()}
    assert "What is Korrel Bridge?" not in found  # a bridge: the question gives it away


@pytest.mark.parametrize(
    ("title", "text", "statements"),
    [
        (
            "Ilse Varn",
            'Ilse Marie "Milla" Varn (4 May 1871 – 9 June 1940) was an Estonian and Finnish glass cutter. She went.',
            {"Ilse Varn was born in 1871.", "Ilse Varn died in 1940."},
        ),
        (
            "Ilse Varn",
            "Ilse Varn (May 4, 1871June 9, 1940) was an Estonian glass cutter who left her town.",  # the dash is lost
            {"Ilse Varn was born in 1871.", "Ilse Varn died in 1940.", "Ilse Varn was an Estonian glass cutter."},
        ),
        ("SMS Falkental", 'SMS "Falkental" was a light cruiser of the fleet.', {"SMS Falkental was a light cruiser."}),
        ("Mud finch", 'The mud finch ("Pyrra limi") is a small bird.', {"Mud finch is a small bird."}),
        ("Pyrra", "Pyrra is a genus of small birds, found in reeds.", {"Pyrra is a genus of small birds."}),
        ("Route 9", "Route 9 is an east–west state road.", {"Route 9 is an east–west state road."}),
        ("Salt &amp; Ash", "Salt & Ash is the second album.", {"Salt & Ash is the second album."}),
        ("Ornheim", "Ornheim is the second largest of the lakes.", set()),
    ],
)
def test_the_first_sentence_becomes_statements(title, text, statements):
    document = {
        "id": "1",
        "text": text + " More is not known of it than that.",
        "metadata": json.dumps({"title": title}),
    }
    found = {pair.statement for pair in prose.pairs(document, Dice(0, "test")) if pair.attribute != "blank"}
    assert found == statements


def test_a_blank_stands_in_a_sentence_that_names_the_subject_in_full():
    found = {**ask("Henrike Maren", LIFE), **ask("Korrel Bridge", BRIDGE)}
    blanks = [question for question in found if question.startswith("Fill in the blank")]
    assert len(blanks) >= 2 and not [question for question in blanks if "This was" in question]
    assert all(("Henrike Maren" in question) or ("Korrel Bridge" in question) for question in blanks)


def test_no_title_no_questions():
    assert not ask("about nothing at all", BRIDGE)


@pytest.mark.real
def test_real_articles(real_data):
    import io
    import re
    import tarfile

    import zstandard

    packed = (real_data / "text" / "wikipedia_featured_A1.tar.zst").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(zstandard.ZstdDecompressor().stream_reader(packed).read())) as archive:
        member = next(member for member in archive if member.isfile())
        text = archive.extractfile(member).read().decode()
    articles = re.findall(r'<doc [^>]*title="([^"]*)"[^>]*>\n(.*?)</doc>', text, re.DOTALL) or [
        (json.loads(line)["title"], json.loads(line)["text"]) for line in text.splitlines() if line.startswith("{")
    ]
    assert articles
    for title, body in articles[:5]:
        document = {"id": title, "text": body, "metadata": json.dumps({"title": title})}
        for pair in itertools.islice(prose.pairs(document, Dice(0, title)), 8):
            assert find(normalize(pair.answer), normalize(pair.passage)) >= 0
            assert pair.question.count(pair.answer) == 0
