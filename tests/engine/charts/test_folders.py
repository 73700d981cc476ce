"""Chart folders are read as helm reads them: links, .helmignore, and what is no file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.charts.reading.folders import files_of
from chartgate.charts.reading.ignore_rules import ignore_rules, is_ignored
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_verdicts import DUMP, helm_values
from tests.engine.toys import CHART, write

Change = Callable[[Path], object]
FILES = {"Chart.yaml": CHART, "values.yaml": "a: 1\n", "templates/dump.yaml": DUMP, "more/values.yaml": "a: 2\n"}
SUBCHART = {"Chart.yaml": "name: sub\nversion: 1.0.0\n", "values.yaml": "b: 2\n"}


def _link(name: str, target: str) -> Change:
    def make(chart: Path) -> None:
        (chart / name).unlink(missing_ok=True)
        (chart / name).parent.mkdir(exist_ok=True)
        (chart / name).symlink_to(target)

    return make


def _both(*changes: Change) -> Change:
    return lambda chart: [change(chart) for change in changes]


def _pipe(chart: Path) -> None:
    os.mkfifo(chart / "pipe")


def _files(**content: str | bytes) -> Change:
    def make(chart: Path) -> None:
        for name, text in content.items():
            (chart / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    return make


def _ignore(text: str) -> Change:
    return _files(**{".helmignore": text})


def _subchart(**content: str) -> Change:
    return lambda chart: write(chart / "charts" / "sub", SUBCHART | content)


AS_HELM: dict[str, tuple[Change, object]] = {
    "a link inside": (_link("values.yaml", "more/values.yaml"), {"a": 2}),
    "a link out": (_link("values.yaml", "../outside/values.yaml"), {"a": 3}),
    "a link to a folder out": (_link("charts/sub", "../../outside/sub"), {"a": 1, "sub": {"b": 2, "global": {}}}),
    "an ignored circle": (_both(_link("self", "."), _ignore("self")), {"a": 1}),
    "an ignored pipe": (_both(_pipe, _ignore("pipe")), {"a": 1}),
    "ignored values": (_ignore("values.yaml"), {}),
    "ignored values, by their path": (_ignore("/values.yaml"), {}),
    "a folder of values": (_link("values.yaml", "more"), {}),
    "a .helmignore in a subchart": (
        _subchart(**{".helmignore": "values.yaml"}),
        {"a": 1, "sub": {"b": 2, "global": {}}},
    ),
    "ignored values of a subchart": (_both(_subchart(), _ignore("charts/*/v*")), {"a": 1, "sub": {"global": {}}}),
}
REFUSED: dict[str, tuple[Change, str]] = {
    "a broken link": (_link("x", "gone"), "/x is a link that leads nowhere: No such file or directory"),
    "a broken link, ignored": (_both(_link("x", "gone"), _ignore("x")), "/x is a link that leads nowhere"),
    "a link to itself": (_link("x", "x"), "/x is a link in a circle"),
    "a circle of folders": (_link("more/x", ".."), "/more/x is a link to a folder around it, without end"),
    "a pipe": (_pipe, "/pipe is no regular file: take it out, or name it in .helmignore"),
    "a link to a device": (_link("x", "/dev/null"), "/x is no regular file"),
    "its own description": (_link("Chart.yaml", "/dev/null"), "/Chart.yaml is no regular file"),
    "a large file": (_files(x=bytes(5 * 2**20 + 1)), "/x is larger than 5 MiB, the largest file helm reads"),
    "two stars": (_ignore("a\n**/b"), "/.helmignore: line 2: helm knows no `**`: name the folder"),
    "an open class": (_ignore("[a"), "/.helmignore: line 1: '[a' is no pattern that helm can read"),
    "an empty class": (_ignore("[]"), "/.helmignore: line 1: '[]' is no pattern that helm can read"),
    "a backslash at the end": (_ignore("a\\"), r"/.helmignore: line 1: 'a\\' is no pattern that helm can read"),
    "all but one": (_ignore("!values.yaml"), "/.helmignore leaves out Chart.yaml, without which helm takes it for no"),
    "a folder of charts": (
        lambda chart: (chart / "Chart.yaml").rename(chart / "more/Chart.yaml"),
        " is not a chart: it has no Chart.yaml; name one below it: ",
    ),
    "a .helmignore that is a folder": (
        lambda chart: (chart / ".helmignore").mkdir(),
        "/.helmignore is no regular file: take it out",
    ),
    "a .helmignore with a long line": (
        _ignore("#" * 2**16),
        "/.helmignore: line 1 is longer than 65535 bytes, the most that helm reads",
    ),
}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """Write a chart into tmp_path/chart, and something outside of it."""
    write(tmp_path / "outside", {"values.yaml": "a: 3\n"} | {f"sub/{name}": text for name, text in SUBCHART.items()})
    return write(tmp_path / "chart", FILES)


@pytest.mark.parametrize("name", AS_HELM)
def test_what_helm_accepts_is_read_as_it_reads_it(name: str, chart: Path, tools: Tools) -> None:
    change, values = AS_HELM[name]
    change(chart)
    read = read_chart(copy_chart(chart, chart.parent / "run"), str(chart))
    assert [read.defaults, helm_values(tools, chart), helm_values(tools, read.folder)] == [values] * 3


@pytest.mark.parametrize("name", REFUSED)
def test_what_helm_refuses_is_refused_in_one_line(name: str, chart: Path, tools: Tools) -> None:
    change, message = REFUSED[name]
    change(chart)
    with pytest.raises(InputError) as error:
        read_chart(copy_chart(chart, chart.parent / "run"), str(chart))
    assert str(error.value).startswith(f"{chart}{message}")
    assert "\n" not in str(error.value)
    assert helm_values(tools, chart) is None


@pytest.mark.parametrize("target", ["pipe", "/dev/zero"])
def test_nobody_waits_for_a_helmignore_without_end(target: str, chart: Path) -> None:
    """As helm does, for ever."""
    os.mkfifo(chart / "pipe")
    (chart / ".helmignore").symlink_to(target)
    with pytest.raises(InputError, match=r"/\.helmignore is no regular file: take it out$"):
        read_chart(copy_chart(chart, chart.parent / "run"), str(chart))


def test_the_longest_line_of_a_helmignore(chart: Path, tools: Tools) -> None:
    _ignore("#" * (2**16 - 1))(chart)
    assert files_of(chart, "chart")
    assert helm_values(tools, chart) == {"a": 1}


def test_a_name_that_is_not_utf_8(chart: Path) -> None:
    (chart / "templates" / os.fsdecode(b"\xff.yaml")).write_text("")
    with pytest.raises(
        InputError, match=r"chart/templates: the name of a file is not printable UTF-8: '\\udcff\.yaml'"
    ):
        files_of(chart, "chart")
    (chart / ".helmignore").write_text("?.yaml")
    assert "templates/dump.yaml" in files_of(chart, "chart")


@pytest.mark.parametrize("target", ["../outside/values.yaml", "up/../outside/values.yaml", "/etc/hostname"])
def test_links_that_may_not_lead_out(target: str, chart: Path) -> None:
    """`up` is the folder around it: behind it, `..` is another folder than the text of the path says."""
    (chart / "more" / "up").symlink_to("..")
    (chart / ".helmignore").write_text("up")
    (chart / "more" / "x").symlink_to(f"../{target}" if target.startswith("..") else target)
    assert "more/x" in files_of(chart, "chart")
    with pytest.raises(InputError, match="chart/more/x is a link that leads out, to "):
        files_of(chart, "chart", within=chart)


def test_links_upon_links_end(chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder has the next one twice: 2 to the power of 30 of them."""
    for number in range(30):
        (chart / f"d{number}").mkdir()
        for name in ("a", "b"):
            (chart / f"d{number}" / name).symlink_to(f"../d{number + 1}")
    (chart / "d30").mkdir()
    monkeypatch.setattr("chartgate.charts.reading.folders.MOST_ENTRIES", 500)
    with pytest.raises(InputError, match=r"chart has more than 500 files and folders; use .helmignore"):
        files_of(chart, "chart")


def test_files_upon_files_end(chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chartgate.charts.reading.folders.LARGEST_FOLDER", 2**20)
    _files(a=bytes(2**20), b=b"x")(chart)
    with pytest.raises(InputError, match=r"chart: the chart is larger than 1 MiB; use .helmignore"):
        files_of(chart, "chart")


@pytest.mark.parametrize(
    ("rules", "ignored", "kept"),
    [
        ("e.yaml", ["e.yaml", "templates/e.yaml"], ["templates/e.yml"]),
        ("templates/e.yaml", ["templates/e.yaml"], ["charts/s/templates/e.yaml"]),
        ("/e.yaml", ["e.yaml"], ["templates/e.yaml"]),
        ("*/e.yaml", ["templates/e.yaml"], ["e.yaml", "a/b/e.yaml"]),
        ("?.yaml", ["e.yaml", "\u00e9.yaml"], ["ee.yaml"]),
        ("[a-f].yaml", ["e.yaml"], ["g.yaml"]),
        ("[^a-f].yaml", ["g.yaml"], ["e.yaml"]),
        ("[!a].yaml", ["!.yaml", "a.yaml"], ["e.yaml"]),
        ("[z-a].yaml", [], ["z.yaml", "m.yaml"]),
        ("[^z-a].yaml", ["m.yaml"], ["mm.yaml"]),
        (r"\e.yaml", ["e.yaml"], [r"\e.yaml"]),
        ("{e}.yaml", ["{e}.yaml"], ["e.yaml"]),
        ("# e.yaml\n\n  e.yaml  \r\n", ["e.yaml"], ["# e.yaml"]),
        ("\ufeffe.yaml", ["e.yaml"], []),
        ("!*.yaml", ["README.md"], ["e.yaml"]),
        ("*.md\n!*.md", ["a.md", "e.yaml"], []),
        ("e/", ["e/"], ["e", "e/x"]),
        ("!e/", ["e", "f/"], ["e/"]),
        ("", ["templates/.e", "templates/.d/"], [".e", "templates/.", "templates/a/.e"]),
    ],
)
def test_rules_as_helm_applies_them(rules: str, ignored: list[str], kept: list[str]) -> None:
    read = ignore_rules(rules, "x")
    found = [p for p in (*ignored, *kept) if is_ignored(p.rstrip("/"), is_folder=p.endswith("/"), rules=read)]
    assert found == ignored
