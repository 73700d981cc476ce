"""Pytest tells each cause once, by scenario and place; counts, exit code and the failures of others are its own."""

from __future__ import annotations

import pytest

from tests.engine.commands.test_check import FAILING
from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import TOY

UNPARSABLE = {"toy/templates/config.yaml": TOY["templates/config.yaml"] + "{{ nosuchfunction . }}\n"}
OTHERS = "def test_of_the_project():\n    assert 1 == 2\n"

FOUND = [
    "=* red =*",
    "Secret shop/demo-secret (v1) from toy/templates/secret.yaml",
    "  stringData.token",
    "  written by toy/templates/secret.yaml:6; it prints secret.token at toy/values.yaml:3",
    "  warning: token_arrives: The Secret holds the token of the values.",
    "      expected: <secret>",
    "      actual:   t0p-",
    "    what to do: Copy the token as it is.",
    "    in 2 of 5 scenarios: all with secret",
    "    see it again: pytest 'tests/matrix.yaml::test_policy[[]token_arrives-secret]'*",
]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
def test_a_cause_is_told_once(workers: list[str], project: Project) -> None:
    project.write(BROKEN | {"tests/test_others.py": OTHERS})
    result = project.run_plainly(*workers, "-k", "not test_counterexample")
    result.assert_outcomes(failed=3, passed=13)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(FOUND, consecutive=True)
    text = result.stdout.str()
    assert text.count("The Secret holds the token") == 1
    # What is not ours has its own block and its line in the list.
    assert "_ test_of_the_project _" in text
    assert [line.partition(" - ")[0] for line in result.outlines if line.startswith("FAILED")] == [
        "FAILED tests/test_others.py::test_of_the_project"
    ]


def test_all_that_no_values_can_help_is_told_once(project: Project) -> None:
    """What follows from it is counted."""
    project.write(UNPARSABLE)
    result = project.run("-k", "not test_counterexample")
    assert "5 failed, 1 passed, 2 skipped, 2 deselected, 7 not judged" in result.stdout.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "=* red =*",
            "5 of 5 scenarios do not render, whatever the values are: mend the template at the place that helm names",
            '  Error: parse error at (toy/templates/config.yaml:*): function "nosuchfunction" not defined',
            "  at toy/templates/config.yaml:6",
            "    see it again: pytest 'tests/matrix.yaml::test_renders[[]off]'*",
            "",
            "not judged, because helm did not render it: 7 cases of 2 policies",
        ],
        consecutive=True,
    )
    assert "FAILED" not in result.stdout.str()


@pytest.mark.parametrize("key", ["config_is_rendered-loud", "config_is_rendered"])
def test_what_is_not_judged_says_why_and_is_red(key: str, project: Project) -> None:
    """Also where the item that tells of the scenario is not selected."""
    project.write({"toy/templates/config.yaml": FAILING})
    result = project.run_plainly("-k", f"test_policy and {key}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "1 not judged" in result.stdout.str()
    result.stdout.fnmatch_lines(["loud: must render, but it does not", "  Error: *no noise*", "not judged, because *"])


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("token_arrives", "not judged, because the policy is red before anything is changed: 1 counterexample"),
        ("test_counterexample and token_arrives", "the policy is red before anything is changed:"),
    ],
)
def test_a_counterexample_of_a_red_policy_is_counted_beside_its_findings(key: str, line: str, project: Project) -> None:
    project.write(BROKEN)
    result = project.run_plainly("-k", key)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([line])
    assert result.stdout.str().count("before anything is changed") == 1


@pytest.mark.parametrize(
    ("options", "shown", "not_shown"),
    [
        (["-vv"], ["_ test_policy[token_arrives-secret] _", "_ test_policy[token_arrives-all_on] _"], ["= red ="]),
        (["-x"], ["_ test_policy[token_arrives-secret] _", "1 failed"], ["= red ="]),
        (["-rf"], ["= red =", "FAILED tests/matrix.yaml::test_policy[token_arrives-secret]"], ["_ test_policy"]),
        (["--tb=no", "-q"], ["2 failed"], ["= red =", "_ test_policy"]),
        (["--no-summary"], ["2 failed"], ["= red =", "_ test_policy"]),
    ],
    ids=lambda value: " ".join(value) if str(value[0]).startswith("-") else "",
)
def test_what_options_ask_for(options: list[str], shown: list[str], not_shown: list[str], project: Project) -> None:
    project.write(BROKEN)
    text = project.run_plainly(*options, "-k", "test_policy").stdout.str()
    assert [words for words in shown if words not in text] == []
    assert [words for words in not_shown if words in text] == []


def test_what_failed_runs_again(project: Project) -> None:
    project.write(BROKEN)
    project.run_plainly("-k", "test_policy")
    again = project.run_plainly("--lf", "-k", "test_policy", "-v")
    again.assert_outcomes(failed=2)
