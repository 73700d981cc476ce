"""Starting a tool whose output is data: bytes as they came, never without limits, and nothing of it left running."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chartgate.errors import InputError, ToolError
from chartgate.system.interruption import raise_what_came, undisturbed

_TIMEOUT = "120"
"""Seconds, unless CHARTGATE_TIMEOUT says otherwise; a large chart renders in a few."""

_LONGEST_TIMEOUT = 86_400
"""A day: longer than that, nobody waits, and the system's own clocks overflow."""

MOST_BYTES = 256 * 2**20
"""That a tool may write to stdout, and to stderr; ten thousand objects are some ten MiB."""

_GRACE = 1.0
"""Seconds that what a tool has started may go on writing when the tool itself is done."""

_BLOCK = 2**18

_BROKEN = re.compile(r"^(panic|fatal error): ([^\n]*)", re.MULTILINE)
_STACK = re.compile(r"^goroutine [0-9]+ (?:gp=[^\[\n]*+)?\[", re.MULTILINE)
"""What Go's runtime writes: https://pkg.go.dev/runtime#hdr-Environment_Variables (GOTRACEBACK).

Where the runtime itself gives up, addresses of a goroutine come before its state.
"""
_LONGEST_REASON = 300
"""Characters: a panic may hold any value, as a whole."""

_running: set[int] = set()
"""The process groups of all tools that run now."""


def time_limit() -> float:
    """Give the seconds that a tool may take.

    Raises:
        InputError: CHARTGATE_TIMEOUT is no number of seconds.
    """
    text = os.environ.get("CHARTGATE_TIMEOUT") or _TIMEOUT
    if not re.fullmatch(r"[0-9]{0,9}(\.[0-9]{1,9})?", text) or not 0 < float(text or 0) <= _LONGEST_TIMEOUT:
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise InputError(
            f"CHARTGATE_TIMEOUT is a number of seconds above 0 and up to {_LONGEST_TIMEOUT}, a day, not {shown!r}"
        )
    return float(text)


@dataclass(frozen=True)
class Output:
    """What a finished process wrote, undecoded."""

    command: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def errors(self) -> str:
        """Standard error as text; where a program of Go has broken, the line that says why, without its stacks."""
        text = self.stderr.decode("utf-8", "replace")
        broken = _BROKEN.search(text) if self.exit_code and _STACK.search(text) else None
        if broken is None:
            return text
        kind, words = broken[1], broken[2].removesuffix(" [recovered]")[:_LONGEST_REASON]
        return f"{Path(self.command[0]).name} itself broke ({kind}): {words}"


class TooMuchTime(ToolError):
    """A tool was stopped since it does not answer."""


class TooMuchOutput(ToolError):
    """A tool was stopped since it writes more than anybody can use."""

    def __init__(self, command: Sequence[str], most: int, output: bytes) -> None:
        super().__init__(f"{shlex.join(command)} was stopped: it wrote more than {most // 2**20} MiB")
        self.output = output
        """What it wrote until then."""


def start(
    command: Sequence[str | Path],
    *,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
    limit: float | None = None,
    most: int = MOST_BYTES,
) -> Output:
    """Run a command to its end; a non-zero exit is the caller's to judge.

    It is a session of its own: it has no terminal to ask at, and whatever it starts ends with it, at the latest when it
    is done itself, when it takes too long or when the run is interrupted.

    `subprocess_tee` serves where a person watches; it strips line ends and has no time limit, so not here.

    Raises:
        ToolError: the program is missing or cannot be started.
        TooMuchTime: it ran longer than CHARTGATE_TIMEOUT seconds, or than `limit` where that is less.
        TooMuchOutput: it wrote more than `most` bytes to stdout or stderr.
    """
    timeout = min(time_limit(), limit or math.inf)
    words = tuple(str(word) for word in command)
    process: subprocess.Popen[bytes] | None = None
    try:
        with undisturbed():
            process = _started(words, environment)
            _running.add(process.pid)
        stdout, stderr = _exchanged(process, stdin, timeout, most)
        return Output(words, process.wait(), stdout, stderr)
    except subprocess.TimeoutExpired as error:
        setting = "" if timeout == limit else " (CHARTGATE_TIMEOUT)"
        raise TooMuchTime(f"{shlex.join(words)} was stopped: no answer within {timeout:g} s{setting}") from error
    except _TooMuchError as error:
        raise TooMuchOutput(words, most, error.output) from error
    finally:
        if process is not None:
            with undisturbed():
                _end(process)


def ended_with_the_run(process: subprocess.Popen[bytes]) -> Callable[[], None]:
    """Let a process that leads a session of its own end when the run is interrupted; give what ends it before that."""
    _running.add(process.pid)
    return functools.partial(_end, process)


def end_tools() -> None:
    """End all tools that run now, and all that they have started; who waits for one sees it end by SIGKILL."""
    for group in list(_running):
        _kill(group)


class _TooMuchError(Exception):
    """A tool has written more than it may."""

    def __init__(self, output: bytes) -> None:
        super().__init__()
        self.output = output


def _started(words: Sequence[str], environment: dict[str, str] | None) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            words, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
    except FileNotFoundError as error:
        if Path(words[0]).exists():
            raise ToolError(
                f"{words[0]} cannot be started: what it needs to run is not there (its interpreter, or its loader)"
            ) from error
        raise ToolError(
            f"{words[0]} is not there: run `chartgate provision`, or name another with --helm=PATH"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL, or what is no character, in an argument
        raise ToolError(f"{words[0]} cannot be started: {error}") from error


def _exchanged(process: subprocess.Popen[bytes], stdin: bytes, timeout: float, most: int) -> tuple[bytes, bytes]:
    """Write and read until the tool has closed its ends, or is done and what it has started says nothing more."""
    assert process.stdin and process.stdout and process.stderr
    deadline, done = time.monotonic() + timeout, 0.0
    texts = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in texts:
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        streams = {stream.fileno(): stream for stream in (process.stdin, *texts)}
        rest = memoryview(stdin)
        while not all(stream.closed for stream in texts):
            now = time.monotonic()
            if now > deadline:
                raise subprocess.TimeoutExpired(process.args, timeout)
            events = selector.select(min(deadline - now, 0.1))
            raise_what_came()
            for key, _ in events:
                stream = streams[key.fd]
                if stream in texts:
                    is_over = not _read(stream, texts[stream], most)
                else:
                    rest = _written(stream, rest)
                    is_over = not rest
                if is_over:
                    selector.unregister(stream)
                    stream.close()
            if not events and process.poll() is not None:
                done = done or now
                if now - done > _GRACE:
                    break
    process.wait(max(0.0, deadline - time.monotonic()))
    return bytes(texts[process.stdout]), bytes(texts[process.stderr])


def _written(stream: IO[bytes], rest: memoryview) -> memoryview:
    """Write as much as goes; nothing is left of the text where the tool reads no more."""
    if not rest:
        return rest
    try:
        return rest[os.write(stream.fileno(), rest[:_BLOCK]) :]
    except BrokenPipeError:
        return rest[:0]


def _read(stream: IO[bytes], text: bytearray, most: int) -> bool:
    """Read what is there; give whether there may be more."""
    block = os.read(stream.fileno(), _BLOCK)
    text += block
    if len(text) > most:
        raise _TooMuchError(bytes(text))
    return bool(block)


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process.pid)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the kernel: nobody can end it now
        process.wait(_GRACE)
    _running.discard(process.pid)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # gone, or (macOS) about to be
        os.killpg(group, signal.SIGKILL)
