import errno
import gc
import os
import signal
import time

import pytest

from jaxlm import errors


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EISDIR])
def test_a_path_that_cannot_be_used_is_named(number):
    error = OSError(number, os.strerror(number), "pages/a.txt")
    assert errors.explanation(error) == f"pages/a.txt: {os.strerror(number)}"
    assert errors.explanation(FileNotFoundError(errno.ENOENT, "a bug of ours", "x")) is None


def test_ctrl_c_that_a_library_wraps_is_no_bug(capsys):
    with pytest.raises(SystemExit) as stop, errors.one_line():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as interrupt:
            raise ImportError("cannot initialize the extension") from interrupt
    assert stop.value.code == 130 and capsys.readouterr().err == "jaxlm: interrupted\n"


def test_ctrl_c_during_a_garbage_collection_is_not_lost(capsys):
    def interrupt(phase, info):
        gc.callbacks.remove(interrupt)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)

    with pytest.raises(SystemExit) as stop, errors.one_line("stopped"):
        gc.callbacks.append(interrupt)
        gc.collect()
        time.sleep(5)
    assert stop.value.code == 130 and capsys.readouterr().err == "jaxlm: stopped\n"
