"""Whether what a resource refers to will be there: rendered, made by the platform, or declared in the matrix."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from chartgate.documents.addresses import ABSENT, join
from chartgate.kubernetes.links.object_references import Reference
from chartgate.model import External, Rendering, Resource, Resources, Scenario

# What every cluster, or every namespace of it, has without anybody's manifest.
_ALWAYS_THERE = {
    # https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts, and OpenShift's own two
    "ServiceAccount": {"default", "builder", "deployer"},
    # https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
    "ClusterRole": {"admin", "cluster-admin", "edit", "view"},
    # https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ and OpenShift's service CA
    "ConfigMap": {"kube-root-ca.crt", "openshift-service-ca.crt"},
}
_ALWAYS_THERE_IN = {
    ("Service", "default", "kubernetes"),
    # https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
    ("Role", "kube-system", "extension-apiserver-authentication-reader"),
}
# Resources from which a controller makes a Secret or a ConfigMap: kind, where the name of what it makes stands (where
# nothing stands there, it is the resource's own name), and what it makes.
_MADE_BY_CONTROLLERS = (
    ("Certificate", "spec.secretName", "Secret"),
    ("ExternalSecret", "spec.target.name", "Secret"),
    ("SealedSecret", "spec.template.metadata.name", "Secret"),
    ("Service", "metadata.annotations[service.beta.openshift.io/serving-cert-secret-name]", "Secret"),
    ("Service", "metadata.annotations[service.alpha.openshift.io/serving-cert-secret-name]", "Secret"),
)

# What OpenShift writes into a ConfigMap that asks for it: where the wish stands, and the key.
# https://docs.openshift.com/container-platform/4.16/security/certificates/service-serving-certificate.html
_INJECTED = (
    ("metadata.annotations[service.beta.openshift.io/inject-cabundle]", "service-ca.crt"),
    ("metadata.labels[config.openshift.io/inject-trusted-cabundle]", "ca-bundle.crt"),
)

KeysOf = Callable[[Resource, Resources], Collection[str]]


def stages(rendering: Rendering) -> Iterator[Resources]:
    """Give the resources before the hooks, and those after them where a hook changes any."""
    yield rendering.resources
    if any(before is not after for before, after in zip(rendering.resources, rendering.after_hooks, strict=False)):
        yield rendering.after_hooks


def resolves(reference: Reference, resources: Resources, scenario: Scenario, keys_of: KeysOf | None = None) -> bool:
    """Tell whether the object, and the key of it, will be there.

    `keys_of` says what counts as a key; of a ConfigMap or Secret, the keys of its data.
    """
    identity = (reference.kind, reference.namespace, reference.name)
    for found in resources:
        if (found.kind, found.namespace, found.name) == identity:
            keys = keys_of(found, resources) if keys_of else _written_later(found)
            if not reference.key or reference.key in keys or (not keys_of and has_key(found, reference.key)):
                return True
    return (
        _is_always_there(reference)
        or _is_made_by_a_controller(reference, resources)
        or any(is_declared(reference, thing, scenario) for thing in scenario.external)
    )


def is_declared(reference: Reference, thing: External, scenario: Scenario) -> bool:
    """Tell whether an external object of the matrix is what a reference names, the key included."""
    return (
        (thing.kind, thing.name) == (reference.kind, reference.name)
        and reference.namespace in ("", thing.namespace or scenario.namespace)
        and (not reference.key or not thing.keys or reference.key in thing.keys)
    )


def _written_later(found: Resource) -> set[str]:
    return {key for wish, key in _INJECTED if found.kind == "ConfigMap" and found.at(wish) == "true"}


def _is_always_there(reference: Reference) -> bool:
    identity = (reference.kind, reference.namespace, reference.name)
    is_system_role = reference.kind in ("ClusterRole", "Role") and reference.name.startswith("system:")
    is_common = reference.name in _ALWAYS_THERE.get(reference.kind, ())
    return is_system_role or is_common or identity in _ALWAYS_THERE_IN


def _is_made_by_a_controller(reference: Reference, resources: Resources) -> bool:
    for kind, address, made in _MADE_BY_CONTROLLERS:
        if made == reference.kind:
            for maker in resources.of_kind(kind):
                name = maker.at(address)
                if name is ABSENT and kind != "Service":
                    name = maker.name
                if (name, maker.namespace) == (reference.name, reference.namespace):
                    return True
    return False


# The keys that the control plane writes into a Secret of that type.
_WRITTEN_LATER = {"kubernetes.io/service-account-token": ("token", "ca.crt", "namespace")}


def find(resources: Resources, kind: str, name: str, namespace: str) -> Resource | None:
    """Give a Secret or ConfigMap if it is rendered."""
    return next((r for r in resources.of_kind(kind) if (r.name, r.namespace) == (name, namespace)), None)


def has_key(resource: Resource, key: str) -> bool:
    """Tell whether a Secret or ConfigMap has a key, now or once the control plane has filled it."""
    fields = ("data", "stringData", "binaryData")
    later = _WRITTEN_LATER.get(str(resource.at("type")), ())
    return key in later or any(resource.at(join(field, key)) is not ABSENT for field in fields)
