"""The gate: every scenario renders or is refused, every policy holds, and every policy can fail."""

from __future__ import annotations

from collections.abc import Callable

from chartgate.gate.items import Item

Judge = Callable[[Item], None]


def test_renders(renders: Item, judged: Judge) -> None:
    judged(renders)


def test_refused(refused: Item, judged: Judge) -> None:
    judged(refused)


def test_policy(policy_on_case: Item, judged: Judge) -> None:
    judged(policy_on_case)


def test_examines_something(examines: Item, judged: Judge) -> None:
    judged(examines)


def test_counterexample(counterexample: Item, judged: Judge) -> None:
    judged(counterexample)


def test_waiver_is_used(waiver: Item, judged: Judge) -> None:
    judged(waiver)
