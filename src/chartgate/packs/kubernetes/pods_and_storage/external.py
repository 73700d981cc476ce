"""External objects: what the matrix declares to be there is what the chart needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.externals import needed
from chartgate.model import Check, Declarations, External, Rendering
from chartgate.policy.edits import Edit, in_each, of_scenario
from chartgate.policy.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: default
      containers: [{name: web, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: given, key: token}}}]}]
---
{apiVersion: v1, kind: Service, metadata: {name: operated}, spec: {selector: {app: operated}, ports: [{port: 80}]}}
"""
GIVEN = (
    External("Secret", "given", "whoever deploys makes it", keys=("token",)),
    External("Pod", "operated", "its operator makes it", labels={"app": "operated"}),
)


@policy(
    over=WHOLE_MATRIX,
    severity="warning",
    remediation="Take the entry out of `external` in the matrix, or correct its kind, name, namespace, keys or labels.",
)
def external_objects_are_needed(renderings: list[Rendering]) -> Iterator[Check]:
    """Every object that the matrix declares external is one that some scenario refers to and does not render.

    An entry that nothing needs any longer accepts the next wrong reference to that name.
    """
    used = {_key(thing) for rendering in renderings for thing in needed(rendering)}
    declared = {_key(thing): thing for rendering in renderings for thing in rendering.scenario.external}
    for key, thing in declared.items():
        address = f"external[{' '.join(filter(None, (thing.kind, thing.namespace, thing.name)))}]"
        expected = "something in some scenario refers to it, and nothing there makes it"
        actual = "needed" if key in used else f"needed in no scenario; declared because: {thing.reason}"
        yield Check("matrix", address, expected, actual, key in used, "matrix")


def _key(thing: External) -> tuple[object, ...]:
    return thing.kind, thing.namespace, thing.name, thing.keys, *sorted(thing.labels.items())


def _declaring(*things: External) -> Edit:
    return in_each(of_scenario(declared=Declarations(external=things)))


external_objects_are_needed.breaks(
    manifests=HEALTHY,
    nothing_refers_to_the_secret=_declaring(*GIVEN, External("Secret", "other", "nobody knows")),
    the_key_is_another_one=_declaring(dataclasses.replace(GIVEN[0], keys=("password",))),
    the_account_is_there_anyway=_declaring(External("ServiceAccount", "default", "made by hand")),
    no_selector_finds_the_pod=_declaring(dataclasses.replace(GIVEN[1], labels={"app": "operator"})),
)
