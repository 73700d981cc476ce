"""What a run of pytest judges: as its options and the project's settings choose."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.gate.gate import Gate, open_gate
from chartgate.gate.rules.settings import Settings, baseline_file, completed, policy_sources, source_from_here
from chartgate.gate.rules.settings_file import read_settings
from chartgate.gate.rules.settings_places import from_here
from chartgate.matrix.choice import Choice, copy_for_run
from chartgate.model import Severity
from chartgate.pytest_plugin.pytest_options import MOVED, PATHS
from chartgate.reports.format_names import FORMAT_NAMES
from chartgate.system.files import check_apart, check_writable
from chartgate.system.store import run_store


def wanted_reports(config: pytest.Config) -> list[tuple[str, Path]]:
    """Give the formats and files of the reports that the run is to write.

    Raises:
        InputError: there is no such format, or the file cannot be written.
    """
    found = []
    for given in config.getoption("--chartgate-report"):
        form, _, file = given.partition("=")
        if form not in FORMAT_NAMES or not file:
            raise InputError(f"--chartgate-report={given}: not FORMAT=FILE; the formats are {', '.join(FORMAT_NAMES)}")
        found.append((form, Path(from_here(file, Path.cwd()))))
        check_writable(found[-1][1])
    check_apart(file for _, file in found)
    return found


def settings_of(config: pytest.Config) -> Settings:
    """Give the project's settings, those of the folder that pytest was started in before those of its root folder.

    Raises:
        InputError: they cannot be used, or some are where they no longer are read.
    """
    for name, (_, key) in MOVED.items():
        if value := config.getini(name):
            raise InputError(
                f"{config.inipath}: {name} is no longer read: write `{key} = {json.dumps(value)}` below"
                " [tool.chartgate] in pyproject.toml, or into chartgate.toml"
            )
    settings = read_settings(Path.cwd())
    settings = settings if settings.source else read_settings(config.rootpath)
    fail_on: Severity | None = config.getoption("--fail-on") or None
    return dataclasses.replace(settings, fail_on=fail_on or settings.fail_on)


def choice_of(config: pytest.Config) -> Choice | None:
    """Give what the options and the project's settings choose to be judged; None where they choose no chart.

    Raises:
        InputError: the settings cannot be used.
    """
    here = Path.cwd()
    choice = Choice(
        chart=from_here(config.getoption("--chart"), here),
        matrix=from_here(config.getoption("--matrix"), here),
        helm=from_here(config.getoption("--helm"), here),
        renderer=config.getoption("--chartgate-renderer"),
        kube_version=config.getoption("--kube-version"),
    )
    choice = completed(choice, settings_of(config))
    return choice if choice.chart or choice.matrix or choice.default_matrix else None


def gate_of_run(config: pytest.Config) -> Gate:
    """Open the gate of this run; in a worker of xdist, on the copy of the chart that the controller took.

    Raises:
        InputError: chart, matrix or policies cannot be used, or they do not fit together.
        ToolError: helm, or the kubectl that after_hooks need, is not there or cannot be used.
    """
    choice, settings = choice_of(config), settings_of(config)
    assert choice is not None
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
                    for name in (*PATHS, "--kube-version", "--exclude", "--fail-on")
                    for value in _values(config.getoption(name))
                ),
                *["--no-baseline"] * config.getoption("--no-baseline"),
            ],
            is_selection=bool(config.getoption("--policies")),
            named_policies=config.getoption("--policies"),
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
