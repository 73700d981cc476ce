"""A process that has loaded what it needs and waits for the word to begin; its output is that of this process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence

from chartgate.errors import ToolError

_PATIENCE = 10.0
"""Seconds that a run gets to end when it is no longer wanted: it ends its tools and removes its folders."""


class PreparedRun:
    """One such process: a module of ours, which reads a line before it begins."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        """Start it, in a session of its own: Ctrl-C is for the process that prepares it.

        Raises:
            ToolError: it cannot be started.
        """
        command = [sys.executable, "-m", module, *arguments]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0, start_new_session=True)
        except OSError as error:
            raise ToolError(f"{sys.executable} cannot be started: {error}") from error

    def begin(self) -> None:
        """Let it begin; one that has ended already has said why."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"\n")

    def end(self) -> None:
        """End it, with all that it has started; one that is done stays as it is."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
