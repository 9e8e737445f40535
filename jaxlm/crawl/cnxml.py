"""Textbooks in CNXML, the format of OpenStax's books: running text, and key sentences with the terms they explain.

A book is a folder (or a .tar, .tar.gz or .tar.zst of one) with a file `index.cnxml` or `NAME.cnxml` a module.
"""

import dataclasses
import os
import pathlib
import re
import tarfile
from collections.abc import Iterator

import zstandard
from lxml import etree

from jaxlm.errors import UserError

BLOCKS = ("para", "title", "item")  # elements that are lines of text
# What cannot be read as sentences, or is not the author's own text; the glossary repeats what the text explains.
SKIPPED = ("metadata", "glossary", "figure", "table", "media", "equation", "math", "exercise", "footnote")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst")
START, END = "\x02", "\x03"  # around a term, while its paragraph is cut into sentences
SENTENCE = re.compile(r"(?<=[.!?])[ ]+(?=[A-Z“\x02])")
LINK = "\x04"  # a link to a figure or module, which has no text of its own
REFERENCE = re.compile(rf" ?\([^()]*{LINK}[^()]*\)|{LINK}")  # "(see LINK a)" goes as a whole


@dataclasses.dataclass(frozen=True)
class Module:
    """One module of a book.

    Attributes:
      name: its file, relative to the book.
      lines: titles, paragraphs and list items, each as its sentences.
      terms: (sentence, term) for each sentence with exactly one term; the term stands in the sentence once.
    """

    name: str
    lines: list[list[str]]
    terms: list[tuple[str, str]]

    def text(self, without: frozenset[str] = frozenset()) -> str:
        """One line a title, paragraph or item, leaving out some sentences."""
        kept = (" ".join(sentence for sentence in line if sentence not in without) for line in self.lines)
        return "\n".join(line for line in kept if line)


def is_book(path: str | os.PathLike) -> bool:
    """Whether a path is a folder with .cnxml files or an archive that may be of such a folder."""
    path = pathlib.Path(path)
    return any(path.rglob("*.cnxml")) if path.is_dir() else path.name.endswith(ARCHIVES)


def read_book(path: str | os.PathLike) -> Iterator[Module]:
    """Yields the modules in the order of their names; UserError for a file that is no XML or a book without modules."""
    sources = sorted(_folder(path) if pathlib.Path(path).is_dir() else _archive(path))
    if not sources:
        raise UserError(f"{path}: no .cnxml file in it")
    for name, data in sources:
        yield read_module(name, data)


def read_module(name: str, data: bytes) -> Module:
    """One module from the bytes of its file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UserError(f"{name}: not XML ({error.msg})") from None
    marked = [SENTENCE.split(line) for line in _lines(root)]
    terms = [found for line in marked for sentence in line if (found := _term(sentence))]
    return Module(name, [[_plain(sentence) for sentence in line] for line in marked], terms)


def _folder(path: str | os.PathLike) -> list[tuple[str, bytes]]:
    root = pathlib.Path(path)
    return [(str(file.relative_to(root)), file.read_bytes()) for file in root.rglob("*.cnxml")]


def _archive(path: str | os.PathLike) -> list[tuple[str, bytes]]:
    try:
        with open(path, "rb") as raw:
            stream = zstandard.ZstdDecompressor().stream_reader(raw) if str(path).endswith(".zst") else raw
            with tarfile.open(fileobj=stream, mode="r|*") as tar:
                members = ((member, member.name) for member in tar if member.isfile())
                return [(name, tar.extractfile(member).read()) for member, name in members if name.endswith(".cnxml")]
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise UserError(f"{path}: not a tar archive, or damaged ({error})") from None


def _lines(element) -> Iterator[str]:
    """The text of each block; a block inside another one (a list in a paragraph) is a line of its own."""
    for child in element:
        tag = etree.QName(child).localname
        if tag in SKIPPED:
            continue
        if tag in BLOCKS:
            line = " ".join(REFERENCE.sub("", " ".join(_inline(child).split())).split())
            if line:
                yield line
        yield from _lines(child)


def _inline(element) -> str:
    """Text of a block without that of blocks inside it, terms between START and END."""
    parts = [element.text or ""]
    for child in element:
        tag = etree.QName(child).localname
        if tag == "term":
            parts.append(f"{START}{' '.join(_inline(child).split())}{END}")
        elif tag == "link" and not "".join(child.itertext()).strip():
            parts.append(LINK)
        elif tag not in (*SKIPPED, *BLOCKS, "list", "note"):
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _term(marked: str) -> tuple[str, str] | None:
    found = re.findall(f"{START}(.+?){END}", marked)
    if len(found) != 1:
        return None
    sentence = _plain(marked)
    return (sentence, found[0]) if sentence.lower().count(found[0].lower()) == 1 else None


def _plain(marked: str) -> str:
    return marked.replace(START, "").replace(END, "")
