"""Conversations of earlier phases, taught again beside new ones: what is not practiced is forgotten."""

import pathlib
from collections.abc import Iterable, Sequence

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.text.conversations import read_conversations

# What the phases were trained on, in their order, beside the user's own files. That of honesty holds conversations of
# fine-tuning too, marked by another kind.
EARLIER = {
    "finetune": ("crawl/raw/conversations.jsonl", "finetune/told.jsonl"),
    "honesty": ("honesty/conversations.jsonl",),
    "search": ("search/conversations.jsonl",),
}


def earlier(config, workdir: pathlib.Path, phases: Iterable[str]) -> list[list[dict]]:
    """Returns the conversations {messages, metadata: {phase}} of those of `phases` that the experiment has.

    Those about a text to read are a group of their own: reading is what tuning on anything else forgets first. Rows
    that a review rejected are left out.
    """
    groups = []
    for phase in phases:
        if phase in config.phases:
            paths = [path for path in (workdir / name for name in EARLIER[phase]) if path.exists()]
            if phase == "finetune":
                paths += [pathlib.Path(path) for path in config.finetune.data]
            rows = [row for row in read_conversations(paths) if row["metadata"].get("decision") != "reject"]
            rows = [row for row in rows if phase != "honesty" or row["metadata"].get("kind", "").startswith("honesty")]
            for apart in (False, True):
                group = [row for row in rows if (row["metadata"].get("kind") == "reading") is apart]
                groups.append([{"messages": row["messages"], "metadata": {"phase": phase}} for row in group])
    return groups


def even(groups: Sequence[list[dict]], wanted: int, dice: Dice) -> list[dict]:
    """Returns at most `wanted` rows, drawn anew from each group, as many of each as that goes."""
    chosen: list[dict] = []
    groups = sorted((group for group in groups if group), key=len)
    for number, group in enumerate(groups):
        chosen += dice.sample(group, -(-(wanted - len(chosen)) // (len(groups) - number)))
    return chosen
