"""The processes with helm's own library in them: how many there are, and which of them is asked."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.conversations import Conversation
from chartgate.system.toolchain import helm_environment

WORKER = Path(__file__).with_name("sdk_worker.py")
QUESTIONS = 8
"""At a time: the library goes on while Python is busy with what it gave before."""
_PATIENCE = 0.25
"""Seconds that are waited for answers in all before one more process is started, which takes a third of that."""

_running: list[Conversation] = []
_choosing = threading.Lock()


def begin() -> None:
    """Start the first process, whose questions come later: loading the library takes as long as reading a chart."""
    with contextlib.suppress(ToolError):  # who asks it gets the same error, and helm in its place
        _chosen()


def ask(question: bytes, timeout: float) -> bytes:
    """Give the library's answer to a question.

    Raises:
        ToolError: it cannot be started, or as for `Conversation.ask`.
    """
    library = _chosen()
    try:
        return library.ask(question, timeout)
    except ToolError:
        with _choosing, contextlib.suppress(ValueError):  # another thread was told the same
            _running.remove(library)
        raise


def _chosen() -> Conversation:
    """Give the process that has the least to do; one more, where those that there are keep everybody waiting."""
    with _choosing:
        least = min(_running, key=lambda each: each.unanswered, default=None)
        is_slow = sum(each.waited for each in _running) > _PATIENCE * len(_running)
        if least is None or (least.unanswered and is_slow and len(_running) < (os.cpu_count() or 1)):
            least = Conversation([sys.executable, "-P", str(WORKER)], helm_environment())
            _running.append(least)
        return least


def process_ids() -> list[int]:
    """Give the processes that run now."""
    return [each.process_id for each in _running]


@atexit.register
def end_all() -> None:
    """End them."""
    while _running:
        _running.pop().close()
