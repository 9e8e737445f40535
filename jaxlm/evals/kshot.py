"""Learning in the context: accuracy by number of examples, on mappings that no training text can hold.

Two tasks, written in plain short lines (so that 8 rounds fit a context of about 128 tokens) about names that are coined
here from the seed:

- `lookup`: two names each get a word. The k rounds of the prompt state both in a random order (`Bran is river.`), then
  one name is asked. Finding the earlier occurrence of the name and copying what followed it is the work of an induction
  head (Olsson et al., "In-context learning and induction heads", 2022), which small models do learn. Candidates are the
  two words and two that the prompt does not hold. Chance is 1 of 4; to know only which words are at stake gives 1 of 2.
- `pattern`: a name of three words and the one of them it is called by (`Bran Dol Kem is Dol.`): always the first,
  always the second, or always the third. The k examples show which, with other names; then a new name is asked.
  Copying is not enough here, the position must be carried over. Candidates are the three words, chance is 1 of 3.

The control `shuffled` keeps the lines but breaks the mapping: each round gives the words to the names anew, each
example calls its name by a random word. What is above chance there is not learnt from the mapping (Min et al.,
"Rethinking the role of demonstrations", 2022). An answer is marked by whether it is the most likely of the candidates
(`rank`), and, with true labels, by whether greedy decoding writes it (`greedy`).
"""

import dataclasses
import re
import string
from collections.abc import Iterator

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.judge import find, normalize
from jaxlm.evals.subject import Subject

PAIRS = 2  # names a lookup prompt defines, and words offered beside theirs
PARTS = 3  # words of a name in the pattern task
ITEMS = 64  # prompts for each task, k and labels: a full batch
ANSWER_TOKENS = 8
ONSETS = (
    "B",
    "D",
    "F",
    "G",
    "H",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "T",
    "V",
    "Br",
    "Dr",
    "Gr",
    "Kr",
    "Pl",
    "St",
    "Tr",
)
VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
CODAS = ("b", "d", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "nd", "rk", "sh", "th")
MIN_WORDS = 32  # whole-word tokens a vocabulary needs for answers to be drawn from it


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


def vocabulary_words(tokenizer) -> list[str]:
    """Returns the lower-case words that are one token after a space, shortest 4 letters; empty for a small vocabulary.

    With them a wrong answer cannot be one of spelling. A vocabulary of characters has none: answers are then coined.
    """
    pieces = [tokenizer.token_bytes(i) for i in range(tokenizer.vocab_size)]
    words = sorted({piece[1:].decode() for piece in pieces if re.fullmatch(rb" [a-z]{4,}", piece)})
    return words if len(words) >= MIN_WORDS else []


def lookup(k: int, labels: str, words: list[str], generator: np.random.Generator) -> Item:
    """Returns a prompt of k rounds of statements `NAME is WORD.` about the same names, and the question for one."""
    names = coin(PAIRS, generator)
    candidates = generator.choice(words, 2 * PAIRS, replace=False).tolist() if words else coin(2 * PAIRS, generator)
    lines = []
    for _ in range(k):
        given = generator.permutation(PAIRS) if labels == "shuffled" else np.arange(PAIRS)
        lines += [f"{names[i]} is {candidates[given[i]]}." for i in generator.permutation(PAIRS)]
    asked = int(generator.integers(PAIRS))
    return _item("lookup", k, labels, [*lines, f"{names[asked]} is"], candidates, asked, generator)


def pattern(k: int, labels: str, words: list[str], generator: np.random.Generator) -> Item:
    """Returns a prompt of k lines `WORD WORD WORD is WORD.`, each about its own name, and the beginning of another."""
    del words  # candidates are the parts of the name itself
    rule = int(generator.integers(PARTS))
    lines = []
    for _ in range(k):
        name = coin(PARTS, generator)
        place = int(generator.integers(PARTS)) if labels == "shuffled" else rule
        lines.append(f"{' '.join(name)} is {name[place]}.")
    name = coin(PARTS, generator)
    return _item("pattern", k, labels, [*lines, f"{' '.join(name)} is"], name, rule, generator)


def _item(
    task: str, k: int, labels: str, lines: list[str], candidates: list[str], right: int, generator: np.random.Generator
) -> Item:
    """Shuffles the candidates, so that a tie between them favors none."""
    order = generator.permutation(len(candidates))
    return Item(task, k, labels, "\n".join(lines), tuple(candidates[i] for i in order), candidates[right])


TASKS = {"lookup": lookup, "pattern": pattern}


def make_items(shots: tuple[int, ...], words: list[str], seed: int, count: int) -> list[Item]:
    """Returns `count` prompts for each task, k and labels (only the true ones at k = 0), the same for the same seed."""
    items = []
    for number, make in enumerate(TASKS.values()):
        for k in shots:
            for labels in ("true", "shuffled") if k else ("true",):
                generator = np.random.Generator(np.random.PCG64([seed, number, k, len(labels)]))
                items += [make(k, labels, words, generator) for _ in range(count)]
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
    made = make_items(shots, vocabulary_words(subject.tokenizer), seed, count)
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
