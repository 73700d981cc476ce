"""A chart is read once, from a folder or an archive; what is no chart is an error that says so."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.charts import read
from chartgate.charts.read import copy_chart, read_chart
from chartgate.charts.secret_values import secrets_in
from chartgate.errors import InputError
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
    assert copy == tmp_path / "run" / "toy"
    assert read_chart(copy, "x").digest == chart_from(tmp_path / "again", TOY).digest


def _edit(chart: Path) -> None:
    write(chart, {"templates/config.yaml": CONFIG + "\n"})


def _rename(chart: Path) -> None:
    (chart / "templates/config.yaml").rename(chart / "templates/konfig.yaml")


def _move_text(chart: Path) -> None:
    write(chart, {"values.yaml": TOY["values.schema.json"], "values.schema.json": TOY["values.yaml"]})


@pytest.mark.parametrize("change", [_edit, _rename, _move_text])
def testfiles_digest_tells_charts_apart(change: Callable[[Path], None], tmp_path: Path) -> None:
    before = read.files_digest(write(tmp_path, TOY))
    change(tmp_path)
    assert read.files_digest(tmp_path) != before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "is not a chart: it has no Chart.yaml"),
        ({"Chart.yaml": "name: toy"}, "/Chart.yaml: version is missing or not text"),
        ({"Chart.yaml": "name: toy\nversion: 1.1"}, "/Chart.yaml: version is missing or not text"),
        ({"Chart.yaml": "name: [toy]\nversion: 1.1.1"}, "/Chart.yaml: name is missing or not text"),
        ({"Chart.yaml": "- toy"}, "/Chart.yaml: expected a map of keys, found list"),
        ({"Chart.yaml": "name: {"}, "/Chart.yaml: line 2, column 1: did not find expected node content"),
        ({"values.yaml": "a: 1\na: 2"}, "/values.yaml: line 2, column 1: key 'a' is there twice"),
        ({"values.yaml": "text"}, "/values.yaml: expected a map of keys, found str"),
        ({"values.schema.json": "{"}, "/values.schema.json: line 1, column 2: Expecting property name"),
        ({"values.schema.json": "[]"}, "/values.schema.json: expected an object"),
        ({"Chart.yaml": CHART + "dependencies: {a: 1}"}, "/Chart.yaml: dependencies must be a list of maps"),
        ({"Chart.yaml": CHART + "dependencies: [sub]"}, "/Chart.yaml: dependencies must be a list of maps"),
        ({"Chart.yaml": CHART + "dependencies: [{alias: x}]"}, "dependencies must be a list of maps, each with a name"),
        (
            {"Chart.yaml": CHART + "dependencies: [{name: sub, condition: true}]"},
            "/Chart.yaml: condition of dependency 'sub' is no str",
        ),
        ({"charts/sub/Chart.yaml": "name: sub"}, "/charts/sub/Chart.yaml: version is missing or not text"),
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
    with pytest.raises(InputError, match=r"toy/values\.yaml cannot be read: 'utf-8' codec"):
        read_chart(tmp_path, "toy")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no chart at .*/nowhere: name a chart folder or a \.tgz"):
        copy_chart(tmp_path / "nowhere", tmp_path / "run")


def test_a_folder_that_cannot_be_copied(tmp_path: Path) -> None:
    source = write(tmp_path / "toy", TOY)
    (source / "templates" / "gone.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match=r"toy cannot be copied: .*gone"):
        copy_chart(source, tmp_path / "run")


def _climbing(file: Path) -> None:
    archive(file, {"toy/Chart.yaml": CHART, "toy/../../escaped": "x"})


def _absolute_link(file: Path) -> None:
    _with_member(file, "toy/link", tarfile.SYMTYPE, "/etc/passwd")


def _climbing_link(file: Path) -> None:
    _with_member(file, "toy/link", tarfile.SYMTYPE, "../../escaped")


def _climbing_hard_link(file: Path) -> None:
    _with_member(file, "toy/link", tarfile.LNKTYPE, "../escaped")


def _device(file: Path) -> None:
    _with_member(file, "toy/null", tarfile.CHRTYPE, "")


def _no_chart(file: Path) -> None:
    archive(file, {"toy/README.md": "x"})


def _no_folder(file: Path) -> None:
    archive(file, {"Chart.yaml": CHART})


def _two_charts(file: Path) -> None:
    archive(file, {"one/Chart.yaml": CHART, "two/Chart.yaml": CHART})


def _bomb(file: Path) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, size in (("toy/Chart.yaml", len(CHART)), ("toy/zeros", 2**20)):
            member = tarfile.TarInfo(name)
            member.size = size
            tar.addfile(member, io.BytesIO(CHART.encode() if name.endswith("yaml") else bytes(size)))


def _no_archive(file: Path) -> None:
    file.write_text("not a tar")


def _cut_off(file: Path) -> None:
    archive(file, {"toy/Chart.yaml": CHART, "toy/values.yaml": "x" * 10_000})
    file.write_bytes(file.read_bytes()[:-60])


def _flipped(file: Path) -> None:
    archive(file, {"toy/Chart.yaml": CHART})
    content = bytearray(file.read_bytes())
    content[20:40] = bytes(20)
    file.write_bytes(content)


def _with_member(file: Path, name: str, kind: bytes, target: str) -> None:
    with tarfile.open(file, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, target
        tar.addfile(member)


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (_climbing, "is not a usable chart archive: 'toy/../../escaped' would be extracted to"),
        (_absolute_link, "is not a usable chart archive: 'toy/link' is a link to an absolute path"),
        (_climbing_link, "is not a usable chart archive: 'toy/link' would link to"),
        (_climbing_hard_link, "is not a usable chart archive: 'toy/link' would link to"),
        (_device, "is not a usable chart archive: 'toy/null' is a special file"),
        (_bomb, "unpacks to more than 0 MiB"),
        (_no_chart, "is not a chart archive: it must hold one folder with a Chart.yaml"),
        (_no_folder, "is not a chart archive: it must hold one folder with a Chart.yaml"),
        (_two_charts, "is not a chart archive: it must hold one folder with a Chart.yaml"),
        (_no_archive, "is not a usable chart archive: file could not be opened successfully"),
        (_cut_off, "is not a usable chart archive: "),
        (_flipped, "is not a usable chart archive: "),
    ],
)
def test_archives_that_are_refused(
    pack: Callable[[Path], None], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pack is _bomb:
        monkeypatch.setattr(read, "_LARGEST_ARCHIVE", 2**19)
    pack(tmp_path / "toy.tgz")
    with pytest.raises(InputError, match=r"^.*/toy\.tgz") as error:
        copy_chart(tmp_path / "toy.tgz", tmp_path / "deep" / "run")
    assert message in str(error.value)
    assert not list(tmp_path.rglob("escaped"))


def test_subcharts_in_folders_and_archives(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "Chart.yaml": CHART + "dependencies: [{name: packed, alias: one}, {name: packed, alias: two}]",
            "values.yaml": "one: {size: 2}",
            "charts/sub/Chart.yaml": SUBCHART,
            "charts/_ignored/Chart.yaml": SUBCHART,
            "charts/README.md": "x",
        },
    )
    archive(
        folder / "charts" / "packed-1.0.0.tgz",
        {"packed/Chart.yaml": "name: packed\nversion: 1.0.0", "packed/values.yaml": "size: 1"},
    )
    chart = read_chart(folder, "toy")
    assert [(sub.name, sub.metadata["name"], sub.version) for sub in chart.subcharts] == [
        ("one", "packed", "1.0.0"),
        ("two", "packed", "1.0.0"),
        ("sub", "sub", "0.2.0"),
    ]
    assert {key: chart.defaults[key]["size"] for key in ("one", "two")} == {"one": 2, "two": 1}
    assert read_chart(folder, "toy") == chart
