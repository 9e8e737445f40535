"""The one training loop: step -> log -> save -> evaluate -> sample, in this order.

A run goes on from the last good checkpoint of its folder and from there repeats exactly what the uninterrupted run
would have done: the state, batch k and the samples of step k are functions of (seed, k) alone.
"""

import contextlib
import dataclasses
import pathlib
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from jaxlm import files
from jaxlm.errors import UserError
from jaxlm.model import weights
from jaxlm.model.config import ModelConfig
from jaxlm.parallel.mesh import make_mesh
from jaxlm.progress import Track, say, track
from jaxlm.train import checkpoint, lora, state, step
from jaxlm.train.checkpoint import Checkpoints
from jaxlm.train.clock import Clock, flops_utilization
from jaxlm.train.lora import Lora
from jaxlm.train.loss import bits_per_byte
from jaxlm.train.metrics import MetricWriter, cut_rows
from jaxlm.train.samples import Prompt, sample_rows
from jaxlm.train.state import TrainState

TERMINATED = 128 + signal.SIGTERM  # exit status of a run that a SIGTERM made save and leave


@dataclasses.dataclass(frozen=True)
class Job:
    """What differs between training phases.

    Attributes:
      phase: its name, under which `config` has its fields.
      folder: where metrics.jsonl, samples.jsonl and checkpoints/ go.
      config: `config.PHASE`.
      mesh: `config.mesh`.
      seed: what initialization and sampling derive from.
      model: the decoder's shape.
      tokenizer: decodes samples; tells the bytes of each token.
      train: the batches from step k on (this process's rows), as numpy arrays; see jaxlm.train.step.Batch.
      heldout: evaluation batch k.
      prompts: what the live model continues.
      params: makes the weights to start from on a mesh; None starts from random ones.
      about: what a checkpoint's record says beside model, losses and time.
      lora: adapters of `params` to train instead of all weights. Their checkpoints go to adapters/, and the merged
        weights of the best and of the last one to checkpoints/ in the end.
    """

    phase: str
    folder: pathlib.Path
    config: Mapping[str, Any]
    mesh: Mapping[str, int]
    seed: int
    model: ModelConfig
    tokenizer: Any
    train: Callable[[int], Iterator[Mapping[str, np.ndarray]]]
    heldout: Callable[[int], Mapping[str, np.ndarray]]
    prompts: tuple[Prompt, ...] = ()
    params: Callable[[Mesh], Any] | None = None
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    lora: Lora | None = None


@dataclasses.dataclass
class _Run:
    """The pieces of a run under way."""

    job: Job
    program: step.Program
    checkpoints: Checkpoints
    clock: Clock
    writer: MetricWriter | None = None  # of the first process alone
    bar: Track | None = None
    loss: float | None = None  # of the last logged step
    logged: tuple[int, float] = (0, 0.0)  # step and productive seconds at the last row of metrics


def train(job: Job) -> dict[str, Any]:
    """Trains to `config.steps`, resuming where an earlier process was cut off, and returns the phase's summary.

    Raises:
      UserError: a field or checkpoint that does not fit, too many steps without a finite loss, or a full disk.
      SystemExit: with status 143 after a SIGTERM; a checkpoint of the last step is then on disk.
    """
    mesh = make_mesh(job.mesh)
    program = step.compile_for(job.model, job.config, mesh, job.tokenizer.bos, job.phase, job.lora)
    checkpoints = Checkpoints(job.folder / ("adapters" if job.lora else "checkpoints"), job.config["keep"])
    with jax.set_mesh(mesh), contextlib.closing(checkpoints):
        run, current = _start(_Run(job, program, checkpoints, Clock()))
        first = int(current.step)
        with _outputs(run, first), _termination() as terminated:
            _after_save(run, current, first)
            current = _steps(run, current, first, terminated)
            checkpoints.wait()
        if job.lora:
            _export_merged(run, current)
        return _summary(run, current)


def _steps(run: _Run, current: TrainState, first: int, terminated: Callable[[int], bool]) -> TrainState:
    """The loop proper. Metrics of step k are fetched only after step k + 1 is under way, so the device never waits."""
    config, clock, mesh = run.job.config, run.clock, run.program.mesh
    batches, waiting = run.job.train(first), None
    for done in range(first + 1, config["steps"] + 1):
        with clock.measure("data"):
            batch = step.put(next(batches), mesh)
        with clock.measure("step" if done > first + 1 else "compile"), jax.transfer_guard("disallow"):
            current, metrics = run.program.train(current, batch)
        _log(run, waiting)
        waiting = (done, metrics)
        run.checkpoints.poll()
        last, leaving = done == config["steps"], terminated(done)
        if last or leaving or any(_due(config, event, done) for event in ("save", "eval", "sample")):
            _log(run, waiting)
            waiting = None
        if last or leaving or _due(config, "save", done):
            _save(run, current, done)
        if leaving and not last:
            run.checkpoints.wait()
            say(f"{run.job.phase}: terminated; checkpoint {done} is saved and the same command goes on from there")
            raise SystemExit(TERMINATED)
        _after_save(run, current, done)
    return current


def _start(run: _Run) -> tuple[_Run, TrainState]:
    """The state to go on with: the phase's last good checkpoint, else given weights, else random ones."""
    job, checkpoints, mesh = run.job, run.checkpoints, run.program.mesh
    checkpoints.clean()
    base = job.params(mesh) if job.lora else None
    for found in checkpoints.good_steps():
        record = checkpoints.record(found)
        checkpoint.check_architecture(record, job.model, checkpoints.folder)
        lora.check_record(record, job.about, checkpoints.folder)
        run.clock = Clock(record["seconds"])
        with run.clock.measure("start"):
            abstract = state.abstract(job.model, run.program.transform, mesh, job.lora)
            current = checkpoints.restore(abstract, found).replace(base=base)
        checkpoints.drop_after(found)
        run.loss = record["loss"]
        say(f"{job.phase}: goes on from checkpoint {found}")
        return run, current
    checkpoints.drop_after(-1)
    with run.clock.measure("start"):
        params = base if job.lora else job.params(mesh) if job.params else None
        return run, state.initialize(job.model, run.program.transform, job.seed, mesh, params, job.lora)


def _due(config: Mapping[str, Any], event: str, done: int) -> bool:
    every = config[f"{event}_every"]
    return bool(every) and done % every == 0


def _after_save(run: _Run, current: TrainState, done: int) -> None:
    """Evaluates and samples where they are due: at the start, every so often, and at the end.

    A run that was cut off between a save and these does them when it resumes.
    """
    config = run.job.config
    edge = done in (0, config["steps"])
    if edge or _due(config, "eval", done):
        _evaluate(run, current, done)
    if run.job.prompts and config["sample_every"] and (edge or _due(config, "sample", done)):
        with run.clock.measure("sample"):
            rows = sample_rows(run.job, run.program.full(current), done)
        path = run.job.folder / "samples.jsonl"
        if run.writer:
            cut_rows(path, done - 1)
            for row in rows:
                files.append_jsonl(path, row)


def _log(run: _Run, waiting: tuple[int, dict[str, jax.Array]] | None) -> None:
    """Waits for a step's metrics, stops the run after too many bad ones, and writes a row where one is due."""
    if waiting is None:
        return
    done, metrics = waiting
    with run.clock.measure("step"):
        values = {name: value.item() for name, value in jax.device_get(metrics).items()}
    if values.pop("bad"):
        _bad_step(run, done, values["skipped"])
    run.loss = values["loss"]
    job, tokens = run.job, run.job.config["batch_size"] * run.job.config["seq_len"]
    productive = run.clock.seconds["step"] + run.clock.seconds["data"]
    rate = (done - run.logged[0]) * tokens / max(productive - run.logged[1], 1e-9)
    if done % job.config["log_every"] == 0 or done == job.config["steps"]:
        run.logged = (done, productive)
        _write(run, done, values | {"tokens_per_s": rate, **_utilization(run, rate), "goodput": run.clock.goodput()})
    if run.bar:
        run.bar.advance(1, tokens_per_s=rate, loss=values["loss"])


def _utilization(run: _Run, tokens_per_s: float) -> dict[str, float]:
    devices = run.program.mesh.devices.flat
    per_token = weights.flops_per_token(run.job.model, run.job.config["seq_len"])
    mfu = flops_utilization(tokens_per_s, per_token, devices[0].device_kind, len(list(devices)))
    return {} if mfu is None else {"mfu": mfu}


def _bad_step(run: _Run, done: int, bad: int) -> None:
    job = run.job
    say(f"{job.phase}: step {done} has no finite loss or gradient and is skipped ({bad} so far)")
    if bad > job.config["max_bad_steps"]:
        run.checkpoints.wait()
        saved = run.checkpoints.latest()
        raise UserError(
            f"{job.phase}: stopped at step {done}: {bad} steps without a finite loss, more than config.{job.phase}."
            f"max_bad_steps={job.config['max_bad_steps']}; "
            + ("no checkpoint yet" if saved is None else f"checkpoint {saved} is kept")
            + f"; a lower config.{job.phase}.optimizer.lr may help"
        )


def _save(run: _Run, current: TrainState, done: int) -> None:
    job = run.job
    about = dict(phase=job.phase, model=job.model.to_dict(), loss=run.loss, **job.about)
    with run.clock.measure("save"):
        run.checkpoints.save(done, current.replace(base=None), about | {"seconds": run.clock.snapshot()})
        if done == job.config["steps"]:
            run.checkpoints.wait()


def _export_merged(run: _Run, current: TrainState) -> None:
    """Writes the full weights of the best and the last adapters as checkpoints that every reader understands."""
    job, program = run.job, run.program
    abstract = state.abstract(job.model, program.transform, program.mesh, job.lora)
    with contextlib.closing(Checkpoints(job.folder / "checkpoints")) as merged:
        merged.clean()
        for done in sorted({run.checkpoints.best(), job.config["steps"]}):
            adapted = run.checkpoints.restore(abstract, done).replace(base=current.base)
            merged.save(done, {"params": program.full(adapted)}, run.checkpoints.record(done))
        merged.wait()


def _evaluate(run: _Run, current: TrainState, done: int) -> None:
    """Held-out loss over the same batches each time, for the metrics and the record of this step's checkpoint."""
    with run.clock.measure("eval"):
        known = _evaluated(run, done)
        result = known or evaluate(run.job, run.program, run.program.full(current))
        if run.writer and not known:
            run.writer.write(done, result)
        run.checkpoints.annotate(done, **result)


def evaluate(job: Job, program: step.Program, params) -> dict[str, float]:
    """`eval_loss`, nats a target, and `eval_bpb`, bits a byte of the targets' text, over `config.eval_batches`
    batches.
    """
    byte_lengths = jnp.asarray(job.tokenizer.byte_lengths)
    nats = weight = size = 0.0
    for k in range(job.config["eval_batches"]):
        sums, batch_bytes = program.evaluate(params, step.put(job.heldout(k), program.mesh), byte_lengths)
        nats, weight, size = nats + float(sums.nats), weight + float(sums.weight), size + int(batch_bytes)
    return {"eval_loss": nats / max(weight, 1.0), "eval_bpb": bits_per_byte(nats, size)}


def _evaluated(run: _Run, done: int) -> dict[str, float] | None:
    """The result of an evaluation that is in the metrics already: the run was cut off right after it."""
    path = run.job.folder / "metrics.jsonl"
    rows = files.read_jsonl(path) if path.exists() else ()
    found = [row for row in rows if row["step"] == done and "eval_loss" in row]
    return {name: found[-1][name] for name in ("eval_loss", "eval_bpb")} if found else None


def _write(run: _Run, done: int, values: dict[str, Any]) -> None:
    if run.writer:
        run.writer.write(done, values)


@contextlib.contextmanager
def _outputs(run: _Run, first: int) -> Iterator[None]:
    """Opens the files and the progress line; what an earlier process wrote past step `first` is cut."""
    job, leader = run.job, jax.process_index() == 0
    run.logged = (first, run.clock.seconds["step"] + run.clock.seconds["data"])
    with contextlib.ExitStack() as stack:
        if leader:
            cut_rows(job.folder / "samples.jsonl", first - 1)
            run.writer = stack.enter_context(MetricWriter(job.folder, first if first else None))
            run.bar = stack.enter_context(track(job.config["steps"], job.phase, "steps", done=first))
        yield


@contextlib.contextmanager
def _termination() -> Iterator[Callable[[int], bool]]:
    """Yields a function that tells after each step whether a SIGTERM has come, to all processes at the same step."""
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))

    def terminated(done: int) -> bool:
        if jax.process_count() > 1:
            from jax.experimental import multihost_utils

            return multihost_utils.reached_preemption_sync_point(done)
        return bool(received)

    try:
        yield terminated
    finally:
        signal.signal(signal.SIGTERM, before)


def _summary(run: _Run, current: TrainState) -> dict[str, Any]:
    job, config = run.job, run.job.config
    final, best = (run.checkpoints.record(which) for which in (config["steps"], run.checkpoints.best()))
    table = run.clock.table()
    wall, tokens = sum(table.values()), config["steps"] * config["batch_size"] * config["seq_len"]
    return dict(
        params=weights.count(job.model),
        trained=lora.count(job.model, job.lora),
        steps=config["steps"],
        tokens=tokens,
        loss=final["loss"],
        eval_loss=final["eval_loss"],
        eval_bpb=final["eval_bpb"],
        best=dict(step=best["step"], eval_loss=best["eval_loss"], eval_bpb=best["eval_bpb"]),
        skipped=int(current.bad_steps),
        seconds=round(wall, 1),
        tokens_per_s=round(tokens / max(table["step"] + table["data"], 1e-9)),
        goodput=dict(share=round(table["step"] / max(wall, 1e-9), 3), seconds=table),
        sha256=state.digest(run.program.full(current)),
    )
