"""Worker processes that end with the crawl, and with the process that started them."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

from jaxlm.errors import UserError

WAITING_PER_WORKER = 3  # tasks handed out ahead: bounds the memory that waiting pages take


class Submit:
    """Calls functions in the pool, or here and now if there is none; a task's exception is raised at a later call."""

    def __init__(self, executor: concurrent.futures.Executor | None, count: int):
        self.executor, self.count = executor, count
        self.waiting: dict[concurrent.futures.Future, Callable] = {}

    def __call__(self, function: Callable, *arguments, done: Callable) -> None:
        """Runs function(*arguments) some time, then done() in this process."""
        if self.executor is None:
            function(*arguments)
            done()
            return
        self.waiting[self.executor.submit(function, *arguments)] = done
        if len(self.waiting) >= self.count * WAITING_PER_WORKER:
            self._finish(concurrent.futures.FIRST_COMPLETED)

    def wait(self) -> None:
        """Returns when all that was submitted is done."""
        self._finish(concurrent.futures.ALL_COMPLETED)

    def _finish(self, until: str) -> None:
        finished, _ = concurrent.futures.wait(self.waiting, return_when=until)
        for future in finished:
            done = self.waiting.pop(future)
            try:
                future.result()
            except concurrent.futures.process.BrokenProcessPool:
                raise UserError(
                    "a crawl worker process was killed (out of memory?); try --config.crawl.workers=1"
                ) from None
            done()


@contextlib.contextmanager
def pool(workers: int) -> Iterator[Submit]:
    """A pool of `workers` processes, 0 for one a core; with one, no process is started at all.

    They are spawned rather than forked, which is not safe under the threads of JAX.
    """
    count = workers or os.cpu_count()
    if count == 1:
        yield Submit(None, 1)
        return
    executor = concurrent.futures.ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_die_with, initargs=(os.getpid(),)
    )
    try:
        yield Submit(executor, count)
    finally:
        executor.shutdown(cancel_futures=True)


def _die_with(parent: int) -> None:
    """Ends this worker when its parent is gone, as one that was killed cannot tell it to; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
