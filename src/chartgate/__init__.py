"""A policy-as-code gate for Helm charts."""

import sys
import time

__version__ = "0.1.0"

_CLOCK_OF_FILES = 5
"""CLOCK_REALTIME_COARSE, of the kernel's last tick: by it Linux dates files. Source: <linux/time.h>"""
_BEHIND = 50_000_000
"""Nanoseconds by which the times of files may be behind the only clock that other systems have for us."""


def clock_of_files() -> int:
    """Give a time in nanoseconds such that no file gets an earlier one that changes after this."""
    return time.clock_gettime_ns(_CLOCK_OF_FILES) if sys.platform == "linux" else time.time_ns() - _BEHIND


STARTED = clock_of_files()
"""When this process began to import the engine: code that has changed since then may be another than what it runs."""


def clock_ahead() -> int:
    """Give by how much the clock that can be set is ahead of the one that nobody sets, in nanoseconds."""
    return time.time_ns() - time.monotonic_ns()


_AHEAD = clock_ahead()


def unchanged_before() -> int:
    """Give when a file was changed at the latest that is as this process found it, even if the clock was set back."""
    return STARTED - max(0, _AHEAD - clock_ahead())
