"""Sidecars whose feature is off: they are injected, and do nothing until the pod ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import missing, states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy

from .spec.backstage import HARVESTER, HUB, NORMALIZER, PROBES, STORAGE_REST, hub_container
from .spec.switches import catalog_on, postgres_on, sidecars_on

SPEC = "2. Sidecar Containers"
# The third one, location, runs without the account: it serves an empty list.
SWITCHED = ("storage-rest", "rhoai-normalizer")
# What a shell waits with.
_WAITING = {"echo", "trap", "sleep", "wait", ":", "true", "done", "exit"}
_KEYWORDS = ("while", "until", "do", "exec")
_BRANCH = re.compile(r'if \[\[ "\$(\w+)" == (\w+) \]\]; then\n((?:(?!if \[\[ )[^\n]|\n(?!fi\b))*+)\nfi\b')
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
    harvester = hub_container(rendering, "feedback-harvester")
    yield missing(harvester.place("env[PGHOST]"))
    yield states(harvester / "command", started(harvester) == "", expected="a command that only sleeps")


harvester_idles_without_postgres.breaks(
    "lightspeed+sidecars",
    it_runs_without_a_database=put(HUB, f"{HARVESTER}.command", []),
)
harvester_idles_without_postgres.breaks(
    "lightspeed+catalog+sidecars",
    it_looks_for_a_database_that_is_off=append(
        HUB, f"{HARVESTER}.env", {"name": "PGHOST", "value": "lightspeed-postgres.lightspeed-postgres.svc"}
    ),
)


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
    runs = catalog_on(rendering.scenario)
    for found in (hub_container(rendering, name) for name in SWITCHED):
        wanted, expected = (found.name, f"starts {found.name}") if runs else ("", "only sleeps")
        yield states(found / "command", started(found) == wanted, expected=expected)
        for probe in (found / name for name in PROBES):
            if not runs and probe.is_there:
                command = probe / "exec" / "command"
                asks = command if command.is_there else probe
                yield states(asks, _passes(found, probe), expected="asks nothing")


bridge_runs_with_the_model_catalog_only.breaks(
    "lightspeed+sidecars",
    storage_runs_without_an_account=gone(HUB, f"{STORAGE_REST}.command"),
)
bridge_runs_with_the_model_catalog_only.breaks(
    "lightspeed+postgres+reader+sidecars",
    the_waiting_normalizer_is_probed=put(HUB, f"{NORMALIZER}.livenessProbe", {"tcpSocket": {"port": 8888}}),
)
bridge_runs_with_the_model_catalog_only.breaks(
    "all_on",
    the_bridge_waits_for_ever=put(HUB, f"{STORAGE_REST}.env[MODEL_CATALOG_ENABLED].value", "false"),
)


def _passes(found: Container, probe: Place[Resource]) -> bool:
    """Tell whether a probe passes without asking: a command that ends at a guard on a variable."""
    guard = _GUARD.match(str(probe.at("exec.command[-1]")))
    return guard is not None and found.at(f"env[{guard[1]}].value") != guard[2]
