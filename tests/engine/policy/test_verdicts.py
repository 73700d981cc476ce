"""Judging: what a verdict holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from chartgate.model import Case, Chart, Check, Rendering, Scenario
from chartgate.policy.checks import rendered
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX
from chartgate.policy.verdicts import judge
from tests.engine.toy_policies import CONFIG, everyone_agrees, key_is_good, keys_agree, made_of, neighbours
from tests.engine.toys import rendering_of, scenario


def _case(*scenarios: Scenario) -> Case:
    return Case("..".join(s.name for s in scenarios), scenarios)


def test_judge_gives_checks_with_their_scenario(toy: Chart) -> None:
    given = scenario("loud")
    good = judge(made_of(key_is_good), _case(given), lambda s: rendering_of(toy, CONFIG, s))
    assert good.findings == ()
    assert [(check.subject, check.scenario, check.passed) for check in good.checks] == [
        ("ConfigMap shop/a (v1)", "loud", True)
    ]
    bad = judge(made_of(key_is_good), _case(given), lambda s: rendering_of(toy, CONFIG.replace("good", "bad"), s))
    assert [(check.expected, check.actual, check.scenario) for check in bad.findings] == [("good", "bad", "loud")]


def test_what_is_missing_is_a_finding(toy: Chart) -> None:
    verdict = judge(made_of(key_is_good), _case(scenario("loud")), lambda s: rendering_of(toy, "", s))
    [finding] = verdict.findings
    assert (finding.subject, finding.expected, finding.actual, finding.scenario) == (
        "ConfigMap a",
        "rendered once",
        "no ConfigMap at all",
        "loud",
    )


def test_checks_before_something_missing_are_kept(toy: Chart) -> None:
    def first_then_missing(rendering: Rendering) -> Iterator[Check]:
        yield rendered(rendering, "ConfigMap", "a")
        rendering.resources.one("Route", "r")

    verdict = judge(made_of(first_then_missing), _case(scenario()), lambda s: rendering_of(toy, CONFIG, s))
    assert [(check.subject, check.passed) for check in verdict.checks] == [
        ("ConfigMap shop/a (v1)", True),
        ("Route r", False),
    ]


def test_a_pair_and_the_whole_matrix(toy: Chart) -> None:
    one, two = scenario("one"), scenario("two")

    def rendering(given: Scenario) -> Rendering:
        return rendering_of(toy, CONFIG if given is one else CONFIG.replace("good", "bad"), given)

    [pair] = judge(made_of(keys_agree, neighbours), _case(one, two), rendering).findings
    assert (pair.expected, pair.actual, pair.scenario) == ("good", "bad", "two")
    [matrix] = judge(made_of(everyone_agrees, WHOLE_MATRIX), _case(one, two), rendering).findings
    assert (matrix.actual, matrix.scenario) == ("bad", "")


@pytest.mark.parametrize(
    ("version", "error", "asked", "told", "unrendered"),
    [
        ("1.0.0", "", [], [], ()),
        ("1.0.0", "refused", [], [], ()),
        ("2.0.0", "", ["one", "two"], [("2.0.0", "")], ()),
        ("2.0.0", "refused", ["one", "two"], [], ("one", "two")),
    ],
)
def test_a_policy_on_the_chart_waits_for_renderings_only_with_what_it_finds(
    toy: Chart, version: str, error: str, asked: list[str], told: list[tuple[str, str]], unrendered: tuple[str, ...]
) -> None:
    def is_the_first(chart: Chart) -> Iterator[Check]:
        yield Check("Chart.yaml", "version", "1.0.0", chart.version, chart.version == "1.0.0")

    chart, rendered_ones = dataclasses.replace(toy, version=version), []
    one, two = (dataclasses.replace(scenario(name), chart=chart) for name in ("one", "two"))

    def rendering(given: Scenario) -> Rendering:
        rendered_ones.append(given.name)
        return dataclasses.replace(rendering_of(chart, CONFIG, given), error=error)

    verdict = judge(made_of(is_the_first, THE_CHART), _case(one, two), rendering)
    assert [(check.actual, check.scenario) for check in verdict.findings] == told
    assert (rendered_ones, verdict.unrendered) == (asked, unrendered)


def test_what_did_not_render_is_not_judged(toy: Chart) -> None:
    one, two = scenario("one"), scenario("two")

    def rendering(given: Scenario) -> Rendering:
        return dataclasses.replace(rendering_of(toy, "", given), error="refused" if given is two else "")

    verdict = judge(made_of(keys_agree, neighbours), _case(one, two), rendering)
    assert (verdict.unrendered, verdict.checks) == (("two",), ())


def test_a_trial_that_helm_refuses_is_judged(toy: Chart) -> None:
    one, two = scenario("one"), dataclasses.replace(scenario("two"), is_trial=True)

    def rendering(given: Scenario) -> Rendering:
        return dataclasses.replace(rendering_of(toy, "", given), error="refused" if given is two else "")

    def refusal(_: Rendering, after: Rendering) -> Iterator[Check]:
        yield Check("helm", "", "rendered", after.error, passed=False)

    made = made_of(refusal, neighbours)
    assert [finding.actual for finding in judge(made, _case(one, two), rendering).findings] == ["refused"]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        ("Error: execution error at (toy/templates/a.yaml:7:17): a name of more than 60 characters", ()),
        ("Error: values don't meet the specifications of the schema(s) in the following chart(s):\ntoy:\n", ()),
        ("Error: template: toy/templates/a.yaml:1: nil pointer evaluating interface {}.b\n", ("nil pointer",)),
        ("Error: YAML parse error on toy/templates/a.yaml: could not find expected ':'", ("YAML parse error",)),
    ],
)
def test_a_chart_may_refuse_in_words_what_a_policy_derives(toy: Chart, error: str, found: tuple[str, ...]) -> None:
    one = scenario("one")
    other = one.derived("longest", release="a-long-name")

    def rendering(given: Scenario) -> Rendering:
        return dataclasses.replace(rendering_of(toy, CONFIG, given), error=error if given is other else "")

    verdict = judge(made_of(keys_agree, neighbours), _case(one, other), rendering)
    assert verdict.unrendered == ()
    assert [(check.path, check.scenario) for check in verdict.checks] == [
        ("release a-long-name in namespace shop", "one.longest")
    ]
    assert [words in finding.actual for finding, words in zip(verdict.findings, found, strict=True)] == [True] * len(
        found
    )
