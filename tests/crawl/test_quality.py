import dataclasses

import pytest

from jaxlm.crawl.quality import SOURCES, Thresholds, drop_notices, judge

ENDINGS = ("lan", "mer", "tin", "vos")


def numbered(count, sentence, joint="\n"):
    """`count` sentences with two varying words each, none of them alike."""
    words = [first + second for first in ("ba", "do", "ke", "li", "mu", "pa", "ro") for second in ENDINGS]
    return joint.join(sentence.format(words[number % 28], words[(number * 5 + 3) % 28]) for number in range(count))


PHRASE = "seven old ships carry salt over the wide gray bay"  # ten words
NO_FREQUENT = dict(max_frequent_ngram=((2, 1.0),))
NO_NGRAMS = dict(**NO_FREQUENT, max_duplicate_ngrams=())
# For each rule a text, what switches the rule off, and what has to be off for the text to reach it.
CASES = {
    "too few words": (
        "The little boat is on the quiet lake. Its sail and its mast are old. That is everything.",
        dict(min_words=0),
        {},
    ),
    "too many words": ("{prose}", dict(max_words=1000), dict(max_words=60)),
    "word length": (numbered(20, "The and {}sterilization{}extraordinary.", " "), dict(max_mean_word_length=99), {}),
    "symbols": ("{prose}" + " #" * 20, dict(max_symbols_per_word=1), {}),
    "bullet lines": (
        numbered(12, "- The {} is found in the hills of the {} and by the coast."),
        dict(max_bullet_lines=1),
        NO_NGRAMS,
    ),
    "ellipsis lines": (
        numbered(12, "The {} is found in the hills of the {} and by the coast..."),
        dict(max_ellipsis_lines=1),
        NO_NGRAMS,
    ),
    "words without letters": (
        "{prose} " + " ".join(str(7919 * number % 10007) for number in range(40)) + ".",
        dict(min_words_with_letters=0),
        {},
    ),
    "few stop words": (
        numbered(12, "Any {} boats go far past our {} without much noise."),
        dict(min_stop_words=0),
        NO_NGRAMS,
    ),
    "duplicate lines": ("{prose}" + "\nYes, so." * 6, dict(max_duplicate_lines=1), {}),
    "duplicate paragraphs": ("{prose}" + "\n\nYes, so." * 2, dict(max_duplicate_paragraphs=1), {}),
    "duplicate line characters": (
        "{prose}" + "\nAll hands went up on deck at once with a loud cry." * 3,
        dict(max_duplicate_line_characters=1),
        NO_NGRAMS,
    ),
    "frequent 2-gram": (
        "{prose} " + numbered(28, "Maralina Velindor {}, {}.", " "),
        dict(max_frequent_ngram=((2, 1.0), (3, 0.18), (4, 0.16))),
        {},
    ),
    "frequent 3-gram": (
        "{prose} " + numbered(28, "Maralina of Velindor {}, {}.", " "),
        dict(max_frequent_ngram=((2, 0.2), (3, 1.0), (4, 0.16))),
        {},
    ),
    "frequent 4-gram": ("{prose} " + numbered(12, "Mara Velin of Tolm {}, {}.", " "), NO_FREQUENT, {}),
    **{
        f"duplicate {n}-grams": (
            "{prose} " + numbered(12, " ".join(PHRASE.split()[:n]) + " {} {}.", " "),
            dict(max_duplicate_ngrams=((n, 1.0),)),
            dict(**NO_FREQUENT, max_duplicate_ngrams=((n, dict(Thresholds().max_duplicate_ngrams)[n]),)),
        )
        for n in range(5, 11)
    },
    "lorem ipsum": ("{prose} Lorem ipsum dolor sit amet.", None, {}),
    "curly bracket": ("{prose} if (a) {{ b", None, {}),
    "too few sentences": ("{prose without stops}.", dict(min_sentences=0), {}),
    "lines without punctuation": (
        numbered(12, "It is said of {} at night. Then the hills of {} and the coast"),
        dict(min_lines_with_punctuation=-1),
        NO_NGRAMS,
    ),
    "short lines": (numbered(30, "The {} and the {}."), dict(max_short_lines=2), NO_NGRAMS),
    "many line breaks": (
        numbered(12, "The hills of {} rise over the town and {}.", "\n\n\n\n"),
        dict(max_line_breaks_per_word=1),
        NO_NGRAMS,
    ),
}


def test_every_rule_has_a_case():
    assert set(CASES) == set(SOURCES)


def test_prose_passes(prose):
    assert judge(prose(), Thresholds()) is None


@pytest.mark.parametrize("rule", CASES)
def test_the_text_trips_this_rule_and_no_other(prose, rule):
    template, off, reach = CASES[rule]
    text = template.format(**{"prose": prose(), "prose without stops": prose().replace(".", "").replace("\n", " ")})
    limits = dataclasses.replace(Thresholds(), **reach)
    assert judge(text, limits) == rule
    if off is None:  # a rule for web pages only
        assert judge(text, limits, web=False) is None
    else:
        assert judge(text, dataclasses.replace(limits, **off)) is None


def test_a_name_may_recur_in_a_short_text_but_not_a_sentence():
    name = numbered(6, "Maralina Velindor saw the {} and {}.", " ")
    sentence = "Here you find the very best and cheapest watches. " * 6
    limits = dataclasses.replace(Thresholds(), min_words=20)
    assert judge(name, limits) == "frequent 2-gram"
    short = dataclasses.replace(limits, short_text=150)
    assert judge(name, short) is None
    assert judge(sentence, short) == "duplicate 6-grams"


def test_stop_words_are_asked_of_english_only(prose):
    text = prose().translate(str.maketrans("aeo", "\u00e4\u00eb\u00f6"))
    assert judge(text, Thresholds(), "en") == "few stop words"
    assert judge(text, Thresholds(), "de") is None


def test_nothing_is_too_few_words():
    assert judge("", Thresholds(min_words=0)) == judge("\n .\n", Thresholds(min_words=0)) == "too few words"


def test_notices_are_dropped_line_by_line():
    assert drop_notices("One.\nWe use cookies.\nTwo.\nPlease enable JavaScript.") == "One.\nTwo."
    assert drop_notices("One.\n\nTwo.") == "One.\n\nTwo."
