import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.model.config import ModelConfig
from jaxlm.train import loss

CFG = ModelConfig(vocab_size=40, layers=1, width=8, heads=1, kv_heads=1, head_dim=8, mlp=8, dtype="float32", tied=False)


@pytest.fixture
def batch():
    random = np.random.Generator(np.random.PCG64(0))
    head, h = random.standard_normal((40, 8)), random.standard_normal((3, 12, 8))
    weights = random.integers(0, 2, (3, 12))
    return (
        {"head": jnp.asarray(head, jnp.float32)},
        jnp.asarray(h, jnp.float32),
        jnp.asarray(random.integers(0, 40, (3, 12)), jnp.int32),
        jnp.asarray(weights, jnp.float32),
    )


def test_sums_equal_numpy(batch):
    params, h, targets, weights = batch
    logits = np.einsum("btd,vd->btv", np.asarray(h, np.float64), np.asarray(params["head"], np.float64))
    log_z = np.log(np.exp(logits).sum(-1))
    nats = log_z - np.take_along_axis(logits, np.asarray(targets)[..., None], -1)[..., 0]
    weights = np.asarray(weights)
    got = loss.next_token_loss(*batch, CFG)
    assert float(got.nats) == pytest.approx((nats * weights).sum(), rel=1e-6)
    assert float(got.z) == pytest.approx((log_z**2 * weights).sum(), rel=1e-6)
    assert float(got.weight) == weights.sum()


@pytest.mark.parametrize("chunk", [1, 4, 6])
def test_chunks_give_the_same_loss_and_gradients(batch, chunk):
    _, _, targets, weights = batch

    def total(params, h, chunk):
        sums = loss.next_token_loss(params, h, targets, weights, CFG, chunk)
        return sums.nats + 0.1 * sums.z

    whole, parts = (jax.value_and_grad(total, argnums=(0, 1))(*batch[:2], c) for c in (0, chunk))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), whole, parts)


def test_masked_targets_cannot_make_the_loss_infinite(batch):
    params, h, targets, weights = batch
    broken = jnp.where((weights == 0)[..., None], jnp.inf, h)
    assert np.isfinite(float(loss.next_token_loss(params, broken, targets, weights, CFG).nats))


def test_chunked_loss_never_holds_all_logits():
    rows, length, vocab = 4, 64, 5000
    cfg = ModelConfig(vocab, layers=1, width=8, heads=1, kv_heads=1, head_dim=8, mlp=8, dtype="float32", tied=False)
    shapes = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in ((vocab, 8), (rows, length, 8), (rows, length))]

    def memory(chunk):
        def total(head, h, weights):
            targets = jnp.zeros(weights.shape, jnp.int32)
            return loss.next_token_loss({"head": head}, h, targets, weights, cfg, chunk).nats

        return jax.jit(jax.grad(total, (0, 1))).lower(*shapes).compile().memory_analysis().temp_size_in_bytes

    assert memory(0) > rows * length * vocab * 4 > 4 * memory(4)


def test_chunk_length_divides_and_fits():
    assert loss.chunk_length(32, 256, 2048) == 256
    assert loss.chunk_length(8, 2048, 65536) == 128
    assert loss.chunk_length(10**9, 8, 10**6) == 1


def test_bits_per_byte():
    assert loss.bits_per_byte(8 * np.log(2), 4) == pytest.approx(2.0)
