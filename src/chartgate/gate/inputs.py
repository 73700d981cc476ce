"""One run on one chart: what pytest and the command line both need, put together once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chartgate.matrix.choice import Choice, read_inputs
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools, find


@dataclass(frozen=True)
class Session:
    """A chart, its matrix and its renderings."""

    chart: Chart
    matrix: Matrix
    renderings: Renderings
    infrastructure: str = ""
    """The Argo-style file that gave the only scenario; empty where the matrix gave them."""


def open_session(choice: Choice, copied_chart: Path, folder: Path) -> Session:
    """Read the copied chart and the matrix that belongs to it; nothing is rendered yet.

    Raises:
        InputError: chart or matrix cannot be used.
        ToolError: there is no helm.
    """
    chart, matrix = read_inputs(choice, copied_chart)
    tools = tools_for(choice)
    return Session(chart, matrix, Renderings(chart, tools, matrix.hooks, folder / "runs"), choice.infrastructure)


def tools_for(choice: Choice) -> Tools:
    """Give the pinned tools, or the helm that was named.

    Raises:
        ToolError: there is no helm.
    """
    return find(Path(choice.helm) if choice.helm else None)
