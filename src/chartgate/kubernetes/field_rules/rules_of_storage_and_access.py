"""Rules over the fields of claims and volumes, of roles and bindings, of namespaces and definitions.

Source: the functions named in each row, below https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis in
core/validation and rbac/validation, and where a row has an address, there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.field_rules.field_rule import Breach, FieldRule, Part, filled, not_empty, quantities, words
from chartgate.kubernetes.validity.name_rules import SUBDOMAIN, fits
from chartgate.kubernetes.validity.quantities import quantity

_ALONE = "ReadWriteOncePod"
_NEVER_NAMED = ("create", "deletecollection")
"""The verbs of which a request carries no name."""
_RBAC = "rbac.authorization.k8s.io"
_LEVELS = ("privileged", "baseline", "restricted")
_POD_SECURITY = re.compile(r"pod-security\.kubernetes\.io/(enforce|audit|warn)(-version)?")
_VERSION = re.compile(r"latest|v1\.[0-9]+")


def _modes(part: Part) -> Iterator[Breach]:
    modes = texts_in(part.at("accessModes"))
    if _ALONE in modes and len(set(modes)) > 1:
        yield Breach(part / "accessModes", words(modes))


def _size(part: Part) -> Iterator[Breach]:
    size = part.place("resources.requests.storage")
    asked = quantity(size.value)
    if not size.is_set or (asked is not None and asked <= 0):
        yield Breach(size, str(size.value) if size.is_set else "nothing", is_omission=not size.is_set)


def _class(part: Part) -> Iterator[Breach]:
    name = part / "storageClassName"
    if name.text and not fits(name.text, SUBDOMAIN):
        yield Breach(name, name.text)


def _resources(part: Part) -> Iterator[Breach]:
    if not part.at("nonResourceURLs"):
        lacking = [field for field in ("apiGroups", "resources") if not part.at(field)]
        if lacking:
            yield Breach(part, f"no {' and no '.join(lacking)}", is_omission=True)


def _urls(part: Part) -> Iterator[Breach]:
    beside = [field for field in ("apiGroups", "resources", "resourceNames") if part.at(field)]
    if part.at("nonResourceURLs") and beside:
        yield Breach(part / "nonResourceURLs", f"nonResourceURLs and {words(beside)}")
    if part.at("nonResourceURLs") and part.owner.kind == "Role":
        yield Breach(part / "nonResourceURLs", "nonResourceURLs in a Role, which is for one namespace")


def _named(part: Part) -> Iterator[Breach]:
    """Find verbs that a rule with names never grants, unless another rule of the role grants them without.

    A subresource is asked for by the name of its object, when it is created as well.
    """
    if not part.at("resourceNames"):
        return
    others = [rule for rule in (part.owner / "rules").maps() if not rule.at("resourceNames")]
    for verb in set(_NEVER_NAMED) & set(texts_in(part.at("verbs"))):
        lacking = [
            resource
            for resource in texts_in(part.at("resources"))
            if "/" not in resource
            and not any(
                {verb, "*"} & set(texts_in(rule.at("verbs"))) and {resource, "*"} & set(texts_in(rule.at("resources")))
                for rule in others
            )
        ]
        if lacking:
            yield Breach(part / "verbs", f"{verb} of {words(lacking)} by name, which no request has")


def _bound(part: Part) -> Iterator[Breach]:
    if part.at("roleRef.kind") == "Role":
        yield Breach(part / "roleRef" / "kind", "Role")
    for subject in (part / "subjects").maps():
        if subject.at("kind") == "ServiceAccount" and not subject.at("namespace"):
            yield Breach(subject, f"ServiceAccount {subject.at('name')} without namespace")


def _group(part: Part) -> Iterator[Breach]:
    group, kind = part / "apiGroup", part.at("kind")
    if (kind == "ServiceAccount" and group.text) or (kind in ("User", "Group") and group.text not in ("", _RBAC)):
        yield Breach(group, f"{group.text}, and kind {kind}")


def _reference(part: Part) -> Iterator[Breach]:
    group = part.place("roleRef.apiGroup")
    if group.text not in ("", _RBAC):
        yield Breach(group, group.text)


def _levels(part: Part) -> Iterator[Breach]:
    for key, label in part.place("metadata.labels").entries():
        found = _POD_SECURITY.fullmatch(key)
        known = _VERSION.fullmatch(label.text) if found and found[2] else label.value in _LEVELS
        if found and not known:
            yield Breach(label, str(label.value))


def _stored(part: Part) -> Iterator[Breach]:
    stored = [
        str(version.at("name")) for version in part.place("spec.versions").maps() if version.at("storage") is True
    ]
    if part.place("spec.versions").value and len(stored) != 1:
        yield Breach(part.place("spec.versions"), words(stored, "none"))


def _full_name(part: Part) -> Iterator[Breach]:
    plural, group = (part.place(f"spec.{key}").text for key in ("names.plural", "group"))
    if plural and group and part.at("metadata.name") != f"{plural}.{group}":
        yield Breach(part / "metadata" / "name", f"{part.at('metadata.name')}, and not {plural}.{group}")


def _served_name(part: Part) -> Iterator[Breach]:
    version, group = (part.place(f"spec.{key}").text for key in ("version", "group"))
    if version and part.at("metadata.name") != f"{version}.{group}":
        yield Breach(part / "metadata" / "name", f"{part.at('metadata.name')}, and not {version}.{group}")


RULES_OF_STORAGE_AND_ACCESS = (
    FieldRule("claim", "at least one access mode", "core ValidatePersistentVolumeClaimSpec", filled("accessModes")),
    FieldRule("claim", "ReadWriteOncePod alone", "core ValidatePersistentVolumeClaimSpec", _modes),
    FieldRule("claim", "a size above 0 (resources.requests.storage)", "core ValidatePersistentVolumeClaimSpec", _size),
    FieldRule(
        "claim",
        "quantities, such as 8Gi",
        "core ValidateResourceQuantityValue, resource ParseQuantity",
        quantities("resources.requests", "resources.limits"),
    ),
    FieldRule("claim", "the name of a class, or none", "core ValidatePersistentVolumeClaimSpec", _class),
    FieldRule("rule of a role", "at least one verb", "rbac ValidatePolicyRule", not_empty("verbs")),
    FieldRule("rule of a role", "apiGroups and resources, or nonResourceURLs", "rbac ValidatePolicyRule", _resources),
    FieldRule(
        "rule of a role", "nonResourceURLs in a rule of their own, of a ClusterRole", "rbac ValidatePolicyRule", _urls
    ),
    FieldRule(
        "rule of a role",
        "names only for verbs whose requests have one",
        "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources",
        _named,
    ),
    FieldRule(
        "ClusterRoleBinding",
        "a ClusterRole, and the namespace of each ServiceAccount",
        "rbac ValidateClusterRoleBinding",
        _bound,
    ),
    *(
        FieldRule(kind, f"a role of the group {_RBAC}", f"rbac Validate{kind}", _reference)
        for kind in ("RoleBinding", "ClusterRoleBinding")
    ),
    FieldRule("subject", "the apiGroup that goes with its kind", "rbac ValidateRoleBindingSubject", _group),
    FieldRule(
        "Namespace",
        "levels of Pod Security, and versions such as v1.36",
        "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
        _levels,
    ),
    FieldRule(
        "CustomResourceDefinition",
        "exactly one version that is stored",
        "apiextensions ValidateCustomResourceDefinition",
        _stored,
    ),
    FieldRule(
        "CustomResourceDefinition",
        "the name that its plural and its group make",
        "apiextensions ValidateCustomResourceDefinition",
        _full_name,
    ),
    FieldRule(
        "APIService",
        "the name that its version and its group make",
        "apiregistration ValidateAPIService",
        _served_name,
    ),
)
"""One row a rule."""
