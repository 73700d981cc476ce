"""`chartgate check` and pytest give the same verdicts: what is red in the one is red in the other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from chartgate.commands.main import main
from tests.engine.conftest import GENERIC, POLICIES, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, TOY

WAIVERS = """
waivers:
  - {policy: token_arrives, scenario: SCENARIO, reason: Agreed., owner: shop team, expires: DAY}
"""
WAIVED = WAIVERS.replace("SCENARIO", '"*"').replace("DAY", "2999-12-31")
IN_PART = WAIVERS.replace("SCENARIO", "secret").replace("DAY", "2999-12-31")
EXPIRED = WAIVERS.replace("SCENARIO", '"*"').replace("DAY", "2020-01-01")

PAIRS = """
from itertools import pairwise

from chartgate.policy.checks import equals
from chartgate.policy.policy import WHOLE_MATRIX, policy


@policy(over=pairwise, severity="error", remediation="Let them agree.")
def modes_agree(before, after):
    \"\"\"Neighbours have the same mode.\"\"\"
    mode = before.resources.one("ConfigMap", "demo-config").at("data.mode")
    yield equals(after.resources.one("ConfigMap", "demo-config").place("data.mode"), mode)


@modes_agree.counterexample("off", "cache")
def another_mode(before, after):
    after.resources.one("ConfigMap", "demo-config").manifest["data"]["mode"] = "other"
    return before, after


@policy(over=WHOLE_MATRIX, severity="error", remediation="Use one mode.")
def nobody_is_loud(renderings):
    \"\"\"All have one mode.\"\"\"
    for rendering in renderings:
        yield equals(rendering.resources.one("ConfigMap", "demo-config").place("data.mode"), "plain")


@nobody_is_loud.counterexample("off")
def one_is_loud(renderings):
    renderings[0].resources[0].manifest["data"]["mode"] = "loud"
    return renderings
"""

FAILING = '{{- if eq .Values.mode "loud" }}{{ fail "no noise" }}{{ end }}\n' + TOY["templates/config.yaml"]
NO_SECRETS = {
    "tests/matrix.yaml": MATRIX.replace("toggles: {secret: secret.enabled,", "toggles: {"),
    "rules/shop/identity.py": POLICIES.replace('counterexample("secret")', 'counterexample("off")'),
}
LISTED = "nothing_to_examine: {token_arrives: Without a secret there is no token.}\n"
CRASHING = POLICIES.replace('scenario.value("secret.token"))', 'scenario.value("secret.gone"))')

ALL = ("off", "secret", "cache", "all_on", "loud")
CASES: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "nothing": ({}, []),
    "a finding": (BROKEN, ["test_policy[token_arrives-secret]", "test_policy[token_arrives-all_on]"]),
    "a pair and the whole matrix": (
        {"rules/shop/agreement.py": PAIRS},
        ["test_policy[modes_agree-all_on..loud]", "test_policy[nobody_is_loud-whole_matrix]"],
    ),
    "not rendering": (
        {"toy/templates/config.yaml": FAILING},
        ["test_renders[loud]", "test_policy[config_is_rendered-loud]"],
    ),
    "a pair of which one side does not render": (
        {"toy/templates/config.yaml": FAILING, "rules/shop/agreement.py": PAIRS},
        [
            "test_renders[loud]",
            "test_policy[config_is_rendered-loud]",
            "test_policy[modes_agree-all_on..loud]",
            "test_policy[nobody_is_loud-whole_matrix]",
        ],
    ),
    "a hook that fails": (
        {
            "tests/matrix.yaml": MATRIX + "after_hooks: [{job: patcher, patch_file: PATCH, target: TARGET}]\n",
            "toy/templates/job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: patcher}\n",
        },
        [
            *(f"test_renders[{name}]" for name in ALL),
            *(f"test_policy[config_is_rendered-{name}]" for name in ALL),
            *(f"test_policy[token_arrives-{name}]" for name in ("secret", "all_on")),
        ],
    ),
    "rendered in spite of a refusal": ({"toy/values.schema.json": "{}"}, ["test_refused[no_text]"]),
    "refused in other words": (
        {"tests/matrix.yaml": MATRIX.replace("stderr: [mode]", "stderr: [mode, manners]")},
        ["test_refused[no_text]"],
    ),
    "all waived": (BROKEN | {"tests/matrix.yaml": MATRIX + WAIVED}, []),
    "waived in part": (BROKEN | {"tests/matrix.yaml": MATRIX + IN_PART}, ["test_policy[token_arrives-all_on]"]),
    "an unused waiver": ({"tests/matrix.yaml": MATRIX + WAIVED}, ["test_waiver_is_used[token_arrives-1]"]),
    "an expired waiver": (
        BROKEN | {"tests/matrix.yaml": MATRIX + EXPIRED},
        [
            "test_policy[token_arrives-secret]",
            "test_policy[token_arrives-all_on]",
            "test_waiver_is_used[token_arrives-1]",
        ],
    ),
    "a waiver of no policy": (
        {"tests/matrix.yaml": MATRIX + WAIVED.replace("token_arrives", "token_leaves")},
        ["test_waiver_is_used[token_leaves-1]"],
    ),
    "a policy that examines nothing": (NO_SECRETS, ["test_examines_something[token_arrives]"]),
    "one that says why": (NO_SECRETS | {"tests/matrix.yaml": NO_SECRETS["tests/matrix.yaml"] + LISTED}, []),
    "one that examines something after all": (
        {"tests/matrix.yaml": MATRIX + LISTED},
        ["test_examines_something[token_arrives]"],
    ),
    "a policy that fails itself": (
        {"rules/shop/identity.py": CRASHING},
        [
            "test_policy[token_arrives-secret]",
            "test_policy[token_arrives-all_on]",
        ],
    ),
    "no chart at all": (
        {"toy/templates/config.yaml": "", "toy/templates/secret.yaml": ""},
        [
            *(f"test_renders[{name}]" for name in ALL),
            *(f"test_policy[config_is_rendered-{name}]" for name in ALL),
            *(f"test_policy[token_arrives-{name}]" for name in ("secret", "all_on")),
        ],
    ),
}
CONSEQUENCES = {"a policy that fails itself": {"test_examines_something[token_arrives]"}}
"""Items that are red for what others tell; a report tells it once."""

TESTS = {
    "renders": "test_renders[{case}]",
    "refused": "test_refused[{case}]",
    "crash": "test_policy[{subject}-{case}]",
    "examines": "test_examines_something[{subject}]",
    "waiver": "test_waiver_is_used[{subject}]",
}


def red_in_check(report: Mapping[str, Any]) -> set[str]:
    """Give the names of pytest's items that stand for what a report shows as red."""
    red = {f"test_policy[{entry['policy']}-{case}]" for entry in report["findings"] for case in entry["cases"]}
    red |= {f"test_policy[{one['policy']}-{one['case']}]" for one in report["unjudged"]}
    for problem in report["problems"]:
        name = TESTS[problem["kind"]]
        red |= {name.format(subject=problem["subject"], case=case) for case in problem["cases"] or [""]}
    return red


def red_in_pytest(output: str) -> set[str]:
    """Give the names of the items that a run with `-v` tells as failed, or as not judged."""
    told = r"^tests/(?:matrix\.yaml|test_policies\.py)::(\S+\[.+?\]) (?:FAILED|ERROR|NOT JUDGED) +\[ *\d+%\]$"
    return set(re.findall(told, output, re.MULTILINE))


@pytest.fixture
def checked(project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `chartgate check` in the project; give its exit code and its report."""
    monkeypatch.chdir(project.root)

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main(["check", "--format=json", *arguments])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("name", CASES)
def test_the_verdicts_are_those_of_pytest(name: str, project: Project, checked: Any) -> None:
    files, red = CASES[name]
    project.write(files)
    ran = project.run_plainly("-k", "not test_counterexample", "-v", "tests/matrix.yaml")
    code, report = checked()
    assert red_in_check(report) == set(red)
    assert red_in_pytest(ran.stdout.str()) == set(red) | CONSEQUENCES.get(name, set())
    assert (code, report["red"]) == (int(bool(red)), bool(red))
    assert code == int(ran.ret)
    assert len(report["waived"]) == len(re.findall(r"findings? in \d items?;", ran.stdout.str()))


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["token_arrives"], "token_arrives"),
        (["config_is_rendered", "token_arrives"], "config_is_rendered or token_arrives"),
        (["--scenario=secret"], "test_renders[secret] or token_arrives-secret or config_is_rendered-secret"),
        (["--scenario=no_text"], "test_refused"),
        (["token_arrives", "--scenario=all_on"], "token_arrives-all_on"),
        (["--kube-version=1.29"], "not test_counterexample"),
    ],
)
def test_a_selection_is_that_of_pytest(arguments: list[str], key: str, project: Project, checked: Any) -> None:
    """What a selection leaves out is not judged, and what it holds is judged alike."""
    project.write(BROKEN | {"toy/values.schema.json": "{}", "tests/matrix.yaml": MATRIX + IN_PART})
    options = [argument for argument in arguments if argument.startswith("--kube")]
    key = f"({key}) and not test_counterexample".replace("[", " and ").replace("]", "")
    ran = project.run_plainly("-k", key, "-v", "tests/matrix.yaml", *options)
    _, report = checked(*arguments)
    assert red_in_pytest(ran.stdout.str()) == red_in_check(report)


def test_a_case_of_many_scenarios_is_told_in_words(project: Project, checked: Any) -> None:
    project.write({"rules/shop/agreement.py": PAIRS})
    _, report = checked()
    where = {finding["policy"]: finding["where"] for finding in report["findings"]}
    assert where == {"modes_agree": "in all_on..loud", "nobody_is_loud": "where all scenarios are compared"}


def test_a_chart_without_a_matrix(project: Project, checked: Any) -> None:
    project.write({f"other/{name}": content for name, content in TOY.items()})
    project.write({"other/Chart.yaml": "name: other\nversion: 1.0.0\n", "generic/__init__.py": GENERIC})
    code, report = checked("--chart=other", "--policies=generic")
    assert (code, report["matrix"], report["cases"]) == (0, "the defaults of other", 2)
