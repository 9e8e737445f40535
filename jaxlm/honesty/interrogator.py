"""The built-in interrogator: reads documents and asks about what they say; every pair keeps its source passage.

Pages of the micro-web are read by their sentence patterns (`patterns`), any other text by general ones (`prose`).

**Who may be asked about.** Whoever is examined later must not be asked about here, or the examination would measure
what was taught. In the micro-web half of the entities are kept for that, and no document says which. But the web says
it indirectly: `Q:`/`A:` lines and the crawl's conversations only ever ask about the other half. So
`config.probe.entities` is

- `asked`: entities that some page or conversation asks about (the default);
- `untuned`: those that pages ask about and the conversations of fine-tuning do not. What the tuned model knows of the
  others it may know from tuning rather than from reading, and then its knowledge of them ends elsewhere than its
  knowledge of people it merely read about;
- `all`: every entity; for text about the real world, where held-out documents are what is examined.
"""

import collections
import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jaxlm.crawl.documents import read_documents
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.questions import COINED_WITH_KIND
from jaxlm.errors import UserError
from jaxlm.honesty import patterns, prose
from jaxlm.text.split import cut_tail, held_out, unit_hash

ENTITIES = ("asked", "untuned", "all")
MOST_RIVALS = 128  # an attribute with more values than these has no closed set of them


@dataclasses.dataclass
class Findings:
    """What was read in the documents.

    Attributes:
      pairs: possible questions; each a list of wordings of the same question.
      names: in how many documents each (type, name) was met; also of those that may not be asked about.
    """

    pairs: list[list[dict]]
    names: collections.Counter


def documents(folder: pathlib.Path, settings: Any, seed: int, held: bool = False) -> Iterator[dict]:
    """Yields what a model was trained on of the documents in a folder, or, with `held`, those it was not.

    `settings` is `config.tokenizer`. Where the tail of every document is held out, none is as a whole.
    """
    tail = settings.holdout_by == "tail"
    names = [document["id"] for document in read_documents(folder)]
    outside = [False] * len(names) if tail else held_out(names, settings.holdout, seed).tolist()
    for document, out in zip(read_documents(folder), outside, strict=True):
        if out == held:
            text = cut_tail(document["text"], settings.holdout)[0] if tail else document["text"]
            yield document | {"text": text}


def asked_entities(documents: Iterable[dict], conversations: Iterable[dict]) -> tuple[set[str], set[str]]:
    """Returns whom `Q:` lines of documents ask about, and whom the user's messages of conversations ask about."""
    lines = (line for document in documents for line in document["text"].splitlines() if line.startswith("Q: "))
    pages = {name for line in lines for name, _, _ in patterns.asked(line)}
    return pages, {name for row in conversations for name, _ in patterns.asked_about(row["messages"])}


def may_ask(choice: str, pages: set[str], talks: set[str]) -> set[str] | None:
    """Returns the entities that `config.probe.entities` allows, None for all; UserError when there are none."""
    if choice == "all":
        return None
    allowed = pages | talks if choice == "asked" else pages - talks
    if not allowed:
        raise UserError(
            f"config.probe.entities={choice!r}: no document or conversation asks about such an entity; 'all' takes all"
        )
    return allowed


def read(documents: Iterable[dict], seed: int, per_document: int, per_fact: int, allowed: set[str] | None) -> Findings:
    """Reads documents (rows of jaxlm.crawl.documents) and finds what can be asked.

    Args:
      documents: read once.
      seed: decides the wordings, and what is left out of sentences.
      per_document: most pairs taken from one document that is not read by the micro-web's patterns.
      per_fact: most wordings of one question.
      allowed: the entities that may be asked about; None for all.
    """
    facts: dict[tuple, dict[str, list]] = {}
    names: collections.Counter = collections.Counter()
    pairs = []
    for document in documents:
        found = patterns.facts(document["text"])
        names.update(sorted({(fact.type, fact.entity) for fact in found}))
        for fact in {(fact.entity, fact.attribute, fact.value): fact for fact in found}.values():
            values = facts.setdefault((fact.entity, fact.type, fact.attribute), {})
            values.setdefault(fact.value, []).append((fact, document["url"]))
        if not found:
            others = list(_from_prose(document, seed, per_document))
            names.update(sorted({(row["type"], row["entity"]) for row in others}))
            pairs += [[row] for row in others if allowed is None or row["entity"] in allowed]
    pairs = [*_from_facts(facts, seed, per_fact, allowed), *pairs]
    return Findings(pairs, names)


def select(pairs: Sequence[list[dict]], limit: int, seed: int) -> list[dict]:
    """Returns at most `limit` questions, numbered, as equally many as possible of each degree of exposure.

    Degrees are powers of two of the number of documents that state the answer; sentences with a word left out count
    apart. What a degree has too few of goes to the others.
    """
    strata = collections.defaultdict(list)
    for wordings in pairs:
        for row in wordings:
            strata[row["mentions"].bit_length(), row["attribute"] == "blank"].append(row)
    sizes = dict(sorted((key, len(rows)) for key, rows in strata.items()))
    quotas = fill_level(list(sizes.values()), limit)
    dice = Dice(seed, "select questions")
    chosen = {id(row) for key, quota in zip(sizes, quotas) for row in dice.sample(strata[key], quota)}
    rows = [row for wordings in pairs for row in wordings if id(row) in chosen]
    return [{"id": f"d{number:05d}", **row} for number, row in enumerate(rows)]


def fill_level(sizes: list[int], total: int) -> list[int]:
    """Returns how much to take of each size so that at most `total` are taken, as evenly as the sizes allow."""
    taken, left = [0] * len(sizes), total
    for done, index in enumerate(sorted(range(len(sizes)), key=lambda i: (sizes[i], i))):
        taken[index] = min(sizes[index], left // (len(sizes) - done))
        left -= taken[index]
    return taken


def reserved(entity: str, share: float, seed: int) -> bool:
    """Tells whether an entity is among the `share` of them that are kept for evaluation."""
    return unit_hash(f"reserved/{entity}", seed) < share


def told(document: str, share: float, seed: int) -> bool:
    """Tells whether a document, by its id, is among the `share` of them that fine-tuning has questions about."""
    return unit_hash(f"told/{document}", seed) < share


def conversations(pairs: Iterable[list[dict]]) -> list[dict]:
    """Returns a conversation {messages, metadata} a question.

    The answers are short: sentences take a small model much longer to learn, as it must copy names for them first.
    """
    return [
        {
            "messages": [
                {"role": "user", "content": row["question"]},
                {"role": "assistant", "content": f"{row['answer']}."},
            ],
            "metadata": {"kind": "told", "entity": row["entity"], "source": row["source"]},
        }
        for wordings in pairs
        for row in wordings
    ]


def _from_facts(facts: dict, seed: int, per_fact: int, allowed: set[str] | None) -> Iterator[list[dict]]:
    """The wordings of each fact: its value is the one that most documents give, if there is such."""
    dice = Dice(seed, "question wordings")
    values = collections.defaultdict(set)
    kept = []
    for (entity, kind, attribute), said in facts.items():
        ranked = sorted(said.values(), key=len, reverse=True)
        if len(ranked) > 1 and len(ranked[0]) == len(ranked[1]):
            continue
        values[kind, attribute].add(ranked[0][0][0].value)
        if allowed is None or entity in allowed:
            kept.append(ranked[0])
    for sources in kept:
        fact, url = sources[0]
        rivals = sorted(values[fact.type, fact.attribute] - {fact.value})
        row = {
            "answer": fact.value,
            "aliases": [fact.value.split()[0]] if fact.attribute in COINED_WITH_KIND else [],
            "rivals": rivals if len(rivals) <= MOST_RIVALS else [],
            "passage": fact.passage,
            "source": url,
            "entity": fact.entity,
            "type": fact.type,
            "attribute": fact.attribute,
            "kind": "document",
            "statement": patterns.statement(fact),
            "mentions": len(sources),
        }
        forms = dice.sample(patterns.question_forms(fact.type, fact.attribute), per_fact)
        yield [{"question": form.format(x=fact.entity), **row} for form in forms]


def _from_prose(document: dict, seed: int, limit: int) -> Iterator[dict]:
    asked = set()
    for pair in prose.pairs(document, Dice(seed, f"prose {document['id']}")):
        if len(asked) == limit:
            return
        if pair.question in asked:
            continue
        asked.add(pair.question)
        row: dict[str, Any] = dataclasses.asdict(pair) | {"aliases": list(pair.aliases), "rivals": []}
        yield row | {"source": document["url"], "kind": "document", "mentions": 1}
