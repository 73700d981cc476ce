"""Who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.permissions import covered, granted_by, without_repetition
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_ROLES, _BINDINGS = ("Role", "ClusterRole"), ("RoleBinding", "ClusterRoleBinding")
_MOST = 6
"""Permissions that a reason names."""


@risk(level="danger", bump="minor", source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/")
def rbac_widened(pair: Pair) -> Iterator[Hit]:
    """Somebody may do more: another verb, resource, account, or the same in the whole cluster.

    Who deploys the chart must have the right to grant it, and whoever takes over one of its pods gains it.
    """
    after = pair.after
    if after is None:
        return
    if after.kind in _ROLES:
        yield from _more_permissions(pair.before, after)
    elif after.kind in _BINDINGS:
        yield from _more_subjects(pair.before, after)
    elif after.kind == "ServiceAccount" and pair.before is not None:
        tokens = [resource.at("automountServiceAccountToken") for resource in (pair.before, after)]
        if tokens[0] is False and tokens[1] is not False:
            yield Hit("automountServiceAccountToken", "its pods get the account's token")


def _more_permissions(before: Resource | None, after: Resource) -> Iterator[Hit]:
    had = granted_by(before) if before else []
    more = without_repetition(permission for permission in granted_by(after) if not covered(permission, had))
    urls = _urls(after) - (_urls(before) if before else set())
    named = [*map(str, more), *sorted(urls)]
    if named:
        where = "in the whole cluster" if after.kind == "ClusterRole" else f"in {after.namespace}"
        yield Hit("rules" if before else "", f"{where}: {listed(named, _MOST)}")


def _urls(role: Resource) -> set[str]:
    return {
        f"{verb} {url}"
        for rule in maps_in(role.at("rules"))
        for verb in texts_in(rule.get("verbs"))
        for url in texts_in(rule.get("nonResourceURLs"))
    }


def _more_subjects(before: Resource | None, after: Resource) -> Iterator[Hit]:
    had = {_subject(subject) for subject in maps_in(before.at("subjects"))} if before else set()
    more = [_subject(subject) for subject in maps_in(after.at("subjects")) if _subject(subject) not in had]
    where = " in the whole cluster" if after.kind == "ClusterRoleBinding" else ""
    if more:
        role = " ".join(str(after.at(f"roleRef.{key}")) for key in ("kind", "name"))
        yield Hit("subjects" if before else "", f"{', '.join(sorted(more))} gets {role}{where}")


def _subject(subject: dict[str, Any]) -> str:
    parts = [subject.get("kind"), "/".join(str(subject[k]) for k in ("namespace", "name") if subject.get(k))]
    return " ".join(str(part) for part in parts)
