"""Instruction following, marked by form: does a response have the shape that was asked for?

Every prompt carries a `check` object that a program can decide (the idea of IFEval, Zhou et al. 2023):

| check | right when |
|---|---|
| {"type": "list", "n": 3, "items": [...]} | exactly n list lines (`1. chess`, `- chess`), each one of `items` |
| {"type": "json", "keys": [...]} | the response is one JSON object with exactly these keys |
| {"type": "regex", "pattern": "..."} | the pattern is found |
| {"type": "contains", "any": [...]} | one of the texts stands in it as whole words, compared as the judge does |
| {"type": "refuse"} | it declines |
| {"type": "words", "n": 5} | exactly n words |
| {"type": "upper"} | it has letters, all of them capitals |
| {"type": "count", "n": 3} | the first number in it, in digits or as a word up to ten, is n |
"""

import json
import re

from jaxlm.errors import UserError
from jaxlm.evals import judge, statistics
from jaxlm.evals.subject import Subject

LIST_LINE = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(\S.*)$")
REFUSAL = re.compile(r"\b(can['’]?t|cannot|can not|won['’]?t|will not|unable|not able|decline|sorry)\b", re.IGNORECASE)
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: number for number, word in enumerate(WORDS)}


def is_followed(check: dict, response: str) -> bool:
    """Tells whether the response has the form that `check` asks for; UserError for a check that is not in the table."""
    kind = check.get("type")
    if kind not in CHECKS:
        raise UserError(f"instructions.jsonl: check.type: expected {' | '.join(CHECKS)}, got {kind!r}")
    return bool(CHECKS[kind](check, response.strip()))


def is_list(check: dict, response: str) -> bool:
    found = [match[1] for line in response.splitlines() if (match := LIST_LINE.match(line))]
    allowed = {judge.normalize(item) for item in check["items"]}
    return len(found) == check["n"] and all(judge.normalize(item) in allowed for item in found)


def is_json(check: dict, response: str) -> bool:
    try:
        value = json.loads(response)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == set(check["keys"])


def contains(check: dict, response: str) -> bool:
    text = judge.normalize(response)
    return any(judge.find(judge.normalize(word), text) >= 0 for word in check["any"])


def is_upper(check: dict, response: str) -> bool:
    return response.upper() == response and response.lower() != response


def counts(check: dict, response: str) -> bool:
    said = re.search(r"\d+|\b(?:" + "|".join(WORDS) + r")\b", response.lower())
    return said is not None and NUMBERS.get(said[0], said[0]) in (check["n"], str(check["n"]))


CHECKS = {
    "list": is_list,
    "json": is_json,
    "regex": lambda check, response: re.search(check["pattern"], response),
    "contains": contains,
    "refuse": lambda check, response: REFUSAL.search(response),
    "words": lambda check, response: len(response.split()) == check["n"],
    "upper": is_upper,
    "count": counts,
}


def run(subject: Subject, prompts: list[dict]) -> list[dict]:
    """Returns an item {model, task, check, messages, response, right} for each row {messages, check} of `prompts`.

    A row may name its `task`, where tasks share a type of check; it is called by the check's type otherwise.
    """
    responses = subject.respond([row["messages"] for row in prompts], multiline=True)
    return [
        {"model": subject.name, "task": row.get("task", row["check"]["type"]), "check": row["check"]}
        | {"messages": row["messages"], "response": response, "right": is_followed(row["check"], response)}
        for row, response in zip(prompts, responses, strict=True)
    ]


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, check, p, lo, hi, n} of each model and task (named in `check`), and of all together."""
    kinds = statistics.group(items, lambda item: (item["model"], item["task"]))
    models = statistics.group(items, lambda item: (item["model"], "all"))
    return [
        {"model": model, "check": kind} | statistics.proportion(item["right"] for item in rows)
        for (model, kind), rows in (kinds | models).items()
    ]
