"""Effects: fields that the API server takes without a word do what they are there for."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.field_rules.rule_table import judged_parts, rules_by_part
from chartgate.kubernetes.field_rules.rules_of_effects import RULES_OF_EFFECTS
from chartgate.kubernetes.field_rules.rules_of_programs import RULES_OF_PROGRAMS
from chartgate.model import Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    spec:
      terminationGracePeriodSeconds: 20
      topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone}]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]
      containers:
        - name: web
          lifecycle: {preStop: {exec: {command: [sh, -c, sleep 10]}}}
          volumeMounts: [{name: data, mountPath: /data}]
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: clean}, spec: {startingDeadlineSeconds: 60}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {}, ingress: [{ports: [{port: 80}], from: [{podSelector: {}}]}, {ports: [{port: 9090}]}]}
"""
_RULES = rules_by_part(*RULES_OF_EFFECTS, *RULES_OF_PROGRAMS)
_POD = "spec.template.spec"
_WEB = f"{_POD}.containers[web]"


@policy(
    judges=each(),
    severity="warning",
    remediation="Correct the field that the finding names: the API server takes it, and it has no effect, or another.",
)
def fields_have_their_effect(resource: Resource) -> Iterator[Check]:
    """No field is such that it cannot do what it is there for.

    A CronJob that is to start within seconds, a pod that is killed while its hook still waits, a topology by a label
    that no node has, storage that nobody may write to, peers of which there are none: the rows of
    `RULES_OF_EFFECTS` and `RULES_OF_PROGRAMS`. Source:
    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline
    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
    https://kubernetes.io/docs/reference/labels-annotations-taints/
    """
    for judged in judged_parts(resource, _RULES):
        for rule, breach in judged.broken:
            yield states(breach.place, False, expected=rule.demand, actual=breach.found)
        if not judged.broken:
            yield states(judged.place, True, expected="fields that have an effect")


fields_have_their_effect.breaks(
    manifests=HEALTHY,
    a_job_must_start_within_seconds=put("CronJob clean", "spec.startingDeadlineSeconds", 5),
    a_pod_is_killed_while_it_waits=put("StatefulSet web", f"{_POD}.terminationGracePeriodSeconds", 10),
    no_node_has_the_label=put(
        "StatefulSet web", f"{_POD}.topologySpreadConstraints[0].topologyKey", "kubernetes.io/host"
    ),
    the_list_of_peers_has_none=put("NetworkPolicy web", "spec.ingress[0].from", None),
    everybody_at_the_port_of_some=put("NetworkPolicy web", "spec.ingress[1].ports[0].port", 80),
    everything_goes_out_where_a_list_begins=put("NetworkPolicy web", "spec.egress", [{"to": None}]),
    nobody_may_write=put("StatefulSet web", f"{_WEB}.volumeMounts[0].readOnly", True),
)
