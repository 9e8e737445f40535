import itertools
import threading

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.text.feistel import derive, permute
from jaxlm.text.loader import Loader, prefetch
from jaxlm.text.mixture import BLOCK, Mixture, quotas
from jaxlm.text.packing import Packed
from jaxlm.text.store import Store, write_store

SEQ_LEN = 15


def source(folder, first: int, rows: int, tokenizer="hash", masked=False) -> Packed:
    """A source with one document a row, whose tokens are all the number of the document."""
    ids = [np.array([2] + [first + n] * SEQ_LEN) for n in range(rows)]
    mask = np.array([0] * 8 + [1] * 8, np.uint8) if masked else None
    write_store(folder, ((row, mask) for row in ids), 60_000, tokenizer)
    return Packed(Store.open(folder), SEQ_LEN)


@pytest.fixture
def loader(tmp_path):
    sources = [(source(tmp_path / "a", 100, 37), 3.0), (source(tmp_path / "b", 200, 5, masked=True), 1.0)]
    return Loader(sources, batch_size=16, seed=4)


def documents(batches):
    return np.concatenate([batch["tokens"][:, 1] for batch in batches])


@pytest.mark.parametrize("hosts", [2, 4, 8, 16])
@pytest.mark.parametrize("k", [0, 63, 64, 12_345_678])
def test_any_number_of_hosts_gives_the_same_global_batch(loader, hosts, k):
    whole = loader.batch(k)
    for name in ("tokens", "mask"):
        parts = [loader.batch(k, host, hosts)[name] for host in range(hosts)]
        np.testing.assert_array_equal(np.concatenate(parts), whole[name])
        assert whole[name].shape == (16, SEQ_LEN + 1)


def test_a_batch_depends_on_seed_and_k_alone(loader):
    forward = [loader.batch(k)["tokens"] for k in range(200)]
    fresh = Loader(list(zip(loader.sources, (6.0, 2.0), strict=True)), batch_size=16, seed=4)
    for k in reversed(range(200)):
        np.testing.assert_array_equal(fresh.batch(k)["tokens"], forward[k])
    other = Loader(list(zip(loader.sources, (3.0, 1.0), strict=True)), batch_size=16, seed=5)
    assert not np.array_equal(other.batch(0)["tokens"], forward[0])


def test_shares_are_kept_in_every_block_and_no_row_comes_again_before_all_have_come(loader):
    seen = documents(loader.batch(k) for k in range(10 * BLOCK // 16))
    assert [(seen[i : i + BLOCK] < 200).sum() for i in range(0, len(seen), BLOCK)] == [768] * 10
    for first, rows in ((100, 37), (200, 5)):
        mine = seen[(seen >= first) & (seen < first + 100)]
        epochs = mine[: len(mine) // rows * rows].reshape(-1, rows)
        np.testing.assert_array_equal(
            np.sort(epochs, axis=1), np.tile(np.arange(first, first + rows), (len(epochs), 1))
        )
        assert len(np.unique(epochs, axis=0)) > 0.5 * min(len(epochs), 120)  # each epoch has its own order


def test_masks_of_a_source_with_and_one_without(loader):
    batch = loader.batch(0)
    for tokens, mask in zip(batch["tokens"], batch["mask"], strict=True):
        assert mask.tolist() == ([0] + [1] * 15 if tokens[1] < 200 else [0] * 8 + [1] * 8)


def test_epochs(loader):
    assert loader.rows_per_epoch == [37, 5]
    assert loader.epoch_of(64) == [pytest.approx(768 / 37), pytest.approx(256 / 5)]


def test_what_a_loader_refuses(loader, tmp_path):
    with pytest.raises(UserError, match="batch_size=16 does not divide among 3 hosts"):
        loader.batch(0, 0, 3)
    other = source(tmp_path / "other", 100, 3, tokenizer="another")
    with pytest.raises(UserError, match="not made with one tokenizer"):
        Loader([(loader.sources[0], 1.0), (other, 1.0)], 16, 0)


def test_quotas():
    assert quotas([0.7, 0.2, 0.1]) == (717, 205, 102)
    assert quotas([5]) == (1024,)
    assert quotas([1, 1, 1]) == (342, 341, 341)
    with pytest.raises(UserError, match="must be greater than 0"):
        quotas([1, 0])
    with pytest.raises(UserError, match="1 in 1024"):
        quotas([1, 1e-5])


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 1000, 1024, 48_828])
def test_permutation_is_a_bijection(n):
    for key in (0, 1, 2**64 - 1):
        np.testing.assert_array_equal(np.sort(permute(np.arange(n), n, key)), np.arange(n))


def test_permutation_looks_random():
    n = 100_000
    order = permute(np.arange(n), n, 3).astype(float)
    other = permute(np.arange(n), n, 4).astype(float)
    assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.015
    assert abs(np.corrcoef(order, other)[0, 1]) < 0.015
    assert abs(np.corrcoef(order, np.arange(n))[0, 1]) < 0.015


def test_small_permutations_take_many_forms():
    assert len({tuple(permute(np.arange(4), 4, key)) for key in range(2000)}) == 24


def test_the_next_epoch_of_one_seed_is_not_the_first_of_the_next_seed():
    assert derive(0, "epoch", 0, 1) != derive(1, "epoch", 0, 0)
    first, second = (Mixture((1024,), (1024,), seed).samples(0, 2048)[1].reshape(2, 1024) for seed in (0, 1))
    assert not np.array_equal(first[1], second[0])


def test_prefetch_gives_results_in_order_and_ahead():
    calls = []
    results = prefetch(lambda k: calls.append(k) or k * k, start=5, depth=2)
    assert list(itertools.islice(results, 4)) == [25, 36, 49, 64]
    results.close()
    assert calls[:4] == [5, 6, 7, 8] and len(calls) <= 7


def test_prefetch_raises_what_the_function_raised_and_ends_its_thread():
    def failing(k):
        if k == 2:
            raise UserError("row 2 is damaged")
        return k

    results = prefetch(failing, 0)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(UserError, match="row 2 is damaged"):
        next(results)
    results.close()
    for thread in threading.enumerate():
        if thread.name.startswith("prefetch"):
            thread.join(5)
            assert not thread.is_alive()
