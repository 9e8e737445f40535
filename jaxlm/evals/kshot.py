"""Learning in the context: accuracy by number of examples, on mappings that no training text can hold.

Two tasks, written in plain short lines (so that 8 rounds take about 110 tokens) about people whose names are coined
here from the seed:

- `lookup`: two people, each with a given name and a family name. The k rounds of the prompt list both in a random order
  (`Bran Dolk.`), then one given name is to be completed. Finding the earlier occurrence of the name and copying what
  followed it is the work of an induction head (Olsson et al., "In-context learning and induction heads", 2022), which
  small models do learn. Names, because any text has names that it mentions again, while a small model need not have
  learnt to copy a common word. Candidates are the two family names, chance is 1 of 2.
- `pattern`: a name of two words and the one of them the person is called by (`Bran Dolk is called Dolk.`): always the
  first or always the second. The k examples show which, with other names; then a new name is asked. Copying is not
  enough here, the position must be carried over. Candidates are the two words, chance is 1 of 2.

The control `shuffled` keeps the lines but breaks the mapping: each round gives the family names to the given names
anew, each example calls its person by a random one of the two words. What is above chance there is not learnt from the
mapping (Min et al., "Rethinking the role of demonstrations", 2022). An answer is marked by whether it is the most
likely of the candidates (`rank`), and, with true labels, by whether greedy decoding writes it (`greedy`).
"""

import dataclasses
import string
from collections.abc import Iterator

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.judge import find, normalize
from jaxlm.evals.subject import Subject

PEOPLE = 2  # whom a lookup prompt lists
PARTS = 2  # words of a name in the pattern task
ITEMS = 128  # prompts for each task, k and labels: two full batches
ANSWER_TOKENS = 8
ONSETS = (*"BDFGHKLMNPRSTV", "Br", "Dr", "Gr", "Kr", "Pl", "St", "Tr")
VOWELS = (*"aeiou", "ai", "ea", "ou")
CODAS = (*"bdklmnprstvx", "nd", "rk", "sh", "th")


@dataclasses.dataclass(frozen=True)
class Item:
    """One prompt with its candidates; `answer` is one of them."""

    task: str
    k: int
    labels: str
    prompt: str
    candidates: tuple[str, ...]
    answer: str


def coin(count: int, generator: np.random.Generator) -> list[str]:
    """Returns `count` different names of one syllable, of 2,688 that there are."""
    size = len(ONSETS) * len(VOWELS) * len(CODAS)
    chosen = np.unravel_index(generator.choice(size, count, replace=False), (len(ONSETS), len(VOWELS), len(CODAS)))
    return [ONSETS[i] + VOWELS[j] + CODAS[k] for i, j, k in zip(*chosen, strict=True)]


def lookup(k: int, labels: str, generator: np.random.Generator) -> Item:
    """Returns a prompt of k rounds of lines `GIVEN FAMILY.` about the same people, and the given name of one."""
    names = coin(2 * PEOPLE, generator)
    given, families = names[:PEOPLE], names[PEOPLE:]
    lines = []
    for _ in range(k):
        owned = generator.permutation(PEOPLE) if labels == "shuffled" else np.arange(PEOPLE)
        lines += [f"{given[i]} {families[owned[i]]}." for i in generator.permutation(PEOPLE)]
    asked = int(generator.integers(PEOPLE))
    return _item("lookup", k, labels, [*lines, given[asked]], families, asked, generator)


def pattern(k: int, labels: str, generator: np.random.Generator) -> Item:
    """Returns a prompt of k lines `WORD WORD is called WORD.`, each of its own name, and the beginning of another."""
    rule = int(generator.integers(PARTS))
    lines = []
    for _ in range(k):
        name = coin(PARTS, generator)
        place = int(generator.integers(PARTS)) if labels == "shuffled" else rule
        lines.append(f"{' '.join(name)} is called {name[place]}.")
    name = coin(PARTS, generator)
    return _item("pattern", k, labels, [*lines, f"{' '.join(name)} is called"], name, rule, generator)


def _item(
    task: str, k: int, labels: str, lines: list[str], candidates: list[str], right: int, generator: np.random.Generator
) -> Item:
    """Shuffles the candidates, so that a tie between them favors none."""
    order = generator.permutation(len(candidates))
    return Item(task, k, labels, "\n".join(lines), tuple(candidates[i] for i in order), candidates[right])


TASKS = {"lookup": lookup, "pattern": pattern}


def make_items(shots: tuple[int, ...], seed: int, count: int) -> list[Item]:
    """Returns `count` prompts for each task, k and labels (only the true ones at k = 0), the same for the same seed."""
    items = []
    for number, make in enumerate(TASKS.values()):
        for k in shots:
            for labels in ("true", "shuffled") if k else ("true",):
                generator = np.random.Generator(np.random.PCG64([seed, number, k, len(labels)]))
                items += [make(k, labels, generator) for _ in range(count)]
    return items


def run(subject: Subject, shots: tuple[int, ...], seed: int, count: int) -> list[dict]:
    """Returns an item {model, task, k, labels, prompt, candidates, answer, ranked, rank, tokens, within, ...}.

    Items with true labels also have the `response` and whether it is right (`greedy`). Prompts that leave the model no
    room are left out; `tokens` is the prompt's length, `within` tells whether it fits the context that was trained.
    Both models get the prompt as text to continue. Nothing is returned for a vocabulary of characters that cannot
    spell the names.
    """
    if not can_spell(subject.tokenizer):
        return []
    made = make_items(shots, seed, count)
    lengths = [len(subject.prompt_ids(item.prompt)) for item in made]
    room = subject.cfg.max_len - ANSWER_TOKENS
    asked = [(item, length) for item, length in zip(made, lengths, strict=True) if length <= room]
    scores = score_candidates(subject, [item for item, _ in asked])
    written = write(subject, [item for item, _ in asked if item.labels == "true"])
    rows = []
    for (item, length), score in zip(asked, scores, strict=True):
        ranked = item.candidates[int(np.argmax(score))]
        row = {"model": subject.name, **dataclasses.asdict(item), "ranked": ranked, "rank": ranked == item.answer}
        if item.labels == "true":
            response = next(written)
            row |= {"response": response, "greedy": find(normalize(item.answer), normalize(response)) == 0}
        rows.append(row | {"tokens": length, "within": length + ANSWER_TOKENS <= subject.context})
    return rows


def write(subject: Subject, items: list[Item]) -> Iterator[str]:
    """Yields what greedy decoding writes in the line of each question."""
    yield from subject.complete([item.prompt for item in items], stop="\n", max_new=ANSWER_TOKENS)


def can_spell(tokenizer) -> bool:
    """Tells whether the tokenizer has every character of the prompts."""
    known = set(tokenizer.decode(range(tokenizer.vocab_size)))
    return tokenizer.kind != "char" or known >= set(string.ascii_letters + " .\n")


def score_candidates(subject: Subject, items: list[Item]) -> list[np.ndarray]:
    """Returns log p(` candidate.` | prompt) in nats for each candidate of each item."""
    pairs = [(item.prompt, f" {candidate}.") for item in items for candidate in item.candidates]
    if not pairs:  # np.split makes one part even of nothing
        return []
    flat = subject.score([prompt for prompt, _ in pairs], [tail for _, tail in pairs])
    return np.split(flat, np.cumsum([len(item.candidates) for item in items])[:-1])


def figures(items: list[dict]) -> list[dict]:
    """Returns {model, task, k, labels, score, p, lo, hi, n, chance, tokens, within}; tokens and within are means."""
    rows = []
    cells = statistics.group(items, lambda item: (item["model"], item["task"], item["k"], item["labels"]))
    for (model, task, k, labels), members in cells.items():
        cell = {"model": model, "task": task, "k": k, "labels": labels}
        more = {"chance": round(1 / len(members[0]["candidates"]), 4)}
        more |= {name: round(float(np.mean([item[name] for item in members])), 2) for name in ("tokens", "within")}
        for score in ("rank", "greedy") if labels == "true" else ("rank",):
            rows.append({**cell, "score": score, **statistics.proportion(item[score] for item in members), **more})
    return rows
