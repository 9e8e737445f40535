"""Writes the folder of a run that never was, with every file the report reads.

Usage: `python tests/report/fake_run.py FOLDER`.
"""

import math
import pathlib
import sys

import numpy as np

from jaxlm.evals import statistics
from jaxlm.files import write_json, write_jsonl

TIERS = (0, 1, 4, 16, 64, 256)
HOSTILE = '</span></p><script>alert(1)</script><img src=http://example.com/x onerror="alert(2)">'
PHASES = {"crawl": 41.2, "tokenizer": 9.4, "pretrain": 402.7, "finetune": 88.1, "evaluate": 61.5}


def write(folder: pathlib.Path, seed: int = 0) -> pathlib.Path:
    """Writes the whole folder and returns it."""
    generator = np.random.Generator(np.random.PCG64(seed))
    write_json(folder / "run.json", record())
    write_crawl(folder / "crawl")
    write_tokenizer(folder / "tokenizer")
    write_training(folder / "pretrain", generator, 1200, (6.9, 1.35))
    write_training(folder / "finetune", generator, 200, (1.9, 0.9))
    write_samples(folder / "pretrain", "The", "Elin Marsh was born in")
    write_samples(folder / "finetune", "Where was Elin Marsh born?", HOSTILE)
    write_evaluation(folder / "evaluate", generator)
    return folder


def summary(folder: pathlib.Path, **result) -> None:
    write_json(folder / "summary.json", {"fingerprint": "0" * 64, "result": result})


def record() -> dict:
    """As `jaxlm.provenance` and `jaxlm.run` make it."""
    from jaxlm.config import defaults

    config = defaults()
    config.name = "microweb"
    started = "2026-01-02T03:04:05Z"
    return {
        "started": started,
        "config": config.to_dict(),
        "command": ["/somewhere/jaxlm/__main__.py", "--config=experiments/microweb.py", "--workdir=runs/microweb"],
        "code": {"version": "0.1.0", "commit": "0123456789abcdef0123456789abcdef01234567", "diff": "", "untracked": []},
        "packages": {
            "absl-py": "2.3.1",
            "flax": "0.12.7",
            "jax": "0.10.2",
            "jaxlib": "0.10.2",
            "numpy": "2.4.1",
            "optax": "0.2.8",
        },
        "python": "3.11.9",
        "platform": "Linux-6.1-x86_64",
        "cpu": "A Processor @ 2.50GHz",
        "cores": 2,
        "memory_bytes": 8_000_000_000,
        "environment": {"JAX_PLATFORMS": "cpu"},
        "devices": ["1 x cpu: cpu"],
        "phases": {
            name: {"started": started, "seconds": seconds, "commit": "0123456"} for name, seconds in PHASES.items()
        }
        | {"report": {"started": started, "seconds": None, "commit": "0123456"}},
    }


def write_crawl(folder: pathlib.Path) -> None:
    removed = (
        ("read", [("not HTML", 30, ""), ("truncated record", 1, "")]),
        ("extract", [("no text", 64, "")]),
        ("language", [("other language", 402, "")]),
        (
            "quality",
            [
                ("too few words", 610, "Gopher"),
                ("repeated lines", 402, "Gopher"),
                ("no stop words", 212, "Gopher"),
                (HOSTILE, 3, "C4"),
            ],
        ),
        ("duplicate", [("near duplicate", 480, ""), ("exact duplicate", 251, "")]),
    )
    rows, left = [], 14_260
    for stage, reasons in removed:
        out = left - sum(n for _, n, _ in reasons)
        told = [{"reason": reason, "count": n, "rule_of": source} for reason, n, source in reasons]
        row = {"stage": stage, "in": left, "out": out, "removed": told}
        rows.append(
            row
            | {
                "bytes_in": left * (4100 if stage in ("read", "extract") else 760),
                "bytes_out": out * (4100 if stage == "read" else 760),
            }
        )
        left = out
    text = "Win big now! Click here! " * 12 + HOSTILE
    samples = [
        {
            "stage": stage,
            "reason": reason,
            "url": f"http://example.test/{n}",
            "source": "pages-00000.warc.gz",
            "language": "en",
            "text": text,
        }
        for stage, reasons in removed
        for reason, n, _ in reasons
    ]
    write_jsonl(folder / "samples.jsonl", samples)
    kinds = {
        "clean": (11_900, 21, 0),
        "spam": (700, 690, 700),
        "near_duplicate": (480, 470, 480),
        "foreign": (402, 402, 402),
    }
    score = {
        "junk": {
            "precision": 0.991,
            "recall": 0.978,
            "junk": 2404,
            "removed": 2372,
            "removed_junk": 2351,
            "pages": 14_260,
        },
        "kinds": {name: dict(zip(("pages", "removed", "junk"), numbers)) for name, numbers in kinds.items()},
        "duplicates": {"pages": 742, "found": 731},
        "pii": {"planted": 310, "removed": 309, "leaked": ["someone@example.test"]},
        "extraction": {"f1": 0.9981, "exact": 0.973, "pages": 11_300},
        "mistakes": [
            {"url": "http://example.test/page", "kind": "clean", "removed": True, "reason": "quality / too few words"}
        ],
    }
    found = {
        "rows": rows,
        "languages": {"en": 13_763, "de": 210, "fr": 192},
        "pii": {"email": 204, "ip": 55, "phone": 51},
    }
    summary(folder, documents=left, bytes=left * 760, **found, files=4, warnings=[], score=score, seconds=41.0)


def write_tokenizer(folder: pathlib.Path) -> None:
    text = "Elin| Mar|sh| was| born| in| Mer|row|ick|,| a| town| on| the| river|.|\n|She| works| as| a| pot|ter|."
    pieces = text.split("|")
    shown = [[piece, 20 + i] for i, piece in enumerate(["<|bos|>", *pieces])]
    sizes = {"documents": 11_800, "tokens": 2_410_000, "bytes": 8_900_000, "bytes_per_token": 3.71}
    summary(
        folder,
        kind="bpe",
        vocab_size=2048,
        hash="0" * 16,
        bytes_per_token=3.66,
        train=sizes,
        heldout={"documents": 241, "tokens": 49_000, "bytes": 178_000, "bytes_per_token": 3.66},
        samples={"train": shown, "heldout": shown * 4 + [[HOSTILE, 400]]},
        token_lengths=[9000, 7000, 8100, 8000, 6100, 4000, 2500, 1500, 900, 500, 200, 90, 40, 10],
        longest=[" university of", " neighborhood", " born in the", HOSTILE, " was founded"],
    )


def write_training(folder: pathlib.Path, generator: np.random.Generator, steps: int, loss: tuple[float, float]) -> None:
    rows = []
    for step in range(0, steps + 1, steps // 60):
        share = step / steps
        value = loss[1] + (loss[0] - loss[1]) * math.exp(-7 * share)
        row = {"step": step, "loss": value + generator.normal(0, 0.03), "grad_norm": 0.4 + 2 * math.exp(-20 * share)}
        row |= {"lr": 3e-3 * min(1.0, 20 * share, (1 - share) / 0.3), "tokens_per_s": 5000 + generator.normal(0, 250)}
        rows.append(row | {"goodput": 0.86, "skipped": 0, "tokens": 8192})
        if step % (steps // 6) == 0:
            held = value + 0.06 + 0.1 * share
            rows.append({"step": step, "eval_loss": held, "eval_bpb": held / 2.4})
    write_jsonl(folder / "metrics.jsonl", rows)
    seconds = {
        "step": 350.0,
        "compile": 21.0,
        "data": 0.4,
        "eval": 14.0,
        "save": 5.0,
        "sample": 11.0,
        "restore": 0.0,
        "other": 1.3,
    }
    best = {"step": steps, "eval_loss": held, "eval_bpb": held / 2.4}
    summary(
        folder,
        params=1_020_000,
        steps=steps,
        tokens=steps * 8192,
        loss=value,
        eval_loss=held,
        eval_bpb=held / 2.4,
        best=best,
        skipped=0,
        seconds=402.7,
        tokens_per_s=5031,
        goodput={"share": 0.869, "seconds": seconds},
        sha256="0" * 64,
        conversations={"train": 2940, "heldout": 60},
        example=conversation(),
    )


def conversation() -> list[list]:
    pieces = (
        "<|bos|>|<|user|>|Where| was| Elin|?|<|end|>|<|assistant|>|In| Mer|row|ick|.|<|end|>|<|user|>|<|end|>|<|eos|>"
    )
    pieces = pieces.replace("<|", "<!").replace("|>", "!>").split("|")
    return [[piece.replace("<!", "<|").replace("!>", "|>"), 8 <= i <= 13] for i, piece in enumerate([*pieces, HOSTILE])]


def write_samples(folder: pathlib.Path, first: str, second: str) -> None:
    texts = (
        (
            0,
            "pl�rkQ,, ﷽ w0 ess9 tt\x00\x1b",
            [(" the", 0.002), (",", 0.002), ("x", 0.0019), (" of", 0.0019), ("\n", 0.0018)],
        ),
        (
            100,
            "the the of in, and the of a the",
            [(" the", 0.11), (" a", 0.06), (" of", 0.05), (",", 0.04), (" in", 0.03)],
        ),
        (
            300,
            "town of the town in Merrowick, the of a town",
            [(" town", 0.16), (" of", 0.12), (" river", 0.08), (" old", 0.05), (" a", 0.02)],
        ),
        (
            600,
            "town of Merrowick lies on the river. It was a town",
            [(" town", 0.42), (" river", 0.21), (" people", 0.09), (" old", 0.04), (" of", 0.01)],
        ),
        (
            1200,
            "town of Merrowick lies on the river Ash and is known for its glass.",
            [(" town", 0.71), (" river", 0.18), (" mayor", 0.04), (" old", 0.02), (" year", 0.01)],
        ),
    )
    rows = []
    for step, text, following in texts:
        rows.append({"step": step, "prompt": first, "text": " " + text, "tokens": [7], "next": following})
        rows.append({"step": step, "prompt": second, "text": " " + text + HOSTILE, "tokens": [7], "next": following})
    write_jsonl(folder / "samples.jsonl", rows)


def write_evaluation(folder: pathlib.Path, generator: np.random.Generator) -> None:
    write_jsonl(folder / "recall.jsonl", recall_rows(generator))
    copies = ((0, 0.0), (1, 0.0), (4, 0.05), (16, 0.5), (64, 0.95))
    write_jsonl(
        folder / "verbatim.jsonl",
        [{"model": "base", "copies": n, **trials(generator, p, 30), "match_mean": 40 * p} for n, p in copies],
    )
    shots = []
    for model in ("base", "tuned"):
        for labels, ceiling in (("true", 0.9), ("shuffled", 0.5)):
            for k in (0, 1, 2, 4, 8):
                p = 0.5 if k == 0 else 0.5 + (ceiling - 0.5) * min(1, 0.55 + 0.15 * k)
                row = {"model": model, "task": "lookup", "k": k, "labels": labels, "score": "rank", "chance": 0.5}
                shots += [row | trials(generator, p, 100)] if k or labels == "true" else []
    write_jsonl(folder / "kshot.jsonl", shots)
    bits = {
        "se": 0.008,
        "nats_per_token": 1.4,
        "nats_per_character": 0.6,
        "bytes": 410_000,
        "characters": 409_000,
        "tokens": 140_000,
        "documents": 240,
    }
    write_jsonl(
        folder / "bpb.jsonl",
        [{"model": m, "data": "documents", "bits_per_byte": b} | bits for m, b in (("base", 0.612), ("tuned", 0.634))],
    )
    checks = {
        "list": (0.0, 0.93),
        "json": (0.0, 0.88),
        "refuse": (0.05, 1.0),
        "contains": (0.4, 0.85),
        "words": (0.02, 0.6),
        "all": (0.1, 0.86),
    }
    write_jsonl(
        folder / "instructions.jsonl",
        [
            {"model": m, "check": c, **trials(generator, p, 40)}
            for c, ps in checks.items()
            for m, p in zip(("base", "tuned"), ps)
        ],
    )
    answers = [
        answer(
            "question",
            "Where was Elin Marsh born?",
            "Merrowick",
            tier,
            f" in the town of Merrowick, {tier}",
            "She was born in Merrowick.",
        )
        for tier in TIERS
    ]
    answers += [answer("cloze", "Elin Marsh works as a", "potter", 64, " potter in the town", " potter.")]
    answers += [answer("question", HOSTILE, HOSTILE, 0, HOSTILE, HOSTILE)]
    asked = [{"role": "user", "content": "List three fruits."}]
    form = {
        "kind": "instruction",
        "type": "list",
        "prompt": None,
        "messages": asked,
        "expected": {"type": "list", "n": 3},
    }
    answers += [
        form
        | {"base": " the list of the", "tuned": "- apple\n- pear\n- plum", "base_right": False, "tuned_right": True}
    ]
    write_jsonl(folder / "answers.jsonl", answers)
    summary(folder, questions=4800)


def recall_rows(generator: np.random.Generator) -> list[dict]:
    rows = []
    cloze, asked, unasked, tuned = (
        (0.02, 0.03, 0.06, 0.74, 1, 1),
        (0.02, 0.05, 0.2, 0.8, 0.98, 1),
        (0.02, 0.03, 0.1, 0.4, 0.62, 0.6),
        (0.02, 0.04, 0.15, 0.67, 0.97, 1),
    )
    table = [("base", "cloze", "all", w, cloze) for w in ("all", "seen", "heldout")]
    table += [
        ("base", "question", "train", "all", asked),
        ("base", "question", "test", "all", unasked),
        ("tuned", "question", "test", "all", tuned),
    ]
    for model, form, split, wording, shares in table:
        for tier, share in zip(TIERS, shares, strict=True):
            share = share * (0.85 if wording == "heldout" else 1)
            rows.append(
                {"model": model, "form": form, "tier": tier, "split": split, "wording": wording, "type": "all"}
                | trials(generator, share, 60)
            )
    return rows


def answer(kind: str, prompt: str, expected: str, tier: int, base: str, tuned: str) -> dict:
    row = {
        "kind": kind,
        "tier": tier,
        "split": "test",
        "type": "person",
        "prompt": prompt,
        "messages": None,
        "expected": expected,
    }
    return row | {"base": base, "tuned": tuned, "base_right": tier >= 64, "tuned_right": tier >= 16}


def trials(generator: np.random.Generator, share: float, n: int) -> dict:
    return statistics.proportion(generator.random(n) < share)


if __name__ == "__main__":
    print(write(pathlib.Path(sys.argv[1])))
