"""A matrix of one scenario: exactly what an infrastructure file deploys."""

from __future__ import annotations

import dataclasses

from chartgate.matrix.infrastructure import Application
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.values import coalesce


def deployed(matrix: Matrix, chart: Chart, application: Application) -> Matrix:
    """Give the matrix with one scenario: the values and the namespace of an application, and nothing else.

    A scenario of the matrix that is the same point keeps its name, so that `external` objects and waivers for it count.
    """
    base = next(
        (
            scenario
            for scenario in matrix.rendering
            if scenario.namespace == application.namespace
            and scenario.overrides == application.values
            and (scenario.release, scenario.kube_version) == (matrix.base.release, matrix.base.kube_version)
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
    return dataclasses.replace(matrix, scenarios={scenario.name: scenario})
