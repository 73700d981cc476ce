"""Which `$(NAME)` of a container is replaced, which comes too late, and which is none of Kubernetes' business."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.pods.expansions import expansions
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Resources
from tests.engine.toys import resource

CONFIG = "{kind: ConfigMap, metadata: {name: some}, data: {HOST: a}}"
CREDENTIALS = "{kind: Secret, metadata: {name: some}, stringData: {TOKEN: a}}"
BINARY = "{kind: Secret, metadata: {name: some}, data: {TOKEN: /w==}}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("env: [{name: A, value: a}, {name: B, value: $(A)}]", [("A", "is there")]),
        ("env: [{name: B, value: $(A)}, {name: A, value: a}]", [("A", "later")]),
        ("env: [{name: A, value: '$(A):/opt'}]", [("A", "later")]),
        ("env: [{name: B, value: '$$(A) $A ${A} $(A'}]", []),
        ("env: [{name: B, value: '$$$(A)'}]", [("A", "missing")]),
        ("args: ['sed \"s/\\$(A)/a/\" x']", []),
        ("env: [{name: B, value: '$(hostname) $(date +%s)'}]", []),
        ("env: [{name: hostname, value: a}], args: [$(hostname)]", [("hostname", "is there")]),
        ("env: [{name: B, value: $(A_SERVICE_HOST):$(A_SERVICE_PORT_HTTP)}]", []),
        (
            "env: [{name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], command: [run, '--at=$(B)', $(C)]",
            [("B", "is there"), ("C", "missing")],
        ),
        ("envFrom: [{configMapRef: {name: some}}], args: [$(HOST)]", [("HOST", "is there")]),
        (
            "envFrom: [{prefix: X_, secretRef: {name: some}}], args: [$(X_TOKEN), $(TOKEN)]",
            [("X_TOKEN", "is there"), ("TOKEN", "missing")],
        ),
        # What is not rendered may have any key.
        ("envFrom: [{secretRef: {name: other}}], args: [$(TOKEN)], env: [{name: A, value: '$(A)'}]", []),
        (
            "volumeMounts: [{name: a, mountPath: /a, subPathExpr: $(pod)/$(POD)}], env: [{name: POD, value: a}]",
            [("pod", "missing"), ("POD", "is there")],
        ),
        ("args: [null, {a: $(B)}], env: [{name: A}, null], volumeMounts: x", []),
    ],
)
def test_what_is_asked_for(content: str, expected: list[tuple[str, str]]) -> None:
    pod = resource(f"{{kind: Pod, metadata: {{name: a}}, spec: {{containers: [{{name: main, {content}}}]}}}}")
    there = Resources([resource(CONFIG), resource(CREDENTIALS)])
    found = expansions(container(pod, "main"), there)
    assert [(f.name, "is there" if f.is_found else "later" if f.later else "missing") for f in found] == expected


def test_bytes_are_no_variables() -> None:
    pod = resource(
        "{kind: Pod, metadata: {name: a}, spec: {containers: [{name: main, args: [$(TOKEN)],"
        " envFrom: [{secretRef: {name: some}}]}]}}"
    )
    [found] = expansions(container(pod, "main"), Resources([resource(BINARY)]))
    assert not found.is_found
