"""What the API of Kubernetes has by itself: the resources of each of its groups, and the verbs of requests.

Source: `kubectl api-resources`, and https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/registry, with what
earlier versions served, since charts are made for several.
"""

from __future__ import annotations

from typing import Final

from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED

_BY_GROUP: Final = {
    "": """
        bindings componentstatuses configmaps endpoints events groups limitranges namespaces nodes
        persistentvolumeclaims persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets
        serviceaccounts services uids userextras users
    """,
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "extensions": """
        daemonsets deployments ingresses networkpolicies podsecuritypolicies replicasets replicationcontrollers
    """,
    "batch": "cronjobs jobs scheduledjobs",
    "autoscaling": "horizontalpodautoscalers",
    "policy": "poddisruptionbudgets podsecuritypolicies",
    "networking.k8s.io": "ingressclasses ingresses ipaddresses networkpolicies servicecidrs clustercidrs",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles rolebindings roles",
    "storage.k8s.io": """
        csidrivers csinodes csistoragecapacities storageclasses volumeattachments volumeattributesclasses
    """,
    "coordination.k8s.io": "leasecandidates leases",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "scheduling.k8s.io": "priorityclasses podgroups workloads",
    "node.k8s.io": "runtimeclasses",
    "admissionregistration.k8s.io": """
        mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations
        validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations
    """,
    "apiextensions.k8s.io": "customresourcedefinitions",
    "apiregistration.k8s.io": "apiservices",
    "authentication.k8s.io": "selfsubjectreviews tokenreviews uids userextras",
    "authorization.k8s.io": """
        localsubjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews
    """,
    "certificates.k8s.io": "certificatesigningrequests clustertrustbundles podcertificaterequests signers",
}

BUILTIN_RESOURCES: Final = {group: tuple(names.split()) for group, names in _BY_GROUP.items()}
"""By group: the plurals of its resources; also what only authorization knows, such as `users`."""

BUILTIN_VERBS: Final = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "*",
    "approve",
    "attest",
    "bind",
    "escalate",
    "impersonate",
    "proxy",
    "redirect",
    "sign",
    "use",
)
"""The verbs of requests, then those that some part of Kubernetes asks about."""


def _plural(kind: str) -> str:
    name = kind.lower()
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}es" if name.endswith("s") else f"{name}s"


CLUSTER_WIDE_RESOURCES: Final = frozenset(
    (group, _plural(kind))
    for group, kind in CLUSTER_SCOPED
    # A namespace counts as in itself, and the others are used there.
    if kind not in ("Namespace", "Project", "PodSecurityPolicy", "SecurityContextConstraints")
)
"""Group and plural of what is in no namespace."""


def groups_of(resource: str) -> list[str]:
    """Give the groups that have a resource of this name."""
    return [group for group, names in BUILTIN_RESOURCES.items() if resource in names]
