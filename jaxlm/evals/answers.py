"""The same prompts answered by the base and the tuned model, side by side, for reading.

In a world with known facts the answers come from the items of `recall` and `instructions`; on real text the models
continue the beginnings of held-out documents and reply in held-out conversations.
"""

from collections.abc import Sequence

import numpy as np

from jaxlm.evals import statistics
from jaxlm.evals.bpb import Document
from jaxlm.evals.subject import Subject

PER_QUESTION = 3  # rows a (tier, split) of questions
PER_CLOZE = 1  # rows a (tier, split) of cloze prompts
PER_TASK = 3  # rows a task of instructions
HEAD_TOKENS = 24  # of a document, given; as many words and more follow in `expected`
TAIL_TOKENS = 64


def from_items(recall: list[dict], instructions: list[dict], seed: int) -> list[dict]:
    """Returns rows {kind, tier, split, type, prompt, messages, expected, base, tuned, base_right, tuned_right}.

    A few of each (form, tier, split) and each task of instructions, drawn by the seed; where one model did not run, its
    fields are None.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for (form, _, _), members in _cells(recall, "form", "tier", "split"):
        limit = PER_QUESTION if form == "question" else PER_CLOZE
        pairs = statistics.group(members, lambda item: (item["entity"], item["attribute"], item["prompt"]))
        rows += [_row(form, pair) for pair in _draw(pairs, limit, generator)]
    for _, members in _cells([item | {"type": item["task"]} for item in instructions], "type"):
        pairs = statistics.group(members, lambda item: str(item["messages"]))
        rows += [_row("instruction", pair) for pair in _draw(pairs, PER_TASK, generator)]
    return rows


def from_text(
    subjects: Sequence[Subject], documents: list[Document], conversations: list[Document], count: int
) -> list[dict]:
    """Returns such rows for beginnings of documents (kind `completion`) and of conversations (kind `conversation`).

    `expected` is what the held-out text says there; nothing is marked right or wrong. A base model does not know the
    control tokens of a conversation, so only the tuned one replies.
    """
    items = []
    for subject in subjects:
        heads = [ids[: 1 + HEAD_TOKENS].tolist() for ids, _ in documents[:count]]
        tails = [ids[1 + HEAD_TOKENS :][:TAIL_TOKENS].tolist() for ids, _ in documents[:count]]
        items += _continue(subject, "completion", heads, tails)
        if subject.tuned:
            cuts = [first_reply(ids, mask) for ids, mask in conversations[:count]]
            fitting = [cut for cut in cuts if cut and len(cut[0]) + subject.max_new <= subject.cfg.max_len]
            items += _continue(subject, "conversation", *map(list, zip(*fitting, strict=True))) if fitting else []
    pairs = statistics.group(items, lambda item: (item["kind"], item["number"]))
    return [_row(kind, pair) for (kind, _), pair in pairs.items()]


def first_reply(ids: np.ndarray, mask: np.ndarray) -> tuple[list[int], list[int]] | None:
    """Splits a rendered conversation before the first token that the assistant had to produce: (prompt, reply)."""
    learnt = np.flatnonzero(mask)
    if not learnt.size:
        return None
    start = int(learnt[0])
    pause = np.flatnonzero(mask[start:] == 0)
    end = start + int(pause[0]) if pause.size else len(ids)
    return ids[:start].tolist(), ids[start:end].tolist()


def _continue(subject: Subject, kind: str, heads: list[list[int]], tails: list[list[int]]) -> list[dict]:
    stops = (subject.tokenizer.eos, subject.tokenizer.end)
    decode = subject.tokenizer.decode
    return [
        {"model": subject.name, "kind": kind, "number": number, "prompt": decode(head), "answer": decode(tail)}
        | {"response": decode(generation.tokens)}
        for number, (head, tail, generation) in enumerate(
            zip(heads, tails, subject.extend(heads, stop=stops), strict=True)
        )
    ]


def _cells(items: list[dict], *fields: str) -> list[tuple[tuple, list[dict]]]:
    return list(statistics.group(items, lambda item: tuple(item[field] for field in fields)).items())


def _draw(pairs: dict, limit: int, generator: np.random.Generator) -> list[list[dict]]:
    """Draws by number, not by content, so that both models' items of a prompt stay together."""
    chosen = np.sort(generator.permutation(len(pairs))[:limit])
    return [list(pairs.values())[i] for i in chosen]


def _row(kind: str, pair: list[dict]) -> dict:
    first = pair[0]
    row = {"kind": kind} | {field: first.get(field) for field in ("tier", "split", "type", "prompt", "messages")}
    row["expected"] = first.get("answer", first.get("check"))
    for model in ("base", "tuned"):
        item = next((item for item in pair if item["model"] == model), {})
        row |= {model: item.get("response"), f"{model}_right": item.get("right")}
    return row
