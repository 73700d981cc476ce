"""What an account may do by all that a side renders: a right that moves from one role to another is no new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.permissions import BINDINGS, Granted, bindings_of, granted, is_role
from chartgate.model import Resource, Resources

_Subject = tuple[str, str, str]
"""Kind, namespace and name; the namespace is empty for users and groups."""


def _subjects_of(binding: Resource) -> Iterator[_Subject]:
    """Give who is bound; an account without a namespace is one of the binding's."""
    for subject in maps_in(binding.at("subjects")):
        kind = str(subject.get("kind"))
        namespace = str(subject.get("namespace") or binding.namespace) if kind == "ServiceAccount" else ""
        yield kind, namespace, str(subject.get("name"))


def already_granted(role: Resource, binding: Resource | None, others: Resources, here: Resources) -> bool:
    """Tell whether other roles give all that a role gives, to everybody whom it is given to.

    Args:
        role: what is given.
        binding: to whom; without one, to all who are bound to the role.
        others: what the other side renders.
        here: what the role's own side renders.
    """
    bindings = [binding] if binding else [found for found in here.of_kind(*BINDINGS) if _leads_to(found, role)]
    return bool(bindings) and all(
        _has(subject, found, role, others) for found in bindings for subject in _subjects_of(found)
    )


def rights_of(account: str, namespace: str, resources: Resources) -> Granted:
    """Give all that an account may do anywhere, by the roles that are rendered."""
    roles = [role_of(binding, resources) for binding in bindings_of(resources, account, namespace)]
    return _together([granted(role) for role in roles])


def role_of(binding: Resource, resources: Resources) -> Resource | None:
    """Give the role of a binding, where it is rendered."""
    return next((role for role in resources.of_kind("Role", "ClusterRole") if _leads_to(binding, role)), None)


def _leads_to(binding: Resource, role: Resource) -> bool:
    reference = binding.at("roleRef.kind"), binding.at("roleRef.name")
    is_near = role.kind == "ClusterRole" or role.namespace == binding.namespace
    return is_role(role) and reference == (role.kind, role.name) and is_near


def _has(subject: _Subject, binding: Resource, role: Resource, resources: Resources) -> bool:
    """Tell whether somebody has, where a binding holds, all that a role gives."""
    place = None if binding.kind == "ClusterRoleBinding" else binding.namespace
    roles = [
        found
        for other in resources.of_kind(*BINDINGS)
        if subject in _subjects_of(other) and (other.kind == "ClusterRoleBinding" or other.namespace == place)
        if (found := role_of(other, resources)) is not None
    ]
    return not _together([granted(found) for found in roles]).missing(granted(role))


def _together(grants: Sequence[Granted]) -> Granted:
    permissions = frozenset(permission for grant in grants for permission in grant.permissions)
    return Granted(permissions, frozenset(url for grant in grants for url in grant.urls))
