"""The pretrained model learns to answer: training on the crawl's conversations and on those of the user's files.

Where `config.probe.told` says so, also on questions about a share of the training documents, written to told.jsonl:
what a model has read it can be asked for only if it has learnt on other things to be asked (Allen-Zhu & Li, "Physics of
language models: part 3.1", 2023).
"""

import pathlib

from jaxlm.errors import UserError
from jaxlm.files import write_jsonl
from jaxlm.honesty import interrogator
from jaxlm.text.conversations import read_conversations
from jaxlm.train.tuning import tune

CONFIG = ("seed", "mesh", "finetune", "probe.told", "tokenizer.holdout", "tokenizer.holdout_by")
INPUTS = ("crawl", "tokenizer", "pretrain")
FILES = ("finetune.data",)

PER_DOCUMENT = 2  # questions, at most: more would be sentences with a word left out
TOLD = 0.5  # share of all conversations that what is told makes up, each as often as that takes


def run(config, workdir: pathlib.Path) -> dict:
    """Returns the figures of `jaxlm.train.tuning.tune`."""
    return tune(config, workdir, "finetune", read(config, workdir), base="pretrain")


def read(config, workdir: pathlib.Path) -> list[dict]:
    """All conversations in a fixed order: the crawl's own, the files of `config.finetune.data`, what is told."""
    own = workdir / "crawl" / "raw" / "conversations.jsonl"
    paths = ([own] if own.exists() else []) + [pathlib.Path(path) for path in config.finetune.data]
    conversations = list(read_conversations(paths))
    if told := _told(config, workdir):
        times = max(1, round(len(conversations) * TOLD / (1 - TOLD) / len(told)))
        conversations += told * times
    if len(conversations) < 2:
        raise UserError(
            "finetune: no conversations to learn from: give --config.finetune.data=\"('FILE.jsonl',)\" "
            f"(this crawl has none in {own}), or leave the phase out of --config.phases"
        )
    if not any(message["role"] == "assistant" for row in conversations for message in row["messages"]):
        raise UserError(f"{', '.join(map(str, paths))}: no conversation has a message of the assistant to learn from")
    return conversations


def _told(config, workdir: pathlib.Path) -> list[dict]:
    """Questions of the built-in interrogator about the documents that the probe leaves out, and their answers."""
    share, seed = config.probe.told, config.seed
    if not share:
        return []
    documents = interrogator.documents(workdir / "crawl" / "documents", config.tokenizer, seed)
    chosen = (document for document in documents if interrogator.told(document["id"], share, seed))
    found = interrogator.read(chosen, seed, PER_DOCUMENT, 1, None)
    rows = interrogator.conversations(found.pairs)
    write_jsonl(workdir / "finetune" / "told.jsonl", rows)
    return rows
