"""A model with random weights over printable characters: enough to run every eval."""

import string

import jax
import pytest

from jaxlm.evals.subject import Subject
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.text import tokenizer as tokenizers


@pytest.fixture(scope="session")
def tokenizer() -> tokenizers.Tokenizer:
    return tokenizers.train("char", [string.printable + "é"], 0)


@pytest.fixture(scope="session")
def subject(tokenizer) -> Subject:
    cfg = ModelConfig(
        tokenizer.vocab_size, layers=1, width=16, heads=2, kv_heads=1, head_dim=8, mlp=16, max_len=512, unroll=1
    )
    return Subject(weights.init(cfg, jax.random.key(0)), cfg, tokenizer, context=32, batch_size=4, max_new=8)
