"""Namespaces: everything lands where it is meant to, in a namespace that exists."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference
from chartgate.model import Check, Rendering
from chartgate.policy.checks import missing, states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: Namespace
metadata: {name: database}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: here}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: there, namespace: database}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
"""


@policy(
    severity="error",
    remediation="Put it into the release's namespace, render the namespace, or declare it under `external`.",
)
def namespaces_are_there(rendering: Rendering) -> Iterator[Check]:
    """Everything lands in the release's namespace, or in one that the release creates or that is declared.

    The API server refuses an object in a namespace that does not exist, and the release stops halfway.
    https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    own = rendering.scenario.namespace
    for resource in rendering.resources:
        if resource.namespace:
            namespace = Reference(resource, "metadata.namespace", "Namespace", resource.namespace, "")
            passed = resource.namespace == own or resolves(namespace, rendering.resources, rendering.scenario)
            expected = f"{own}, or a namespace that is rendered or declared external"
            yield states(resource, "metadata.namespace", passed, expected=expected, actual=resource.namespace)


@namespaces_are_there.counterexample(manifests=HEALTHY)
def the_namespace_is_not_created(rendering: Rendering) -> Rendering:
    rendering.resources.one("ConfigMap", "there").manifest["metadata"]["namespace"] = "databases"
    return rendering


@policy(severity="error", remediation="Leave out metadata.namespace: the kind has none.")
def cluster_scoped_kinds_have_no_namespace(rendering: Rendering) -> Iterator[Check]:
    """What belongs to the whole cluster names no namespace.

    The API server drops it, so a GitOps tool sees a difference forever, and a reader believes in two objects where
    there is one. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    for resource in rendering.resources:
        if not resource.default_namespace:
            yield missing(resource, "metadata.namespace")


@cluster_scoped_kinds_have_no_namespace.counterexample(manifests=HEALTHY)
def a_cluster_role_in_a_namespace(rendering: Rendering) -> Rendering:
    rendering.resources.one("ClusterRole", "reader").manifest["metadata"]["namespace"] = "default"
    return rendering
