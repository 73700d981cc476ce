"""What each of a project's settings does, in `check` and in pytest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chartgate.commands.main import main
from tests.engine.conftest import GENERIC, SETTINGS, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, TOY

_AS_A_PACK = """
from chartgate.policy.policy import Policy

Policy.is_of_a_pack = property(lambda policy: True)
"""


@pytest.fixture
def checked(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run `chartgate check` in the project; give its exit code and its report."""
    monkeypatch.chdir(project.root)

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main(["check", "--format=json", *arguments])
        return code, json.loads(capsys.readouterr().out or "{}")

    return run


# In the toy project, whose token does not arrive: a warning.
@pytest.mark.parametrize(
    ("settings", "options", "failed"),
    [
        ("", [], []),
        ('fail_on = "warning"', [], ["token_arrives-secret", "token_arrives-all_on"]),
        ('fail_on = "warning"', ["--fail-on=error"], []),
        ("", ["--fail-on=warning"], ["token_arrives-secret", "token_arrives-all_on"]),
        (
            '[tool.chartgate.severity]\ntoken_arrives = {to = "error", reason = "Ours is."}',
            [],
            ["token_arrives-secret", "token_arrives-all_on"],
        ),
        (
            'fail_on = "warning"\n[tool.chartgate.disable]\ntoken_arrives = "No tokens."',
            [],
            [],
        ),
        ('fail_on = "warning"', ["--exclude=token_arrives"], []),
    ],
)
def test_pytest_and_check_do_what_the_settings_say(
    settings: str, options: list[str], failed: list[str], project: Project, checked: Any
) -> None:
    project.write(BROKEN | {"pyproject.toml": SETTINGS.replace('fail_on = "warning"\n', "") + settings})
    code, report = checked(*options)
    assert code == int(bool(failed))
    assert [entry["tolerated"] for entry in report["findings"]] == [not failed] * len(report["findings"])
    ran = project.run_plainly("-rf", "-k", "test_policy", *options)
    assert ran.ret == code
    for name in failed:
        ran.stdout.fnmatch_lines([f"FAILED tests/matrix.yaml::test_policy[[]{name}]*"])
    ran.stdout.no_fnmatch_line("FAILED *config_is_rendered*")


def test_a_finding_below_fail_on_is_told(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(BROKEN | {"pyproject.toml": SETTINGS.replace('fail_on = "warning"\n', "")})
    monkeypatch.chdir(project.root)
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert "  warning: token_arrives: The Secret holds the token of the values.\n" in told
    assert told.endswith("1 refused: nothing is wrong, 1 finding below error\n")
    expected = [
        "*= below =*",
        "1 finding below error, which make no item red:",
        "  token_arrives (warning): Secret shop/demo-secret (v1) stringData.token: expected *, found * (2 items)",
    ]
    project.run_plainly("tests/matrix.yaml").stdout.fnmatch_lines(expected)
    project.run_plainly("-n", "2", "tests/matrix.yaml").stdout.fnmatch_lines(expected)


def test_what_is_left_out_is_told(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"pyproject.toml": f'{SETTINGS}[tool.chartgate.disable]\ntoken_arrives = "No tokens."'})
    monkeypatch.chdir(project.root)
    line = "left out: token_arrives: pyproject.toml disables it: No tokens."
    assert main(["check"]) == 0
    assert line in capsys.readouterr().out
    result = project.run_plainly("tests/matrix.yaml")
    result.stdout.fnmatch_lines([line])
    result.stdout.no_fnmatch_line("*token_arrives-*")
    assert main(["check", "token_arrives"]) == 2
    assert capsys.readouterr().err == (
        "chartgate: policy token_arrives does not judge here: pyproject.toml disables it: No tokens.\n"
    )


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        (
            '[tool.chartgate.disable]\ntoken_arive = "No."',
            [],
            "pyproject.toml:13: disable: there is no policy 'token_arive'; there is: token_arrives",
        ),
        (
            '[tool.chartgate.severity]\nx = {to = "error", reason = "No."}',
            [],
            "pyproject.toml:13: severity: there is no policy 'x'; there is: none of a name like that",
        ),
        ("", ["--exclude=token_arive"], "--exclude=token_arive: there is no such policy; there is: token_arrives"),
        ("colour = true", [], "pyproject.toml:12: colour: there is no such setting; accepted: chart, matrix, *"),
    ],
)
def test_a_wrong_setting_ends_both_in_one_line(
    settings: str,
    options: list[str],
    message: str,
    project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project.write({"pyproject.toml": SETTINGS + settings})
    monkeypatch.chdir(project.root)
    assert main(["check", *options]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"chartgate: {message.rstrip('*')}")
    result = project.run_plainly(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ('chartgate_matrix = "tests/matrix.yaml"', 'matrix = "tests/matrix.yaml"'),
        ('chartgate_policies = ["rules"]', 'policies = ["rules"]'),
    ],
)
def test_what_pytests_settings_once_held_says_where_it_belongs(setting: str, line: str, project: Project) -> None:
    project.write({"pyproject.toml": f"[tool.pytest]\n{setting}\n"})
    result = project.run_plainly()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: *pyproject.toml: chartgate_* is no longer read: write `{line.replace('[', '[[]')}` below *"]
    )


def test_a_selection_cannot_know_the_policies_that_the_settings_name(project: Project, checked: Any) -> None:
    project.write({"pyproject.toml": f'{SETTINGS}[tool.chartgate.disable]\ntoken_arrives = "No tokens."'})
    project.write({"generic/__init__.py": GENERIC})
    code, report = checked("--policies=generic")
    assert (code, report["left_out"]) == (1, {})  # its guard: no chart of ours has a Service


def test_a_waiver_of_a_policy_that_is_left_out_is_not_judged(project: Project, checked: Any) -> None:
    waivers = "waivers:\n  - {policy: token_arrives, scenario: '*', reason: A., owner: team, expires: 2999-12-31}\n"
    project.write({"tests/matrix.yaml": MATRIX + waivers})
    assert checked()[0] == 1
    assert checked("--exclude=token_arrives")[0] == 0


@pytest.mark.parametrize(("guard_packs", "red"), [("", False), ("guard_packs = true\n", True)])
def test_the_policies_of_a_pack_are_guarded_where_the_settings_say_so(
    guard_packs: str, red: bool, project: Project, checked: Any
) -> None:
    settings = SETTINGS.replace('["rules"]', '["kubernetes"]') + guard_packs
    project.write({"pyproject.toml": settings, **{f"toy/{name}": text for name, text in TOY.items()}})
    _, report = checked("images_are_pinned", "identities_are_unique")
    assert [problem["subject"] for problem in report["problems"]] == ["images_are_pinned"] * red
    assert report["nothing_to_examine"] == ["images_are_pinned"] * (not red)
    guards = project.run_plainly("-k", "test_examines_something and images_are_pinned", "tests/matrix.yaml")
    assert ("1 failed" in guards.outlines[-1]) is red


def test_policies_of_a_pack_without_anything_to_examine_are_counted_under_xdist_too(project: Project) -> None:
    project.write({"pyproject.toml": SETTINGS.replace('["rules"]', '["lean"]')})
    # A folder inside of the engine would be a pack; this one is taken for it.
    project.write({"lean/__init__.py": GENERIC, "conftest.py": _AS_A_PACK})
    ran = project.run_plainly("-n", "2", "tests/matrix.yaml")
    assert ran.ret == 0
    assert "1 policy had nothing to examine" in ran.outlines


SCRIPTS = '''"""What reads scripts."""

from chartgate.policy.edits import gone
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Read it.")
def scripts_are_read(rendering):
    """Scripts are read where something can."""
    ("sh", "echo a") in rendering.script_faults, ("sh", "echo b") in rendering.script_faults
    yield from ()


scripts_are_read.breaks(manifests="{apiVersion: v1, kind: Pod, metadata: {name: a}}", it_is_gone=gone("Pod a"))
'''
_WITHOUT_SHELLCHECK = """
import pytest
from chartgate.rendering import shellcheck

patch = pytest.MonkeyPatch()
patch.setattr(shellcheck, "shellcheck_program", lambda: None)


def pytest_unconfigure():
    patch.undo()
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_scripts_that_nothing_read_are_told(workers: list[str], project: Project) -> None:
    project.write({"pyproject.toml": SETTINGS.replace('["rules"]', '["reading"]'), "conftest.py": _WITHOUT_SHELLCHECK})
    project.write({"reading/__init__.py": SCRIPTS})
    ran = project.run_plainly("-k", "test_policy", *workers, "tests/matrix.yaml")
    assert (
        ran.outlines.count("note: shellcheck did not read 2 scripts: install chartgate[scripts], which brings it") == 1
    )
