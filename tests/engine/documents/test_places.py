"""Places: a value and its address never part, and an address that a place has leads back to its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.places import Place
from tests.engine.toys import resource

DEPLOYMENT = resource(
    """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app.kubernetes.io/name: web, plain: null}}
spec:
  template:
    spec:
      containers:
        - name: web
          ports: [{name: http, containerPort: 80}, {name: admin, containerPort: 8080}]
          volumeMounts: [{name: data, mountPath: /a}, {name: data, mountPath: /b}]
          args: [--one, 2, --three]
        - name: proxy
          ports: [{containerPort: 80}, {containerPort: 8080}]
      volumes: [{emptyDir: {}}, text, {name: data}]
      tolerations: [{key: a}, {key: a}]
"""
)
POD = DEPLOYMENT / "spec" / "template" / "spec"


def test_going_down() -> None:
    image = POD / "containers" / "web" / "ports" / "admin" / "containerPort"
    assert (image.address, image.value) == ("spec.template.spec.containers[web].ports[admin].containerPort", 8080)
    assert image == POD.place("containers[web].ports[admin].containerPort")
    assert image.owner is DEPLOYMENT
    assert POD.at("containers[web].ports[1].name") == "admin"
    label = DEPLOYMENT / "metadata" / "labels" / "app.kubernetes.io/name"
    assert (label.address, label.text) == ("metadata.labels[app.kubernetes.io/name]", "web")


def test_an_address_is_the_same_however_it_was_reached() -> None:
    assert POD.place("containers[0].ports[1]").address == "spec.template.spec.containers[web].ports[admin]"
    assert POD.place("containers[proxy].env[HOST].value").address.endswith("containers[proxy].env[HOST].value")
    assert POD.place("containers[web].ports[none].name").address.endswith("ports[none].name")
    assert DEPLOYMENT.place("metadata[labels].plain").address == "metadata.labels.plain"


@pytest.mark.parametrize(
    ("address", "steps"),
    [
        ("containers", ["[web]", "[proxy]"]),
        ("containers[web].ports", ["[http]", "[admin]"]),
        ("containers[web].volumeMounts", ["[/a]", "[/b]"]),
        ("containers[web].args", ["[0]", "[1]", "[2]"]),
        ("containers[proxy].ports", ["[80]", "[8080]"]),
        ("volumes", ["[0]", "[1]", "[2]"]),
        ("tolerations", ["[0]", "[1]"]),
        ("containers[web]", []),
        ("gone", []),
    ],
)
def test_items_are_told_apart_by_what_differs(address: str, steps: list[str]) -> None:
    place = POD.place(address)
    assert [item.address for item in place] == [f"{place.address}{step}" for step in steps]


def _every(place: Place[Any]) -> Iterator[Place[Any]]:
    yield place
    for below in (*place, *(entry for _, entry in place.entries())):
        yield from _every(below)


def test_every_address_leads_back() -> None:
    places = list(_every(DEPLOYMENT.place()))
    assert len(places) > 40
    assert all(lookup(DEPLOYMENT.manifest, place.address) is place.value for place in places)


def test_items_of_a_sort() -> None:
    assert [item.address for item in (POD / "volumes").maps()] == [f"{POD.address}.volumes[{i}]" for i in (0, 2)]
    assert [item.value for item in POD.place("containers[web].args").texts()] == ["--one", "--three"]


@pytest.mark.parametrize(
    ("address", "is_there", "is_set", "is_map", "text"),
    [
        ("metadata.name", True, True, False, "web"),
        ("metadata.labels", True, True, True, ""),
        ("metadata.labels.plain", True, False, False, ""),
        ("metadata.gone", False, False, False, ""),
        ("metadata.name.deeper.still", False, False, False, ""),
    ],
)
def test_what_is_at_a_place(address: str, is_there: bool, is_set: bool, is_map: bool, text: str) -> None:
    place = DEPLOYMENT.place(address)
    assert (place.is_there, place.is_set, place.is_map, place.text) == (is_there, is_set, is_map, text)
    assert place.address == address
    assert (place.value is ABSENT) is not is_there
    assert place.map == (place.value if is_map else {})
