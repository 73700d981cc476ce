"""Proving: which counterexamples show that a policy can fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chartgate.errors import InputError
from chartgate.model import Chart, Check, Rendering, Resource
from chartgate.policy.checks import chart_states, equals, helm_states
from chartgate.policy.policy import WHOLE_MATRIX
from chartgate.policy.proofs import literal_rendering, proof_problem, prove
from tests.engine.toy_policies import CONFIG, everyone_agrees, key_is_good, keys_agree, made_of, neighbours
from tests.engine.toys import rendering_of, scenario

Break = Callable[..., Any]


def chart_is_closed(rendering: Rendering) -> Iterator[Check]:
    """Metadata, defaults, schema, templates and warnings are as they were."""
    chart = rendering.chart
    yield chart_states("Chart.yaml", "name", expected="toy", actual=chart.metadata["name"])
    yield chart_states("values.yaml", "mode", expected="plain", actual=chart.defaults["mode"])
    yield chart_states("values.schema.json", "", expected=False, actual="changed" in chart.schema)
    yield chart_states("templates", "", expected=False, actual="changed" in chart.templates)
    yield helm_states("warnings", expected=(), actual=rendering.warnings)


def nothing(rendering: Rendering) -> Rendering:
    return rendering


def bad_key(rendering: Rendering) -> Rendering:
    rendering.resources.one("ConfigMap", "a").manifest["data"]["key"] = "bad"
    return rendering


def other_key(rendering: Rendering) -> Rendering:
    rendering.resources.one("ConfigMap", "b").manifest["data"]["key"] = "bad"
    return rendering


def gone(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("ConfigMap", "a"))
    return rendering


def twice(rendering: Rendering) -> Rendering:
    first = rendering.resources.one("ConfigMap", "a")
    rendering.resources.append(Resource(first.manifest, "other.yaml", "shop"))
    return rendering


@pytest.mark.parametrize(
    ("break_", "changed", "noticed", "text"),
    [
        (bad_key, ["ConfigMap shop/a (v1)"], True, ""),
        (gone, ["ConfigMap shop/a (v1)"], True, ""),
        (twice, ["ConfigMap shop/a (v1)", "other.yaml"], True, ""),
        (nothing, [], False, "it changes nothing"),
        (
            other_key,
            ["ConfigMap shop/b (v1)"],
            False,
            "the policy stays green after a change to\n  ConfigMap shop/b (v1)",
        ),
    ],
)
def test_proof(break_: Break, changed: list[str], noticed: bool, text: str, toy: Chart) -> None:
    made = made_of(key_is_good)
    made.counterexample("off")(break_)
    healthy = rendering_of(toy, CONFIG)
    proof = prove(made.counterexamples[0], [healthy])
    assert (list(proof.changed), proof.noticed, proof.before) == (changed, noticed, ())
    assert healthy.resources.identities() == rendering_of(toy, CONFIG).resources.identities()
    assert healthy.resources[0].at("data.key") == "good"
    assert proof_problem(proof) == text


def keys_agree_within(rendering: Rendering) -> Iterator[Check]:
    """`a` has the key of `b`."""
    other = rendering.resources.one("ConfigMap", "b").at("data.key")
    yield equals(rendering.resources.one("ConfigMap", "a").place("data.key"), other)


def test_a_finding_about_something_else_proves_nothing(toy: Chart) -> None:
    made = made_of(keys_agree_within)
    made.counterexample("off")(other_key)
    proof = prove(made.counterexamples[0], [rendering_of(toy, CONFIG)])
    assert not proof.noticed
    assert proof_problem(proof).splitlines() == [
        "no finding is about what was changed,",
        "  ConfigMap shop/b (v1)",
        "but about",
        "  ConfigMap shop/a (v1) data.key: expected bad, found good",
    ]


def test_a_policy_that_is_red_before(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.counterexample("off")(gone)
    proof = prove(made.counterexamples[0], [rendering_of(toy, CONFIG.replace("good", "bad"))])
    assert [finding.actual for finding in proof.before] == ["bad"]
    assert proof_problem(proof).startswith("the policy is red before anything is changed:\n  ConfigMap shop/a (v1) ")


def _broken(part: str, rendering: Rendering) -> Rendering:
    chart: Any = rendering.chart
    match part:
        case "Chart.yaml":
            chart.metadata["name"] = "other"
        case "values.yaml":
            chart.defaults["mode"] = "other"
        case "values.schema.json":
            chart.schema["changed"] = True
        case "templates":
            chart.templates["changed"] = ""
        case "helm":
            return dataclasses.replace(rendering, warnings=("beware",))
    return rendering


@pytest.mark.parametrize("part", ["Chart.yaml", "values.yaml", "values.schema.json", "templates", "helm"])
def test_a_change_of_the_chart_is_noticed(part: str, toy: Chart) -> None:
    made = made_of(chart_is_closed)
    made.counterexample("off")(lambda rendering: _broken(part, rendering))
    proof = prove(made.counterexamples[0], [rendering_of(toy, CONFIG)])
    assert (proof.changed, proof.before, proof.noticed) == ((part,), (), True)
    assert [finding.subject for finding in proof.after] == [part]
    assert "changed" not in toy.schema


def test_pairs_and_the_whole_matrix_are_broken_too(toy: Chart) -> None:
    healthy = [rendering_of(toy, CONFIG, scenario("one")), rendering_of(toy, CONFIG, scenario("two"))]
    pair, matrix = made_of(keys_agree, neighbours), made_of(everyone_agrees, WHOLE_MATRIX)
    pair.counterexample("one", "two")(lambda before, after: (before, bad_key(after)))
    matrix.counterexample("one", "two")(lambda renderings: [bad_key(renderings[0]), renderings[1]])
    for made in (pair, matrix):
        proof = prove(made.counterexamples[0], healthy)
        assert (proof.changed, proof.before, proof.noticed) == (("ConfigMap shop/a (v1)",), (), True)


@pytest.mark.parametrize("result", [None, [], ()])
def test_a_counterexample_that_returns_nothing(result: Any, toy: Chart) -> None:
    made = made_of(key_is_good)
    made.counterexample("off")(lambda _: result)
    with pytest.raises(InputError, match=r"^counterexample key_is_good-<lambda> must return what it was given, broken"):
        prove(made.counterexamples[0], [rendering_of(toy, CONFIG)])


@pytest.mark.parametrize(
    ("manifests", "template"),
    [
        (CONFIG, "literal/templates/all.yaml"),
        (f"---\n# Source: toy/templates/own.yaml{CONFIG}", "toy/templates/own.yaml"),
        (f"\n---\n# Source: toy/templates/own.yaml{CONFIG}", "toy/templates/own.yaml"),
    ],
)
def test_literal_rendering(manifests: str, template: str, toy: Chart) -> None:
    rendering = literal_rendering(manifests, toy)
    assert [(r.name, r.namespace, r.template) for r in rendering.resources] == [
        ("a", "default", template),
        ("b", "default", template),
    ]
    assert rendering.after_hooks == rendering.resources
    assert rendering.scenario.value("mode") == "plain"
