"""What a domain consists of: documents and conversations to learn from, and questions that tell what was learnt."""

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from jaxlm.crawl import cnxml, sources
from jaxlm.crawl.microweb import domains
from jaxlm.crawl.records import TEXT
from jaxlm.errors import UserError
from jaxlm.files import read_jsonl
from jaxlm.text.conversations import read_conversations
from jaxlm.text.split import unit_hash

GAP = "___"  # where a question with `choices` lacks a word
CHOICES = 4
WORDS_AFTER = 4  # that a sentence must have behind its term: they tell which term it was
WORDS = (8, 40)


@dataclasses.dataclass(frozen=True)
class Material:
    """A domain.

    Attributes:
      documents: rows {id, text}.
      conversations: rows {messages, ...}, maybe none.
      questions: rows {question, answer, aliases, choices, ...}; see `read_questions`.
    """

    documents: list[dict]
    conversations: list[dict]
    questions: list[dict]


def load(settings: Any, seed: int, base: pathlib.Path) -> Material:
    """Reads or generates the domain of `config.domain`.

    Args:
      base: the folder of the run whose model will learn it: names of its world are not used again.
    Raises:
      UserError: there is nothing to learn or nothing to ask, or a file that cannot be read.
    """
    if settings.source == "files":
        return _from_files(settings, seed)
    made = domains.make(settings.source, seed, settings.entities, settings.documents, _names(base))
    return Material(made.documents, made.conversations, [{"choices": [], **row} for row in made.questions])


def read_questions(paths: Iterable[str]) -> Iterator[dict]:
    """Yields {question, answer, aliases, choices} and the row's other fields from JSON Lines files.

    With `choices` (texts, the answer among them) the question is a sentence with a gap `___`, and the model is asked
    which of them goes there; without, it answers in its own words.

    Raises UserError that names the file and the row, counted from 1.
    """
    for path in paths:
        for number, row in enumerate(read_jsonl(pathlib.Path(path).expanduser()), start=1):
            row = {"aliases": [], "choices": [], **row}
            problem = _problem(row)
            if problem:
                raise UserError(f"{path}: row {number}: {problem}")
            yield row


def cloze(modules: list[cnxml.Module], share: float, seed: int) -> list[dict]:
    """Questions of key sentences of a textbook: `share` of those whose term is followed by enough words.

    The term is replaced by a gap, and three terms of other sentences, as many words long where possible, are offered
    beside it. Rows have `sentence` as it stands in the book, which must not be trained on.
    """
    found = {sentence: term for module in modules for sentence, term in module.terms if _asks(sentence, term)}
    terms = sorted({term.lower() for term in found.values()})
    rows = []
    for sentence, term in found.items():
        if unit_hash(sentence, seed) < share:
            others = _others(term, terms, np.random.Generator(np.random.PCG64([seed, len(rows)])))
            if term[0].isupper():
                others = [other[0].upper() + other[1:] for other in others]
            question = sentence.replace(term, GAP)
            choices = sorted([term, *others])
            rows.append(dict(question=question, answer=term, aliases=[], choices=choices, sentence=sentence))
    return rows


def _from_files(settings: Any, seed: int) -> Material:
    if not settings.text:
        raise UserError("config.domain.text is empty: expected folders, files or globs of the domain's text")
    books = [path for path in settings.text if cnxml.is_book(pathlib.Path(path).expanduser())]
    modules = [module for path in books for module in cnxml.read_book(pathlib.Path(path).expanduser())]
    questions = [*read_questions(settings.questions), *cloze(modules, settings.cloze, seed)]
    if not questions:
        raise UserError(
            "config.domain.questions is empty: expected .jsonl files of {question, answer, aliases}; only a CNXML "
            "textbook brings questions of its own"
        )
    asked = frozenset(row["sentence"] for row in questions if "sentence" in row)
    documents = [{"id": module.name, "text": module.text(asked)} for module in modules]
    documents += _texts([path for path in settings.text if path not in books])
    documents = [row for row in documents if row["text"]]
    if len(documents) < 2:
        raise UserError(f"config.domain.text: {len(documents)} document(s) with text: at least 2 are needed")
    return Material(documents, list(read_conversations(settings.data)), questions)


def _texts(paths: list[str]) -> list[dict]:
    """Text records as they are: pages of archives would have to be extracted and cleaned, which is a crawl's work."""
    rows, warnings = [], []
    for found in sources.find_files(tuple(paths), "config.domain.text") if paths else ():
        for record in found.read(warnings):
            if record.kind != TEXT:
                raise UserError(f"config.domain.text: {found.path}: web pages; crawl it and give the documents")
            rows.append({"id": f"{found.name}#{record.number}", "text": record.body})
    return rows


def _names(base: pathlib.Path) -> set[str]:
    """All words of names and values of the world that the base has read about; none if it read something else."""
    path = base / "crawl" / "truth" / "entities.jsonl"
    rows = read_jsonl(path) if path.exists() else ()
    return {word for row in rows for text in (row["name"], *row["attributes"].values()) for word in text.split()}


def _asks(sentence: str, term: str) -> bool:
    behind = sentence.partition(term)[2]
    return WORDS[0] <= len(sentence.split()) <= WORDS[1] and len(behind.split()) >= WORDS_AFTER


def _others(term: str, terms: list[str], generator: np.random.Generator) -> list[str]:
    rest = [other for other in terms if other not in term.lower() and term.lower() not in other]
    alike = [other for other in rest if len(other.split()) == len(term.split())]
    pool = alike if len(alike) >= CHOICES - 1 else rest
    return [pool[i] for i in generator.permutation(len(pool))[: CHOICES - 1]]


def _problem(row: dict) -> str | None:
    for field in ("question", "answer"):
        if not isinstance(row.get(field), str) or not row[field]:
            return f"expected a text `{field}`, found {', '.join(row)}"
    for field in ("aliases", "choices"):
        if not isinstance(row[field], list) or not all(isinstance(text, str) for text in row[field]):
            return f"expected a list of texts in `{field}`"
    if row["choices"] and (row["answer"] not in row["choices"] or row["question"].count(GAP) != 1):
        return f"with `choices`, the answer must be one of them and the question have one gap {GAP}"
    return None
