"""Checks of the templates' text: each wrong line is a check that fails, a chart without any is one that passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from chartgate.model import Chart, Check, folder_of
from chartgate.policy.checks import with_cause


class WrongLine(NamedTuple):
    """A line of a template with which something is wrong."""

    about: str
    """What it is about: a key of the values, or the template and a part of it."""
    template: str
    """Its path in the chart."""
    line: int
    """Its number, from 1."""
    says: str
    """What is there; it follows `FILE:LINE`."""
    cause: str = ""
    """What it has in common with those of other templates, where that is told once."""


def template_checks(chart: Chart, expected: str, wrong: Callable[[Chart], Iterable[WrongLine]]) -> Iterator[Check]:
    """Check the templates of a chart and of each of its subcharts.

    Args:
        chart: with them.
        expected: what is right.
        wrong: gives the wrong lines of one chart, without its subcharts.
    """
    for names, each in chart.with_subcharts():
        folder, found = folder_of(names), list(wrong(each))
        for about, template, line, says, cause in found:
            actual = f"{folder}{template}:{line}{says}"
            check = Check("templates", f"{folder}{about}", expected, actual, False, f"{folder}{template}")
            yield with_cause(check, f"{folder}{cause}") if cause else check
        if not found:
            yield Check("templates", folder, expected, expected, True)
