"""Rights that nobody can use: rules of a role about what the API does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.documents.words import near
from chartgate.kubernetes.builtin_resources import BUILTIN_RESOURCES, BUILTIN_VERBS, groups_of
from chartgate.kubernetes.permissions import granted_by
from chartgate.model import Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: worker}
rules:
  - {apiGroups: ["", apps], resources: [configmaps, pods/log, deployments, deployments/scale], verbs: [get, list]}
  - {apiGroups: [example.com], resources: [widget], verbs: [read]}
  - {apiGroups: [metrics.k8s.io, ""], resources: [pods], verbs: [get, "*"]}
"""
_VERBS = ", ".join(BUILTIN_VERBS[:8])


@policy(
    judges=each("Role", "ClusterRole"),
    severity="error",
    remediation="Write the group and the plural that `kubectl api-resources -o wide` shows, and one of its verbs.",
)
def roles_name_what_there_is(role: Resource) -> Iterator[Check]:
    """A rule about groups of Kubernetes names resources as these do, plural, in lower case, and verbs of a request.

    The API server takes any word, and the account is refused what it needs. Judged is a rule all of whose groups are
    Kubernetes' own, and of that only what is the singular or the kind of a resource, or a resource of another group
    about which no other rule of the role is. No group has a version in it (`apps/v1`), nor is there one without a dot
    that Kubernetes does not have (`policies`, `core`). There is no verb `read`, and no `edit`; those that Kubernetes
    asks about itself, such as `bind` and `use`, are known.
    Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
    https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
    """
    allowed = {(permission.group, permission.resource) for permission in granted_by(role)}
    for rule in (role / "rules").maps():
        groups = texts_in(rule.at("apiGroups"))
        with_version = [group for group in groups if _needs_no_version(group, groups)]
        for place in (rule / "apiGroups").texts():
            expected = 'a group without a version: "" for pods, apps for Deployments'
            yield states(place, place.text not in with_version, expected=expected)
        if groups and not with_version and all(group in BUILTIN_RESOURCES or _is_none(group) for group in groups):
            known = [name for group in groups for name in BUILTIN_RESOURCES.get(group, ())]
            for resource in (rule / "resources").texts():
                problem = _problem(resource, groups, known, allowed)
                yield states(resource, not problem, expected="a resource of these groups", actual=problem)
        if groups and all(group in BUILTIN_RESOURCES for group in groups):
            for verb in (rule / "verbs").texts():
                actual = f"{verb.text}, which no request has"
                yield states(verb, verb.text in BUILTIN_VERBS, expected=f"a verb of the API: {_VERBS}", actual=actual)


roles_name_what_there_is.breaks(
    manifests=HEALTHY,
    the_singular=put("Role worker", "rules[0].resources[0]", "configmap"),
    the_kind=put("Role worker", "rules[0].resources[2]", "Deployment"),
    another_group=put("Role worker", "rules[0].apiGroups", [""]),
    a_part_of_a_singular=put("Role worker", "rules[0].resources[1]", "pod/log"),
    the_version_for_a_group=put("Role worker", "rules[0].apiGroups[0]", "v1"),
    a_group_with_its_version=put("Role worker", "rules[1].apiGroups[0]", "example.com/v1beta1"),
    one_letter_is_missing=put("Role worker", "rules[0].resources[2]", "deploments"),
    a_group_that_is_none=put("Role worker", "rules[0].apiGroups", ["core", "apps"]),
    a_word_of_everyday=put("Role worker", "rules[0].verbs[0]", "read"),
    a_letter_is_wrong=put("Role worker", "rules[0].verbs[1]", "lists"),
    a_capital=put("Role worker", "rules[0].verbs[0]", "Get"),
)


_VERSION = re.compile(r"(?:(?P<group>[\w.-]++)/)?v[0-9]++(?:(?:alpha|beta)[0-9]++)?")
_GONE = "podsecuritypolicies"
_OF_OLD = "extensions"
"""Whose resources are those of other groups since Kubernetes 1.16, and of these alone since 1.22."""


def _needs_no_version(group: str, beside: list[str]) -> bool:
    """Tell whether a group has a version in it, and does not stand beside the group that is meant."""
    version = _VERSION.fullmatch(group)
    return version is not None and (version["group"] or "") not in beside


def _is_none(group: str) -> bool:
    """Tell whether no API has a group: those that are not Kubernetes' own have a domain in their name."""
    return "/" in group or ("." not in group and group not in BUILTIN_RESOURCES and group != "*")


def _problem(resource: Place[Resource], groups: list[str], known: list[str], allowed: Set[tuple[str, str]]) -> str:
    """Say what is wrong with a resource of a rule; nothing where it may be right."""
    name = resource.text.partition("/")[0]
    is_of_old = set(groups) == {_OF_OLD} and len(groups_of(name)) > 1 and name != _GONE
    if not name or "*" in name or (name in known and not is_of_old):
        return ""
    if others := [group for group in groups_of(name) if group != _OF_OLD]:
        if any((group, resource.text) in allowed for group in others):
            return ""
        group = " or ".join(repr(other) for other in others)
        return f"{name}, which is of the group {group}, not of {' or '.join(repr(own) for own in groups)}"
    lower = name.lower()
    plurals = [plural for plural in known if plural in (lower, f"{lower}s", f"{lower}es", f"{lower[:-1]}ies")]
    meant = plurals or near(lower, known, most=1)
    return f"{name}, which is no resource; there is {meant[0]}" if meant else ""
