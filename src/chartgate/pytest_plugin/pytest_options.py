"""The options and settings of pytest that choose what a run judges."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chartgate.gate.gate import Gate, open_gate
from chartgate.matrix.choice import Choice, copy_for_run
from chartgate.policy.loading import default_sources, packs_there

_PATHS = ("--chart", "--matrix", "--policies", "--helm")


def add_options(parser: pytest.Parser) -> None:
    """Add the options and the two settings of a project."""
    group = parser.getgroup("chartgate")
    group.addoption("--chart", default="", metavar="PATH", help="judge this chart: a folder or a .tgz")
    group.addoption("--matrix", default="", metavar="FILE", help="the matrix of scenarios to judge it over")
    group.addoption(
        "--policies",
        action="append",
        default=[],
        metavar="FOLDER_OR_PACK",
        help="judge it by these policies only; may be given again",
    )
    group.addoption("--helm", default="", metavar="PATH", help="render with this helm instead of the pinned one")
    group.addoption("--kube-version", default="", metavar="VERSION", help="render every scenario for this Kubernetes")
    parser.addini("chartgate_matrix", "the project's matrix file, relative to the root folder", default="")
    parser.addini(
        "chartgate_policies",
        "the packs, and the project's packages of policies, relative to the root folder (every pack, and policies/)",
        type="args",
        default=[],
    )


def chosen(config: pytest.Config) -> Choice:
    """Give what the options and the project's settings choose."""
    default = config.getini("chartgate_matrix")
    return Choice(
        chart=_near(config.getoption("--chart"), Path.cwd()),
        matrix=_near(config.getoption("--matrix"), Path.cwd()),
        default_matrix=_near(default, config.rootpath),
        helm=_near(config.getoption("--helm"), Path.cwd()),
        kube_version=config.getoption("--kube-version"),
    )


def gate_of_run(config: pytest.Config, choice: Choice) -> Gate:
    """Open the gate of this run; in a worker of xdist, on the copy of the chart that the controller took.

    Raises:
        InputError: chart, matrix or policies cannot be used, or they do not fit together.
        ToolError: helm, or the kubectl that after_hooks need, is not there or cannot be used.
    """
    folder = run_folder(config)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = getattr(config, "workerinput", {}).get("chartgate_copy")
    return open_gate(
        choice,
        _sources(config),
        folder,
        copied_chart=Path(given) if given else copy_for_run(choice, folder),
        options=[
            f"{name}={value}" for name in (*_PATHS, "--kube-version") for value in _values(config.getoption(name))
        ],
        is_selection=bool(config.getoption("--policies")),
    )


def _sources(config: pytest.Config) -> list[str]:
    """Give the policies of the run: exactly those of the option, else those of the setting, else the default ones."""
    given: list[str] = config.getoption("--policies")
    if given:
        return [_source(source, Path.cwd()) for source in given]
    of_project: list[str] = config.getini("chartgate_policies")
    found = [_source(source, config.rootpath) for source in of_project]
    return found or default_sources(config.rootpath / "policies")


def _source(source: str, base: Path) -> str:
    """Give a folder as a person here would write it; the name of a pack stays."""
    return source if source.startswith("pack:") or source in packs_there() else _near(source, base)


def _values(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given] * bool(given)


def run_folder(config: pytest.Config) -> Path:
    """Give the folder that all processes of this run share, below pytest's base temp."""
    if hasattr(config, "workerinput"):
        # xdist gives each worker a base temp of its own, inside the controller's.
        return Path(config.option.basetemp).parent / "chartgate"
    return Path(config._tmp_path_factory.getbasetemp()) / "chartgate"  # type: ignore[attr-defined]


def _near(path: str, base: Path) -> str:
    """Give a path as a person here would write it: relative to the current folder where it is below it."""
    if not path:
        return ""
    full = Path(os.path.normpath(base / path))
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)


def refuse_spaces(config: pytest.Config) -> None:
    """Refuse `--chart PATH`: pytest looks for its root folder before it knows our options, and takes PATH."""
    for argument in config.invocation_params.args:
        if argument in _PATHS:
            raise pytest.UsageError(f"write {argument}=PATH: with a space, pytest takes the path for its root folder")
