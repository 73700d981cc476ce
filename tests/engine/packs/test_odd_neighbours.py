"""An object of an odd form costs no other one its judgement: whatever a policy finds, it finds beside such objects."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from chartgate.model import Check, Rendering, Resources
from chartgate.policy.loading import load_policies
from chartgate.policy.policy import Counterexample
from chartgate.policy.proofs import literal_renderings, made_by
from chartgate.policy.verdicts import checks_of
from chartgate.rendering.manifests import parse

EXAMPLES = [example for policy in load_policies(["kubernetes"]) for example in policy.counterexamples]
ODD = """---
# Source: odd/templates/odd.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: odd}, spec: text}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: odd}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: odd, labels: [a], annotations: [b]}, spec: {jobTemplate: null}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: odd}
spec: {template: {spec: {containers: text, volumes: [null], initContainers: [null, text, {}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: odd}
spec:
  containers:
    - null
    - {name: [a], image: 5, env: text, envFrom: {a: b}, ports: [text], securityContext: [], volumeMounts: [null]}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: odd}, data: [text], binaryData: text}
---
apiVersion: v1
kind: Secret
metadata: {name: odd}
data: {a: "not base64", b: 5, c: null}
stringData: text
type: [a]
---
{apiVersion: v1, kind: Secret, metadata: {name: odd2}, data: [a]}
---
{apiVersion: v1, kind: Service, metadata: {name: odd}, spec: null}
---
apiVersion: v1
kind: Service
metadata: {name: odd2}
spec: {selector: [a], ports: [null, {port: x, targetPort: [a]}]}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: odd}, secrets: text, imagePullSecrets: [null]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: odd}
rules: [null, {verbs: text, apiGroups: 5}]
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: odd}, rules: text, aggregationRule: []}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: odd}
roleRef: text
subjects: [null, text, {kind: [a]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: odd}
spec:
  rules: [null, {http: text}, {http: {paths: [null, {backend: text}]}}]
  tls: text
  defaultBackend: []
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: odd}
spec: {podSelector: text, ingress: [null, {from: [null, {podSelector: text}]}], egress: text}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: odd}
spec: {selector: {matchExpressions: [null, {key: [a], values: text}], matchLabels: text}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: odd}
spec: {scaleTargetRef: text, metrics: [null, text]}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: odd}, spec: {resources: text, accessModes: 5}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: odd}
webhooks: [null, text, {clientConfig: text}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: odd}
spec: {versions: [null, {schema: text}], names: text}
---
{apiVersion: v1, kind: Namespace, metadata: {name: odd-namespace, labels: text}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: odd}
spec: {to: text, port: [a], host: 5, tls: text}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: odd}
spec: {selector: text, endpoints: [null, text]}
"""


def broken(example: Counterexample) -> list[Rendering]:
    """Give what a counterexample makes of healthy renderings."""
    copies = [dataclasses.replace(copy.deepcopy(r), scenario=r.scenario) for r in literal_renderings(example)]
    return made_by(example, copies)


def beside_odd_ones(rendering: Rendering) -> Rendering:
    """Put the odd objects in front of all others."""
    odd = parse(ODD, rendering.scenario.namespace)
    return dataclasses.replace(
        rendering,
        resources=Resources([*odd, *rendering.resources]),
        after_hooks=Resources([*odd, *rendering.after_hooks]),
    )


def said(finding: Check) -> tuple[str, str, str]:
    return finding.subject, finding.path, repr(finding.expected)


@pytest.mark.parametrize("example", EXAMPLES, ids=map(str, range(len(EXAMPLES))))
def test_findings_are_the_same_beside_odd_objects(example: Counterexample) -> None:
    renderings = broken(example)
    alone = {said(check) for check in checks_of(example.policy, renderings) if not check.passed}
    beside = {
        said(check) for check in checks_of(example.policy, [*map(beside_odd_ones, renderings)]) if not check.passed
    }
    assert alone
    assert alone - beside == set(), example
