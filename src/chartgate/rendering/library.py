"""The processes with helm's own library in them: how many there are, and who asks which."""

from __future__ import annotations

import atexit
import contextlib
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.conversations import Conversation
from chartgate.system.toolchain import helm_environment

WORKER = Path(__file__).with_name("sdk_worker.py")
_PATIENCE = 0.25
"""Seconds that threads wait in all for a process to be free before another one is started: that takes a third of it."""

_idle: queue.SimpleQueue[Conversation] = queue.SimpleQueue()
"""Those that wait for a question; there are never more than threads that ask."""


class _Crowd:
    """How many processes there are, and for how long threads have waited for one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.size = 0
        self.waited = 0.0


_crowd = _Crowd()


def begin() -> None:
    """Start the first process, whose questions come later: loading the library takes as long as reading a chart."""
    if not _crowd.size:
        with contextlib.suppress(ToolError):  # who asks it gets the same error, and helm in its place
            _idle.put(_started())


@contextlib.contextmanager
def conversation() -> Iterator[Conversation]:
    """Give a process that nobody else asks meanwhile.

    Raises:
        ToolError: it cannot be started.
    """
    library = _free() or _started()
    try:
        yield library
    except BaseException:
        _end(library)
        raise
    _idle.put(library)


def _free() -> Conversation | None:
    """Wait for a process, unless there is none or all have waited for long enough."""
    start = time.monotonic()
    patience = max(0.0, _PATIENCE - _crowd.waited) if _crowd.size else 0.0
    try:
        return _idle.get(timeout=patience)
    except queue.Empty:
        return None
    finally:
        _crowd.waited += time.monotonic() - start


def _started() -> Conversation:
    library = Conversation([sys.executable, "-P", str(WORKER)], helm_environment())
    with _crowd.lock:
        _crowd.size += 1
    return library


def _end(library: Conversation) -> None:
    library.close()
    with _crowd.lock:
        _crowd.size -= 1


@atexit.register
def end_all() -> None:
    """End the processes that wait for questions."""
    with contextlib.suppress(queue.Empty):
        while True:
            _end(_idle.get_nowait())
