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
