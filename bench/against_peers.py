"""How fast `chartgate check` is beside helm-unittest and a helm process for each test: the tables of bench/RESULTS.md.

    .venv/bin/python bench/against_peers.py [--scenarios=N]... [--rounds=N]

A chart of 30 resources with as many toggles as the scenarios need is judged by the same 30 assertions in each scenario.
helm-unittest is that on PATH, or is built from its Go module; where that cannot be, it is left out, and said so. The
way of Airflow's tests, which start helm for each test, is timed over a sample and scaled up. All others must pass the
healthy chart and find each planted break. CPU and memory are those of the process and of all that it starts.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from chartgate.rendering.in_process import installed_version
from chartgate.system.toolchain import PINNED

MODULE = "github.com/helm-unittest/helm-unittest@v1.1.2"
COMPONENTS = 10
SAMPLE = 60
"""Tests that are timed with a helm process each."""

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: {{ .Release.Namespace }}}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - name: main
          image: example.com/NAME:{{ .Values.tag }}
          ports: [{name: http, containerPort: 8080}]
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: {{ .Release.Namespace }}}
spec:
  selector: {app: NAME}
  ports: [{name: http, port: 80, targetPort: http}]
"""
CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {name: NAME, namespace: {{ .Release.Namespace }}}
data:
  feature: {{ .Values.features.FEATURE.enabled | quote }}
"""
POLICIES = '''"""The 30 assertions."""

from chartgate.policy.checks import equals
from chartgate.policy.policy import policy
from chartgate.policy.edits import put

FEATURES = %s


@policy(severity="error", remediation="Use the released image.")
def images_are_released(rendering):
    """Each component runs the released image."""
    for name in FEATURES:
        place = rendering.resources.one("Deployment", name).place("spec.template.spec.containers[main].image")
        yield equals(place, f"example.com/{name}:1.0")


@policy(severity="error", remediation="Name the port.")
def services_lead_to_ports(rendering):
    """Each service leads to the named port."""
    for name in FEATURES:
        yield equals(rendering.resources.one("Service", name).place("spec.ports[0].targetPort"), "http")


@policy(severity="error", remediation="Write the switch as it is.")
def configuration_shows_switches(rendering):
    """Each component is told whether its feature is on."""
    for name, feature in FEATURES.items():
        is_on = rendering.scenario.value(f"features.{feature}.enabled")
        yield equals(rendering.resources.one("ConfigMap", name).place("data.feature"), str(is_on).lower())


images_are_released.breaks("off", another=put("Deployment c3", "spec.template.spec.containers[main].image", "x:2"))
services_lead_to_ports.breaks("off", another=put("Service c5", "spec.ports[0].targetPort", "grpc"))
configuration_shows_switches.breaks("off", another=put("ConfigMap c1", "data.feature", "perhaps"))
'''
# What is planted: a template, what is in it, and what is there instead.
BREAKS = (
    ("c3-deployment", "{{ .Values.tag }}", "latest"),
    ("c5-service", "targetPort: http", "targetPort: grpc"),
    ("c1-config", "{{ .Values.features.f1.enabled | quote }}", '"false"'),
)


class Cost(NamedTuple):
    """What one run took: seconds, seconds of CPU, and megabytes at its peak."""

    wall: float
    cpu: float
    memory: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s, {self.cpu:.2f} s, {self.memory:.0f} MB"


class Asserted(NamedTuple):
    """One assertion in one scenario: the template, the path in its resource, and the value."""

    template: str
    path: str
    value: str


@dataclass(frozen=True)
class Field:
    """A chart with its matrix, and all that the peers need to judge it."""

    root: Path
    toggles: int
    helm: str
    unittest: str

    @property
    def chart(self) -> Path:
        """The chart's folder."""
        return self.root / "chart"

    @property
    def feature_of(self) -> dict[str, str]:
        """The toggle that each component shows."""
        return {f"c{n}": f"f{n % self.toggles}" for n in range(COMPONENTS)}

    def scenarios(self) -> Iterator[dict[str, bool]]:
        """Give the toggles of each scenario."""
        for states in itertools.product((False, True), repeat=self.toggles):
            yield {f"f{number}": state for number, state in enumerate(states)}

    def assertions(self, states: dict[str, bool]) -> Iterator[Asserted]:
        """Give the 30 assertions of a scenario."""
        for name, feature in self.feature_of.items():
            yield Asserted(f"{name}-deployment", "spec.template.spec.containers[0].image", f"example.com/{name}:1.0")
            yield Asserted(f"{name}-service", "spec.ports[0].targetPort", "http")
            yield Asserted(f"{name}-config", "data.feature", str(states[feature]).lower())

    def template(self, name: str) -> Path:
        """Give the file of a template."""
        return self.chart / "templates" / f"{name}.yaml"

    def write(self) -> None:
        """Write the chart, the matrix, the policies, and the suites of helm-unittest."""
        for folder in (self.chart / "templates", self.root / "rules", self.root / "many", self.root / "best"):
            folder.mkdir(parents=True)
        (self.chart / "Chart.yaml").write_text("apiVersion: v2\nname: bench\nversion: 1.0.0\n")
        features = {f"f{number}": {"enabled": False} for number in range(self.toggles)}
        (self.chart / "values.yaml").write_text(yaml.safe_dump({"tag": "1.0", "features": features}))
        for name, feature in self.feature_of.items():
            for kind, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("config", CONFIG)):
                text = text.replace("NAME", name).replace("FEATURE", feature)
                self.template(f"{name}-{kind}").write_text(text)
        (self.root / "rules" / "__init__.py").write_text("")
        (self.root / "rules" / "assertions.py").write_text(POLICIES % json.dumps(self.feature_of))
        matrix = {"chart": "chart", "release": "bench", "namespace": "shop", "kube_version": "1.31.0"}
        toggles = {name: f"features.{name}.enabled" for name in features}
        (self.root / "matrix.yaml").write_text(yaml.safe_dump({**matrix, "toggles": toggles}))
        for form in ("many", "best"):
            (self.root / form / "all_test.yaml").write_text(json.dumps(self._suite(is_best=form == "best")))

    def _suite(self, *, is_best: bool) -> dict[str, object]:
        tests: list[dict[str, object]] = []
        for number, states in enumerate(self.scenarios()):
            given = {f"features.{name}.enabled": state for name, state in states.items()}
            asserts = [
                {"template": f"templates/{a.template}.yaml", "equal": {"path": a.path, "value": a.value}}
                for a in self.assertions(states)
            ]
            if is_best:
                tests.append({"it": f"scenario {number}", "set": given, "asserts": asserts})
            else:
                tests += (
                    {"it": f"{each['template']} {number}", "set": given, "template": each["template"],
                     "asserts": [{"equal": each["equal"]}]}
                    for each in asserts
                )  # fmt: skip
        return {"suite": "all", "release": {"name": "bench", "namespace": "shop"}, "tests": tests}

    def check(self, renderer: str) -> list[str]:
        """Give the command of a check."""
        program = str(Path(sys.executable).with_name("chartgate"))
        options = ["--matrix=matrix.yaml", "--policies=./rules", f"--renderer={renderer}"]
        return [program, "check", *options]

    def suite(self, form: str) -> list[str]:
        """Give the command of helm-unittest."""
        return [self.unittest, "--file", f"../{form}/*_test.yaml", str(self.chart)]

    def run(self, command: list[str], *, is_red: bool = False) -> Cost:
        """Run a command to its end, and measure it.

        Raises:
            RuntimeError: it is green where it must be red, or the other way round.
        """
        environment = {**os.environ, "CHARTGATE_CACHE": str(self.root / "cache"), "CHARTGATE_NO_CACHE": ""}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
        start = time.perf_counter()
        with (self.root / "output").open("w") as output:
            process = subprocess.Popen(command, cwd=self.root, env=environment, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if (process.returncode == 1) != is_red or process.returncode not in (0, 1):
            said = (self.root / "output").read_text()[-2000:]
            raise RuntimeError(f"{command} ended with {process.returncode}:\n{said}")
        cpu = usage.ru_utime + usage.ru_stime
        return Cost(time.perf_counter() - start, cpu, usage.ru_maxrss / 1024)

    def forget(self) -> None:
        """Take away what earlier checks found."""
        shutil.rmtree(self.root / "cache", ignore_errors=True)
        (self.root / "cache").mkdir()
        (self.root / "cache" / PINNED.folder.name).symlink_to(PINNED.folder)

    def planted(self, template: str, old: str, new: str) -> Callable[[], None]:
        """Break a template; give what mends it."""
        file = self.template(template)
        text = file.read_text()
        if old not in text:
            raise RuntimeError(f"{file} has no {old!r}")
        file.write_text(text.replace(old, new))
        return functools.partial(_rewrite, file, text)


def _rewrite(file: Path, text: str) -> None:
    file.write_text(text)


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
        ways["helm-unittest, a test per scenario and assertion"] = lambda: by_unittest(field, "many")
        ways["helm-unittest, a test per scenario"] = lambda: by_unittest(field, "best")
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
    peers = [costs[name]["cold"] for name in costs if name.startswith("helm-unittest")]
    yield f"## {2**field.toggles} scenarios"
    yield ""
    yield "Times faster, by wall and CPU, than helm-unittest with a test per scenario and assertion, and per scenario:"
    yield ""
    yield "| | wall, CPU, memory | per scenario and assertion | per scenario |"
    yield "|---|---|---|---|"
    for name, states in costs.items():
        for state, cost in states.items():
            ratios = [f"{peer.wall / cost.wall:.1f}, {peer.cpu / cost.cpu:.1f}" for peer in peers] or ["", ""]
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
