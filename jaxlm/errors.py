"""What the user can fix is one line, everywhere; what is a bug keeps its traceback."""

import contextlib
import errno
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator

FULL = (errno.ENOSPC, errno.EDQUOT)
# What the system says of a path of the user's that cannot be used.
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO)


class UserError(Exception):
    """A mistake in a flag, a configuration, a file or an environment.

    The message is one clear line that names the flag, field or file and says what was expected. Entry points print it
    as `jaxlm: error: ...` and exit with status 2; any other exception is a bug and keeps its traceback.
    """


@contextlib.contextmanager
def one_line(interrupted: str = "interrupted") -> Iterator[None]:
    """Around an entry point: a user's mistake is one line on stderr and status 2, Ctrl-C status 130."""
    before = sys.unraisablehook
    sys.unraisablehook = functools.partial(_interrupt_again, before)
    try:
        yield
    except KeyboardInterrupt:
        _stop(interrupted, 130)
    except Exception as error:
        if any(isinstance(cause, KeyboardInterrupt) for cause in _chain(error)):  # came while a library was imported
            _stop(interrupted, 130)
        text = explanation(error)
        if text is None:
            raise
        _stop(f"error: {text}", 2)
    finally:
        sys.unraisablehook = before


def explanation(error: BaseException) -> str | None:
    """The one line about what the user can put right; None for a bug."""
    if isinstance(error, UserError):
        return str(error)
    for cause in _chain(error):  # libraries wrap the system's error, some in text only
        number, name = getattr(cause, "errno", None), getattr(cause, "filename", None)
        if number in FULL or os.strerror(errno.ENOSPC) in str(cause):
            where = f" while writing {name}" if name else ""
            return f"the disk is full{where}: free some space; the same command goes on from here"
        if number in NOT_ALLOWED and name:
            return f"{name}: {os.strerror(number)}"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _interrupt_again(otherwise: Callable, unraisable) -> None:
    """Python drops a Ctrl-C that comes during a callback, as JAX's at each garbage collection: send it once more."""
    if unraisable.exc_type is KeyboardInterrupt:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        otherwise(unraisable)


def _stop(text: str, status: int) -> None:
    print(f"jaxlm: {text}", file=sys.stderr, flush=True)
    sys.exit(status)
