"""AdamW and Muon, set up from the description of the weights."""

from collections.abc import Mapping
from typing import Any

import jax
import optax

from jaxlm.errors import UserError
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.train.lora import Lora, trained

MUON_MOMENTUM = 0.95  # Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"


def make(
    config: Mapping[str, Any], cfg: ModelConfig, phase: str = "pretrain", lora: Lora | None = None
) -> optax.GradientTransformation:
    """The optimizer of `config.PHASE.optimizer`, at its peak rates: the step multiplies its updates by the schedule.

    With `lora` it is the optimizer of the adapters, both factors of which are linear maps.

    `adamw` (Loshchilov and Hutter 2019) treats all weights alike. `muon` orthogonalizes the momentum of each linear map
    (each layer of a stacked weight on its own) by Newton-Schulz iterations and multiplies it by
    sqrt(max(1, outputs / inputs)); embeddings, output head, norms and other vectors go to Adam with Nesterov momentum
    (Dozat 2016). Weight decay is decoupled, multiplied by the learning rate, and applied to linear maps alone:
    decaying embeddings makes them small and their gradients large (OLMo 2, arXiv:2501.00656), decaying norms has no
    use.

    Raises:
      UserError: naming the field that cannot be used.
    """
    _check(config, phase)
    matrices = weights.map_weights(lambda weight: weight.matrix is not None, trained(cfg, lora))
    if config["name"] == "adamw":
        rule = optax.adamw(
            config["lr"], b1=config["b1"], b2=config["b2"], weight_decay=config["weight_decay"], mask=matrices
        )
    else:
        rule = optax.contrib.muon(
            config["muon_lr"],
            ns_steps=config["muon_iterations"],
            beta=MUON_MOMENTUM,
            weight_decay=config["weight_decay"],
            adam_learning_rate=config["lr"],
            adam_b1=config["b1"],
            adam_b2=config["b2"],
            muon_weight_dimension_numbers=dimension_numbers(cfg, lora),
        )
    if config["clip"]:
        rule = optax.chain(optax.clip_by_global_norm(config["clip"]), rule)
    return _with_standard_promotion(rule)


def _with_standard_promotion(rule: optax.GradientTransformation) -> optax.GradientTransformation:
    """optax raises floats to integer powers and scales matrices by scalars, which jax's strict modes forbid."""

    def update(grads, opt_state, params):
        with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
            return rule.update(grads, opt_state, params)

    return optax.GradientTransformation(rule.init, update)


def dimension_numbers(cfg: ModelConfig, lora: Lora | None = None):
    """Which axes of each weight are its inputs and outputs; None leaves a weight to Adam.

    Without these optax hands every weight that is not 2-D (all stacked ones) to Adam and the embedding to Muon.
    """
    return weights.map_weights(
        lambda weight: optax.contrib.MuonDimensionNumbers(*weight.matrix) if weight.matrix else None,
        trained(cfg, lora),
    )


def _check(config: Mapping[str, Any], phase: str) -> None:
    where = f"config.{phase}.optimizer"
    if config["name"] not in ("muon", "adamw"):
        raise UserError(f"{where}.name: expected muon | adamw, got {config['name']!r}")
    for field in ("lr", "muon_lr", "weight_decay", "clip"):
        if config[field] < 0:
            raise UserError(f"{where}.{field}: expected a number >= 0, got {config[field]}")
    for field in ("b1", "b2"):
        if not 0.0 <= config[field] < 1.0:
            raise UserError(f"{where}.{field}: expected a number in [0, 1), got {config[field]}")
