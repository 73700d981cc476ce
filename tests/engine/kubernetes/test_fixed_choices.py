"""Every field that is said to take a few words is one that Kubernetes has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chartgate.kubernetes.validity import fixed_choices
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, definitions
from chartgate.kubernetes.validity.fixed_choices import choices
from chartgate.model import Resource

DEFINITIONS = definitions(bundled_versions()[-1])
CONTAINER = "io.k8s.api.core.v1.Container"


def _fields() -> Iterator[tuple[str, str]]:
    """Give each definition with the steps that start there."""
    for steps in fixed_choices._OF_PODS:
        yield "io.k8s.api.core.v1.PodSpec", steps
    for steps in fixed_choices._OF_CONTAINERS:
        yield CONTAINER, steps
    for kind, fields in fixed_choices._OF_KINDS.items():
        found = [name for name in DEFINITIONS if name.startswith("io.k8s.api.") and name.endswith(f".v1.{kind}")]
        assert len(found) == 1, (kind, found)
        yield from ((found[0], steps) for steps in fields)


@pytest.mark.parametrize(("definition", "steps"), list(_fields()), ids=lambda value: str(value).rpartition(".")[2])
def test_kubernetes_has_the_field(definition: str, steps: str) -> None:
    schema: Any = DEFINITIONS[definition]
    for step in steps.split():
        while "$ref" in schema:
            schema = DEFINITIONS[schema["$ref"].rpartition("/")[2]]
        schema = schema["items"] if step == "*" else schema["properties"][step]
    assert "string" in schema["type"]


def test_custom_resources_have_their_own_words() -> None:
    manifest = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {}, "spec": {"type": "Function"}}
    assert list(choices(Resource(manifest, "", "default"))) == []


@pytest.mark.parametrize(
    "spec", [None, [], "text", {"ports": "text"}, {"ports": [None]}, {"ports": [{"protocol": None}]}]
)
def test_broken_manifests_have_no_choices_that_are_wrong(spec: Any) -> None:
    resource = Resource({"apiVersion": "v1", "kind": "Service", "metadata": {}, "spec": spec}, "", "default")
    assert all(choice.is_known for choice in choices(resource))
