"""A decoder learns to predict the next token of the documents."""

import functools
import pathlib

import jax

from jaxlm.model.config import ModelConfig
from jaxlm.text.loader import Loader, prefetch
from jaxlm.text.packing import Packed
from jaxlm.text.store import Store
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train.loop import Job, train
from jaxlm.train.samples import Prompt

CONFIG = ("seed", "mesh", "model", "pretrain")
INPUTS = ("tokenizer",)


def run(config, workdir: pathlib.Path) -> dict:
    """Writes checkpoints/, metrics.jsonl and samples.jsonl; returns the figures of jaxlm.train.loop.train and of the
    data.
    """
    settings, stores = config.pretrain, workdir / "tokenizer" / "store"
    tokenizer = Tokenizer.load(workdir / "tokenizer")
    rows = {split: Packed(Store.open(stores / split), settings.seq_len) for split in ("train", "heldout")}
    batches = Loader([(rows["train"], 1.0)], settings.batch_size, config.seed)
    heldout = Loader([(rows["heldout"], 1.0)], settings.batch_size, config.seed)
    hosts = dict(host=jax.process_index(), hosts=jax.process_count())
    result = train(
        Job(
            phase="pretrain",
            folder=workdir / "pretrain",
            config=settings,
            mesh=config.mesh,
            seed=config.seed,
            model=ModelConfig.from_config(config.model, tokenizer.vocab_size),
            tokenizer=tokenizer,
            train=functools.partial(prefetch, functools.partial(batches.batch, **hosts)),
            heldout=functools.partial(heldout.batch, **hosts),
            prompts=tuple(Prompt(text, (tokenizer.bos, *tokenizer.encode(text))) for text in settings.sample_prompts),
            about=dict(tokenizer=tokenizer.hash, format="text"),
        )
    )
    return result | dict(epochs=round(batches.epoch_of(settings.steps)[0], 3), padding=round(rows["train"].padding, 4))
