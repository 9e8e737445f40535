"""The training and the evaluation step, compiled for a mesh; the same code on one CPU, fake devices and a slice."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxlm.errors import UserError
from jaxlm.model import transformer
from jaxlm.model.config import ModelConfig
from jaxlm.parallel import sharding
from jaxlm.runtime import compiler_options
from jaxlm.train import loss, optimizer, schedule, state
from jaxlm.train.lora import Lora, merge
from jaxlm.train.loss import LossSums
from jaxlm.train.state import TrainState

Batch = Mapping[str, jax.Array]  # tokens uint16 or int32 [B, T + 1], mask uint8 [B, T + 1]: 1 where a token is a target


@dataclasses.dataclass(frozen=True)
class Program:
    """What a phase runs on its mesh.

    Attributes:
      mesh: the devices.
      transform: the optimizer.
      train: (state, batch) -> (state, metrics); consumes the state. metrics are float32 or int32 scalars: `loss` in
        nats a
        target, `grad_norm` before clipping, `lr`, `bad` (1 where the step had no finite loss or gradient), `skipped`
        (such steps so far) and `tokens` (targets in the batch).
      evaluate: (params, batch, byte_lengths int32 [V]) -> (LossSums, bytes of text that the targets stand for).
      full: state -> all weights of the model: its params, or adapters merged with their base.
    """

    mesh: Mesh
    transform: optax.GradientTransformation
    train: Callable[[TrainState, Batch], tuple[TrainState, dict[str, jax.Array]]]
    evaluate: Callable[[Any, Batch, jax.Array], tuple[LossSums, jax.Array]]
    full: Callable[[TrainState], Any]


def compile_for(
    cfg: ModelConfig,
    config: Mapping[str, Any],
    mesh: Mesh,
    bos: int,
    phase: str = "pretrain",
    lora: Lora | None = None,
) -> Program:
    """Sets up both steps; XLA compiles each at its first call.

    Args:
      config: `config.PHASE`.
      bos: the token that starts a document.
      lora: train these adapters of the state's base instead of all weights.
    Raises:
      UserError: naming a field of `config.PHASE` that cannot be used.
    """
    check(config, mesh, phase)
    transform = optimizer.make(config["optimizer"], cfg, phase, lora)
    layout = state.shardings(cfg, transform, mesh, lora)
    whole = layout.base if lora else layout.params
    rows = sharding.batch_sharding(mesh, (config["batch_size"], config["seq_len"] + 1))
    everywhere = NamedSharding(mesh, PartitionSpec())
    options = compiler_options("train")
    chunk = _chunk(config, mesh, cfg)

    def train(current: TrainState, batch: Batch):
        return train_step(current, batch, cfg, config, transform, bos, chunk, lora)

    def evaluate(params, batch: Batch, byte_lengths: jax.Array):
        return eval_step(params, batch, byte_lengths, cfg, bos, chunk)

    merged = jax.jit(lambda params, base: full_weights(params, base, cfg, lora), out_shardings=whole)
    return Program(
        mesh,
        transform,
        jax.jit(
            train,
            in_shardings=(layout, rows),
            out_shardings=(layout, everywhere),
            donate_argnums=0,
            compiler_options=options,
        ),
        jax.jit(evaluate, in_shardings=(whole, rows, everywhere), out_shardings=everywhere, compiler_options=options),
        lambda current: merged(current.params, current.base) if lora else current.params,
    )


def train_step(current: TrainState, batch: Batch, cfg, config, transform, bos: int, chunk: int, lora=None):
    """One update; see Program.train. A step without a finite loss and gradient changes nothing but the counters."""
    total = jnp.maximum(batch["mask"][:, 1:].astype(jnp.float32).sum(), 1.0)

    def objective(params, part: Batch):
        sums = batch_loss(full_weights(params, current.base, cfg, lora), part, cfg, bos, chunk)
        return (sums.nats + config["z_loss"] * sums.z) / total, sums

    sums, grads = accumulate(jax.grad(objective, has_aux=True), current.params, batch, config["accumulate"])
    mean, norm = sums.nats / total, optax.tree.norm(grads)
    good = jnp.isfinite(mean) & jnp.isfinite(norm)
    updates, opt_state = transform.update(grads, current.opt_state, current.params)
    rate = schedule.multiplier(current.step, config["steps"], config["schedule"])
    keep = lambda new, old: jnp.where(good, new, old)
    bad_steps = current.bad_steps + (~good).astype(jnp.int32)
    updated = TrainState(
        params=jax.tree.map(lambda p, u: keep(p + rate * u, p), current.params, updates),
        opt_state=jax.tree.map(keep, opt_state, current.opt_state),
        step=current.step + 1,
        seed=current.seed,
        bad_steps=bad_steps,
        base=current.base,
    )
    peak = config["optimizer"]["lr"]
    metrics = dict(loss=mean, grad_norm=norm, lr=rate * peak, bad=~good, skipped=bad_steps, tokens=sums.weight)
    return updated, metrics


def full_weights(params, base, cfg: ModelConfig, lora: Lora | None):
    """What the model is a function of: `params` themselves, or merged into the `base` that they adapt."""
    return merge(base, params, cfg, lora) if lora else params


def accumulate(gradient: Callable, params, batch: Batch, parts: int) -> tuple[LossSums, Any]:
    """Sums of loss and gradient over `parts` slices of the batch, one after the other.

    Slice i takes every `parts`-th row from i: contiguous slices would each sit on a few of the devices only.
    """
    if parts == 1:
        grads, sums = gradient(params, batch)
        return sums, grads
    slices = jax.tree.map(lambda x: jnp.swapaxes(x.reshape(-1, parts, *x.shape[1:]), 0, 1), batch)

    def add(carry, part):
        grads, sums = gradient(params, part)
        return jax.tree.map(jnp.add, carry, (sums, grads)), None

    zero = jnp.zeros((), jnp.float32)
    empty = (LossSums(zero, zero, zero), jax.tree.map(jnp.zeros_like, params))
    return jax.lax.scan(add, empty, slices)[0]


def eval_step(params, batch: Batch, byte_lengths: jax.Array, cfg, bos: int, chunk: int):
    """Sums over a batch; see Program.evaluate."""
    learnt = batch["mask"][:, 1:].astype(jnp.int32)
    lengths = byte_lengths[batch["tokens"][:, 1:].astype(jnp.int32)]
    return batch_loss(params, batch, cfg, bos, chunk), (lengths * learnt).sum()


def batch_loss(params, batch: Batch, cfg: ModelConfig, bos: int, chunk: int) -> LossSums:
    """Sums of the next-token loss of packed rows."""
    tokens = batch["tokens"].astype(jnp.int32)
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    positions, segments = transformer.segment_info(inputs, bos)
    h = transformer.hidden(params, inputs, positions, segments, cfg)
    return loss.next_token_loss(params, h, targets, batch["mask"][:, 1:].astype(jnp.float32), cfg, chunk)


def put(batch: Mapping[str, np.ndarray], mesh: Mesh) -> Batch:
    """This process's rows of a batch as part of one array over the mesh."""
    processes = jax.process_count()

    def one(rows: np.ndarray) -> jax.Array:
        shape = (rows.shape[0] * processes, *rows.shape[1:])
        return jax.make_array_from_process_local_data(sharding.batch_sharding(mesh, shape), rows, shape)

    return {name: one(rows) for name, rows in batch.items()}


def check(config: Mapping[str, Any], mesh: Mesh, phase: str) -> None:
    """UserError naming a field of `config.PHASE` that does not fit."""
    for field in (
        "steps",
        "batch_size",
        "seq_len",
        "accumulate",
        "log_every",
        "eval_every",
        "eval_batches",
        "save_every",
    ):
        if config[field] < 1:
            raise UserError(f"config.{phase}.{field}: expected a number >= 1, got {config[field]}")
    if config["batch_size"] % config["accumulate"]:
        raise UserError(
            f"config.{phase}.accumulate: {config['accumulate']} does not divide batch_size={config['batch_size']}"
        )
    shards = mesh.shape["data"] * mesh.shape["fsdp"]
    if config["batch_size"] // config["accumulate"] % shards:
        raise UserError(
            f"config.{phase}.batch_size: {config['batch_size']} rows in {config['accumulate']} part(s) cannot be "
            f"shared evenly by the mesh's data x fsdp = {shards} devices"
        )
    schedule.check(config["schedule"], phase)


def _chunk(config: Mapping[str, Any], mesh: Mesh, cfg: ModelConfig) -> int:
    rows = config["batch_size"] // config["accumulate"] // (mesh.shape["data"] * mesh.shape["fsdp"])
    return loss.chunk_length(rows, config["seq_len"], cfg.vocab_size // mesh.shape["tensor"])
