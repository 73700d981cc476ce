"""Starting a tool whose output is data: bytes as they came, and always a time limit."""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import InputError, ToolError

_TIMEOUT = "120"
"""Seconds, unless CHARTGATE_TIMEOUT says otherwise; a large chart renders in a few."""


def time_limit() -> float:
    """Give the seconds that a tool may take.

    Raises:
        InputError: CHARTGATE_TIMEOUT is no number of seconds.
    """
    text = os.environ.get("CHARTGATE_TIMEOUT") or _TIMEOUT
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or float(text) == 0:
        raise InputError(f"CHARTGATE_TIMEOUT is a number of seconds above 0, not {text!r}")
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
        """Standard error as text."""
        return self.stderr.decode("utf-8", "replace")


def start(
    command: Sequence[str | Path],
    *,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
    limit: float | None = None,
) -> Output:
    """Run a command to its end; a non-zero exit is the caller's to judge.

    `subprocess_tee` serves where a person watches; it strips line ends and has no time limit, so not here.

    Raises:
        ToolError: the program is missing, cannot be started, or ran longer than CHARTGATE_TIMEOUT seconds, or than
            `limit` where that is less.
    """
    timeout = min(time_limit(), limit or math.inf)
    words = tuple(str(word) for word in command)
    try:
        done = subprocess.run(words, input=stdin, capture_output=True, timeout=timeout, env=environment, check=False)
    except FileNotFoundError as error:
        if Path(words[0]).exists():
            raise ToolError(
                f"{words[0]} cannot be started: what it needs to run is not there (its interpreter, or its loader)"
            ) from error
        raise ToolError(
            f"{words[0]} is not there: run `chartgate provision`, or name another with --helm=PATH"
        ) from error
    except OSError as error:
        raise ToolError(f"{words[0]} cannot be started: {error}") from error
    except subprocess.TimeoutExpired as error:
        setting = "" if timeout == limit else " (CHARTGATE_TIMEOUT)"
        raise ToolError(f"{shlex.join(words)} was stopped: no answer within {timeout:g} s{setting}") from error
    return Output(words, done.returncode, done.stdout, done.stderr)
