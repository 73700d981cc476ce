"""Optional references: what may be missing is there in some scenario."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.existence import resolves, stages
from chartgate.kubernetes.links.object_references import Reference, references
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import states
from chartgate.policy.policy import WHOLE_MATRIX, policy

from .references import RENDER

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          env: [{name: EXTRA, valueFrom: {configMapKeyRef: {name: web, key: extra, optional: true}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {extra: "1"}
"""


def has_a_matrix(scenario: Scenario) -> bool:
    """Hold where somebody has said which combinations of values there are: a chart without a matrix has only some."""
    return not scenario.is_conventional


@policy(where=has_a_matrix, over=WHOLE_MATRIX, severity="error", remediation=RENDER)
def optional_references_resolve_somewhere(renderings: list[Rendering]) -> Iterator[Check]:
    """What an optional reference names is there in some scenario.

    Optional means that the object may be missing while its feature is off. What is missing in every scenario is a
    wrong name that nothing else reports: the pod starts, without it. Without a matrix it says nothing, since a chart's
    defaults leave most of its features off.
    """
    found: dict[tuple[str, ...], bool] = {}
    optional: dict[tuple[str, ...], tuple[Reference, str]] = {}
    for rendering in renderings:
        for resources in stages(rendering):
            for resource in resources:
                for reference in references(resource):
                    # Names contain that of the release: one place in one template, whatever the name.
                    place: tuple[str, ...] = (
                        resource.template,
                        resource.kind,
                        reference.address,
                        reference.kind,
                        reference.key,
                    )
                    if not found.get(place):
                        found[place] = resolves(reference, resources, rendering.scenario)
                    if reference.optional:
                        optional.setdefault(place, (reference, rendering.scenario.name))
    for place, (reference, scenario) in optional.items():
        expected, actual = f"{reference} is there in some scenario", "there" if found[place] else "in none"
        check = states(reference.owner, reference.address, found[place], expected=expected, actual=actual)
        yield dataclasses.replace(check, scenario=scenario)


@optional_references_resolve_somewhere.counterexample(manifests=HEALTHY)
def nobody_makes_the_key(renderings: list[Rendering]) -> list[Rendering]:
    web = renderings[0].resources.one("Deployment", "web")
    web.at("spec.template.spec.containers[web].env[EXTRA].valueFrom.configMapKeyRef")["key"] = "more"
    return renderings
