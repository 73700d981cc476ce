"""A new project as data: its files, tried as they will be read, before anything is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.chart_values.secret_values import secrets_in
from chartgate.errors import InputError
from chartgate.kubernetes.validity.bundled_schemas import is_of_kubernetes
from chartgate.matrix.matrix import Matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Chart, Rendering, Values
from chartgate.rendering.renderings import Renderings
from chartgate.starting.first_policy import FirstPolicy, first_policy, identifier, prose
from chartgate.starting.matrix_text import matrix_text
from chartgate.starting.planning import plan
from chartgate.starting.project_files import (
    MATRIX,
    POLICIES,
    SETTINGS,
    files_on_request,
    settings_text,
)
from chartgate.starting.start import StartingMatrix
from chartgate.starting.trials import Progress, words_of_helm

_LONGEST_RELEASE = 53
"""https://github.com/helm/helm/blob/v4.2.3/pkg/chart/common/util/validate_name.go"""
_NAMED = re.compile(r"[a-z0-9.-]++/[a-z0-9]++ [A-Z][A-Za-z0-9]*+")


@dataclass(frozen=True)
class Wanted:
    """What a user asked for."""

    folder: Path
    """Where the project is."""
    values: Mapping[str, Values]
    """To begin with, by the file that they are from; empty for the chart's own."""
    install_from: str = ""
    """What a workflow installs chartgate from; empty for no workflow."""
    has_hook: bool = False
    """Whether a configuration of pre-commit is written."""


@dataclass(frozen=True)
class NewProject:
    """What is written, and what there is to say about it."""

    files: Mapping[str, str]
    """Texts by their path in the project."""
    start: StartingMatrix
    matrix: Matrix
    policy: FirstPolicy | None
    secrets: tuple[str, ...]
    """The addresses of the secret values that the user named, which are in the matrix now."""


def names_of_files(chart: Chart, wanted: Wanted) -> list[str]:
    """Give the files that a project may get, so that it can be told before the work that one of them is there."""
    return [
        SETTINGS,
        MATRIX,
        f"{POLICIES}/__init__.py",
        f"{POLICIES}/{identifier(chart.name)}",
        *files_on_request(wanted.install_from, has_hook=wanted.has_hook),
    ]


def make_project(chart: Chart, renderings: Renderings, wanted: Wanted, scratch: Path, progress: Progress) -> NewProject:
    """Make the files of a new project for a chart.

    Args:
        chart: what it is for.
        renderings: of that chart.
        wanted: what else the user asked for.
        scratch: a folder of this run.
        progress: told how many trials are done.

    Raises:
        InputError: the chart is of a kind that renders nothing, or does not render.
        ToolError: helm is missing or hangs.
    """
    _check(chart)
    start = plan(chart, renderings, _release(chart.name), wanted.values, progress)
    source = os.path.relpath(chart.source, wanted.folder / Path(MATRIX).parent)
    ci_files = list(chart.ci_values)
    made = _rendered(_as_read(matrix_text(start, source, chart.name, ci_files), chart, scratch), renderings)
    # Which kinds there are is known only now.
    text = matrix_text(start, source, chart.name, ci_files, _foreign_kinds(made))
    matrix = _as_read(text, chart, scratch)
    policy = first_policy(chart, start, made)
    files = {MATRIX: text}
    if policy:
        folder = f"{POLICIES}/{identifier(chart.name)}"
        files[f"{POLICIES}/__init__.py"] = (
            '"""The policies of this project; those for any chart come with chartgate."""\n'
        )
        files[f"{folder}/__init__.py"] = f'"""What must hold of {prose(chart.name)}, whatever its values are."""\n'
        files[f"{folder}/{policy.family}.py"] = policy.text
    files |= files_on_request(wanted.install_from, has_hook=wanted.has_hook)
    # Last, since it is what makes the others count.
    files[SETTINGS] = settings_text(has_policies=policy is not None)
    secrets = dict.fromkeys(each.address for named in wanted.values.values() for each in secrets_in(chart, named))
    return NewProject(files, start, matrix, policy, tuple(secrets))


def _check(chart: Chart) -> None:
    if "values.yaml" not in chart.files:
        raise InputError(
            f"{chart.source} has no values.yaml, from which a matrix is made: write the values that its templates read"
            f" there; `chartgate check --chart={chart.source}` judges it as it is"
        )


def _release(name: str) -> str:
    """Name a release, and its namespace, after the chart."""
    found = re.sub(r"[^a-z0-9-]+", "-", name.lower())[:_LONGEST_RELEASE].strip("-")
    return found or "example"


def _as_read(text: str, chart: Chart, scratch: Path) -> Matrix:
    file = scratch / "matrix.yaml"
    file.write_text(text, encoding="utf-8")
    return load_matrix(file, chart)


def _rendered(matrix: Matrix, renderings: Renderings) -> list[Rendering]:
    """Render the scenarios of the matrix as it will be read.

    Raises:
        InputError: one of them does not render, though all that it sets was tried.
    """
    renderings.prepare(matrix.rendering)
    made = [renderings.of(scenario) for scenario in matrix.rendering]
    for rendering in made:
        if rendering.error:
            raise InputError(
                f"scenario {rendering.scenario.name} of the new matrix does not render:"
                f" {words_of_helm(rendering.error)}; nothing is written. This is a fault of chartgate: please report it"
            )
    return made


def _foreign_kinds(renderings: Iterable[Rendering]) -> list[str]:
    """Give `apiVersion kind` of each that some rendering has without its definition."""
    found: set[str] = set()
    for rendering in renderings:
        defined = {
            ((crd / "spec" / "group").text, (crd / "spec" / "names" / "kind").text)
            for crd in rendering.resources.of_kind("CustomResourceDefinition")
        }
        for resource in rendering.resources:
            api_version = resource.identity.api_version
            is_defined = (api_version.partition("/")[0], resource.kind) in defined
            if not is_of_kubernetes(api_version) and not is_defined:
                found.add(f"{api_version} {resource.kind}")
    return sorted(name for name in found if _NAMED.fullmatch(name))
