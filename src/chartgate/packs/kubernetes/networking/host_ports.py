"""Hosts and ports: a variable with a port has it of the section that its host comes from."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from chartgate.charts.template_texts.marks import mark_of, number_of, written_marks
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.matrix.derivations.marked_values import marked_cases, marks_of, narrowed
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import in_first, of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          env:
            - {name: DB_HOST, value: db.example.com}
            - {name: DB_PORT, value: "5432"}
"""
_HOST = re.compile(r"(?:HOST|HOSTNAME|SERVER|ADDRESS|ADDR)\Z")
_ENV = "spec.template.spec.containers[web].env"


@policy(
    over=marked_cases,
    explores=narrowed,
    severity="error",
    remediation="Read the host and the port from the same section of the values.",
)
def ports_are_of_their_host(base: Rendering, *marked: Rendering) -> Iterator[Check]:
    """Where a host and its port are two variables, `DB_HOST` and `DB_PORT`, both are values of one section.

    If the section of the host has a port, that of another section is right by chance: as long as both are the same.
    Shown by marks under the keys of the values, where each of the two variables is one value.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    sources = dict(source for each in marked if not each.error for source in _sources(each))
    for workload in workloads(base.resources) if not base.error else ():
        for container in containers_if_any(workload):
            ports = _variables(container)
            for name in filter(_HOST.search, ports):
                beside = _HOST.sub("PORT", name)
                host, port = (sources.get((container.name, each), "") for each in (name, beside))
                if host and port and beside in ports:
                    yield _check(ports[beside], host, port, base)


def _check(place: Place[Resource], host: str, port: str, base: Rendering) -> Check:
    own = join(*steps(host)[:-1], "port")
    is_there = lookup(base.scenario.values, own) is not ABSENT
    passed = not is_there or steps(port)[:-1] == steps(host)[:-1]
    told = states(place, passed, expected=f"{own if is_there else port}, as {host} is the host")
    return dataclasses.replace(told, actual=port)


def _sources(rendering: Rendering) -> Iterator[tuple[tuple[str, str], str]]:
    """Give the key that each variable of each container is the value of."""
    marks = marks_of(rendering)
    for workload in workloads(rendering.resources):
        for container in containers_if_any(workload):
            for name, value in _variables(container).items():
                found = {marks[mark] for mark, _ in written_marks(value.text) if mark in marks}
                if len(found) == 1:
                    yield (container.name, name), found.pop()


def _variables(container: Container) -> dict[str, Place[Resource]]:
    return {str(variable.at("name")): variable / "value" for variable in (container / "env").maps()}


_MARKED_HOST, _MARKED_PORT = mark_of("db.host"), number_of("cache.port")
ports_are_of_their_host.breaks(
    manifests=HEALTHY,
    the_port_is_that_of_another_section=(
        in_first(of_scenario(values={"db": {"host": "db.example.com", "port": 5432}, "cache": {"port": 6379}})),
        put("Deployment web", f"{_ENV}[DB_HOST].value", _MARKED_HOST),
        put("Deployment web", f"{_ENV}[DB_PORT].value", str(_MARKED_PORT)),
        of_scenario(values={"db": {"host": _MARKED_HOST}, "cache": {"port": _MARKED_PORT}}, is_trial=True),
    ),
)
