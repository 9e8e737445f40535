"""The opening: what was built, in one sentence, and the figures to remember."""

from jaxlm.report import parts
from jaxlm.report.chapters import calibration, honesty, lookup
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count, duration, percent, size
from jaxlm.report.proportions import noise, pick

TAUGHT = {
    "finetune": "taught it to converse",
    "honesty": "to say when it is not sure",
    "search": "to look things up",
    "identity": "to know who it is",
}
OFTEN = 64  # pages that state a fact: from here on a reader would call it well known


def title(run: Run) -> str:
    """The experiment's title, or its name."""
    return run.config("report").get("title") or run.config().get("name") or "A model's life"


def chapter(run: Run) -> Markup:
    return join(
        element("p", "The life of a language model", class_="kicker"),
        element("h1", title(run)),
        element("p", sentence(run), class_="sentence"),
        parts.cards(
            [_time(run), _model(run), *_recall(run), _junk(run), _bits(run), _instructions(run), *_limits(run)]
        ),
    )


def sentence(run: Run) -> str:
    """What was built, from what the run's files say; clauses about what was not run are left out."""
    crawl, tokenizer, pretrain = (run.result(name) for name in ("crawl", "tokenizer", "pretrain"))
    clauses = []
    if crawl:
        clauses.append(f"read {crawl['rows'][0]['in']:,} pages, kept {crawl['documents']:,} of them as documents")
    if tokenizer:
        clauses.append(f"cut them into tokens of a vocabulary of {tokenizer['vocab_size']:,}")
    if pretrain:
        clauses.append(f"trained a language model of {count(pretrain['params'])} weights to predict the next one")
    for phase, clause in TAUGHT.items():
        clauses += [clause] if run.result(phase) else []
    if not clauses:
        return "Nothing has been run in this folder yet."
    told = clauses[0] if len(clauses) == 1 else ", ".join(clauses[:-1]) + f" and {clauses[-1]}"
    return f"In {duration(total(run))}, on {machine(run)}, this run {told}."


def total(run: Run) -> float:
    """Seconds of all finished phases."""
    return sum(entry.get("seconds") or 0 for entry in run.info().get("phases", {}).values())


def machine(run: Run) -> str:
    """What it ran on: accelerators where there are any, else CPU cores."""
    info = run.info()
    accelerators = [device for device in info.get("devices") or () if "cpu" not in device.lower()]
    if accelerators:
        return " and ".join(accelerators)
    cores = info.get("cores")
    return f"{cores} CPU core{'s' * (cores > 1)}" if cores else "one machine"


def _time(run: Run) -> Markup | None:
    return parts.card(duration(total(run)), "of computing, all phases", machine(run)) if total(run) else None


def _model(run: Run) -> Markup | None:
    result = run.result("pretrain")
    if not result:
        return None
    return parts.card(count(result["params"]), "weights", f"trained on {count(result['tokens'])} tokens")


def _recall(run: Run) -> list[Markup]:
    rows = pick(run.rows("evaluate/recall.jsonl"), wording="all", type="all")
    wanted = (
        ("of facts read {tier} times, completed", pick(rows, model="base", form="cloze", split="all")),
        ("of questions on facts read {tier} times", pick(rows, model="tuned", form="question", split="test")),
        ("of facts never read, guessed right", pick(rows, model="base", form="cloze", split="all", tier=0)),
    )
    made = []
    for label, found in wanted:
        shown = [row for row in found if row["tier"] == OFTEN] or found[-1:]
        made += [parts.card(percent(row["p"]), label.format(tier=row["tier"]), noise(row)) for row in shown]
    return made


def _junk(run: Run) -> Markup | None:
    junk = run.result("crawl").get("score", {}).get("junk")
    if not junk:
        return None
    right = percent(junk["precision"], 1)
    detail = f"{junk['removed_junk']:,} of {junk['junk']:,} pages; {right} of what was removed was junk"
    return parts.card(percent(junk["recall"], 1), "of the web's junk removed", detail)


def _bits(run: Run) -> Markup | None:
    rows = [row for row in run.rows("evaluate/bpb.jsonl") if row["model"] == "base" and row["data"] == "documents"]
    if not rows:
        return None
    row = rows[0]
    return parts.card(
        f"{row['bits_per_byte']:.3f}",
        "bits per byte of unseen text",
        f"± {row['se']:.3f} standard error, {row['documents']:,} documents, {size(row['bytes'])}",
    )


def _instructions(run: Run) -> Markup | None:
    rows = pick(run.rows("evaluate/instructions.jsonl"), model="tuned", check="all")
    return parts.card(percent(rows[0]["p"]), "of instructions followed", noise(rows[0])) if rows else None


def _limits(run: Run) -> list[Markup]:
    """What it knows of its own limits: two claims about refusing, the best signal, one about searching."""
    return [*honesty.key_figures(run)[:2], *calibration.key_figures(run), *lookup.key_figures(run)[:1]]
