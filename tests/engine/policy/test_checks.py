"""Each check says what was expected and what is there, and takes neither type nor absence lightly."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.model import Chart, Check, Identity
from chartgate.policy import checks
from chartgate.rendering.manifests import parse
from tests.engine.toys import rendering_of, resource

CONFIG = resource(
    """
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {text: abc, number: 1, switch: true, nothing: null, list: [1, {a: 2}], map: {a: {b: [true]}}}
"""
)
SUBJECT = "ConfigMap shop/c (v1)"
TEMPLATE = "toy/templates/all.yaml"


@pytest.mark.parametrize(
    ("address", "expected", "passed"),
    [
        ("data.text", "abc", True),
        ("data.number", 1, True),
        ("data.number", "1", False),
        ("data.number", True, False),
        ("data.number", 1.0, False),
        ("data.switch", True, True),
        ("data.switch", 1, False),
        ("data.nothing", None, True),
        ("data.gone", None, False),
        ("data.gone", ABSENT, True),
        ("data.list", [1, {"a": 2}], True),
        ("data.list", [1, {"a": True}], False),
        ("data.list", [{"a": 2}, 1], False),
        ("data.map", {"a": {"b": [True]}}, True),
        ("data.map", {"a": {"b": [1]}}, False),
        ("data.map", {"a": {"b": [True]}, "c": None}, False),
    ],
)
def test_equals(address: str, expected: Any, passed: bool) -> None:
    actual = CONFIG.at(address)
    assert checks.equals(CONFIG.place(address), expected) == Check(SUBJECT, address, expected, actual, passed, TEMPLATE)
    assert checks.compares(CONFIG.place(address), actual, expected) == checks.equals(CONFIG.place(address), expected)


@pytest.mark.parametrize(
    ("address", "item", "passed"),
    [
        ("data.text", "b", True),
        ("data.text", "z", False),
        ("data.text", 5, False),
        ("data.list", 1, True),
        ("data.list", True, False),
        ("data.list", {"a": 2}, True),
        ("data.map", "a", True),
        ("data.map", ["a"], False),
        ("data.number", 1, False),
        ("data.gone", "a", False),
    ],
)
def test_contains(address: str, item: Any, passed: bool) -> None:
    check = checks.contains(CONFIG.place(address), item)
    assert (check.passed, check.expected, check.actual) == (passed, f"contains {item!r}", CONFIG.at(address))


@pytest.mark.parametrize(("address", "there"), [("data.text", True), ("data.nothing", True), ("data.gone", False)])
def test_existence_of_a_value(address: str, there: bool) -> None:
    assert checks.exists(CONFIG.place(address)).passed is there
    assert checks.missing(CONFIG.place(address)).passed is not there
    assert checks.missing(CONFIG.place(address)).expected is ABSENT


def test_satisfies_never_asks_about_what_is_absent() -> None:
    assert checks.satisfies(CONFIG.place("data.text"), str.isalpha, "letters").passed
    check = checks.satisfies(CONFIG.place("data.gone"), lambda _: True, "anything")
    assert (check.passed, check.expected, check.actual) == (False, "anything", ABSENT)


MANIFESTS = """
apiVersion: v1
kind: Secret
metadata: {name: s}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: elsewhere}
"""


@pytest.mark.parametrize(
    ("name", "namespace", "there", "subject"),
    [
        ("s", "", True, "Secret shop/s (v1)"),
        ("s", "elsewhere", True, "Secret elsewhere/s (v1)"),
        ("s", "nowhere", False, "Secret nowhere/s"),
        ("t", "", False, "Secret t"),
    ],
)
def test_existence_of_a_resource(name: str, namespace: str, there: bool, subject: str, toy: Chart) -> None:
    rendering = rendering_of(toy, MANIFESTS)
    wanted = checks.rendered(rendering, "Secret", name, namespace)
    unwanted = checks.not_rendered(rendering, "Secret", name, namespace)
    assert (wanted.passed, unwanted.passed) == (there, not there)
    assert {wanted.subject, unwanted.subject} == {subject}
    assert wanted.template == (TEMPLATE if there else "")


def test_same_identities() -> None:
    there = parse(f"---\n# Source: {TEMPLATE}\n{MANIFESTS}", "shop")
    expected = [Identity("v1", "Secret", "shop", "s"), Identity("v1", "Secret", "shop", "gone")]
    found = {
        check.subject: (check.expected, check.actual, check.passed) for check in checks.same_identities(expected, there)
    }
    assert found == {
        "Secret shop/s (v1)": ("rendered", "rendered", True),
        "Secret elsewhere/s (v1)": (ABSENT, "rendered", False),
        "Secret shop/gone (v1)": ("rendered", ABSENT, False),
    }


def test_template_renders(toy: Chart) -> None:
    rendering = rendering_of(toy, MANIFESTS)
    check = checks.template_renders(rendering, "all.yaml", wanted=False)
    assert (check.subject, check.passed) == (TEMPLATE, False)
    assert check.actual == "Secret elsewhere/s (v1), Secret shop/s (v1)"
    assert checks.template_renders(rendering, "none.yaml", wanted=False).passed


def test_what_is_not_a_resource() -> None:
    assert checks.chart_states("values.yaml", "a", expected=1, actual=True) == Check(
        "values.yaml", "a", 1, True, False, "values.yaml"
    )
    assert checks.helm_states("warnings", expected=(), actual=()).passed
    assert checks.states(CONFIG / "data", True, expected="x", actual="y").actual == "y"


def test_states_shows_what_is_there_unless_it_is_said() -> None:
    assert checks.states(CONFIG / "data" / "text", False, expected="x").actual == "abc"
    assert checks.states(CONFIG / "data" / "nothing", False, expected="x").actual is None
    assert checks.states(CONFIG / "data" / "text", False, expected="x", actual=None).actual is None
