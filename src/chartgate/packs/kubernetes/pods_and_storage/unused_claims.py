"""Unused claims: storage that is asked for is mounted by somebody."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.walking import strings
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"""


@policy(
    severity="warning",
    remediation="Mount the claim, or render it under the condition under which it is mounted.",
)
def claims_are_mounted(rendering: Rendering) -> Iterator[Check]:
    """Every PersistentVolumeClaim that is rendered is named by something else.

    Else it waits for its first pod, or holds a volume that is paid for and has no data: most often the claim and the
    volume of the pod have different conditions. Source:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
    """
    for resources in rendering.stages:
        claims = list(resources.of_kind("PersistentVolumeClaim"))
        named = _named(resources) if claims else set()
        templates = _of_stateful_sets(resources) if claims else ()
        for claim in claims:
            passed = claim.name in named or claim.name.startswith(templates)
            yield states(claim / "metadata" / "name", passed, expected="named by a volume of some pod")


def _named(resources: Resources) -> set[str]:
    """Give the claims that pods name, or other claims as what they copy, and every text of a kind of somebody else."""
    return {name for resource in resources for name in resource.made(_named_in)}


def _named_in(resource: Resource) -> frozenset[str]:
    is_elses = _is_elses(resource)
    return frozenset(
        text
        for keys, text in strings(resource.manifest)
        if is_elses or keys[-1:] == ("claimName",) or keys[-2:] == ("dataSource", "name")
    )


def _is_elses(resource: Resource) -> bool:
    """Tell whether a kind is not one of Kubernetes: what an operator reads names a claim in a field of its own."""
    group = str(resource.at("apiVersion")).rpartition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def _of_stateful_sets(resources: Resources) -> tuple[str, ...]:
    """Give how the names of claims begin that pods of StatefulSets take as theirs: `data-web-`."""
    return tuple(
        f"{template.at('metadata.name')}-{stateful.name}-"
        for stateful in resources.of_kind("StatefulSet")
        for template in (stateful / "spec" / "volumeClaimTemplates").maps()
    )


claims_are_mounted.breaks(
    manifests=HEALTHY,
    the_claim_has_another_name=put("PersistentVolumeClaim data", "metadata.name", "web-data"),
)
