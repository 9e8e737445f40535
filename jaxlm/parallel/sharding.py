"""One table from logical axes to mesh axes; every layout in the project is derived from it."""

import math
from collections.abc import Sequence

import jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

# Weights: `embed` is cut over fsdp (gathered layer by layer), the wide dimensions over tensor.
# Activations: the batch over data and fsdp, the sequence over context, heads and mlp over tensor.
RULES: dict[str, tuple[str, ...]] = {
    "batch": ("data", "fsdp"),
    "sequence": ("context",),
    "embed": ("fsdp",),
    "vocab": ("tensor",),
    "heads": ("tensor",),
    "kv_heads": ("tensor",),
    "mlp": ("tensor",),
    "layers": (),
    "head_dim": (),
    "rank": (),  # of adapters: too small to cut
    "features": (),  # the model width of an activation: whole on every device
}


def spec(axes: Sequence[str | None], shape: Sequence[int], mesh) -> PartitionSpec:
    """Maps logical axes to a PartitionSpec; a dimension that its mesh axes do not divide stays whole.

    Raises:
      ValueError: one mesh axis would cut two dimensions, or an axis is not in the table.
    """
    entries, used = [], set()
    for axis, size in zip(axes, shape, strict=True):
        if axis is not None and axis not in RULES:
            raise ValueError(f"unknown logical axis {axis!r}; known: {', '.join(RULES)}")
        names = tuple(name for name in RULES.get(axis, ()) if mesh.shape.get(name, 1) > 1)
        if size % math.prod(mesh.shape[name] for name in names):
            names = ()
        if used & set(names):
            raise ValueError(f"axes {tuple(axes)} use mesh axis {sorted(used & set(names))} twice")
        used |= set(names)
        entries.append(names if len(names) > 1 else names[0] if names else None)
    return PartitionSpec(*entries)


def shardings(weights, mesh: Mesh):
    """A NamedSharding for each leaf with `.axes` and `.shape` (a tree of jaxlm.model.weights.Weight)."""
    return jax.tree.map(
        lambda weight: NamedSharding(mesh, spec(weight.axes, weight.shape, mesh)),
        weights,
        is_leaf=lambda leaf: hasattr(leaf, "axes"),
    )


def batch_sharding(mesh: Mesh, shape: Sequence[int]) -> NamedSharding:
    """How [batch, ...] arrays of tokens enter the step: rows over data and fsdp, everything else whole."""
    return NamedSharding(mesh, spec(("batch",) + (None,) * (len(shape) - 1), shape, mesh))


def constrain(x: jax.Array, axes: Sequence[str | None]) -> jax.Array:
    """Asks for a layout of an activation under `jax.set_mesh`; without a mesh it changes nothing."""
    mesh = jax.sharding.get_abstract_mesh()
    if mesh.empty or mesh.size == 1:
        return x
    return jax.lax.with_sharding_constraint(x, spec(axes, x.shape, mesh))
