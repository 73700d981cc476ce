"""Namespaces: everything lands where it is meant to, in a namespace that exists."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import own_namespace
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import missing, states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

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
    expected = f"{own}, or a namespace that is rendered or declared external"
    for resources in rendering.stages:
        for resource in resources:
            for namespace in own_namespace(resource):
                passed = namespace.name == own or resolves(namespace, resources, rendering.scenario)
                yield states(namespace.place, passed, expected=expected, actual=namespace.name)


namespaces_are_there.breaks(
    manifests=HEALTHY, the_namespace_is_not_created=put("ConfigMap there", "metadata.namespace", "databases")
)


@policy(judges=each(), severity="error", remediation="Leave out metadata.namespace: the kind has none.")
def cluster_scoped_kinds_have_no_namespace(resource: Resource) -> Iterator[Check]:
    """What belongs to the whole cluster names no namespace.

    The API server drops it, so a GitOps tool sees a difference forever, and a reader believes in two objects where
    there is one. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    if not resource.default_namespace:
        yield missing(resource / "metadata" / "namespace")


cluster_scoped_kinds_have_no_namespace.breaks(
    manifests=HEALTHY, a_cluster_role_in_a_namespace=put("ClusterRole reader", "metadata.namespace", "default")
)
