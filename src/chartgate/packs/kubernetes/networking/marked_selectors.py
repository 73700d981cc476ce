"""Marked selectors: where a value is a label of pods, whatever selects them follows it."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.pods.workloads import template_if_any, workloads
from chartgate.matrix.derivations.marked_values import marked_cases, marks_of, narrowed, told_of
from chartgate.model import Check, Rendering
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from ..healthy.release import HEALTHY
from ..newly import new_findings
from .protection import pod_selectors_find_pods
from .selectors import selectors_match_their_own_pods
from .services import service_selectors_find_pods

_JUDGES = (service_selectors_find_pods, selectors_match_their_own_pods, pod_selectors_find_pods)


@policy(
    over=marked_cases,
    explores=narrowed,
    severity="error",
    remediation="Take the label from one named template, in the selector as on the pods.",
)
def selectors_follow_the_values(base: Rendering, *marked: Rendering) -> Iterator[Check]:
    """A label that a value gives to pods is in their selectors by that value, and not by what its default is.

    Right until somebody sets the value: then the Service leads nowhere, and the budget guards nobody. Judged with marks
    under the keys of the values; where both sides are values of their own, whoever sets one has to set the other.
    Source: https://github.com/ray-project/kuberay/pull/918
    """
    if base.error:
        return
    for rendering in marked:
        # A mark in what chooses a kind, `Deployment`, leaves no workload at all.
        if rendering.error or len(list(workloads(rendering.resources))) < len(list(workloads(base.resources))):
            continue
        marks = marks_of(rendering)
        are_marked = any(
            mark in str(template_if_any(workload).at("metadata.labels"))
            for workload in workloads(rendering.resources)
            for mark in marks
        )
        for check in new_findings(_JUDGES, base, rendering):
            is_of_both = are_marked and any(mark in _selector(check, rendering) for mark in marks)
            if check.passed or not is_of_both:
                yield told_of(base, check)


def _selector(check: Check, rendering: Rendering) -> str:
    """Give what is at the address of a check."""
    owners = (resource for resource in rendering.resources if resource.subject == check.subject)
    return next((str(resource.at(check.path)) for resource in owners), "")


selectors_follow_the_values.breaks(
    manifests=HEALTHY,
    the_service_keeps_the_default=put("Deployment web", "spec.template.metadata.labels.app", "another"),
)
