"""Lookups in a rendering fail loudly, and an identity is what the API server would take it for."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from chartgate.model import Case, Identity, Missing, Resource, Resources
from chartgate.rendering.manifests import parse
from tests.engine.toys import scenario

RESOURCES = parse(
    """---
# Source: toy/templates/all.yaml
apiVersion: v1
kind: Secret
metadata: {name: a}
---
apiVersion: v1
kind: Secret
metadata: {name: a, namespace: other}
---
# Source: toy/charts/sub/templates/all.yaml
apiVersion: v1
kind: Namespace
metadata: {name: other}
""",
    "shop",
)


def test_identities() -> None:
    assert RESOURCES.identities() == [
        Identity("v1", "Namespace", "", "other"),
        Identity("v1", "Secret", "other", "a"),
        Identity("v1", "Secret", "shop", "a"),
    ]
    assert [str(identity) for identity in RESOURCES.identities()] == [
        "Namespace other (v1)",
        "Secret other/a (v1)",
        "Secret shop/a (v1)",
    ]


def test_a_cluster_scoped_resource_is_in_no_namespace() -> None:
    stray = Resource({"kind": "Namespace", "metadata": {"name": "a", "namespace": "b"}}, "t", "")
    assert stray.namespace == ""


def test_of_kind_and_from_template() -> None:
    assert RESOURCES.of_kind("Namespace", "Secret") == RESOURCES
    assert RESOURCES.of_kind("Nothing") == []
    assert [resource.name for resource in RESOURCES.from_template("all.yaml")] == ["a", "a"]
    assert RESOURCES.of_kind("Secret").one("Secret", "a", "other").namespace == "other"


@pytest.mark.parametrize(
    ("kind", "name", "namespace", "message"),
    [
        ("Secret", "a", None, "Secret a: expected rendered once, found Secret shop/a (v1), Secret other/a (v1)"),
        ("Secret", "b", None, "Secret b: expected rendered once, found Secret shop/a (v1), Secret other/a (v1)"),
        ("Secret", "a", "gone", "Secret gone/a: expected rendered once, found Secret shop/a (v1), Secret other/a (v1)"),
        ("Route", "a", None, "Route a: expected rendered once, found no Route at all"),
    ],
)
def test_one_is_one(kind: str, name: str, namespace: str | None, message: str) -> None:
    with pytest.raises(Missing) as error:
        RESOURCES.one(kind, name, namespace)
    assert str(error.value) == message


def test_a_scenario_has_no_value_that_does_not_exist() -> None:
    given = scenario("loud", mode="loud", nothing=None)
    assert (given.value("mode"), given.value("nothing")) == ("loud", None)
    with pytest.raises(LookupError, match="scenario loud: the chart has no value 'mood'"):
        given.value("mood")


def test_a_case_is_its_scenarios() -> None:
    one, two = scenario("one"), scenario("two")
    assert list(Case("one..two", (one, two))) == [one, two]


def _named(name: str, kind: str = "ConfigMap", namespace: str = "shop") -> Resource:
    metadata = {"name": name, "namespace": namespace}
    return Resource({"apiVersion": "v1", "kind": kind, "metadata": metadata}, "toy/templates/a.yaml", "shop")


LISTED = [_named("a"), _named("b", "Secret"), _named("a", namespace="other"), _named("a", "Secret"), _named("c")]


@pytest.mark.parametrize("is_settled", [False, True])
def test_settled_resources_answer_as_others_do(is_settled: bool) -> None:
    resources = Resources(LISTED)
    if is_settled:
        resources.settle()
    one, secret, elsewhere, other, last = LISTED
    assert resources.of_kind("Secret", "ConfigMap", "Secret") == LISTED
    assert resources.of_kind("ConfigMap") == [one, elsewhere, last]
    assert resources.of_kind("Pod", "Secret") == [secret, other]
    assert resources.of_kind() == []
    assert resources.named("ConfigMap", "a") == [one, elsewhere]
    assert resources.named("ConfigMap", "a", "other") == [elsewhere]
    assert resources.named("Pod", "a") == []
    assert resources.one("Secret", "a") is other


def test_what_is_made_of_settled_resources_is_made_once() -> None:
    calls: list[int] = []

    def count(resources: Resources) -> int:
        calls.append(len(resources))
        return len(resources)

    resources = Resources(LISTED)
    assert [resources.indexed(count), resources.indexed(count)] == [5, 5]
    resources.settle()
    assert [resources.indexed(count), resources.indexed(count)] == [5, 5]
    assert calls == [5, 5, 5]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, Resources])
def test_a_copy_of_settled_resources_may_be_changed(copied: Callable[[Resources], Resources]) -> None:
    resources = Resources(LISTED)
    resources.settle()
    assert resources.named("ConfigMap", "new") == []
    changed = copied(resources)
    changed.append(_named("new"))
    assert [found.name for found in changed.of_kind("ConfigMap")] == ["a", "a", "c", "new"]
    assert resources.named("ConfigMap", "new") == []


def test_what_is_made_of_a_settled_resource_is_made_once_and_goes_with_it() -> None:
    calls: list[str] = []

    def noted(resource: Resource, *given: str) -> str:
        calls.append(resource.name)
        return "".join((resource.name, *given))

    resource = _named("a")
    assert [resource.made(noted), resource.made(noted)] == ["a", "a"]
    resource.settle()
    resource.settle()
    assert [resource.made(noted), resource.made(noted), resource.made(noted, "!"), resource.made(noted, "!")] == [
        *("a", "a"),
        *("a!", "a!"),
    ]
    assert calls == ["a"] * 4


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_settled_resource_may_be_changed(copied: Callable[[Resource], Resource]) -> None:
    resource = _named("a")
    resource.settle()
    assert (resource.name, resource.subject) == ("a", "ConfigMap shop/a (v1)")
    changed = copied(resource)
    assert changed == resource
    changed.manifest["metadata"] = {"name": "b", "namespace": "other"}
    assert (changed.name, changed.namespace, changed.subject) == ("b", "other", "ConfigMap other/b (v1)")
    assert resource.subject == "ConfigMap shop/a (v1)"
