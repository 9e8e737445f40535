"""Rules about repeated lines and n-grams (Gopher, table A1; FineWeb)."""

from collections import Counter

import numpy as np

NAME_WORDS = 5  # an n-gram of so many words may be a name or a title
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplication modulo 2^64 loses nothing


def judge(text: str, words: list[str], lines: list[str], limits) -> str | None:
    """The first rule of repetition that removes the text, None if it stays; `limits` is a quality.Thresholds."""
    return _repeated_lines(text, lines, limits) or _repeated_ngrams(len(text), words, limits)


def _repeated_lines(text: str, lines: list[str], limits) -> str | None:
    repeats, characters = _repeats(lines)
    if repeats > limits.max_duplicate_lines:
        return "duplicate lines"
    if _repeats([part.strip() for part in text.split("\n\n") if part.strip()])[0] > limits.max_duplicate_paragraphs:
        return "duplicate paragraphs"
    # FineWeb's limit of 0.1 is below Gopher's 0.2, and what holds for lines holds for the paragraphs they make up.
    return "duplicate line characters" if characters / len(text) >= limits.max_duplicate_line_characters else None


def _repeats(parts: list[str]) -> tuple[float, int]:
    """Share of the parts that repeat an earlier one, and the characters in these."""
    counts = Counter(parts)
    repeats = sum(count - 1 for count in counts.values())
    return repeats / len(parts), sum((count - 1) * len(part) for part, count in counts.items())


def _repeated_ngrams(length: int, words: list[str], limits) -> str | None:
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    ids = np.fromiter((numbers[word] for word in words), np.uint64, len(words)) + np.uint64(1)
    ends = np.concatenate(([0], np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))))
    frequent, duplicate = dict(limits.max_frequent_ngram), dict(limits.max_duplicate_ngrams)
    shortest = NAME_WORDS + 1 if len(words) < limits.short_text else 2
    hashes = ids
    for n in range(2, max([*frequent, *duplicate]) + 1):
        if len(words) < n:
            return None
        hashes = (hashes[:-1] * _MULTIPLIER ^ (hashes[:-1] >> np.uint64(29))) + ids[n - 1 :]
        _, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        if len(counts) == len(hashes):  # no n-gram occurs twice, hence no longer one either
            return None
        if n < shortest:
            continue
        sizes = ends[n:] - ends[:-n]
        if n in frequent and _most_frequent(codes, counts, sizes) / length > frequent[n]:
            return f"frequent {n}-gram"
        if n in duplicate and _covered(codes.tolist(), len(counts), sizes.tolist(), n) / length > duplicate[n]:
            return f"duplicate {n}-grams"
    return None


def _most_frequent(codes: np.ndarray, counts: np.ndarray, sizes: np.ndarray) -> int:
    """Characters in all occurrences of the most frequent n-gram; of equally frequent ones, the one with the most."""
    candidates = counts[codes] == counts.max()
    return int(counts.max() * sizes[candidates].max())


def _covered(codes: list[int], kinds: int, sizes: list[int], n: int) -> int:
    """Characters in n-grams that occurred before, left to right, none counted twice."""
    seen = bytearray(kinds)
    characters = position = 0
    while position < len(codes):
        if seen[codes[position]]:
            characters += sizes[position]
            position += n
        else:
            seen[codes[position]] = 1
            position += 1
    return characters
