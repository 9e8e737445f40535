"""Whether two answers mean the same, and how many meanings a set of answers has."""

import math
import re
from collections.abc import Callable, Sequence

from jaxlm.evals import judge

# Tells of (question, one answer, another) whether the two say the same.
Same = Callable[[str, str, str], bool]
Chat = Callable[[list[list[dict]]], list[str]]  # conversations in, the next message of each out: `Subject.chat`

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: str(number) for number, word in enumerate(UNITS)}
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
SAME_MEANING = (
    "Question: {question}\nFirst answer: {first}\nSecond answer: {second}\n"
    "Do the two answers say the same? Answer with yes or no."
)


def canonical(answer: str, question: str = "") -> str:
    """The words of an answer's first sentence, normalized as the judge does, less those that the question holds.

    Numbers up to twelve in words and with thousands separators become digits. An answer that only repeats words of the
    question keeps them.
    """
    asked = set(judge.normalize(question).split())
    said = judge.normalize(THOUSANDS.sub("", judge.first_sentence(answer))).split()
    words = [word for word in said if word not in asked] or said
    return " ".join(NUMBERS.get(word, word) for word in words)


def same_words(question: str, first: str, second: str) -> bool:
    """The judge without a model: one canonical answer stands as whole words in the other one.

    `In Orrin` means `Orrin`. An abstention means nothing and is the same as no other answer, nor as another abstention:
    a model that keeps saying that it is not sure has not agreed on an answer.
    """
    if judge.abstains(first) or judge.abstains(second):
        return False
    first, second = canonical(first, question), canonical(second, question)
    return first == second or judge.find(first, second) >= 0 or judge.find(second, first) >= 0


def by_model(chat: Chat) -> Same:
    """The judge that asks a model; what it is asked twice it is asked once. Abstentions as in `same_words`."""
    known: dict[tuple[str, str, str], bool] = {}

    def same(question: str, first: str, second: str) -> bool:
        if judge.abstains(first) or judge.abstains(second):
            return False
        if canonical(first) == canonical(second):
            return True
        key = (question, first, second)
        if key not in known:
            asked = SAME_MEANING.format(question=question, first=first, second=second)
            known[key] = judge.normalize(chat([[{"role": "user", "content": asked}]])[0]).startswith("yes")
        return known[key]

    return same


def clusters(question: str, answers: Sequence[str], same: Same = same_words) -> list[int]:
    """The number of the meaning of each answer, from 0 in order of appearance.

    An answer joins the first cluster whose first member it means the same as (Farquhar et al., Nature 2024, who ask for
    entailment both ways).
    """
    heads: list[str] = []
    numbers = []
    for answer in answers:
        number = next((i for i, head in enumerate(heads) if same(question, head, answer)), len(heads))
        if number == len(heads):
            heads.append(answer)
        numbers.append(number)
    return numbers


def entropy(numbers: Sequence[int]) -> float:
    """Entropy in nats of the shares of the clusters: 'discrete semantic entropy' of Farquhar et al."""
    shares = [numbers.count(number) / len(numbers) for number in sorted(set(numbers))]
    return -sum(share * math.log(share) for share in shares) + 0.0
