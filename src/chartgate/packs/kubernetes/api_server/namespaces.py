"""Namespaces: everything lands where it is meant to, in a namespace that exists."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import scalars
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference, own_namespace
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, definition_of
from chartgate.model import Chart, Check, Rendering, Resource
from chartgate.policy.checks import missing, states, with_cause
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import WHOLE_MATRIX, policy
from chartgate.policy.subjects import each

_OF_VALUES = re.compile(r"^[ \t]*+namespace:[ \t]*+[\"']?+\{\{[^{}]*?\.Values\.\w++\.\w", re.MULTILINE)
_WORKS_ON = re.compile(r"\bkubectl \w++ (?:namespaces?|ns) ([ \w-]++)")
_NAMESPACED = (
    *("argoproj.io", "cert-manager.io", "external-secrets.io", "keda.sh", "monitoring.coreos.com"),
    *("route.openshift.io", "traefik.io"),
)
"""Groups of which only kinds that are called so are of the cluster."""

HEALTHY = """
{apiVersion: v1, kind: Namespace, metadata: {name: database}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: here}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: database}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}}
"""

NAMED = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: two, namespace: default}}
---
{apiVersion: v1, kind: Secret, metadata: {name: three, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: elsewhere, namespace: kube-system}}
"""


@policy(
    severity="error",
    remediation="Put it into the release's namespace, render the namespace, or declare it under `external`.",
)
def namespaces_are_there(rendering: Rendering) -> Iterator[Check]:
    """Everything lands in the release's namespace, or in one that the release creates or that is declared.

    The API server refuses an object in a namespace that does not exist, and the release stops halfway. A namespace
    that is not there is told once, at the first object that wants it; one that a file in ci/ names is its own. So is
    one that the README works on by kubectl, and one of the chart's own name that has all of the release.
    https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    scenario = rendering.scenario
    known = {scenario.namespace, *(scalars(scenario.overrides) if scenario.is_installation else ())}
    known |= set(_told_to_make(rendering.chart))
    expected = "the release's own namespace, or one that is rendered or declared external"
    for resources in rendering.stages:
        lost: dict[str, list[Reference]] = defaultdict(list)
        wanted = [found for resource in resources for found in own_namespace(resource)]
        is_all_in_its_own = {found.name for found in wanted} == {rendering.chart.name}
        for namespace in wanted:
            if is_all_in_its_own or namespace.name in known or resolves(namespace, resources, scenario):
                yield states(namespace.place, True, expected=expected, actual=namespace.name)
            else:
                lost[namespace.name].append(namespace)
        for name, (first, *others) in lost.items():
            labels = [found.place.owner.identity.label for found in others]
            more = f", which {listed(labels, 4)} {'want' if labels[1:] else 'wants'} as well" if labels else ""
            told = states(first.place, False, expected=expected, actual=f"{name}{more}")
            # Other scenarios have other objects first.
            yield with_cause(told, f"namespace {name}")


def _told_to_make(chart: Chart) -> Iterator[str]:
    """Give the namespaces that the README of a chart works on, `kubectl create namespace web`."""
    for line in _WORKS_ON.findall(chart.files.get("README.md", b"").decode("utf-8", "replace")):
        yield from line.split()


namespaces_are_there.breaks(
    manifests=HEALTHY, the_namespace_is_not_created=put("ConfigMap there", "metadata.namespace", "databases")
)


@policy(
    over=WHOLE_MATRIX,
    severity="warning",
    remediation="Write `namespace: {{ .Release.Namespace }}` into all objects of the chart, or into none.",
)
def all_objects_name_the_namespace_or_none(renderings: list[Rendering]) -> Iterator[Check]:
    """Of the objects of a chart that are in the release's namespace, all name it or none does.

    Helm puts them all there. `helm template | kubectl apply`, kustomize and others put those without a name somewhere
    else, away from what they belong to. Each subchart is asked for itself, over all scenarios, and told once; tests,
    which only helm runs, and what values give as a whole (`extraObjects`) are left out. Source: https://github.com/helm/helm/issues/5465
    """
    charts: dict[str, dict[str, tuple[Resource, str]]] = defaultdict(dict)
    for rendering in renderings:
        for resource in rendering.resources:
            # Whether a custom kind has a namespace at all, nobody here knows, but for a few.
            version, group = resource.identity.api_version, resource.identity.api_version.partition("/")[0]
            is_known = group in _NAMESPACED and not resource.kind.startswith("Cluster")
            is_known |= definition_of(version, resource.kind, bundled_versions()[-1]) != ""
            is_own = resource.namespace == rendering.scenario.namespace
            is_elses = is_test(resource) or gives_objects(rendering.chart, resource.template)
            # One that is written, and empty, is another one that users may give.
            is_elses |= _is_an_option(rendering.chart, resource)
            is_elses |= "namespace" in map_of(resource.at("metadata")) and not resource.at("metadata.namespace")
            if is_known and is_own and not is_elses:
                chart, _, file = resource.template.rpartition("/templates/")
                # One object of one template, whatever its name.
                this = f"{resource.kind} in {file}{' as named' * bool(resource.at('metadata.namespace'))}"
                charts[chart].setdefault(this, (resource, rendering.scenario.name))
    for found in charts.values():
        naming, silent = (
            {this: value for this, value in found.items() if bool(value[0].at("metadata.namespace")) is is_named}
            for is_named in (True, False)
        )
        odd = silent if len(naming) >= len(silent) else naming
        resource, scenario = next(iter((odd or found).values()))
        others = ", ".join(this.removesuffix(" as named") for this in odd)
        check = states(
            resource / "metadata" / "namespace",
            not (naming and silent),
            expected="named by all objects of the chart, or by none",
            actual=f"{'not ' * (odd is silent)}named by {others}" if naming and silent else "as in all others",
        )
        yield dataclasses.replace(check, scenario=scenario)


def _is_an_option(chart: Chart, resource: Resource) -> bool:
    """Tell whether the namespace of an object is a value of its own: `.Values.dashboards.namespace | default ...`.

    Of custom kinds, many charts write it only where it is set.
    """
    text = chart.templates.get(resource.template.removeprefix(f"{chart.name}/"), "")
    group = resource.identity.api_version.partition("/")[0]
    is_written = bool(resource.at("metadata.namespace")) or group in _NAMESPACED
    return is_written and _OF_VALUES.search(text) is not None


all_objects_name_the_namespace_or_none.breaks(
    manifests=NAMED,
    one_of_many_does_not=gone("Secret three", "metadata.namespace"),
    a_monitor_does_not=added("{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web}}"),
)


all_objects_name_the_namespace_or_none.breaks(
    manifests=HEALTHY,
    one_of_many_does=(
        added("{apiVersion: v1, kind: Secret, metadata: {name: two}}"),
        added("{apiVersion: v1, kind: Service, metadata: {name: three, namespace: default}}"),
    ),
)


@policy(judges=each(), severity="warning", remediation="Leave out metadata.namespace: the kind has none.")
def cluster_scoped_kinds_have_no_namespace(resource: Resource) -> Iterator[Check]:
    """What belongs to the whole cluster names no namespace.

    The API server drops it, so a GitOps tool sees a difference forever, and a reader believes in two objects where
    there is one. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    if not resource.default_namespace and (resource / "metadata" / "namespace").value is not None:
        chart = resource.template.partition("/templates/")[0]
        yield with_cause(missing(resource / "metadata" / "namespace"), f"objects of {chart}")


cluster_scoped_kinds_have_no_namespace.breaks(
    manifests=HEALTHY, a_cluster_role_in_a_namespace=put("ClusterRole reader", "metadata.namespace", "default")
)
