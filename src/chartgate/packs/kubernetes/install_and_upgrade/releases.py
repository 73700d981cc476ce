"""Releases: two of one chart leave each other alone, under two names in a namespace and under one name in two."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from chartgate.charts.template_texts.chosen_names import ChosenNames
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.cluster_parts import serves_the_cluster
from chartgate.kubernetes.links.existence import each_made
from chartgate.kubernetes.links.shared_objects import Change, FoundToo, can_be_shared, found_too, same_objects
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import Edit, added, in_each, in_first, remade
from chartgate.policy.policy import policy

from .equivalence import renamed, two_of

HEALTHY = """
apiVersion: batch/v1
kind: Job
metadata: {name: prepare, annotations: {helm.sh/hook: pre-install}}
"""
ROLE = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: %s}}"
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: release-name-web}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}
"""
_FULL_NAME = "fullnameOverride"
_DEFAULT = "default"
"""The namespace of whoever names none: a value of that name is hardly chosen."""
_MOST = 6
"""Objects that one finding names."""

Pairs = Iterator[tuple[Scenario, Scenario]]


def two_names(scenarios: Sequence[Scenario]) -> Pairs:
    """Pair releases of two names, also with every switch on; none where the matrix says that one is enough."""
    yield from (pair for pair in _pairs(scenarios) if pair[0].declared.one_per is None)


def _pairs(scenarios: Sequence[Scenario]) -> Pairs:
    on = all_on(scenarios)
    yield from renamed(scenarios)
    yield from [two_of(on)] if on else []


def two_namespaces(scenarios: Sequence[Scenario]) -> Pairs:
    """Pair releases in two namespaces; none where the matrix says that a cluster holds one."""
    for pair in _pairs(scenarios):
        if pair[0].declared.one_per is None or pair[0].declared.one_per.scope != "cluster":
            yield pair


@policy(
    over=two_names,
    severity="error",
    remediation="Put .Release.Name into the name, or the selector's labels: most charts have a template `fullname`."
    " A chart that is meant once in a namespace says so in its matrix: `one_per`.",
)
def two_releases_share_nothing(one: Rendering, two: Rendering) -> Iterator[Check]:
    """Two releases of the chart in one namespace have no object in common, and no selector finds the other's pods.

    Helm refuses to install over what another release owns, and a Service that finds both leads to either. Names that
    a value says are the user's choice; definitions and hooks may be there twice. Read from two releases that differ
    in name and namespace: the namespace of the second one is replaced by that of the first. What serves the whole
    cluster by what it is (it brings custom kinds, an APIService or a CSIDriver) is there once; of any other chart that
    names nothing after its release, it is a warning.
    Source: https://helm.sh/docs/chart_best_practices/templates/#names-of-defined-templates and
    https://helm.sh/docs/faq/changes_since_helm_2/#release-names-are-now-scoped-to-the-namespace
    """
    in_one_namespace = _replacing(two.scenario.namespace, one.scenario.namespace)
    judged = _objects(one)
    shared = same_objects(judged, two.resources, in_one_namespace)
    if serves_the_cluster(one):
        return
    yield from _checks(judged, shared, _same_start, "the release's name")
    if judged and len(shared) == len(judged):  # whoever cannot install it twice has no second pods
        return
    yield from _made_for_both(one, two, in_one_namespace)
    same: dict[str, list[FoundToo]] = defaultdict(list)
    chosen = [value for _, value in nodes(one.scenario.overrides) if isinstance(value, dict)]
    names = tuple(f"{name}-" for keys, name in strings(one.scenario.overrides) if keys[-1:] == (_FULL_NAME,))
    for found in found_too(one.resources, two.resources, in_one_namespace):
        labels = map_of(found.place.value).get("matchLabels", found.place.value)
        if labels in chosen or found.place.value in chosen:  # by a file in ci/, whose labels are its own
            continue
        if any(f"{label}-".startswith(names) for label in map_of(labels).values()):  # as both are by their user
            continue
        if found.others and found.place.owner not in shared:
            same[repr(labels)].append(found)
        elif not found.others:
            yield states(found.place, True, expected="finds nothing of another release", actual="nothing")
    for first, *rest in same.values():
        others = [f"the selector of {found.place.owner.identity.label}" for found in rest]
        actual = f"{first.place.value} finds {listed(list(first.others), _MOST)} of another release"
        too = f"; so does {listed(others, _MOST)}" if others else ""
        yield states(first.place, False, expected="finds nothing of another release", actual=f"{actual}{too}")


def _made_for_both(one: Rendering, two: Rendering, change: Change) -> Iterator[Check]:
    """Expect that controllers make no object for two releases: the Secret of a certificate, or of an ExternalSecret."""
    chosen, theirs = ChosenNames(one.scenario), {tuple(map(change, made)) for made, _ in each_made(two.resources)}
    for made, maker in each_made(one.resources):
        kind, name, _ = made
        is_shared = made in theirs and name not in chosen
        actual = f"{kind} {name} is made for another release as well" if is_shared else "it is"
        check = states(maker / "spec", not is_shared, expected="an object of this release alone is made", actual=actual)
        yield with_cause(check, f"made objects in {_chart_of(maker)}")


@policy(
    over=two_namespaces,
    severity="warning",
    is_choice=True,
    remediation="Put .Release.Namespace into the name as well."
    " A chart that is meant once in a cluster says so in its matrix: `one_per`.",
)
def two_namespaces_share_nothing(one: Rendering, two: Rendering) -> Iterator[Check]:
    """Two releases of one name in two namespaces have no object of the cluster, or of a third namespace, in common.

    A release is called after what it is, in each of its namespaces alike; helm refuses the second one, whose
    ClusterRole is the first one's already, and so is what a value puts into `default`. What two names in one namespace
    share is told there. A chart that serves the whole cluster (it brings custom kinds, an APIService or a CSIDriver) is
    there once: of it, only a name is told that lacks the namespace where others have it.
    Source: https://helm.sh/docs/faq/changes_since_helm_2/#release-names-are-now-scoped-to-the-namespace
    """
    judged = [resource for resource in _objects(one) if resource.namespace != one.scenario.namespace]
    chosen = ChosenNames(one.scenario)
    judged = [resource for resource in judged if resource.namespace not in chosen or resource.namespace == _DEFAULT]
    if one.scenario.declared.one_per is None:
        in_one_namespace = _replacing(two.scenario.namespace, one.scenario.namespace)
        told = same_objects(judged, two.resources, in_one_namespace)
        judged = [resource for resource in judged if resource not in told]
    under_one_name = _replacing(two.scenario.release, one.scenario.release)
    shared = same_objects(judged, two.resources, under_one_name)
    if len(shared) == len(judged) and serves_the_cluster(one):
        return
    yield from _checks(judged, shared, _chart_of, "the release's namespace")


def _objects(rendering: Rendering) -> list[Resource]:
    """Give the objects that no other release may have: not those that a value names, or that are looked up first.

    Nor the namespace itself, which a switch makes for those who have none.
    """
    chosen, calls = ChosenNames(rendering.scenario), calls_of(rendering.chart)
    # No cluster that there is serves PodSecurityPolicies: nobody makes them, nor the roles for their use, twice.
    unserved = {resource.template for resource in rendering.resources.of_kind("PodSecurityPolicy")}
    return [
        resource
        for resource in rendering.resources
        if not can_be_shared(resource)
        and resource.template not in unserved
        and (resource.name not in chosen or _is_written(resource.name, calls.sources.get(resource.template, "")))
        and (resource.kind, resource.name) != ("Namespace", rendering.scenario.namespace)
        and resource.kind not in calls.looks_up(resource.template)
    ]


def _is_written(name: str, template: str) -> bool:
    """Tell whether a template has a name as it is, whatever value says the same, to refer to it."""
    return f"\n  name: {name}\n" in template


def _replacing(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def _checks(
    judged: Sequence[Resource], shared: Sequence[Resource], cause: Callable[[Resource], str], what: str
) -> Iterator[Check]:
    """Tell once a cause what is shared; all of it where a chart names nothing after its release.

    Args:
        judged: what may not be shared.
        shared: those of it that are.
        cause: what objects have in common whose names have one cause.
        what: what their names lack, the release's name or its namespace.
    """
    expected = f"{what} in its name"
    by_cause: dict[str, list[Resource]] = defaultdict(list)
    for resource in sorted(shared, key=lambda found: (found.kind, found.name)):  # in whatever file they are
        by_cause[cause(resource)].append(resource)
    if cause is _same_start and len(shared) > 1 and len(shared) == len(judged):
        names = listed([resource.identity.label for resource in shared], _MOST)
        actual = f"in none of the {len(shared)} names that another release must not have: {names}"
        check = chart_states("templates", "metadata.name", expected=f"{what} in the names of objects", actual=actual)
        yield dataclasses.replace(check, severity="warning")  # such a chart is meant once, and says so by all of them
        return
    for resource in judged:
        same = by_cause[cause(resource)] if resource in shared else []
        if not same:
            yield states(resource / "metadata" / "name", True, expected=expected)
        elif same[0] is resource:
            others = [other.identity.label for other in same[1:]]
            too = f"; so have {listed(others, _MOST)}" if others else ""
            where = f" in {_DEFAULT}" if resource.namespace == _DEFAULT else ""
            actual = f"{resource.name}{where}, which another release has as well{too}"
            check = states(resource / "metadata" / "name", False, expected=expected, actual=actual)
            yield with_cause(check, f"names in {_chart_of(resource)}")


def _same_start(resource: Resource) -> str:
    """Give the name of the chart that an object's name begins with in place of the release's, or its whole name."""
    chart = resource.template.partition("/templates/")[0].rpartition("/")[2]
    return chart if resource.name.startswith(chart) else resource.name


def _chart_of(resource: Resource) -> str:
    return resource.template.partition("/templates/")[0]


def _pair(manifest: str, one: str = "release-name", two: str = "other-name") -> tuple[Edit, Edit]:
    """Add an object to both releases, with the name of each in it."""
    return in_first(added(manifest % one)), added(manifest % two)


def _named(manifest: str) -> tuple[Edit, ...]:
    """Give releases of other names in other namespaces, and an object that is named after them."""
    moved = (
        remade(lambda one: _of(one, one.scenario.derived("named", release="first", namespace="a"))),
        remade(lambda two: _of(two, two.scenario.derived("named", release="second", namespace="b"))),
    )
    return in_first(moved[0]), moved[1], *_pair(manifest, "first", "second")


two_releases_share_nothing.breaks(
    manifests=HEALTHY,
    a_role_of_a_fixed_name=(in_each(added(ROLE % "shop-controller")), *_pair(ROLE)),
    a_service_finds_the_pods_of_both=(
        in_first(added(WEB)),
        added(WEB.replace("release-name", "other-name")),
        *_pair("{apiVersion: v1, kind: Service, metadata: {name: %s-web}, spec: {selector: {app: web}}}"),
    ),
    a_monitor_finds_the_service_of_both=(
        *_pair("{apiVersion: v1, kind: Service, metadata: {name: %s-web, labels: {app: web}}}"),
        *_pair(
            "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: %s-web},"
            " spec: {selector: {matchLabels: {app: web}}}}"
        ),
    ),
    a_certificate_of_both_is_in_one_secret=_pair(
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %s-web}, spec: {secretName: tls}}"
    ),
)
two_namespaces_share_nothing.breaks(
    manifests=HEALTHY,
    a_role_is_named_after_the_release_only=_named(ROLE.replace("%s", "%s-shop")),
    a_binding_in_a_namespace_of_the_cluster=_named(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding,"
        " metadata: {name: %s-auth-reader, namespace: kube-system}}"
    ),
)


def _of(rendering: Rendering, scenario: Scenario) -> Rendering:
    moved = [
        Resource(r.manifest, r.template, scenario.namespace if r.default_namespace else "") for r in rendering.resources
    ]
    return Rendering(scenario, rendering.chart, Resources(moved), Resources(moved))
