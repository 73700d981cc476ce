"""Scaling: how many pods there are is decided in one place, and some of them can go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.field_rules.rules_of_workloads import is_zero
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.links.label_selectors import (
    labels_of_each_pod,
    matches_label_selector,
    may_have,
    protected_pods,
)
from chartgate.kubernetes.links.replica_counts import fewest_pods, scaled_workloads, share_of_pods
from chartgate.kubernetes.pods.workloads import containers
from chartgate.matrix.derivations.set_in_ci import names_key
from chartgate.model import Check, Identity, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import added, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web, tier: web, release: one}}, spec: {containers: [{name: web}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {minReplicas: 2, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  replicas: 3
  selector: {matchLabels: {app: worker}}
  template: {metadata: {labels: {app: worker, release: one}}, spec: {containers: [{name: worker}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store-a}
spec:
  selector: {matchLabels: {app: store, zone: a}}
  template: {metadata: {labels: {app: store, zone: a}}, spec: {containers: [{name: store}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store-b}
spec:
  selector: {matchLabels: {app: store, zone: b}}
  template: {metadata: {labels: {app: store, zone: b}}, spec: {containers: [{name: store}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {metadata: {labels: {tier: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: worker}
spec: {minAvailable: 2, selector: {matchLabels: {app: worker}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: store}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: store}}}
"""
_WITHOUT_SCALE = ("DaemonSet", "Job", "CronJob", "Pod")
"""What has no number of pods to compare a budget with: Kubernetes asks the owner of a pod for its `scale`."""


@policy(
    severity="error",
    remediation="Leave `replicas` out where the workload is autoscaled: `{{- if not .Values.autoscaling.enabled }}`.",
)
def autoscaled_workloads_set_no_replicas(rendering: Rendering) -> Iterator[Check]:
    """What an autoscaler scales has no `replicas` of its own.

    Each upgrade, and each sync of a GitOps tool, would set the number back, whatever the load.
    Source: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
    """
    for resources in rendering.stages:
        for autoscaler in resources:
            for target in scaled_workloads(autoscaler):
                workload = find(resources, target.kind, target.name, target.namespace)
                if workload is not None:
                    replicas = workload / "spec" / "replicas"
                    expected = f"no replicas: {autoscaler.kind} {autoscaler.name} sets them"
                    yield states(replicas, not replicas.is_set, expected=expected)


autoscaled_workloads_set_no_replicas.breaks(
    manifests=HEALTHY,
    the_deployment_says_it_as_well=put("Deployment web", "spec.replicas", 1),
    keda_scales_what_has_a_number=(
        put("Deployment web", "spec.replicas", 1),
        added(
            "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: w},"
            " spec: {scaleTargetRef: {name: web}}}"
        ),
    ),
)


@policy(severity="error", remediation="Name the workload of each autoscaler by the component that it is of.")
def workloads_have_one_autoscaler(rendering: Rendering) -> Iterator[Check]:
    """No workload is scaled by two autoscalers.

    They set the number of its pods in turn, and the workload that one of them was meant for is scaled by nobody.
    Source: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
    """
    for resources in rendering.stages:
        scaling: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        for autoscaler in resources:
            for target in scaled_workloads(autoscaler):
                scaling[target.kind, target.name, target.namespace].append(autoscaler)
        for (kind, name, _), found in scaling.items():
            others = ", ".join(autoscaler.identity.label for autoscaler in found[:-1])
            expected = f"a workload that no other scales: {others} scales {kind} {name}" if others else "one of its own"
            yield states(found[-1] / "spec" / "scaleTargetRef" / "name", not others, expected=expected, actual=name)


workloads_have_one_autoscaler.breaks(
    manifests=HEALTHY,
    the_second_one_names_the_first=added(
        "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: worker},"
        " spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}"
    ),
)


@policy(severity="error", remediation="Let the budget give up one pod, or ask for one pod more.")
def budgets_leave_room_for_a_drain(rendering: Rendering) -> Iterator[Check]:
    """Every PodDisruptionBudget lets at least one of its pods go.

    With `minAvailable: 1` over one pod, `100%` or `maxUnavailable: 0`, no node with such a pod can be drained: the
    upgrade of the cluster waits for ever. Percents are rounded up. What a file in ci/ sets is what it is to show.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#identify-the-application-to-protect
    """
    for resources in rendering.stages:
        for budget in resources.of_kind("PodDisruptionBudget"):
            covered = [workload for workload in _covered(budget, resources) if workload.kind not in _WITHOUT_SCALE]
            counts = [fewest_pods(workload, resources) for workload in covered]
            known = [count for count in counts if count is not None]
            pods = sum(known) if known and len(known) == len(counts) else None
            if covered and pods != 0:
                whose = " and ".join(workload.identity.label for workload in covered)
                yield from _room(budget, pods, whose, rendering.scenario)


def _room(budget: Resource, pods: int | None, whose: str, scenario: Scenario) -> Iterator[Check]:
    """Compare what a budget keeps with the pods that there are at least, None where nobody can know."""
    for field in ("minAvailable", "maxUnavailable"):
        place = budget / "spec" / field
        if not place.is_set or names_key(scenario, field):
            continue
        if field == "maxUnavailable":
            passed, expected = not is_zero(place.value), "at least 1"
        elif pods is None:
            passed, expected = place.value != "100%", f"fewer than all pods of {whose}"
        else:
            kept = share_of_pods(place.value, pods, up=True)
            passed = kept is None or kept < pods
            expected = f"fewer than the {pods} pod{'s' * (pods != 1)} of {whose}"
        yield states(place, passed, expected=f"{expected}, so that a node can be drained")


budgets_leave_room_for_a_drain.breaks(
    manifests=HEALTHY,
    all_of_them_must_stay=put("PodDisruptionBudget worker", "spec.minAvailable", 3),
    two_thirds_and_more_are_all=put("PodDisruptionBudget worker", "spec.minAvailable", "67%"),
    none_may_go=put("PodDisruptionBudget store", "spec.maxUnavailable", 0),
    half_of_two_and_a_bit=put("PodDisruptionBudget web", "spec.minAvailable", "51%"),
)


@policy(
    severity="error",
    remediation="Select by labels that only the pods of one workload have, such as app.kubernetes.io/component.",
)
def budgets_cover_one_workload(rendering: Rendering) -> Iterator[Check]:
    """A PodDisruptionBudget covers the pods of one workload, and no pod has two budgets.

    Of two workloads, all pods of the one may go while those of the other count, or none of the one while the other is
    ill; parts of one that only differ in zone or number (their containers are named alike) may share a budget. Pods
    of Jobs have no number that a percent or maxUnavailable could be compared with, and a pod with two budgets cannot
    be evicted at all. Source:
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors
    """
    for resources in rendering.stages:
        budgets = resources.of_kind("PodDisruptionBudget")
        covered = {budget.identity: _covered(budget, resources) for budget in budgets}
        having: dict[Identity, set[Identity]] = defaultdict(set)
        for budget_of, found in covered.items():
            for workload in found:
                having[workload.identity].add(budget_of)
        names = {budget.identity: budget.name for budget in budgets}
        for budget in budgets:
            found = covered[budget.identity]
            if found:
                yield states(
                    budget / "spec" / "selector",
                    _are_alike(found) or _share_pods(found),
                    expected="the labels of the pods of one workload",
                    actual=", ".join(workload.identity.label for workload in found),
                )
            sharing = set[Identity]().union(*(having[workload.identity] for workload in found)) - {budget.identity}
            others = [name for identity, name in names.items() if identity in sharing] if sharing else []
            if others:
                actual = f"those of {', '.join(workload.identity.label for workload in found)} have {', '.join(others)}"
                yield states(budget / "spec" / "selector", False, expected="pods with no other budget", actual=actual)


budgets_cover_one_workload.breaks(
    manifests=HEALTHY,
    it_covers_the_worker_as_well=put("PodDisruptionBudget web", "spec.selector.matchLabels", {"release": "one"}),
    it_covers_a_job_as_well=put(
        "PodDisruptionBudget web", "spec.selector", {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}
    ),
    two_budgets_for_one=put("PodDisruptionBudget store", "spec.selector", {"matchLabels": {"app": "worker"}}),
)


def _covered(budget: Resource, resources: Resources) -> list[Resource]:
    """Give the workloads whose pods a budget covers, but for hooks, such as tests, which are soon gone."""
    return [
        workload
        for selection in protected_pods(budget)
        for workload in may_have(map_of(selection.selector).get("matchLabels"), selection.namespaces, resources)
        if not is_hook(workload)
        and any(matches_label_selector(selection.selector, labels) for labels in labels_of_each_pod(workload))
    ]


def _share_pods(found: list[Resource]) -> bool:
    """Tell whether the workloads themselves do not tell their pods apart, as workloads_share_no_pods tells."""
    return any(
        matches_label_selector(map_of(one.at("spec.selector")), labels)
        for one in found
        for other in found
        if other is not one and one.at("spec.selector")
        for labels in labels_of_each_pod(other)
    )


def _are_alike(found: list[Resource]) -> bool:
    """Tell whether workloads are one, or parts of one: of one kind, their containers named alike."""
    return len({(workload.kind, *(container.name for container in containers(workload))) for workload in found}) == 1
