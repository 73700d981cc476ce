"""How far long work is, on one line that rewrites itself: for a person at a terminal, and for nobody else."""

from __future__ import annotations

import time
from typing import TextIO

_SECONDS = 0.1
"""Between two writings: enough to be read, too few to slow anything."""


class Progress:
    """Writes `rendered 12 of 107` to a stream that is a terminal, and nothing to any other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._next = 0.0
        self._width = 0

    def __call__(self, done_word: str, done: int, of: int) -> None:
        """Say how far a piece of work is."""
        if self._stream is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS
            self._write(f"{done_word} {done} of {of}")

    def clear(self) -> None:
        """Take the line away, so that a report starts on an empty one."""
        if self._stream is not None and self._width:
            self._write("")

    def _write(self, text: str) -> None:
        assert self._stream is not None
        self._stream.write(f"\r{text:<{self._width}}" if text else f"\r{'':<{self._width}}\r")
        self._stream.flush()
        self._width = len(text)
