"""Optional references: what may be missing is there in some scenario."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference, references
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import WHOLE_MATRIX, policy

from .references import HEALTHY, RENDER, WEB

_Where = tuple[str, str, str, str, str]


def has_a_matrix(scenario: Scenario) -> bool:
    """Hold where somebody has said which combinations of values there are: a chart without a matrix has only some."""
    return not scenario.declared.is_conventional


@policy(where=has_a_matrix, over=WHOLE_MATRIX, severity="warning", remediation=RENDER)
def optional_references_resolve_somewhere(renderings: list[Rendering]) -> Iterator[Check]:
    """What an optional reference names is there in some scenario.

    Optional means that the object may be missing while its feature is off. What is missing in every scenario is a
    wrong name that nothing else reports: the pod starts, without it. Without a matrix it says nothing, since a chart's
    defaults leave most of its features off.
    """
    found: dict[_Where, bool] = {}
    optional: dict[_Where, tuple[Reference, str]] = {}
    for rendering in renderings:
        for resources in rendering.stages:
            for resource in resources:
                for reference in references(resource):
                    # Names contain that of the release: one place in one template, whatever the name.
                    where = (resource.template, resource.kind, reference.place.address, reference.kind, reference.key)
                    if not found.get(where):
                        found[where] = resolves(reference, resources, rendering.scenario)
                    if reference.optional:
                        optional.setdefault(where, (reference, rendering.scenario.name))
    for where, (reference, scenario) in optional.items():
        expected, actual = f"{reference} is there in some scenario", "there" if found[where] else "in none"
        check = states(reference.place, found[where], expected=expected, actual=actual)
        yield dataclasses.replace(check, scenario=scenario)


optional_references_resolve_somewhere.breaks(
    manifests=HEALTHY,
    nobody_makes_the_key=put("Deployment web", f"{WEB}.env[EXTRA].valueFrom.configMapKeyRef.key", "more"),
)
