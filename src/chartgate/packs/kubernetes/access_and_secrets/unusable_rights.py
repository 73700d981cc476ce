"""Rights that nobody can use: rules of a role about what the API does not have."""

from __future__ import annotations

from collections.abc import Iterator, Set

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.documents.words import near
from chartgate.kubernetes.builtin_resources import BUILTIN_RESOURCES, BUILTIN_VERBS, groups_of
from chartgate.kubernetes.permissions import granted_by
from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause
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


@policy(
    judges=each("Role", "ClusterRole"),
    severity="error",
    remediation="Write the plural that `kubectl api-resources` shows, in lower case, and the group that it shows.",
)
def roles_name_resources_that_there_are(role: Resource) -> Iterator[Check]:
    """A rule about groups of Kubernetes names resources as these do: plural, in lower case, in their own group.

    The API server takes any word, and the account is refused what it needs. Judged is a rule all of whose groups are
    Kubernetes' own, and of that only what is the singular or the kind of a resource, or a resource of another group
    about which no other rule of the role is.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
    """
    allowed = {(permission.group, permission.resource) for permission in granted_by(role)}
    for rule in (role / "rules").maps():
        groups = texts_in(rule.at("apiGroups"))
        if groups and all(group in BUILTIN_RESOURCES for group in groups):
            known = [name for group in groups for name in BUILTIN_RESOURCES[group]]
            for resource in (rule / "resources").texts():
                problem = _problem(resource, groups, known, allowed)
                yield states(resource, not problem, expected="a resource of these groups", actual=problem)


roles_name_resources_that_there_are.breaks(
    manifests=HEALTHY,
    the_singular=put("Role worker", "rules[0].resources[0]", "configmap"),
    the_kind=put("Role worker", "rules[0].resources[2]", "Deployment"),
    another_group=put("Role worker", "rules[0].apiGroups", [""]),
    a_part_of_a_singular=put("Role worker", "rules[0].resources[1]", "pod/log"),
    one_letter_is_missing=put("Role worker", "rules[0].resources[2]", "deploments"),
)


_GONE = "podsecuritypolicies"
_OF_OLD = "extensions"
"""Whose resources are those of other groups since Kubernetes 1.16, and of these alone since 1.22."""


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


@policy(
    judges=each("Role", "ClusterRole"),
    severity="error",
    remediation="Write get, list, watch, create, update, patch, delete or deletecollection.",
)
def roles_name_verbs_that_there_are(role: Resource) -> Iterator[Check]:
    """A rule about resources of Kubernetes names verbs that a request has.

    Any word is taken, and allows nothing: there is no `read`, and no `edit`. Verbs that Kubernetes asks about itself,
    such as `bind` and `use`, are known. Source:
    https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
    """
    for rule in (role / "rules").maps():
        groups = texts_in(rule.at("apiGroups"))
        if groups and all(group in BUILTIN_RESOURCES for group in groups):
            for verb in (rule / "verbs").texts():
                actual = f"{verb.text}, which no request has"
                yield states(verb, verb.text in BUILTIN_VERBS, expected=f"a verb of the API: {_VERBS}", actual=actual)


_VERBS = ", ".join(BUILTIN_VERBS[:8])

roles_name_verbs_that_there_are.breaks(
    manifests=HEALTHY,
    a_word_of_everyday=put("Role worker", "rules[0].verbs[0]", "read"),
    a_letter_is_wrong=put("Role worker", "rules[0].verbs[1]", "lists"),
    a_capital=put("Role worker", "rules[0].verbs[0]", "Get"),
)


@policy(
    severity="warning",
    remediation="Put the rule into a ClusterRole, and bind that by a ClusterRoleBinding.",
)
def roles_are_about_what_has_a_namespace(rendering: Rendering) -> Iterator[Check]:
    """No rule of a Role is about what has no namespace, unless a ClusterRole of the release is about it as well.

    A Role allows requests in its own namespace, and for a node or a class of storage there is none: the account is
    refused. A namespace itself is an exception, and what is only used. Source:
    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
    """
    for resources in rendering.stages:
        elsewhere = {(p.group, p.resource) for role in resources.of_kind("ClusterRole") for p in granted_by(role)}
        for role in resources.of_kind("Role"):
            for rule in (role / "rules").maps():
                groups = texts_in(rule.at("apiGroups"))
                for resource in (rule / "resources").texts() if texts_in(rule.at("verbs")) != ["use"] else ():
                    wide = [group for group in groups if (group, resource.text) in _WITHOUT_NAMESPACE]
                    passed = not wide or any((group, resource.text) in elsewhere for group in wide)
                    told = states(resource, passed, expected="a resource that has a namespace")
                    yield with_cause(told, f"{role.name}: what has no namespace")


def _plural(kind: str) -> str:
    name = kind.lower()
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}es" if name.endswith("s") else f"{name}s"


_BY_USE = ("Namespace", "PodSecurityPolicy", "SecurityContextConstraints", "Project")
_WITHOUT_NAMESPACE = frozenset((group, _plural(kind)) for group, kind in CLUSTER_SCOPED if kind not in _BY_USE)

roles_are_about_what_has_a_namespace.breaks(
    manifests=HEALTHY,
    nodes=put("Role worker", "rules[0].resources[0]", "nodes"),
    classes_of_storage=put(
        "Role worker", "rules[1]", {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"]}
    ),
)
