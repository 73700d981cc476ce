"""Work in as many threads as there are processors, whose tools end when the work does, early or not."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from chartgate.system.interruption import raise_what_came
from chartgate.system.processes import end_tools

Given = TypeVar("Given")
Made = TypeVar("Made")

_numbers = itertools.count()
_PATIENCE = 5.0
"""Seconds that threads get to notice that their tools are gone; after that they end by themselves."""

_GLANCE = 0.2
"""Seconds that a wait may be deaf: Python runs no signal handler while the main thread is blocked in a lock that it
entered in the very moment of the signal."""


@contextmanager
def worker_threads(at_once: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """Give a pool of threads; what ends the block early, an error or Ctrl-C, ends running tools and starts no more.

    Args:
        at_once: how many there are, if not as many as processors.
    """
    name = f"chartgate-{next(_numbers)}-"
    pool = ThreadPoolExecutor(at_once or os.cpu_count(), thread_name_prefix=name)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + _PATIENCE
        # Again and again, for a thread may just be starting the next one.
        while any(thread.name.startswith(name) for thread in threading.enumerate()) and time.monotonic() < end:
            end_tools()
            time.sleep(0.01)
        raise


def in_order(pool: ThreadPoolExecutor, function: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """Give what a function makes of each item, in their order, and let go of what was given."""
    futures = [pool.submit(function, item) for item in items][::-1]
    while futures:
        yield result_of(futures.pop())


def result_of(future: Future[Made]) -> Made:
    """Wait for a result, with an ear for signals: a plain wait may miss Ctrl-C until a tool's time limit."""
    while not future.done():
        wait((future,), timeout=_GLANCE)
        raise_what_came()
    return future.result()
