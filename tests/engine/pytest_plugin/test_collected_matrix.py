"""A project with a matrix copies no test file; beside tests of others, the plugin changes nothing."""

from __future__ import annotations

import re

import pytest

from tests.engine.conftest import SETTINGS, Project
from tests.engine.toys import MATRIX

STAR = "from chartgate.pytest_plugin.items import *\n"
SNAPSHOTS = "snapshots: {in_full: {'off': null, all_on: 'off'}}\n"
BROKEN = MATRIX.replace("{mode: loud}", "{mode: loud, secret: {enabled: true, token: ''}}")

FOREIGN = """
import pytest


class Chart:
    title = "of their own"


@pytest.fixture
def chart():
    return Chart()


@pytest.fixture(params=["bar", "pie"])
def rendering(request):
    return request.param


@pytest.fixture
def case(chart):
    return chart.title


@pytest.fixture
def judged():
    return "well"


@pytest.mark.error
@pytest.mark.parametrize("scenario", ["rain"])
@pytest.mark.parametrize(("policy", "item"), [("insurance", 1)])
def test_names(scenario, policy, item, case, chart, judged):
    assert (scenario, policy, item, case, chart.title, judged) == (
        "rain", "insurance", 1, "of their own", "of their own", "well"
    )


def test_renders(rendering):
    assert rendering in ("bar", "pie")


def test_policy(gate, matrix):
    assert (gate, matrix) == ("garden", [[1]])


def test_refused(renderings):
    assert renderings == 2
"""
CONFTEST = """
import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "error: a marker of their own")


def pytest_generate_tests(metafunc):
    if "renderings" in metafunc.fixturenames:
        metafunc.parametrize("renderings", [2])
    if metafunc.function.__name__ == "test_hooked":
        metafunc.parametrize("rendering", ["theirs"])


@pytest.fixture
def gate():
    return "garden"


@pytest.fixture(scope="session")
def matrix():
    return [[1]]
"""
FOREIGN_NAMES = [
    "test_names[insurance-1-rain]",
    "test_renders[bar]",
    "test_renders[pie]",
    "test_policy",
    "test_refused[2]",
    "test_hooked[theirs]",
]
HOOKED = "def test_hooked(rendering):\n    assert rendering == 'theirs'\n"
NO_SETTINGS = {"pyproject.toml": "[tool.pytest]\nstrict = true\nfilterwarnings = ['error']\n"}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
@pytest.mark.parametrize("settings", [{}, NO_SETTINGS], ids=["with settings", "without"])
def test_tests_of_others_are_left_alone(settings: dict[str, str], workers: list[str], project: Project) -> None:
    files = {"theirs/conftest.py": CONFTEST, "theirs/test_theirs.py": FOREIGN, "theirs/test_hooked.py": HOOKED}
    project.write(files | settings)
    assert sorted(project.collected("theirs")) == sorted(FOREIGN_NAMES)
    project.run("theirs", "-p", "no:cacheprovider", *workers).assert_outcomes(passed=6)
    assert project.rendered() == []


@pytest.mark.parametrize("named", [[], ["tests"], ["tests/matrix.yaml"], ["tests/matrix.yaml::test_renders[loud]"]])
def test_the_matrix_is_collected(named: list[str], project: Project) -> None:
    result = project.run("-q", *named)
    result.assert_outcomes(passed=1 if "loud" in str(named) else 17)


@pytest.mark.parametrize(("file", "chart"), [("toy/matrix.yaml", "."), ("toy/ci/matrix.yaml", "..")])
def test_the_matrix_inside_the_chart_is_collected(file: str, chart: str, project: Project) -> None:
    """The settings name the chart, and an option does as well."""
    settings = SETTINGS.replace('matrix = "tests/matrix.yaml"', 'chart = "toy"')
    project.write({"pyproject.toml": settings, file: MATRIX.replace("chart: ../toy", f"chart: {chart}")})
    (project.root / "tests" / "matrix.yaml").unlink()
    for options in ([], ["--chart=toy"]):
        lines = project.run_plainly("--collect-only", "-q", "toy", *options).outlines
        assert {line.partition("::")[0] for line in lines if "::" in line} == {file}
    project.run("-q", "toy").assert_outcomes(passed=17)


def test_no_other_file_is(project: Project) -> None:
    project.write({"tests/other.yaml": MATRIX, "tests/sub/matrix.yaml": MATRIX})
    assert {
        line.partition("::")[0] for line in project.run_plainly("--collect-only", "-q").outlines if "::" in line
    } == {"tests/matrix.yaml"}
    assert project.run_plainly("-q", "rules").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
def test_what_failed_runs_again_and_junit_has_it(workers: list[str], project: Project) -> None:
    project.write({"tests/matrix.yaml": MATRIX.replace("stderr: [mode]", "stderr: [other words]")})
    project.run("-q", *workers).assert_outcomes(passed=16, failed=1)
    again = project.run("-q", "--lf", "--junit-xml=report.xml", *workers)
    again.assert_outcomes(failed=1)
    report = (project.root / "report.xml").read_text()
    assert re.findall(r'classname="(.*?)" name="(.*?)"', report) == [("tests.matrix.yaml", "test_refused[no_text]")]


def test_both_forms_at_once_are_refused(project: Project) -> None:
    project.write({"tests/test_policies.py": STAR})
    result = project.run_plainly("-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: tests/matrix.yaml is collected by itself, and *test_policies.py has the same*"]
    )
    project.run("-q", "tests/test_policies.py").assert_outcomes(passed=17)
    project.write({"tests/conftest.py": "collect_ignore = ['matrix.yaml']\n"})
    project.run("-q").assert_outcomes(passed=17)


def test_snapshots_lie_beside_the_matrix(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")  # the summary at the end has all of a message there
    project.write({"tests/matrix.yaml": SNAPSHOTS + MATRIX})

    def run(*options: str) -> pytest.RunResult:
        # syrupy keeps its session in a global variable, which a run in this process would take from ours.
        selected = ("-k", "test_policy or snapshot or inventory or manifests")
        return project.pytester.runpytest_subprocess(
            "-q", "-p", "no:hypothesispytest", "--snapshot-dirname=snapshots", *selected, *options
        )

    names = ["test_inventory", "test_manifests[off]", "test_manifests[all_on]", "test_no_stray_snapshot"]
    assert [name for name in project.collected("-k", "not item") if name in names] == names
    run().assert_outcomes(passed=8, failed=3)
    run("--snapshot-update").assert_outcomes(passed=11)
    written = project.root / "tests" / "snapshots" / "matrix"
    assert sorted(file.name for file in written.iterdir()) == [f"{name}.yaml" for name in sorted(names[:3])]
    run().assert_outcomes(passed=11)
    config = (project.root / "toy/templates/config.yaml").read_text()
    other = config.replace("data: {", "data: {other: there, ")
    assert other != config
    project.write({"tests/snapshots/matrix/test_manifests[gone].yaml": "old", "toy/templates/config.yaml": other})
    again = run("--chartgate-no-cache")
    again.stdout.fnmatch_lines(
        [
            "the snapshot tests/snapshots/matrix/test_manifests[[]off[]].yaml differs, 0 lines *",
            "  ConfigMap *config (v1) data.other: written by toy/templates/config.yaml:*",
            "  @@ *",
            "  +  other: there",
            "  where you can explain it, write it and read the diff:"
            " pytest 'tests/matrix.yaml::test_manifests[[]off[]]' --snapshot-update",
            "nothing compares these of tests/snapshots/matrix any more: delete test_manifests[[]gone[]].yaml",
        ]
    )
    again.stdout.no_fnmatch_line("*Full output truncated*")
    assert again.outlines.count("  +  other: there") == 2
    # Of what does not render, nothing is gone: helm's words are told, once.
    project.write({"toy/templates/config.yaml": "{{ nosuchfunction }}\n"})
    unjudged = run("--chartgate-no-cache", "-k", "inventory or manifests")
    assert unjudged.ret == pytest.ExitCode.TESTS_FAILED
    unjudged.stdout.fnmatch_lines(["  at toy/templates/config.yaml:1", "*3 not judged*"])
    unjudged.stdout.no_fnmatch_line("the snapshot *")


BY_CHANCE = """
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test-{{ randAlphaNum 5 | lower }}
  annotations: {at.time: {{ now | unixEpoch | quote }}, one: {{ randAlphaNum 9 | quote }}}
spec: {containers: [{name: a, image: b}, {name: c, env: [{name: X, value: {{ uuidv4 | quote }}}]}]}
"""


def test_what_differs_each_time_is_in_no_snapshot(project: Project) -> None:
    project.write({"tests/matrix.yaml": SNAPSHOTS + MATRIX, "toy/templates/chance.yaml": BY_CHANCE})

    def run(*options: str) -> pytest.RunResult:
        return project.pytester.runpytest_subprocess(
            "-q", "-p", "no:hypothesispytest", "-k", "inventory or manifests", *options
        )

    run("--snapshot-update").assert_outcomes(passed=3)
    run().assert_outcomes(passed=3)
    [written] = (project.root / "tests").glob("__snapshots__/matrix/test_manifests*off*.yaml")
    text = written.read_text()
    assert re.findall(r"name: .*-test-.*", text) == ["name: demo-test-<random>"]
    assert re.findall(r".*<differs each time>.*", text) == [
        "    at.time: <differs each time>",
        "    one: <differs each time>",
        "      value: <differs each time>",
    ]
