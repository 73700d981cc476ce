"""Manifests against the schemas of Kubernetes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known, misfits, misfits_of

POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def pod(**container: Any) -> dict[str, Any]:
    return {**POD, "spec": {"containers": [{"name": "web", **container}]}}


def test_versions_are_in_their_order() -> None:
    versions = bundled_versions()
    assert {"1.27", "1.31", "1.36"} <= set(versions)
    assert list(versions) == sorted(versions, key=lambda version: int(version.partition(".")[2]))


@pytest.mark.parametrize(
    ("api_version", "kind", "known"),
    [
        ("v1", "Secret", True),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", True),
        ("apps/v1beta1", "Deployment", False),
        ("batch.volcano.sh/v1", "Job", False),
        ("v1", "Container", False),
        ("v1", "DeleteOptions", False),
        ("", "", False),
    ],
)
def test_known_kinds(api_version: str, kind: str, known: bool) -> None:
    assert is_known(api_version, kind, "1.31") is known


@pytest.mark.parametrize(
    ("manifest", "address", "problem"),
    [
        (pod(imag="a"), "spec.containers[web].imag", "a field that the schema does not have; near: image"),
        (pod(imag="a", b="c"), "spec.containers[web]", "fields that the schema does not have: b, imag"),
        (
            pod(env=[{"name": "A", "value": 1}]),
            "spec.containers[web].env[A].value",
            "integer, where the schema has string",
        ),
        (
            pod(ports=[{"containerPort": 2**40}]),
            "spec.containers[web].ports[1099511627776].containerPort",
            "not a number of 32 bits",
        ),
        (
            pod(resources={"limits": {"cpu": []}}),
            "spec.containers[web].resources.limits.cpu",
            "array, which is not among",
        ),
        (pod(ports=[{}]), "spec.containers[web].ports[0]", "'containerPort' is a required property"),
        (
            {**POD, "metadata": {"labels": {"a.b/c": 1}}},
            "metadata.labels[a.b/c]",
            "integer, where the schema has string",
        ),
        ({**POD, "metadata": []}, "metadata", "array, where the schema has object"),
        ({**POD, "kind": "Secret", "data": {"a": "b c"}}, "data.a", "not base64"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit(manifest: dict[str, Any], address: str, problem: str) -> None:
    errors = misfits(manifest, "1.31")
    assert [error.address for error in errors] == [address]
    assert problem in errors[0].problem


@pytest.mark.parametrize(
    "manifest",
    [
        pod(image="a", command=None),
        pod(resources={"limits": {"cpu": None, "memory": 1.5}}),
        {**POD, "kind": "Secret", "data": {"a": "c2Vj\ncmV0\n"}},
        {
            **POD,
            "kind": "Service",
            "spec": {"ports": [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 1}]},
        },
    ],
)
def test_what_the_api_server_takes(manifest: dict[str, Any]) -> None:
    assert misfits(manifest, "1.31") == ()


def test_a_value_of_the_wrong_type_is_not_told() -> None:
    (error,) = misfits({**POD, "kind": "Secret", "stringData": {"pin": 4711}}, "1.31")
    assert "4711" not in error.problem


def test_documents_fit_a_schema_by_its_text() -> None:
    schema = json.dumps({"properties": {"a": {"enum": [1]}}})
    assert misfits_of({"a": 1}, schema) == ()
    assert [error.address for error in misfits_of({"a": 2}, schema)] == ["a"]
