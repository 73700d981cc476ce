"""What one pytest run judges: from its options and settings to chart, matrix and policies."""

from __future__ import annotations

import datetime
import functools
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.model import Waiver
from chartgate.policy import Policy, load_policies
from chartgate.session import Choice, Session, copy_for_run, open_session
from chartgate.values import secret_values

_PATHS = ("--chart", "--matrix", "--policies", "--helm")


@dataclass(frozen=True)
class Gate:
    """What one pytest run judges."""

    session: Session
    policies: list[Policy]
    options: str
    """The options of this run, for commands to copy."""
    today: datetime.date
    """When the run started: what waivers expire by."""
    is_selection: bool
    """Whether the run named its policies: then the matrix may waive findings of others."""

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers that count today."""
        return tuple(waiver for waiver in self.session.matrix.waivers if not waiver.is_expired(self.today))

    def named_waivers(self) -> dict[str, Waiver]:
        """Give the waivers that this run can judge, expired ones too, by the policy and their number among its own."""
        names = {policy.name for policy in self.policies}
        found: dict[str, Waiver] = {}
        for waiver in self.session.matrix.waivers:
            if waiver.policy in names or not self.is_selection:
                number = sum(other.policy == waiver.policy for other in found.values()) + 1
                found[f"{waiver.policy}-{number}"] = waiver
        return found

    @functools.cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value of every scenario: what no report may show."""
        session = self.session
        found = (secret_values(session.chart, scenario.values) for scenario in session.matrix.scenarios.values())
        return tuple(sorted({secret for secrets in found for secret in secrets}))


def add_options(parser: pytest.Parser) -> None:
    """Add the options and the two settings of a project."""
    group = parser.getgroup("chartgate")
    group.addoption("--chart", default="", metavar="PATH", help="judge this chart: a folder or a .tgz")
    group.addoption("--matrix", default="", metavar="FILE", help="the matrix of scenarios to judge it over")
    group.addoption("--policies", default="", metavar="FOLDER", help="the package of policies to judge it by")
    group.addoption("--helm", default="", metavar="PATH", help="render with this helm instead of the pinned one")
    group.addoption("--kube-version", default="", metavar="VERSION", help="render every scenario for this Kubernetes")
    parser.addini("chartgate_matrix", "the project's matrix file, relative to the root folder", default="")
    parser.addini("chartgate_policies", "the project's package of policies, relative to the root folder", default="")


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


def open_gate(config: pytest.Config, choice: Choice) -> Gate:
    """Read chart, matrix and policies; in a worker of xdist, the copy of the chart that the controller took.

    Raises:
        InputError: one of them cannot be used, or they do not fit together.
        ToolError: there is no helm.
    """
    folder = _run_folder(config)
    folder.mkdir(parents=True, exist_ok=True)
    given = getattr(config, "workerinput", {}).get("chartgate_copy")
    session = open_session(choice, Path(given) if given else copy_for_run(choice, folder), folder)
    named = _near(config.getoption("--policies"), Path.cwd()) or _near(
        config.getini("chartgate_policies"), config.rootpath
    )
    policies = load_policies(Path(named)) if named else []
    for policy in policies:
        for example in policy.counterexamples:
            unknown = [name for name in example.scenarios if name not in session.matrix.scenarios]
            if unknown:
                raise InputError(
                    f"policy {policy.name} starts from scenario {unknown[0]!r}, which {session.matrix.source} does not"
                    " have: choose policies that fit with --policies=FOLDER, or the matrix with --matrix=FILE"
                )
    options = [f"{name}={config.getoption(name)}" for name in (*_PATHS, "--kube-version") if config.getoption(name)]
    today = datetime.datetime.now(datetime.UTC).date()
    return Gate(session, policies, shlex.join(options), today, bool(config.getoption("--policies")))


def _run_folder(config: pytest.Config) -> Path:
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
