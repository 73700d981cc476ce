"""Protection: what limits disruption and traffic finds the pods that it means."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.links.found_pods import pods_found
from chartgate.kubernetes.links.label_selectors import PodSelection, peers, protected_pods, template_labels
from chartgate.kubernetes.permissions import granted_by
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Case, Chart, Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import Edit, gone, of_chart, put, remade
from chartgate.policy.policy import WHOLE_MATRIX, policy
from chartgate.policy.reference_checks import finds_pods, runs_pods

from ..healthy.release import HEALTHY
from ..pods_and_storage.optional import has_a_matrix

PEERS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {metadata: {labels: {app: shop, component: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: data}
spec:
  podSelector: {matchLabels: {app: shop, component: data}}
  ingress: [{from: [{podSelector: {matchLabels: {app: shop, component: web}}}]}]
"""
_ROLLED = ("Deployment", "StatefulSet", "DaemonSet")
_USUAL = ("app", "release", "component", "helm.sh/")
"""How the keys begin that charts give to their own pods, and operators hardly give to theirs."""
SELECT = (
    "Select by labels that the pods of one workload have, or declare the pods, with their labels, under `external`."
)


@policy(severity="error", remediation=SELECT)
def pod_selectors_find_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of every PodDisruptionBudget and NetworkPolicy finds the pods of a workload in its namespace.

    One that finds none protects nothing, and nothing says so. An empty one is meant for all pods, one of a release
    without any for those of another, and a NetworkPolicy beside a role that makes pods perhaps for these. One for the
    pods of a template that renders none here does no harm.
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    for resources in rendering.stages:
        for resource in resources if runs_pods(resources) else ():
            if resource.kind == "NetworkPolicy" and (_makes_pods(resources) or _is_for_a_part(resource, rendering)):
                continue
            for selection in protected_pods(resource):
                yield finds_pods(selection, resources, rendering.scenario)


def _makes_pods(resources: Resources) -> bool:
    """Tell whether a Role of the release may make pods: a program then starts some that nobody sees here."""
    return any(
        (given.resource, given.verb) == ("pods", "create")
        for role in resources.of_kind("Role")
        for given in granted_by(role)
    )


def _is_for_a_part(policy: Resource, rendering: Rendering) -> bool:
    """Tell whether it selects by a label of pods that a template renders elsewhere, and nothing of here."""
    rendered = {resource.template.partition("/")[2] for resource in rendering.resources}
    others = [text for name, text in rendering.chart.templates.items() if name not in rendered]
    of_pods = [text for text in others if any(f"kind: {kind}\n" in text for kind in _ROLLED)]
    labels = map_of(policy.at("spec.podSelector.matchLabels"))
    return any(f"{key}: {value}\n" in text for key, value in labels.items() for text in of_pods)


pod_selectors_find_pods.breaks(
    manifests=HEALTHY,
    the_budget_selects_another_value=put(
        "PodDisruptionBudget web", "spec.selector.matchExpressions[tier].values", ["back"]
    ),
    the_network_policy_selects_another_label=put("NetworkPolicy web", "spec.podSelector.matchLabels.app", "shop"),
)


@policy(where=has_a_matrix, over=WHOLE_MATRIX, severity="error", remediation=SELECT)
def network_peers_are_pods(renderings: list[Rendering]) -> Iterator[Check]:
    """Every peer that a NetworkPolicy names by its labels is, in some scenario, a pod of the release or a declared one.

    One that is named wrongly is cut off, and nothing says so; one of a feature that is off is only not there. Peers
    in namespaces that are not the release's, and not rendered or declared by name, are somebody else's to know.
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    best: dict[tuple[str, str], Check] = {}
    for rendering in renderings:
        for resources in rendering.stages:
            for resource in resources.of_kind("NetworkPolicy"):
                for selection in peers(resource, resources, rendering.scenario):
                    check = finds_pods(selection, resources, rendering.scenario)
                    # Labels contain the name of the release: one peer of one template, whatever the name, and wherever
                    # in the list it is while others are there or not.
                    text = json.dumps(selection.selector, sort_keys=True, default=str)
                    where = (resource.template, text.replace(rendering.scenario.release, "RELEASE"))
                    if where not in best or (check.passed and not best[where].passed):
                        best[where] = dataclasses.replace(check, scenario=rendering.scenario.name)
    yield from best.values()


network_peers_are_pods.breaks(
    manifests=HEALTHY,
    nobody_may_come_in=put("NetworkPolicy web", "spec.ingress[0].from[0].podSelector.matchLabels.tier", "edge"),
    the_database_is_looked_for_at_home=gone("NetworkPolicy web", "spec.egress[0].to[0].namespaceSelector"),
)


def _with_all_on(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    if tried := (*scenarios, *filter(None, [all_on(scenarios)])):
        yield Case(WHOLE_MATRIX, tried, "where all scenarios are compared, and the one with every switch on")


@policy(over=_with_all_on, severity="error", remediation=SELECT)
def network_peers_are_spelt_right(*renderings: Rendering) -> Iterator[Check]:
    """No label of a peer of a NetworkPolicy is one that only this template knows, while all its others fit a pod.

    Without a matrix, nobody knows which peers are pods of a feature that is off. But such pods have their labels from
    another template; a key or a value that is written in no other is misspelt, and lets nobody in; nor does one of the
    usual keys that no pod of the release has, in a peer that is named after the release. Source:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    made: dict[tuple[str, str], Check] = {}
    pods = [pod for rendering in renderings for resources in rendering.stages for pod in workloads(resources)]
    known = {str(key) for pod in pods for key in template_labels(pod)}
    for rendering in renderings:
        for resources in rendering.stages:
            for resource in resources.of_kind("NetworkPolicy"):
                own, others = _texts(rendering.chart, resource.template)
                for selection in peers(resource, resources, rendering.scenario) if own else ():
                    odd = [
                        label
                        for label in _nearly(selection, resources)
                        if not pods_found(selection, resources, rendering.scenario)
                        and any(word in own and word not in others for word in label[:2])
                    ]
                    if known and not odd and not pods_found(selection, resources, rendering.scenario):
                        odd = [*_strange(selection, known, rendering.scenario.release)]
                    actual = "; ".join(f"{key}: {value}, where {says}" for key, value, says in odd[:1])
                    expected = "labels that pods have, or that some other template writes"
                    check = states(selection.place, not odd, expected=expected, actual=actual or "they are")
                    made.setdefault((resource.template, check.path + actual), check)
    yield from made.values()


def _nearly(selection: PodSelection, resources: Resources) -> Iterator[tuple[str, str, str]]:
    """Give the one label by which a selection misses pods, whose name and value are texts, and what those have."""
    wanted = map_of(map_of(selection.selector).get("matchLabels"))
    for workload in workloads(resources) if len(wanted) > 1 else ():
        labels = template_labels(workload)
        wrong = [(key, value) for key, value in wanted.items() if labels.get(key) != value]
        if len(wrong) == 1 and workload.namespace in selection.namespaces:
            yield str(wrong[0][0]), str(wrong[0][1]), f"{workload.identity.label} has another"


def _strange(selection: PodSelection, known: set[str], release: str) -> Iterator[tuple[str, str, str]]:
    """Give the labels of a selection that is named after the release whose usual keys no pod of it has."""
    wanted = map_of(map_of(selection.selector).get("matchLabels"))
    for key, value in wanted.items() if release in wanted.values() else ():
        if str(key) not in known and str(key).startswith(_USUAL):
            yield str(key), str(value), "no pod of the release has it"


def _texts(chart: Chart, template: str) -> tuple[str, str]:
    """Give the text of a template of the chart itself, and that of all others and of its values."""
    name = template.partition("/")[2]
    others = [text for path, text in chart.templates.items() if path != name]
    others += [text for subchart in chart.subcharts for text in subchart.templates.values()]
    values = json.dumps([chart.own_values, *(subchart.own_values for subchart in chart.subcharts)], default=str)
    return chart.templates.get(name, ""), "\n".join([*others, values])


def _misspelt(value: str, there: str, key: str = "component") -> tuple[Edit, ...]:
    """Give the NetworkPolicy another label, as its template writes it."""

    def from_templates(rendering: Rendering) -> Rendering:
        for number, resource in enumerate(rendering.resources):
            name = "policy" if resource.kind == "NetworkPolicy" else "pods"
            rendering.resources[number] = dataclasses.replace(resource, template=f"literal/templates/{name}.yaml")
        return rendering

    return (
        put("NetworkPolicy data", "spec.ingress[0].from[0].podSelector.matchLabels", {"app": "shop", key: value}),
        remade(from_templates),
        of_chart(templates={"templates/policy.yaml": f"{key}: {value}", "templates/pods.yaml": f"component: {there}"}),
    )


network_peers_are_spelt_right.breaks(
    manifests=PEERS,
    a_value_that_no_pod_has=_misspelt("wbe", "web"),
    keys_that_no_pod_of_the_release_has=(
        put("NetworkPolicy data", "spec.ingress[0].from[0].podSelector.matchLabels", {"release": "release-name"}),
        *_misspelt("web", "web")[1:],
    ),
    a_key_that_no_pod_has=_misspelt("web", "web", "componnt"),
)
