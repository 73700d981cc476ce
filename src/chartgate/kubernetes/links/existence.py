"""Whether what a resource refers to will be there: rendered, made by the platform, or declared in the matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.misspellings import nearly
from chartgate.documents.walking import nodes, scalars
from chartgate.kubernetes.changes.lifecycle import annotation_words
from chartgate.kubernetes.cluster_parts import may_be_run, products
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.permissions import Permission, bindings_of, covered, granted_by
from chartgate.kubernetes.pods.workloads import containers_if_any, pod_if_any, variable_values, words_of, workloads
from chartgate.model import External, Resource, Resources, Scenario

# What every cluster, or every namespace of it, has without anybody's manifest.
_ALWAYS_THERE = {
    # https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts, and OpenShift's own two
    "ServiceAccount": {"default", "builder", "deployer"},
    # https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
    # and those of OpenShift's monitoring
    "ClusterRole": {"admin", "cluster-admin", "edit", "view", "cluster-monitoring-view"},
    # https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
    "Namespace": {"default", "kube-node-lease", "kube-public", "kube-system"},
    # https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/, OpenShift's service CA, and
    # what istiod writes into each namespace: https://istio.io/latest/docs/concepts/security/#pki
    "ConfigMap": {"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"},
}
_ALWAYS_THERE_IN = {
    ("Service", "default", "kubernetes"),
    # https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/: so called, whatever answers behind it
    ("Service", "kube-system", "kube-dns"),
    ("Service", "openshift-dns", "dns-default"),
    # https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
    ("Role", "kube-system", "extension-apiserver-authentication-reader"),
}
# Resources from which a controller makes a Secret or a ConfigMap: their kind, the address of the name of what it makes
# (where there is no name, it is the resource's own), and what it makes.
_MADE_BY_CONTROLLERS = (
    ("Certificate", "spec.secretName", "Secret"),
    ("ExternalSecret", "spec.target.name", "Secret"),
    ("SealedSecret", "spec.template.metadata.name", "Secret"),
    ("Service", "metadata.annotations[service.beta.openshift.io/serving-cert-secret-name]", "Secret"),
    ("Service", "metadata.annotations[service.alpha.openshift.io/serving-cert-secret-name]", "Secret"),
)
# What the platform writes into a Secret or a ConfigMap later: where it is asked to, with which value, and the keys.
# https://docs.openshift.com/container-platform/4.16/security/certificates/service-serving-certificate.html
_WRITTEN_LATER = (
    ("Secret", "type", "kubernetes.io/service-account-token", ("token", "ca.crt", "namespace")),
    ("ConfigMap", "metadata.annotations[service.beta.openshift.io/inject-cabundle]", "true", ("service-ca.crt",)),
    ("ConfigMap", "metadata.labels[config.openshift.io/inject-trusted-cabundle]", "true", ("ca-bundle.crt",)),
)
_NAMED = re.compile(r"\bname: ([\w.-]++)\n\s++namespace: (\{\{-? *+\.Values\.[\w.]++)")
_HOST_NAME = re.compile(r"[\w.-]++")
_WORD = re.compile(r"(?<![a-z0-9.-])[a-z0-9][a-z0-9.-]*+")
"""What may be the name of an object in the text of a command: `--secret-name=web-tls`."""
_MADE_BY_USERS = ("Secret", "ConfigMap", "PersistentVolumeClaim", "ServiceAccount", "Namespace", "Role", "ClusterRole")
_MADE_BY_OPERATORS = ("Secret", "Service", "ConfigMap")
_DATA = ("data", "stringData", "binaryData")

KeysOf = Callable[[Resource, Resources], Collection[str]]


def resolves(reference: Reference, resources: Resources, scenario: Scenario, keys_of: KeysOf | None = None) -> bool:
    """Tell whether the object, and the key of it, will be there.

    `keys_of` gives the keys of an object; by default, they are those of the data of a ConfigMap or Secret.
    """
    key, named = reference.key, resources.named(reference.kind, reference.name, reference.namespace)
    return (
        any(not key or (key in keys_of(found, resources) if keys_of else has_key(found, key)) for found in named)
        or _is_always_there(reference)
        or _is_made_with(key, made_from(reference, resources))
        or (reference.kind, reference.name, reference.namespace) in resources.indexed(_named_by_programs)
        or _is_made_before(reference, resources)
        or _is_made_by_an_operator(reference, resources)
        or any(is_declared(reference, thing, scenario) for thing in scenario.external)
        or (not named and _is_named_by_values(reference, scenario))  # nobody else makes what is rendered
    )


def keys_made(maker: Resource) -> tuple[str, ...]:
    """Give the keys that a controller writes into what it makes of a resource; empty where nobody knows.

    Source: https://cert-manager.io/docs/usage/certificate/#target-secret
    """
    is_more = any(maker.at(f"spec.{field}") is not ABSENT for field in ("keystores", "additionalOutputFormats"))
    return () if maker.kind != "Certificate" or is_more else ("tls.crt", "tls.key", "ca.crt")


def _is_made_with(key: str, maker: Resource | None) -> bool:
    return maker is not None and (not key or key in (keys_made(maker) or (key,)))


def find(resources: Resources, kind: str, name: str, namespace: str) -> Resource | None:
    """Give an object if it is rendered."""
    return next(iter(resources.named(kind, name, namespace)), None)


def has_key(resource: Resource, key: str) -> bool:
    """Tell whether a Secret or ConfigMap has a key, now or once the platform has filled it."""
    is_written = any((resource / field / key).is_there for field in _DATA)
    return is_written or any(
        resource.kind == kind and key in keys and resource.at(address) == value
        for kind, address, value, keys in _WRITTEN_LATER
    )


def data_keys(resource: Resource) -> list[str]:
    """Give the keys of a Secret or a ConfigMap that are written."""
    return [key for field in _DATA for key, _ in (resource / field).entries()]


def is_declared(reference: Reference, thing: External, scenario: Scenario) -> bool:
    """Tell whether an external object of the matrix is what a reference names, the key included."""
    return (
        (thing.kind, thing.name) == (reference.kind, reference.name)
        and reference.namespace in ("", thing.namespace or scenario.namespace)
        and (not reference.key or not thing.keys or reference.key in thing.keys)
    )


def _named_by_programs(resources: Resources) -> frozenset[tuple[str, str, str]]:
    """Give the Secrets and ConfigMaps that programs may make: any name that stands by itself in what they are told.

    That are the commands of Jobs, and those of controllers whose account may create such objects, with the ConfigMaps
    that they mount: `--cert-secret-name=web-certs`. So are those that a role lets somebody make by their names.
    """
    found = {
        (kind, permission.name, role.namespace)
        for role in resources.of_kind("Role")
        for permission in granted_by(role)
        for kind in ("Secret", "ConfigMap")
        if permission.name and permission.covers(Permission("create", "", f"{kind.lower()}s", permission.name))
    }
    for workload in workloads(resources):
        kinds = ("Secret", "ConfigMap") if workload.kind == "Job" else tuple(_created_by(workload, resources))
        words = {word for text in _told(workload, resources) for word in _WORD.findall(text)} if kinds else set()
        found |= {(kind, word, workload.namespace) for word in words for kind in kinds}
    return frozenset(found)


def _is_made_before(reference: Reference, resources: Resources) -> bool:
    """Tell whether a hook that runs first may make it, and nothing of nearly that name is rendered instead."""
    if (reference.kind, reference.namespace) not in resources.indexed(_made_by_first_hooks):
        return False
    return _has_no_namesake(reference, resources)


def _is_made_by_an_operator(reference: Reference, resources: Resources) -> bool:
    """Tell whether it is called like a custom object, as `db-app` of the Cluster `db`, and like nothing rendered.

    Or like its product, `rook-tools` of a `ceph.rook.io/v1` one, in a release with none of its kind.
    """
    if reference.kind not in _MADE_BY_OPERATORS or not _has_no_namesake(reference, resources):
        return False
    known = resources.indexed(_run_by_operators)
    known |= frozenset() if resources.of_kind(reference.kind) else resources.indexed(products)
    return any(reference.namespace == where and f"{reference.name}-".startswith(f"{name}-") for name, where in known)


def _has_no_namesake(reference: Reference, resources: Resources) -> bool:
    there = [found.name for found in resources.of_kind(reference.kind) if found.namespace == reference.namespace]
    return reference.name not in there and not nearly(reference.name, there)


def _run_by_operators(resources: Resources) -> frozenset[tuple[str, str]]:
    return frozenset((resource.name, resource.namespace) for resource in resources if may_be_run(resource))


def _made_by_first_hooks(resources: Resources) -> frozenset[tuple[str, str]]:
    """Give the kinds, with their namespaces, of which Jobs that run before all else may create objects of any name."""
    return frozenset(
        (kind, job.namespace)
        for job in resources.of_kind("Job")
        if "pre-install" in annotation_words(job, "helm.sh/hook")
        for kind in _created_by(job, resources)
    )


def _created_by(workload: Resource, resources: Resources) -> Iterator[str]:
    """Give what the account of a workload may create, by the roles of the release."""
    account = (pod_if_any(workload) / "serviceAccountName").text or "default"
    granted = [
        permission
        for binding in bindings_of(resources, account, workload.namespace)
        for role in resources.named(str(binding.at("roleRef.kind")), str(binding.at("roleRef.name")))
        for permission in granted_by(role)
    ]
    for kind in ("Secret", "ConfigMap"):
        if covered(Permission("create", "", f"{kind.lower()}s"), granted):
            yield kind


def _told(workload: Resource, resources: Resources) -> Iterator[str]:
    for container in containers_if_any(workload):
        yield from (place.text for place in [*words_of(container), *variable_values(container)])
    if workload.kind != "Job":
        yield from mounted_texts(workload, resources)


def mounted_texts(workload: Resource, resources: Resources) -> Iterator[str]:
    """Give the texts of the ConfigMaps that are volumes of a workload."""
    for volume in (pod_if_any(workload) / "volumes").maps():
        for config in resources.named("ConfigMap", str(volume.at("configMap.name")), workload.namespace):
            yield from (place.text for _, place in (config / "data").entries())


def _is_named_by_values(reference: Reference, scenario: Scenario) -> bool:
    """Tell whether the values of a ci file name it (`existingSecret: my-secret`): then somebody else makes it.

    So they do by `create: false` beside its name, be it by default. A matrix declares such objects under `external`; a
    chart without one, and a file that a matrix takes from ci/, has no other place to say so.
    """
    if not (scenario.declared.is_conventional or scenario.is_installation):
        return False
    if reference.kind == "Service":  # a whole host name, which says nothing of this release
        host = f"{reference.name}.{reference.namespace}.svc"
        words = (word for text in scalars(scenario.values) for word in _HOST_NAME.findall(text))
        return any(f"{word}.".startswith(f"{host}.") for word in words)
    return reference.kind in _MADE_BY_USERS and (
        any(
            _may_give(text, reference.name, scenario) and not "".join(keys[-1:]).endswith("Override")
            for keys, text in nodes(scenario.overrides)
        )
        or any(
            value.get("create") is False and value.get("name") == reference.name
            for _, value in nodes(scenario.values)
            if isinstance(value, dict)
        )
        or (reference.kind == "Secret" and _is_in_a_comment(reference.name, scenario))
        or (reference.kind == "ServiceAccount" and _is_of_another_chart(reference, scenario))
    )


def _is_of_another_chart(reference: Reference, scenario: Scenario) -> bool:
    """Tell whether a template has its name, and a value its namespace, as for none of its own: so do Istio's charts."""
    texts = list(scenario.chart.templates.values()) if scenario.chart else []
    found = [(where, "\nkind: ServiceAccount\n" in text) for text in texts for where in _NAMED.findall(text)]
    own = {namespace for (_, namespace), is_own in found if is_own}
    return any(name == reference.name and namespace not in own for (name, namespace), _ in found)


def _is_in_a_comment(name: str, scenario: Scenario) -> bool:
    """Tell whether a comment in values.yaml has a name, where it tells users what to make before they install it.

    Where a name is overridden, it is `<fullname>-login` there, or what it is without the override, `web-login`.
    """
    written = scenario.chart.files.get("values.yaml", b"") if scenario.chart else b""
    lines = (line.partition("#")[2] for line in written.decode("utf-8", "replace").splitlines())
    ends = {name.rpartition(str(given))[2] for given in scenario.changes.values() if str(given) in name} - {""}
    words = (word for line in lines for word in _HOST_NAME.findall(line))
    return any(word == name or word.endswith(tuple(ends)) for word in words)


def _may_give(text: Any, name: str, scenario: Scenario) -> bool:
    """Tell whether a value gives a name, as it is or through `tpl`: `{{ .Release.Name }}-secret`."""
    if not isinstance(text, str) or "{{" not in text:
        return text == name
    start, end = text.partition("{{")[0], text.rpartition("}}")[2]
    of_release = name in (scenario.release, f"{scenario.release}{end}")
    return name.startswith(start) and name.endswith(end) and (of_release or bool(start))


def _is_always_there(reference: Reference) -> bool:
    identity = (reference.kind, reference.namespace, reference.name)
    is_system_role = reference.kind in ("ClusterRole", "Role") and reference.name.startswith("system:")
    is_common = reference.name in _ALWAYS_THERE.get(reference.kind, ())
    # Kubernetes' own controllers have an account each: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    is_of_a_controller = (reference.kind, reference.namespace) == ("ServiceAccount", "kube-system")
    return is_system_role or is_common or is_of_a_controller or identity in _ALWAYS_THERE_IN


def made_from(reference: Reference, resources: Resources) -> Resource | None:
    """Give the resource from which a controller makes what a reference names; None where none does."""
    made = resources.indexed(_made_by_controllers)
    return made.get((reference.kind, reference.name, reference.namespace))


def _made_by_controllers(resources: Resources) -> Mapping[tuple[str, str, str], Resource]:
    return dict(each_made(resources))


def each_made(resources: Resources) -> Iterator[tuple[tuple[str, str, str], Resource]]:
    """Give everything that controllers will make, by kind, name and namespace, with the resource it is made from."""
    for kind, address, made in _MADE_BY_CONTROLLERS:
        for maker in resources.of_kind(kind):
            name = maker.at(address)
            if name is ABSENT and kind != "Service":
                name = maker.name
            if isinstance(name, str):
                yield (made, name, maker.namespace), maker
