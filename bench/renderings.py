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

from chartgate.gate.gate import Gate, open_gate
from chartgate.matrix.choice import Choice, copy_for_run
from chartgate.rendering import helm_template

ROUNDS = 3
SAMPLE = 200
"""Items that are timed with a helm process each."""
CHOICE = Choice(matrix="tests/matrix.yaml")


def per_item(gate: Gate) -> None:
    """Start helm for a sample of the items, on the scenarios in turn."""
    scenarios = gate.matrix.rendering
    for number in range(SAMPLE):
        helm_template.template(
            helm_template.helm_input(gate.chart, scenarios[number % len(scenarios)], gate.renderings.tools)
        )


def one_by_one(gate: Gate) -> None:
    """Render each distinct input once, one after the other, and parse it."""
    for scenario in gate.matrix.rendering:
        gate.renderings.of(scenario)


def in_parallel(gate: Gate) -> None:
    """Render each distinct input once, as the gate does."""
    gate.renderings.prepare(gate.matrix.rendering)


def opened(folder: Path) -> Gate:
    """Open this repository's gate in an empty folder."""
    return open_gate(
        CHOICE,
        ["kubernetes", "policies"],
        folder,
        copied_chart=copy_for_run(CHOICE, folder),
        options=(),
        is_selection=False,
    )


def seconds(way: Callable[[Gate], None]) -> float:
    """Time one way, from nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        gate = opened(Path(scratch))
        start = time.perf_counter()
        way(gate)
        return time.perf_counter() - start


def main() -> None:
    """Print the medians and what each way costs in units of the gate's."""
    with tempfile.TemporaryDirectory() as scratch:
        gate = opened(Path(scratch))
    matrix = gate.matrix
    items = sum(len(policy.cases(matrix.rendering)) for policy in gate.policies)
    ways: list[Callable[[Gate], None]] = [per_item, one_by_one, in_parallel]
    rounds = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    medians[0] *= items / SAMPLE
    print(f"{len(matrix.rendering)} scenarios, {items} items, median of {ROUNDS} rounds")  # noqa: T201
    for way, median in zip(ways, medians, strict=True):
        print(f"{way.__name__:12} {median:7.1f} s   {median / medians[-1]:6.1f} x")  # noqa: T201


if __name__ == "__main__":
    main()
