"""The model learns who it is: training on conversations made from `config.identity.card`.

They go to `conversations.jsonl` first, mixed with conversations that earlier phases were trained on, against
forgetting; the questions that test it go to `heldout.jsonl`. A conversations.jsonl that exists is trained on as it is.
"""

import pathlib
import re

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.errors import UserError
from jaxlm.files import read_jsonl, write_jsonl
from jaxlm.honesty import identity, identity_questions, replay
from jaxlm.text.conversations import read_conversations
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.tuning import tune

CONFIG = ("seed", "mesh", "identity", "finetune.data")
INPUTS = ("crawl", "tokenizer", "pretrain", "finetune", "probe", "honesty", "search")
FILES = ("identity.data", "finetune.data")
BASES = ("search", "honesty", "finetune", "pretrain")  # the first that the experiment has is what the phase starts from
# An assistant that speaks of itself: where such a conversation is replayed, the card is taught and untaught at once.
SELF = re.compile(
    r"\b(?:as an ai|i am an? (?:\w+ )*(?:ai|assistant|language model|chatbot)|my name is|i was (?:made|created|trained"
    r"|developed|built) by)\b",
    re.IGNORECASE,
)


def run(config, workdir: pathlib.Path) -> dict:
    """Returns the figures of `jaxlm.train.tuning.tune`, and {made, earlier}: the conversations about the model itself
    and those of earlier phases.
    """
    path = workdir / "identity" / "conversations.jsonl"
    if not path.exists():
        card, languages = identity.Card(**config.identity.card), tuple(config.identity.languages)
        write_jsonl(workdir / "identity" / "heldout.jsonl", identity_questions.heldout(card, languages, config.seed))
        write_jsonl(path, conversations(card, config, workdir))
    rows = [row for row in read_jsonl(path) if row.get("decision") != "reject"]
    counts = {part: sum(_is_made(row) == (part == "made") for row in rows) for part in ("made", "earlier")}
    return counts | tune(config, workdir, "identity", rows, base=base(config))


def base(config) -> str:
    """Returns the phase whose model learns who it is; UserError when the experiment trains none."""
    for phase in BASES:
        if phase in config.phases:
            return phase
    raise UserError(f"config.phases: 'identity' needs a model to start from: one of {', '.join(BASES)}")


def conversations(card: identity.Card, config, workdir: pathlib.Path) -> list[dict]:
    """Returns generated, the user's and earlier conversations in random order, as `config.identity` says."""
    settings, dice = config.identity, Dice(config.seed, "identity-mix")
    tokenizer = Tokenizer.load(workdir / "tokenizer")
    encode = None if tokenizer.kind == "char" else tokenizer.encode
    made = identity.conversations(card, tuple(settings.languages), settings.dialogues, config.seed, encode)
    made += list(read_conversations([pathlib.Path(file) for file in settings.data]))
    coiner = identity.training_coiner(card, config.seed, "identity-others")
    wanted = round(len(made) * settings.earlier / (1.0 - settings.earlier))
    groups = replay.earlier(config, workdir, ("finetune", "honesty", "search"))
    groups = [[row for row in group if not _speaks_of_itself(row)] for group in groups]
    replayed = [
        identity.with_identity(row, coiner) if dice.chance(settings.others) else row
        for row in replay.even(groups, wanted, dice)
    ]
    return dice.shuffled([*made, *replayed])


def _speaks_of_itself(row: dict) -> bool:
    said = (message.get("content") for message in row["messages"] if message["role"] == "assistant")
    return any(isinstance(text, str) and SELF.search(text) for text in said)


def _is_made(row: dict) -> bool:
    return "phase" not in row.get("metadata", {})
