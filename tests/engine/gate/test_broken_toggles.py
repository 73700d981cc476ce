"""Where half of the scenarios do not render for one reason, one line says which, and what to do."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.gate.results.outcome import Problem, ProblemKind
from chartgate.gate.telling.broken_toggles import summed_up
from chartgate.matrix.matrix import Matrix
from chartgate.matrix.toggles import Toggle
from tests.engine.toys import scenario

TOGGLES = {"web": Toggle(("web.enabled", "web.tls")), "cache": Toggle(("cache.enabled",))}
SCENARIOS = [
    dataclasses.replace(scenario(name, size=1), traits=frozenset(traits.split()))
    for name, traits in {
        "off": "size=small",
        "web": "web size=small",
        "cache": "cache size=small",
        "all_on": "web cache size=small",
        "mix_01": "web cache size=large",
    }.items()
]


@pytest.mark.parametrize(
    ("cases", "kind", "expected"),
    [
        (
            ["web", "all_on", "mix_01"],
            "renders",
            "3 of 5 scenarios do not render, all with web: give it what it needs under `toggles` in tests/matrix.yaml,"
            " `web: {web.enabled: true, web.tls: true, KEY: VALUE}`",
        ),
        (["all_on", "mix_01"], "renders", "2 of 5 scenarios do not render, all with cache and web"),
        (["off", "cache"], "renders", "2 of 5 scenarios do not render, all without web"),
        (["off", "web", "cache", "all_on"], "renders", "4 of 5 scenarios do not render, all with size=small"),
        (
            ["off", "web", "cache", "all_on", "mix_01"],
            "renders",
            "5 of 5 scenarios do not render: set what the chart always needs under `values` in tests/matrix.yaml",
        ),
        (["mix_01"], "renders", ""),
        (
            ["off", "mix_01"],
            "renders",
            "2 of 5 scenarios do not render, all with size=large, and all without cache and without web",
        ),
        (["web", "all_on", "mix_01"], "crash", ""),
        (["web", "all_on", "***"], "renders", ""),
    ],
)
def test_what_they_have_in_common(cases: list[str], kind: ProblemKind, expected: str) -> None:
    problem = Problem(kind, "", "host is needed", tuple(cases))
    matrix = Matrix("tests/matrix.yaml", {s.name: s for s in SCENARIOS}, TOGGLES)
    assert list(summed_up([problem], SCENARIOS, matrix)) == [dataclasses.replace(problem, summary=expected)]
    conventional = dataclasses.replace(matrix, is_conventional=True)
    assert list(summed_up([problem], SCENARIOS, conventional)) == [problem]


def test_what_no_value_mends() -> None:
    told = "Error: parse error at (web/templates/_helpers.tpl:7): unexpected EOF"
    problem = Problem("renders", "", told, tuple(s.name for s in SCENARIOS))
    [found] = summed_up([problem], SCENARIOS, Matrix("tests/matrix.yaml", {s.name: s for s in SCENARIOS}, TOGGLES))
    assert found.summary == (
        "5 of 5 scenarios do not render, whatever the values are: mend the template at the place that helm names"
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Error: YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 3: no",
            "3 of 5 scenarios do not render, all with web: mend the template at the place that helm names",
        ),
        (
            'error calling include:\ntemplate: no template "web.x" associated with template "gotpl"',
            "3 of 5 scenarios do not render, all with web: mend the template at the place that helm names",
        ),
        ("a hook fails: Job a: no container sets X", "the hooks fail in 3 of 5 scenarios, all with web"),
    ],
)
def test_what_no_value_of_a_toggle_mends(message: str, expected: str) -> None:
    problem = Problem("renders", "", message, ("web", "all_on", "mix_01"))
    [found] = summed_up([problem], SCENARIOS, Matrix("tests/matrix.yaml", {s.name: s for s in SCENARIOS}, TOGGLES))
    assert found.summary == expected


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        (".name.x", "whatever the values are: mend the template at the place that helm names"),
        (".Values.name.x", "set what the chart always needs under `values` in tests/matrix.yaml"),
        (".Values.sizee.x", "whatever the values are: mend the template at the place that helm names"),
        ("$.Values.name.x", "set what the chart always needs under `values` in tests/matrix.yaml"),
    ],
)
def test_an_expression_that_reads_no_value_is_to_be_mended(expression: str, what: str) -> None:
    message = f'at <include "a" .>: error calling include: a: executing "a" at <{expression}>: nil pointer evaluating x'
    problem = Problem("renders", "", message, tuple(s.name for s in SCENARIOS))
    [told] = summed_up([problem], SCENARIOS, Matrix("tests/matrix.yaml", {s.name: s for s in SCENARIOS}, TOGGLES))
    told_what = told.summary.partition("do not render")[2]
    assert told_what in (f": {what}", f", {what}")
