"""Changed variables: where a user changes a port, all containers that call it by a variable of one name follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import whole_number
from chartgate.kubernetes.pods.environment import variable_places
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.matrix.derivations.other_ports import with_other_ports
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

_ENV = "[{name: DB_HOST, value: data}, {name: DB_PORT, value: '5432'}, {name: HTTP_PORT, value: '8080'}]"
HEALTHY = "---".join(
    f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec: {{containers: [{{name: {name}, ports: [{{containerPort: 8080}}], env: {_ENV}}}]}}
"""
    for name in ("web", "worker")
)
_PORT, _HOST = "PORT", "HOST"


class _Variable(NamedTuple):
    """A variable with the port of something else, and the host beside it; empty for none."""

    place: Place[Resource]
    number: int
    host: str


@policy(
    over=with_other_ports,
    severity="error",
    remediation="Write the key of the port there as well, or give both containers the variables of one named template.",
)
def changed_ports_reach_variables_of_one_name(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With every port of the values changed, a variable that calls one has it in each container, not its old number.

    `DB_PORT` of the server follows the values, and that of the worker beside it is a number: who has another port gets
    a worker that reaches no database. Judged are ports that the containers do not have themselves.
    Source: https://github.com/airbytehq/airbyte/issues/28837
    """
    if before.error or after.error:
        return
    for key in after.scenario.changes:
        yield chart_states("values.yaml", key, expected="rendered", actual="rendered")
    were, are = _variables(before), _variables(after)
    moved: dict[tuple[str, int], list[tuple[_Variable, _Variable]]] = defaultdict(list)
    for (_, _, name), was, now in ((key, were[key], are[key]) for key in were.keys() & are.keys()):
        if was.number != now.number:
            moved[name, was.number].append((was, now))
    for (_, container, name), now in are.items():
        for old, new in moved.get((name, now.number), ())[:1]:
            if not old.host or not now.host or now.host in (old.host, new.host):
                there = f"{name} of {new.place.owner.identity.label}"
                told = states(now.place, False, expected=f"{new.number}, as {there} has with every port changed")
                yield with_cause(told, f"{name} of {container}")


def _variables(rendering: Rendering) -> dict[tuple[object, str, str], _Variable]:
    """Give the variables of ports that are not the container's own, by workload, container and name."""
    found: dict[tuple[object, str, str], _Variable] = {}
    for workload in workloads(rendering.resources):
        for container in containers_if_any(workload):
            known = dict(variable_places(container, rendering.resources))
            own = _own_ports(container)
            for name, place in known.items():
                number = whole_number(place.text) if name.endswith(_PORT) else None
                if number is not None and number not in own:
                    beside = known.get(name.removesuffix(_PORT) + _HOST)
                    host = beside.text if beside else ""
                    found[workload.identity, container.name, name] = _Variable(place, number, host)
    return found


def _own_ports(container: Container) -> set[int | None]:
    return {whole_number(str(port.map.get("containerPort"))) for port in (container / "ports").maps()}


changed_ports_reach_variables_of_one_name.breaks(
    manifests=HEALTHY,
    the_worker_has_the_old_number=(
        put("Deployment web", "spec.template.spec.containers[web].env[DB_PORT].value", "21001"),
        # A number of its own, in a list that is another one.
        put(
            "Deployment worker",
            "spec.template.spec.containers[worker].env",
            [{"name": "DB_HOST", "value": "data"}, {"name": "DB_PORT", "value": "5432"}],
        ),
    ),
)
