"""Documents cut into passages that fit beside a question in a model's context."""

from jaxlm.evals.judge import SENTENCE_END

WORD_CHARS = 6  # of an English word with its space; counting characters does justice to languages without spaces


def passages(text: str, title: str = "", words: int = 100) -> list[str]:
    """Cuts a text into passages of about `words` words each, at ends of sentences and lines.

    They are about equally long: a text of 130 words stays whole, one of 160 becomes two of 80. A sentence of more than
    two passages' length is cut between words. Each passage but the first begins with the title, since it may lack the
    name of what it is about.
    """
    size = words * WORD_CHARS
    sentences = [part for line in text.split("\n") for part in _sentences(line + "\n", 2 * size)]
    total = sum(map(len, sentences))
    count = max(1, round(total / size))
    cut, done = [""], 0
    for sentence in sentences:
        if cut[-1] and done + len(sentence) / 2 > len(cut) * total / count:
            cut.append("")
        cut[-1] += sentence
        done += len(sentence)
    cut = [part.strip() for part in cut if part.strip()]
    return cut[:1] + [f"{title}: {part}" if title else part for part in cut[1:]]


def _sentences(line: str, longest: int) -> list[str]:
    """The sentences of a line with the white space behind them, so that they add up to the line."""
    ends = [match.end() for match in SENTENCE_END.finditer(line)]
    parts = [line[a:b] for a, b in zip([0, *ends], [*ends, len(line)])]
    return [piece for part in parts for piece in _pieces(part, longest)]


def _pieces(sentence: str, longest: int) -> list[str]:
    pieces = []
    while len(sentence) > longest:
        place = sentence.rfind(" ", 1, longest) + 1 or longest
        pieces.append(sentence[:place])
        sentence = sentence[place:]
    return [*pieces, sentence]
