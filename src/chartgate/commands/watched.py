"""The program behind `chartgate watch`: loads everything, waits for a line, then judges, what tells most first."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from typing import Any

from chartgate.commands.check_command import check
from chartgate.commands.main import run_command
from chartgate.commands.shared_options import choice_of
from chartgate.commands.streams import write_out
from chartgate.errors import InputError
from chartgate.matrix.choice import copy_for_run, read_inputs
from chartgate.model import Scenario
from chartgate.policy.loading import packs_there
from chartgate.system.interruption import Stopped, ended_by_signals
from chartgate.system.processes import end_tools
from chartgate.system.scratch import remove_scratch, scratch_folder


def main(options: list[str]) -> int:
    """Load, wait, and judge; give the exit code of the whole."""
    given = check.make_context("watch", list(options)).params
    _warm_up(options, given)
    if not sys.stdin.readline():
        return 0
    if first := _most_telling(given):
        _judge([*options, f"--scenario={first}"], f"{first}: ")
    return _judge(options, "")


def _warm_up(options: list[str], given: dict[str, Any]) -> None:
    """Judge once by the packs, for what is remembered then; the project's own policies may change until it counts."""
    if not given["policies"] and (first := _most_telling(given)):
        packs = [f"--policies=pack:{name}" for name in packs_there()]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            run_command(["check", *options, *packs, f"--scenario={first}"])


def _judge(options: list[str], beginning: str) -> int:
    """Run `check`; of what is green, say so in a line."""
    started = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        code = run_command(["check", *options])
    seconds = f" ({time.monotonic() - started:.1f} s)"
    text = shown.getvalue().rstrip("\n")
    write_out(f"{beginning}{text.rpartition(chr(10))[2]}{seconds}\n" if code == 0 else f"{text}{seconds}\n")
    return code


def _most_telling(given: dict[str, Any]) -> str:
    """Name the scenario that switches most on; empty where the whole run will say what is wrong with the input."""
    names = ("chart", "matrix", "kube_version", "infrastructure")
    try:
        choice = choice_of(**{name: given[name] for name in names})
        with scratch_folder() as folder:
            _, matrix = read_inputs(choice, copy_for_run(choice, folder))
    except InputError:
        return ""
    return max(matrix.rendering, key=_switched_on).name


def _switched_on(scenario: Scenario) -> tuple[int, int]:
    return len(scenario.switched or ()), len(scenario.traits)


def _leave(_: int) -> None:
    """End at once, and leave nothing: another run begins, or nobody watches any longer."""
    end_tools()
    remove_scratch()
    os._exit(2)


if __name__ == "__main__":
    with ended_by_signals(_leave):
        try:
            code = main(sys.argv[1:])
        except Stopped as stopped:
            _leave(stopped.number)
    sys.exit(code)
