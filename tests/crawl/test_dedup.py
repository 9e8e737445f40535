import numpy as np
import pytest

from jaxlm.crawl.dedup import find_duplicates, signature


def duplicates(texts):
    exact, bands = zip(*map(signature, texts), strict=True)
    roots, repeated = find_duplicates(np.array(exact, np.uint64), np.array(bands, np.uint64))
    return roots.tolist(), repeated.tolist()


def jaccard(first, second, n=5):
    a, b = ({tuple(words[i : i + n]) for i in range(len(words) - n + 1)} for words in (first.split(), second.split()))
    return len(a & b) / len(a | b)


@pytest.fixture(scope="module")
def corpus():
    """400 texts of 150 random words, each followed by a copy with 0 to 20 of its words replaced."""
    rng = np.random.Generator(np.random.PCG64(3))
    texts = []
    for number in range(400):
        words = rng.integers(0, 5000, 150)
        copy = words.copy()
        copy[rng.choice(150, number % 21, replace=False)] = rng.integers(5000, 9999, number % 21)
        texts += [" ".join(f"w{word}" for word in row) for row in (words, copy)]
    return texts


def test_near_duplicates_are_found_as_the_banding_curve_says(corpus):
    roots, _ = duplicates(corpus)
    pairs = [(jaccard(corpus[i], corpus[i + 1]), roots[i + 1] == i) for i in range(0, len(corpus), 2)]
    similar = [found for similarity, found in pairs if similarity >= 0.8]
    unlike = [found for similarity, found in pairs if similarity < 0.45]
    expected = sum(1 - (1 - similarity**8) ** 14 for similarity, _ in pairs)
    assert len(similar) > 60 and sum(similar) / len(similar) >= 0.97
    assert len(unlike) > 100 and sum(unlike) / len(unlike) <= 0.05
    assert abs(sum(found for _, found in pairs) - expected) < 3 * len(pairs) ** 0.5 / 2


def test_unrelated_texts_are_never_merged(corpus):
    roots, _ = duplicates(corpus[::2])
    assert roots == list(range(len(corpus) // 2))


def test_the_first_of_a_cluster_is_kept_and_copies_are_told_from_near_copies(corpus):
    text = corpus[0]
    near = text.rsplit(" ", 1)[0] + " changed"
    texts = [corpus[2], near, text, corpus[4], text.upper() + " !", near]
    assert duplicates(texts) == ([0, 1, 1, 3, 1, 1], [False, False, False, False, True, True])


def test_short_and_empty_texts():
    assert duplicates(["one two", "one three", "ONE, two", ""]) == ([0, 1, 0, 3], [False, False, True, False])
    assert duplicates(["", " ! "])[0] == [0, 0]


def test_a_long_text_is_hashed_in_pieces_without_a_change():
    words = [f"w{number}" for number in range(10_000)]
    whole, (rotated, bands) = signature(" ".join(words)), signature(" ".join(words[5000:] + words[:5000]))
    assert whole[0] != rotated  # other order, almost the same set of n-grams
    assert sum(a == b for a, b in zip(whole[1], bands, strict=True)) >= 12
