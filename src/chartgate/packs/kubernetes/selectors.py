"""Selectors: a workload finds its own pods, no others, and the same ones after every upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.kubernetes.links.existence import stages
from chartgate.kubernetes.links.label_selectors import finds, pod_labels
from chartgate.kubernetes.links.service_backends import pods_of
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.model import Chart, Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app.kubernetes.io/version: "1"}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data}
spec:
  selector: {matchLabels: {app: data}, matchExpressions: [{key: app, operator: Exists}]}
  template:
    metadata: {labels: {app: data}}
    spec: {containers: [{name: data}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    metadata: {labels: {app: migrate}}
    spec: {containers: [{name: migrate}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
SELECTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
VERSION_LABELS = ("helm.sh/chart", "app.kubernetes.io/version")
RECOMMENDED = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by")


@policy(severity="error", remediation="Make selector and pod labels from one named template.")
def selectors_match_their_own_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of a workload matches the labels of its own pods.

    The API server refuses the workload otherwise.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
    """
    for workload in rendering.resources.of_kind(*SELECTING):
        selector = workload.at("spec.selector")
        passed = isinstance(selector, dict) and bool(selector) and finds(selector, pod_labels(workload))
        expected = f"matches {pod_labels(workload)}"
        yield states(workload, "spec.selector", passed, expected=expected, actual=selector)


@selectors_match_their_own_pods.counterexample(manifests=HEALTHY)
def a_label_of_the_pods_differs(rendering: Rendering) -> Rendering:
    _labels(rendering, "Deployment", "web")["app"] = "site"
    return rendering


@selectors_match_their_own_pods.counterexample(manifests=HEALTHY)
def an_expression_excludes_them(rendering: Rendering) -> Rendering:
    selector = rendering.resources.one("StatefulSet", "data").manifest["spec"]["selector"]
    selector["matchExpressions"] = [{"key": "app", "operator": "NotIn", "values": ["data"]}]
    return rendering


@selectors_match_their_own_pods.counterexample(manifests=HEALTHY)
def there_is_no_selector(rendering: Rendering) -> Rendering:
    del rendering.resources.one("Deployment", "web").manifest["spec"]["selector"]
    return rendering


@selectors_match_their_own_pods.counterexample(manifests=HEALTHY)
def the_selector_is_a_list(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "web").manifest["spec"]["selector"] = ["app"]
    return rendering


@policy(severity="error", remediation="Add a label to selector and pods that the other workload does not have.")
def workloads_share_no_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of a workload matches no pod of another workload in its namespace, a Job's included.

    Two controllers that count each other's pods scale wrongly, and `kubectl logs deployment/...` shows the wrong pod.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
    """
    for workload in rendering.resources.of_kind(*SELECTING):
        selector = workload.at("spec.selector")
        others = [
            str(other.identity)
            for other in workloads(rendering.resources)
            if other.identity != workload.identity
            and other.namespace == workload.namespace
            and isinstance(selector, dict)
            and selector
            and finds(selector, pod_labels(other))
        ]
        expected = "matches no pod of another workload"
        yield states(workload, "spec.selector", not others, expected=expected, actual=others or "none")


@workloads_share_no_pods.counterexample(manifests=HEALTHY)
def two_workloads_have_the_same_labels(rendering: Rendering) -> Rendering:
    _labels(rendering, "StatefulSet", "data")["app"] = "web"
    rendering.resources.one("StatefulSet", "data").manifest["spec"]["selector"]["matchLabels"]["app"] = "web"
    return rendering


@workloads_share_no_pods.counterexample(manifests=HEALTHY)
def the_pods_of_a_job_are_counted(rendering: Rendering) -> Rendering:
    # The finding is on the Deployment, whose selector is what has to change.
    _labels(rendering, "Job", "migrate")["app"] = "web"
    rendering.resources.one("Deployment", "web").manifest["spec"]["replicas"] = 2
    return rendering


@policy(
    severity="error", remediation="Add a label to the Service's selector, and to its pods, that the Job's have not."
)
def services_leave_jobs_out(rendering: Rendering) -> Iterator[Check]:
    """A Service that leads to the pods of a workload leads to none of a Job or a CronJob.

    A pod of a Job is ready from its first second, listens to nothing, and gets its share of the requests.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """
    for resources in stages(rendering):
        for service in resources.of_kind("Service"):
            pods = pods_of(service, resources)
            jobs = [str(workload.identity) for workload in pods if workload.kind in ("Job", "CronJob")]
            if len(pods) > len(jobs):
                expected = "finds no pod of a Job"
                yield states(service, "spec.selector", not jobs, expected=expected, actual=", ".join(jobs) or "none")


@services_leave_jobs_out.counterexample(manifests=HEALTHY)
def the_service_finds_the_pods_of_a_job(rendering: Rendering) -> Rendering:
    service = rendering.resources.one("Service", "web").manifest
    service["spec"]["selector"] = {"release": "one"}
    for kind, name in (("Deployment", "web"), ("Job", "migrate")):
        _labels(rendering, kind, name)["release"] = "one"
    return rendering


@policy(severity="error", remediation="Select by name, instance and component only.")
def selectors_carry_no_version(rendering: Rendering) -> Iterator[Check]:
    """No selector holds the version of a chart or of its application.

    The selector of a workload is immutable, so the next version could not be installed over this one; that of a
    Service would lose the pods of the old version before those of the new one are there.
    Source: https://helm.sh/docs/chart_best_practices/labels/
    """
    versions = {text for chart in _charts(rendering.chart) for text in _versions(chart)}
    for resource in rendering.resources.of_kind(*SELECTING, "Service"):
        address = "spec.selector" if resource.kind == "Service" else "spec.selector.matchLabels"
        selector = resource.at(address)
        for key, value in selector.items() if isinstance(selector, dict) else ():
            passed = key not in VERSION_LABELS and str(value) not in versions
            expected = "a label that is the same in every version"
            yield states(resource, join(*address.split("."), key), passed, expected=expected, actual=value)


@selectors_carry_no_version.counterexample(manifests=HEALTHY)
def the_chart_label_selects(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "web").manifest["spec"]["selector"]["matchLabels"]["helm.sh/chart"] = "web-1"
    return rendering


@selectors_carry_no_version.counterexample(manifests=HEALTHY)
def the_version_selects_under_another_name(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").manifest["spec"]["selector"]["release-of"] = rendering.chart.version
    return rendering


def _versions(chart: Chart) -> Iterator[str]:
    yield from (chart.version, f"{chart.name}-{chart.version}")
    app_version = str(chart.metadata.get("appVersion", ""))
    if "." in app_version:  # a single number may mean anything
        yield app_version


def _charts(chart: Chart) -> Iterator[Chart]:
    yield chart
    for subchart in chart.subcharts:
        yield from _charts(subchart)


def _labels(rendering: Rendering, kind: str, name: str) -> dict[str, Any]:
    labels: Any = rendering.resources.one(kind, name).at("spec.template.metadata.labels")
    return labels if labels is not ABSENT else {}


@policy(severity="warning", remediation="Put the chart's common labels on every object.")
def recommended_labels_are_set(rendering: Rendering) -> Iterator[Check]:
    """Every object carries the labels by which people and tools find what belongs together.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    for resource in rendering.resources:
        lacking = [label for label in RECOMMENDED if not resource.at(join("metadata", "labels", label))]
        yield states(resource, "metadata.labels", not lacking, expected=list(RECOMMENDED), actual=f"without {lacking}")


LABELLED = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: one, app.kubernetes.io/managed-by: Helm}
"""


@recommended_labels_are_set.counterexample(manifests=LABELLED)
def nobody_manages_it(rendering: Rendering) -> Rendering:
    del rendering.resources[0].manifest["metadata"]["labels"]["app.kubernetes.io/managed-by"]
    return rendering


@recommended_labels_are_set.counterexample(manifests=LABELLED)
def the_name_is_empty(rendering: Rendering) -> Rendering:
    rendering.resources[0].manifest["metadata"]["labels"]["app.kubernetes.io/name"] = ""
    return rendering


@recommended_labels_are_set.counterexample(manifests=LABELLED)
def it_has_null_for_labels(rendering: Rendering) -> Rendering:
    rendering.resources[0].manifest["metadata"]["labels"] = None
    return rendering
