"""Selectors: a workload finds its own pods, no others, and the same ones after every upgrade."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.documents.misspellings import nearly
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.walking import nodes
from chartgate.kubernetes.changes.lifecycle import annotation_words, is_test
from chartgate.kubernetes.links.label_selectors import matches_label_selector, may_have, template_labels
from chartgate.kubernetes.links.replica_counts import autoscalers_of
from chartgate.kubernetes.links.service_backends import open_ports, pods_of, target_of
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.kubernetes.version_labels import VERSION_LABELS, versions_of
from chartgate.model import Chart, Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

from ..healthy.release import HEALTHY

WITH_THE_LABELS_OF_WEB = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}
"""
SELECTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_TELLING_OWN_PODS = ("Deployment", "StatefulSet")
_JOBS = ("Job", "CronJob")
_AFTER_ALL_SERVICES = ("post-delete",)
"""The events of a hook whose pods are there when no Service of the release is any longer."""


@policy(judges=each(*SELECTING), severity="error", remediation="Make selector and pod labels from one named template.")
def selectors_match_their_own_pods(workload: Resource) -> Iterator[Check]:
    """The selector of a workload matches the labels of its own pods.

    The API server refuses the workload otherwise.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
    """
    selector = workload / "spec" / "selector"
    passed = bool(selector.map) and matches_label_selector(selector.map, template_labels(workload))
    yield states(selector, passed, expected=f"matches {template_labels(workload)}")


selectors_match_their_own_pods.breaks(
    manifests=HEALTHY,
    a_label_of_the_pods_differs=put("Deployment web", "spec.template.metadata.labels.app", "site"),
    an_expression_excludes_them=put(
        "StatefulSet data",
        "spec.selector.matchExpressions",
        [{"key": "app", "operator": "NotIn", "values": ["data"]}],
    ),
    there_is_no_selector=gone("Deployment web", "spec.selector"),
    the_selector_is_a_list=put("Deployment web", "spec.selector", ["app"]),
)


@policy(severity="error", remediation="Add a label to selector and pods that the other workload does not have.")
def workloads_share_no_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of a workload matches no pod of another workload in its namespace, a Job's included.

    Two controllers that count each other's pods scale wrongly, and `kubectl logs deployment/...` shows the wrong pod.
    A pod of `helm test` or of a Job is there for a while, and is taken over by no Deployment, whose pods have a hash,
    and by no StatefulSet, whose pods have a number: a Job's are in the way of an autoscaler that measures them. Its
    selector cannot change in an upgrade. DaemonSets for nodes of different systems never meet.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
    """
    for resources in rendering.stages:
        for workload in resources.of_kind(*SELECTING):
            selector = workload / "spec" / "selector"
            wanted = selector.map.get("matchLabels")
            others = [
                str(other.identity)
                for other in (may_have(wanted, (workload.namespace,), resources) if selector.map else ())
                if other.identity != workload.identity
                and not _are_on_other_nodes(workload, other)
                and _counts(workload, other, resources)
                and matches_label_selector(selector.map, template_labels(other))
            ]
            expected = "matches no pod of another workload"
            check = states(selector, not others, expected=expected, actual=others or "none")
            # What two workloads say of each other is said once.
            yield with_cause(check, f"the pods of {', '.join(sorted([str(workload.identity), *others]))}")


def _counts(workload: Resource, other: Resource, resources: Resources) -> bool:
    """Tell whether a workload whose selector matches the pods of another one has to do with them."""
    if workload.kind not in _TELLING_OWN_PODS or not (is_test(other) or other.kind in _JOBS):
        return True
    return not is_test(other) and bool(autoscalers_of(workload, resources))


def _are_on_other_nodes(one: Resource, two: Resource) -> bool:
    """Tell whether two DaemonSets are for nodes that differ in a label, as those of Linux and Windows do."""
    if (one.kind, two.kind) != ("DaemonSet", "DaemonSet"):
        return False
    first, second = (map_of(workload.at("spec.template.spec.nodeSelector")) for workload in (one, two))
    return any(first[key] != second[key] for key in first.keys() & second.keys())


workloads_share_no_pods.breaks(
    manifests=HEALTHY,
    two_workloads_have_the_same_labels=added(WITH_THE_LABELS_OF_WEB),
    an_autoscaler_measures_the_pods_of_a_job=(
        put(
            "Deployment web",
            "spec.selector",
            {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "migrate"]}]},
        ),
        added(
            "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web},"
            " spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}"
        ),
    ),
)


@policy(
    severity="error", remediation="Add a label to the Service's selector, and to its pods, that the Job's have not."
)
def services_leave_jobs_out(rendering: Rendering) -> Iterator[Check]:
    """A Service that leads to the pods of a workload leads to none of a Job or a CronJob.

    A pod of a Job is ready from its first second, listens to nothing, and gets its share of the requests. It is a
    warning where each port of the Service has a name, and the pod none of them: until it has one, it is no endpoint.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """
    for resources in rendering.stages:
        for service in resources.of_kind("Service"):
            pods = pods_of(service, resources)
            # Of a Job whose pods another of these workloads counts as its own, workloads_share_no_pods tells.
            jobs = [
                job
                for job in pods
                if job.kind in _JOBS
                and annotation_words(job, "helm.sh/hook") != _AFTER_ALL_SERVICES
                and not any(
                    one.kind in SELECTING
                    and one.at("spec.selector")
                    and _counts(one, job, resources)
                    and matches_label_selector(map_of(one.at("spec.selector")), template_labels(job))
                    for one in pods
                )
            ]
            if any(workload.kind not in _JOBS for workload in pods):
                actual = ", ".join(str(job.identity) for job in jobs) or "none"
                told = states(service / "spec" / "selector", not jobs, expected="finds no pod of a Job", actual=actual)
                is_asked = not jobs or any(_is_an_endpoint(job, service) for job in jobs)
                yield told if is_asked else dataclasses.replace(told, severity="warning")


def _is_an_endpoint(job: Resource, service: Resource) -> bool:
    """Tell whether a Service leads to pods that it selects: by a number, by a port of theirs, or to all by its name."""
    targets = [target_of(port) for port in maps_in(service.at("spec.ports"))]
    names = {port.get("name") for port in open_ports(job)}
    is_led_there = any(not isinstance(target, str) or target in names for target in targets)
    return is_led_there or service.at("spec.clusterIP") == "None"


services_leave_jobs_out.breaks(
    manifests=HEALTHY,
    the_service_finds_the_pods_of_a_job=put("Service web", "spec.selector", {"release": "one"}),
    its_only_name_is_that_of_the_pods=(
        put("Service web", "spec.selector", {"release": "one"}),
        put("Service web", "spec.clusterIP", "None"),
    ),
)


@policy(
    judges=each(*SELECTING, "Service", "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"),
    severity="error",
    remediation="Select by name, instance and component only.",
)
def selectors_carry_no_version(resource: Resource, chart: Chart) -> Iterator[Check]:
    """No selector holds the version of a chart or of its application, alone or as a part of a value.

    The selector of a workload is immutable, so the next version could not be installed over this one; that of a
    Service would lose the pods of the old version before those of the new one are there, and a policy or a budget
    would no longer cover them. Nor has that of a workload the tag of one of its images. A Service whose name has the
    version in it is that version's own.
    Source: https://helm.sh/docs/chart_best_practices/labels/
    """
    tags = [image_reference((container / "image").value).tag for container in containers_if_any(resource)]
    versions = [version for version in dict.fromkeys([*versions_of(chart), *tags]) if "." in version]
    if resource.kind == "Service" and any(version.replace(".", "-") in resource.name for version in versions):
        return
    spec = resource / "spec"
    selector = spec / ("podSelector" if resource.kind == "NetworkPolicy" else "selector")
    labels = selector if resource.kind == "Service" else selector / "matchLabels"
    listed = [
        (rule.map.get("key"), value) for rule in (selector / "matchExpressions").maps() for value in rule / "values"
    ]
    for key, value in (*labels.entries(), *listed):
        passed = key not in VERSION_LABELS and not any(_holds(str(value.value), version) for version in versions)
        check = states(value, passed, expected="a label that is the same in every version")
        yield with_cause(check, f"selector of {resource.kind} {resource.name}")


def _holds(text: str, version: str) -> bool:
    """Tell whether a version is a part of a text, and not of a longer number in it."""
    before, there, after = text.partition(version)
    is_longer = before.rstrip(".")[-1:].isdigit() or after[:1].isdigit() or (after[:1] == "." and after[1:2].isdigit())
    return bool(there) and not is_longer


selectors_carry_no_version.breaks(
    manifests=HEALTHY,
    the_chart_label_selects=put("Deployment web", "spec.selector.matchLabels[helm.sh/chart]", "web-1"),
    a_value_ends_in_the_version=put(
        "PodDisruptionBudget web", "spec.selector.matchLabels", {"app": "web", "track": "web-v0.0.0"}
    ),
    the_version_selects_under_another_name=put("Service web", "spec.selector.release-of", "0.0.0"),
)


@policy(severity="error", remediation="Write the value as the pods have it.")
def listed_labels_are_spelt_right(rendering: Rendering) -> Iterator[Check]:
    """No value that an expression lists for a label is nearly that of pods of the release, and that of none.

    `In [api, ingestor]` finds the pods of api, so that nothing looks wrong, and never those of the ingester. Of a part
    that is off, nobody has the value, and nothing is near it. Source:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement
    """
    for resources in rendering.stages:
        lists = [found for resource in resources for found in resource.made(_lists)]
        known: dict[str, set[str]] = defaultdict(set)
        for workload in workloads(resources) if lists else ():
            for key, value in template_labels(workload).items():
                known[key].add(str(value))
        for place, key, listed in lists:
            there = known.get(key, set())
            for value in [value for value in listed if value not in there]:
                meant = [near for near in nearly(value, sorted(there)) if near not in listed]
                expected = f"values that pods have: {meant[0]}" if meant else "values that pods have"
                yield states(place, not meant, expected=expected, actual=value)


def _lists(resource: Resource) -> tuple[tuple[Place[Resource], str, list[str]], ...]:
    """Give the values that expressions list for a label: where they are, and the label."""
    return tuple(
        (resource.place(join(*keys, "values")), str(rule.get("key")), texts_in(rule.get("values")))
        for keys, rule in nodes(resource.manifest)
        if "matchExpressions" in keys[-2:-1] and isinstance(rule, dict) and rule.get("operator") == "In"
    )


listed_labels_are_spelt_right.breaks(
    manifests=HEALTHY,
    a_budget_names_nobody_with_a_slip=put(
        "PodDisruptionBudget web",
        "spec.selector",
        {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["fornt", "back"]}]},
    ),
)
