"""A run folder with a tiny corpus already tokenized, and a configuration that trains on it in a second."""

import json
import pathlib

import numpy as np
import pytest

from jaxlm.config import defaults
from jaxlm.phases import finetune, pretrain
from jaxlm.text.store import write_store
from jaxlm.text.tokenizer import BOS, EOS, train

WORDS = ["the", "cat", "sat", "on", "a", "mat", "and", "saw", "two", "dogs", "run", "by", "Q:", "A:", "who"]


def sentences(count: int, seed: int) -> list[str]:
    random = np.random.Generator(np.random.PCG64(seed))
    return [" ".join(random.choice(WORDS, int(n))) + "." for n in random.integers(3, 30, count)]


def fill(folder: pathlib.Path) -> pathlib.Path:
    """Writes what the phases crawl and tokenizer would leave: vocabulary, token stores, conversations."""
    tokenizer = train("char", sentences(200, 0), 0)
    tokenizer.save(folder / "tokenizer")
    for split, count, seed in (("train", 200, 0), ("heldout", 40, 1)):
        documents = ((np.array([BOS, *tokenizer.encode(text), EOS]), None) for text in sentences(count, seed))
        store = folder / "tokenizer" / "store" / split
        write_store(store, documents, tokenizer.vocab_size, tokenizer.hash, tokenizer.byte_lengths)
    raw = folder / "crawl" / "raw"
    raw.mkdir(parents=True)
    chats = [
        dict(messages=[dict(role="user", content=text[:20]), dict(role="assistant", content="the cat.")])
        for text in sentences(40, 2)
    ]
    (raw / "conversations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chats))
    return folder


def tiny():
    """Eight steps; everything happens every four, but logging in each."""
    config = defaults()
    config.phases = ("pretrain", "finetune")
    config.mesh.update(data=1)
    config.model.update(layers=2, width=32, heads=2, kv_heads=1, head_dim=16, mlp=64, max_len=128, unroll=1)
    shape = dict(
        steps=8, batch_size=4, seq_len=32, log_every=1, eval_every=4, eval_batches=2, save_every=4, sample_every=4,
        sample_tokens=4,
    )  # fmt: skip
    config.pretrain.update(shape | dict(sample_prompts=("the ",)))
    config.finetune.update(shape | dict(holdout=0.1))
    return config


@pytest.fixture
def workdir(tmp_path) -> pathlib.Path:
    return fill(tmp_path / "run")


@pytest.fixture
def config():
    return tiny()


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> tuple[pathlib.Path, dict, dict]:
    """A run folder in which both phases ran in one go, and their summaries. Not to be changed."""
    folder = fill(tmp_path_factory.mktemp("whole") / "run")
    return folder, pretrain.run(tiny(), folder), finetune.run(tiny(), folder)
