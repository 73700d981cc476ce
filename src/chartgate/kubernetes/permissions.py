"""What roles allow, one permission at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from chartgate.documents.shapes import maps_in, texts_in
from chartgate.model import Resource, Resources

BINDINGS = ("RoleBinding", "ClusterRoleBinding")
"""The kinds that give somebody a role."""


@dataclass(frozen=True, order=True)
class Permission:
    """One verb on one kind of resource, or on one object of it."""

    verb: str
    group: str
    resource: str
    name: str = ""
    """The name of the one object; empty for all objects of the kind."""

    def __str__(self) -> str:
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {kind}" + (f" {self.name}" if self.name else "")

    def covers(self, other: Permission) -> bool:
        """Tell whether whoever has this permission has the other one."""
        mine, its = (self.verb, self.group, self.resource), (other.verb, other.group, other.resource)
        return all(left in ("*", right) for left, right in zip(mine, its, strict=True)) and self.name in (
            "",
            other.name,
        )


def on(group: str, resource: str, verbs: str, name: str = "") -> list[Permission]:
    """Give several permissions on the same thing: `on("apps", "deployments", "get patch")`."""
    return [Permission(verb, group, resource, name) for verb in verbs.split()]


def covered(permission: Permission, by: Iterable[Permission]) -> bool:
    """Tell whether one of these permissions includes that one."""
    return any(other.covers(permission) for other in by)


def without_repetition(permissions: Iterable[Permission]) -> list[Permission]:
    """Leave out what another permission already includes."""
    every = set(permissions)
    return sorted(p for p in every if not covered(p, every - {p}))


def granted_by(role: Resource) -> list[Permission]:
    """Give what a Role or a ClusterRole allows; rules about URLs, which are not resources, are left out."""
    return [
        Permission(verb, group, resource, name)
        for rule in maps_in(role.at("rules"))
        for verb, group, resource, name in itertools.product(
            texts_in(rule.get("verbs")),
            texts_in(rule.get("apiGroups")),
            texts_in(rule.get("resources")),
            texts_in(rule.get("resourceNames")) or [""],
        )
    ]


@dataclass(frozen=True)
class Granted:
    """All that a role allows: permissions on resources, and verbs on URLs."""

    permissions: frozenset[Permission]
    urls: frozenset[str]
    """As `get /metrics`."""

    def missing(self, asked: Granted) -> list[str]:
        """Say what of other permissions this does not include."""
        lost = without_repetition(p for p in asked.permissions if not covered(p, self.permissions))
        return [*_summed_up(lost), *sorted(asked.urls - self.urls)]


def is_role(resource: Resource) -> bool:
    """Tell whether it grants permissions."""
    return resource.kind in ("Role", "ClusterRole")


def granted(role: Resource | None) -> Granted:
    """Give all that a Role or a ClusterRole allows; nothing without one."""
    if role is None:
        return Granted(frozenset(), frozenset())
    urls = frozenset(
        f"{verb} {url}"
        for rule in maps_in(role.at("rules"))
        for verb in texts_in(rule.get("verbs"))
        for url in texts_in(rule.get("nonResourceURLs"))
    )
    return Granted(frozenset(granted_by(role)), urls)


def _summed_up(permissions: Iterable[Permission]) -> list[str]:
    """Write permissions on one kind of resource together: `get, list services`."""
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for permission in permissions:
        verbs.setdefault((permission.resource, permission.group, permission.name), []).append(permission.verb)
    return [
        str(Permission(", ".join(found), group, resource, name)) for (resource, group, name), found in verbs.items()
    ]


def bindings_of(resources: Resources, account: str, namespace: str) -> Resources:
    """Give the RoleBindings and ClusterRoleBindings that name a service account.

    Without a namespace, an account is in that of the binding: `appliesToUser` of
    https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/rbac/validation/rule.go
    """
    return Resources(
        binding
        for binding in resources.of_kind(*BINDINGS)
        if any(
            (subject.get("kind"), subject.get("name"), subject.get("namespace") or binding.namespace)
            == ("ServiceAccount", account, namespace)
            for subject in maps_in(binding.at("subjects"))
        )
    )


def service_account(name: str, namespace: str) -> dict[str, str]:
    """Give a service account as the subject of a binding."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def role_reference(kind: str, name: str) -> dict[str, str]:
    """Give the `roleRef` of a binding."""
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
