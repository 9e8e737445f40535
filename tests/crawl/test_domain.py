"""Textbooks and question files: what is read, what is asked, and what is said of mistakes."""

import json
import pathlib
import tarfile

import pytest

from jaxlm.config import defaults
from jaxlm.crawl import cnxml, domain
from jaxlm.errors import UserError

MODULE = """<document xmlns="http://cnx.rice.edu/cnxml"><title>Soil</title>
<metadata xmlns:md="http://cnx.rice.edu/mdml"><md:title>Soil</md:title></metadata>
<content><section><title>Layers</title>
<para>All soil has layers (see <link target-id="f1"/>
  <emphasis>a</emphasis>). The {term} is the upper layer in which most of the roots are found.
  It is dark. <figure id="f1"><caption>Never read.</caption></figure> Below lies H<sub>2</sub>O.<list>
  <item>A list item.</item></list></para></section></content>
<glossary><definition><term>{term}</term><meaning>upper layer</meaning></definition></glossary></document>"""
TERMS = ("topsoil", "hardpan", "bedrock", "subsoil", "leaf litter")


@pytest.fixture
def book(tmp_path) -> pathlib.Path:
    for number, term in enumerate(TERMS):
        folder = tmp_path / "book" / "modules" / f"m{number}"
        folder.mkdir(parents=True)
        (folder / "index.cnxml").write_text(MODULE.replace("{term}", f"<term>{term}</term>", 1).replace("{term}", term))
    return tmp_path / "book"


@pytest.fixture
def settings(book):
    config = defaults().domain
    config.text = (str(book),)
    config.cloze = 0.99
    return config


def test_a_module_is_its_sentences_without_figures_and_references(book):
    module = next(cnxml.read_book(book))
    assert module.text().split("\n") == [
        "Soil",
        "Layers",
        "All soil has layers. The topsoil is the upper layer in which most of the roots are found. It is dark. "
        "Below lies H2O.",
        "A list item.",
    ]
    assert module.terms == [("The topsoil is the upper layer in which most of the roots are found.", "topsoil")]


def test_an_archive_reads_like_its_folder(book, tmp_path):
    path = tmp_path / "book.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(book, arcname=".")
    names = lambda modules: [(module.name.removeprefix("./"), module.text()) for module in modules]
    assert names(cnxml.read_book(path)) == names(cnxml.read_book(book))


def test_key_sentences_are_asked_and_not_trained_on(settings, tmp_path):
    material = domain.load(settings, 0, tmp_path)
    assert len(material.questions) == len(TERMS) and len(material.documents) == len(TERMS)
    assert not any("most of the roots" in row["text"] for row in material.documents)
    row = next(row for row in material.questions if row["answer"] == "topsoil")
    assert row["question"] == "The ___ is the upper layer in which most of the roots are found."
    assert len(row["choices"]) == 4 and "topsoil" in row["choices"] and "leaf litter" not in row["choices"]


def test_own_text_and_questions(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"The sea of {name} is deep.")
    rows = [dict(question="How deep is it?", answer="Deep", aliases=["very"]), dict(question="a", answer="b", x=1)]
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = defaults().domain
    config.text, config.questions = (str(tmp_path / "*.txt"),), (str(tmp_path / "asked.jsonl"),)
    material = domain.load(config, 0, tmp_path)
    assert [row["text"] for row in material.documents] == ["The sea of one is deep.", "The sea of two is deep."]
    assert material.questions[1] == dict(question="a", answer="b", x=1, aliases=[], choices=[])


@pytest.mark.parametrize(
    "row, message",
    [
        (dict(question="a"), "row 1: expected a text `answer`, found aliases, choices, question"),
        (dict(question="a", answer="b", aliases="c"), "row 1: expected a list of texts in `aliases`"),
        (dict(question="a ___", answer="b", choices=["c"]), "row 1: with `choices`, the answer must be one of them"),
    ],
)
def test_wrong_questions_name_file_and_row(tmp_path, row, message):
    path = tmp_path / "asked.jsonl"
    path.write_text(json.dumps(row))
    with pytest.raises(UserError, match=f"asked.jsonl: {message}"):
        list(domain.read_questions([str(path)]))


def test_nothing_to_learn_or_ask_is_one_clear_line(settings, tmp_path):
    settings.cloze = 0.0
    with pytest.raises(UserError, match=r"config\.domain\.questions is empty"):
        domain.load(settings, 0, tmp_path)
    settings.text = ()
    with pytest.raises(UserError, match=r"config\.domain\.text is empty"):
        domain.load(settings, 0, tmp_path)


def test_a_damaged_module_is_named(book):
    (book / "modules" / "m0" / "index.cnxml").write_text("<document>")
    with pytest.raises(UserError, match=r"m0/index\.cnxml: not XML"):
        list(cnxml.read_book(book))


def test_real_textbook_has_text_and_terms(real_data):
    path = real_data / "text" / "openstax_astronomy.tar.zst"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    modules = list(cnxml.read_book(path))
    text = "\n".join(module.text() for module in modules)
    assert len(modules) > 100 and len(text) > 1_000_000 and cnxml.LINK not in text and cnxml.START not in text
    rows = domain.cloze(modules, 0.5, 0)
    assert len(rows) > 50 and all(row["answer"] in row["choices"] and len(row["choices"]) == 4 for row in rows)
