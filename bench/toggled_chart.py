"""A chart of 30 resources with toggles, its matrix and its 30 assertions: what bench/against_peers.py has judged."""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from chartgate.system.toolchain import PINNED

COMPONENTS = 10
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
