"""Input that cannot be used is a usage error or a clear failure, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import POLICIES, Project
from tests.engine.toys import HELM_VERSION, MATRIX, script


def _is_clear(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    for noise in ("Traceback", "INTERNALERROR", "chartgate/pytest_plugin", "site-packages"):
        assert noise not in text
    return text


@pytest.mark.parametrize("option", ["--chart", "--matrix", "--policies", "--helm"])
@pytest.mark.parametrize("path", ["toy", "/tmp"])  # noqa: S108 - a folder outside the project moves pytest's root
def test_a_path_behind_a_space(option: str, path: str, project: Project) -> None:
    result = project.run_plainly(option, path)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: write {option}=PATH: with a space, pytest takes the path for its root folder" in _is_clear(result)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--chart=", "--chart is empty: give it a value, or leave it out"),
        ("--exclude=", "--exclude is empty: give it a value, or leave it out"),
        ("--chartgate-report=", "--chartgate-report is empty: give it a value, or leave it out"),
        ("--chart=gone", "there is no chart at gone: name a chart folder or a .tgz"),
        ("--chart=oci://a.b/c", "oci://a.b/c is not fetched: run `helm pull oci://a.b/c`, and name the .tgz"),
        ("--chart=tests", "tests is not a chart: it has no Chart.yaml"),
        ("--chart=toy/values.yaml", "toy/values.yaml is a file of the chart toy: name that folder"),
        ("--chart=pyproject.toml", "pyproject.toml is not a chart archive: "),
        ("--matrix=gone.yaml", "gone.yaml: the matrix cannot be read: No such file or directory"),
        ("--matrix=pyproject.toml", "pyproject.toml:3: did not find expected"),
        ("--policies=gone", "gone: there is no such folder of policies, and no such pack; there is: kubernetes"),
        ("--policies=tests", "/tests is not a package of policies: it has no __init__.py"),
        ("--kube-version=new", "'new' is not a Kubernetes version: --kube-version=1.31 or =1.31.0"),
        ("--helm=gone", "/gone is not there: run `chartgate provision`, or name another with --helm=PATH"),
        (
            "--helm=tests",
            "/tests is a folder, not a program: run `chartgate provision`, or name another with --helm=PA",
        ),
        ("--helm=pyproject.toml", "/pyproject.toml is not executable: `chmod +x "),
        ("--helm=/bin/echo", "/bin/echo is not helm: `/bin/echo version --short` said 'version --short'"),
        ("--helm=/bin/false", "/bin/false is not helm: `/bin/false version --short` said ''"),
    ],
)
def test_an_option_that_cannot_be_used(option: str, message: str, project: Project) -> None:
    result = project.run_plainly(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in _is_clear(result).splitlines() if line]
    assert line.startswith("ERROR: ")
    assert message in line


def test_an_empty_option_of_the_settings_or_the_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "ERROR: --exclude is empty: give it a value, or leave it out"
    assert _is_clear(project.run_plainly("-o", "addopts=--exclude=")).split("\n", 1)[0] == line
    monkeypatch.setenv("PYTEST_ADDOPTS", "--exclude=")
    assert _is_clear(project.run_plainly()).split("\n", 1)[0] == line


def test_other_options_may_have_a_space(project: Project) -> None:
    project.run_plainly(
        "--kube-version", "1.31", "--exclude", "token_arrives", "-k", "test_renders and off"
    ).assert_outcomes(passed=1, deselected=12)


def test_a_run_that_selects_policies_takes_reasons_for_others(project: Project) -> None:
    project.write({"tests/matrix.yaml": MATRIX + "nothing_to_examine: {images_are_pinned: No images here.}\n"})
    assert project.run_plainly("-k", "config_is_rendered-off", "--policies=rules").ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "tests/matrix.yaml",
            MATRIX + "nonsense: 1\n",
            "tests/matrix.yaml:11: nonsense: there is no such key; accepted: chart, ",
        ),
        ("tests/matrix.yaml", MATRIX.replace("../toy", "../gone"), "tests/matrix.yaml:2: chart: there is no chart at "),
        ("toy/Chart.yaml", "name: toy\n", "toy/Chart.yaml: version is missing"),
        ("toy/values.yaml", "a: [", "toy/values.yaml: line 2, column 1: did not find expected node content"),
        ("rules/shop/broken.py", "def (", "rules.shop.broken cannot be imported: SyntaxError: invalid syntax"),
        ("rules/shop/broken.py", "import nowhere", "rules.shop.broken cannot be imported: ModuleNotFoundErr"),
        (
            "rules/shop/identity.py",
            POLICIES.replace('counterexample("secret")', 'counterexample("nowhere")'),
            "policy token_arrives starts from scenario 'nowhere', which tests/matrix.yaml does not have: name one",
        ),
        (
            "tests/matrix.yaml",
            MATRIX + "nothing_to_examine: {token_arrive: No tokens here.}\n",
            "tests/matrix.yaml: nothing_to_examine: there is no policy 'token_arrive'; there is: token_arrives",
        ),
        (
            "tests/matrix.yaml",
            MATRIX + "nothing_to_examine: {images: No images here.}\n",
            "there is no policy 'images'; there is: none of a name like that",
        ),
    ],
)
def test_a_file_that_cannot_be_used(file: str, content: str, message: str, project: Project) -> None:
    project.write({file: content})
    result = project.run_plainly()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in _is_clear(result).splitlines() if line]
    assert message in line


def test_a_helm_that_hangs_at_its_version(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.5")
    helm = script(tmp_path / "hangs", "exec sleep 60")
    result = project.run_plainly(f"--helm={helm}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {helm} version --short was stopped: no answer within 0.5 s" in _is_clear(result)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("exit 1", "helm failed with exit code 1"),
        ("echo Error: no >&2; exit 1", "Error: no"),
        ("exit 0", "helm rendered no resource at all"),
        ("echo 'WARNING: hello'", "helm wrote something that is not a manifest: 'WARNING: hello'"),
    ],
)
def test_a_helm_that_answers_nonsense(body: str, error: str, project: Project, tmp_path: Path) -> None:
    result = project.run_plainly(f"--helm={script(tmp_path / 'helm', HELM_VERSION + body)}")
    result.assert_outcomes(failed=6, skipped=2)  # no guard is red where nothing renders
    text = _is_clear(result)
    assert text.count(error) == 1  # of all scenarios; what depends on one is counted
    assert "5 of 5 scenarios do not render" in text
    assert "not judged, because helm did not render it: " in text


MARKED = "import pytest\n\n\n@pytest.mark.scenarios({})\ndef test_it(rendering):\n    pass\n"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("'nobody'", "test_one_off.py::test_it: no scenario 'nobody' in tests/matrix.yaml: off, secret, cache, all_on"),
        ("", "test_one_off.py::test_it: name at least one scenario in the marker `scenarios`"),
    ],
)
def test_a_marker_that_names_no_scenario(names: str, message: str, project: Project) -> None:
    project.write({"tests/test_one_off.py": MARKED.format(names)})
    result = project.run_plainly("tests/test_one_off.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert message in _is_clear(result)


def test_a_one_off_test_on_a_scenario_that_is_refused(project: Project) -> None:
    project.write({"tests/test_one_off.py": MARKED.format("'no_text'")})
    result = project.run_plainly("tests/test_one_off.py")
    result.assert_outcomes(errors=1)
    assert "scenario no_text did not render: see test_renders[no_text]" in _is_clear(result)
