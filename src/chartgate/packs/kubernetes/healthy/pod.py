"""A pod that every policy on pods accepts: what their counterexamples start from."""

from __future__ import annotations

from chartgate.policy.edits import Edit, of_chart

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: prepare
          image: example.com/prepare@sha256:4bc453b53cb3d914b45f4b250294236adba2c0e09ff6f03793949e7e39fd4cc1
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      containers:
        - name: web
          image: registry.example.com:5000/web:1.4.2
          ports: [{name: http, containerPort: 8080}]
          livenessProbe: {httpGet: {path: /, port: http}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumes: [{name: scratch, emptyDir: {}}]
"""
"""A Deployment of one restricted pod with an init container."""
_OF_POD = "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}"
_ENFORCING = """---
apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {pod-security.kubernetes.io/enforce: LEVEL}}
"""
RESTRICTED = HEALTHY + _ENFORCING.replace("LEVEL", "restricted")
"""The same, in a namespace that takes no other pods."""
RESTRICTED_CONTAINERS = RESTRICTED.replace("{allow", f"{{{_OF_POD}, allow")
"""The same, where both containers say what the pod says for them."""
PRIVILEGED = HEALTHY + _ENFORCING.replace("LEVEL", "privileged")
"""The same, in a namespace that takes any pod."""

POD = "spec.template.spec"
"""Where in it the pod spec is, its container and its init container."""
WEB = f"{POD}.containers[web]"
PREPARE = f"{POD}.initContainers[prepare]"


def admitting(constraint: str) -> Edit:
    """Give an edit that makes a chart admit these versions of Kubernetes."""
    return of_chart(metadata={"kubeVersion": constraint})
