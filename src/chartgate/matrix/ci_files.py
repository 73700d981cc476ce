"""The values files in a chart's `ci/`, each of them an installation (chart-testing's convention)."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart, Values


def read_ci_values(chart: Chart, name: str) -> Values:
    """Read one of the chart's `ci/*-values.yaml`.

    Raises:
        InputError: it is not YAML, or not a map.
    """
    # They are the chart's, and helm takes the last of two equal keys.
    return go_yaml.load_values(chart.ci_values[name], f"{chart.source}/ci/{name}", repeats=[])


def scenario_name(file: str) -> str:
    """Give the name of the scenario that a values file is: `large` for large-values.yaml."""
    return file.removesuffix("-values.yaml") or "ci"


def patterns_of(written: Literal[True] | str | Iterable[str]) -> tuple[str, ...]:
    """Give the patterns by which a matrix chooses values files; `true` is all of them."""
    if written is True:
        return ("*",)
    return (written,) if isinstance(written, str) else tuple(written)


def fitting(pattern: str, files: Iterable[str]) -> list[str]:
    """Give the files that fit a pattern, which has their whole names, or what is before `-values.yaml`."""
    return [file for file in files if fnmatchcase(file, pattern) or fnmatchcase(scenario_name(file), pattern)]
