"""Signals that end a run: one exception in the main thread, and none while it must not be disturbed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 3.0
"""Seconds that a run may take to end. `timeout` and terminals send a signal twice; a person who asks later means it."""


class Stopped(BaseException):
    """A signal has ended the run; no `except Exception` may go on after it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Watch:
    """What the handler knows; the main thread alone reads and writes it."""

    def __init__(self) -> None:
        self.held = 0
        self.waiting = 0
        self.since = 0.0


_watch = _Watch()


@contextmanager
def ended_by_signals(at_once: Callable[[int], None]) -> Iterator[None]:
    """Raise `Stopped` in the main thread at the first SIGINT, SIGTERM or SIGHUP; what is ignored stays so (`nohup`).

    Args:
        at_once: called with the number of a signal that comes when the run should have ended long ago.
    """
    if threading.current_thread() is not threading.main_thread():  # Python sets no handler elsewhere
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if _watch.since:
            if now - _watch.since > _PATIENCE:
                at_once(number)
            return
        _watch.since, _watch.waiting = now, number
        if not _watch.held:
            raise Stopped(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _watch.since = 0.0
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, handle)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def received() -> int:
    """Give the number of the signal that has come; 0 for none."""
    return _watch.waiting if _watch.since else 0


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a signal wait until the block has ended, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _watch.held += 1
    came_before = bool(_watch.since)
    try:
        yield
    finally:
        _watch.held -= 1
        if _watch.since and not came_before and not _watch.held:
            raise Stopped(_watch.waiting)
