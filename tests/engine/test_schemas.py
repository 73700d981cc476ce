"""Manifests against the schemas of Kubernetes, of definitions and of the matrix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.errors import InputError
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known, misfits, misfits_of
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.matrix.choice import Choice, copy_for_run, read_inputs
from chartgate.model import Resource
from tests.engine.toys import MATRIX, TOY, write

POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def pod(**container: Any) -> dict[str, Any]:
    return {**POD, "spec": {"containers": [{"name": "web", **container}]}}


def test_versions_stand_in_their_order() -> None:
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
        (pod(imag="a"), "spec.containers[0]", "Additional properties are not allowed ('imag' was unexpected)"),
        (
            pod(env=[{"name": "A", "value": 1}]),
            "spec.containers[0].env[0].value",
            "integer, where the schema has string",
        ),
        (pod(ports=[{"containerPort": 2**40}]), "spec.containers[0].ports[0].containerPort", "no int32"),
        (pod(resources={"limits": {"cpu": []}}), "spec.containers[0].resources.limits.cpu", "array that is none of"),
        (pod(ports=[{}]), "spec.containers[0].ports[0]", "'containerPort' is a required property"),
        (
            {**POD, "metadata": {"labels": {"a.b/c": 1}}},
            "metadata.labels[a.b/c]",
            "integer, where the schema has string",
        ),
        ({**POD, "metadata": []}, "metadata", "array, where the schema has object"),
        ({**POD, "kind": "Secret", "data": {"a": "b c"}}, "data.a", "no byte"),
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


EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "properties": {"spec": {"type": "object", "properties": {"a": {}}}},
}


def definition(schema: dict[str, Any] | None) -> Resource:
    version = {"name": "v1"} if schema is None else {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    return Resource({"kind": "CustomResourceDefinition", "spec": {"versions": [version]}}, "", "")


@pytest.mark.parametrize(
    ("schema", "spec", "fits"),
    [
        ({"properties": {"size": {"type": "integer"}}}, {"size": 1}, True),
        ({"properties": {"size": {"type": "integer"}}}, {"sise": 1}, False),
        ({"properties": {}, "x-kubernetes-preserve-unknown-fields": True}, {"sise": 1}, True),
        ({"properties": {"port": {"x-kubernetes-int-or-string": True}}}, {"port": "http"}, True),
        ({"properties": {"port": {"x-kubernetes-int-or-string": True}}}, {"port": []}, False),
        ({"properties": {"size": {"type": "integer", "nullable": True}}}, {"size": None}, True),
        ({"properties": {"size": {"type": "integer"}}}, {"size": None}, False),
        ({"properties": {"size": {"enum": ["large"], "nullable": True}}}, {"size": None}, True),
        ({"properties": {"any": {"type": "object"}}}, {"any": {"a": 1}}, False),
        (
            {"properties": {"any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}},
            {"any": {"a": 1}},
            True,
        ),
        (
            {
                "x-kubernetes-preserve-unknown-fields": True,
                "properties": {"inner": {"type": "object", "properties": {"size": {}}}},
            },
            {"any": 1, "inner": {"sise": 1}},
            False,
        ),
        ({"additionalProperties": {"type": "string"}}, {"any": "text"}, True),
        ({"additionalProperties": {"type": "string"}}, {"any": 1}, False),
        ({"properties": {"of": {"items": {"type": "object", "properties": {"a": {}}}}}}, {"of": [{"b": 1}]}, False),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"], "properties": {"a": {"enum": [1]}}}]}, {"a": 1}, True),
        ({"properties": {"a": {}}, "not": {"required": ["a"]}}, {"a": 1}, False),
        ({"properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}}}, {"a": 1}, False),
        ({"properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": False}}}, {"a": 1}, True),
        ({"properties": {"a": {"type": "string", "pattern": r"^\p{L}+$"}}}, {"a": "1"}, True),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"a": 1}}}, True),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1", "kind": "Pod", "spec": {"b": 1}}}, False),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1"}}, False),
    ],
)
def test_definitions_prune_what_they_do_not_name(schema: dict[str, Any], spec: dict[str, Any], fits: bool) -> None:
    crd = definition({"type": "object", "properties": {"spec": {"type": "object", **schema}}})
    document = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec}
    assert (misfits_of(document, crd_schema(crd, "v1")) == ()) is fits


@pytest.mark.parametrize("crd", [definition(None), definition({}), Resource({"spec": []}, "", "")])
def test_definitions_without_a_schema(crd: Resource) -> None:
    assert crd_schema(crd, "v1") == ""


BROKEN: list[dict[str, Any]] = [
    {"type": "text"},
    {"type": None},
    {"properties": []},
    {"properties": {"a": None}},
    {"items": [{}]},
    {"pattern": 5},
    {"required": [1]},
    {"anyOf": {}},
    {"allOf": [None]},
]


@pytest.mark.parametrize("schema", BROKEN, ids=str)
def test_definitions_with_a_schema_that_is_none(schema: dict[str, Any]) -> None:
    assert crd_schema(definition({"type": "object", "properties": {"spec": schema}}), "v1") == ""


def test_an_error_below_a_nullable_field_keeps_its_address() -> None:
    inner = {"type": "object", "nullable": True, "properties": {"size": {"type": "integer"}}}
    crd = definition({"type": "object", "properties": {"spec": inner}})
    document = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {}, "spec": {"size": "large"}}
    (error,) = misfits_of(document, crd_schema(crd, "v1"))
    assert error == ("spec.size", "string, where the schema has integer")


def test_documents_fit_a_schema_by_its_text() -> None:
    schema = json.dumps({"properties": {"a": {"enum": [1]}}})
    assert misfits_of({"a": 1}, schema) == ()
    assert [error.address for error in misfits_of({"a": 2}, schema)] == ["a"]


def test_the_matrix_names_schemas(tmp_path: Path) -> None:
    schemas = "schemas:\n  kinds: {example.com/v1 Widget: widget.json}\n  keys: {web.yaml: web.json}\n"
    write(tmp_path / "toy", TOY)
    write(tmp_path / "tests", {"matrix.yaml": MATRIX + schemas, "widget.json": "{}", "web.json": "true"})
    choice = Choice(matrix=str(tmp_path / "tests" / "matrix.yaml"))
    _, matrix = read_inputs(choice, copy_for_run(choice, tmp_path / "run"))
    for scenario in matrix.scenarios.values():
        assert scenario.schemas.kinds == {"example.com/v1 Widget": "{}"}
        assert scenario.schemas.keys == {"web.yaml": "true"}


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "is no JSON schema: Expecting"), ('{"type": "text"}', "is no JSON schema: 'text' is not")],
)
def test_a_schema_that_is_none(content: str, words: str, tmp_path: Path) -> None:
    write(tmp_path / "toy", TOY)
    write(tmp_path / "tests", {"matrix.yaml": f"{MATRIX}schemas: {{keys: {{a.yaml: a.json}}}}\n", "a.json": content})
    choice = Choice(matrix=str(tmp_path / "tests" / "matrix.yaml"))
    with pytest.raises(InputError, match=r"schemas\.keys\.a\.yaml: ") as error:
        read_inputs(choice, copy_for_run(choice, tmp_path / "run"))
    assert words in str(error.value)
