"""Warnings of the API server: it takes the object, and part of it does not do what it says."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.field_rules.rule_table import judged_parts, rules_by_part
from chartgate.kubernetes.field_rules.rules_of_warnings import RULES_OF_WARNINGS
from chartgate.model import Check, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      initContainers: [{name: prepare, image: "example.com/web:1", ports: [{name: http, containerPort: 8080}]}]
      containers:
        - name: web
          image: example.com/web:1
          ports: [{name: http, containerPort: 8080}]
          resources: {requests: {cpu: 250m, memory: 0.5Gi}, limits: {memory: 1Gi}}
        - {name: proxy, image: "example.com/proxy:1", ports: [{name: proxy, containerPort: 8081}]}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
"""
_RULES = rules_by_part(*RULES_OF_WARNINGS)
POD = "spec.template.spec"


@policy(
    judges=each(),
    severity="warning",
    remediation="Correct the field that the finding names: the API server takes it, and it does something else.",
)
def the_api_server_warns_of_nothing(resource: Resource) -> Iterator[Check]:
    """Nothing is rendered that the API server takes with a warning, because it does nothing or something else.

    Memory in thousandths of a byte (`500m` for `500Mi`), two containers of a pod that call their ports alike, labels
    that nodes no longer have, and so on: the rows of `RULES_OF_WARNINGS`. Helm prints such a warning once, at the
    installation. Source: https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/api
    """
    for judged in judged_parts(resource, _RULES):
        for rule, breach in judged.broken:
            check = states(breach.place, False, expected=rule.demand, actual=breach.found)
            yield with_cause(check, breach.found) if rule.is_of_values else check
        if not judged.broken:
            yield states(judged.place, True, expected="nothing to warn of")


the_api_server_warns_of_nothing.breaks(
    manifests=HEALTHY,
    memory_in_thousandths_of_a_byte=put("Deployment web", f"{POD}.containers[web].resources.requests.memory", "512m"),
    a_second_port_of_the_same_name=put("Deployment web", f"{POD}.containers[proxy].ports[proxy].name", "http"),
    two_containers_of_one_port=append(
        "Deployment web", f"{POD}.containers[proxy].ports", {"name": "other", "containerPort": 8080}
    ),
    a_label_that_nodes_had=put("Deployment web", f"{POD}.nodeSelector", {"beta.kubernetes.io/os": "linux"}),
    a_spread_that_counts_nothing=put("Deployment web", f"{POD}.topologySpreadConstraints[0].labelSelector", None),
    affinity_of_a_headless_service=put("Service web", "spec.sessionAffinity", "ClientIP"),
)
