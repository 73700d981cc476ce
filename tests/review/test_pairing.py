"""Which object is which: the same one, one with another name or in another namespace, or none."""

from __future__ import annotations

import pytest

from chartgate.model import Resources
from chartgate.rendering.manifests import parse
from chartgate.review.pairing import Pair, pairs


def _resources(*manifests: str) -> Resources:
    text = "".join(f"---\n# Source: toy/templates/all.yaml\n{manifest}\n" for manifest in manifests)
    return Resources(parse(text, "shop"))


def _config(name: str, data: str = "{a: '1', b: '2', c: '3'}", **meta: str) -> str:
    about = "".join(f", {key}: {value}" for key, value in meta.items())
    return f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}{about}}}, data: {data}}}"


def _secret(data: str = "{}", string_data: str = "{}") -> str:
    return f"{{apiVersion: v1, kind: Secret, metadata: {{name: one}}, data: {data}, stringData: {string_data}}}"


def _fates(before: Resources, after: Resources) -> list[tuple[str, str, str]]:
    def name(pair: Pair, side: int) -> str:
        resource = (pair.before, pair.after)[side]
        return resource.name if resource else ""

    return sorted((pair.fate, name(pair, 0), name(pair, 1)) for pair in pairs(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([_config("one")], [_config("one")], []),
        ([_config("one")], [_config("one", namespace="shop")], []),
        ([_config("one")], [_config("one", "{a: '2', b: '2', c: '3'}")], [("changed", "one", "one")]),
        ([_config("one")], [_config("one", "{z: '9'}")], [("changed", "one", "one")]),
        ([_config("one")], [], [("removed", "one", "")]),
        ([], [_config("one")], [("added", "", "one")]),
        ([_config("one")], [_config("two")], [("renamed", "one", "two")]),
        ([_config("one")], [_config("two", "{a: '1', b: '2', c: '4'}")], [("renamed", "one", "two")]),
        ([_config("one")], [_config("two", "{x: y}")], [("added", "", "two"), ("removed", "one", "")]),
        ([_config("one")], [_config("one", namespace="other")], [("moved", "one", "one")]),
        # Another component is no new name of the one in whose place it is.
        ([_config("one").replace("name: one", "name: one, labels: {app.kubernetes.io/component: ingester}")],
         [_config("two").replace("name: two", "name: two, labels: {app.kubernetes.io/component: scheduler}")],
         [("added", "", "two"), ("removed", "one", "")]),
        # A name that stays is stronger than content that fits better elsewhere.
        ([_config("one"), _config("two", "{x: y}")], [_config("one", "{x: y}"), _config("two")],
         [("changed", "one", "one"), ("changed", "two", "two")]),
        # The most similar ones first, whatever their order.
        ([_config("one"), _config("two", "{a: '1', b: '2', c: '9'}")],
         [_config("three", "{a: '1', b: '2', c: '9'}"), _config("four")],
         [("renamed", "one", "four"), ("renamed", "two", "three")]),
        # One of several that fit equally well, and it is always the same one.
        ([_config("one")], [_config("two"), _config("three")], [("added", "", "three"), ("renamed", "one", "two")]),
        ([_config("one"), _config("two")], [_config("three")], [("removed", "two", ""), ("renamed", "one", "three")]),
        # Its own name inside of it changes with it.
        ([_config("shop-a", "{host: shop-a.example.com, list: 'shop-a, x'}")],
         [_config("shop-b", "{host: shop-b.example.com, list: 'shop-b, x'}")], [("renamed", "shop-a", "shop-b")]),
        ([_config("one").replace("ConfigMap", "Widget")], [_config("two")],
         [("added", "", "two"), ("removed", "one", "")]),
    ],
)  # fmt: skip
def test_what_becomes_of_objects(before: list[str], after: list[str], expected: list[tuple[str, str, str]]) -> None:
    assert _fates(_resources(*before), _resources(*after)) == expected


@pytest.mark.parametrize(
    ("before", "after"), [("extensions/v1beta1", "networking.k8s.io/v1"), ("policy/v1beta1", "policy/v1")]
)
def test_another_version_or_group_of_the_api(before: str, after: str) -> None:
    sides = [
        _resources(f"{{apiVersion: {version}, kind: Ingress, metadata: {{name: a}}, spec: {{}}}}")
        for version in (before, after)
    ]
    assert _fates(*sides) == [("changed", "a", "a")]


def test_an_object_whose_definition_goes_is_where_it_was() -> None:
    """What no longer defines its kind no longer says that it has no namespace."""
    defined = (
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: depots.example.com},"
        " spec: {group: example.com, scope: Cluster, names: {kind: Depot}}}"
    )
    depot = "{apiVersion: example.com/v1, kind: Depot, metadata: {name: a}, spec: {b: c}}"
    before, after = _resources(defined, depot), _resources(depot)
    assert {resource.namespace for resource in (*before, *after) if resource.name == "a"} == {"", "shop"}
    assert _fates(before, after) == [("removed", "depots.example.com", "")]


def test_a_definition_is_never_renamed() -> None:
    text = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: NAME}, spec: {a: 1}}"
    sides = [_resources(text.replace("NAME", name)) for name in ("ones.example.com", "twos.example.com")]
    assert _fates(*sides) == [("added", "", "twos.example.com"), ("removed", "ones.example.com", "")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_secret("{a: eA==}"), _secret(string_data="{a: x}"), {}),
        (_secret("{a: eA==}"), _secret("{a: 'eA=='}", "{a: z}"), {"data.a": ("<secret>", "<another secret>")}),
        (_secret(string_data="{a: x}"), _secret(string_data="{b: x}"),
         {"data.a": ("<secret>", "(absent)"), "data.b": ("(absent)", "<secret>")}),
        (_secret("{a: eA==, b: eA==}"), _secret("{a: eA==}", "{b: 1}"), {"data.b": ("<secret>", "<another secret>")}),
        # What is no text, and what holds JSON, whose keys may tell something too.
        (_secret("{a: /w==}"), _secret("{a: /g==}"), {"data.a": ("<secret>", "<another secret>")}),
        (_secret(string_data="""{a: '{"user": "x", "word": "y"}'}"""),
         _secret(string_data="""{a: '{"admin": "x", "word": "z"}'}"""), {"data.a": ("<secret>", "<another secret>")}),
        (_secret("{broken: 1}"), _secret("{broken: 2}"),
         {"data.broken": ("<secret>", "<another secret>")}),
    ],
)  # fmt: skip
def test_a_secret_is_compared_without_being_shown(
    before: str, after: str, expected: dict[str, tuple[str, str]]
) -> None:
    found = [difference for pair in pairs(_resources(before), _resources(after)) for difference in pair.differences]
    assert {d.address: (str(d.before), str(d.after)) for d in found} == expected


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("memory: 1Gi", "memory: 1024Mi", False),
        ("cpu: 500m", "cpu: 0.5", False),
        ("cpu: 1", "cpu: '1'", False),
        ("cpu: 1", "cpu: 2", True),
        ("cpu: 1", "cpu: many", True),
        ("memory: 1G", "memory: 1Gi", True),
    ],
)
def test_an_amount_in_another_unit(before: str, after: str, is_told: bool) -> None:
    text = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, resources: LIMITS}]}}"
    sides = [_resources(text.replace("LIMITS", f"{{limits: {{{limit}}}}}")) for limit in (before, after)]
    assert bool(_fates(*sides)) is is_told


def test_text_in_a_config_map_is_data_and_elsewhere_is_text() -> None:
    sides = [_resources(_config("one", f"{{app.yaml: '{text}'}}")) for text in ("a: 1", "a:   1 # one")]
    assert _fates(*sides) == []
    sides = [_resources(_config("one", about=f"'{text}'")) for text in ("a: 1", "a:  1")]
    assert _fates(*sides) == [("changed", "one", "one")]


def test_one_is_not_true() -> None:
    sides = [
        _resources(f"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{hostIPC: {on}}}}}")
        for on in (1, "true")
    ]
    assert _fates(*sides) == [("changed", "a", "a")]
