"""Variables: what texts of a container ask for is there when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.misspellings import nearly
from chartgate.documents.words import near
from chartgate.kubernetes.pods.expansions import expansions
from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          envFrom: [{prefix: DB_, configMapRef: {name: web}}]
          env:
            - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: URL, value: "http://$(HOST):80/$(DB_NAME)?x=$$(LATER)&y=$(WEB_SERVICE_HOST)"}
            - {name: LATER, value: "$(hostname)"}
          args: [--url=$(URL), --at=$(LATER)]
          volumeMounts: [{name: data, mountPath: /data, subPathExpr: $(HOST)}]
      volumes: [{name: data, emptyDir: {}}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {NAME: shop}}
"""
WEB = "spec.template.spec.containers[web]"


@policy(
    severity="error",
    remediation="Put the variable in front of those that ask for it, or correct its name; `$$(NAME)` is text.",
)
def variables_are_there_when_they_are_asked_for(rendering: Rendering) -> Iterator[Check]:
    """Every `$(NAME)` in a variable, an argument or a subPathExpr is a variable that the container has by then.

    Variables know those in front of them only. For any other, the program gets the text `$(NAME)` itself, and nothing
    says so; a subPathExpr keeps the container from starting. Source:
    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            for container in containers_if_any(workload):
                for asked in expansions(container, resources):
                    alike = nearly(asked.name, asked.there) or near(asked.name, asked.there)
                    there = f"near: {', '.join(alike)}" if alike else f"there: {', '.join(asked.there) or 'none'}"
                    expected = f"$({asked.name}) is one of the variables in front of it; {there}"
                    actual = "is" if asked.is_found else "comes later" if asked.later else "not there"
                    yield states(asked.place, asked.is_found, expected=expected, actual=actual)


variables_are_there_when_they_are_asked_for.breaks(
    manifests=HEALTHY,
    the_other_comes_later=put("Deployment web", f"{WEB}.env[URL].value", "http://$(LATER)"),
    it_asks_for_itself=put("Deployment web", f"{WEB}.env[LATER].value", "$(LATER):/opt"),
    an_argument_asks_for_another_name=put("Deployment web", f"{WEB}.args", ["--url=$(URI)"]),
    the_prefix_is_forgotten=put("Deployment web", f"{WEB}.env[URL].value", "http://x/$(NAME)"),
    a_path_asks_for_another_name=put("Deployment web", f"{WEB}.volumeMounts[data].subPathExpr", "$(POD)"),
)
