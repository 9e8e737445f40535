"""Conversations that teach to look things up: search when unknown, answer at once when known, believe what is read.

Each is made from a question whose label the probe has found out (see jaxlm.honesty.probe) and from what the search
backend really returns. What they teach, by `metadata.kind`:

| kind | given | taught |
|---|---|---|
| known | tools, a known question | answer at once |
| found | tools, an unknown one | search with the question, answer from the result, cite it |
| absent | tools, an entity nobody has heard of | search; the results are about others: not sure |
| lacking | tools, results about the entity that do not state the answer | not sure |
| page | a page in the user's turn | answer from it |
| contradiction | the same with another value in place of the answer, of known things | what the page says |
| other page | a page about somebody else | answer what is known, not sure of the rest |

A share of the results and pages carries an order (jaxlm.honesty.injection), which the answer does not heed.
"""

import collections
import re
from collections.abc import Callable, Iterable

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.evals import judge
from jaxlm.evals.memory import substitute
from jaxlm.honesty.injection import poisoned
from jaxlm.honesty.search.hits import Hit, as_text, result
from jaxlm.honesty.tools import Tool, make_call, offer, specification

# Kinds of conversation and their shares.
KINDS = {
    "known": 0.12,
    "found": 0.3,
    "absent": 0.08,
    "lacking": 0.03,
    "page": 0.22,
    "contradiction": 0.2,
    "other page": 0.05,
}
ORDERED = 0.15  # of the results and pages that state the answer: they give an order too
OWN_PASSAGE = 0.5  # of the results: the paragraph that the question was made from instead of what the index has
FULL_SENTENCE = 0.3  # of the answers
NOT_FOUND = (
    "I'm not sure. The results do not say.",
    "I'm not sure. I found nothing about it.",
    "I don't know. The results are about something else.",
    "I'm not sure, the search did not help.",
)
NOT_STATED = ("I'm not sure. The text does not say.", "I'm not sure. Could you provide more context?")
READ = ("Read this: {t}\n{q}", "{t}\n{q}", "Here is a text. {t}\nQuestion: {q}", "{q}\nUse this text: {t}")
SYSTEM = ("", "You are a helpful assistant. ", "Answer briefly. ")
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def make(
    questions: Iterable[dict],
    search: Callable[[str, int], list[Hit]],
    tool: Tool,
    count: int,
    results: int,
    passage_chars: int,
    seed: int,
) -> list[dict]:
    """Returns up to `count` conversations {messages, metadata} in random order.

    Args:
      questions: rows of the probe with `label`; of kind "document" or "nobody".
      search: the backend, (query, k) -> hits.
      tool: the search tool, for its name and its one argument.
      count: conversations of all kinds together.
      results: hits shown, at most.
      passage_chars: longest passage of a hit.
      seed: everything random derives from it.
    """
    dice = Dice(seed, "look up")
    maker = _Maker(list(questions), search, tool, results, passage_chars, dice)
    rows = []
    for kind, share in KINDS.items():
        candidates = dice.shuffled(maker.candidates(kind))
        for turn in range(round(count * share) if candidates else 0):
            messages = getattr(maker, kind.replace(" ", "_"))(candidates[turn % len(candidates)])
            rows.append({"messages": messages, "metadata": {"kind": kind}})
    return [{"id": f"s{number:05d}", **row} for number, row in enumerate(dice.shuffled(rows))]


class _Maker:
    """Makes one conversation of a kind from one question."""

    def __init__(self, questions, search, tool, results, passage_chars, dice):
        self.search, self.tool, self.results, self.passage_chars, self.dice = search, tool, results, passage_chars, dice
        documents = [row for row in questions if row["kind"] == "document"]
        self.labeled = collections.defaultdict(list)
        for row in documents:
            self.labeled[row["label"]].append(row)
        self.nobody = [row for row in questions if row["kind"] == "nobody"]
        self.pages = [row for row in documents if row["attribute"] != "blank"]
        self.values = collections.defaultdict(set)
        for row in documents:
            self.values[row["type"], row["attribute"]].update([row["answer"], *row["rivals"]])

    def candidates(self, kind: str) -> list[dict]:
        known, unknown = self.labeled["known"], self.labeled["unknown"]
        return {
            "known": known,
            "found": unknown,
            "absent": self.nobody,
            "lacking": unknown,
            "page": [*known, *unknown],
            "contradiction": [row for row in known if len(self.values[row["type"], row["attribute"]]) > 1],
            "other page": [*known, *unknown],
        }[kind]

    def known(self, row: dict) -> list[dict]:
        return [self._offer(), _user(row["question"]), _assistant(self._answer(row))]

    def found(self, row: dict) -> list[dict]:
        hits = self.search(row["question"], self.results)
        place = next((n for n, hit in enumerate(hits) if _states(hit.text, row)), None)
        if place is None or self.dice.chance(OWN_PASSAGE):
            place = 0
            hits = [Hit(row["source"], "", row["passage"], 0.0), *hits[1:]]
        text = hits[place].text
        hits[place] = Hit(hits[place].source, "", poisoned(text, self.dice) if self._ordered() else text, 0.0)
        if not _states(as_text(hits[place : place + 1], self.passage_chars), row):  # the cap cut the answer off
            return self._looked_up(row, hits, self.dice.pick(NOT_FOUND))
        return self._looked_up(row, hits, f"{self._answer(row)} [{place + 1}]")

    def absent(self, row: dict) -> list[dict]:
        return self._looked_up(row, self.search(row["question"], self.results), self.dice.pick(NOT_FOUND))

    def lacking(self, row: dict) -> list[dict]:
        hits = [
            Hit(h.source, "", without(h.text, row["answer"]), 0.0) for h in self.search(row["question"], self.results)
        ]
        return self._looked_up(row, [hit for hit in hits if hit.text], self.dice.pick(NOT_FOUND))

    def page(self, row: dict) -> list[dict]:
        text = poisoned(row["passage"], self.dice) if self._ordered() else row["passage"]
        return [*self._maybe_offer(), self._reading(text, row), _assistant(self._answer(row))]

    def contradiction(self, row: dict) -> list[dict]:
        other = self.dice.pick(sorted(self.values[row["type"], row["attribute"]] - {row["answer"]}))
        text = substitute(row["passage"], row["answer"], other)
        answer = substitute(self._answer(row), row["answer"], other)
        return [*self._maybe_offer(), self._reading(text, row), _assistant(answer)]

    def other_page(self, row: dict) -> list[dict]:
        others = [one for one in (self.dice.pick(self.pages) for _ in range(8)) if one["entity"] != row["entity"]]
        passage = next((one["passage"] for one in others if not _states(one["passage"], row)), "")
        answer = self._answer(row) if row["label"] == "known" else self.dice.pick(NOT_STATED)
        return [self._reading(passage, row), _assistant(answer)]

    def _looked_up(self, row: dict, hits: list[Hit], answer: str) -> list[dict]:
        argument = next(iter(self.tool.parameters["properties"]))
        wanted = make_call(self.tool.name, {argument: row["question"]})
        return [
            self._offer(),
            _user(row["question"]),
            {"role": "assistant", "content": "", "tool_calls": [wanted]},
            {"role": "tool", "content": result(hits, row["question"], self.passage_chars), "tool_call_id": "call_0"},
            _assistant(answer),
        ]

    def _reading(self, passage: str, row: dict) -> dict:
        return _user(self.dice.pick(READ).format(t=" ".join(passage.split()), q=row["question"]).strip())

    def _answer(self, row: dict) -> str:
        return row["statement"] if self.dice.chance(FULL_SENTENCE) else f"{row['answer']}."

    def _ordered(self) -> bool:
        return self.dice.chance(ORDERED)

    def _offer(self) -> dict:
        return {"role": "system", "content": self.dice.pick(SYSTEM) + offer(specification([self.tool]))}

    def _maybe_offer(self) -> list[dict]:
        return [self._offer()] if self.dice.chance(0.3) else []


def without(text: str, answer: str) -> str:
    """Returns the text without the sentences that hold the answer."""
    lines = (SENTENCE.split(line) for line in text.splitlines())
    wanted = judge.normalize(answer)
    kept = (" ".join(s for s in line if judge.find(wanted, judge.normalize(s)) < 0) for line in lines)
    return "\n".join(line for line in kept if line)


def _states(text: str, row: dict) -> bool:
    return judge.find(judge.normalize(row["answer"]), judge.normalize(text)) >= 0


def _user(text: str) -> dict:
    return {"role": "user", "content": text}


def _assistant(text: str) -> dict:
    return {"role": "assistant", "content": text}
