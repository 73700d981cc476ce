"""After a change of the chart, what was said of equal renderings is known, of policies that look at nothing else."""

from __future__ import annotations

import pytest

from tests.engine.gate.conftest import Watched

BEFORE = """
import copy

from chartgate.documents.very_objects import TheVery
from chartgate.policy.checks import chart_states
from chartgate.policy.policy import WHOLE_MATRIX, policy
from chartgate.policy.subjects import each


def version_of(the):
    return vars(the.it)["chart"].version
"""
READER = '''

@policy(severity="error", remediation="Go back.", {kind})
def version_{name}({given}):
    """The version of the chart is the first."""
    yield chart_states("Chart.yaml", "version", expected="{name}: 1.2.3", actual="{name}: " + {actual})


version_{name}.counterexample("off")(lambda *given: given)
'''
READERS = {
    "itself": ("", "rendering", "rendering.chart.version"),
    "of_the_scenario": ("", "rendering", "rendering.scenario.chart.version"),
    "in_a_copy": ("", "rendering", "copy.deepcopy(rendering).chart.version"),
    "by_its_name": ("", "rendering", "getattr(rendering, 'chart').version"),
    "behind_something_that_is_remembered": ("", "rendering", "version_of(TheVery(rendering))"),
    "of_all": ("over=WHOLE_MATRIX", "renderings", "renderings[-1].chart.version"),
    "of_a_pair": ("over=lambda s: [(s[0], s[1])]", "old, new", "old.chart.version"),
    "beside_a_resource": ('judges=each("ConfigMap")', "config, chart", "chart.version"),
    "of_what_was_explored": (
        "explores=lambda all: [all[0].scenario.again(1)], over=lambda s: [(s[0], s[1])]",
        "*all",
        "vars(all[-1])['chart'].version",
    ),
}
"""Where a policy may have the version of the chart from; nothing that is rendered shows it."""


def test_what_sees_the_chart_is_judged_again(watched: Watched) -> None:
    given = [
        READER.format(name=name, kind=kind, given=given, actual=actual)
        for name, (kind, given, actual) in READERS.items()
    ]
    watched.write("rules/charts.py", BEFORE + "".join(given))
    names = {f"version_{name}" for name in READERS}
    assert watched.run(*names)[0] == 0
    watched.edit("toy/Chart.yaml", "1.2.3", "1.2.4")
    code, said = watched.run(*names)
    assert (code, watched.rendered != []) == (1, True)
    assert {name for name in names if name in said} == names
    assert {name.partition("-")[0] for name in watched.judged} == names


REMEMBERING = """
SEEN = {}

from chartgate.policy.checks import chart_states
from chartgate.policy.policy import policy


def version(rendering):
    if rendering.scenario.name not in SEEN:
        SEEN[rendering.scenario.name] = rendering.chart.version
    return SEEN[rendering.scenario.name]


def made(name):
    def judge(rendering):
        yield chart_states("Chart.yaml", "version", expected="1.2.3", actual=version(rendering))

    judge.__name__, judge.__doc__ = name, "The version of the chart is the first."
    found = policy(severity="error", remediation="Go back.")(judge)
    found.counterexample("off")(lambda rendering: rendering)
    return found


first, second = made("version_by_looking"), made("version_by_memory")
"""


def test_what_may_remember_the_chart_is_judged_again(watched: Watched) -> None:
    """The second of the two never looks at the chart itself."""
    watched.write("rules/charts.py", REMEMBERING)
    given = ("version_by_looking", "version_by_memory")
    assert watched.run(*given)[0] == 0
    watched.edit("toy/Chart.yaml", "1.2.3", "1.2.4")
    code, said = watched.run(*given)
    assert code == 1
    assert "version_by_looking" in said
    assert "version_by_memory" in said


IN_BOTH = {"config_is_rendered-secret", "config_is_rendered-all_on", "token_is_short-secret", "token_is_short-all_on"}
EVERYWHERE = IN_BOTH | {f"config_is_rendered-{name}" for name in ("off", "cache", "loud")}


@pytest.mark.parametrize(
    ("file", "old", "new", "judged"),
    [
        ("toy/templates/config.yaml", "\napiVersion", "{{- /* A comment. */}}\napiVersion", set()),
        ("toy/templates/config.yaml", "data: {mode", "data: {more: a, mode", EVERYWHERE),
        ("toy/templates/secret.yaml", "stringData: {token", "stringData: {more: a, token", IN_BOTH),
        ("toy/templates/secret.yaml", "if .Values.secret.enabled", "if not .Values.secret.enabled", EVERYWHERE),
        ("toy/values.schema.json", '{"type": "string"}', '{"type": "string", "title": "A mode"}', set()),
        ("toy/values.yaml", "cache: {enabled: false}", "cache: {enabled: false, size: 1}", EVERYWHERE),
    ],
)
def test_what_differs_is_judged_again(watched: Watched, file: str, old: str, new: str, judged: set[str]) -> None:
    watched.run()
    watched.edit(file, old, new)
    cold = watched.run("--no-cache")
    assert watched.run() == cold
    assert watched.rendered != []
    assert {name for name in watched.judged if not name.startswith("config_stays")} == judged
    assert bool([name for name in watched.judged if name.startswith("config_stays")]) == bool(judged)


def test_equal_renderings_that_fail_are_no_verdict(watched: Watched) -> None:
    watched.run()
    watched.edit("toy/templates/secret.yaml", "{{- if", '{{- fail "no" }}{{- if')
    code, said = watched.run()
    assert (code, watched.judged != []) == (1, True)
    assert "no" in said
