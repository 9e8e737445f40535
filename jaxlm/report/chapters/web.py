"""Chapter: from web pages to clean documents, what each step removed, and how right it was."""

from jaxlm.report import parts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count, percent, size

ANCHOR, TITLE = "web", "Pages become clean documents"
STAGES = {
    "read": ("Read", "records that are a readable page"),
    "extract": ("Extract", "the main text, without menus and adverts"),
    "language": ("Language", "texts in a wanted language"),
    "quality": ("Quality", "texts that read like prose"),
    "duplicate": ("Duplicates", "one of each"),
}
PERSONAL = {"email": "e-mail addresses", "ip": "IP addresses", "phone": "phone numbers"}
NO_LANGUAGE = {"zxx": "none", "und": "unclear"}  # of ISO 639-2
SAMPLE_CHARACTERS = 400
SHOWN_REASONS = 12
SHOWN_LANGUAGES = 6


def chapter(run: Run) -> Markup | None:
    result = run.result("crawl")
    lead = (
        "A language model is made of what it reads, and the web is mostly not worth reading: menus, adverts, copies "
        "of copies, noise. Before anything is learned, pages become clean documents, and every removal has a reason "
        "on record."
    )
    return parts.chapter(
        ANCHOR, TITLE, lead, _funnel(result, run.rows("crawl/samples.jsonl")), _score(result.get("score"))
    )


def _funnel(result: dict, samples: list[dict]) -> Markup | None:
    stages = result.get("rows")
    if not stages or not stages[0]["in"]:
        return None
    total = stages[0]["in"]
    steps = [_stage(row, total, [sample for sample in samples if sample["stage"] == row["stage"]]) for row in stages]
    end = element(
        "div",
        element(
            "div",
            element("b", f"{stages[-1]['out']:,} documents"),
            element("span", size(stages[-1]["bytes_out"])),
            class_="line",
        ),
        class_="step",
    )
    legend = element(
        "ul",
        [
            element("li", element("span", class_=f"swatch s{color}"), text)
            for color, text in ((1, "goes on"), (2, "removed here"))
        ],
        class_="legend",
    )
    title = f"Of {total:,} pages, {stages[-1]['out']:,} were kept"
    return parts.figure(title, join(legend, steps, end), _caption(result, total))


def _caption(result: dict, total: int) -> str:
    files = f"{result['files']:,} file{'s' * (result['files'] != 1)}"
    said = (
        f"A bar's full length is all {total:,} records read from {files}. Bytes are those of the records before "
        "extraction and those of the text after it. "
    )
    languages = list(result["languages"].items())
    if len(languages) > 1:
        told = ", ".join(f"{NO_LANGUAGE.get(name, name)} {n:,}" for name, n in languages[:SHOWN_LANGUAGES])
        said += f"Languages found: {told}{' and others' * (len(languages) > SHOWN_LANGUAGES)}. "
    replaced = ", ".join(f"{n:,} {PERSONAL.get(name, name)}" for name, n in result["pii"].items() if n)
    said += f"Personal data replaced in what was kept: {replaced}. " if replaced else ""
    return said + "Unfold a step to read what it removed: up to five samples of each reason, a fair draw."


def _stage(row: dict, total: int, samples: list[dict]) -> Markup:
    name, keeps = STAGES.get(row["stage"], (row["stage"], ""))
    lost = row["in"] - row["out"]
    bar = element(
        "div",
        element("i", class_="s1", style=f"width:{100 * row['out'] / total:.2f}%"),
        element("i", class_="s2", style=f"width:{100 * lost / total:.2f}%") if lost else None,
        class_="stack",
        role="img",
        aria_label=f"{name}: {row['in']:,} in, {row['out']:,} out",
    )
    line = element(
        "div",
        element("span", element("b", name), " ", element("span", keeps, class_="soft")),
        element(
            "span", f"{row['out']:,}", element("span", f" · {size(row['bytes_out'])}", class_="soft"), class_="value"
        ),
        class_="line",
    )
    return element("div", line, bar, _reasons(row, lost, samples) if lost else None, class_="step")


def _reasons(row: dict, lost: int, samples: list[dict]) -> Markup:
    shown = row["removed"][:SHOWN_REASONS]
    told = ", ".join(f"{entry['reason']} {entry['count']:,}" for entry in shown[:3])
    blocks = [
        join(
            element(
                "h4",
                f"{entry['reason']}: {entry['count']:,}",
                element("span", f" (rule of {entry['rule_of']})", class_="soft") if entry.get("rule_of") else None,
            ),
            [_sample(sample) for sample in samples if sample["reason"] == entry["reason"]],
        )
        for entry in shown
    ]
    rest = row["removed"][SHOWN_REASONS:]
    if rest:
        blocks.append(
            element(
                "p",
                f"{len(rest)} more reasons: " + ", ".join(f"{entry['reason']} {entry['count']:,}" for entry in rest),
            )
        )
    return parts.fold(
        f"{lost:,} removed ({percent(lost / row['in'], 1)}): {told}{' …' * (len(row['removed']) > 3)}", blocks
    )


def _sample(sample: dict) -> Markup:
    url = element("small", sample["url"] or sample["source"], class_="soft below")
    text = sample["text"].replace("\n", " ⏎ ")
    text = text[:SAMPLE_CHARACTERS].rstrip() + " …" * (len(text) > SAMPLE_CHARACTERS)
    return element("blockquote", url, text) if text else url


def _score(score: dict | None) -> Markup | None:
    if not score:
        return None
    junk, extraction, copies, personal = score["junk"], score["extraction"], score["duplicates"], score["pii"]
    shown = parts.cards(
        [
            parts.card(
                percent(junk["precision"], 1),
                "of what was removed was junk",
                f"precision: {junk['removed_junk']:,} of {junk['removed']:,} removed pages",
            ),
            parts.card(
                percent(junk["recall"], 1),
                "of the junk was removed",
                f"recall: {junk['removed_junk']:,} of {junk['junk']:,} junk pages",
            ),
            _share(copies["found"], copies["pages"], "of the copies were found", "planted duplicates"),
            _share(
                personal["removed"],
                personal["planted"],
                "of personal data was removed",
                "planted addresses and numbers",
            ),
            parts.card(
                f"{extraction['f1']:.3f}",
                "word F1 of extracted text",
                f"mean of {extraction['pages']:,} clean pages; {percent(extraction['exact'])} word for word",
            ),
        ]
    )
    kinds = parts.table(
        ("kind of page", "pages", "of them junk", "removed"),
        [
            (name.replace("_", " "), f"{row['pages']:,}", f"{row['junk']:,}", f"{row['removed']:,}")
            for name, row in score["kinds"].items()
        ],
        numeric=(1, 2, 3),
    )
    caption = (
        f"This web was generated, so the truth about each of its {count(junk['pages'])} pages is known, to this "
        "scoring but never to the cleaning. All pages are counted, none are sampled: the only noise is that of the "
        "one world drawn from this seed."
    )
    return parts.figure(
        "Was it right? Checked against the truth",
        shown,
        caption,
        parts.fold("By kind of page", kinds),
        _mistakes(score["mistakes"]),
    )


def _share(part: int, whole: int, label: str, of: str) -> Markup | None:
    return parts.card(percent(part / whole, 1), label, f"{part:,} of {whole:,} {of}") if whole else None


def _mistakes(mistakes: list[dict]) -> Markup | None:
    if not mistakes:
        return None
    rows = [
        (row["url"], row["kind"].replace("_", " "), f"removed: {row['reason']}" if row["removed"] else "kept")
        for row in mistakes
    ]
    return parts.fold(
        f"Its mistakes ({len(rows)} shown, 50 at most)",
        parts.table(("page", "what it is", "what happened"), rows, stack=True),
    )
