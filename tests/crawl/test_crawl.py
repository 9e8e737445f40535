"""The phase as a whole, on hand-made files and on a small micro-web."""

import json

import pytest

from jaxlm import files
from jaxlm.config import defaults
from jaxlm.crawl import clean, parts
from jaxlm.crawl.documents import read_documents
from jaxlm.errors import UserError
from jaxlm.phases import crawl as phase

OTHER = (
    "A kettle of soup was on the stove, and the cook had gone out to the garden to cut chives.\n"
    "When she came back the cat sat on the chair with the look of one that knows nothing about any soup at all.\n"
    "So there was bread for supper, and nobody complained, for the bread of that house is the best in the valley.\n"
)
LONG_GERMAN = "Der Hafen wurde von der alten Gilde gebaut und wird seither von ihr in Ordnung gehalten. " * 8


@pytest.fixture
def config(tmp_path):
    config = defaults()
    config.crawl.source = "files"
    config.crawl.paths = (str(tmp_path / "in"),)
    config.crawl.workers = 1
    return config


@pytest.fixture
def crawled(tmp_path, config, record, html, prose):
    """A WARC file and a text file, with a reason for each stage to remove something."""
    (tmp_path / "in").mkdir()
    pages = [
        record(html("Tolm"), url="http://a.example/0"),
        record("gone", url="http://a.example/1", status="404 Not Found"),
        record(html("Hafen", LONG_GERMAN), url="http://a.example/2"),
        record(html("Short", "Too short to be of use to the reader."), url="http://a.example/3"),
        record("<html><body></body></html>", url="http://a.example/4"),
        record(html("Tolm").replace("Home", "Start"), url="http://a.example/5"),
        record(html("Tolm", prose("Tolm") + "\nWrite to warden@tolm.example today."), url="http://a.example/6"),
        record("x" * 3_000_000, url="http://a.example/7"),
    ]
    (tmp_path / "in" / "a.warc.gz").write_bytes(b"".join(pages))
    (tmp_path / "in" / "b.txt").write_text(OTHER)
    return config


def test_the_funnel_tells_what_happened_to_every_page(tmp_path, crawled):
    summary = phase.run(crawled, tmp_path)
    removed = {row["stage"]: {entry["reason"]: entry["count"] for entry in row["removed"]} for row in summary["rows"]}
    assert removed == {
        "read": {"HTTP status": 1, "larger than max_page_bytes": 1},
        "extract": {"no text": 1},
        "language": {"other language": 1},
        "quality": {"too few words": 1},
        "duplicate": {"exact duplicate": 1, "near duplicate": 1},
    }
    for row in summary["rows"]:
        assert row["in"] - row["out"] == sum(entry["count"] for entry in row["removed"])
    for before, after in zip(summary["rows"], summary["rows"][1:], strict=False):
        assert (before["out"], before["bytes_out"]) == (after["in"], after["bytes_in"])
    documents = list(read_documents(tmp_path / "crawl" / "documents"))
    assert [(row["url"], row["source"], row["language"]) for row in documents] == [
        ("http://a.example/0", "a.warc.gz", "en"),
        ("", "b.txt", "en"),
    ]
    assert documents[1]["text"] == OTHER
    assert json.loads(documents[0]["metadata"])["title"] == "Tolm"
    assert summary["bytes"] == sum(len(row["text"].encode()) for row in documents)
    samples = list(files.read_jsonl(tmp_path / "crawl" / "samples.jsonl"))
    assert sorted(sample["url"][-1] for sample in samples) == list("1234567")
    assert samples[-1]["stage"] == "duplicate" and samples[-1]["kept_id"] == documents[0]["id"]
    assert samples[-1]["reason"] == "near duplicate"
    assert samples[-1]["text"].endswith("Write to [email] today.") and samples[-1]["source"] == "a.warc.gz"
    assert not (tmp_path / "crawl" / "parts").exists()


def test_the_same_documents_from_any_number_of_workers_and_after_a_cut(tmp_path, config, html, record, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in "ab":
        data = b"".join(record(html(f"{name}{number}" * 3), url=f"http://{name}/{number}") for number in range(7))
        (tmp_path / "in" / f"{name}.warc.gz").write_bytes(data)
    config.crawl.deduplicate = False
    monkeypatch.setattr(parts, "CHUNK_RECORDS", 3)
    one, two, cut = (tmp_path / name for name in ("one", "two", "cut"))
    phase.run(config, one)
    config.crawl.workers = 2
    phase.run(config, two)
    config.crawl.workers = 1
    _run_until_chunk(config, cut, 2, monkeypatch)
    assert 0 < len(list((cut / "crawl" / "parts").glob("*.parquet"))) < 5
    phase.run(config, cut)
    outputs = [_outputs(folder) for folder in (one, two, cut)]
    assert len(list(read_documents(one / "crawl" / "documents"))) == 14
    assert outputs[0] == outputs[1] == outputs[2]


def _run_until_chunk(config, workdir, chunks, monkeypatch):
    """Runs the phase and stops it after so many chunks."""
    clean, done = parts._clean_chunk, []

    def clean_or_stop(*arguments):
        if len(done) == chunks:
            raise KeyboardInterrupt
        done.append(clean(*arguments))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(parts, "_clean_chunk", clean_or_stop)
        phase.run(config, workdir)


def _outputs(workdir):
    folder = workdir / "crawl"
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_characters_that_cannot_be_stored_are_dropped(tmp_path, config, prose):
    (tmp_path / "in").mkdir()
    row = {"text": prose() + " \ud800 and \0 end.", "url": "http://a/\udfff", "title": "\ud83d"}
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps(row))
    phase.run(config, tmp_path)
    (document,) = read_documents(tmp_path / "crawl" / "documents")
    assert document["text"] == prose() + "  and  end."
    assert (document["url"], document["metadata"]) == ("http://a/", '{"title": ""}')


def test_a_damaged_file_is_told_in_the_summary(tmp_path, crawled, capsys):
    path = tmp_path / "in" / "a.warc.gz"
    path.write_bytes(path.read_bytes()[:-30])
    summary = phase.run(crawled, tmp_path)
    assert summary["warnings"] == ["a.warc.gz: the file is truncated; its complete records were read"]
    assert "warning: a.warc.gz: the file is truncated" in capsys.readouterr().out


def test_nothing_left_names_the_main_reasons(tmp_path, config):
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.txt").write_text(f"Short text {number}.")
    with pytest.raises(UserError, match=r"none of 3 pages: 3 by too few words \(quality\)"):
        phase.run(config, tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("source", "web", "config.crawl.source: expected microweb or files or tfds, found web"),
        ("extractor", "magic", "config.crawl.extractor"),
        ("paths", ("/no/such/place",), "no such file or folder: /no/such/place"),
    ],
)
def test_mistakes_in_the_config_are_named(tmp_path, config, field, value, message):
    config.crawl[field] = value
    with pytest.raises(UserError, match=message):
        phase.run(config, tmp_path)


def test_a_malformed_line_is_named_also_with_workers(tmp_path, config, prose):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps({"text": prose()}) + "\n{not json}\n")
    config.crawl.workers = 2
    with pytest.raises(UserError, match=r"a\.jsonl:2: not JSON"):
        phase.run(config, tmp_path)


@pytest.fixture(scope="module")
def micro_web(tmp_path_factory):
    config, workdir = defaults(), tmp_path_factory.mktemp("microweb")
    config.crawl.workers = 1
    config.crawl.microweb.update(people=1, tail=60, shards=2)
    return workdir, phase.run(config, workdir)


def test_junk_of_the_micro_web_is_removed_and_the_rest_kept(micro_web):
    score = micro_web[1]["score"]
    assert score["junk"]["recall"] >= 0.95
    assert score["junk"]["precision"] >= 0.95
    assert score["duplicates"]["found"] >= 0.95 * score["duplicates"]["pages"]


def test_text_of_the_micro_web_is_exact_and_without_personal_data(micro_web):
    score = micro_web[1]["score"]
    assert score["extraction"]["f1"] > 0.99
    assert score["pii"]["planted"] > 0 and score["pii"]["leaked"] == []


def test_the_beginning_of_a_text(tmp_path, config):
    text = "Soup\n\nThe soup was hot. It was on the stove, for J. Tolm. Nobody came."
    assert clean.beginning(text, 1) == "Soup"
    assert clean.beginning(text, 2) == clean.beginning(text, 5) == "Soup\n\nThe soup was hot."
    assert clean.beginning(text, 100) == text
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "soup.txt").write_text(OTHER)
    config.crawl.beginning = 10
    assert phase.run(config, tmp_path)["documents"] == 1  # judged as a whole: so little text would be removed
    [document] = read_documents(tmp_path / "crawl" / "documents")
    assert document["text"] == OTHER.splitlines()[0]
