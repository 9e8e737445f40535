"""Embeddings of the chat tokens, which pretraining never saw, from those of tokens that it did see."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel import sharding

# What each symbol resembles in plain text; others become the mean of all text tokens. With embeddings left at random
# fine-tuning spends its first hundred steps, and some of what was known, on them.
LIKE = {"<|user|>": "Q:", "<|assistant|>": "A:"}


def initialize(params, cfg: ModelConfig, tokenizer, mesh: Mesh):
    """The parameters with new rows for the chat tokens in the embedding, and in the output head when it is not tied.

    `<|user|>` and `<|assistant|>` become the mean of the tokens of "Q:" and "A:", `<|end|>` becomes `<|eos|>`, which
    ends a document as it ends a turn; `<|system|>`, `<|tool|>` and `<|call|>` the mean of all tokens that are not
    control symbols.
    """
    sources = source_tokens(tokenizer)
    layout = sharding.shardings(weights.describe(cfg), mesh)

    def replace(params):
        tables = {name: params[name] for name in ("embed", "head") if name in params}
        for target, source in sources.items():
            for name, table in tables.items():
                tables[name] = tables[name].at[target].set(table[jnp.asarray(source)].mean(axis=0))
        return {**params, **tables}

    return jax.jit(replace, out_shardings=layout, donate_argnums=0)(params)


def source_tokens(tokenizer) -> dict[int, np.ndarray]:
    """For each chat token the ids whose embeddings it becomes the mean of."""
    control = tokenizer.control
    everything = np.arange(max(control.values()) + 1, tokenizer.vocab_size, dtype=np.int32)
    sources = {control[name]: everything for name in ("<|system|>", "<|tool|>", "<|call|>")}
    sources |= {control[name]: tokenizer.encode(text) for name, text in LIKE.items()}
    return sources | {tokenizer.end: np.array([tokenizer.eos], np.int32)}
