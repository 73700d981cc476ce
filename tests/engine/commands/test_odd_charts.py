"""Odd charts from the outside: the exit code of `chartgate`, and the one line that it says."""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.conftest import Project
from tests.engine.toys import CHART, TOY, archive, write

SCHEMA = '{"properties": {"mode": {"$ref": "http://127.0.0.1:9/x.json"}}}'
NOTE = "values.schema.json refers to http://127.0.0.1:9/x.json, which is not fetched: values are not held against it."
NOT_GZIPPED = "odd.tgz is not a chart archive: it is not gzipped (`helm package` makes a .tgz)"


def _xz() -> None:
    Path("odd.tgz").write_bytes(lzma.compress(b"x"))


def _dotted() -> None:
    archive(Path("odd.tgz"), {f"./toy/{name}": text for name, text in TOY.items()})


def _link() -> None:
    write(Path("odd"), TOY)
    Path("odd/templates/up").symlink_to("..")


def _pipe() -> None:
    write(Path("odd"), TOY)
    os.mkfifo("odd/pipe")


def _name() -> None:
    write(Path("odd"), TOY)
    Path("odd/templates", os.fsdecode(b"\xff")).write_text("")


def _missing() -> None:
    write(Path("odd"), TOY | {"Chart.yaml": CHART + "dependencies: [{name: gone, version: 1.0.0}]"})


@pytest.mark.parametrize(
    ("make", "chart", "message"),
    [
        (_xz, "odd.tgz", NOT_GZIPPED),
        (_dotted, "odd.tgz", "odd.tgz is not a chart: it has no Chart.yaml"),
        (_link, "odd", "odd/templates/up is a link to a folder around it, without end"),
        (_pipe, "odd", "odd/pipe is no regular file: take it out, or name it in .helmignore"),
        (_name, "odd", r"odd/templates: the name of a file is not printable UTF-8: '\udcff'; rename it"),
        (_missing, "odd", "odd/Chart.yaml: gone among the dependencies, but not in charts/: `helm dependency build`"),
    ],
)
@pytest.mark.parametrize("command", ["check", "review"])
def test_a_chart_that_cannot_be_used(
    command: str,
    make: Callable[[], None],
    chart: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("toy"), TOY)
    make()
    assert main(["review", chart, "toy"] if command == "review" else ["check", f"--chart={chart}"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)
    assert message in shown.err


def test_what_is_not_fetched_is_told_everywhere(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write({"toy/values.schema.json": SCHEMA})
    words = ["--policies=rules", f"--helm={project.helm.path}"]
    main(["check", *words])
    assert f"note: toy/{NOTE}" in capsys.readouterr().out.splitlines()
    main(["check", "--format=json", *words])
    assert json.loads(capsys.readouterr().out)["notes"] == [f"toy/{NOTE}"]
    assert f"note: toy/{NOTE}" in project.run_plainly("--collect-only", *words).outlines
    write(project.root / "old", TOY)
    main(["review", "old", "toy", "--chart=toy", f"--helm={project.helm.path}"])
    assert f"toy/{NOTE}" in capsys.readouterr().out
