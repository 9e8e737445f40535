import gzip
import io
import tarfile

import pytest
import zstandard

from jaxlm.crawl.arc import read_arc
from jaxlm.crawl.records import PAGE, WEB_TEXT
from jaxlm.crawl.warc import read_warc


@pytest.fixture
def read(tmp_path):
    def read(data, reader=read_warc):
        path, warnings = tmp_path / "a.warc", []
        path.write_bytes(data)
        return list(reader(path, "a.warc", warnings)), warnings

    return read


def test_a_page_comes_with_what_its_headers_say(read, record, html):
    (page,), warnings = read(record(html(), url="http://a.example/x"))
    assert (page.kind, page.url, page.charset) == (PAGE, "http://a.example/x", "utf-8")
    assert page.date == "2024-05-06T07:08:09Z"
    assert page.body == html().encode()
    assert page.metadata == {"record_id": "urn:uuid:5f0c1a3e-0000-4000-8000-000000000001"}
    assert warnings == []


@pytest.mark.parametrize("compress", ["plain", "gzip", "one gzip", "zstd"])
def test_compressions(read, record, html, compress):
    records = [record(html(str(number)), compress=compress == "gzip") for number in range(3)]
    if compress == "one gzip":
        records = [gzip.compress(b"".join(records))]
    if compress == "zstd":
        records = [zstandard.ZstdCompressor().compress(data) for data in records]
    pages, warnings = read(b"".join(records))
    assert [page.body for page in pages] == [html(str(number)).encode() for number in range(3)]
    assert warnings == []


def test_content_encoding_is_undone_even_where_the_header_lies(read, record, html):
    packed = record(gzip.compress(html().encode()), headers="Content-Type: text/html\r\nContent-Encoding: gzip")
    lie = record(html(), headers="Content-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip")
    pages, _ = read(packed + lie)
    assert [page.body for page in pages] == [html().encode()] * 2


def test_pages_of_no_use_come_with_the_reason(read, record):
    pages, _ = read(record("gone", status="404 Not Found") + record("{}", headers="Content-Type: application/json"))
    assert [page.reason for page in pages] == ["HTTP status", "not HTML"]


def test_a_missing_content_type_is_sniffed(read, record, html):
    pages, _ = read(record(html(), headers="Server: x") + record("just words", headers="Server: x"))
    assert [page.reason for page in pages] == ["", "not HTML"]


@pytest.mark.parametrize("compress", [True, False])
def test_reading_goes_on_after_a_broken_record(read, record, html, compress):
    records = [record(html(str(number)), url=f"http://a.example/{number}", compress=compress) for number in range(4)]
    records[1] = b"JUNK" + records[1][4:]
    pages, warnings = read(b"".join(records))
    assert [page.url[-1:] for page in pages if not page.reason] == ["0", "2", "3"]
    assert [page.reason for page in pages if page.reason] == ["broken record"]
    (line,) = warnings
    assert line.startswith("a.warc: 1 broken record")


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("left", [0.2, 0.9])
def test_a_truncated_file_yields_its_complete_records_and_one_line(read, record, html, compress, left):
    first, last = (record(html(name), compress=compress) for name in ("one", "two"))
    pages, warnings = read(first + last[: int(len(last) * left)])
    assert [page.body for page in pages if not page.reason] == [html("one").encode()]
    assert warnings == ["a.warc: the file is truncated; its complete records were read"]


@pytest.mark.parametrize("left", [0.05, 0.3, 0.8])
def test_an_archive_that_ends_in_a_record_of_no_use_is_truncated_too(read, record, html, left):
    last = record("GET / HTTP/1.1", compress=False).replace(b"WARC-Type: response", b"WARC-Type: request")
    whole = record(html(), compress=False) + last
    assert read(whole)[1] == []
    assert read(whole[: len(whole) - int(len(last) * (1 - left))])[1] == [
        "a.warc: the file is truncated; its complete records were read"
    ]


def test_what_is_no_archive_at_all_is_not_fatal(read):
    pages, warnings = read(b"# Read me\nThis is no WARC file.\n")
    assert [page.reason for page in pages] == ["broken record"]
    assert len(warnings) == 1
    assert read(b"") == ([], ["a.warc: the file is empty"])


def test_wet_text(read):
    text = "Märchen".encode()
    head = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://b.example/\r\n"
    (record,), _ = read(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text + b"\r\n\r\n")
    assert (record.kind, record.body, record.url) == (WEB_TEXT, "Märchen", "http://b.example/")


def test_arc(read, html):
    http = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + html().encode()
    header = b"http://c.example/a b 1.2.3.4 20080430204826 text/html %d\n" % len(http)
    description = b"filedesc://x.arc 0.0.0.0 20080430204825 text/plain 4\n1 0\n\n"
    pages, warnings = read(description + header + http + b"\n", read_arc)
    assert [(page.url, page.date, page.body) for page in pages] == [
        ("http://c.example/a b", "2008-04-30T20:48:26Z", html().encode())
    ]
    assert warnings == []
    pages, warnings = read(gzip.compress(header + http)[:-20], read_arc)
    assert [page.reason for page in pages] == ["truncated record"]
    assert len(warnings) == 1


@pytest.mark.real
def test_real_archives_are_all_read(real_data, tmp_path):
    counts, damaged = {}, []
    for name, data in _archives(real_data / "warc"):
        path, warnings = tmp_path / "archive", []
        path.write_bytes(data)
        reader = read_arc if ".arc" in name else read_warc
        counts[name] = sum(not record.reason for record in reader(path, name, warnings))
        damaged += [name] if warnings else []
    assert len(counts) > 60
    assert counts["whirlwind.warc.gz"] == counts["whirlwind.warc.wet.gz"] == 1
    assert counts["aut_example.warc.gz"] == counts["aut_example.arc.gz"] == 94  # the same crawl in both formats
    assert counts["resiliparse_warcfile.warc.gz"] == counts["resiliparse_warcfile.warc.lz4"] == 16
    assert counts["resiliparse_clueweb-quirk.warc.gz"] == 29  # bare newlines, headers of the encoded body
    assert {"resiliparse_clipped.warc.gz", "example-trunc.warc", "bad.arc"} <= set(damaged)


def _archives(folder):
    """Names and bytes of all archives, those inside tar files too."""
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(".tar.zst"):
            yield path.name, path.read_bytes()
            continue
        with zstandard.open(path) as stream, tarfile.open(fileobj=io.BytesIO(stream.read())) as tar:
            for member in tar.getmembers():
                if member.isfile():
                    yield member.name.rpartition("/")[2], tar.extractfile(member).read()
