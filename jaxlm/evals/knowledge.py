"""What a model knows, and whether it knows what it does not: right, abstain or wrong, with intervals.

Works for questions of a known world and for real sets (`jaxlm.evals.sets`) alike. In a known world facts of tier 0 were
never stated: their questions cannot be answered, and an abstention is the one thing that is not wrong.
"""

import math
from collections.abc import Sequence

import numpy as np

from jaxlm.evals import judge, recall, statistics
from jaxlm.evals.subject import Subject, question, transcript

MARKS = ("right", "abstain", "wrong")
READ = "Read this: {passage}\n{question}"
LABELS = ("set", "condition", "tier", "names", "split", "form")
FIELDS = ("id", *LABELS, "question", "answer", "aliases", "answerable")
# Margins of the tables: the labels kept, the others being "all".
MARGINS = (("set", "condition"), ("set", "condition", "tier"), ("set", "condition", "tier", "names"), LABELS)
OFTEN = 64  # from so many pages on a fact counts as often seen
SPARE_TOKENS = 24  # beyond the longest answer: a sentence around it
MOST_TOKENS = 128  # of an answer
CHAT_TOKENS = 8  # of the turns around a prompt


def world(questions: list[dict], entities: list[dict], limit: int, seed: int) -> list[dict]:
    """Returns rows as `jaxlm.evals.sets` has them, of at most `limit` questions of each tier, half of
    them in held-out forms, about entities of which no question occurs in training.

    Args:
      questions: of truth/questions.jsonl.
      entities: of truth/entities.jsonl; at tier 0 `names` is strange for names of a kind that no page has, novel for
        new ones of the usual kind, else recombined.
    """
    strange = {entity["id"] for entity in entities if entity.get("strange")}
    novel = {entity["id"] for entity in entities if entity.get("novel")}
    rivals = recall.known_values(questions)
    rows = []
    # whoever is of the other split may have been asked about in training
    examined = [row for row in questions if row["split"] == "test"]
    for row in recall.select(examined, "question", limit, seed):
        names = "strange" if row["entity"] in strange else "novel" if row["entity"] in novel else "recombined"
        names = names if row["tier"] == 0 else "known"
        rows.append(
            {"set": "world", "id": f"{row['entity']} {row['attribute']} {row['form']}", "names": names}
            | {name: row[name] for name in ("question", "answer", "aliases", "tier", "split", "form")}
            | {"answerable": row["tier"] > 0, "passages": {"closed": ""}}
            | {"rivals": sorted(rivals[row["type"], row["attribute"]])}
        )
    return rows


def run(subject: Subject, rows: list[dict]) -> list[dict]:
    """Returns an item {model, id, set, condition, tier, names, split, form, question, answer, aliases, answerable,
    response, mark} for each row in each of its conditions.

    `mark` is right, abstain or wrong; where a question cannot be answered, right does not occur.
    """
    asked = [
        {"names": "all", "split": "all", "form": "all", "rivals": (), **row, "condition": condition, "passage": passage}
        for row in rows
        for condition, passage in row["passages"].items()
    ]
    responses = respond(subject, asked)
    items = []
    for row, response in zip(asked, responses, strict=True):
        expected = row["answer"] if row["answerable"] else ""
        mark = judge.mark(response, expected, row["aliases"], row["rivals"], row["question"])
        items.append(
            {"model": subject.name} | {name: row[name] for name in FIELDS} | {"response": response, "mark": mark}
        )
    return items


def respond(subject: Subject, rows: list[dict]) -> list[str]:
    """Asks set by set, as the room for an answer goes by the longest one of the set."""
    responses: list[str] = [""] * len(rows)
    for places in statistics.group(range(len(rows)), lambda at: rows[at]["set"]).values():
        asked = [rows[at] for at in places]
        longest = max(len(subject.tokenizer.encode(f" {row['question']} {row['answer']}")) for row in asked)
        room = min(longest + SPARE_TOKENS, MOST_TOKENS)
        chats = [question(prompt(subject, row, room)) for row in asked]
        for at, response in zip(places, subject.respond(chats, max_new=room), strict=True):
            responses[at] = response
    return responses


def prompt(subject: Subject, row: dict, room: int) -> str:
    """Returns what is asked; of a passage that leaves no room for the answer, the part around what it states of it.

    A model of ours is given no more than its training rows held: behind that it has practiced nothing.
    """
    passage = row["passage"]
    ours = getattr(subject, "subject", subject)  # behind a gate
    longest = (ours.context if isinstance(ours, Subject) else subject.max_len) - room - CHAT_TOKENS
    while True:
        text = READ.format(passage=passage, question=row["question"]) if passage else row["question"]
        if not passage or len(subject.tokenizer.encode(text)) <= longest:
            return text
        passage = excerpt(passage, (row["answer"], *row["aliases"]), len(passage) * 3 // 4)


def excerpt(passage: str, answers: Sequence[str], size: int) -> str:
    """Returns so many characters of a passage: its beginning, or what surrounds an answer that stands behind that."""
    places = [(passage.lower().find(answer.lower()), len(answer)) for answer in answers if answer]
    place, length = min((found for found in places if found[0] >= 0), default=(0, 0))
    start = 0 if place + length <= size else min(place - (size - length) // 2, len(passage) - size)
    return passage[start : start + size]


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, set, condition, tier, names, split, form, outcome, p, lo, hi, n} of each cell and its margins.

    `outcome` is right, abstain, wrong (shares of the cell), and over all tiers of a set whose questions cannot all be
    answered also `precision` (abstentions that were due), `recall` (due abstentions made) and `f1`.
    """
    rows = []
    for margin in MARGINS:
        hidden = {label: "all" for label in LABELS if label not in margin}
        # names tell people of tier 0 apart only
        chosen = [item for item in items if margin[-1] != "names" or item["names"] != "known"]
        cells = statistics.group((item | hidden for item in chosen), lambda item: _key(item, ("model", *LABELS)))
        for members in cells.values():
            cell = {label: members[0][label] for label in ("model", *LABELS)}
            shares = {mark: statistics.proportion(item["mark"] == mark for item in members) for mark in MARKS}
            if len(margin) == 2:
                shares |= abstention(members)
            rows += [cell | {"outcome": outcome} | share for outcome, share in shares.items()]
    return list({_key(row, ("model", *LABELS, "outcome")): row for row in rows}.values())  # margins may coincide


def abstention(items: list[dict]) -> dict[str, dict]:
    """Returns {precision, recall, f1: {p, lo, hi, n}} of abstaining where a question cannot be answered.

    Nothing where all can, or none. F1 = 2J / (1 + J) with J = hits / (hits + misses + false alarms), a proportion:
    its interval is Wilson's of J, mapped.
    """
    due = [not item["answerable"] for item in items]
    if len(set(due)) < 2:
        return {}
    made = [item["mark"] == "abstain" for item in items]
    jaccard = statistics.proportion(d and m for d, m in zip(due, made, strict=True) if d or m)
    f1 = {name: round(2 * jaccard[name] / (1 + jaccard[name]), 4) for name in ("p", "lo", "hi")}
    return {
        "precision": statistics.proportion(d for d, m in zip(due, made, strict=True) if m),
        "recall": statistics.proportion(m for d, m in zip(due, made, strict=True) if d),
        "f1": f1 | {"n": jaccard["n"]},
    }


def compare(before: list[dict], after: list[dict]) -> list[dict]:
    """Returns what changed from one model to another on the same questions.

    Rows {model, against, set, condition, tier, outcome, p, lo, hi, n}: `over-refusal` (what was right before and is
    abstained from now, of what was right), `lost` (right before, wrong now, likewise) and `accuracy change` (the mean
    of paired differences with a normal interval). `tier` is one of the set, all, or for a known world `often`: tier 64
    and more.
    """
    old = {(item["set"], item["condition"], item["id"]): item for item in before}
    pairs = [(old[key], item) for item in after if (key := (item["set"], item["condition"], item["id"])) in old]
    rows = []
    for tier in ("all", "often", *dict.fromkeys(item["tier"] for item in after)):
        chosen = [pair for pair in pairs if pair[1]["answerable"] and _in_tier(pair[1], tier)]
        groups = statistics.group(
            [{"pair": pair} for pair in chosen], lambda row: (row["pair"][1]["set"], row["pair"][1]["condition"])
        )
        for (name, condition), members in groups.items():
            cell = {"model": after[0]["model"], "against": before[0]["model"], "set": name, "condition": condition}
            changes = _changes([member["pair"] for member in members])
            rows += [cell | {"tier": tier, "outcome": outcome} | share for outcome, share in changes.items()]
    return rows


def _in_tier(item: dict, tier) -> bool:
    if tier == "often":
        return item["set"] == "world" and item["tier"] >= OFTEN
    return tier in ("all", item["tier"])


def _changes(pairs: list[tuple[dict, dict]]) -> dict[str, dict]:
    kept = [new["mark"] for old, new in pairs if old["mark"] == "right"]
    steps = [float(new["mark"] == "right") - float(old["mark"] == "right") for old, new in pairs]
    mean, error = statistics.mean_error(steps)
    return {
        "over-refusal": statistics.proportion(mark == "abstain" for mark in kept),
        "lost": statistics.proportion(mark == "wrong" for mark in kept),
        "accuracy change": _interval(mean, error, len(steps)),
    }


def choose(subject: Subject, rows: list[dict]) -> list[dict]:
    """Returns an item {model, id, set, tier, question, best, chosen, mc1, mc2} for each row of truthfulqa.

    Following Lin et al. 2022, without their six examples: answers are compared by their log-probability behind the
    question, as the continuation of a text. `mc1`: the best answer is more probable than every incorrect one. `mc2`:
    the probability of all correct answers as a share of that of all answers.
    """
    texts = [(row, answer) for row in rows for answer in (row["best"], *row["correct"], *row["incorrect"])]
    heads = [transcript(question(row["question"])) for row, _ in texts]
    scores = iter(subject.score(heads, [f" {answer}" for _, answer in texts]).tolist())
    items = []
    for row in rows:
        best = next(scores)
        correct, incorrect = ([next(scores) for _ in row[kind]] for kind in ("correct", "incorrect"))
        options = [(best, row["best"]), *zip(incorrect, row["incorrect"], strict=True)]
        true, false = (float(np.logaddexp.reduce(part)) if part else -math.inf for part in (correct, incorrect))
        items.append(
            {"model": subject.name, **{name: row[name] for name in ("id", "set", "tier", "question", "best")}}
            | {"chosen": max(options, key=lambda option: option[0])[1], "mc1": best > max(incorrect, default=-math.inf)}
            | {"mc2": 1 / (1 + math.exp(min(false - true, 700.0)))}
        )
    return items


def choice_figures(items: list[dict]) -> list[dict]:
    """Returns rows as `figures` does, with the outcomes mc1 and mc2."""
    rows = []
    for (model, name), members in statistics.group(items, lambda item: (item["model"], item["set"])).items():
        cell = {"model": model, "set": name, "condition": "choice"} | dict.fromkeys(LABELS[2:], "all")
        mean, error = statistics.mean_error([item["mc2"] for item in members])
        rows.append(cell | {"outcome": "mc1"} | statistics.proportion(item["mc1"] for item in members))
        rows.append(cell | {"outcome": "mc2"} | _interval(mean, error, len(members)))
    return rows


def _interval(mean: float, error: float, n: int) -> dict:
    half = statistics.Z95 * error
    return {"p": round(mean, 4), "lo": round(mean - half, 4), "hi": round(mean + half, 4), "n": n}


def _key(row: dict, fields: Sequence[str]) -> tuple:
    """Sorts numbers as numbers, and before texts."""
    return tuple((isinstance(row[field], str), row[field]) for field in fields)
