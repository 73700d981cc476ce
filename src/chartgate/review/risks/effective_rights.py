"""What an account may do by all that a side renders: a right that moves from one role to another is no new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.permissions import Granted, granted, is_role
from chartgate.model import Resource, Resources

BINDINGS = ("RoleBinding", "ClusterRoleBinding")

Subject = tuple[str, str, str]
"""Kind, namespace and name; the namespace is empty for users and groups."""


def subjects_of(binding: Resource) -> Iterator[Subject]:
    """Give who is bound."""
    for subject in maps_in(binding.at("subjects")):
        yield subject_of(subject, binding)


def subject_of(subject: dict[str, Any], binding: Resource) -> Subject:
    """Give one of those who are bound; an account without a namespace is one of the binding's."""
    kind = str(subject.get("kind"))
    namespace = str(subject.get("namespace") or binding.namespace) if kind == "ServiceAccount" else ""
    return kind, namespace, str(subject.get("name"))


def already_granted(role: Resource, binding: Resource | None, others: Resources, here: Resources) -> bool:
    """Tell whether other roles give all that a role gives, to everybody whom it is given to.

    Args:
        role: what is given.
        binding: to whom; without one, to all who are bound to the role.
        others: what the other side renders.
        here: what the role's own side renders.
    """
    bindings = [binding] if binding else [found for found in _bindings(here) if _leads_to(found, role)]
    return bool(bindings) and all(
        _has(subject, found, role, others) for found in bindings for subject in subjects_of(found)
    )


def role_of(binding: Resource, resources: Resources) -> Resource | None:
    """Give the role of a binding, where it is rendered."""
    return next((role for role in resources.of_kind("Role", "ClusterRole") if _leads_to(binding, role)), None)


def _bindings(resources: Resources) -> Resources:
    return resources.of_kind(*BINDINGS)


def _leads_to(binding: Resource, role: Resource) -> bool:
    reference = binding.at("roleRef.kind"), binding.at("roleRef.name")
    is_near = role.kind == "ClusterRole" or role.namespace == binding.namespace
    return is_role(role) and reference == (role.kind, role.name) and is_near


def _has(subject: Subject, binding: Resource, role: Resource, resources: Resources) -> bool:
    """Tell whether somebody has, where a binding holds, all that a role gives."""
    place = None if binding.kind == "ClusterRoleBinding" else binding.namespace
    roles = [
        found
        for other in _bindings(resources)
        if subject in subjects_of(other) and (other.kind == "ClusterRoleBinding" or other.namespace == place)
        if (found := role_of(other, resources)) is not None
    ]
    grants = [granted(found) for found in roles]
    permissions = frozenset(permission for grant in grants for permission in grant.permissions)
    urls = frozenset(url for grant in grants for url in grant.urls)
    return not Granted(permissions, urls).missing(granted(role))
