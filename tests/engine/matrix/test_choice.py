"""Which chart, matrix and tools a run uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError, ToolError
from chartgate.matrix.choice import Choice, copy_for_run, read_inputs, tools_for
from chartgate.matrix.matrix import Matrix
from tests.engine.toys import HELM_VERSION, MATRIX, TOY, archive, script, write


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "toy", TOY)
    write(tmp_path / "fork", TOY | {"values.yaml": TOY["values.yaml"].replace("plain", "forked")})
    within = MATRIX.replace("demo", "within")
    write(tmp_path / "inside", TOY | {"matrix.yaml": within.replace("chart: ../toy", "chart: .")})
    write(tmp_path / "in-ci", TOY | {"ci/matrix.yaml": within.replace("chart: ../toy", "chart: ..")})
    write(tmp_path / "astray", TOY | {"matrix.yaml": within.replace("chart: ../toy", "chart: ../other")})
    write(tmp_path / "other", {"Chart.yaml": "apiVersion: v2\nname: other\nversion: 1.0.0\n", "ci/a-values.yaml": ""})
    write(tmp_path / "tests", {"matrix.yaml": MATRIX, "own.yaml": MATRIX.replace("demo", "own")})
    archive(tmp_path / "toy.tgz", {f"toy/{name}": content for name, content in TOY.items()})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("choice", "source", "matrix", "first"),
    [
        (Choice(default_matrix="tests/matrix.yaml"), "toy", "tests/matrix.yaml", "demo"),
        (Choice(matrix="tests/own.yaml", default_matrix="tests/matrix.yaml"), "toy", "tests/own.yaml", "own"),
        (Choice(chart="fork", default_matrix="tests/matrix.yaml"), "fork", "tests/matrix.yaml", "demo"),
        (Choice(chart="toy.tgz", default_matrix="tests/matrix.yaml"), "toy.tgz", "tests/matrix.yaml", "demo"),
        (Choice(chart="other", default_matrix="tests/matrix.yaml"), "other", "1 file of other/ci", "release-name"),
        (Choice(chart="other"), "other", "1 file of other/ci", "release-name"),
        (Choice(chart="toy"), "toy", "the defaults of toy", "release-name"),
        (Choice(chart="fork", matrix="tests/own.yaml"), "fork", "tests/own.yaml", "own"),
        (Choice(chart="inside", default_matrix="tests/matrix.yaml"), "inside", "inside/matrix.yaml", "within"),
        (Choice(chart="in-ci", default_matrix="tests/matrix.yaml"), "in-ci", "in-ci/ci/matrix.yaml", "within"),
        (Choice(chart="inside", matrix="tests/own.yaml"), "inside", "tests/own.yaml", "own"),
        (Choice(chart="astray", default_matrix="tests/matrix.yaml"), "astray", "tests/matrix.yaml", "demo"),
    ],
)
def test_which_chart_and_matrix(choice: Choice, source: str, matrix: str, first: str, root: Path) -> None:
    chart, read = read_inputs(choice, copy_for_run(choice, root / "run"))
    assert (chart.source, read.source) == (source, matrix)
    assert next(iter(read.scenarios.values())).release == first
    assert chart.folder.is_relative_to(root / "run")


def test_a_matrix_whose_chart_is_gone_serves_no_other_chart(root: Path) -> None:
    write(root / "tests", {"matrix.yaml": MATRIX.replace("../toy", "../gone")})
    choice = Choice(chart="other", default_matrix="tests/matrix.yaml")
    assert read_inputs(choice, copy_for_run(choice, root / "run"))[1].is_conventional


def test_a_matrix_of_the_settings_that_is_gone_is_not_passed_over(root: Path) -> None:
    choice = Choice(chart="other", default_matrix="tests/gone.yaml")
    with pytest.raises(InputError, match=r"^tests/gone\.yaml: the matrix that the settings name is not there$"):
        read_inputs(choice, copy_for_run(choice, root / "run"))


def test_nothing_chosen(root: Path) -> None:
    with pytest.raises(InputError, match=r"--matrix=PATH: astray, fork, .* are here, and `chartgate init astray`"):
        copy_for_run(Choice(), root / "run")


@pytest.mark.parametrize("version", ["new", "1", "1.31.x", "v1.31.0-", " 1.31", "1.99999999999999999999"])
def test_what_is_not_a_kubernetes_version(version: str, root: Path) -> None:
    choice = Choice(chart="toy", kube_version=version)
    with pytest.raises(InputError, match=r"is not a Kubernetes version: --kube-version=1\.31 or =1\.31\.0$"):
        read_inputs(choice, copy_for_run(choice, root / "run"))


def test_the_named_helm_is_the_file_and_nothing_of_that_name_on_path(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--helm=./helm` arrives as `helm`."""
    script(root / "helm", HELM_VERSION)
    script(root / "bin" / "helm", "echo v9.9.9")
    monkeypatch.setenv("PATH", f"{root}/bin:/usr/bin:/bin")
    choice = Choice(chart="toy", helm="helm")
    tools = tools_for(choice, Matrix("none", {}))
    assert (tools.helm, tools.helm_version) == (root / "helm", f"4.2.3 at {root}/helm")


def test_inputs_are_read_without_any_tools(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_CACHE", str(root / "nothing"))
    monkeypatch.setattr("chartgate.system.toolchain.is_carried", lambda: True)
    choice = Choice(chart="toy")
    copy = copy_for_run(choice, root / "run")
    assert read_inputs(choice, copy)[0].name == "toy"
    with pytest.raises(
        ToolError, match=r"is not provisioned: run `chartgate provision`, or name another with --helm=PATH$"
    ):
        tools_for(choice, Matrix("none", {}))
