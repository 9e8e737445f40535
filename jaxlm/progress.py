"""Progress with rate and time left: a bar on a terminal, a plain line every ten seconds elsewhere."""

import collections
import contextlib
import sys
import time
from collections.abc import Iterator

PLAIN_SECONDS = 10.0  # between two plain lines
WINDOW_SECONDS = 30.0  # the rate is measured over this long, so that a slow start (compilation) is soon forgotten

_bars = []  # the live rich displays, outermost first; `say` prints above them


def say(text: str) -> None:
    """Prints a line without breaking a progress bar."""
    if _bars:
        _bars[-1].console.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        print(text, flush=True)


@contextlib.contextmanager
def track(total: int | None, label: str, unit: str, done: int = 0) -> Iterator["Track"]:
    """Shows how far a loop is, e.g. `pretrain 400/1200 steps  12.1k tokens/s  loss 2.31  0:48 left`.

    Args:
        total: how many units there are; None when it is not known.
        label: what is going on.
        unit: plural name of what is counted.
        done: units that an earlier, resumed attempt did.
    """
    if sys.stdout.isatty() and not _bars:
        with _bar(total, label, done) as show:
            yield Track(total, label, unit, done, show)
        return
    tracker = Track(total, label, unit, done, _plain_lines())
    yield tracker
    print(tracker.line(finished=True), flush=True)


class Track:
    """Counts units and measures their rate; `show(track)` is called after each advance."""

    def __init__(self, total, label, unit, done, show):
        self.total, self.label, self.unit, self.done, self.show = total, label, unit, done, show
        self.info = {}
        self.start, self.first = time.monotonic(), done
        self.marks = collections.deque([(self.start, done)])  # (time, count), about one a second over the window

    def advance(self, n: int = 1, **info) -> None:
        """Counts n units and shows `info`: numbers or text; a name ending in `_per_s` is shown as a rate."""
        self.done += n
        self.info.update(info)
        now = time.monotonic()
        if now - self.marks[-1][0] >= 1:
            self.marks.append((now, self.done))
        while len(self.marks) > 2 and now - self.marks[0][0] > WINDOW_SECONDS:
            self.marks.popleft()
        self.show(self)

    def rate(self) -> float:
        """Units a second over the last WINDOW_SECONDS; 0 before the first unit."""
        since, count = self.marks[0]
        return (self.done - count) / max(time.monotonic() - since, 1e-9)

    def line(self, finished: bool = False) -> str:
        """The whole state as one line; a finished one tells the mean rate and the time taken."""
        count = f"{self.done:,}" if self.total is None else f"{self.done:,}/{self.total:,}"
        return "  ".join([f"{self.label} {count} {self.unit}", *self.details(finished)])

    def details(self, finished: bool = False) -> list[str]:
        elapsed = time.monotonic() - self.start
        rate = (self.done - self.first) / max(elapsed, 1e-9) if finished else self.rate()
        parts = [_show(name, value) for name, value in self.info.items()]
        if not any(name.endswith("_per_s") for name in self.info):
            parts.insert(0, f"{_short(rate)} {self.unit}/s")
        if finished:
            parts.append(f"in {clock(elapsed)}")
        elif self.total is not None and rate > 0:
            parts.append(f"{clock(max(self.total - self.done, 0) / rate)} left")
        return parts


def clock(seconds: float) -> str:
    """0:48, 12:05, 1:02:03."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _plain_lines():
    last = time.monotonic()

    def show(tracker):
        nonlocal last
        if time.monotonic() - last >= PLAIN_SECONDS:
            last = time.monotonic()
            print(tracker.line(), flush=True)

    return show


@contextlib.contextmanager
def _bar(total, label, done):
    from rich.progress import BarColumn, Progress, TextColumn

    name, line = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[line]}", markup=False)
    with Progress(name, BarColumn(bar_width=24), line) as progress:
        task = progress.add_task(label, total=total, completed=done, line="")
        _bars.append(progress)
        try:
            yield lambda tracker: progress.update(task, completed=tracker.done, line=_bar_text(tracker))
        finally:
            _bars.remove(progress)


def _bar_text(tracker: Track) -> str:
    finished = tracker.total is not None and tracker.done >= tracker.total
    return tracker.line(finished).removeprefix(f"{tracker.label} ")


def _show(name: str, value) -> str:
    if name.endswith("_per_s"):
        return f"{_short(value)} {name.removesuffix('_per_s')}/s"
    return f"{name} {value if isinstance(value, str) else _short(value)}"


def _short(value: float) -> str:
    """Three significant digits, with k, M, G for thousands."""
    value = float(value)
    for scale, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= scale:
            return f"{value / (1e3 if suffix == 'k' else scale):.3g}{suffix}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
