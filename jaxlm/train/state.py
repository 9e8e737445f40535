"""Everything that decides the rest of a training run, as one sharded tree of arrays."""

import hashlib
from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel import sharding
from jaxlm.train.lora import Lora, trained


@flax.struct.dataclass
class TrainState:
    """A run is a pure function of this state: batch k and any randomness of step k follow from (seed, k).

    Attributes:
      params: float32 master weights, the tree of jaxlm.model.weights.describe, or adapters of `base`.
      opt_state: optax state, sharded like the params it belongs to.
      step: int32 scalar, updates tried so far: the position in the data.
      seed: uint32 scalar.
      bad_steps: int32 scalar, how many of those had no finite loss or gradient and changed nothing.
      base: the frozen weights that `params` adapt (jaxlm.train.lora); None when `params` are all weights. It is never
        part of a checkpoint.
    """

    params: Any
    opt_state: Any
    step: jax.Array
    seed: jax.Array
    bad_steps: jax.Array
    base: Any = None


def start(params, optimizer: optax.GradientTransformation, seed: jax.Array) -> TrainState:
    """The state before the first step; traceable."""
    zero = jnp.zeros((), jnp.int32)
    return TrainState(params, optimizer.init(params), zero, seed, jnp.zeros((), jnp.int32))


def random_start(
    cfg: ModelConfig, optimizer: optax.GradientTransformation, seed: jax.Array, lora: Lora | None = None
) -> TrainState:
    """The state before the first step of a new model, or of new adapters; without their base. Traceable."""
    return start(weights.draw(trained(cfg, lora), jax.random.key(seed)), optimizer, seed)


def shardings(
    cfg: ModelConfig, optimizer: optax.GradientTransformation, mesh: Mesh, lora: Lora | None = None
) -> TrainState:
    """The layout of a state: each weight's from its logical axes, its moments' the same, scalars everywhere."""
    params = sharding.shardings(trained(cfg, lora), mesh)
    by_path = dict(jax.tree.leaves_with_path(params))
    everywhere = NamedSharding(mesh, PartitionSpec())

    def like_its_weight(path, leaf) -> NamedSharding:
        # A moment's path ends with the path of the weight it belongs to: opt_state[1].mu['layers']['wq'].
        matches = (by_path[path[i:]] for i in range(len(path)) if path[i:] in by_path)
        return everywhere if leaf.ndim == 0 else next(matches, everywhere)

    shape = jax.eval_shape(lambda: random_start(cfg, optimizer, jnp.zeros((), jnp.uint32), lora))
    opt_state = jax.tree.map_with_path(like_its_weight, shape.opt_state)
    base = sharding.shardings(weights.describe(cfg), mesh) if lora else None
    return TrainState(params, opt_state, everywhere, everywhere, everywhere, base)


def abstract(
    cfg: ModelConfig, optimizer: optax.GradientTransformation, mesh: Mesh, lora: Lora | None = None
) -> TrainState:
    """The state as ShapeDtypeStructs with their shardings: what a checkpoint is restored into, without a base."""
    shape = jax.eval_shape(lambda: random_start(cfg, optimizer, jnp.zeros((), jnp.uint32), lora))
    return jax.tree.map(
        lambda leaf, layout: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=layout),
        shape,
        shardings(cfg, optimizer, mesh, lora).replace(base=None),
    )


def initialize(cfg: ModelConfig, optimizer, seed: int, mesh: Mesh, params=None, lora: Lora | None = None) -> TrainState:
    """A state born sharded: no device ever holds a whole copy. With `params` (consumed) they are the start, or with
    `lora` the base of adapters.
    """
    layout = shardings(cfg, optimizer, mesh, lora)
    seed = jnp.asarray(seed, jnp.uint32)
    with jax.set_mesh(mesh):
        if lora is not None:
            born = jax.jit(
                lambda seed: random_start(cfg, optimizer, seed, lora), out_shardings=layout.replace(base=None)
            )(seed)
            return born.replace(base=jax.device_put(params, layout.base))
        if params is None:
            return jax.jit(lambda seed: random_start(cfg, optimizer, seed), out_shardings=layout)(seed)
        return jax.jit(lambda params, seed: start(params, optimizer, seed), out_shardings=layout)(params, seed)


def digest(params) -> str:
    """sha256 over the leaves in tree order (path, dtype, shape, bytes): two runs agree bit for bit or differ here."""
    total = hashlib.sha256()
    for path, leaf in jax.tree.leaves_with_path(params):
        array = np.ascontiguousarray(jax.device_get(leaf))
        total.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}\n".encode())
        total.update(array.tobytes())
    return total.hexdigest()
