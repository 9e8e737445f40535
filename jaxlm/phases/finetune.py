"""The pretrained model learns to answer: training on the crawl's conversations and on those of the user's files."""

import pathlib

from jaxlm.errors import UserError
from jaxlm.text.conversations import read_conversations
from jaxlm.train.tuning import tune

CONFIG = ("seed", "mesh", "finetune")
INPUTS = ("crawl", "tokenizer", "pretrain")
FILES = ("finetune.data",)


def run(config, workdir: pathlib.Path) -> dict:
    """Returns the figures of `jaxlm.train.tuning.tune`."""
    return tune(config, workdir, "finetune", _read(config, workdir), base="pretrain")


def _read(config, workdir: pathlib.Path) -> list[dict]:
    """All conversations in a fixed order: the crawl's own, then the files of `config.finetune.data`."""
    own = workdir / "crawl" / "raw" / "conversations.jsonl"
    paths = ([own] if own.exists() else []) + [pathlib.Path(path) for path in config.finetune.data]
    conversations = list(read_conversations(paths))
    if len(conversations) < 2:
        raise UserError(
            "finetune: no conversations to learn from: give --config.finetune.data=\"('FILE.jsonl',)\" "
            f"(this crawl has none in {own}), or leave the phase out of --config.phases"
        )
    if not any(message["role"] == "assistant" for row in conversations for message in row["messages"]):
        raise UserError(f"{', '.join(map(str, paths))}: no conversation has a message of the assistant to learn from")
    return conversations
