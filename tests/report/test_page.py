"""The page of a whole run, of parts of one, and of a hostile one."""

import html.parser
import re
import shutil
import time

import pytest

from jaxlm.config import defaults
from jaxlm.errors import UserError
from jaxlm.files import write_json, write_jsonl
from jaxlm.phases import report
from jaxlm.report import page, training
from jaxlm.report.chapters import posttraining

VOID = {"meta", "br", "wbr", "hr"}
HONESTY = ["boundary", "honesty", "calibration", "lookup", "identity", "safety", "domain"]
CHAPTERS = ["web", "tokens", "learning", "samples", "knowledge", "posttraining", *HONESTY, "provenance"]
# Only an evaluation can fill these; others have something of their own phase to tell without one.
EVALUATED = {"knowledge", "calibration", "safety"}


class Structure(html.parser.HTMLParser):
    """Checks that tags nest, and collects tags, attributes and visible text."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += "" if self.open[-1:] == ["style"] else data


@pytest.fixture(scope="module")
def whole(fake_run) -> str:
    return page.render(fake_run)


@pytest.fixture
def copy(fake_run, tmp_path):
    return shutil.copytree(fake_run, tmp_path / "run")


def chapters(text: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', text)


def test_the_phase_writes_the_page_in_time(copy):
    start = time.perf_counter()
    result = report.run(defaults(), copy)
    assert time.perf_counter() - start < 8
    text = (copy / result["page"]).read_text()
    assert result == {"page": "report/report.html", "bytes": len(text.encode())}
    assert len(text) < 3_000_000


def test_all_chapters_are_told_and_the_tags_nest(whole):
    assert chapters(whole) == CHAPTERS
    structure = Structure(whole)
    assert structure.tags.count("figure") >= 38
    for said in (
        "14,260",
        "2,048",
        "1.02M",
        "97.8%",
        "Elin Marsh was born in",
        "95% Wilson intervals over 60 facts",
        "0123456789abcdef",
    ):
        assert said in structure.text
    assert not {"nan", "None", "null", "undefined"} & set(re.findall(r"\w+", structure.text))


def test_the_same_run_gives_the_same_bytes(whole, fake_run):
    assert page.render(fake_run) == whole


def test_ids_are_unique(whole):
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids))


def test_hostile_text_is_inert_and_readable(whole, hostile):
    structure = Structure(whole)
    assert structure.text.count(hostile) >= 8
    assert not {"script", "img", "iframe", "object", "link", "base", "form"} & set(structure.tags)
    names = {name for name, _ in structure.attributes}
    assert not [name for name in names if name.startswith("on") or name in ("src", "srcset", "data", "action")]
    targets = [value for name, value in structure.attributes if name in ("href", "xlink:href")]
    assert targets and all(value.startswith("#") for value in targets)
    assert "url(" not in re.sub(r"url\(#\w+\)", "", whole).replace(hostile, "")
    assert ("content", page.POLICY) in structure.attributes and page.POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize(
    "gone, lost",
    [
        (["finetune"], {}),
        (["finetune", "evaluate"], EVALUATED | {"posttraining"}),
        (["probe", "honesty", "search", "identity", "domain"], {"boundary", "domain"}),
        (["probe", "honesty", "search", "identity", "domain", "evaluate"], {*HONESTY, "knowledge"}),
        (["crawl", "tokenizer"], {"web", "tokens"}),
        (["pretrain", "finetune", "evaluate"], EVALUATED | {"learning", "samples", "posttraining"}),
        (["run.json"], {"provenance"}),
    ],
)
def test_what_was_not_run_is_left_out(copy, gone, lost):
    for name in gone:
        shutil.rmtree(copy / name) if (copy / name).is_dir() else (copy / name).unlink()
    text = page.render(copy)
    assert chapters(text) == [name for name in CHAPTERS if name not in lost]
    assert not re.search(
        r"<(figure|section|nav|ol|ul|table|tbody|details|div class=\"(cards|folds|columns)[^>]*)></", text
    )


def test_an_empty_folder_says_so(tmp_path):
    assert "Nothing has been run" in page.render(tmp_path)


def test_without_ground_truth_there_is_no_score_and_no_recall(copy):
    result = page.Run(copy).result("crawl")
    del result["score"]
    write_json(copy / "crawl" / "summary.json", {"fingerprint": "", "result": result})
    for name in ("recall", "verbatim", "instructions"):
        write_jsonl(copy / "evaluate" / f"{name}.jsonl", [])
    rows = [
        {
            "kind": "completion",
            "tier": None,
            "prompt": "The",
            "messages": None,
            "expected": "x",
            "base": "a",
            "tuned": "b",
        }
    ]
    write_jsonl(copy / "evaluate" / "answers.jsonl", rows)
    text = page.render(copy)
    assert chapters(text) == CHAPTERS
    assert "Checked against the truth" not in text and "How often must it read" not in text
    assert "Before and after, word for word" in text


def test_a_damaged_file_is_a_clear_error(copy):
    (copy / "pretrain" / "metrics.jsonl").write_text('{"step": 1}\n{"step"')
    with pytest.raises(UserError, match=r"metrics\.jsonl:2"):
        page.render(copy)


def test_samples_shown_are_spread_with_both_ends():
    rows = list(range(100))
    shown = training.spread(rows, 7)
    assert (shown[0], shown[-1], len(shown)) == (0, 99, 7)
    assert shown[1] - shown[0] < shown[-1] - shown[-2]  # denser early
    assert training.spread(rows[:3], 7) == rows[:3]


def test_answers_shown_take_turns_by_kind_and_tier():
    rows = [{"kind": "cloze", "tier": 0, "n": n} for n in range(9)]
    rows += [{"kind": "question", "tier": tier, "n": n} for tier in (0, 1, 64) for n in range(5)]
    rows += [{"kind": "instruction", "type": "list", "tier": None, "n": 0}]
    shown = [rows[i] for i in posttraining.varied(rows, 6)]
    assert [(row["kind"], row["tier"], row["n"]) for row in shown] == [
        ("question", 0, 0),
        ("question", 0, 1),
        ("question", 1, 0),
        ("question", 64, 0),
        ("instruction", None, 0),
        ("cloze", 0, 0),
    ]
    assert len(posttraining.varied(rows, 99)) == len(rows)
