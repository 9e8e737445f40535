"""The shape of a decoder as frozen, hashable data: a static argument of every jitted function."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxlm.errors import UserError

CHOICES = {
    "activation": ("swiglu", "relu2"),
    "dtype": ("auto", "float32", "bfloat16"),
    "remat": ("none", "dots", "full"),
}
# Fields that decide which numbers a checkpoint holds; the others may differ between saving and restoring.
ARCHITECTURE = (
    *("vocab_size", "layers", "width", "heads", "kv_heads", "head_dim", "mlp", "activation", "tied"),
    *("qk_norm", "smear_keys", "window", "window_pattern", "soft_cap", "rope_theta"),
)


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """Fields are explained in jaxlm/config.py, `model()`."""

    vocab_size: int
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_dim: int
    mlp: int
    activation: str = "swiglu"
    tied: bool = True
    qk_norm: bool = True
    smear_keys: bool = False
    window: int = 0
    window_pattern: int = 0
    soft_cap: float = 0.0
    rope_theta: float = 10_000.0
    max_len: int = 2048
    dtype: str = "auto"
    unroll: int = 0
    remat: str = "none"

    def __post_init__(self):
        for field in ("vocab_size", "layers", "width", "heads", "kv_heads", "head_dim", "mlp", "max_len"):
            if getattr(self, field) < 1:
                raise UserError(f"config.model.{field}: expected a positive number, got {getattr(self, field)}")
        for field, allowed in CHOICES.items():
            if getattr(self, field) not in allowed:
                raise UserError(f"config.model.{field}: expected {' | '.join(allowed)}, got {getattr(self, field)!r}")
        if self.heads % self.kv_heads:
            raise UserError(f"config.model.heads: {self.heads} is not a multiple of kv_heads={self.kv_heads}")
        if self.head_dim % 2:
            raise UserError(f"config.model.head_dim: rotary positions need an even number, got {self.head_dim}")

    @classmethod
    def from_config(cls, config: Mapping[str, Any], vocab_size: int) -> "ModelConfig":
        """From `config.model` and the size of the vocabulary, which the tokenizer decides."""
        return cls(vocab_size=int(vocab_size), **dict(config))

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "ModelConfig":
        """Inverse of `to_dict`; UserError names a field that is missing or unknown."""
        known = {field.name for field in dataclasses.fields(cls)}
        wrong = sorted(known ^ set(fields))
        if wrong:
            raise UserError(f"model config: missing or unknown field(s): {', '.join(wrong)}")
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def compute_dtype(self) -> jnp.dtype:
        """dtype of activations: XLA's CPU matmuls are about twice slower in bfloat16, accelerators' faster."""
        if self.dtype == "auto":
            return jnp.dtype("float32" if jax.default_backend() == "cpu" else "bfloat16")
        return jnp.dtype(self.dtype)

    def windows(self) -> tuple[int, ...]:
        """Attention span of each layer in tokens; 0 is unlimited."""
        full = [self.window_pattern > 0 and (layer + 1) % self.window_pattern == 0 for layer in range(self.layers)]
        return tuple(0 if is_full else self.window for is_full in full)

    def scan_unroll(self) -> int:
        """Unrolled layers run up to 12 % faster on CPU, but compile time then grows with depth."""
        if self.unroll:
            return min(self.unroll, self.layers)
        return self.layers if jax.default_backend() == "cpu" and self.layers <= 12 else 1


def architecture_difference(saved: ModelConfig, wanted: ModelConfig) -> str | None:
    """Names the first architecture field in which two configs differ, as 'field: saved X, wanted Y'."""
    for field in ARCHITECTURE:
        if getattr(saved, field) != getattr(wanted, field):
            return f"{field}: the checkpoint has {getattr(saved, field)}, the config {getattr(wanted, field)}"
    return None
