"""Claims: a claim that one node mounts at a time has no second pod that waits for it."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.field_rules.rules_of_workloads import is_zero
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.links.replica_counts import most_pods
from chartgate.kubernetes.pods.workloads import pod_if_any
from chartgate.matrix.derivations.set_in_ci import names_text
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: site}
spec:
  replicas: 2
  selector: {matchLabels: {app: site}}
  template:
    metadata: {labels: {app: site}}
    spec:
      containers: [{name: site}]
      volumes:
        - {name: files, persistentVolumeClaim: {claimName: files}}
        - {name: own, persistentVolumeClaim: {claimName: made-by-hand}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce, ReadWriteMany], resources: {requests: {storage: 1Gi}}}
"""
_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


@policy(
    severity="error",
    remediation="Set `strategy.type: Recreate`, or maxSurge 0; for several pods, a StatefulSet or ReadWriteMany.",
)
def claims_of_one_node_have_one_pod(rendering: Rendering) -> Iterator[Check]:
    """A claim that is ReadWriteOnce has one pod at a time, at a rollout as well.

    A Deployment that rolls starts the new pod before the old one ends: on another node, it waits for the volume
    (Multi-Attach error), and the rollout never ends. So do further replicas, of a StatefulSet as well, and the pods of
    a DaemonSet. A claim that is not rendered may be shared. Source:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    """
    for resources in rendering.stages:
        for workload in resources.of_kind("Deployment", "DaemonSet", "StatefulSet"):
            for claim in _of_one_node(workload, resources):
                found = texts_in(claim.at("spec.accessModes"))
                if all(names_text(rendering.scenario, mode) for mode in found):
                    continue  # a file in ci/ may have no better volumes
                modes = f"PersistentVolumeClaim {claim.name} is {', '.join(found)}"
                if workload.kind == "DaemonSet":
                    yield states(workload.place(), False, expected=f"one pod: {modes}", actual="a pod on each node")
                    continue
                pods, strategy = most_pods(workload, resources), workload / "spec" / "strategy"
                if pods > 1 or workload.kind == "StatefulSet":  # which ends the old pod before the new one starts
                    yield states(workload / "spec" / "replicas", pods <= 1, expected=f"one pod: {modes}", actual=pods)
                    continue
                surge = strategy.at("rollingUpdate.maxSurge")
                passed = strategy.at("type") == "Recreate" or is_zero(surge)
                actual = f"{strategy.at('type') or 'RollingUpdate'}, maxSurge {surge or '25%, its default'}"
                yield states(strategy, passed, expected=f"Recreate, or maxSurge 0: {modes}", actual=actual)


claims_of_one_node_have_one_pod.breaks(
    manifests=HEALTHY,
    it_rolls_by_default=gone("Deployment web", "spec.strategy"),
    it_surges=put("Deployment web", "spec.strategy", {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}),
    it_has_two_pods=put("Deployment web", "spec.replicas", 2),
    it_has_the_claim_of_another=put(
        "Deployment site", "spec.template.spec.volumes[files].persistentVolumeClaim.claimName", "data"
    ),
    a_pod_on_each_node=put("Deployment web", "kind", "DaemonSet"),
)


def _of_one_node(workload: Resource, resources: Resources) -> Iterator[Resource]:
    """Give the rendered claims of a workload that only one node may mount to write."""
    for volume in (pod_if_any(workload) / "volumes").maps():
        name = volume.at("persistentVolumeClaim.claimName")
        claim = find(resources, "PersistentVolumeClaim", str(name), workload.namespace)
        modes = set(texts_in(claim.at("spec.accessModes"))) if claim is not None else set()
        if claim is not None and modes and modes <= _ONE_NODE:
            yield claim
