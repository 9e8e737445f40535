"""What searching and fetching share of HTTP: waiting from ordinary code, bounded reading, errors in one line."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import jaxlm
from jaxlm.errors import UserError

if TYPE_CHECKING:
    import aiohttp

USER_AGENT = f"jaxlm/{jaxlm.__version__}"
_MORE_SECONDS = 1.0  # that `wait` gives a coroutine beyond its own time limit


def client() -> Any:
    """The module aiohttp. Raises UserError when it is not installed."""
    try:
        import aiohttp
    except ImportError:
        raise UserError("web search and page fetching need aiohttp: pip install 'jaxlm[search]'") from None
    return aiohttp


def wait(coroutine: Coroutine, seconds: float) -> Any:
    """Runs a coroutine on a loop of its own in a thread of its own, so that callers inside a running loop work as well.

    The thread is a daemon and is left alone when time is up: a name server that never answers blocks nobody.

    Raises:
        TimeoutError: it took longer.
    """
    result = concurrent.futures.Future()

    def run():
        try:
            result.set_result(asyncio.run(asyncio.wait_for(coroutine, seconds)))
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return result.result(seconds + _MORE_SECONDS)


async def read(response: "aiohttp.ClientResponse", max_bytes: int) -> bytes:
    """The body, decompressed. Raises UserError as soon as it is longer than max_bytes."""
    parts, size = [], 0
    async for part in response.content.iter_chunked(1 << 16):
        size += len(part)
        if size > max_bytes:
            raise UserError(f"the answer is longer than {max_bytes:,} bytes")
        parts.append(part)
    return b"".join(parts)


def reason(error: Exception) -> str:
    """What went wrong with a connection, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = getattr(error, "os_error", error)
    name = type(error).__name__
    if "DNS" in name or "gaierror" in type(cause).__name__:
        return "the name is not known"
    if "Certificate" in name or "SSL" in name:
        return "its certificate is not valid"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return " ".join(str(getattr(cause, "message", "") or cause).split())[:100] or name
