"""The command line: translates between a shell and the engine, and ends in one line whatever happens.

It imports next to nothing before it listens for Ctrl-C, and the rest while it does.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from chartgate.errors import InputError
from chartgate.system.interruption import Stopped, ended_by_signals, received, signal_name

_UNUSABLE = 2
_INTERRUPTED = 130
"""As a shell reports a command that was ended by Ctrl-C."""
_OUR_FAULT = 70
"""EX_SOFTWARE of sysexits.h; a traceback's usual 1 would say that the chart is wrong."""

_RARELY = (100_000, 50, 100)
"""When Python looks for circles that nobody needs: a run makes few, and keeps millions of objects until it ends.

By its own numbers that took a seventh of the time of a chart of 2,000 objects.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit code (0 unless it has one), or 2 with a message on stderr for unusable input.

    What a signal ends has the exit code 2, or 130 for Ctrl-C: then this process ends here.
    """
    _keep_descriptors()
    gc.set_threshold(*_RARELY)
    code = _UNUSABLE
    try:
        with ended_by_signals(_end):
            try:
                words = sys.argv[1:] if arguments is None else arguments
                told = _told_again(words)
                code = run_command(words) if told is None else told
            except Stopped as stopped:
                _end(stopped.number, stopped.meanwhile)
    except Stopped as stopped:  # between the lines above
        _end(stopped.number, stopped.meanwhile)
    return code


def _told_again(words: list[str]) -> int | None:
    """Give the exit code of a command that says what an earlier one said; None for one that has to be run."""
    if words[:1] != ["check"]:
        return None
    from chartgate.commands.told_again import is_told_again

    try:
        return 0 if is_told_again(words) else None
    except InputError as error:
        from chartgate.commands.grouped_commands import tell

        tell(str(error))
    return _UNUSABLE


def run_command(arguments: list[str]) -> int:
    """Run a command; give its exit code, or another one with a message on stderr where it could not be run."""
    import click

    from chartgate.commands.command_list import COMMANDS, PROGRAM
    from chartgate.commands.grouped_commands import tell, tell_usage

    try:
        return COMMANDS.main(arguments, PROGRAM, standalone_mode=False, obj=arguments) or 0
    except click.UsageError as error:
        tell_usage(error)
    except InputError as error:
        tell(str(error))
    except MemoryError:
        tell("there is not enough memory for this input")
    except click.Abort:
        tell("interrupted")
        return _INTERRUPTED
    except Exception as error:  # the last border: a fault of ours is told as one
        if number := received():  # Python wraps what is raised while it makes a class into a RuntimeError
            raise Stopped(number) from error
        if os.environ.get("CHARTGATE_DEBUG"):
            raise
        tell(_fault(error))
        return _OUR_FAULT
    return _UNUSABLE


def _fault(error: Exception) -> str:
    """Tell where a fault is, and not its words: they may hold a secret of the chart."""
    import traceback
    from pathlib import Path

    package = str(Path(__file__).parents[1])
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)]
    place = f"{Path(ours[-1].filename).relative_to(package)}:{ours[-1].lineno}"
    return (
        f"this is a fault of chartgate: {type(error).__name__} at {place}; please report it, with the traceback that"
        " CHARTGATE_DEBUG=1 shows"
    )


def _end(number: int, meanwhile: str = "") -> None:
    """End this process at once, and leave nothing; threads that still work are not waited for."""
    from signal import SIGINT

    from chartgate.system.processes import end_tools
    from chartgate.system.scratch import remove_scratch

    end_tools()
    remove_scratch()
    with contextlib.suppress(OSError, AttributeError):  # nobody reads it, or stderr is closed
        # The terminal has just shown ^C on this line.
        line = "\n" * (number == SIGINT and sys.stderr.isatty())
        ended = "interrupted" if number == SIGINT else f"ended by {signal_name(number)}"
        sys.stderr.write(f"{line}chartgate: {ended}{meanwhile}\n")
        sys.stderr.flush()
    os._exit(_INTERRUPTED if number == SIGINT else _UNUSABLE)


def _keep_descriptors() -> None:
    """Keep the numbers 0 to 2 taken where a caller has closed them: no file of ours is to become standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
