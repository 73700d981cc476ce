"""What a user chose, and the chart and the matrix that belong to it."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.reading.nearby import charts_below
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.documents.words import listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.application import deployed, read_application
from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.file import read_matrix_file
from chartgate.matrix.matrix import Matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Chart
from chartgate.system.answers import ask, is_file
from chartgate.system.files import read_text
from chartgate.system.renderers import RENDERERS
from chartgate.system.scratch import make_private
from chartgate.system.toolchain import Tools, find

_MOST_CHARTS = 5
INSIDE = ("matrix.yaml", "ci/matrix.yaml")
"""Where in a chart's folder its matrix is looked for."""


@dataclass(frozen=True)
class Choice:
    """What the user chose; empty means the default."""

    chart: str = ""
    matrix: str = ""
    """A matrix named for this run: it is used for whatever chart is named."""
    default_matrix: str = ""
    """The project's own matrix: for the chart that it names, and for others of that chart's name."""
    helm: str = ""
    renderer: str = RENDERERS[0]
    kube_version: str = ""
    infrastructure: str = ""
    """An Argo-style file: what it deploys of the chart is then the only scenario."""
    is_without_matrix: bool = False
    """Whether no matrix counts, wherever there is one."""


def copy_for_run(choice: Choice, folder: Path) -> Path:
    """Copy the chosen chart below `folder`, so that edits during the run change nothing; give the copy.

    Raises:
        InputError: there is no such chart.
    """
    source = chart_source(choice)
    ask("content", source)
    copy = copy_chart(source, folder)
    make_private(copy)
    return copy


def read_inputs(choice: Choice, copied_chart: Path) -> tuple[Chart, Matrix]:
    """Read the copied chart and the matrix that belongs to it; this needs no tools.

    Raises:
        InputError: chart, matrix or Kubernetes version cannot be used.
    """
    check_kube_version(choice)
    chart = read_chart(copied_chart, str(chart_source(choice)))
    matrix = matrix_for(choice, chart)
    if choice.infrastructure:
        matrix = deployed(matrix, chart, read_application(Path(choice.infrastructure), chart.name))
    return chart, matrix


def check_kube_version(choice: Choice) -> None:
    """Refuse what is not a version of Kubernetes.

    Raises:
        InputError: it is not one.
    """
    if choice.kube_version and not re.fullmatch(r"v?[0-9]{1,9}\.[0-9]{1,9}(\.[0-9]{1,9})?", choice.kube_version):
        raise InputError(f"{choice.kube_version!r} is not a Kubernetes version: --kube-version=1.31 or =1.31.0")


def matrix_for(choice: Choice, chart: Chart) -> Matrix:
    """Give the matrix that belongs to a chart.

    The named one; else that inside the named chart's folder; else the project's own, where it is for a chart of that
    name; else the one that the chart's `ci/` folder stands for.

    Raises:
        InputError: the matrix cannot be used, or does not fit the chart.
    """
    path = matrix_path(choice, chart)
    return (
        load_matrix(Path(path), chart, choice.kube_version) if path else conventional_matrix(chart, choice.kube_version)
    )


def matrix_path(choice: Choice, chart: Chart) -> str:
    """Give the file of the matrix that belongs to a chart; empty where there is none.

    Raises:
        InputError: the project's own matrix is not where its settings say.
    """
    if choice.is_without_matrix:
        return ""
    if choice.default_matrix and not (choice.matrix or Path(choice.default_matrix).is_file()):
        raise InputError(f"{choice.default_matrix}: the matrix that the settings name is not there")
    if choice.matrix or not choice.chart:
        return choice.matrix or choice.default_matrix
    candidates = [*(str(Path(choice.chart) / name) for name in INSIDE), choice.default_matrix]
    fitting = (name for name in candidates if name and is_file(Path(name)) and _named_chart(Path(name)) == chart.name)
    return next(fitting, "")


def _named_chart(matrix: Path) -> str:
    """Give the name of the chart that a matrix is for."""
    file = read_matrix_file(matrix)
    metadata = file.relative(file.content.chart) / "Chart.yaml"
    if not is_file(metadata):
        return ""
    content = go_yaml.load(read_text(metadata), str(metadata), repeats=[])
    return str(content.get("name", "")) if isinstance(content, dict) else ""


def chart_source(choice: Choice) -> Path:
    """Give where the chosen chart is: the named one, or that of the matrix.

    Raises:
        InputError: nothing is chosen, or there is nothing at that place.
    """
    if choice.chart:
        return Path(choice.chart)
    path = choice.matrix or choice.default_matrix
    if not path:
        raise InputError(f"name a chart with --chart=PATH, or a matrix with --matrix=PATH{_what_is_there(Path())}")
    file = read_matrix_file(Path(path))
    chart = file.relative(file.content.chart)
    if not chart.exists():
        raise file.error(["chart"], f"there is no chart at {chart}: name a chart folder or a .tgz")
    return chart


def _what_is_there(folder: Path) -> str:
    """Say which matrix or chart somebody may have meant, and how a chart gets a matrix."""
    for name in INSIDE:
        if (folder / name).is_file():
            return f": --matrix={name} is here"
    if (folder / "Chart.yaml").is_file():
        return ": this folder is one, --chart=., and `chartgate init` makes a matrix"
    if names := [str(chart) for chart in charts_below(folder)]:
        verb = "is" if len(names) == 1 else "are"
        return f": {listed(names, _MOST_CHARTS)} {verb} here, and `chartgate init {names[0]}` makes a matrix"
    return ": there is no chart here"


def tools_for(choice: Choice, matrix: Matrix) -> Tools:
    """Give the pinned tools, or the helm that was named; kubectl only counts where the matrix has after_hooks.

    Raises:
        ToolError: there is none, or it cannot be started, or is of a version that is not supported.
    """
    tools = find(Path(choice.helm) if choice.helm else None, with_kubectl=bool(matrix.hooks))
    return dataclasses.replace(tools, is_in_process=choice.renderer == "inprocess")
