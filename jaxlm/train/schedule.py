"""Learning-rate schedules as a multiplier of the peak rate, between 0 and 1."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxlm.errors import UserError

NAMES = ("wsd", "cosine", "constant")


def multiplier(step: jax.Array, steps: int, config: Mapping[str, Any]) -> jax.Array:
    """What the peak learning rates are multiplied with at update `step` (0-based); float32 scalar.

    All schedules warm up linearly over `warmup` updates, the first of which already moves. `wsd` (warm-up, stable,
    decay; Hu et al. 2024, MiniCPM, section 4.2) then holds the peak and falls linearly to `final` over the last
    `decay` share of the steps; `cosine` falls to `final` over all that follows the warm-up; `constant` stays.

    Args:
      step: int32 scalar, may be traced.
      steps: number of updates of the run.
      config: `config.PHASE.schedule`: name, warmup (updates), decay (share), final (share of the peak).
    """
    done = step.astype(jnp.float32)
    warmup = float(config["warmup"])
    rise = jnp.minimum(1.0, (done + 1.0) / max(warmup, 1.0))
    return rise * _fall(done, float(steps), warmup, config)


def _fall(done: jax.Array, steps: float, warmup: float, config: Mapping[str, Any]) -> jax.Array:
    final = float(config["final"])
    if config["name"] == "constant":
        return jnp.ones_like(done)
    if config["name"] == "wsd":
        length = max(steps * float(config["decay"]), 1.0)
        return final + (1.0 - final) * jnp.clip((steps - done) / length, 0.0, 1.0)
    progress = jnp.clip((done - warmup) / max(steps - warmup, 1.0), 0.0, 1.0)
    return final + (1.0 - final) * 0.5 * (1.0 + jnp.cos(jnp.pi * progress))


def check(config: Mapping[str, Any], phase: str) -> None:
    """UserError naming the field of `config.PHASE.schedule` that cannot be used."""
    if config["name"] not in NAMES:
        raise UserError(f"config.{phase}.schedule.name: expected {' | '.join(NAMES)}, got {config['name']!r}")
    if config["warmup"] < 0:
        raise UserError(f"config.{phase}.schedule.warmup: expected a number of steps >= 0, got {config['warmup']}")
    for field in ("decay", "final"):
        if not 0.0 <= config[field] <= 1.0:
            raise UserError(f"config.{phase}.schedule.{field}: expected a share from 0 to 1, got {config[field]}")
