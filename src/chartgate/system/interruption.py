"""Signals that end a run: one exception in the main thread, and none while it must not be disturbed."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_MEANT = "SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGVTALRM SIGPROF SIGXCPU SIGIO SIGPWR SIGSTKFLT"
_SIGNALS = tuple(
    [int(getattr(signal, name)) for name in _MEANT.split() if hasattr(signal, name)]
    + [*range(signal.SIGRTMIN, signal.SIGRTMAX + 1)] * hasattr(signal, "SIGRTMIN")
)
"""All that end a process which does not listen, but for those of a fault in it (SIGSEGV, SIGABRT): no line of Python
runs after such a one. Which of them there are differs between systems."""
_PATIENCE = 3.0
"""Seconds that a run may take to end. `timeout` and terminals send a signal twice; a person who asks later means it."""


def signal_name(number: int) -> str:
    """Give what a signal is called; those for real time have numbers only."""
    names = {one.value: one.name for one in signal.Signals}
    return names.get(number, f"signal {number}")


class Stopped(BaseException):
    """A signal has ended the run; no `except Exception` may go on after it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal_name(number))
        self.number = number
        self.meanwhile = ""
        """What was being done, for the message: with an endless loop in a policy, which one."""


class _Watch:
    """What the handler knows; the main thread alone reads and writes it."""

    def __init__(self) -> None:
        self.held = 0
        self.waiting = 0
        self.since = 0.0


_watch = _Watch()


@contextmanager
def ended_by_signals(at_once: Callable[[int], None]) -> Iterator[None]:
    """Raise `Stopped` in the main thread at the first signal that would end the process.

    What is ignored stays so (`nohup`), and so does what somebody else listens to, but for Python's own SIGINT.

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

    told = sys.unraisablehook

    def unraisable(unraisable: sys.UnraisableHookArgs) -> None:
        # Python has swallowed it, in a callback say: `raise_what_came` raises it again, and nobody need know.
        if not isinstance(unraisable.exc_value, Stopped):
            told(unraisable)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _watch.since = 0.0
    try:
        sys.unraisablehook = unraisable
        for number, handler in before.items():
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, handle)
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
        sys.unraisablehook = told
        _watch.since = 0.0


def received() -> int:
    """Give the number of the signal that has come; 0 for none."""
    return _watch.waiting if _watch.since else 0


def raise_what_came() -> None:
    """Raise once more what a signal has raised, where Python has swallowed it: in a callback of a weak reference, say.

    Whoever waits in the main thread asks for that from time to time.
    """
    if _watch.since and not _watch.held and threading.current_thread() is threading.main_thread():
        raise Stopped(_watch.waiting)


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
