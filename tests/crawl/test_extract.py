import collections
import contextlib
import gzip
import io
import json
import re
import tarfile

import pytest

from jaxlm.crawl import extract as module
from jaxlm.crawl.encoding import decode
from jaxlm.crawl.extract import OutOfTime, extract
from jaxlm.errors import UserError

JAPANESE = '<meta charset="shift_jis">むかしむかし'


@pytest.mark.parametrize("extractor", module.EXTRACTORS)
def test_main_text_without_what_surrounds_it(html, prose, extractor):
    title, text = extract(html("Tolm"), extractor)
    assert title == "Tolm"
    assert text == "Tolm\n" + prose("Tolm")


def test_a_page_without_text():
    assert extract("", "trafilatura") == ("", "")
    assert extract("<html><body><script>var a = 1;</script></body></html>", "trafilatura")[1] == ""


def test_a_page_that_takes_too_long_is_given_up(html, monkeypatch):
    def endless(_):
        while True:
            with contextlib.suppress(Exception):  # as extractors do
                sum(range(1000))

    monkeypatch.setattr(module, "CPU_SECONDS", 0.05)
    monkeypatch.setattr(module, "_trafilatura", endless)
    with pytest.raises(OutOfTime):
        extract(html(), "trafilatura")


def test_an_unknown_extractor_is_named():
    with pytest.raises(UserError, match=r"config\.crawl\.extractor.*found magic"):
        module.check_extractor("magic")


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        ("Märchen".encode(), None, ("Märchen", "utf-8")),
        ("Märchen".encode(), "iso-8859-1", ("Märchen", "utf-8")),
        ("\ufeffMärchen".encode(), None, ("Märchen", "utf-8")),
        ("Märchen".encode("latin-1"), "ISO-8859-1", ("Märchen", "cp1252")),
        ("Сказка о рыбаке".encode("koi8-r"), "koi8-r", ("Сказка о рыбаке", "koi8-r")),
        (JAPANESE.encode("shift_jis"), None, (JAPANESE, "shift_jis")),
        ("Märchen".encode("utf-16"), None, ("Märchen", "utf-16-le")),
    ],
)
def test_encodings(data, declared, expected):
    assert decode(data, declared) == expected


def test_bytes_that_fit_no_encoding_are_dropped():
    assert decode(b"one \xff\xfe\x00 two", "bogus")[0].startswith("one")


@pytest.mark.real
@pytest.mark.slow
def test_extraction_on_news_pages(real_data):
    """F1 of 4-word shingles as in scrapinghub's article-extraction-benchmark; trafilatura's figure there is 0.96."""
    truth = json.loads((real_data / "html" / "scrapinghub_ground-truth.json").read_text())
    scores = []
    with tarfile.open(real_data / "html" / "scrapinghub_html.tar") as tar:
        for member in tar.getmembers():
            name = member.name.rpartition("/")[2].removesuffix(".html.gz")
            if name in truth:
                page = gzip.decompress(io.BytesIO(tar.extractfile(member).read()).getvalue())
                text = extract(decode(page)[0], "trafilatura")[1]
                scores.append(_precision_recall(text, truth[name]["articleBody"]))
    precision, recall = (sum(values) / len(values) for values in zip(*scores, strict=True))
    assert len(scores) == 181
    assert 2 * precision * recall / (precision + recall) > 0.95


def _precision_recall(found, expected):
    a, b = (_shingles(text) for text in (found, expected))
    shared = (a & b).total()
    return shared / max(1, a.total()), shared / max(1, b.total())


def _shingles(text):
    words = re.findall(r"\w+", text)
    return collections.Counter(zip(*(words[i:] for i in range(4))))
