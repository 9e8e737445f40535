"""Where the wall-clock time of a run goes, and how much of the hardware's arithmetic it uses."""

import contextlib
import time
from collections.abc import Iterator

# Dense bfloat16 peak in FLOP/s a device, by jax's device_kind. Sources: docs.cloud.google.com/tpu (v4 to v6e), NVIDIA
# data sheets (SXM parts, without sparsity).
PEAK_FLOPS = {
    "TPU v4": 275e12,
    "TPU v5 lite": 197e12,
    "TPU v5e": 197e12,
    "TPU v5": 459e12,
    "TPU v5p": 459e12,
    "TPU v6 lite": 918e12,
    "TPU v6e": 918e12,
    "NVIDIA A100-SXM4-40GB": 312e12,
    "NVIDIA A100-SXM4-80GB": 312e12,
    "NVIDIA H100 80GB HBM3": 989e12,
    "NVIDIA H200": 989e12,
}
BUCKETS = ("step", "compile", "data", "eval", "save", "sample", "start")


def flops_utilization(tokens_per_s: float, flops_per_token: float, device_kind: str, devices: int) -> float | None:
    """MFU (PaLM, appendix B): model FLOP/s over the devices' peak; None for a device whose peak is not in the table.

    `flops_per_token` counts what the model needs (jaxlm.model.weights.flops_per_token), not what remat adds to it.
    """
    peak = PEAK_FLOPS.get(device_kind)
    return tokens_per_s * flops_per_token / (peak * devices) if peak else None


class Clock:
    """Seconds by bucket, over all attempts of a run; `seconds` goes to checkpoints, so that a resumed run goes on
    counting.

    Buckets: `step` (training steps: what the time is for), `compile` (the first step's compilation), `data` (waiting
    for a batch), `eval`, `save`, `sample` (each with its compilation), `start` (new weights, or those of a checkpoint).
    The rest is `other`. Work that a kill lost is in no bucket: it was not on the record.
    """

    def __init__(self, seconds: dict[str, float] | None = None):
        self.seconds = dict.fromkeys((*BUCKETS, "wall"), 0.0) | (seconds or {})
        self._earlier, self._start = self.seconds["wall"], time.monotonic()

    @contextlib.contextmanager
    def measure(self, bucket: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[bucket] += time.monotonic() - start

    def snapshot(self) -> dict[str, float]:
        """Seconds by bucket until now, with the `wall` clock's."""
        self.seconds["wall"] = self._earlier + time.monotonic() - self._start
        return {name: round(value, 3) for name, value in self.seconds.items()}

    def goodput(self) -> float:
        """Share of the wall clock's time spent in training steps."""
        now = self.snapshot()
        return now["step"] / max(now["wall"], 1e-9)

    def table(self) -> dict[str, float]:
        """Seconds by bucket that add up to the wall clock's."""
        now = self.snapshot()
        wall = now.pop("wall")
        return now | {"other": round(max(wall - sum(now.values()), 0.0), 3)}
