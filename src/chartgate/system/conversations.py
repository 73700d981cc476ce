"""A program that answers line by line for as long as it is asked, with the same limits as one that runs to its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Sequence

from chartgate.errors import ToolError
from chartgate.system.processes import MOST_BYTES, ended_with_the_run

_BLOCK = 2**18


class Conversation:
    """One running program."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        """Start it, in a session of its own, as any tool.

        Raises:
            ToolError: it cannot be started.
        """
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolError(f"{command[0]} cannot be started: {error}") from error
        self.process_id = self._process.pid
        self._ends = [ended_with_the_run(self._process)]
        self._rest = bytearray()
        self._asking = threading.Lock()
        self._waiting: list[threading.Event] = []
        """For each question without an answer, in their order, what tells that it has one."""
        self.waited = 0.0
        """Seconds until there was something to be read."""

    @property
    def unanswered(self) -> int:
        """How many questions wait for their answers."""
        return len(self._waiting)

    def ask(self, question: bytes, timeout: float) -> bytes:
        """Write a line and give the line that comes back, both without their ends.

        Threads may ask while others wait: the program answers in the order of the questions.

        Raises:
            ToolError: it takes longer than `timeout` seconds, ends, or writes too much; it is ended then.
        """
        assert self._process.stdin
        answered = threading.Event()
        with self._asking:
            before = next(reversed(self._waiting), None)
            self._waiting.append(answered)
            # Whoever reads, this thread at the latest, sees that it has ended; who reads must not lose what it reads.
            with contextlib.suppress(OSError, ValueError):
                self._process.stdin.write(question + b"\n")
        try:
            if before is not None:
                before.wait()
            return self._listen(timeout)
        except (OSError, ValueError, ToolError) as error:
            self.close()
            raise ToolError(f"no answer: {error}") from error
        finally:
            self._waiting.remove(answered)
            answered.set()

    def _listen(self, timeout: float) -> bytes:
        assert self._process.stdout
        deadline = time.monotonic() + timeout
        searched = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (end := self._rest.find(b"\n", searched)) < 0:
                searched = len(self._rest)
                start = time.monotonic()
                if not selector.select(max(0.0, deadline - start)):
                    raise ToolError(f"nothing within {timeout:g} s")
                self.waited += time.monotonic() - start
                block = os.read(self._process.stdout.fileno(), _BLOCK)
                self._rest += block
                if not block or len(self._rest) > MOST_BYTES:
                    raise ToolError("it wrote too much" if block else "it has ended")
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(IndexError):  # it is over
            self._ends.pop()()
