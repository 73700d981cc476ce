"""Edits: one small change to what was rendered, of the object that is meant, or a clear word that it cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.errors import InputError
from chartgate.model import Chart, Rendering, Resource, Resources
from chartgate.policy.edits import Edit, added, append, gone, in_values, put, reworded
from chartgate.policy.proofs import literal_rendering
from tests.engine.toys import rendering_of

MANIFESTS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "listen 80; listen 80"}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: one}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: two}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: web, image: a, ports: [{name: http, containerPort: 80}, {name: admin, containerPort: 81}]}
        - {name: proxy, image: b}
"""
CONTAINERS = "spec.template.spec.containers"


@pytest.fixture
def rendering(toy: Chart) -> Rendering:
    return rendering_of(toy, MANIFESTS)


@pytest.mark.parametrize(
    ("edit", "address", "value"),
    [
        (put("Deployment web", f"{CONTAINERS}[proxy].image", "c"), f"{CONTAINERS}[1].image", "c"),
        (put("Deployment web", "spec.strategy.type", "Recreate"), "spec.strategy", {"type": "Recreate"}),
        (put("Deployment web", f"{CONTAINERS}[web].ports[admin]", 1), f"{CONTAINERS}[0].ports[1]", 1),
        (put("Deployment web", f"{CONTAINERS}[web].ports[0].name", "x"), f"{CONTAINERS}[0].ports[0].name", "x"),
        (put("Deployment shop/web", "metadata.labels[a.b/c]", None), "metadata.labels", {"a.b/c": None}),
        (gone("Deployment web", f"{CONTAINERS}[web]"), f"{CONTAINERS}[0].name", "proxy"),
        (gone("Deployment web", f"{CONTAINERS}[web].image"), f"{CONTAINERS}[0].image", ABSENT),
        (append("Deployment web", CONTAINERS, {"name": "new"}), f"{CONTAINERS}[2]", {"name": "new"}),
        (append("Deployment web", f"{CONTAINERS}[proxy].args", "-v"), f"{CONTAINERS}[1].args", ["-v"]),
    ],
)  # fmt: skip
def test_a_change_of_an_object(edit: Edit, address: str, value: Any, rendering: Rendering) -> None:
    assert edit.apply(rendering).resources.one("Deployment", "web").at(address) == value


def test_a_change_of_a_text(rendering: Rendering) -> None:
    edit = reworded("ConfigMap web", "data[web.conf]", "listen 80", "listen 81")
    assert edit.apply(rendering).resources.one("ConfigMap", "web").at("data[web.conf]") == "listen 81; listen 81"


def test_what_hooks_made_is_changed_and_not_what_they_started_from(rendering: Rendering) -> None:
    before = rendering.resources.one("Deployment", "web")
    after = Resource({**before.manifest, "spec": {"replicas": 1}}, before.template, before.default_namespace)
    rendering.after_hooks[:] = [after if resource is before else resource for resource in rendering.after_hooks]
    put("Deployment web", "spec.replicas", 2).apply(rendering)
    assert (before.at("spec.replicas"), after.at("spec.replicas")) == (ABSENT, 2)
    gone("Deployment web").apply(rendering)
    assert rendering.resources.of_kind("Deployment") == rendering.after_hooks.of_kind("Deployment") == Resources()


def test_an_object_is_added_once_where_no_hook_changes_anything() -> None:
    rendering = literal_rendering(ANY)
    added(ANY.replace("one", "two")).apply(rendering)
    assert [resource.name for resource in rendering.after_hooks] == ["one", "two"]


def test_whole_objects(rendering: Rendering) -> None:
    gone("Secret two/login").apply(rendering)
    added("{apiVersion: v1, kind: Secret, metadata: {name: new}}", "toy/templates/new.yaml").apply(rendering)
    for resources in (rendering.resources, rendering.after_hooks):
        secrets = resources.of_kind("Secret")
        assert [(s.namespace, s.name, s.template) for s in secrets] == [
            ("one", "login", "toy/templates/all.yaml"),
            ("shop", "new", "toy/templates/new.yaml"),
        ]


def test_a_default_of_the_chart(rendering: Rendering) -> None:
    assert in_values("secret.enabled", True).apply(rendering).chart.defaults["secret"]["enabled"] is True


ANY = "{apiVersion: v1, kind: Secret, metadata: {name: one}}"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            put("Deployment api", "spec.replicas", 1),
            "an edit of Deployment api: Deployment api: expected rendered once",
        ),
        (gone("Secret login"), "an edit of Secret login: Secret login: expected rendered once, found Secret one/login"),
        (gone("Deployment web", "spec.replicas"), "an edit of Deployment web: there is nothing at spec.replicas"),
        (gone("Deployment web", "spec.a.b"), "an edit of Deployment web: there is nothing at spec.a.b"),
        (
            put("Deployment web", f"{CONTAINERS}[gone].image", "x"),
            "there is nothing at spec.template.spec.containers[gone]",
        ),
        (put("ConfigMap web", "data[web.conf].port", 1), "there is nothing at data[web.conf].port"),
        (
            reworded("ConfigMap web", "data[web.conf]", "listen 8080", ""),
            "ConfigMap web has no text with 'listen 8080' at",
        ),
        (reworded("ConfigMap web", "data.gone", "a", "b"), "ConfigMap web has no text with 'a' at data.gone"),
        (append("ConfigMap web", "data", "x"), "ConfigMap web has no list at data"),
        (put("ConfigMap web", "", {}), "an edit of ConfigMap web has no address"),
        (added(f"{ANY}\n---\n{ANY}"), "an edit adds 2 objects: write one added(...) for each"),
        (added(""), "an edit adds 0 objects: write one added(...) for each"),
    ],
)
def test_what_cannot_be_changed(edit: Edit, message: str, rendering: Rendering) -> None:
    with pytest.raises(InputError) as error:
        edit.apply(rendering)
    assert message in str(error.value)
