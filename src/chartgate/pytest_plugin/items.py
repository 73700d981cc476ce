"""The items of a run as tests: `from chartgate.pytest_plugin.items import *` makes a test file of them.

A project with a matrix needs no such file: pytest collects the configured matrix itself, with these tests in it.
"""

from __future__ import annotations

from collections.abc import Callable

from chartgate.gate.item import Item

__all__ = [  # noqa: RUF022 - in the order of a run
    "test_renders",
    "test_refused",
    "test_policy",
    "test_examines_something",
    "test_counterexample",
    "test_waiver_is_used",
]

Judge = Callable[[Item], None]


def test_renders(item: Item, judged: Judge) -> None:
    """A scenario renders."""
    judged(item)


def test_refused(item: Item, judged: Judge) -> None:
    """Helm refuses a scenario, in the words of the matrix."""
    judged(item)


def test_policy(item: Item, judged: Judge) -> None:
    """A policy holds in a case."""
    judged(item)


def test_examines_something(item: Item, judged: Judge) -> None:
    """A policy has something to examine."""
    judged(item)


def test_counterexample(item: Item, judged: Judge) -> None:
    """A policy can fail."""
    judged(item)


def test_waiver_is_used(item: Item, judged: Judge) -> None:
    """A waiver accepts something."""
    judged(item)
