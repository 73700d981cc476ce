"""Dependencies of a chart as git has it, which are seldom in git: they are taken from the work tree's charts/."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chartgate.charts.metadata.version_constraints import chart_version, is_compatible
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.system.git import Repository

_DECLARE, _LOCK = ("Chart.yaml", "requirements.yaml"), ("Chart.lock", "requirements.lock")
_LOCAL = "file://"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def lend_dependencies(written: Path, there: Path, source: Path, repository: Repository, commit: str) -> list[str]:
    """Put what charts/ lacks into a chart that git has written, and say what that is; what nobody has stays missing.

    What the repository has itself is that of the commit; anything else is the work tree's, in a version that the
    commit's Chart.lock names, or that fits where it has none.

    Args:
        written: the folder that the commit is written to.
        there: where the chart is in it.
        source: the chart in the work tree.
        repository: has the commit.
        commit: the one that the chart is of.

    Raises:
        InputError: git cannot write a chart beside it.
    """
    chart = written / there
    if (chart / "charts").exists() and not (chart / "charts").is_dir():
        return []
    locked = {str(entry.get("name")): str(entry.get("version")) for entry in _entries(chart, _LOCK)}
    lent = []
    for entry in _entries(chart, _DECLARE):
        name, repository_of = str(entry.get("name")), str(entry.get("repository") or "")
        if not _NAME.fullmatch(name) or any(_version_of(file, name) for file in _charts_of(chart)):
            continue
        if repository_of.startswith(_LOCAL):
            beside = Path(os.path.normpath(there / repository_of.removeprefix(_LOCAL)))
            if not beside.is_absolute() and beside.parts[:1] != ("..",):
                repository.write(commit, beside, written)
                if (written / beside / "Chart.yaml").is_file():
                    shutil.copytree(written / beside, chart / "charts" / name, symlinks=True)
                    continue
        wanted = locked.get(name, "")
        for file in _charts_of(source):
            version = _version_of(file, name)
            if version and (version == wanted if wanted else is_compatible(str(entry.get("version")), version)):
                _copy(file, chart / "charts")
                lent.append(f"{name} {version}")
                break
    return lent


def _entries(chart: Path, files: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Give the dependencies that files name; what is wrong with a file is told where the chart is read."""
    for file in files:
        yield from maps_in(_content(chart / file).get("dependencies"))


def _content(file: Path) -> Mapping[str, Any]:
    try:
        return map_of(go_yaml.load(file.read_text("utf-8"), str(file)))
    except (OSError, UnicodeDecodeError, InputError):
        return {}


def _charts_of(chart: Path) -> list[Path]:
    folder = chart / "charts"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _version_of(file: Path, name: str) -> str:
    """Give the version of what is in charts/, if it is the chart of a name; an archive is called after both."""
    if file.is_dir():
        metadata = _content(file / "Chart.yaml")
        return str(metadata.get("version")) if metadata.get("name") == name else ""
    version = file.name.removesuffix(".tgz").removeprefix(f"{name}-")
    return version if file.name == f"{name}-{version}.tgz" and chart_version(version) else ""


def _copy(file: Path, into: Path) -> None:
    into.mkdir(exist_ok=True)
    if file.is_dir():
        shutil.copytree(file, into / file.name)
    else:
        shutil.copyfile(file, into / file.name)
