"""Writing to standard output and standard error, which may be closed, full or unable to show a character."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TextIO

from chartgate.errors import InputError

CANNOT_WRITE = "standard output cannot be written to"


class Report(NamedTuple):
    """A text, and where it goes."""

    file: str
    """Empty for standard output."""
    text: str
    is_of_terminal: bool
    """Whether it is in the form that a person reads."""


def write_reports(reports: Iterable[Report]) -> None:
    """Write reports where they go; what a person reads fits the width of the terminal, and has colours.

    Raises:
        InputError: a file or standard output cannot be written.
    """
    for report in reports:
        if report.file:
            from chartgate.system.files import write_whole

            write_whole(Path(report.file), report.text.encode())
        elif report.is_of_terminal and has_terminal():
            import shutil

            from chartgate.reports.fitted_lines import fitted

            write_out(fitted(report.text, shutil.get_terminal_size().columns, is_coloured=takes_colours()))
        else:
            write_out(report.text)


def has_terminal() -> bool:
    """Tell whether a person sees standard output as it is written."""
    return sys.stdout is not None and sys.stdout.isatty()


def takes_colours() -> bool:
    """Tell whether a terminal may be given colours: https://no-color.org."""
    return not (os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb")


def write_out(text: str) -> None:
    """Write a whole text to standard output; what its encoding does not have is escaped.

    Raises:
        InputError: it is closed, or does not take the text.
    """
    if sys.stdout is None:
        raise InputError("standard output is closed: there is nowhere to write to")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    except OSError as error:
        raise _refusal(error) from error
    flush_out()


def flush_out() -> None:
    """Write what is still waiting.

    Raises:
        InputError: standard output does not take it.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        raise _refusal(error) from error


def give_up(stream: TextIO | None) -> None:
    """Throw away what a stream did not take: the interpreter would try once more, and fail with a message of its own.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with contextlib.suppress(OSError, AttributeError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)


def _refusal(error: OSError) -> InputError:
    give_up(sys.stdout)
    return InputError(f"{CANNOT_WRITE}: {error.strerror}")
