"""The GitOps side: an Argo-style infrastructure file, a list of charts with revision, namespace and values."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.matrix import Matrix, Reason
from chartgate.model import Chart, Values
from chartgate.system.files import read_text


@dataclass(frozen=True)
class Application:
    """One entry of the file: this chart, deployed somewhere."""

    chart: str
    revision: str
    namespace: str
    values: Values
    others: tuple[dict[str, Any], ...] = field(default=(), compare=False, repr=False)
    """The entries of other charts."""


def read_application(file: Path, chart: str) -> Application:
    """Give the entry of a chart; the list may be at the top of the file or below any one key.

    Raises:
        InputError: the file is unreadable, has no such entry, or several, or the entry is of the wrong form.
    """
    content = go_yaml.load(read_text(file, f"{file}: the infrastructure file"), str(file))
    lists = [content] if isinstance(content, list) else list(content.values()) if isinstance(content, dict) else []
    entries: list[dict[str, Any]] = [
        e for items in lists if isinstance(items, list) for e in items if isinstance(e, dict)
    ]
    found = [entry for entry in entries if entry.get("chart") == chart]
    if len(found) != 1:
        charts = ", ".join(str(entry.get("chart")) for entry in entries) or "none"
        raise InputError(f"{file}: expected one entry `- chart: {chart}`, found {len(found)}; its charts: {charts}")
    entry = found[0]
    values = entry.get("values") or {}
    if not isinstance(values, dict) or not isinstance(entry.get("namespace"), str):
        raise InputError(f"{file}: the entry of {chart} needs a `namespace` and a map of `values`")
    revision = entry.get("targetRevision", "")
    if not isinstance(revision, str):
        raise InputError(f"{file}: targetRevision {revision} of {chart} is not text to YAML: write it in quotes")
    others = tuple(other for other in entries if other is not entry)
    return Application(chart, revision, entry["namespace"], values, others)


def deployed(matrix: Matrix, chart: Chart, application: Application) -> Matrix:
    """Give the matrix with one scenario: the values and the namespace of an application, and nothing else.

    A scenario of the matrix that is the same point keeps its name, so that `external` objects and waivers for it count.
    """
    base = next(
        (
            scenario
            for scenario in matrix.rendering
            if scenario.overrides == application.values
            and scenario.installed_as == dataclasses.replace(matrix.base, namespace=application.namespace).installed_as
        ),
        matrix.base,
    )
    scenario = dataclasses.replace(
        base,
        namespace=application.namespace,
        switched=None,
        overrides=application.values,
        values=coalesce(chart, application.values),
    )
    reason = Reason("deployment", f"what is deployed as {scenario.namespace}/{scenario.release}")
    return dataclasses.replace(matrix, scenarios={scenario.name: scenario}, reasons={scenario.name: reason})
