"""One thread that owns the model: jobs wait in a bounded queue, and one whose asker has gone is dropped.

A job is a function that returns an iterator; its items reach the asker's event loop as they are made. Whatever a job
raises is raised at its asker and nowhere else.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
DONE = object()


class Busy(Exception):
    """The queue is full."""


class Worker:
    """Runs jobs one after the other.

    Args:
      waiting: jobs that may wait beside the one that runs.
    """

    def __init__(self, waiting: int):
        self._jobs: queue.Queue = queue.Queue(waiting)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._thread.start()

    async def run(self, make: Callable[[], Iterator[Item]]) -> AsyncGenerator[Item, None]:
        """Yields the items of `make()`; when this generator is closed, the job ends before its next item.

        Raises:
          Busy: at the first item; what the job raises comes through.
        """
        loop, results, gone = asyncio.get_running_loop(), asyncio.Queue(), threading.Event()

        def emit(item: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                loop.call_soon_threadsafe(results.put_nowait, item)

        try:
            self._jobs.put_nowait((make, emit, gone))
        except queue.Full:
            raise Busy from None
        try:
            while (item := await results.get()) is not DONE:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            gone.set()

    def close(self) -> None:
        """Ends the job under way before its next item, and the thread."""
        self._closed.set()
        with contextlib.suppress(queue.Full):  # a full queue wakes the thread by itself
            self._jobs.put_nowait(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and not self._closed.is_set():
            make, emit, gone = job
            try:
                if not gone.is_set():
                    self._run(make, emit, gone)
                emit(DONE)
            except Exception as error:
                emit(error)

    def _run(self, make: Callable[[], Iterator], emit: Callable, gone: threading.Event) -> None:
        with contextlib.closing(make()) as items:
            for item in items:
                if gone.is_set() or self._closed.is_set():
                    return
                emit(item)


async def while_connected(receive: Callable, work: Coroutine[Any, Any, Item]) -> Item | None:
    """Returns what `work` does, or None, with `work` cancelled, once the client has hung up.

    Servers cancel a streamed answer when its client goes, but let a plain handler run to its end.

    Args:
      receive: the request's, its body read already.
    """

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = asyncio.ensure_future(work), asyncio.ensure_future(hang_up())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].result() if tasks[0].done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
