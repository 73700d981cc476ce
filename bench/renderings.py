"""How much it saves to render each distinct input once, and in parallel: ratios from one run.

    .venv/bin/python bench/renderings.py

Three ways to get the renderings that the gate's items need, in turn, three times, each from nothing: one helm process
per item (what a test that calls helm itself does; timed over a sample of the items and scaled up), one per distinct
input, and those in parallel.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chartgate.gate.inputs import Session, open_session
from chartgate.matrix.choice import Choice, copy_for_run
from chartgate.policy.loading import load_policies
from chartgate.rendering import helm_template

ROUNDS = 3
SAMPLE = 200
"""Items that are timed with a helm process each."""
CHOICE = Choice(matrix="tests/matrix.yaml")


def per_item(session: Session) -> None:
    """Start helm for a sample of the items, on the scenarios in turn."""
    scenarios = session.matrix.rendering
    for number in range(SAMPLE):
        helm_template.template(
            helm_template.helm_input(session.chart, scenarios[number % len(scenarios)], session.renderings.tools)
        )


def one_by_one(session: Session) -> None:
    """Render each distinct input once, one after the other, and parse it."""
    for scenario in session.matrix.rendering:
        session.renderings.of(scenario)


def in_parallel(session: Session) -> None:
    """Render each distinct input once, as the gate does."""
    session.renderings.prepare(session.matrix.rendering)


def seconds(way: Callable[[Session], None]) -> float:
    """Time one way, from nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        session = open_session(CHOICE, copy_for_run(CHOICE, Path(scratch)), Path(scratch))
        start = time.perf_counter()
        way(session)
        return time.perf_counter() - start


def main() -> None:
    """Print the medians and what each way costs in units of the gate's."""
    with tempfile.TemporaryDirectory() as scratch:
        matrix = open_session(CHOICE, copy_for_run(CHOICE, Path(scratch)), Path(scratch)).matrix
    items = sum(len(policy.cases(matrix.rendering)) for policy in load_policies(["kubernetes", "policies"]))
    ways: list[Callable[[Session], None]] = [per_item, one_by_one, in_parallel]
    rounds = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    medians[0] *= items / SAMPLE
    print(f"{len(matrix.rendering)} scenarios, {items} items, median of {ROUNDS} rounds")  # noqa: T201
    for way, median in zip(ways, medians, strict=True):
        print(f"{way.__name__:12} {median:7.1f} s   {median / medians[-1]:6.1f} x")  # noqa: T201


if __name__ == "__main__":
    main()
