"""The options of pytest, and whether a run has anything to judge; what judges is loaded only where it has."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Literal

import pytest

from chartgate.gate.rules.settings_places import found_settings
from chartgate.reports.format_names import FORMAT_NAMES
from chartgate.system.renderers import RENDERERS

PATHS = ("--chart", "--matrix", "--policies", "--helm", "--baseline")
_OTHERS = ("--kube-version", "--exclude", "--since", "--chartgate-report")
MOVED: dict[str, tuple[Literal["string", "args"], str]] = {
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
        choices=("error", "warning"),
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
        help=f"write a report for other programs ({', '.join(FORMAT_NAMES)}); may be given again",
    )
    group.addoption(
        "--chartgate-no-cache",
        action="store_true",
        help="make everything anew, and leave nothing for later runs; CHARTGATE_NO_CACHE=1 too",
    )
    for name, (kind, _) in MOVED.items():
        parser.addini(name, "has moved: see [tool.chartgate] in pyproject.toml, or chartgate.toml", type=kind)


def refuse_what_cannot_be_meant(config: pytest.Config) -> None:
    """Refuse options without a value, which a script failed to make, and `--chart PATH`.

    Pytest looks for its root folder before it knows our options, and takes PATH; not where `addopts` has it.

    Raises:
        UsageError: there is such a one.
    """
    typed = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *map(str, config.invocation_params.args)]
    for argument in typed:
        if argument in PATHS:
            raise pytest.UsageError(f"write {argument}=PATH: with a space, pytest takes the path for its root folder")
    for argument in (*config.getini("addopts"), *typed):
        name, is_given, value = argument.partition("=")
        if name in (*PATHS, *_OTHERS) and is_given and not value:
            raise pytest.UsageError(f"{name} is empty: give it a value, or leave it out")


def may_judge(config: pytest.Config) -> bool:
    """Tell whether an option or the project's settings, where it has any, may name what is to be judged.

    Raises:
        InputError: there are settings that cannot be read.
    """
    named = [*map(config.getoption, ("--chart", "--matrix")), *map(config.getini, MOVED)]
    return any(named) or any(map(found_settings, (Path.cwd(), config.rootpath)))
