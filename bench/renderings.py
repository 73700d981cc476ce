"""How much it saves to render each distinct input once, and in parallel: ratios from one run.

    .venv/bin/python bench/renderings.py [--chart=PATH] [--matrix=FILE]

Three ways to get the renderings that the policies need, in turn, three times, each from nothing:
one helm process per test item (what a test that calls helm itself does), one per distinct input, and those in parallel.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chartgate import helm
from chartgate.policy import load_policies
from chartgate.session import Choice, Session, copy_for_run, open_session

ROUNDS = 3


def fresh(choice: Choice, folder: Path) -> Session:
    """Give a session that has rendered nothing."""
    folder.mkdir()
    return open_session(choice, copy_for_run(choice, folder), folder)


def per_item(session: Session, items: int) -> None:
    """Start helm once per item, as often as there are items, on the scenarios in turn."""
    scenarios = session.matrix.rendering
    for number in range(items):
        helm.template(helm.helm_input(session.chart, scenarios[number % len(scenarios)], session.renderings.tools))


def one_by_one(session: Session, items: int) -> None:
    """Render each distinct input once, one after the other; the number of items does not matter."""
    del items
    for scenario in session.matrix.rendering:
        session.renderings.of(scenario)


def in_parallel(session: Session, items: int) -> None:
    """Render each distinct input once, as the gate does."""
    del items
    session.renderings.prepare(session.matrix.rendering)


def main() -> None:
    """Print the medians and what each way costs in units of the gate's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chart", default="")
    parser.add_argument("--matrix", default="tests/matrix.yaml")
    given = parser.parse_args()
    choice = Choice(chart=given.chart, matrix=given.matrix)
    ways: list[Callable[[Session, int], None]] = [per_item, one_by_one, in_parallel]
    seconds: dict[str, list[float]] = {way.__name__: [] for way in ways}
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(ROUNDS):
            for way in ways:
                session = fresh(choice, Path(scratch) / f"{way.__name__}-{number}")
                policies = load_policies(Path("policies"))
                items = sum(len(policy.cases(session.matrix.rendering)) for policy in policies)
                start = time.perf_counter()
                way(session, items)
                seconds[way.__name__].append(time.perf_counter() - start)
    print(f"{len(session.matrix.rendering)} scenarios, {items} items, median of {ROUNDS} rounds")  # noqa: T201
    unit = statistics.median(seconds["in_parallel"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:12} {median:7.2f} s   {median / unit:6.1f} x")  # noqa: T201


if __name__ == "__main__":
    main()
