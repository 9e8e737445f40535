"""What is written can be read back and extracted."""


def test_warc_gives_every_page_of_the_truth(rows, web):
    from fastwarc.warc import ArchiveIterator

    pages = {page["url"]: page for page in rows("truth/pages.jsonl")}
    found = {}
    for path in sorted((web[0] / "web").glob("pages-*.warc.gz")):
        with open(path, "rb") as file:
            for record in ArchiveIterator(file, auto_decode="all"):
                if record.headers["WARC-Type"] == "response":
                    found[record.headers["WARC-Target-URI"]] = record.http_headers.status_code, record.reader.read()
    assert len(pages) == web[1]["pages"] and found.keys() == pages.keys()
    for url, page in pages.items():
        status, body = found[url]
        assert (status == 200) == (page["kind"] != "http_error")
        if page["keep"]:
            assert page["text"].split("\n")[0] in body.decode().replace("&amp;", "&")


def test_extraction_gives_back_the_text(rows, web):
    import trafilatura
    from fastwarc.warc import ArchiveIterator

    texts = {page["url"]: page["text"] for page in rows("truth/pages.jsonl") if page["keep"]}
    right = total = 0
    with open(web[0] / "web/pages-00000.warc.gz", "rb") as file:
        for record in ArchiveIterator(file, auto_decode="all"):
            url = record.headers.get("WARC-Target-URI", "")
            if record.headers["WARC-Type"] == "response" and url in texts:
                total += 1
                right += trafilatura.extract(record.reader.read(), fast=True) == texts[url]
    assert total > 50 and right / total >= 0.97
