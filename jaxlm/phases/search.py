"""The model learns to search: an index of the crawl is built, and conversations about what it holds are tuned on."""

import itertools
import pathlib

from jaxlm.crawl.documents import read_documents
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty import lookup, replay
from jaxlm.honesty.search import index
from jaxlm.honesty.search.hits import search_tool
from jaxlm.text.conversations import read_conversations
from jaxlm.train.tuning import tune

CONFIG = ("seed", "mesh", "search", "tools.search", "finetune.data")
INPUTS = ("crawl", "tokenizer", "finetune", "probe", "honesty")
FILES = ("search.data", "finetune.data")


def run(config, workdir: pathlib.Path) -> dict:
    """Writes index/, conversations.jsonl (for reading and editing) and what `tune` writes; returns its figures and
    {kinds: conversations of each kind, passages: in the index}.
    """
    settings, found_by, folder = config.search, config.tools.search, workdir / "search"

    # ---- the index: what was crawled, and what appeared later -------------------------------------------------------
    later = workdir / "crawl" / "raw" / "later.jsonl"
    documents = itertools.chain(
        read_documents(workdir / "crawl" / "documents"), read_jsonl(later) if later.exists() else ()
    )
    if not (folder / "index" / "index.json").exists():
        index.build(folder / "index", documents, found_by.passage_words, found_by.language)
    found = index.Index.open(folder / "index", found_by.named)

    # ---- conversations ----------------------------------------------------------------------------------------------
    tool = search_tool(found.search, found_by.results, found_by.passage_chars)
    questions = list(read_jsonl(workdir / "probe" / "answers.jsonl"))
    limits = (found_by.results, found_by.passage_chars)
    rows = lookup.make(questions, found.search, tool, settings.dialogues, *limits, config.seed)
    if not rows:
        raise UserError(f"{workdir}/probe/answers.jsonl: no question with a label to make conversations from")
    write_jsonl(folder / "conversations.jsonl", rows)
    groups = replay.earlier(config, workdir, ("finetune", "honesty"))
    wanted = round(len(rows) * settings.earlier / (1.0 - settings.earlier))
    dice = Dice(config.seed, "search mix")
    own = read_conversations([pathlib.Path(path) for path in settings.data])
    mixed = dice.shuffled([*rows, *own, *replay.even(groups, wanted, dice)])

    # ---- training ---------------------------------------------------------------------------------------------------
    base = next(phase for phase in ("honesty", "finetune") if phase in config.phases)
    result = tune(config, workdir, "search", mixed, base=base)
    kinds = [row["metadata"]["kind"] for row in rows]
    return result | dict(kinds={kind: kinds.count(kind) for kind in lookup.KINDS}, passages=len(found))
