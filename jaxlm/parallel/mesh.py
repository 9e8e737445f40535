"""The device mesh: the same four named axes on one CPU, on fake devices and on a slice."""

import math
from collections.abc import Mapping, Sequence

import jax
from jax.sharding import AxisType, Mesh

from jaxlm.errors import UserError

AXES = ("data", "fsdp", "tensor", "context")


def axis_sizes(config: Mapping[str, int], devices: int) -> tuple[int, ...]:
    """Resolves `config.mesh` to one size an axis; an axis of -1 takes the devices the others leave.

    Raises:
      UserError: more than one -1, a size below 1, or sizes that do not fit the number of devices.
    """
    sizes = [int(config[axis]) for axis in AXES]
    if sizes.count(-1) > 1 or any(size < 1 and size != -1 for size in sizes):
        raise UserError(f"config.mesh: sizes are positive and at most one is -1, got {dict(zip(AXES, sizes))}")
    fixed = math.prod(size for size in sizes if size != -1)
    if fixed > devices or (-1 in sizes and devices % fixed):
        raise UserError(f"config.mesh: {dict(zip(AXES, sizes))} does not fit {devices} device(s)")
    return tuple(devices // fixed if size == -1 else size for size in sizes)


def make_mesh(config: Mapping[str, int], devices: Sequence[jax.Device] | None = None) -> Mesh:
    """Builds the mesh of `config.mesh` over all devices, or over the first ones when the sizes are all fixed."""
    devices = jax.devices() if devices is None else devices
    sizes = axis_sizes(config, len(devices))
    return jax.make_mesh(sizes, AXES, axis_types=(AxisType.Auto,) * len(AXES), devices=devices[: math.prod(sizes)])
