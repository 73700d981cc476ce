"""The options and settings of pytest that choose what a run judges."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Literal, get_args

import pytest

from chartgate.errors import InputError
from chartgate.gate.gate import Gate, open_gate
from chartgate.gate.rules.settings import (
    Settings,
    baseline_file,
    completed,
    from_here,
    policy_sources,
    source_from_here,
)
from chartgate.gate.rules.settings_file import read_settings
from chartgate.matrix.choice import RENDERERS, Choice, copy_for_run
from chartgate.model import Severity
from chartgate.reports.check_formats import FORMATS
from chartgate.system.files import check_writable
from chartgate.system.store import run_store

_PATHS = ("--chart", "--matrix", "--policies", "--helm", "--baseline")
_MOVED: dict[str, tuple[Literal["string", "args"], str]] = {
    "chartgate_matrix": ("string", "matrix"),
    "chartgate_policies": ("args", "policies"),
}
"""What pytest's own settings once held: the type there, and the key that it is now."""


def add_options(parser: pytest.Parser) -> None:
    """Add the options."""
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
    group.addoption(
        "--chartgate-renderer",
        default=RENDERERS[0],
        choices=RENDERERS,
        help="what renders: a process of helm for each scenario, or helm's own library (chartgate[inprocess])",
    )
    group.addoption("--kube-version", default="", metavar="VERSION", help="render every scenario for this Kubernetes")
    group.addoption(
        "--exclude", action="append", default=[], metavar="POLICY", help="leave this policy out; may be given again"
    )
    group.addoption(
        "--fail-on",
        default="",
        choices=get_args(Severity),
        help="the lowest severity of a finding that fails an item (error); findings below it are told",
    )
    group.addoption("--baseline", default="", metavar="FILE", help="the file of the findings that were accepted")
    group.addoption(
        "--no-baseline", action="store_true", help="accepted findings fail their items, as if there were no baseline"
    )
    group.addoption(
        "--since",
        default="",
        metavar="REFERENCE",
        help="tell first what is about lines and templates that differ from this commit (the last one)",
    )
    group.addoption(
        "--chartgate-report",
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help=f"write a report for other programs ({', '.join(FORMATS)}); may be given again",
    )
    group.addoption(
        "--chartgate-no-cache",
        action="store_true",
        help="make everything anew, and leave nothing for later runs; CHARTGATE_NO_CACHE=1 too",
    )
    for name, (kind, _) in _MOVED.items():
        parser.addini(name, "has moved: see [tool.chartgate] in pyproject.toml, or chartgate.toml", type=kind)


def wanted_reports(config: pytest.Config) -> list[tuple[str, Path]]:
    """Give the formats and files of the reports that the run is to write.

    Raises:
        InputError: there is no such format, or the file cannot be written.
    """
    found = []
    for given in config.getoption("--chartgate-report"):
        form, _, file = given.partition("=")
        if form not in FORMATS or not file:
            raise InputError(f"--chartgate-report={given}: not FORMAT=FILE; the formats are {', '.join(FORMATS)}")
        found.append((form, Path(from_here(file, Path.cwd()))))
        check_writable(found[-1][1])
    return found


def settings_of(config: pytest.Config) -> Settings:
    """Give the project's settings, those of the folder that pytest was started in before those of its root folder.

    Raises:
        InputError: they cannot be used, or some are where they no longer are read.
    """
    for name, (_, key) in _MOVED.items():
        if value := config.getini(name):
            raise InputError(
                f"{config.inipath}: {name} is no longer read: write `{key} = {json.dumps(value)}` below"
                " [tool.chartgate] in pyproject.toml, or into chartgate.toml"
            )
    settings = read_settings(Path.cwd())
    settings = settings if settings.source else read_settings(config.rootpath)
    fail_on: Severity | None = config.getoption("--fail-on") or None
    return dataclasses.replace(settings, fail_on=fail_on or settings.fail_on)


def chosen(config: pytest.Config, settings: Settings) -> Choice:
    """Give what the options and the project's settings choose."""
    here = Path.cwd()
    choice = Choice(
        chart=from_here(config.getoption("--chart"), here),
        matrix=from_here(config.getoption("--matrix"), here),
        helm=from_here(config.getoption("--helm"), here),
        renderer=config.getoption("--chartgate-renderer"),
        kube_version=config.getoption("--kube-version"),
    )
    return completed(choice, settings)


def gate_of_run(config: pytest.Config, choice: Choice, settings: Settings) -> Gate:
    """Open the gate of this run; in a worker of xdist, on the copy of the chart that the controller took.

    Raises:
        InputError: chart, matrix or policies cannot be used, or they do not fit together.
        ToolError: helm, or the kubectl that after_hooks need, is not there or cannot be used.
    """
    folder = run_folder(config)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = getattr(config, "workerinput", {}).get("chartgate_copy")
    store = run_store(is_wanted=not config.getoption("--chartgate-no-cache"))
    try:
        return open_gate(
            choice,
            policy_sources(
                [source_from_here(source, Path.cwd()) for source in config.getoption("--policies")],
                settings,
                config.rootpath,
            ),
            folder,
            copied_chart=Path(given) if given else copy_for_run(choice, folder),
            options=[
                *(
                    f"{name}={value}"
                    for name in (*_PATHS, "--kube-version", "--exclude", "--fail-on")
                    for value in _values(config.getoption(name))
                ),
                *["--no-baseline"] * config.getoption("--no-baseline"),
            ],
            is_selection=bool(config.getoption("--policies")),
            settings=settings,
            exclude=config.getoption("--exclude"),
            baseline=""
            if config.getoption("--no-baseline")
            else baseline_file(from_here(config.getoption("--baseline"), Path.cwd()), settings, config.rootpath),
            store=store,
            since=config.getoption("--since"),
        )
    except BaseException:
        store.close()
        raise


def _values(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given] * bool(given)


def run_folder(config: pytest.Config) -> Path:
    """Give the folder that all processes of this run share, below pytest's base temp."""
    if hasattr(config, "workerinput"):
        # xdist gives each worker a base temp of its own, inside the controller's.
        return Path(config.option.basetemp).parent / "chartgate"
    return Path(config._tmp_path_factory.getbasetemp()) / "chartgate"  # type: ignore[attr-defined]


def refuse_spaces(config: pytest.Config) -> None:
    """Refuse `--chart PATH`: pytest looks for its root folder before it knows our options, and takes PATH."""
    for argument in config.invocation_params.args:
        if argument in _PATHS:
            raise pytest.UsageError(f"write {argument}=PATH: with a space, pytest takes the path for its root folder")
