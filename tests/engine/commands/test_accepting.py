"""Accepting findings: what `chartgate check` and pytest say before, with and after a baseline."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from tests.engine.commands.test_check import FAILING, IN_PART
from tests.engine.conftest import POLICIES, SETTINGS, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, TOY

TOKEN = "token_arrives Secret <release>-secret stringData.token"  # noqa: S105 - a fingerprint
CONFIG = "config_is_rendered ConfigMap <release>-config"
FILE = "chartgate-baseline.yaml"
NO_CONFIG = {"toy/templates/config.yaml": TOY["templates/config.yaml"].replace("-config}", "-conf}")}

Shown = pytest.CaptureFixture[str]


def today() -> str:
    """Give the day as a run that starts now writes it; a whole test run may begin on another one."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project with a finding, in which we are."""
    project.write(BROKEN)
    monkeypatch.chdir(project.root)
    return project


@pytest.fixture
def checked(here: Project, capsys: Shown) -> Callable[..., tuple[int, str]]:  # noqa: ARG001 - we are there
    """Run `chartgate check`; give its exit code and what it says on either stream, without the header."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["check", *arguments])
        shown = capsys.readouterr()
        return code, shown.err + shown.out.partition("\n\n")[2]

    return run


def _content(file: str = FILE) -> Any:
    return go_yaml.load(Path(file).read_text(), file)


def test_from_the_first_finding_to_the_last(checked: Any, here: Project) -> None:
    assert checked()[0] == 1
    code, shown = checked("--accept", "--who=shop team", "--why=Older than the gate.")
    assert code == 0
    assert shown == (
        f"accepted into {FILE}: 1 finding: warning\n"
        f"  warning  {TOKEN}\n\n"
        "examined: 7 things by 2 policies\n"
        "2 policies, judged 7 cases, 5 scenarios rendered, 1 refused: nothing is wrong, 1 finding in the baseline\n"
    )
    assert _content() == {
        "format": 1,
        "chart": "toy",
        "findings": [
            {
                "fingerprint": TOKEN,
                "severity": "warning",
                "since": today(),
                "who": "shop team",
                "why": "Older than the gate.",
            }
        ],
    }
    accepted = Path(FILE).read_bytes()
    assert checked() == (0, shown.partition("\n\n")[2])
    assert checked("--no-baseline")[0] == 1
    assert "taken out of" not in checked()[1]

    # A second one is red, and the first one stays as it was accepted.
    here.write(NO_CONFIG)
    code, shown = checked()
    assert code == 1
    assert "  error: config_is_rendered: Every release has its ConfigMap.\n" in shown
    assert "token_arrives:" not in shown
    assert shown.endswith("refused: 1 finding, 1 finding in the baseline\n")
    code, shown = checked("--accept")
    assert (code, shown.splitlines()[:2]) == (0, [f"accepted into {FILE}: 1 finding: error", f"  error    {CONFIG}"])
    assert Path(FILE).read_text().endswith(accepted.decode().partition("findings:\n")[2])

    # What is mended is mentioned until it is taken out.
    here.write({f"toy/{name}": TOY[name] for name in ("templates/secret.yaml", "templates/config.yaml")})
    code, shown = checked()
    assert code == 0
    assert shown.startswith(
        f"mended: 2 findings of {FILE} are no longer there: `chartgate check --prune`\n  {CONFIG}\n  {TOKEN}\n\n"
    )
    here.write(BROKEN)
    code, shown = checked("--prune")
    assert (code, shown.splitlines()[:2]) == (0, [f"taken out of {FILE}: 1 finding: error", f"  error    {CONFIG}"])
    assert Path(FILE).read_bytes() == accepted


def test_pytest_expects_what_is_in_the_baseline_to_fail(checked: Any, here: Project) -> None:
    checked("--accept", "--who=shop team")
    told = "1 finding in the baseline, in 2 items; -rx shows since when"
    reason = f"1 finding in the baseline since {today()} (shop team)"
    for options in (["-rx"], ["-n", "2"]):
        ran = here.run_plainly(*options)
        # What breaks a finding that is accepted already shows nothing.
        ran.assert_outcomes(passed=14, xfailed=2, skipped=1)
        ran.stdout.fnmatch_lines([told])
        if options == ["-rx"]:
            ran.stdout.fnmatch_lines([f"XFAIL *test_policy[[]token_arrives-secret] - {reason}"])
    assert here.run_plainly("--no-baseline", "-k", "token_arrives-secret").ret == pytest.ExitCode.TESTS_FAILED
    here.write({"toy/templates/secret.yaml": TOY["templates/secret.yaml"]})
    mended = f"mended: 1 finding of {FILE} is no longer there: `chartgate check --prune`"
    for options in ([], ["-n", "2"]):
        here.run_plainly(*options).stdout.fnmatch_lines([mended, f"  {TOKEN}"])
    # Who has judged a part does not know.
    here.run_plainly("-k", "token_arrives-secret").stdout.no_fnmatch_line("mended*")
    here.run_plainly("-k", "test_renders or test_examines_something").stdout.no_fnmatch_line("mended*")


def test_pytest_shows_new_findings_beside_those_of_the_baseline(here: Project) -> None:
    here.write(
        {FILE: f"format: 1\nchart: toy\nfindings:\n- {{fingerprint: {TOKEN}, severity: error, since: 2026-01-31}}\n"}
    )
    one = '"stringData.token"), rendering.scenario.value("secret.token"))'
    two = one + '\n    yield equals(secret.place("metadata.name"), "other")'
    assert one in POLICIES
    here.write({"rules/shop/identity.py": POLICIES.replace(one, two)})
    ran = here.run_plainly("-k", "test_policy and token_arrives-secret")
    ran.assert_outcomes(failed=1, deselected=16)
    ran.stdout.fnmatch_lines(["token_arrives on secret: 1 finding (warning)", "baseline:   1 finding more"])
    ran.stdout.no_fnmatch_line("*stringData.token*")


def test_the_json_report(here: Project, capsys: Shown) -> None:
    def report(*arguments: str) -> Any:
        capsys.readouterr()
        code = main(["check", "--format=json", *arguments])
        found = json.loads(capsys.readouterr().out)
        assert found["red"] is bool(code)
        return found

    entry = {"severity": "warning", "since": today(), "who": "", "why": ""}
    before = report()
    assert (before["baseline"], [finding["baseline"] for finding in before["findings"]]) == (None, [None])
    accepting = report("--accept")
    assert [finding["baseline"] for finding in accepting["findings"]] == [entry]
    assert accepting["baseline"] == {
        "file": FILE,
        "mended": [],
        "added": [{"fingerprint": TOKEN} | entry],
        "removed": [],
    }
    here.write({"toy/templates/secret.yaml": TOY["templates/secret.yaml"]})
    assert report()["baseline"]["mended"] == [{"fingerprint": TOKEN} | entry]
    pruning = report("--prune")["baseline"]
    assert (pruning["mended"], pruning["removed"]) == ([], [{"fingerprint": TOKEN} | entry])


def test_a_narrowed_run_adds_only_what_it_judged(checked: Any, here: Project) -> None:
    here.write(NO_CONFIG)
    assert checked("--accept", "token_arrives")[0] == 0
    assert [entry["fingerprint"] for entry in _content()["findings"]] == [TOKEN]
    assert checked("--accept", "--scenario=off")[0] == 0
    assert [entry["fingerprint"] for entry in _content()["findings"]] == [CONFIG, TOKEN]


def test_what_does_not_render_is_not_accepted_and_hides_nothing(checked: Any, here: Project) -> None:
    here.write({"toy/templates/config.yaml": FAILING})
    code, shown = checked("--accept")
    assert code == 1
    assert f"accepted into {FILE}: 1 finding: warning" in shown
    assert "loud: must render, but it does not" in shown
    text = Path(FILE).read_text() + f"- fingerprint: {CONFIG} data\n  severity: error\n  since: 2026-01-01\n"
    Path(FILE).write_text(text)
    code, shown = checked("--prune")  # for `loud` nobody knows
    assert f"taken out of {FILE}: 0 findings\n" in shown
    assert Path(FILE).read_text() == text


def test_a_finding_below_fail_on_is_accepted_too(checked: Any, here: Project) -> None:
    here.write({"pyproject.toml": SETTINGS.replace('fail_on = "warning"\n', "")})
    assert checked("--accept")[1].endswith(": nothing is wrong, 1 finding in the baseline\n")
    assert checked()[0] == 0
    here.run_plainly("-k", "token_arrives-secret and test_policy").assert_outcomes(xfailed=1, deselected=16)


def test_a_waiver_comes_before_the_baseline(checked: Any, here: Project) -> None:
    """It has an end, and must not be taken for one that nobody needs."""
    checked("--accept")
    here.write({"tests/matrix.yaml": MATRIX + IN_PART})
    code, shown = checked()
    assert code == 0
    assert shown.endswith(": nothing is wrong, 1 finding waived, 1 finding in the baseline\n")
    assert "mended" not in shown


DEPLOYED = """
charts:
  - {chart: toy, targetRevision: 1.2.3, namespace: prod, values: {secret: {enabled: true}}}
"""


def test_a_deployment(checked: Any, here: Project) -> None:
    here.write({"live.yaml": DEPLOYED})
    assert checked("--infrastructure=live.yaml")[0] == 1
    assert checked("--infrastructure=live.yaml", "--accept")[0] == 0
    assert [entry["fingerprint"] for entry in _content()["findings"]] == [TOKEN]
    # One cause is one finding, in the matrix too.
    assert checked()[0] == 0
    here.write({"live.yaml": DEPLOYED.replace("1.2.3", "9.9.9")})
    code, shown = checked("--infrastructure=live.yaml", "--accept")
    assert (code, f"accepted into {FILE}: 0 findings" in shown) == (1, True)


@pytest.mark.parametrize(
    ("settings", "options", "folder", "file"),
    [
        (SETTINGS, [], ".", FILE),
        (SETTINGS, [], "tests", f"../{FILE}"),
        (SETTINGS + 'baseline = "tests/known.yaml"\n', [], ".", "tests/known.yaml"),
        (SETTINGS + 'baseline = "tests/known.yaml"\n', ["--baseline=mine.yaml"], ".", "mine.yaml"),
        ("", ["--matrix=tests/matrix.yaml", "--policies=rules"], ".", FILE),
    ],
)
def test_where_the_file_is(
    settings: str, options: list[str], folder: str, file: str, here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.write({"pyproject.toml": settings})
    (here.root / ".git").mkdir()
    monkeypatch.chdir(here.root / folder)
    assert main(["check", "--accept", *options]) == 0
    assert [entry["fingerprint"] for entry in _content(file)["findings"]] == [TOKEN]
    assert main(["check", *options]) == 0
    monkeypatch.chdir(here.root)
    here.run_plainly("-k", "token_arrives-secret and test_policy", *options).assert_outcomes(xfailed=1, deselected=16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--who=me"], "--who and --why are written with what --accept adds: give that option as well"),
        (["--prune", "--why=me"], "--who and --why are written with what --accept adds: give that option as well"),
        (["--no-baseline", "--accept"], "--no-baseline leaves out what --accept is about: leave out one of the two"),
        (["--no-baseline", "--prune"], "--no-baseline leaves out what --prune is about: leave out one of the two"),
        (["--no-baseline", "--baseline=b"], "--no-baseline leaves out what --baseline is about: leave out one of the"),
        (["--prune", "token_arrives"], "would look mended: leave out POLICY"),
        (["--prune", "--scenario=off"], "would look mended: leave out --scenario"),
        (["--prune", "--accept", "--exclude=token_arrives"], "would look mended: leave out --exclude"),
        (["--prune", "--policies=rules", "--kube-version=1.31"], "leave out --policies and --kube-version"),
        (["--prune", "--infrastructure=live.yaml"], "would look mended: leave out --infrastructure"),
        (["--accept", "--baseline=gone/b.yaml"], "gone/b.yaml cannot be written: there is no folder gone"),
        (["--accept", "--baseline=toy"], "toy cannot be written: it is a folder"),
        (["--baseline=other.yaml"], "other.yaml:2: chart: this is the baseline of the chart 'other', and 'toy' is"),
        (["--accept", "--baseline=other.yaml"], "other.yaml:2: chart: this is the baseline of the chart 'other'"),
    ],
)
def test_what_does_not_fit_together(arguments: list[str], message: str, here: Project, capsys: Shown) -> None:
    here.write({"other.yaml": "format: 1\nchart: other\nfindings: []\n"})
    assert main(["check", *arguments]) == 2
    shown = capsys.readouterr()
    [line] = shown.err.splitlines()
    assert message in line
    assert (shown.out, Path(FILE).exists()) == ("", False)


@pytest.mark.parametrize(("value", "code"), [("true", 2), ("1", 2), ("jenkins", 2), ("", 0), ("false", 0), ("0", 0)])
@pytest.mark.usefixtures("here")
def test_no_ci_server_accepts_anything(value: str, code: int, capsys: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    assert main(["check", "--accept", "token_arrives"]) == code
    assert Path(FILE).exists() is not bool(code)
    assert ("CI is set, and --accept is for a person" in capsys.readouterr().err) is bool(code)


def test_one_that_is_named_and_not_there_is_told(checked: Any) -> None:
    code, shown = checked("--baseline=known.yaml")
    assert code == 1
    assert shown.startswith(
        "chartgate: warning: known.yaml is not there: nothing is accepted yet (`chartgate check --acc"
    )
    assert "warning" not in checked("--baseline=known.yaml", "--accept")[1].partition("accepted")[0]


def test_a_broken_one_ends_pytest_in_one_line(here: Project) -> None:
    here.write({FILE: "format: 3\n"})
    ran = here.run_plainly()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([f"ERROR: {FILE}:1: format: it is of the format 3, and this chartgate knows 1: upgrade *"])


RANDOM = """
apiVersion: v1
kind: Secret
metadata: {name: demo-test-{{ randAlphaNum 5 | lower }}}
stringData: {token: other}
"""
ANY_SECRET = POLICIES.replace(
    'rendering.resources.one("Secret", f"{rendering.scenario.release}-secret")',
    'rendering.resources.of_kind("Secret")[0]',
)


def test_what_chance_names_is_the_same_finding_at_the_next_run(checked: Any, here: Project) -> None:
    here.write({"toy/templates/secret.yaml": "{{- if .Values.secret.enabled }}" + RANDOM + "{{- end }}"})
    here.write({"rules/shop/identity.py": ANY_SECRET})
    assert checked("--accept", "token_arrives")[0] == 0
    assert [entry["fingerprint"] for entry in _content()["findings"]] == [
        "token_arrives Secret <release>-test-<random> stringData.token"
    ]
    assert checked("token_arrives")[0] == 0
