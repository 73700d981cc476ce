"""What `chartgate init` refuses in one line, and what it never does: overwrite, show a secret, run a chart's text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.starting import new_files
from tests.engine.started import NEEDY, chart, files
from tests.engine.toys import CHART, CONFIG, GUARDED, TOY, write

Shown = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("given", "arguments", "message"),
    [
        ({}, [], "there is no chart here: name its folder, chartgate init FOLDER"),
        ({}, ["nowhere"], "there is no chart at nowhere: name a chart folder or a .tgz"),
        (
            {"a/Chart.yaml": CHART, "b/Chart.yaml": CHART, "b/charts/c/Chart.yaml": CHART},
            [],
            "there are several charts here: name one of them, chartgate init a; there is: a, b",
        ),
        (
            {"lib/Chart.yaml": f"{CHART}type: library\n", "lib/values.yaml": "a: 1\n"},
            ["lib"],
            "lib is a library chart: helm renders it as a part of other charts only, so name one",
        ),
        (
            {"bare/Chart.yaml": CHART, "bare/templates/config.yaml": "kind: ConfigMap\n"},
            ["bare"],
            "bare has no values.yaml, from which a matrix is made: write the values that its templates read there;"
            " `chartgate check --chart=bare` judges it as it is",
        ),
        (
            {
                "up/Chart.yaml": f"{CHART}dependencies: [{{name: db, version: 1.x, repository: 'https://example.com'}}]\n"
            },
            ["up"],
            "up/Chart.yaml: db among the dependencies, but not in charts/: `helm dependency build` fetches them",
        ),
        (
            {f"toy/{name}": text for name, text in ({"Chart.yaml": CHART} | NEEDY).items()},
            ["toy"],
            "toy does not render: with its defaults, mode is needed (toy/templates/config.yaml:5), and there is no file"
            " in its ci/ that it renders with. Write the values that it needs into a file, and name that with"
            " --values=FILE",
        ),
        (
            {f"toy/{name}": text for name, text in ({"Chart.yaml": CHART} | NEEDY).items()} | {"my.yaml": "mode: ''\n"},
            ["toy", "--values=my.yaml"],
            "toy does not render: with my.yaml, mode is needed (toy/templates/config.yaml:5). Write the values that it"
            " needs into a file, and name that with --values=FILE",
        ),
        (
            {f"toy/{name}": text for name, text in TOY.items()},
            ["toy", "--github"],
            "--github: this chartgate is not from an address that GitHub reaches; name one with"
            " --install-from='git+https://HOST/chartgate@COMMIT', or that of a wheel",
        ),
        (
            {f"toy\udcff/{name}": text for name, text in TOY.items()},
            ["toy\udcff"],
            r"'toy\udcff': the name of this folder is not UTF-8, so no matrix can name it: rename it",
        ),
    ],
)
def test_what_cannot_begin_is_one_line(
    here: Path, given: Mapping[str, str], arguments: list[str], message: str, capsys: Shown
) -> None:
    write(here, given)
    assert main(["init", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"chartgate: {message}\n")
    assert files(here) == sorted(given)


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ("tests/matrix.yaml", "tests/matrix.yaml is there already"),
        ("policies/__init__.py", "policies/__init__.py is there already"),
        ("policies/toy", "policies/toy is there already"),
        (".github/workflows/chartgate.yaml", ".github/workflows/chartgate.yaml is there already"),
        ("tests", "tests/matrix.yaml cannot be written: tests is there, and is not a folder"),
    ],
)
def test_nothing_is_overwritten(here: Path, there: str, message: str, capsys: Shown) -> None:
    chart(here, TOY)
    text = 'chart = "toy"\n'
    write(here, {there: text})
    before = files(here)
    assert main(["init", "toy", "--github", "--install-from=x", "--pre-commit"]) == 2
    assert capsys.readouterr().err.startswith(f"chartgate: {message}")
    assert (files(here), (here / there).read_text()) == (before, text)


@pytest.mark.parametrize(
    ("there", "text"), [("chartgate.toml", 'chart = "toy"\n'), ("pyproject.toml", "[tool.chartgate]\n")]
)
def test_settings_stay_and_get_a_hook_and_a_workflow(here: Path, there: str, text: str, capsys: Shown) -> None:
    chart(here, TOY)
    write(here, {there: text})
    before = files(here)
    assert main(["init", "toy"]) == 2
    message = f"{there} has settings already, and init overwrites nothing: `chartgate check` uses them"
    assert (capsys.readouterr().err, files(here)) == (f"chartgate: {message}\n", before)
    assert main(["init", "--pre-commit", "--github", "--install-from=x"]) == 0
    added = [".github/workflows/chartgate.yaml", ".pre-commit-config.yaml"]
    said = "\n".join([f"{there} has settings already, which stay as they are", *added])
    assert (capsys.readouterr().out, files(here)) == (f"{said}\n", sorted([*before, *added]))
    assert (here / there).read_text() == text
    assert main(["init", "--github", "--install-from=x"]) == 2
    assert capsys.readouterr().err.startswith(f"chartgate: {added[0]} is there already, and init overwrites nothing")


def test_a_pyproject_without_settings_stays_as_it_is(here: Path) -> None:
    chart(here, TOY)
    write(here, {"pyproject.toml": "[project]\nname = 'x'\n"})
    assert main(["init", "toy"]) == 0
    assert (here / "pyproject.toml").read_text() == "[project]\nname = 'x'\n"


def test_all_files_or_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_but_settings(file: Path, content: bytes) -> None:
        if file.name == "chartgate.toml":
            raise InputError("the disk is full")
        file.write_bytes(content)

    monkeypatch.setattr(new_files, "write_whole", write_but_settings)
    chart(here, TOY)
    before = files(here)
    assert main(["init", "toy"]) == 2
    assert (files(here), sorted(path.name for path in here.iterdir())) == (before, ["toy"])


def test_what_a_repository_reads_is_at_its_root(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Shown) -> None:
    write(here, {".git": "gitdir: elsewhere"})
    chart(here / "apps", TOY)
    monkeypatch.chdir(here / "apps")
    assert main(["init", "toy", "--pre-commit"]) == 2
    assert capsys.readouterr().err == (
        f"chartgate: .pre-commit-config.yaml only counts at the root of the repository: run init in {here}\n"
    )


def test_the_words_of_helm_show_no_secret(here: Path, capsys: Shown) -> None:
    refusing = '{{ if .Values.extra.enabled }}{{ fail (printf "not with %s" .Values.login.password) }}{{ end }}'
    chart(
        here,
        {
            "values.yaml": "mode: ''\nextra: {enabled: false}\nlogin: {password: ''}\n",
            "templates/config.yaml": CONFIG.replace(".Values.mode", '(required "mode?" .Values.mode)'),
            "templates/refusing.yaml": refusing,
        },
    )
    write(here, {"mine.yaml": "mode: x\nlogin: {password: tr0ub4dor-and-3}\n"})
    assert main(["init", "toy", "--values=mine.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "extra.enabled: true: not with " in shown
    assert "tr0ub4dor" not in shown
    assert "They are in the file: write samples in place of login.password before you commit it.\n" in shown


def test_no_text_of_a_chart_gets_into_the_code_of_a_policy(here: Path) -> None:
    name = 'x"""\nimport os\n"""'
    guarded = GUARDED.replace(".Values.secret.enabled", f'(index .Values {go_yaml.dump_line([name])[1:-1]} "enabled")')
    hostile = go_yaml.dump({"mode": "plain", name: {"enabled": False}, "secret": {"token": "x"}})
    chart(here, {"values.yaml": hostile, "templates/config.yaml": CONFIG, "templates/secret.yaml": guarded})
    assert main(["init", "toy"]) == 0
    [module] = [path for path in (here / "policies" / "toy").glob("*.py") if path.name != "__init__.py"]
    assert [line for line in module.read_text().splitlines() if line.startswith("import")] == []
    compile(module.read_text(), str(module), "exec")
