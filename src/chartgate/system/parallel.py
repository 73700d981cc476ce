"""Work in as many threads as there are processors, whose tools end when the work does, early or not."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from chartgate.system.processes import end_tools

_numbers = itertools.count()
_PATIENCE = 5.0
"""Seconds that threads get to notice that their tools are gone; after that they end by themselves."""


@contextmanager
def worker_threads() -> Iterator[ThreadPoolExecutor]:
    """Give a pool of threads; what ends the block early, an error or Ctrl-C, ends running tools and starts no more."""
    name = f"chartgate-{next(_numbers)}-"
    pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix=name)
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
