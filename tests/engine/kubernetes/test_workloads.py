"""Pods and containers are found wherever Kubernetes hides them."""

from __future__ import annotations

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.pods.workloads import (
    LIKE_DEPLOYMENTS,
    WORKLOAD_KINDS,
    container,
    containers,
    pod_spec,
    pod_template,
    workloads,
)
from chartgate.model import Missing
from chartgate.rendering.manifests import parse
from tests.engine.toys import resource

POD = "{metadata: {labels: {a: b}}, spec: {containers: [{name: one, image: x}]}}"
NAMED = "metadata: {name: w}"
SHAPES = {
    "Pod": ("", "metadata: {name: w, labels: {a: b}}\nspec: {containers: [{name: one, image: x}]}"),
    "PodTemplate": ("template", f"metadata: {{name: w}}\ntemplate: {POD}"),
    "CronJob": (
        "spec.jobTemplate.spec.template",
        f"metadata: {{name: w}}\nspec: {{jobTemplate: {{spec: {{template: {POD}}}}}}}",
    ),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", *LIKE_DEPLOYMENTS),
        ("spec.template", f"metadata: {{name: w}}\nspec: {{template: {POD}}}"),
    ),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_every_kind(kind: str) -> None:
    address, body = SHAPES[kind]
    workload = resource(f"apiVersion: v1\nkind: {kind}\n{body}")
    assert pod_template(workload).address == address
    assert pod_template(workload).at("metadata.labels") == {"a": "b"}
    spec = pod_spec(workload)
    assert workload.at(spec.address) == spec.value
    [one] = containers(workload)
    assert (one.name, one.is_init, one.at("image"), one.at("nothing")) == ("one", False, "x", ABSENT)
    assert workload.at(one.address) == one.manifest


def test_the_kinds_are_all_of_them() -> None:
    assert set(WORKLOAD_KINDS) == set(SHAPES)
    bodies = {**{kind: body for kind, (_, body) in SHAPES.items()}, **dict.fromkeys(("Service", "Secret"), NAMED)}
    text = "---\n# Source: t\n" + "---\n".join(f"apiVersion: v1\nkind: {kind}\n{bodies[kind]}\n" for kind in bodies)
    assert [found.kind for found in workloads(parse(text, "shop"))] == list(SHAPES)


def test_a_rollout_may_leave_its_pods_to_a_deployment() -> None:
    sides = [f"apiVersion: v1\nkind: {kind}\n{NAMED}\n" for kind in ("Rollout", "Deployment")]
    found = list(workloads(parse("---\n# Source: t\n" + "---\n".join(sides), "shop")))
    assert [workload.kind for workload in found] == ["Deployment"]


ALL = """
apiVersion: v1
kind: Pod
metadata: {name: w}
spec:
  containers: [{name: one}, {image: nameless}]
  initContainers: [{name: first}]
  ephemeralContainers: [{name: debug}]
"""


def test_init_containers_come_first() -> None:
    found = containers(resource(ALL))
    assert [(c.name, c.is_init, c.address) for c in found] == [
        ("first", True, "spec.initContainers[first]"),
        ("one", False, "spec.containers[0]"),
        ("", False, "spec.containers[1]"),
        ("debug", False, "spec.ephemeralContainers[debug]"),
    ]
    assert [resource(ALL).at(c.address) for c in found] == [c.manifest for c in found]
    assert [c.name for c in containers(resource(ALL), init=False)] == ["one", "", "debug"]
    assert container(resource(ALL), "first").is_init


@pytest.mark.parametrize(
    ("manifest", "path", "message"),
    [
        ("kind: Service\nmetadata: {name: w}", "", "expected a pod template, found (absent)"),
        ("kind: Deployment\nmetadata: {name: w}\nspec: {}", "spec.template", "expected a pod template, found (absent)"),
        (
            "kind: Job\nmetadata: {name: w}\nspec: {template: {}}",
            "spec.template.spec",
            "expected a pod spec, found (ab",
        ),
        ("kind: Pod\nmetadata: {name: w}\nspec: text", "spec", "expected a pod spec, found 'text'"),
        (
            "kind: Pod\nmetadata: {name: w}\nspec: {containers: {a: b}}",
            "spec.containers",
            "expected a list of containers, found {'a': 'b'}",
        ),
        (
            "kind: Pod\nmetadata: {name: w}\nspec: {initContainers: [null]}",
            "spec.initContainers",
            "expected a list of containers, found [None]",
        ),
        (
            "kind: Pod\nmetadata: {name: w}\nspec: {containers: [{name: a}, {name: b}]}",
            "containers[one]",
            "expected a container, found only a, b",
        ),
    ],
)
def test_what_is_missing_is_named(manifest: str, path: str, message: str) -> None:
    with pytest.raises(Missing) as error:
        container(resource(f"apiVersion: v1\n{manifest}"), "one")
    assert message in str(error.value)
    assert (error.value.check.path, error.value.check.template) == (path, "toy/templates/all.yaml")
    assert not error.value.check.passed


@pytest.mark.parametrize("spec", ["{}", "{containers: null}", "{containers: []}"])
def test_no_containers(spec: str) -> None:
    assert containers(resource(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: w}}\nspec: {spec}")) == []
