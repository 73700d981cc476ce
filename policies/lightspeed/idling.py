"""Sidecars whose feature is off: they are injected, and do nothing until the pod ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.pods.workloads import Container, container
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import missing, states
from chartgate.policy.policy import policy

from .spec.backstage import after_hooks
from .spec.switches import catalog_on, postgres_on, sidecars_on

SPEC = "2. Sidecar Containers"
# The third one, location, runs without the account: it serves an empty list.
SWITCHED = ("storage-rest", "rhoai-normalizer")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# What a shell waits with.
_WAITING = {"echo", "trap", "sleep", "wait", ":", "true", "done", "exit"}
_KEYWORDS = ("while", "until", "do", "exec")
_BRANCH = re.compile(r'if \[\[ "\$(\w+)" == (\w+) \]\]; then\n(.*?)\nfi\b', re.DOTALL)
_GUARD = re.compile(r'\[\[ "\$(\w+)" != (\w+) \]\] \|\| ')


def postgres_off(scenario: Scenario) -> bool:
    """The sidecars are injected, the database is not deployed."""
    return sidecars_on(scenario) and not postgres_on(scenario)


def started(found: Container) -> str:
    """Give the program that a container's command starts: empty when it only waits, the container's name by default.

    A shell script is read as far as an idling one goes: statements, a loop, and branches on one variable.
    """
    command = texts_in(found.at("command"))
    if not command:
        return found.name
    if command[0].rpartition("/")[2] not in ("sh", "bash") or command[1:2] != ["-c"] or len(command) < 3:
        return "" if command[0] == "sleep" else command[0]
    script = _BRANCH.sub(lambda m: m[3] if found.at(f"env[{m[1]}].value") == m[2] else "", command[2])
    for statement in re.split(r"[;&|\n]+", re.sub(r"'[^']*'|\"[^\"]*\"", "''", script)):
        words = statement.split()
        while words and words[0] in _KEYWORDS:
            words.pop(0)
        if words and words[0] not in _WAITING:
            return words[0]
    return ""


@policy(
    where=postgres_off,
    severity="error",
    remediation="While lightspeed.postgres.enabled is false, leave PGHOST out and give it a command that sleeps.",
    spec=SPEC,
)
def harvester_idles_without_postgres(rendering: Rendering) -> Iterator[Check]:
    """Without PostgreSQL, feedback-harvester gets no host and waits, so that the pod can become ready."""
    backstage = after_hooks(rendering)
    harvester = container(backstage, "feedback-harvester")
    yield missing(backstage, f"{harvester.address}.env[PGHOST]")
    program = started(harvester)
    expected, actual = "a command that only sleeps", harvester.at("command")
    yield states(backstage, f"{harvester.address}.command", program == "", expected=expected, actual=actual)


@harvester_idles_without_postgres.counterexample("lightspeed+sidecars")
def it_runs_without_a_database(rendering: Rendering) -> Rendering:
    _container(rendering, "feedback-harvester")["command"] = []
    return rendering


@harvester_idles_without_postgres.counterexample("lightspeed+catalog+sidecars")
def it_looks_for_a_database_that_is_off(rendering: Rendering) -> Rendering:
    env = _container(rendering, "feedback-harvester")["env"]
    env.append({"name": "PGHOST", "value": "lightspeed-postgres.lightspeed-postgres.svc"})
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Let the command start the program, and the probes ask it, only while modelCatalog.enabled is true.",
    spec=SPEC,
)
def bridge_runs_with_the_model_catalog_only(rendering: Rendering) -> Iterator[Check]:
    """With the model catalog, storage-rest and rhoai-normalizer run; without it they wait, and no probe asks them.

    They end without the token of the model catalog's account, and the pod would never become ready.
    """
    backstage, runs = after_hooks(rendering), catalog_on(rendering.scenario)
    for found in (container(backstage, name) for name in SWITCHED):
        expected = f"starts {found.name}" if runs else "only sleeps"
        wanted = found.name if runs else ""
        place = f"{found.address}.command"
        yield states(backstage, place, started(found) == wanted, expected=expected, actual=found.at("command"))
        for probe in PROBES:
            if not runs and found.at(probe) is not ABSENT:
                passes, actual = _passes(found, probe), found.at(probe)
                yield states(backstage, f"{found.address}.{probe}", passes, expected="asks nothing", actual=actual)


@bridge_runs_with_the_model_catalog_only.counterexample("lightspeed+sidecars")
def storage_runs_without_an_account(rendering: Rendering) -> Rendering:
    del _container(rendering, "storage-rest")["command"]
    return rendering


@bridge_runs_with_the_model_catalog_only.counterexample("lightspeed+postgres+reader+sidecars")
def the_waiting_normalizer_is_probed(rendering: Rendering) -> Rendering:
    _container(rendering, "rhoai-normalizer")["livenessProbe"] = {"tcpSocket": {"port": 8888}}
    return rendering


@bridge_runs_with_the_model_catalog_only.counterexample("all_on")
def the_bridge_waits_for_ever(rendering: Rendering) -> Rendering:
    env = {entry["name"]: entry for entry in _container(rendering, "storage-rest")["env"]}
    env["MODEL_CATALOG_ENABLED"]["value"] = "false"
    return rendering


def _passes(found: Container, probe: str) -> bool:
    """Tell whether a probe passes without asking: a command that ends at a guard on a variable."""
    command = found.at(f"{probe}.exec.command")
    guard = _GUARD.match(str(command[-1])) if isinstance(command, list) and command else None
    return guard is not None and found.at(f"env[{guard[1]}].value") != guard[2]


def _container(rendering: Rendering, name: str) -> dict[str, Any]:
    return container(after_hooks(rendering), name).manifest
