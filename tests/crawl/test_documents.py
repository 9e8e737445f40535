import pyarrow.parquet
import pytest

from jaxlm.crawl import documents
from jaxlm.crawl.documents import COLUMNS, read_documents, write_documents
from jaxlm.errors import UserError


def rows(count):
    return [{name: f"{name} {number}" for name in COLUMNS} for number in range(count)]


def test_rows_come_back_in_order_over_several_files(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "PART_BYTES", 50)
    assert write_documents(tmp_path / "d", (row | {"more": 1} for row in rows(20))) == 20
    assert len(list((tmp_path / "d").glob("part-*.parquet"))) > 1
    assert list(read_documents(tmp_path / "d")) == rows(20)
    assert pyarrow.parquet.read_schema(tmp_path / "d" / "part-00000.parquet").names == list(COLUMNS)


def test_writing_replaces_what_was_there(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "PART_BYTES", 50)
    write_documents(tmp_path / "d", rows(20))
    write_documents(tmp_path / "d", rows(2))
    assert list(read_documents(tmp_path / "d")) == rows(2)


def test_no_documents(tmp_path):
    with pytest.raises(UserError, match="no documents"):
        next(read_documents(tmp_path))
