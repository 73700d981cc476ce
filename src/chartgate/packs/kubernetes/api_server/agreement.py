"""Agreement: fields that go together, as the API server itself demands it."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.field_rules.rule_table import RulesByPart, judged_parts, rules_by_part
from chartgate.kubernetes.field_rules.rules_of_containers import RULES_OF_CONTAINERS
from chartgate.kubernetes.field_rules.rules_of_networks import RULES_OF_NETWORKS
from chartgate.kubernetes.field_rules.rules_of_pods import RULES_OF_PODS
from chartgate.kubernetes.field_rules.rules_of_storage_and_access import RULES_OF_STORAGE_AND_ACCESS
from chartgate.kubernetes.field_rules.rules_of_workloads import RULES_OF_WORKLOADS
from chartgate.kubernetes.validity.list_keys import lists_with_keys
from chartgate.model import Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{operator: Exists}, {key: spot, value: "true", effect: NoExecute, tolerationSeconds: 30}]
      initContainers:
        - {name: prepare, image: "example.com/web:1"}
        - {name: proxy, image: "example.com/proxy:1", restartPolicy: Always, startupProbe: {tcpSocket: {port: 15000}}}
      containers:
        - name: web
          image: example.com/web:1
          ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53}]
          env:
            - {name: MODE, value: fast}
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}
          readinessProbe: {httpGet: {path: /, port: http}, tcpSocket: null}
          lifecycle: {preStop: {sleep: {seconds: 5}}}
      volumes: [{name: scratch, emptyDir: {}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec:
  schedule: "*/15 0-6 * * mon-fri"
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: clean, image: "example.com/web:1"}]}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: ClusterIP, selector: {app: web}, ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: lead}
rules:
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}
  - {apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [web], verbs: [create, get, update]}
"""
_OF_PODS = rules_by_part(*RULES_OF_CONTAINERS, *RULES_OF_PODS)
_OF_WORKLOADS = rules_by_part(*RULES_OF_WORKLOADS)
_OF_NETWORKS = rules_by_part(*RULES_OF_NETWORKS)
_OF_STORAGE_AND_ACCESS = rules_by_part(*RULES_OF_STORAGE_AND_ACCESS)
POD = "spec.template.spec"
WEB = f"{POD}.containers[web]"
ONE = (
    "Correct the field that the finding names: the API server refuses the object as it is, or drops the field. Where a"
    " value may replace a default, let the template leave the default out: helm merges maps, so that both are there."
)


@policy(judges=each(), severity="error", remediation=ONE)
def fields_of_pods_go_together(resource: Resource) -> Iterator[Check]:
    """Probes, hooks, variables, volumes, mounts and tolerations have fields that the API server takes together.

    Exactly one handler a probe, one source a volume and a variable, ports in their range, and so on: the rows of
    `RULES_OF_CONTAINERS` and `RULES_OF_PODS`. To the schemas, each field by itself is fine. Source:
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
    """
    yield from _checks(resource, _OF_PODS)


fields_of_pods_go_together.breaks(
    manifests=HEALTHY,
    a_probe_keeps_its_default_beside_the_other_handler=put(
        "Deployment web", f"{WEB}.readinessProbe.tcpSocket", {"port": 8080}
    ),
    a_probe_has_lost_its_handler=gone("Deployment web", f"{WEB}.readinessProbe.httpGet"),
    a_hook_is_empty=put("Deployment web", f"{WEB}.lifecycle.preStop", {}),
    a_port_is_too_large=put("Deployment web", f"{POD}.initContainers[proxy].startupProbe.tcpSocket.port", 80800),
    an_init_container_has_a_probe=put(
        "Deployment web", f"{POD}.initContainers[prepare].livenessProbe", {"exec": {"command": ["true"]}}
    ),
    a_variable_has_a_value_and_a_source=put("Deployment web", f"{WEB}.env[TOKEN].value", "t"),
    a_volume_has_two_sources=put("Deployment web", f"{POD}.volumes[scratch].persistentVolumeClaim", {"claimName": "a"}),
    a_toleration_has_no_key=gone("Deployment web", f"{POD}.tolerations[1].key"),
)


@policy(judges=each(), severity="error", remediation=ONE)
def fields_of_workloads_go_together(resource: Resource) -> Iterator[Check]:
    """Strategies, schedules, completions, metrics and budgets have fields that the API server takes together.

    No rollingUpdate under Recreate, pods of a Job that come to an end, no more minReplicas than maxReplicas, and so
    on: the rows of `RULES_OF_WORKLOADS`. Source: https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
    """
    yield from _checks(resource, _OF_WORKLOADS)


fields_of_workloads_go_together.breaks(
    manifests=HEALTHY,
    recreated_pods_roll=put("Deployment web", "spec.strategy.type", "Recreate"),
    no_pod_can_be_replaced=put("Deployment web", "spec.strategy.rollingUpdate.maxSurge", 0),
    the_pods_of_a_job_run_for_ever=gone("CronJob clean", "spec.jobTemplate.spec.template.spec.restartPolicy"),
    a_schedule_has_six_fields=put("CronJob clean", "spec.schedule", "0 */15 0-6 * * 1"),
    a_budget_says_both=put("PodDisruptionBudget web", "spec.minAvailable", 1),
    a_budget_says_neither=gone("PodDisruptionBudget web", "spec.maxUnavailable"),
    a_budget_is_a_number_in_quotes=put("PodDisruptionBudget web", "spec.maxUnavailable", "1"),
)


@policy(judges=each(), severity="error", remediation=ONE)
def fields_of_networks_go_together(resource: Resource) -> Iterator[Check]:
    """Services, Ingresses, NetworkPolicies and webhooks have fields that the API server takes together.

    No nodePort under ClusterIP, one port of a backend, an ipBlock alone, and so on: the rows of `RULES_OF_NETWORKS`.
    Source: https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
    """
    yield from _checks(resource, _OF_NETWORKS)


fields_of_networks_go_together.breaks(
    manifests=HEALTHY,
    a_port_of_the_node_under_cluster_ip=put("Service web", "spec.ports[http].nodePort", 30080),
    a_traffic_policy_under_cluster_ip=put("Service web", "spec.externalTrafficPolicy", "Local"),
    a_headless_load_balancer=put("Service web", "spec", {"type": "LoadBalancer", "clusterIP": "None", "ports": []}),
    an_exception_from_elsewhere=put("NetworkPolicy web", "spec.ingress[0].from[0].ipBlock.except", ["192.168.0.0/16"]),
    rules_that_count_for_nothing=put("NetworkPolicy web", "spec.policyTypes", ["Egress"]),
)


@policy(judges=each(), severity="error", remediation=ONE)
def fields_of_claims_and_roles_go_together(resource: Resource) -> Iterator[Check]:
    """Claims, roles, bindings, namespaces and definitions have fields that the API server takes together.

    A claim has a size and an access mode, a rule verbs and resources; no name restricts `create`, since no request to
    create has one: the rows of `RULES_OF_STORAGE_AND_ACCESS`. Source:
    https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
    """
    yield from _checks(resource, _OF_STORAGE_AND_ACCESS)


fields_of_claims_and_roles_go_together.breaks(
    manifests=HEALTHY,
    a_claim_without_a_size=gone("PersistentVolumeClaim data", "spec.resources"),
    a_claim_of_the_class_dash=put("PersistentVolumeClaim data", "spec.storageClassName", "-"),
    only_some_names_may_be_created=put("Role lead", "rules[0].resourceNames", ["web"]),
    a_rule_without_a_group=gone("Role lead", "rules[0].apiGroups"),
)


# Those that other policies judge: the names and the numbers of ports of parts_share_no_name, and the paths of
# every_mount_has_its_volume.
_ELSEWHERE = ("containers", "initContainers", "ephemeralContainers", "volumes", "volumeMounts", "volumeDevices")


@policy(
    judges=each(),
    severity="error",
    remediation="Render the item once; where two values make one list, leave out of the one what the other has.",
)
def list_items_have_their_own_key(resource: Resource) -> Iterator[Check]:
    """In a list whose items have a key, no two have the same: variables, ports, pull secrets, and so on.

    A server-side apply, helm 4's own, refuses the object; a merge keeps one of the two, and not always the same.
    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
    """
    for found in lists_with_keys(resource):
        field = found.place.address.rpartition(".")[2]
        if field not in _ELSEWHERE and not (resource.kind == "Service" and field == "ports"):
            expected = f"each {'/'.join(found.key)} once"
            actual = f"{', '.join(found.twice)} more than once" if found.twice else "each once"
            yield states(found.place, not found.twice, expected=expected, actual=actual)


list_items_have_their_own_key.breaks(
    manifests=HEALTHY,
    a_variable_is_rendered_twice=append("Deployment web", f"{WEB}.env", {"name": "MODE", "value": "fast"}),
    two_names_for_one_port=append("Deployment web", f"{WEB}.ports", {"name": "web", "containerPort": 8080}),
    a_pull_secret_twice=put("Deployment web", f"{POD}.imagePullSecrets", [{"name": "a"}, {"name": "a"}]),
)


def _checks(resource: Resource, rules: RulesByPart) -> Iterator[Check]:
    """Make a check of each rule that a part breaks, and one of a part that breaks none."""
    for part in judged_parts(resource, rules):
        for rule, breach in part.broken:
            yield states(breach.place, False, expected=rule.demand, actual=breach.found, is_omission=breach.is_omission)
        if not part.broken:
            demands = "; ".join(rule.demand for rule in part.rules)
            yield states(part.place, True, expected=demands, actual="they go together")
