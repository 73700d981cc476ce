"""Who may do what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.permissions import BINDINGS, Granted, bindings_of, granted, granted_by, is_role
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, pod_if_any, template_if_any
from chartgate.model import Resource, Resources
from chartgate.review.object_differences import RULES
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_AGGREGATING = "rbac.authorization.k8s.io/aggregate-to-"
_MOST = 6
"""Permissions that a reason names."""
_Subject = tuple[str, str, str]
"""Kind, namespace and name; the namespace is empty for users and groups."""
_CLOUDS = (
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
)
"""The annotations by which an account is somebody in a cloud.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity and
https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
"""


@risk(level="danger", bump="minor", source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/")
def rbac_widened(pair: Pair) -> Iterator[Hit]:
    """Somebody may do more: another verb, resource, account, or the same in the whole cluster.

    Who deploys the chart must have the right to grant it, and whoever takes over one of its pods gains it: so it is
    where pods run as an account that may do more. What the same account had by another role is nothing new.
    """
    after = pair.after
    if after is None:
        return
    if is_role(after):
        yield from _more_permissions(pair.before, after, pair.beside)
    elif after.kind in BINDINGS:
        yield from _more_subjects(pair.before, after, pair.beside)
    elif after.kind == "ServiceAccount" and pair.before is not None:
        tokens = [resource.at("automountServiceAccountToken") for resource in (pair.before, after)]
        if tokens[0] is False and tokens[1] is not False:
            yield Hit("automountServiceAccountToken", "its pods get the account's token")
    elif after.kind in WORKLOAD_KINDS and pair.before is not None:
        yield from _of_another_account(pair, is_more=True)


def _more_permissions(before: Resource | None, after: Resource, beside: tuple[Resources, Resources]) -> Iterator[Hit]:
    more = granted(before).missing(granted(after))
    if more and not _already_granted(after, None, *beside):
        yield Hit(RULES if before else "", f"{_reach(after)}: {listed(more, _MOST)}")
    if before is not None:
        for label in sorted(_aggregated(after) - _aggregated(before)):
            yield Hit(join("metadata", "labels", label), f"{label.rpartition('-to-')[2]} has what it grants, too")


def _reach(role: Resource) -> str:
    return "in the whole cluster" if role.kind == "ClusterRole" else f"in {role.namespace}"


@risk(level="caution", bump="minor", source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/")
def rbac_narrowed(pair: Pair) -> Iterator[Hit]:
    """Somebody may do less: a verb, a resource or an account that is no longer in a role.

    Whatever still does it is refused, often long after the upgrade. The same of pods that run as an account that may do
    less, of an account that is nobody in its cloud any longer, or somebody else, and of a new kind that no role names.
    """
    if pair.fate == "added" and pair.resource.kind == "CustomResourceDefinition":
        yield from _missing_on_new_kind(pair.resource, pair.beside)
    if pair.fate == "removed" and pair.before is not None:
        old = pair.before
        if is_role(old) and (lost_with_it := granted(None).missing(granted(old))):
            if not _already_granted(old, None, *pair.beside[::-1]):
                yield Hit("", f"no longer {_reach(old)}: {listed(lost_with_it, _MOST)}")
        elif old.kind in BINDINGS:
            role = _role_of(old, pair.beside[0])
            if role and _already_granted(role, old, *pair.beside[::-1]):
                return
            who = sorted(_subject(subject) for subject in maps_in(old.at("subjects")))
            yield Hit("", f"{', '.join(who) or 'nobody'} no longer gets {_role(old)}")
    if not pair.both:
        return
    before, after = pair.both
    if is_role(after):
        for label in sorted(_aggregated(before) - _aggregated(after)):
            yield Hit(join("metadata", "labels", label), f"{label.rpartition('-to-')[2]} no longer has what it grants")
        less = granted(after).missing(granted(before))
        if less and not _already_granted(before, None, *pair.beside[::-1]):
            yield Hit(RULES, f"no longer {_reach(after)}: {listed(less, _MOST)}")
    elif after.kind == "ServiceAccount":
        yield from _lost_in_clouds(before, after)
    elif after.kind in WORKLOAD_KINDS:
        yield from _lost_by_pods(before, after)
        yield from _of_another_account(pair, is_more=False)
    elif after.kind in BINDINGS:
        has = {_subject(subject) for subject in maps_in(after.at("subjects"))}
        lost = [_subject(subject) for subject in maps_in(before.at("subjects")) if _subject(subject) not in has]
        if lost:
            yield Hit("subjects", f"{', '.join(sorted(lost))} no longer gets {_role(after)}")


def _of_another_account(pair: Pair, *, is_more: bool) -> Iterator[Hit]:
    """Compare what the pods of a workload may do that run as another account."""
    if not pair.both:
        return
    pods = [pod_if_any(resource) for resource in pair.both]
    names = [str((pod / "serviceAccountName").text or "default") for pod in pods]
    if names[0] == names[1] or not pods[1].is_map:
        return
    sides = zip(names, pair.both, pair.beside, strict=True)
    had, has = (_rights_of(name, resource.namespace, beside) for name, resource, beside in sides)
    if found := had.missing(has) if is_more else has.missing(had):
        words = "may" if is_more else "may no longer"
        reason = f"its pods are {names[1]} now, and not {names[0]}: they {words} {listed(found, _MOST)}"
        yield Hit((pods[1] / "serviceAccountName").address, reason)


def _aggregated(role: Resource) -> set[str]:
    """Give the labels by which other roles take in what a role grants."""
    labels = map_of(role.at("metadata.labels"))
    return {str(key) for key, value in labels.items() if _AGGREGATING in str(key) and str(value) == "true"}


def _more_subjects(before: Resource | None, after: Resource, beside: tuple[Resources, Resources]) -> Iterator[Hit]:
    role = _role_of(after, beside[1])
    if before is None and role and _already_granted(role, after, *beside):
        return
    had = {_subject(subject) for subject in maps_in(before.at("subjects"))} if before else set()
    more = [_subject(subject) for subject in maps_in(after.at("subjects")) if _subject(subject) not in had]
    where = " in the whole cluster" if after.kind == "ClusterRoleBinding" else ""
    if more:
        yield Hit("subjects" if before else "", f"{', '.join(sorted(more))} gets {_role(after)}{where}")


def _role(binding: Resource) -> str:
    return " ".join(str(binding.at(f"roleRef.{key}")) for key in ("kind", "name"))


def _subject(subject: dict[str, Any]) -> str:
    parts = [subject.get("kind"), "/".join(str(subject[k]) for k in ("namespace", "name") if subject.get(k))]
    return " ".join(str(part) for part in parts)


def _subjects_of(binding: Resource) -> Iterator[_Subject]:
    """Give who is bound; an account without a namespace is one of the binding's."""
    for subject in maps_in(binding.at("subjects")):
        kind = str(subject.get("kind"))
        namespace = str(subject.get("namespace") or binding.namespace) if kind == "ServiceAccount" else ""
        yield kind, namespace, str(subject.get("name"))


def _already_granted(role: Resource, binding: Resource | None, others: Resources, here: Resources) -> bool:
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


def _rights_of(account: str, namespace: str, resources: Resources) -> Granted:
    """Give all that an account may do anywhere, by the roles that are rendered."""
    roles = [_role_of(binding, resources) for binding in bindings_of(resources, account, namespace)]
    return _together([granted(role) for role in roles])


def _role_of(binding: Resource, resources: Resources) -> Resource | None:
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
        if (found := _role_of(other, resources)) is not None
    ]
    return not _together([granted(found) for found in roles]).missing(granted(role))


def _together(grants: Sequence[Granted]) -> Granted:
    permissions = frozenset(permission for grant in grants for permission in grant.permissions)
    return Granted(permissions, frozenset(url for grant in grants for url in grant.urls))


def _lost_in_clouds(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say whom an account no longer is in its cloud."""
    had, has = annotations_of(before), annotations_of(after)
    for name in _CLOUDS:
        if had.get(name) and had[name] != has.get(name):
            who = f", but {has[name]}" if has.get(name) else ""
            address = join("metadata", "annotations", name) if has else "metadata.annotations"
            yield Hit(address, f"in the cloud, its pods are no longer {had[name]}{who}")


_OF_PODS = {"labels": ("azure.workload.identity/use",), "annotations": ("iam.amazonaws.com/role",)}
"""By which pods are somebody in a cloud, beside their account."""


def _lost_by_pods(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say that pods are nobody in their cloud any longer, or somebody else."""
    metadata = [template_if_any(resource) / "metadata" for resource in (before, after)]
    for field, names in _OF_PODS.items():
        had, has = (map_of(each.at(field)) for each in metadata)
        for name in names:
            if had.get(name) and had[name] != has.get(name):
                yield Hit(
                    (metadata[1] / field / name).address, f"in the cloud, its pods are no longer what {name} made them"
                )


def _missing_on_new_kind(definition: Resource, beside: tuple[Resources, Resources]) -> Iterator[Hit]:
    """Say that no role names a new kind, where one names all other kinds of its group, as that of a controller does.

    Args:
        definition: that of the new kind.
        beside: all that the older side renders, and the newer one.
    """
    group, own = str(definition.at("spec.group")), str(definition.at("spec.names.plural"))
    others = {
        str(other.at("spec.names.plural"))
        for other in beside[0].of_kind("CustomResourceDefinition")
        if other.at("spec.group") == group
    }
    roles = [
        {permission.resource for permission in granted_by(role) if permission.group in (group, "*")}
        for role in beside[1].of_kind("Role", "ClusterRole")
    ]
    is_named = any({own, "*", "*/*"} & named for named in roles)
    if others and not is_named and any(others <= named for named in roles):
        yield Hit("", f"no role names {own}.{group}, as one names the other kinds of its group")
