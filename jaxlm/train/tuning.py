"""A model learns from conversations: only the assistant's part is a target, and pretraining text is replayed beside it.

Every phase that tunes on conversations calls `tune`; what differs is where they come from and whose weights it starts
from.
"""

import functools
import itertools
import pathlib
from typing import Any

import jax
import numpy as np

from jaxlm.errors import UserError
from jaxlm.model.config import ModelConfig
from jaxlm.text.conversation import render
from jaxlm.text.loader import Loader, prefetch
from jaxlm.text.packing import Packed
from jaxlm.text.store import Store, write_store
from jaxlm.text.tokenizer import Tokenizer
from jaxlm.train import chat_tokens, checkpoint, lora
from jaxlm.train.loop import Job, train
from jaxlm.train.samples import Prompt

FORMAT = 'bos (<|role|> " " text <|end|>)* eos'  # see jaxlm.text.conversation
PROMPTS = 4  # held-out conversations whose first turn the live model answers


def tune(
    config,
    workdir: pathlib.Path,
    phase: str,
    conversations: list[dict],
    base: str,
    folder: pathlib.Path | None = None,
) -> dict[str, Any]:
    """Trains the model of phase `base` on conversations, by the fields of `config[phase]`.

    Writes store/{train,heldout}, checkpoints/, metrics.jsonl and samples.jsonl; called again it goes on from there.

    Args:
      config: the experiment's; `config[phase]` has the fields of `jaxlm.config.finetuning`.
      workdir: the run's folder.
      phase: names the fields, the checkpoint's record and, without `folder`, the folder in `workdir`.
      conversations: rows {messages, ...} in a fixed order, at least two.
      base: the phase whose best checkpoint it starts from; after "pretrain" the chat tokens' embeddings are set first.
      folder: where to write instead, `workdir/phase/...` for a phase that tunes more than once.
    Returns:
      the figures of jaxlm.train.loop.train and {base_step, conversations, too_long, epochs, example}; `example` is one
      training conversation as [[token text, learnt]].
    Raises:
      UserError: `config[phase].holdout` is no share, or the checkpoint is of another architecture or tokenizer.
    """
    settings, folder = config[phase], folder or workdir / phase
    tokenizer = Tokenizer.load(workdir / "tokenizer")

    # ---- conversations as tokens ------------------------------------------------------------------------------------
    splits = _split(conversations, settings.holdout, config.seed, phase)
    too_long = {split: _write(splits[split], folder / "store" / split, tokenizer, settings) for split in splits}
    batches, heldout = _loaders(folder / "store", workdir / "tokenizer" / "store" / "train", settings, config.seed)

    # ---- the model it starts from -----------------------------------------------------------------------------------
    source, base_step = checkpoint.find(workdir, base, "best")
    record = source.record(base_step)
    checkpoint.check_tokenizer(record, tokenizer.hash, source.folder)
    checkpoint.check_architecture(record, ModelConfig.from_config(config.model, tokenizer.vocab_size), source.folder)
    adapters = lora.from_config(settings, checkpoint.model_config(record), phase)

    def start(mesh: jax.sharding.Mesh):
        params, cfg = checkpoint.load_params(workdir, base, base_step, mesh)
        return chat_tokens.initialize(params, cfg, tokenizer, mesh) if base == "pretrain" else params

    # ---- training ---------------------------------------------------------------------------------------------------
    hosts = dict(host=jax.process_index(), hosts=jax.process_count())
    result = train(
        Job(
            phase=phase,
            folder=folder,
            config=settings,
            mesh=config.mesh,
            seed=config.seed,
            model=checkpoint.model_config(record),
            tokenizer=tokenizer,
            train=functools.partial(prefetch, functools.partial(batches.batch, **hosts)),
            heldout=functools.partial(heldout.batch, **hosts),
            prompts=_prompts(splits["heldout"], settings, tokenizer, record["model"]["max_len"]),
            params=start,
            about=dict(tokenizer=tokenizer.hash, format=FORMAT, base=dict(phase=base, step=base_step))
            | lora.record(adapters, record),
            lora=adapters,
        )
    )
    return result | dict(
        base_step=base_step,
        conversations={split: len(part) for split, part in splits.items()},
        too_long=too_long,
        epochs=round(batches.epoch_of(settings.steps)[0], 3),
        example=_example(splits["train"], tokenizer, settings.seq_len),
    )


def _split(conversations: list[dict], share: float, seed: int, phase: str) -> dict[str, list[dict]]:
    """Holds out `share` of the conversations, at least one, by a seeded permutation; the order stays."""
    if not 0.0 < share < 1.0:
        raise UserError(f"config.{phase}.holdout: expected a share between 0 and 1, got {share}")
    order = np.random.Generator(np.random.PCG64([seed, len(conversations)])).permutation(len(conversations))
    held = set(order[: min(max(1, round(share * len(conversations))), len(conversations) - 1)].tolist())
    return dict(
        train=[row for i, row in enumerate(conversations) if i not in held],
        heldout=[row for i, row in enumerate(conversations) if i in held],
    )


def _write(conversations: list[dict], folder: pathlib.Path, tokenizer: Tokenizer, settings) -> int:
    """Writes a token store, unless a finished one is there (the phase resumes); returns how many are longer than a
    row.
    """
    rendered = (render(row["messages"], tokenizer) for row in conversations)
    if not (folder / "manifest.json").exists():
        documents = ((one.ids, one.loss_mask) for one in rendered)
        write_store(folder, documents, tokenizer.vocab_size, tokenizer.hash, tokenizer.byte_lengths)
    return int((np.diff(Store.open(folder).starts) > settings.seq_len + 1).sum())


def _loaders(own: pathlib.Path, text: pathlib.Path, settings, seed: int) -> tuple[Loader, Loader]:
    """Batches of the conversations in `own` mixed with the pretraining `text`, and of those held out."""
    rows = {split: Packed(Store.open(own / split), settings.seq_len) for split in ("train", "heldout")}
    sources = [(rows["train"], 1.0 - settings.replay)]
    if settings.replay:
        sources.append((Packed(Store.open(text), settings.seq_len), settings.replay))
    return Loader(sources, settings.batch_size, seed), Loader([(rows["heldout"], 1.0)], settings.batch_size, seed)


def _prompts(conversations: list[dict], settings, tokenizer: Tokenizer, max_len: int) -> tuple[Prompt, ...]:
    """`sample_prompts` as a user's words, or else the first turns of some held-out conversations that
    leave room for an answer.
    """

    def prompt(messages: list[dict]) -> Prompt:
        return Prompt(messages[-1]["content"], tuple(render(messages, tokenizer, generation=True).ids.tolist()))

    if settings.sample_prompts:
        return tuple(prompt([dict(role="user", content=text)]) for text in settings.sample_prompts)
    first_turns = (_up_to_first_question(row["messages"]) for row in conversations)
    prompts = (prompt(messages) for messages in first_turns if messages)
    return tuple(itertools.islice((one for one in prompts if len(one.ids) < max_len), PROMPTS))


def _up_to_first_question(messages: list[dict]) -> list[dict]:
    """The messages up to the first plain-text one of the user; none when there is no such."""
    for n, message in enumerate(messages):
        if message["role"] == "user" and isinstance(message.get("content"), str):
            return messages[: n + 1]
    return []


def _example(conversations: list[dict], tokenizer: Tokenizer, seq_len: int) -> list[list]:
    """Of the first conversation that fits a row, each token's text and whether it is learnt; a multi-turn one if
    possible.
    """
    fitting = (render(row["messages"], tokenizer) for row in sorted(conversations[:200], key=_turns, reverse=True))
    chosen = next((one for one in fitting if len(one.ids) <= seq_len), None)
    if chosen is None:
        return []
    return [[piece, bool(m)] for piece, m in zip(tokenizer.pieces(chosen.ids), chosen.loss_mask, strict=True)]


def _turns(conversation: dict) -> int:
    return min(len(conversation["messages"]), 4)
