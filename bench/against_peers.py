"""How fast `chartgate check` is beside helm-unittest and a helm process for each test: the tables of bench/RESULTS.md.

    .venv/bin/python bench/against_peers.py [--scenarios=N]... [--rounds=N]

A chart of 30 resources with as many toggles as the scenarios need is judged by the same 30 assertions in each scenario.
helm-unittest is that on PATH, or is built from its Go module; where that cannot be, it is left out, and said so. The
way of Airflow's tests, which start helm for each test, is timed over a sample and scaled up. All others must pass the
healthy chart and find each planted break. CPU and memory are those of the process and of all that it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from toggled_chart import BREAKS, Cost, Field

from chartgate.rendering.in_process import installed_version
from chartgate.system.toolchain import PINNED

MODULE = "github.com/helm-unittest/helm-unittest@v1.1.2"
SAMPLE = 60
"""Tests that are timed with a helm process each."""
MANY, BEST = "helm-unittest, a test per scenario and assertion", "helm-unittest, a test per scenario"
MOST = 256
"""Scenarios that are judged by a test for each assertion: it takes 1.4 GB for so many."""


def by_check(field: Field, renderer: str) -> dict[str, Cost]:
    """Measure `chartgate check` in each state of its cache."""
    command = field.check(renderer)
    field.forget()
    found = {"cold": field.run(command), "warm": field.run(command)}
    one = [*command, "images_are_released", "--scenario=off"]
    field.run(one)
    found["one policy on one scenario, warm"] = field.run(one)
    with field.template("c7-service").open("a") as file:
        file.write("# changed\n")
    found["one template line changed"] = field.run(command)
    with (field.root / "rules" / "assertions.py").open("a") as file:
        file.write("# changed\n")
    found["one policy line changed"] = field.run(command)
    mend = field.planted(*BREAKS[0])
    found["red"] = field.run(command, is_red=True)
    mend()
    return found


def by_unittest(field: Field, form: str) -> dict[str, Cost]:
    """Measure helm-unittest, which keeps nothing between runs."""
    found = {"cold": field.run(field.suite(form))}
    mend = field.planted(*BREAKS[0])
    found["red"] = field.run(field.suite(form), is_red=True)
    mend()
    return found


def by_processes(field: Field) -> dict[str, Cost]:
    """Measure a helm process for each test, over a sample of the tests."""
    every = [(states, each) for states in field.scenarios() for each in field.assertions(states)]
    sample = every[:: max(1, len(every) // SAMPLE)][:SAMPLE]
    before, start = os.times(), time.perf_counter()
    for states, asserted in sample:
        options = [f"--set=features.{name}.enabled={str(state).lower()}" for name, state in states.items()]
        shown = f"--show-only=templates/{asserted.template}.yaml"
        command = [field.helm, "template", "bench", str(field.chart), "--namespace=shop", shown, *options]
        manifest = yaml.safe_load(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        if asserted.template.endswith("-config") and manifest["data"]["feature"] != asserted.value:
            raise RuntimeError(f"{asserted} is not so in {states}")
    wall, after, scale = time.perf_counter() - start, os.times(), len(every) / len(sample)
    cpu = sum(after[:4]) - sum(before[:4])
    return {"cold": Cost(wall * scale, cpu * scale, 0)}


def by_helm_alone(field: Field) -> dict[str, Cost]:
    """Measure what helm takes to render each scenario once, as many at a time as there are processors."""

    def render(states: dict[str, bool]) -> None:
        values = json.dumps({"features": {name: {"enabled": state} for name, state in states.items()}})
        command = [
            field.helm,
            "template",
            "bench",
            str(field.chart),
            "--namespace=shop",
            "--include-crds",
            "--values=-",
        ]
        subprocess.run([*command, "--kube-version=1.31.0"], input=values, capture_output=True, text=True, check=True)

    before, start = os.times(), time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(render, field.scenarios()))
    wall, after = time.perf_counter() - start, os.times()
    return {"cold": Cost(wall, sum(after[:4]) - sum(before[:4]), 0)}


def all_find_the_breaks(field: Field) -> None:
    """Let everything judge each break.

    Raises:
        RuntimeError: one of them is green, or says nothing of the component.
    """
    commands = [field.check(renderer) for renderer in renderers()]
    commands += [field.suite(form) for form in ("many", "best") if field.unittest]
    for planted in BREAKS:
        mend = field.planted(*planted)
        for command in commands:
            field.forget()
            field.run(command, is_red=True)
            if planted[0].partition("-")[0] not in (field.root / "output").read_text():
                raise RuntimeError(f"{command} says nothing of {planted[0]}")
        mend()


def renderers() -> list[str]:
    """Give the renderers that are there."""
    return ["helm", *(["inprocess"] if installed_version() else [])]


def built_unittest(folder: Path) -> str:
    """Give helm-unittest: that on PATH, or what Go builds of its module; empty where neither can be had."""
    there, go = shutil.which("helm-unittest"), shutil.which("go")
    if there or not go:
        return there or ""
    asked = subprocess.run([go, "mod", "download", "-json", MODULE], capture_output=True, text=True, check=False)
    if asked.returncode:
        return ""
    # As the main module, since it replaces one that it needs.
    source = shutil.copytree(json.loads(asked.stdout)["Dir"], folder / "source")
    for path in (source, *source.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    program = folder / "helm-unittest"
    built = subprocess.run([go, "build", "-o", program, "./cmd/helm-unittest"], cwd=source, check=False)
    return str(program) if built.returncode == 0 else ""


def measured(field: Field, rounds: int) -> dict[str, dict[str, Cost]]:
    """Measure everything in turn, several times; give the medians by way and state."""
    ways: dict[str, Callable[[], dict[str, Cost]]] = {}
    if field.unittest:
        if 2**field.toggles <= MOST:
            ways[MANY] = lambda: by_unittest(field, "many")
        ways[BEST] = lambda: by_unittest(field, "best")
    ways["a helm process per test (scaled up)"] = lambda: by_processes(field)
    ways["helm template alone, which judges nothing"] = lambda: by_helm_alone(field)
    for renderer in renderers():
        ways[f"chartgate check, {renderer}"] = lambda renderer=renderer: by_check(field, renderer)  # type: ignore[misc]
    found: dict[str, list[dict[str, Cost]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return {
        name: {
            state: Cost(*(statistics.median(column) for column in zip(*(run[state] for run in runs), strict=True)))
            for state in runs[0]
        }
        for name, runs in found.items()
    }


def table(field: Field, costs: dict[str, dict[str, Cost]]) -> Iterator[str]:
    """Give the lines of a table: each way in each state, and how many times faster than both forms it is."""
    peers = [costs[name]["cold"] if name in costs else None for name in (MANY, BEST)]
    yield f"## {2**field.toggles} scenarios"
    yield ""
    yield "Times faster, by wall and CPU, than helm-unittest with a test per scenario and assertion, and per scenario:"
    yield ""
    yield "| | wall, CPU, memory | per scenario and assertion | per scenario |"
    yield "|---|---|---|---|"
    for name, states in costs.items():
        for state, cost in states.items():
            ratios = [(peer and f"{peer.wall / cost.wall:.1f}, {peer.cpu / cost.cpu:.1f}") or "" for peer in peers]
            yield f"| {name}: {state} | {cost} | {' | '.join(ratios)} |"
    yield ""


def main() -> None:
    """Print the tables, and the machine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenarios", type=int, action="append", help="a power of 2: 32 and 256, if not given")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        unittest = built_unittest(Path(scratch))
        left_out = "" if unittest else " helm-unittest is not there and cannot be built: it was left out."
        print(f"{platform.platform()}, {os.cpu_count()} cores, medians of {given.rounds}.{left_out}\n")  # noqa: T201
        for scenarios in given.scenarios or [32, 256]:
            field = Field(Path(scratch, str(scenarios)), scenarios.bit_length() - 1, str(PINNED.tool("helm")), unittest)
            field.write()
            if scenarios <= 32:
                all_find_the_breaks(field)
            for line in table(field, measured(field, given.rounds)):
                print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
