"""How far long work is, on a line that rewrites itself, and what it found: for a person at a terminal alone."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

from chartgate.documents.escaping import one_line

if TYPE_CHECKING:  # imported once there is a terminal
    import rich.progress
    from rich.console import RenderableType

_CANNOT_REWRITE = ("dumb", "unknown")
"""Terminals that only ever add to what they show."""

_SECONDS = 0.1
"""Between two writings: enough to be read, too few to slow anything."""


class Progress:
    """Shows `rendered 12 of 107` and a bar on a stream that is a terminal, and nothing on any other."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = (
            stream if stream is not None and stream.isatty() and os.environ.get("TERM") not in _CANNOT_REWRITE else None
        )
        self._next = 0.0
        self._line: rich.progress.Progress | None = None

    def __call__(self, done_word: str, done: int, of: int, found: Callable[[], str] = str) -> None:
        """Say how far a piece of work is, and what was found first, which is asked for only where it is shown.

        The first step of a piece is shown at once, others where there is time.
        """
        if self._stream is None or (done > 1 and time.monotonic() < self._next):
            return
        self._next = time.monotonic() + _SECONDS
        try:
            if self._line is None:
                self._line = _line(self._stream)
                self._line.add_task(done_word, completed=done, total=of, found=one_line(found()))
                self._line.start()
            else:
                [task] = self._line.task_ids
                words: dict[str, Any] = {"description": done_word, "found": one_line(found())}
                self._line.update(task, completed=done, total=of, refresh=True, **words)
        except OSError:  # the terminal is gone: the work goes on
            self._stream = self._line = None

    def clear(self) -> None:
        """Take the line away, so that a report starts on an empty one."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.stop()
            self._line = None


def _line(stream: TextIO) -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Line
    from rich.text import Text

    class WithFound(Line):
        def get_renderables(self) -> Iterable[RenderableType]:
            yield self.make_tasks_table(self.tasks)
            yield from (
                Text(task.fields["found"], no_wrap=True, overflow="ellipsis")
                for task in self.tasks
                if task.fields["found"]
            )

    # What a run prints goes where it went: only this stream has a line to keep clear of.
    return WithFound(
        TextColumn("{task.description} {task.completed:.0f} of {task.total:.0f}"),
        BarColumn(),
        console=Console(file=stream),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
