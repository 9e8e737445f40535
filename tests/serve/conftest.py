"""A tokenizer of single bytes, so that a random model samples broken UTF-8, and a tiny run on disk."""

import jax
import numpy as np
import pytest

from jaxlm.generate import Sampling
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.serve.session import Session
from jaxlm.text.tokenizer import BOS, CONTROL, END, EOS, train
from jaxlm.train.checkpoint import Checkpoints


class ByteTokenizer:
    """The part of jaxlm.text.tokenizer.Tokenizer that a session uses, with one id a byte."""

    bos, eos, end = BOS, EOS, END
    vocab_size = len(CONTROL) + 256

    @property
    def control(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(CONTROL)}

    def encode(self, text: str) -> np.ndarray:
        return np.frombuffer(text.encode(), np.uint8).astype(np.int32) + len(CONTROL)

    def token_bytes(self, i: int) -> bytes:
        return b"" if i < len(CONTROL) else bytes([i - len(CONTROL)])

    def decode_bytes(self, ids) -> bytes:
        return b"".join(self.token_bytes(int(i)) for i in ids)

    def decode(self, ids) -> str:
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def pieces(self, ids) -> list[str]:
        return [CONTROL[i] if i < len(CONTROL) else repr(self.token_bytes(i)) for i in ids]


def tiny(vocab_size: int) -> tuple[dict, ModelConfig]:
    cfg = ModelConfig(vocab_size, layers=1, width=16, heads=2, kv_heads=1, head_dim=8, mlp=16, max_len=96)
    params = jax.jit(weights.init, static_argnums=0)(cfg, jax.random.key(0))
    params["embed"] = 4.0 * params["embed"].at[: len(CONTROL)].set(0.0)  # the likeliest token is never a control symbol
    return params, cfg


@pytest.fixture
def session() -> Session:
    tokenizer = ByteTokenizer()
    return Session(*tiny(tokenizer.vocab_size), tokenizer, sampling=Sampling(max_new=16, seed=3))


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """`--run` with a character tokenizer and random weights of step 7 as the result of finetune."""
    folder = tmp_path_factory.mktemp("run")
    tokenizer = train("char", ["hello world, who are you?"], 0)
    tokenizer.save(folder / "tokenizer")
    params, cfg = tiny(tokenizer.vocab_size)
    checkpoints = Checkpoints(folder / "finetune" / "checkpoints")
    checkpoints.save(7, {"params": params}, {"model": cfg.to_dict(), "tokenizer": tokenizer.hash})
    checkpoints.wait()
    checkpoints.close()
    return folder
