import hashlib
import json
import pathlib

import numpy as np
import pytest

from jaxlm.config import defaults
from jaxlm.crawl.documents import write_documents
from jaxlm.errors import UserError
from jaxlm.phases import tokenizer as phase
from jaxlm.text.store import Store
from jaxlm.text.tokenizer import Tokenizer


def configured(**fields):
    config = defaults()
    config.tokenizer.update(fields)
    return config


def crawled(workdir: pathlib.Path, texts: list[str]) -> list[str]:
    row = dict(url="", date="", language="en", source="test", metadata="{}")
    write_documents(
        workdir / "crawl" / "documents", [row | dict(id=f"doc{n}", text=text) for n, text in enumerate(texts)]
    )
    return texts


def contents(workdir: pathlib.Path, split: str, tokenizer: Tokenizer) -> list[str]:
    store = Store.open(workdir / "tokenizer" / "store" / split)
    documents = [store.document(i)[0] for i in range(len(store))]
    assert all(ids[0] == 2 and ids[-1] == 3 for ids in documents)
    return [tokenizer.decode(ids) for ids in documents]


def digests(workdir: pathlib.Path) -> dict:
    files = (path for path in sorted((workdir / "tokenizer").rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_each_document_is_in_one_store_and_the_figures_are_of_what_was_written(tmp_path, sentences):
    texts = crawled(tmp_path, sentences(0, 300))
    result = phase.run(configured(vocab_size=360, holdout=0.1), tmp_path)
    json.dumps(result)
    tokenizer = Tokenizer.load(tmp_path / "tokenizer")
    train, heldout = (contents(tmp_path, split, tokenizer) for split in phase.SPLITS)
    assert sorted(train + heldout) == sorted(texts)
    assert 10 < len(heldout) < 60
    for split, documents in (("train", train), ("heldout", heldout)):
        size = sum(len(text.encode()) for text in documents)
        tokens = sum(len(tokenizer.encode(text)) for text in documents)
        figures = dict(documents=len(documents), tokens=tokens + 2 * len(documents), bytes=size)
        assert result[split] == figures | dict(bytes_per_token=pytest.approx(size / tokens))
    assert result["bytes_per_token"] == result["heldout"]["bytes_per_token"] > 1.5
    assert sum(n * count for n, count in enumerate(result["token_lengths"], start=1)) == result["heldout"]["bytes"]
    assert result["samples"]["train"][0] == ["<|bos|>", 2]
    assert " Marlow" in result["longest"]


def test_a_second_run_over_the_remains_of_a_first_gives_the_same_files(tmp_path, sentences):
    crawled(tmp_path, sentences(0, 100))
    phase.run(configured(vocab_size=340), tmp_path)
    first = digests(tmp_path)
    (tmp_path / "tokenizer" / "store" / "heldout" / "manifest.json").unlink()
    (tmp_path / "tokenizer" / "store" / "train" / "shard-00001.tok").write_bytes(b"torn")
    phase.run(configured(vocab_size=340), tmp_path)
    assert digests(tmp_path) == first


def test_the_tail_of_every_document_is_held_out(tmp_path, sentences):
    texts = crawled(tmp_path, [*sentences(0, 10), "é"])
    phase.run(configured(kind="char", holdout=0.25, holdout_by="tail"), tmp_path)
    tokenizer = Tokenizer.load(tmp_path / "tokenizer")
    train, heldout = (contents(tmp_path, split, tokenizer) for split in phase.SPLITS)
    assert train == [text[: int(len(text) * 0.75)] for text in texts if len(text) > 1]  # half a character is none
    assert heldout == [text[int(len(text) * 0.75) :] for text in texts]


def test_the_vocabulary_is_learnt_from_a_part_of_the_text(tmp_path, sentences):
    crawled(tmp_path, [f"{text} {'xyzzy ' * 50}" if n == 7 else text for n, text in enumerate(sentences(0, 200))])
    whole = phase.run(configured(vocab_size=340), tmp_path)
    part = phase.run(configured(vocab_size=340, train_bytes=20_000), tmp_path)
    assert part["hash"] != whole["hash"]
    assert part["train"]["bytes"] == whole["train"]["bytes"] > 20_000


@pytest.mark.parametrize(
    ("texts", "fields", "message"),
    [
        (3, dict(vocab_size=5000), "tokenizer.vocab_size=5000 is too large"),
        (3, dict(holdout_by="chance"), "tokenizer.holdout_by='chance': expected one of document, tail"),
        (3, dict(kind="words"), "tokenizer.kind='words'"),
        (1, dict(), "use tokenizer.holdout_by=tail"),
        (0, dict(), "no documents"),
    ],
)
def test_a_users_mistakes(tmp_path, sentences, texts, fields, message):
    crawled(tmp_path, sentences(0, texts))
    with pytest.raises(UserError) as error:
        phase.run(configured(**fields), tmp_path)
    assert message in str(error.value)


def test_shakespeare_as_nanogpt_has_it(tmp_path, real_data):
    crawled(tmp_path, [(real_data / "text" / "tinyshakespeare_input.txt").read_text(encoding="utf-8")])
    result = phase.run(configured(kind="char", holdout=0.1, holdout_by="tail"), tmp_path)
    assert result["vocab_size"] == 16 + 65
    assert [result[split]["tokens"] - 2 for split in phase.SPLITS] == [1_003_854, 111_540]
    ids = Store.open(tmp_path / "tokenizer" / "store" / "train").document(0)[0]
    assert np.unique(ids).size == 65 + 2
