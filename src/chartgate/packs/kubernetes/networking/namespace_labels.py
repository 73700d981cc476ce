"""Labels of namespaces: what selects namespaces does so by labels that they have."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.documents.walking import nodes
from chartgate.model import Check, Rendering, Resource, Values
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]
  egress: [{to: [{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}]}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks:
  - name: web.example.com
    namespaceSelector:
      matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]
"""
_OF_NAMES, _SET_BY_KUBERNETES = "name", "kubernetes.io/metadata.name"
_WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


@policy(
    severity="warning",
    remediation=f"Select by `{_SET_BY_KUBERNETES}`, which every namespace has, or let the user name the label.",
)
def namespaces_are_selected_by_labels_that_they_have(rendering: Rendering) -> Iterator[Check]:
    """No NetworkPolicy and no webhook selects namespaces by the label `name`, which nothing gives them.

    A selector sees labels, not the name: whoever installs the chart has to know that the namespaces want such a label.
    Kubernetes itself gives each one `kubernetes.io/metadata.name`. Left alone are a label that a namespace of the
    release has, and what the values ask for. Source:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
    """
    given = set(_given(rendering.scenario.overrides))
    for resources in rendering.stages:
        made = {str((space / "metadata" / "labels").map.get(_OF_NAMES)) for space in resources.of_kind("Namespace")}
        for resource in resources.of_kind("NetworkPolicy", *_WEBHOOKS):
            for place, key, values in _asked(resource):
                passed = key != _OF_NAMES or not given.isdisjoint(values) or not made.isdisjoint(values)
                check = states(place, passed, expected=f"{_SET_BY_KUBERNETES}, or a label of one's own", actual=key)
                yield with_cause(check, f"the label {key}")


def _given(values: Values) -> Iterator[str]:
    """Give what values give the label for a value: `name: monitoring`, or an expression with that key."""
    for _, node in nodes(values):
        if isinstance(node, dict):
            yield str(node.get(_OF_NAMES, ""))
            yield from texts_in(node.get("values")) if node.get("key") == _OF_NAMES else ()


def _asked(resource: Resource) -> Iterator[tuple[Place[Resource], str, list[str]]]:
    """Give the labels by which a resource selects namespaces, each with the values that it wants."""
    for selector in _selectors(resource):
        for key, place in (selector / "matchLabels").entries():
            yield place, key, [place.text]
        for expression in (selector / "matchExpressions").maps():
            yield expression, (expression / "key").text, [value.text for value in (expression / "values").texts()]


def _selectors(resource: Resource) -> Iterator[Place[Resource]]:
    if resource.kind in _WEBHOOKS:
        yield from (webhook / "namespaceSelector" for webhook in (resource / "webhooks").maps())
        return
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in (resource / "spec" / direction).maps():
            yield from (peer / "namespaceSelector" for peer in (rule / peers).maps())


namespaces_are_selected_by_labels_that_they_have.breaks(
    manifests=HEALTHY,
    a_peer_by_its_name=put(
        "NetworkPolicy web", "spec.ingress[0].from[0].namespaceSelector", {"matchLabels": {"name": "monitoring"}}
    ),
    an_expression_of_a_peer=put(
        "NetworkPolicy web", "spec.egress[0].to[0].namespaceSelector.matchExpressions[0].key", "name"
    ),
    a_webhook_that_leaves_one_out=put(
        "ValidatingWebhookConfiguration web", "webhooks[0].namespaceSelector.matchExpressions[0].key", "name"
    ),
)
