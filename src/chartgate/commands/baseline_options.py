"""The options of `chartgate check` about the baseline, and what they ask of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chartgate.commands.grouped_commands import TEXT
from chartgate.errors import InputError

if TYPE_CHECKING:  # what reads charts takes time to import, and the help is there at once
    from chartgate.gate.gate import Gate
    from chartgate.gate.results.outcome import Outcome

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--accept", is_flag=True, help="Put what is found into the baseline: only new findings count then."),
    click.option("--prune", is_flag=True, help="Take out of the baseline what is mended."),
    click.option("--who", default="", metavar=TEXT, show_default="nobody", help="Write with --accept who takes it on."),
    click.option("--why", default="", metavar=TEXT, show_default="nothing", help="Write with --accept why."),
    click.option(
        "--baseline",
        type=click.Path(),
        default="",
        metavar="FILE",
        show_default="chartgate-baseline.yaml beside the settings, or here",
        help="The file of the findings that were accepted.",
    ),
    click.option("--no-baseline", is_flag=True, help="Judge as if nothing had been accepted."),
)


@dataclass(frozen=True)
class Acceptance:
    """What a run is asked to do with the baseline."""

    accept: bool
    prune: bool
    who: str
    why: str
    baseline: str
    no_baseline: bool

    @property
    def writes(self) -> bool:
        """Whether the run writes the baseline."""
        return self.accept or self.prune

    def check(self, narrowed_by: Sequence[str]) -> None:
        """Refuse what does not fit together.

        Args:
            narrowed_by: the arguments and options of the run that leave something unjudged.

        Raises:
            InputError: it does not; the message says what to leave out.
        """
        writes = "--accept" if self.accept else "--prune"
        if (self.who or self.why) and not self.accept:
            raise InputError("--who and --why are written with what --accept adds: give that option as well")
        if self.no_baseline and (self.writes or self.baseline):
            other = writes if self.writes else "--baseline"
            raise InputError(f"--no-baseline leaves out what {other} is about: leave out one of the two")
        if self.accept and os.environ.get("CI", "").lower() not in ("", "0", "false"):
            raise InputError("CI is set, and --accept is for a person who has read the findings: run it at your desk")
        if self.prune and narrowed_by:
            raise InputError(
                "--prune needs the verdict of a whole run, since what is not judged would look mended: leave out"
                f" {' and '.join(narrowed_by)}"
            )

    def check_source(self, gate_from: str) -> None:
        """Refuse to write a baseline that is that of a commit.

        Raises:
            InputError: both are asked for.
        """
        if gate_from and self.writes:
            raise InputError(
                f"--gate-from={gate_from} judges by the baseline of a commit, which nobody can write to: leave out"
                f" {'--accept' if self.accept else '--prune'}"
            )

    def check_file(self, file: str) -> None:
        """Tell before the work whether the baseline can be written.

        Raises:
            InputError: it cannot.
        """
        from chartgate.system.files import check_writable

        if self.writes:
            check_writable(Path(file))

    def carry_out(self, outcome: Outcome, gate: Gate) -> Outcome:
        """Change the baseline as asked, and give the outcome as it is with that.

        Raises:
            InputError: the file cannot be written.
        """
        from chartgate.gate.rules.baseline import rebased
        from chartgate.gate.rules.baseline_file import write_baseline

        before = gate.baseline
        if before is None or not self.writes:
            return outcome
        after = before.with_findings(outcome.open, gate.today, self.who, self.why) if self.accept else before
        if self.prune and outcome.baseline:
            after = after.without(outcome.baseline.mended)
        if after != before:
            write_baseline(after)
        return rebased(outcome, before, after, is_pruned=self.prune, is_added_to=self.accept)


def baseline_options(command: Function) -> Function:
    """Add the options, all of them for an `Acceptance`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
