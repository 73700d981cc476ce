"""The items of a run as tests: `from chartgate.pytest_plugin.items import *` makes a test file of them.

A project with a matrix needs no such file: pytest collects the configured matrix itself, with these tests in it. What
they do is in `judging_items`: each fixture that a test asks for costs pytest as much as ours may cost in all.
"""

from __future__ import annotations

from chartgate.gate.item import Item

__all__ = [  # noqa: RUF022 - in the order of a run
    "test_renders",
    "test_refused",
    "test_policy",
    "test_examines_something",
    "test_counterexample",
    "test_waiver_is_used",
]


def test_renders(item: Item) -> None:
    """A scenario renders."""
    _is_unjudged(item)


def test_refused(item: Item) -> None:
    """Helm refuses a scenario, in the words of the matrix."""
    _is_unjudged(item)


def test_policy(item: Item) -> None:
    """A policy holds in a case."""
    _is_unjudged(item)


def test_examines_something(item: Item) -> None:
    """A policy has something to examine."""
    _is_unjudged(item)


def test_counterexample(item: Item) -> None:
    """A policy can fail."""
    _is_unjudged(item)


def test_waiver_is_used(item: Item) -> None:
    """A waiver accepts something."""
    _is_unjudged(item)


def _is_unjudged(item: Item) -> None:
    """Be red where something else than our plugin calls the test: nobody has judged the item then."""
    raise RuntimeError(f"{item.name} was not judged: another plugin calls tests in place of chartgate")
