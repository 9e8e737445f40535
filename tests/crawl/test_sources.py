import gzip
import json

import pyarrow
import pyarrow.parquet
import pytest
import zstandard

from jaxlm.crawl.records import TEXT
from jaxlm.crawl.sources import find_files
from jaxlm.errors import UserError

WIKI = '<doc id="12" url="http://w.example/?curid=12" title="Tolm">\nTolm\n\nTolm is a town.\n\n</doc>\n'


def read(*paths):
    warnings = []
    return [record for found in find_files(tuple(map(str, paths))) for record in found.read(warnings)], warnings


def test_a_folder_is_read_in_order_and_other_files_are_passed_over(tmp_path):
    for name in ("b.txt", "a.md", "sub/c.txt", "notes.pdf", ".hidden/d.txt", ".e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    records, _ = read(tmp_path)
    assert [(record.source, record.body, record.kind) for record in records] == [
        (name, name, TEXT) for name in ("a.md", "b.txt", "sub/c.txt")
    ]
    assert [record.source for record in read(tmp_path / "*.txt")[0]] == ["b.txt"]


def test_overlapping_paths_are_read_once_and_names_stay_unique(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(folder)
    (tmp_path / "one" / "b.txt").write_text("b")
    records, _ = read(tmp_path / "one", tmp_path / "one" / "*.txt", tmp_path / "two")
    assert [record.body for record in records] == ["one", "b", "two"]
    assert [record.source for record in records] == [f"{tmp_path}/one/a.txt", "b.txt", f"{tmp_path}/two/a.txt"]


def test_every_text_format(tmp_path):
    row = {"text": "Hello.", "url": "http://a.example/", "date": "2024-01-02", "score": 3, "nothing": None}
    line = json.dumps(row)
    (tmp_path / "a.jsonl").write_text(line + "\n\n" + line + "\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    (tmp_path / "c.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(line.encode()))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "d.parquet")
    records, _ = read(tmp_path)
    assert [(record.source, record.number) for record in records] == [
        ("a.jsonl", 0), ("a.jsonl", 2), ("b.jsonl.gz", 0), ("c.jsonl.zst", 0), ("d.parquet", 0),
    ]  # fmt: skip
    for record in records:
        assert (record.body, record.url, record.date) == ("Hello.", "http://a.example/", "2024-01-02")
        assert record.metadata == {"score": 3}


def test_text_is_not_altered(tmp_path):
    text = "  First\r\n\r\n\tCitizen: é\n\n"
    (tmp_path / "a.txt").write_bytes(text.encode())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(text.encode("utf-8-sig")))
    assert [record.body for record in read(tmp_path)[0]] == [text, text]


def test_other_encodings_are_read_with_a_warning(tmp_path):
    (tmp_path / "a.txt").write_bytes("Es war einmal ein Müller, der hatte eine schöne Tochter.".encode("latin-1"))
    (record,), warnings = read(tmp_path)
    assert "Müller" in record.body
    assert len(warnings) == 1 and warnings[0].startswith("a.txt: not UTF-8")


def test_wikiextractor_files_are_split_into_articles(tmp_path):
    (tmp_path / "wiki_00").write_text(WIKI + WIKI.replace("12", "13"))
    (tmp_path / "LICENSE").write_text("Do what you like.")
    first, second = read(tmp_path)[0]
    assert (first.body, first.url) == ("Tolm\n\nTolm is a town.", "http://w.example/?curid=12")
    assert first.metadata == {"id": "12", "title": "Tolm"} and second.metadata["id"] == "13"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x"}\n{"text": "y"\n', r"a\.jsonl:2: not JSON \(Expecting ',' delimiter at column 13\)"),
        ("a.jsonl", '{"text": "x"}\n[1]\n', r"a\.jsonl:2: expected a JSON object, found list"),
        ("a.jsonl", '{"content": "x"}\n', r"a\.jsonl:1: expected a string field `text`, found content"),
        ("a.jsonl.gz", "not compressed", r"a\.jsonl\.gz: damaged or not compressed"),
        ("a.parquet", "PAR?", r"a\.parquet: not a parquet file"),
        ("a.tar", "x", r"nothing to read in .*a\.tar"),
    ],
)
def test_malformed_files_are_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        read(tmp_path / name)


def test_a_parquet_file_without_text_names_its_columns(tmp_path):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"body": "x", "id": 1}]), tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"expected a column `text`, found body, id"):
        read(tmp_path)


def test_a_damaged_parquet_file_is_named(tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"text": ["some text"] * 999 + ["more"]}), tmp_path / "a.parquet")
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[4:60] = bytes(56)
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.parquet, row 0 or later: damaged"):
        read(tmp_path / "a.parquet")


def test_missing_and_empty_places_are_named(tmp_path):
    with pytest.raises(UserError, match=r"no such file or folder: .*absent"):
        find_files((str(tmp_path / "absent"),))
    with pytest.raises(UserError, match=r"nothing to read in .*\*\.txt"):
        find_files((str(tmp_path / "*.txt"),))
    with pytest.raises(UserError, match=r"config\.crawl\.paths is empty"):
        find_files(())
