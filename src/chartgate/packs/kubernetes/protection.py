"""Protection: what limits disruption and traffic finds the pods that it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.label_selectors import peers, protected_pods
from chartgate.model import Check, Rendering
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import WHOLE_MATRIX, policy
from chartgate.policy.reference_checks import finds_pods

from .healthy.release import HEALTHY
from .optional import has_a_matrix

SELECT = (
    "Select by labels that the pods of one workload have, or declare the pods, with their labels, under `external`."
)


@policy(severity="error", remediation=SELECT)
def pod_selectors_find_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of every PodDisruptionBudget and NetworkPolicy finds the pods of a workload in its namespace.

    One that finds none protects nothing, and nothing says so. An empty one is meant for all pods.
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    for resources in rendering.stages:
        for resource in resources:
            for selection in protected_pods(resource):
                yield finds_pods(selection, resources, rendering.scenario)


pod_selectors_find_pods.breaks(
    manifests=HEALTHY,
    the_budget_selects_another_value=put(
        "PodDisruptionBudget web", "spec.selector.matchExpressions[tier].values", ["back"]
    ),
    the_network_policy_selects_another_label=put("NetworkPolicy web", "spec.podSelector.matchLabels.app", "shop"),
)


@policy(where=has_a_matrix, over=WHOLE_MATRIX, severity="error", remediation=SELECT)
def network_peers_are_pods(renderings: list[Rendering]) -> Iterator[Check]:
    """Every peer that a NetworkPolicy names by its labels is, in some scenario, a pod of the release or a declared one.

    One that is named wrongly is cut off, and nothing says so; one of a feature that is off is only not there. Peers
    in namespaces that are not the release's, and not rendered or declared by name, are somebody else's to know.
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    best: dict[tuple[str, str], Check] = {}
    for rendering in renderings:
        for resources in rendering.stages:
            for resource in resources.of_kind("NetworkPolicy"):
                for selection in peers(resource, resources, rendering.scenario):
                    check = finds_pods(selection, resources, rendering.scenario)
                    # Names contain that of the release: one place in one template, whatever the name.
                    where = (resource.template, check.path)
                    if where not in best or (check.passed and not best[where].passed):
                        best[where] = dataclasses.replace(check, scenario=rendering.scenario.name)
    yield from best.values()


network_peers_are_pods.breaks(
    manifests=HEALTHY,
    nobody_may_come_in=put("NetworkPolicy web", "spec.ingress[0].from[0].podSelector.matchLabels.tier", "edge"),
    the_database_is_looked_for_at_home=gone("NetworkPolicy web", "spec.egress[0].to[0].namespaceSelector"),
)
