"""Protection: what limits disruption and traffic finds the pods that it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.existence import stages
from chartgate.kubernetes.links.label_selectors import PodSelection, peers, pods_found, protected_pods
from chartgate.model import Check, Rendering, Resources
from chartgate.policy.checks import states
from chartgate.policy.policy import WHOLE_MATRIX, policy

from .optional import has_a_matrix

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web, tier: front}}, spec: {containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data, namespace: database}
spec: {template: {metadata: {labels: {app: data}}, spec: {containers: [{name: data}]}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: database}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - from:
        - podSelector: {matchLabels: {tier: front}}
        - {podSelector: {matchLabels: {app: proxy}}, namespaceSelector: {matchLabels: {team: edge}}}
        - ipBlock: {cidr: 10.0.0.0/8}
  egress:
    - to:
        - podSelector: {matchLabels: {app: data}}
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: database}}
    - to: [{podSelector: {}, namespaceSelector: {}}]
"""
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
    for resources in stages(rendering):
        for resource in resources:
            for selection in protected_pods(resource):
                yield _check(selection, resources, rendering)


@pod_selectors_find_pods.counterexample(manifests=HEALTHY)
def the_budget_selects_another_value(rendering: Rendering) -> Rendering:
    budget = rendering.resources.one("PodDisruptionBudget", "web")
    budget.at("spec.selector.matchExpressions")[0]["values"] = ["back"]
    return rendering


@pod_selectors_find_pods.counterexample(manifests=HEALTHY)
def the_network_policy_selects_another_label(rendering: Rendering) -> Rendering:
    rendering.resources.one("NetworkPolicy", "web").at("spec.podSelector.matchLabels")["app"] = "shop"
    return rendering


@policy(where=has_a_matrix, over=WHOLE_MATRIX, severity="error", remediation=SELECT)
def network_peers_are_pods(renderings: list[Rendering]) -> Iterator[Check]:
    """Every peer that a NetworkPolicy names by its labels is, in some scenario, a pod of the release or a declared one.

    One that is named wrongly is cut off, and nothing says so; one of a feature that is off is only not there. Peers
    in namespaces that are not the release's, and not rendered or declared by name, are somebody else's to know.
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    best: dict[tuple[str, str], Check] = {}
    for rendering in renderings:
        for resources in stages(rendering):
            for resource in resources.of_kind("NetworkPolicy"):
                for selection in peers(resource, resources, rendering.scenario):
                    # Names contain that of the release: one place in one template, whatever the name.
                    place, check = (resource.template, selection.address), _check(selection, resources, rendering)
                    if place not in best or (check.passed and not best[place].passed):
                        best[place] = dataclasses.replace(check, scenario=rendering.scenario.name)
    yield from best.values()


@network_peers_are_pods.counterexample(manifests=HEALTHY)
def nobody_may_come_in(renderings: list[Rendering]) -> list[Rendering]:
    peer = renderings[0].resources.one("NetworkPolicy", "web").at("spec.ingress[0].from[0].podSelector")
    peer["matchLabels"]["tier"] = "edge"
    return renderings


@network_peers_are_pods.counterexample(manifests=HEALTHY)
def the_database_is_looked_for_at_home(renderings: list[Rendering]) -> list[Rendering]:
    del renderings[0].resources.one("NetworkPolicy", "web").at("spec.egress[0].to[0]")["namespaceSelector"]
    return renderings


def _check(selection: PodSelection, resources: Resources, rendering: Rendering) -> Check:
    found = pods_found(selection, resources, rendering.scenario)
    expected = f"the labels of a pod in {' or '.join(selection.namespaces)}"
    return states(selection.owner, selection.address, bool(found), expected=expected, actual=selection.selector)
