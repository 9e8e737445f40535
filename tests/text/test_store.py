import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.text.store import Store, write_store

HASH = "a" * 64


def documents(masked=False, count=20, high=300):
    rng = np.random.default_rng(0)
    for n in range(count):
        ids = np.concatenate([[2], rng.integers(10, high, n % 7), [3]])
        yield ids, (ids % 2).astype(np.uint8) if masked else None


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("vocab_size", [300, 100_000])
def test_documents_come_back_over_several_shards(tmp_path, masked, vocab_size):
    written = list(documents(masked, high=vocab_size))
    manifest = write_store(tmp_path, written, vocab_size, HASH, np.ones(vocab_size, np.int32), shard_tokens=30)
    store = Store.open(tmp_path)
    assert len(store) == manifest["documents"] == len(written)
    assert len(store.tokens) == len(manifest["shards"]) > 2
    assert manifest["tokens"] == manifest["bytes"] == store.starts[-1] == sum(len(ids) for ids, _ in written)
    assert store.tokens[0].dtype == (np.uint16 if vocab_size == 300 else np.uint32)
    for n, (ids, mask) in enumerate(written):
        read, read_mask = store.document(n)
        np.testing.assert_array_equal(read, ids)
        assert (read_mask is None) == (mask is None)
        if masked:
            np.testing.assert_array_equal(read_mask, mask)
    store.verify()


def test_the_same_documents_give_the_same_files(tmp_path):
    first = write_store(tmp_path / "a", documents(), 300, HASH)
    assert first == write_store(tmp_path / "b", documents(), 300, HASH)


def test_a_write_that_fails_leaves_no_store_and_the_next_one_leaves_no_remains(tmp_path):
    def failing():
        yield from documents()
        raise KeyboardInterrupt

    write_store(tmp_path, documents(masked=True), 300, HASH, shard_tokens=10)
    with pytest.raises(KeyboardInterrupt):
        write_store(tmp_path, failing(), 300, HASH, shard_tokens=30)
    with pytest.raises(UserError, match=r"manifest\.json: no such file"):
        Store.open(tmp_path)
    (tmp_path / ".tmp-shard-00009.tok").write_bytes(b"torn by a kill")
    write_store(tmp_path, documents(), 300, HASH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "shard-00000.idx", "shard-00000.tok"]


def test_damage_is_named(tmp_path):
    write_store(tmp_path, documents(), 300, HASH)
    path = tmp_path / "shard-00000.tok"
    data = path.read_bytes()
    path.write_bytes(data[:-2])
    with pytest.raises(UserError, match=rf"shard-00000\.tok has {len(data) - 2:,} bytes.*says {len(data):,}"):
        Store.open(tmp_path)
    path.write_bytes(data[:-2] + b"??")
    with pytest.raises(UserError, match=r"shard-00000\.tok: damaged"):
        Store.open(tmp_path).verify()
    path.unlink()
    with pytest.raises(UserError, match=r"shard-00000\.tok is missing"):
        Store.open(tmp_path)


def test_what_cannot_be_stored(tmp_path):
    with pytest.raises(UserError, match="no documents to store"):
        write_store(tmp_path, [], 300, HASH)
    with pytest.raises(ValueError, match="starts with 5, not BOS"):
        write_store(tmp_path, [(np.array([5, 3]), None)], 300, HASH)
    with pytest.raises(ValueError, match="a document of 2 tokens has a mask of 1"):
        write_store(tmp_path, [(np.array([2, 3]), np.array([1]))], 300, HASH)
    with pytest.raises(ValueError, match="either all documents have masks or none"):
        write_store(tmp_path, [*documents(), *documents(masked=True)], 300, HASH)
