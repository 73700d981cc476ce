"""A project's settings: where they are found, how they are read, and which are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.gate.rules.settings import ChangedSeverity, Settings, completed
from chartgate.gate.rules.settings_file import read_settings
from chartgate.matrix.choice import Choice
from tests.engine.toys import write


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the root of a repository, in which we are."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_is_read(here: Path) -> None:
    write(
        here,
        {
            "pyproject.toml": """
[project]
name = "chartgate"

[tool.chartgate]
chart = "chart"
matrix = "tests/matrix.yaml"
policies = ["kubernetes", "rules"]
baseline = "baseline.yaml"
fail_on = "warning"
pod_security = "restricted"
guard_packs = true

[tool.chartgate.disable]
no_dead_values = "values.yaml is generated"

[tool.chartgate.severity]
images_are_pinned = {to = "error", reason = "we mirror them"}
"""
        },
    )
    found = read_settings(here)
    assert found == Settings(
        source="pyproject.toml",
        folder=here,
        chart="chart",
        matrix="tests/matrix.yaml",
        policies=("kubernetes", "rules"),
        baseline="baseline.yaml",
        fail_on="warning",
        disable={"no_dead_values": "values.yaml is generated"},
        severity={"images_are_pinned": ChangedSeverity("error", "we mirror them")},
        pod_security="restricted",
        guard_packs=True,
    )
    assert found.lines == {("disable", "no_dead_values"): 15, ("severity", "images_are_pinned"): 18}


@pytest.mark.parametrize(
    ("files", "source", "chart"),
    [
        ({}, "", ""),
        ({"chartgate.toml": 'chart = "a"'}, "chartgate.toml", "a"),
        ({"../../chartgate.toml": 'chart = "a"'}, "../../chartgate.toml", "../../a"),
        ({"../../pyproject.toml": '[tool.chartgate]\nchart = "a"'}, "../../pyproject.toml", "../../a"),
        ({"pyproject.toml": "[tool.ruff]", "../chartgate.toml": 'chart = "a"'}, "../chartgate.toml", "../a"),
        ({"chartgate.toml": "", "../chartgate.toml": 'chart = "a"'}, "chartgate.toml", ""),
        ({"../../../chartgate.toml": 'chart = "a"'}, "", ""),
        ({"chartgate.toml": 'chart = "/srv/a"'}, "chartgate.toml", "/srv/a"),
    ],
)
def test_the_first_that_are_found_upwards_to_the_repository_count(
    files: dict[str, str], source: str, chart: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "repository" / "charts" / "web"
    folder.mkdir(parents=True)
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere")
    write(folder, files)
    monkeypatch.chdir(folder)
    found = read_settings(folder)
    assert (found.source, found.chart) == tuple(
        str((folder / path).resolve()) if path.startswith("..") else path for path in (source, chart)
    )


def test_outside_of_a_repository_only_the_folder_itself_counts(tmp_path: Path) -> None:
    write(tmp_path, {"chartgate.toml": "guard_packs = true", "below/a.txt": ""})
    assert read_settings(tmp_path).guard_packs
    assert not read_settings(tmp_path / "below").source


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('chrat = "a"', "chartgate.toml:1: chrat: there is no such setting; did you mean chart?"),
        ("\nqqq = 1", "chartgate.toml:2: qqq: there is no such setting; accepted: chart, matrix, policies, "),
        ("[tool.chartgate]", "tool: there is no such setting; write the keys at the top of this file, without ["),
        ("chart = 1", "chartgate.toml:1: chart: a text is expected, not 1"),
        ('chart = ""', "chart: a text is expected, not ''"),
        (
            'chart = """\ntoy\n"""',
            "chart: a text without line ends and other control characters is expected, not 'toy\\n'",
        ),
        ('"a\\nb" = 1\nchart = {"a\\nb" = 1}', "'a\\nb': there is no such setting"),
        ('chart = {"a\\nb" = 1}', "chart: a text is expected, not a table of 'a\\nb'"),
        ("fail_on = 2026-11-28", "fail_on: error or warning is expected, not 2026-11-28"),
        ('policies = "rules"', "policies: a list of texts is expected, not 'rules'"),
        ("policies = [1]", "policies: a text is expected, not 1"),
        ("policies = []", "policies: a list of texts is expected, not []"),
        ('fail_on = "none"', "fail_on: error or warning is expected, not 'none'"),
        ("fail_on = [[1]]", "fail_on: error or warning is expected, not [[1]]"),
        ('pod_security = "strict"', "pod_security: privileged or baseline or restricted is expected, not 'strict'"),
        ("guard_packs = 1", "guard_packs: true or false is expected, not 1"),
        (
            'disable = ["a"]',
            "disable: a table is expected, of a policy's name and the reason why it is disabled, not [",
        ),
        ('\n[disable]\na = " "', "chartgate.toml:3: disable.a: the reason is expected, as a text, not ' '"),
        ("[disable]\na = true", "chartgate.toml:2: disable.a: the reason is expected, as a text, not true"),
        ('severity.a = "error"', 'severity.a: {to = "warning", reason = "..."} is expected, not \'error\''),
        ('severity.a = {to = "error"}', 'severity.a: {to = "warning", reason = "..."} is expected, not a table of to'),
        ('severity.a = {to = "note", reason = "b"}', "severity.a.to: error or warning is expected, not 'note'"),
        ('severity.a = {to = "error", reason = ""}', "severity.a.reason: the reason is expected, as a text, not ''"),
        ("a = [", "chartgate.toml: this is not TOML: "),
        ("a = " + "[" * 5000, "chartgate.toml: this is not TOML"),
        ("a = " + "9" * 5000, "chartgate.toml: this is not TOML that can be read: a number is too long"),
        ("\udcff", "chartgate.toml"),
    ],
)
def test_what_is_refused(text: str, message: str, here: Path) -> None:
    (here / "chartgate.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as caught:
        read_settings(here)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["chartgate.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    "make",
    [Path.mkdir, os.mkfifo, lambda file: file.symlink_to("gone"), lambda file: file.symlink_to(file.name)],
    ids=["a folder", "a pipe", "a link to nothing", "a link to itself"],
)
def test_what_is_called_like_settings_is_never_left_out(make: Callable[[Path], None], name: str, here: Path) -> None:
    make(here / name)
    with pytest.raises(InputError) as caught:
        read_settings(here)
    message = f"{name} is no regular file, nor a link to one: settings are read from one, or take it away"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("pyproject", "message"),
    [
        ("[tool]\nchartgate = 1", "pyproject.toml: tool.chartgate: a table of settings is expected"),
        ("[tool.chartgate]", "pyproject.toml: [tool.chartgate]: there are settings in chartgate.toml as well"),
        ('[project]\nname = "chart"\n[tool.chartgate]\nchrat = 1', "pyproject.toml:4: chrat: there is no such setting"),
    ],
)
def test_what_is_refused_in_a_shared_file(pyproject: str, message: str, here: Path) -> None:
    files = {"pyproject.toml": pyproject} | ({"chartgate.toml": ""} if "as well" in message else {})
    write(here, files)
    with pytest.raises(InputError) as caught:
        read_settings(here)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("choice", "settings", "expected"),
    [
        (Choice(), Settings(), Choice()),
        (Choice(default_matrix="found"), Settings(matrix="m"), Choice(default_matrix="m")),
        (Choice(default_matrix="found"), Settings(chart="c"), Choice(chart="c", default_matrix="found")),
        (Choice(), Settings(chart="c", matrix="m"), Choice(chart="c", matrix="m", default_matrix="m")),
        (Choice(chart="o"), Settings(chart="c", matrix="m"), Choice(chart="o", default_matrix="m")),
        (Choice(matrix="o"), Settings(chart="c", matrix="m"), Choice(matrix="o", default_matrix="m")),
    ],
)
def test_an_option_wins_over_the_settings_and_these_over_what_is_found(
    choice: Choice, settings: Settings, expected: Choice
) -> None:
    assert completed(choice, settings) == expected
