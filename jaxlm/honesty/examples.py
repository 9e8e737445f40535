"""Training conversations from what the probe found: known questions keep their answer, unknown ones get "I'm not sure".

`propose` writes one example a question, for a person to read, edit, accept or reject. `mix` turns those, in the balance
that `config.honesty` asks for and with the plain conversations of fine-tuning between them, into what is trained on.
"""

import collections
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError
from jaxlm.evals.judge import abstains, first_sentence, mark, normalize
from jaxlm.honesty import abstention, patterns

BETWEEN = ("drop", "answer", "refuse", "by_share")
ANSWERS = ("own", "reference")
SIDES = ("answer", "refuse")
LONGEST_OWN = 160  # characters of an answer of the model's own


def propose(rows: Iterable[dict], answers: str, seed: int) -> list[dict]:
    """Returns an example {id, messages, metadata, decision, edited} for each probed row.

    Args:
      rows: of the probe.
      answers: "own", what the model itself said where it was right, which changes it least; or "reference", the short
        answer of the passage.
      seed: decides the phrasings.
    """
    dice = Dice(seed, "propose examples")
    return [_example(row, _answer(row, answers), abstention.phrase(dice)) for row in rows]


def mix(
    rows: Sequence[dict],
    examples: Iterable[dict],
    plain: Sequence[dict],
    settings: Any,
    seed: int,
    emphasis: dict[str, int] | None = None,
) -> list[dict]:
    """Returns the conversations {messages, metadata} to train on, in random order.

    Args:
      rows: probed rows that may be trained on; examples of other questions are left out.
      examples: of `propose`, with a person's decisions.
      plain: conversations of fine-tuning; those that answer what is unknown are left out.
      settings: `config.honesty`.
      seed: decides everything random.
      emphasis: how often the example of a question is repeated, where that is not once.
    Raises:
      UserError: nothing is left to train on.
    """
    dice = Dice(seed, "honesty mix")
    accepted = {row["id"]: row for row in examples if usable(row, settings.reviewed_only)}
    sides: dict[str, list[dict]] = {"answer": [], "refuse": [], "nobody": []}
    for row in rows:
        if row["id"] in accepted:
            for messages in _turns(row, accepted[row["id"]], settings, dice) * (emphasis or {}).get(row["id"], 1):
                side = "refuse" if abstains(messages[-1]["content"]) else "answer"
                side = "nobody" if side == "refuse" and row["kind"] == "nobody" else side
                sides[side].append({"messages": messages, "metadata": {"kind": f"honesty_{side}"}})
    chosen = dice.shuffled(balance(sides, settings.known_per_unknown, settings.nobody, dice))
    if not chosen:
        raise UserError("honesty: no example is left to train on (config.honesty.reviewed_only, or all are rejected)")
    kept = without_unknown(plain, rows)
    found = _in_context(chosen, kept, settings, dice)
    share = settings.plain / (1 - settings.plain)
    return dice.shuffled(found + dice.sample(kept, round(len(found) * share)))


def usable(example: dict, reviewed_only: bool) -> bool:
    """Tells whether a person's decision, or the lack of one, lets an example be trained on."""
    decision = example.get("decision")
    return decision == "accept" if reviewed_only else decision != "reject"


def balance(sides: dict[str, list[dict]], known_per_unknown: float, nobody: float, dice: Dice) -> list[dict]:
    """Returns refusals, of which a share of `nobody` is about nobody, and `known_per_unknown` times as many answers.

    No refusal occurs twice, as it is from many different names that a model learns what it has not met. Answers do, as
    often as it takes: there are only so many things that a model knows. 0 known per unknown takes each answer once.
    """
    answers, refusals, nobodies = (dice.shuffled(sides[name]) for name in ("answer", "refuse", "nobody"))
    if 0 < nobody < 1:  # as many as the scarcer of the two allows
        total = min(len(nobodies) / nobody, len(refusals) / (1 - nobody)) if nobodies and refusals else 0
        nobodies = nobodies[: round(total * nobody)] if total else nobodies
        refusals = refusals[: round(total * (1 - nobody))] if total else refusals
    refused = [*(nobodies if nobody else []), *(refusals if nobody < 1 else [])]
    wanted = round(len(refused) * known_per_unknown) if known_per_unknown else len(answers)
    repeated = (dice.shuffled(answers) for _ in range(-(-wanted // max(1, len(answers)))))
    return [*itertools.islice(itertools.chain.from_iterable(repeated), wanted), *refused]


def without_unknown(plain: Iterable[dict], rows: Sequence[dict]) -> list[dict]:
    """Returns the conversations in which no question is one that the probe found unknown, in whatever words.

    To train on their answers beside the refusals would teach both, and to guess (Gekhman et al. 2024). A question about
    somebody whom its own message tells of before is no question of knowledge.
    """
    unknown = [row for row in rows if row["label"] == "unknown" and row["kind"] == "document"]
    facts = {(row["entity"], row["attribute"]) for row in unknown}
    texts = {normalize(row["question"]) for row in unknown}

    def answers_unknown(conversation: dict) -> bool:
        asked = [message["content"] for message in conversation["messages"] if message["role"] == "user"]
        if any(isinstance(text, str) and normalize(text) in texts for text in asked):
            return True
        told = [text for text in asked if isinstance(text, str)]
        return any(
            (name, attribute) in facts and not any(text.count(name) > 1 for text in told)
            for name, attribute in patterns.asked_about(conversation["messages"])
        )

    return [conversation for conversation in plain if not answers_unknown(conversation)]


def counts(conversations: Iterable[dict]) -> dict[str, int]:
    """Returns how many conversations there are of each kind; those of fine-tuning count as "plain"."""
    kinds = (row["metadata"].get("kind", "") for row in conversations)
    found = collections.Counter(kind if kind.startswith("honesty_") else "plain" for kind in kinds)
    return dict(sorted(found.items()))


def _example(row: dict, answer: str, refusal: str) -> dict:
    said = answer if row["label"] == "known" or (row["label"] == "between" and row["share"] >= 0.5) else refusal
    shown = {name: row[name] for name in ("label", "question", "passage", "source", "answers", "marks", "share")}
    return {
        "id": row["id"],
        "messages": [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": said}],
        "metadata": {"kind": row["kind"], **shown, "answer": answer, "refusal": refusal},
        "decision": None,
        "edited": False,
    }


def _answer(row: dict, answers: str) -> str:
    """The answer that a known question keeps; of the model's own the likeliest right one that is one sentence."""
    if row["kind"] == "nobody":
        return ""
    if answers == "own":
        for text in (row["greedy"], *row["answers"]):
            right = mark(text, row["answer"], row["aliases"], row["rivals"], row["question"]) == "right"
            if right and text == first_sentence(text) and text.endswith(".") and len(text) <= LONGEST_OWN:
                return text
    return row["answer"] if row["answer"].endswith(".") else f"{row['answer']}."


def _turns(row: dict, example: dict, settings: Any, dice: Dice) -> list[list[dict]]:
    """The conversations that one example becomes; what a person edited or accepted stays as it is."""
    if example.get("edited") or example.get("decision") == "accept" or row["label"] == "unknown":
        return [example["messages"]]
    about = example["metadata"]
    if row["label"] == "known":
        border = settings.border * (1 - row["share"])
        copies = 1 + int(border) + dice.chance(border % 1)
        return [_pair(row, about["answer"])] * copies
    if settings.between == "by_share":
        right = [dice.chance(row["share"]) for _ in range(settings.soft_copies)]
        return [_pair(row, about["answer"] if one else about["refusal"]) for one in right]
    said = {"drop": None, "answer": about["answer"], "refuse": about["refusal"]}[settings.between]
    return [_pair(row, said)] if said else []


def _pair(row: dict, said: str) -> list[dict]:
    return [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": said}]


def _in_context(chosen: list[dict], plain: list[dict], settings: Any, dice: Dice) -> list[dict]:
    """Some examples follow others in one conversation, some a plain conversation, some refusals a system prompt.

    Whether to refuse must depend on the question alone. Answers get no system prompt here: it may ask for another
    form than the answer has, and the plain conversations have answers under all of them.
    """
    prompts = [row["messages"][0] for row in plain if row["messages"][0]["role"] == "system"]
    found, index = [], 0
    while index < len(chosen):
        row, messages = chosen[index], []
        index += 1
        if dice.chance(settings.multi_turn):
            if plain and dice.chance(0.5):
                messages = _opening(dice.pick(plain)["messages"])
            elif index < len(chosen):
                messages = chosen[index]["messages"]
                index += 1
        elif prompts and row["metadata"]["kind"] != "honesty_answer" and dice.chance(settings.system):
            messages = [dice.pick(prompts)]
        found.append(row | {"messages": [*messages, *row["messages"]]})
    return found


def _opening(messages: list[dict]) -> list[dict]:
    """The first question and answer of a conversation without tools; no system prompt, which may ask for a form."""
    turns = [message for message in messages if message["role"] != "system"][:2]
    if [message["role"] for message in turns] != ["user", "assistant"] or turns[1].get("tool_calls"):
        return []
    return turns
