"""A chart is read once, from a folder or an archive; what is no chart is an error that says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.charts.chart_values.secret_values import secrets_in
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_verdicts import DUMP, helm_values
from tests.engine.toys import CHART, CONFIG, TOY, archive, chart_from, write

SUBCHART = "apiVersion: v2\nname: sub\nversion: 0.2.0\n"


def test_a_folder_is_copied_and_later_edits_change_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "toy", TOY | {".git/HEAD": "ref", "ci/a-values.yaml": "mode: a"})
    copy = copy_chart(source, tmp_path / "run")
    chart = read_chart(copy, "toy")
    write(source, {"values.yaml": "mode: edited", "templates/config.yaml": "edited"})
    assert read_chart(copy, "toy") == chart
    assert (chart.folder, chart.source) == (tmp_path / "run" / "toy", "toy")
    assert sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()) == sorted(
        [*TOY, "ci/a-values.yaml"]
    )


def test_what_is_read(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, TOY)
    assert (chart.name, chart.version, chart.metadata["apiVersion"]) == ("toy", "1.2.3", "v2")
    assert chart.defaults["secret"] == {"enabled": False, "token": "t0p-s3cret"}
    assert chart.schema["properties"]["mode"] == {"type": "string"}
    assert chart.templates["templates/config.yaml"] == CONFIG
    assert [secret.address for secret in secrets_in(chart, chart.defaults)] == ["secret.token"]


def test_an_archive_gives_the_same_chart(tmp_path: Path) -> None:
    packed = archive(tmp_path / "toy-1.2.3.tgz", {f"toy/{name}": content for name, content in TOY.items()})
    copy = copy_chart(packed, tmp_path / "run")
    assert copy == tmp_path / "run" / "toy-1.2.3.tgz"
    assert read_chart(copy, "x").digest == chart_from(tmp_path / "again", TOY).digest


def _edit(chart: Path) -> None:
    write(chart, {"templates/config.yaml": CONFIG + "\n"})


def _rename(chart: Path) -> None:
    (chart / "templates/config.yaml").rename(chart / "templates/konfig.yaml")


def _move_text(chart: Path) -> None:
    write(chart, {"values.yaml": "{}", "templates/config.yaml": CONFIG + TOY["values.yaml"]})


@pytest.mark.parametrize("change", [_edit, _rename, _move_text])
def test_the_digest_tells_charts_apart(change: Callable[[Path], None], tmp_path: Path) -> None:
    before = read_chart(write(tmp_path, TOY), "toy")
    change(tmp_path)
    assert read_chart(tmp_path, "toy").digest != before.digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "is not a chart: it has no Chart.yaml"),
        ({"Chart.yaml": "name: toy"}, "/Chart.yaml: version is missing"),
        ({"Chart.yaml": "- toy"}, "/Chart.yaml: expected a map of keys, found list"),
        ({"Chart.yaml": "name: {"}, "/Chart.yaml: line 2, column 1: did not find expected node content"),
        ({"values.yaml": "text"}, "/values.yaml: line 1, column 1: expected a map of values, found str"),
        ({"values.schema.json": "{"}, "/values.schema.json: line 1, column 2: Expecting property name"),
        ({"values.schema.json": "[]"}, "/values.schema.json: expected an object, true or false, found list"),
        ({"values.schema.json": "5"}, "/values.schema.json: expected an object, true or false, found int"),
        ({"values.schema.json": ""}, "/values.schema.json: line 1, column 1: Expecting value"),
        (
            {"values.yaml": "a: 1\n--- b"},
            "/values.yaml: line 2, column 1: nothing but a comment may follow --- in its line, for helm 4",
        ),
        ({"values.yaml": "a: 1\n---\nb: ["}, "/values.yaml: line 4, column 1: did not find expected node content"),
        ({"charts/sub/Chart.yaml": "name: sub"}, "/charts/sub/Chart.yaml: version is missing"),
        ({"charts/README.md": "x"}, "/charts/README.md is not a chart: helm takes all that is in charts/ for one"),
        ({"charts/sub/Chart.yaml": SUBCHART, "charts/sub/values.yaml": "a: ["}, "/charts/sub/values.yaml: line "),
    ],
)
def test_broken_charts(content: dict[str, str], message: str, tmp_path: Path) -> None:
    source = tmp_path / "toy"
    source.mkdir()
    write(source, {"Chart.yaml": CHART, **content} if content else {})
    with pytest.raises(InputError) as error:
        read_chart(copy_chart(source, tmp_path / "run"), str(source))
    assert str(source) in str(error.value)
    assert message in str(error.value)


def test_values_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, {"Chart.yaml": CHART})
    (tmp_path / "values.yaml").write_bytes(b"a: \xff")
    with pytest.raises(InputError, match=r"toy/values\.yaml cannot be read: line 1 is not UTF-8"):
        read_chart(tmp_path, "toy")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no chart at .*/nowhere: name a chart folder or a \.tgz"):
        copy_chart(tmp_path / "nowhere", tmp_path / "run")


@pytest.mark.parametrize(
    ("text", "schema"),
    [("true", {}), ("false", {"not": {}}), ("{}", {}), ("\ufeff{}", {}), (None, {})],
)
def test_true_and_false_are_schemas(text: str | None, schema: object, tmp_path: Path) -> None:
    assert chart_from(tmp_path, {"values.schema.json": text} if text is not None else {}).schema == schema


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# nothing", {}),
        ("null", {}),
        ("---\na: 1", {"a": 1}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: {x: 1}\n---\na: {z: 2}\nb: 1\n--- # more\nb: 2", {"a": {"x": 1, "z": 2}, "b": 2}),
        ("a: |\n  x\n---\nb: 1", {"a": "x\n", "b": 1}),
        ("a: 1\na: 2", {"a": 2}),
    ],
)
def test_values_of_several_documents(text: str, values: object, tmp_path: Path, tools: Tools) -> None:
    chart = chart_from(tmp_path, {"values.yaml": text, "templates/dump.yaml": DUMP})
    assert chart.own_values == values
    assert helm_values(tools, tmp_path) == values


def test_keys_that_are_there_twice_are_told(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, {"Chart.yaml": CHART + "name: toy\n", "values.yaml": "a: 1\na: 2"})
    assert {file: [(r.key, r.line) for r in found] for file, found in chart.repeats.items()} == {
        "Chart.yaml": [("name", 4)],
        "values.yaml": [("a", 2)],
    }


def test_an_old_version_left_in_charts_is_used_beside_the_wanted_one(tmp_path: Path, tools: Tools) -> None:
    """Helm renders both: the one that no dependency names first, so that its defaults win."""
    files = {
        "Chart.yaml": CHART + "dependencies: [{name: sub, version: ^2}]",
        "templates/dump.yaml": DUMP,
        **{f"charts/{n}/Chart.yaml": f"name: sub\nversion: {n}.0.0" for n in (1, 2)},
        **{f"charts/{n}/values.yaml": f"v: {n}\nonly{n}: true" for n in (1, 2)},
    }
    chart = chart_from(tmp_path, files)
    assert [(sub.name, sub.version) for sub in chart.subcharts] == [("sub", "1.0.0"), ("sub", "2.0.0")]
    assert chart.defaults == {"sub": {"v": 1, "only1": True, "only2": True, "global": {}}}
    assert helm_values(tools, tmp_path) == chart.defaults


@pytest.mark.parametrize("dependencies", ["", "dependencies: [{name: sub, version: '*'}]"])
def test_two_charts_that_helm_takes_at_random(dependencies: str, tmp_path: Path) -> None:
    files = {f"charts/{n}/Chart.yaml": f"name: sub\nversion: {n}.0.0" for n in (1, 2)}
    with pytest.raises(InputError, match="charts has 1 and 2, both the chart 'sub': helm takes either, at random"):
        chart_from(tmp_path, {"Chart.yaml": CHART + dependencies, **files})
    write(tmp_path, {"charts/2/Chart.yaml": "name: sub\nversion: 1.0.0"})
    assert read_chart(tmp_path, "toy").defaults == {"sub": {"global": {}}}  # the same twice is one


def test_the_copy_has_what_helm_reads_and_the_values_for_ci(tmp_path: Path) -> None:
    hidden = {".helmignore": "ci/\n*.md\n", "README.md": "x", "ci/a-values.yaml": "mode: a", "ci/notes": "x"}
    copy = copy_chart(write(tmp_path / "toy", TOY | hidden), tmp_path / "run")
    there = sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file())
    assert there == sorted([*TOY, ".helmignore", "ci/a-values.yaml"])
    chart = read_chart(copy, "toy")
    assert (chart.ci_values, sorted(chart.files)) == ({"a-values.yaml": b"mode: a"}, sorted([*TOY, ".helmignore"]))


def test_subcharts_in_folders_and_archives(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "Chart.yaml": CHART + "dependencies: [{name: packed, version: ^1, alias: one}, "
            "{name: packed, version: 1.0.0, alias: two}]",
            "values.yaml": "one: {size: 2}",
            "charts/sub/Chart.yaml": SUBCHART,
            "charts/_ignored/Chart.yaml": SUBCHART,
            "charts/.README.md": "x",
            "charts/sub-0.2.0.tgz.prov": "x",
        },
    )
    archive(
        folder / "charts" / "packed-1.0.0.tgz",
        {"packed/Chart.yaml": "name: packed\nversion: 1.0.0", "packed/values.yaml": "size: 1"},
    )
    chart = read_chart(folder, "toy")
    assert [(sub.name, sub.metadata["name"], sub.version) for sub in chart.subcharts] == [
        ("sub", "sub", "0.2.0"),
        ("one", "packed", "1.0.0"),
        ("two", "packed", "1.0.0"),
    ]
    assert {key: chart.defaults[key]["size"] for key in ("one", "two")} == {"one": 2, "two": 1}
    assert read_chart(folder, "toy") == chart
