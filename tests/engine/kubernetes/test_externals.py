"""Which declared objects a rendering needs."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.kubernetes.links.externals import needed
from chartgate.model import Chart, Declarations, External
from tests.engine.toys import rendering_of, scenario

RELEASE = """
{kind: Deployment, apiVersion: apps/v1, metadata: {name: web, namespace: elsewhere}, spec: {template: {spec: {
  serviceAccountName: default, containers: [{name: web, envFrom: [{secretRef: {name: maybe, optional: true}}],
  args: [http://api.data.svc:80], env: [{name: A, valueFrom: {secretKeyRef: {name: own, key: a}}}]}]}}}}
---
{kind: Secret, apiVersion: v1, metadata: {name: own, namespace: elsewhere}, stringData: {a: b}}
---
{kind: Service, apiVersion: v1, metadata: {name: operated}, spec: {selector: {app: operated}}}
---
{kind: APIService, apiVersion: apiregistration.k8s.io/v1, metadata: {name: v1.a},
  spec: {service: {name: hook, namespace: shop}}}
---
{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: web},
  spec: {ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}}
"""


@pytest.mark.parametrize(
    ("thing", "is_needed"),
    [
        (External("Namespace", "elsewhere", "why"), True),
        (External("Namespace", "nowhere", "why"), False),
        (External("Secret", "maybe", "why", namespace="elsewhere"), True),
        (External("Secret", "maybe", "why"), False),
        # What is there without a declaration needs none.
        (External("Secret", "own", "why", namespace="elsewhere"), False),
        (External("ServiceAccount", "default", "why", namespace="elsewhere"), False),
        (External("Service", "api", "why", namespace="data"), True),
        (External("Service", "api", "why", namespace="data", keys=("80",)), True),
        (External("Service", "api", "why", namespace="data", keys=("8080",)), False),
        (External("Service", "hook", "why"), True),
        (External("Pod", "operated", "why", labels={"app": "operated"}), True),
        (External("Pod", "client", "why", labels={"app": "client"}), True),
        (External("Pod", "client", "why", namespace="elsewhere", labels={"app": "client"}), False),
        (External("Pod", "other", "why", labels={"app": "other"}), False),
    ],
)
def test_what_is_needed(thing: External, is_needed: bool, toy: Chart) -> None:
    given = dataclasses.replace(scenario(), declared=Declarations(external=(thing,)))
    assert list(needed(rendering_of(toy, RELEASE, given))) == [thing] * is_needed
