"""A lexical index of documents on disk: BM25, with the documents that hold the query's names in full put first.

Tantivy keeps it: segments that are memory-mapped, added to without rebuilding, and committed all or nothing. Words are
lowercased, freed of accents and stemmed; a language written without spaces is found by whole clauses only.

BM25 alone (Robertson & Zaragoza 2009; k1 = 1.2, b = 0.75) takes a page that says `Ada Moss` three times and `Baker`
once for one about Ada Baker. So each name of the query that stands somewhere in full adds PHRASE to the passages it
stands in, which is more than BM25 can give: these come first, and BM25 orders them. An index opened with `named` finds
nothing else: where nobody has written of Ada Baker, no page about somebody of half her name is an answer.
"""

import json
import os
import pathlib
import re
import shutil
from collections.abc import Iterable, Sequence

from jaxlm.errors import UserError
from jaxlm.files import read_json, write_json
from jaxlm.honesty.search.hits import Hit
from jaxlm.honesty.search.names import names, parts
from jaxlm.honesty.search.passages import passages
from jaxlm.progress import track

FORMAT = 1
PHRASE = 1000.0
TIE = 1e-3  # scores this near are equal: sums in 32 bits differ with the segments that passages happen to lie in
MAX_TERMS = 40  # different words of a query that count; with them BM25 stays below PHRASE
MEMORY = 64_000_000  # bytes that the writer fills before it writes a segment
# Values of a field are apart from one another: no phrase reaches from one clause into the next. Initials end none.
_CLAUSE_END = re.compile(r"(?<!\b\w)\.\s|[!?;:,|]\s|\n")
LANGUAGES = (
    *("arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "italian"),
    *("norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish"),
)


def build(
    folder: str | os.PathLike, documents: Iterable[dict], words: int = 100, language: str = "english"
) -> dict[str, int]:
    """Indexes documents in place of what the folder held, which stays whole until the new index is.

    Args:
        folder: where the index will be.
        documents: rows as jaxlm.crawl.documents.read_documents gives them; `text` is needed, the source is the row's
            `url` or else `id`, the title is in `metadata`.
        words: length of a passage; see jaxlm.honesty.search.passages.
        language: of the stemmer, one of LANGUAGES; "" for none.
    Returns:
        Numbers of documents and passages.
    """
    if language and language not in LANGUAGES:
        raise UserError(f"language={language!r}: expected one of {', '.join(LANGUAGES)}, or nothing for no stemming")
    folder = pathlib.Path(folder)
    temporary = folder.with_name(f".tmp-{folder.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    (temporary / "segments").mkdir(parents=True)
    write_json(temporary / "index.json", dict(format=FORMAT, words=words, language=language))
    counts = _write(_tantivy(temporary / "segments", language), documents, words, first=0, replace=False)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(temporary, folder)
    return counts


def add(folder: str | os.PathLike, documents: Iterable[dict]) -> dict[str, int]:
    """Adds documents to an index, each in place of what has the same source; returns what `build` does.

    All or nothing: a process that is killed leaves the index as it was. An `Index` that is open does not see them.
    """
    index = Index.open(folder)
    return _write(index.tantivy, documents, index.words, first=index.next_number(), replace=True)


class Index:
    """An index opened for searching; made by `Index.open`. Its files are memory-mapped.

    Attributes:
        tantivy: the library's index.
        words: length of a passage.
        named: whether a passage must hold each name of a query in full, to be found.
    """

    def __init__(self, tantivy, words: int, language: str, named: bool = False):
        self.tantivy, self.words, self.named = tantivy, words, named
        self._searcher, self._schema = tantivy.searcher(), tantivy.schema
        self._plain, self._stems = _analyzer(""), _analyzer(language)

    @classmethod
    def open(cls, folder: str | os.PathLike, named: bool = False) -> "Index":
        """Raises UserError when the folder holds no index of this version."""
        folder = pathlib.Path(folder)
        if not folder.is_dir():
            raise UserError(f"{folder}: no such index; has the phase that builds it run?")
        about = read_json(folder / "index.json")
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            raise UserError(f"{folder}/index.json: not an index of this version: build it again")
        try:
            return cls(_tantivy(folder / "segments", about["language"]), about["words"], about["language"], named)
        except (KeyError, OSError, ValueError) as error:
            raise UserError(f"{folder}: the index is damaged ({str(error)[:100]}): build it again") from None

    def __len__(self) -> int:
        """Number of passages."""
        return self._searcher.num_docs

    def search(self, query: str, k: int) -> list[Hit]:
        """The k best passages, the best first; fewer if fewer share a word with the query.

        The query is plain text: it has no operators. A score is BM25, plus PHRASE for each name that stands in the
        passage or its title. Passages with equal scores come in the order in which they were added.
        """
        parsed, k = self._query(query), min(k, len(self))
        if parsed is None or k < 1:
            return []
        hits = self._best(parsed, k)
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        order = sorted(range(len(hits)), key=lambda i: (-round(hits[i][0] / TIE), numbers[i]))
        return [_hit(hits[i][0], self._searcher.doc(hits[i][1])) for i in order[:k]]

    def search_many(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """`search` for each query."""
        return [self.search(query, k) for query in queries]

    def next_number(self) -> int:
        """The number of the next passage that is added."""
        from tantivy import Query

        last = self._searcher.search(Query.all_query(), limit=1, count=False, order_by_field="number").hits
        return last[0][0] + 1 if last else 0

    def _best(self, parsed, k: int) -> list[tuple]:
        """Scores and addresses of the k best passages, and of all that tie with the last of them."""
        limit = k + 8
        while True:
            hits = self._searcher.search(parsed, limit=limit, count=False).hits
            least = hits[min(k, len(hits)) - 1][0] - TIE if hits else 0.0
            if len(hits) < limit or hits[-1][0] < least:
                return [hit for hit in hits if hit[0] >= least]
            limit *= 4

    def _query(self, query: str):
        """The query in tantivy's terms; None when it has no words."""
        from tantivy import Occur, Query

        query = query.encode("utf-8", "replace").decode()  # JSON can spell half a character
        terms = list(dict.fromkeys(self._stems.analyze(query)))[:MAX_TERMS]
        if not terms:
            return None
        clauses = [(Occur.Should, Query.term_query(self._schema, "stems", term)) for term in terms]
        for name in names(query):
            phrases = [self._phrase(name)] if self.named else self._phrases(name)
            kind = Occur.Must if self.named else Occur.Should
            clauses += [(kind, Query.const_score_query(phrase, PHRASE)) for phrase in phrases]
        return Query.boolean_query(clauses)

    def _phrase(self, words: list[str]):
        from tantivy import Query

        analyzed = self._plain.analyze(" ".join(words))
        if len(analyzed) > 1:
            return Query.phrase_query(self._schema, "exact", analyzed)
        return Query.term_query(self._schema, "exact", "".join(analyzed))

    def _phrases(self, name: list[str]) -> list:
        """The name as a phrase if it stands in some passage, else its longest parts that do."""
        for spans in parts(name):
            phrases = [self._phrase(span) for span in spans]
            found = [phrase for phrase in phrases if self._searcher.search(phrase, limit=1, count=False).hits]
            if found:
                return found
        return []


def _hit(score: float, row) -> Hit:
    title, text = (bytes(row.get_first(field)).decode() for field in ("title", "text"))
    return Hit(row.get_first("source"), title, text, score)


def _tantivy(folder: pathlib.Path, language: str):
    """The library's index in a folder, made if there is none."""
    import tantivy

    if (folder / "meta.json").exists():
        index = tantivy.Index.open(str(folder))
    else:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("source", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_bytes_field("title", stored=True)  # a text field would be indexed as well
        schema.add_bytes_field("text", stored=True)
        schema.add_text_field("exact", tokenizer_name="plain", index_option="position")
        schema.add_text_field("stems", tokenizer_name="stems", index_option="freq")
        schema.add_unsigned_field("number", stored=True, fast=True)
        index = tantivy.Index(schema.build(), path=str(folder))
    index.register_tokenizer("plain", _analyzer(""))
    index.register_tokenizer("stems", _analyzer(language))
    return index


def _analyzer(language: str):
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    builder = builder.filter(Filter.remove_long(64)).filter(Filter.lowercase()).filter(Filter.ascii_fold())
    return (builder.filter(Filter.stemmer(language)) if language else builder).build()


def _write(index, documents: Iterable[dict], words: int, first: int, replace: bool) -> dict[str, int]:
    """Adds documents in one commit by one thread, so that their order is theirs."""
    try:
        writer = index.writer(heap_size=MEMORY, num_threads=1)
    except ValueError:
        raise UserError("the index is being written by another process: wait until it has ended") from None
    count, number = 0, first
    with track(None, "index", "documents") as progress:
        for document in documents:
            source = document.get("url") or document["id"]
            if replace:
                writer.delete_documents_by_term("source", source)
            for text in passages(document["text"], title := _title(document), words):
                writer.add_document(_row(source, title, text, number))
                number += 1
            count += 1
            progress.advance()
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    return dict(documents=count, passages=number - first)


def _title(document: dict) -> str:
    metadata = document.get("metadata") or {}
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    return str(metadata.get("title") or "")


def _row(source: str, title: str, text: str, number: int):
    import tantivy

    row = tantivy.Document()
    row.add_text("source", source)
    row.add_bytes("title", title.encode())
    row.add_bytes("text", text.encode())
    row.add_unsigned("number", number)
    for part in (title, text):
        row.add_text("stems", part)
        for clause in _CLAUSE_END.split(part):
            row.add_text("exact", clause)
    return row
