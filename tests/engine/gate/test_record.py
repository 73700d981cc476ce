"""The record of a run: what each case of each policy gave, and the resources of its findings beside green ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.gate.gate import open_gate
from chartgate.gate.results.outcome import Outcome
from chartgate.gate.run import Selection, run
from chartgate.matrix.choice import Choice, copy_for_run
from tests.engine.commands.test_check import FAILING, PAIRS, WAIVED
from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, write


def recorded(folder: Path, files: Mapping[str, str], policies: str = "rules") -> Outcome:
    """Judge the toy project with some files changed."""
    write(folder, files)
    choice = Choice(matrix="tests/matrix.yaml")
    scratch = folder / "scratch"
    scratch.mkdir()
    gate = open_gate(
        choice, [policies], scratch, copied_chart=copy_for_run(choice, scratch), options=(), is_selection=True
    )
    return run(gate, Selection(), lambda *_: None, recorded=True)


def states(outcome: Outcome, policy: str) -> dict[str, str]:
    assert outcome.record is not None
    return {case.case: case.state for case in outcome.record.cases if case.policy == policy}


GREEN = {"off": "green", "secret": "green", "cache": "green", "all_on": "green", "loud": "green"}


@pytest.mark.parametrize(
    ("files", "policy", "expected"),
    [
        ({}, "config_is_rendered", GREEN),
        (BROKEN, "token_arrives", {"secret": "warning", "all_on": "warning"}),
        (BROKEN | {"tests/matrix.yaml": MATRIX + WAIVED}, "token_arrives", {"secret": "waived", "all_on": "waived"}),
        ({"toy/templates/config.yaml": FAILING}, "config_is_rendered", GREEN | {"loud": "unjudged"}),
    ],
    ids=["green", "red", "waived", "not rendered"],
)
def test_what_a_case_gave(files: Mapping[str, str], policy: str, expected: object, project: Project) -> None:
    assert states(recorded(project.root, files), policy) == expected


def test_a_pair_is_about_its_second_scenario_and_the_whole_matrix_about_none(project: Project) -> None:
    record = recorded(project.root, {"rules/shop/agreement.py": PAIRS}).record
    assert record is not None
    found = {(case.case, case.scenario) for case in record.cases if case.policy in ("modes_agree", "nobody_is_loud")}
    assert ("all_on..loud", "loud") in found
    assert ("whole_matrix", "") in found


def test_scenarios_and_policies(project: Project) -> None:
    record = recorded(project.root, {"toy/templates/config.yaml": FAILING}).record
    assert record is not None
    scenarios = {scenario.name: scenario for scenario in record.scenarios}
    assert scenarios["all_on"].traits == ("cache", "secret")
    assert scenarios["all_on"].given == ("release demo", "namespace shop", "Kubernetes 1.31.0")
    assert {name: scenario.state for name, scenario in scenarios.items()} == {
        "off": "green", "secret": "green", "cache": "green", "all_on": "green", "loud": "error", "no_text": "green",
    }  # fmt: skip
    assert [scenario.name for scenario in record.scenarios if scenario.is_refused] == ["no_text"]
    assert ("token_arrives", "identity") in [(policy.name, policy.family) for policy in record.policies]


QUIET = '''
from chartgate.policy.checks import equals
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Be quiet.")
def modes_are_plain(rendering):
    """Nobody is loud."""
    yield equals(rendering.resources.one("ConfigMap", "demo-config").place("data.mode"), "plain")


modes_are_plain.counterexample("off")(lambda rendering: rendering)
'''


TURNED_ROUND = """\
{{- if eq .Values.mode "loud" }}
data: {mode: {{ .Values.mode }}}
metadata: {namespace: {{ .Release.Namespace }}, name: {{ .Release.Name }}-config}
{{- else }}
metadata: {name: {{ .Release.Name }}-config, namespace: {{ .Release.Namespace }}}
data: {mode: {{ .Values.mode }}}
{{- end }}
kind: ConfigMap
apiVersion: v1
"""


@pytest.mark.parametrize("files", [{}, {"toy/templates/config.yaml": TURNED_ROUND}], ids=["alike", "turned round"])
def test_a_finding_is_shown_beside_the_nearest_green_scenario(files: dict[str, str], project: Project) -> None:
    loud = MATRIX.replace("{toggles: [], values: {mode: loud}}", "{toggles: [cache], values: {mode: loud}}")
    outcome = recorded(project.root, {"rules/shop/quiet.py": QUIET, "tests/matrix.yaml": loud, **files})
    [finding] = [finding for finding in outcome.findings if finding.policy.name == "modes_are_plain"]
    assert outcome.record is not None
    shown = outcome.record.resources[finding.fingerprint]
    assert shown.scenario == "loud"
    assert shown.text.split("\n")[shown.marked[0] - 1 : shown.marked[1]] == ["  mode: loud"]
    assert (shown.nearest, shown.traits, shown.is_there) == ("cache", (), True)
    assert [line for line in shown.difference if line[0] in "+-"] == ["-  mode: loud", "+  mode: plain"]


def test_where_no_scenario_is_green_nothing_is_compared(project: Project) -> None:
    outcome = recorded(project.root, {"rules/shop/quiet.py": QUIET.replace('"plain"', '"silent"')})
    [finding] = [finding for finding in outcome.findings if finding.policy.name == "modes_are_plain"]
    assert outcome.record is not None
    shown = outcome.record.resources[finding.fingerprint]
    assert (shown.nearest, shown.difference) == ("", ())


def test_a_resource_of_another_scenario_only_is_said_not_to_be_there(project: Project) -> None:
    outcome = recorded(project.root, BROKEN)
    [finding] = outcome.findings
    assert outcome.record is not None
    shown = outcome.record.resources.get(finding.fingerprint)
    assert shown is not None
    assert "t0p-s3cret" not in shown.text
    assert not shown.is_there
