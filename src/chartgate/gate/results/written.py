"""Which lines of the chart's source wrote what a finding or a problem is about, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SourceLine:
    """One or more lines of a file of the chart, which is called as who called the run finds it."""

    file: str
    line: int = 0
    """The first, counted from 1; 0 where only the file is known."""
    last: int = 0
    """The last one; 0 for none."""

    def covers(self, other: SourceLine) -> bool:
        """Tell whether others are among these."""
        return self.file == other.file and self.line <= other.line and other.last <= max(self.line, self.last)

    def has(self, number: int) -> bool:
        """Tell whether a line of the file is among these."""
        return self.line <= number <= max(self.line, self.last)

    def moved(self, by: int) -> SourceLine:
        """Give one line so many lines below the first."""
        return SourceLine(self.file, self.line + by, self.line + by)

    def through(self, other: SourceLine) -> SourceLine:
        """Give these and others of the file, with what is between them."""
        return SourceLine(self.file, min(self.line, other.line), max(self.line, other.last or other.line))

    def __str__(self) -> str:
        """Write `chart/templates/web.yaml:12`, or `...:12-14`."""
        lines = f"{self.line}-{self.last}" if self.last > self.line else str(self.line)
        return f"{self.file}:{lines}" if self.line else self.file


@dataclass(frozen=True)
class Written:
    """Which line of the chart's source wrote what a finding is about."""

    by: SourceLine
    calls: tuple[SourceLine, ...] = ()
    """The lines that called the named template which that line is in, inner first."""
    is_around: bool = False
    """Whether what is missing is inside of what that line wrote."""
    key: str = ""
    """The key of the values that the line prints, where that can be known; which it means, where helm stops."""
    key_at: SourceLine | None = None
    """Where values.yaml gives it; None where the scenario does, or nobody."""
    parts: tuple[SourceLine, ...] = ()
    """The lines that have a part in it: conditions that it is under, what sets the variables that it reads, named
    templates that it reads, and who wrote parts of a block."""
    compared: tuple[SourceLine, ...] = ()
    """The other end of what does not fit together: as likely the one that is wrong."""
    also: tuple[SourceLine, ...] = ()
    """Lines to look at besides: what turns it on or off, and other objects that are named."""
    scenario: str = ""
    """Where it is not there in that of the finding: one in which these lines write it."""
    changed: Literal["line", "template", ""] = ""
    """Whether one of these lines differs from the commit that the chart is compared with, or one of their files."""
    changed_at: SourceLine | None = None
    """Which lines differ; of a template, the first of them."""
    since: str = ""
    """That commit, where something differs."""

    @property
    def first(self) -> str:
        """The line to look at first, `chart/templates/web.yaml:12`; empty where none is known."""
        lines = (self.changed_at, self.by, *self.also)
        return next((str(line) for line in lines if line is not None and line.line), "")
