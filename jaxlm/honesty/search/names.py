"""The names in a query: runs of capitalized words, and what stands in quotation marks."""

import re

# Small words inside names: University of Velm, Ludwig van Beethoven.
CONNECTORS = frozenset(
    ("of", "the", "de", "da", "di", "del", "della", "der", "den", "van", "von", "la", "le", "el", "al", "bin", "ibn")
)
# Words that open a question with a capital letter and belong to no name.
OPENERS = frozenset(
    (
        *("a", "an", "and", "are", "at", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has"),
        *("have", "how", "if", "in", "is", "of", "on", "please", "should", "tell", "the", "to", "under", "was"),
        *("were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with", "would"),
    )
)
MAX_WORDS = 8  # of a name
_QUOTED = re.compile(r'["“]([^"“”]{1,100})["”]')
_POSSESSIVE = re.compile(r"['’]s?$")
_ENDS = (",", ";", ":", "!", "?", ".", ")", "'s", "’s")


def names(query: str) -> list[list[str]]:
    """The spans of two words or more that look like names, each as its words in the order of the query.

    Numbers may follow (Apollo 11), small words may stand inside, initials keep their dot out (`J. Baker` is J, Baker).
    """
    found = [match.group(1).split() for match in _QUOTED.finditer(query)]
    span: list[str] = []
    for word in [*_QUOTED.sub(" , ", query).split(), ","]:
        bare = _POSSESSIVE.sub("", word.strip('()[]{},.;:!?"“”'))
        opener = not span and bare.lower() in OPENERS
        belongs = (bare[:1].isupper() and not opener) or (span and (bare[:1].isdigit() or bare in CONNECTORS))
        span += [bare] * bool(belongs)
        if not belongs or (word.endswith(_ENDS) and len(bare) > 1):
            found.append(_trimmed(span))
            span = []
    return [words[:MAX_WORDS] for words in found if len(words) > 1]


def parts(name: list[str]) -> list[list[list[str]]]:
    """The name itself, then the shorter names inside it by falling length: each begins and ends with no small word."""
    by_length = []
    for length in range(len(name), 1, -1):
        spans = [name[i : i + length] for i in range(len(name) - length + 1)]
        by_length.append([span for span in spans if not {span[0].lower(), span[-1].lower()} & (CONNECTORS | OPENERS)])
    return [spans for spans in by_length if spans]


def _trimmed(span: list[str]) -> list[str]:
    while span and span[-1] in CONNECTORS:
        span = span[:-1]
    return span
