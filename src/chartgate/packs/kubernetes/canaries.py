"""Canaries: a secret value is one that goes into a Secret."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from chartgate.charts.secret_values import marked_keys
from chartgate.documents.writings import writings
from chartgate.kubernetes.contents import texts
from chartgate.matrix.canary_values import with_canaries
from chartgate.model import Case, Check, Rendering, Scenario
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from .secrets import referred_to, renders_with_canaries

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: database}
stringData: {password: Canary-of-a-password}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
"""


def all_canaries(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the scenarios with canaries as one case."""
    if found := with_canaries(scenarios):
        yield Case("canaries", tuple(found))


@policy(
    over=all_canaries,
    severity="error",
    remediation="Render the value into a Secret, or take the mark (`writeOnly`) from a key that is not a secret.",
)
def marked_values_reach_some_secret(*renderings: Rendering) -> Iterator[Check]:
    """Each secret value of the chart reaches a Secret, with all toggles off or with all on.

    Shown by a canary under every key that a schema marks `writeOnly`. A key whose value reaches none is dead, or it is
    not a secret, and then the proof that secrets are nowhere else looks for the wrong thing. A value that is the name
    of a Secret counts as well.
    """
    for rendering in renderings:
        yield from renders_with_canaries(rendering)
    judged = [rendering for rendering in renderings if rendering.scenario.is_trial and not rendering.error]
    for key in dict.fromkeys(key for rendering in judged for key in sorted(marked_keys(rendering.chart))):
        with_it = [rendering for rendering in judged if key in rendering.scenario.changes]
        reaches = any(_reaches(rendering, str(rendering.scenario.changes[key])) for rendering in with_it)
        actual = "in no Secret" if with_it else "unknown: the schema accepts no canary"
        yield chart_states("values.yaml", key, expected="in a Secret", actual="in a Secret" if reaches else actual)


def _reaches(rendering: Rendering, canary: str) -> bool:
    forms = writings(canary).values()
    found = (text for secret in rendering.resources.of_kind("Secret") for _, text in texts(secret))
    return canary in referred_to(rendering) or any(form in text for text in found for form in forms)


def _given(renderings: Sequence[Rendering], values: dict[str, str]) -> list[Rendering]:
    """Give the renderings as those of a chart with these secret values, each a canary."""
    schema = {"properties": {key: {"writeOnly": True} for key in values}}
    return [
        dataclasses.replace(
            rendering,
            chart=dataclasses.replace(
                rendering.chart, secret_keys=tuple(values), schema=schema, subcharts=(), defaults=dict(values)
            ),
            scenario=dataclasses.replace(rendering.scenario, values=dict(values), changes=values, is_trial=True),
        )
        for rendering in renderings
    ]


@marked_values_reach_some_secret.counterexample(manifests=HEALTHY)
def no_template_reads_the_key(*renderings: Rendering) -> list[Rendering]:
    return _given(renderings, {"password": "Canary-of-a-password", "token": "Canary-of-a-dead-key"})


@marked_values_reach_some_secret.counterexample(manifests=HEALTHY)
def it_reaches_a_config_map(*renderings: Rendering) -> list[Rendering]:
    edit = put("ConfigMap settings", "data.colour", "Canary-of-a-colour")
    return _given([edit.apply(rendering) for rendering in renderings], {"colour": "Canary-of-a-colour"})


@marked_values_reach_some_secret.counterexample(manifests=HEALTHY)
def no_canary_fits_the_schema(*renderings: Rendering) -> list[Rendering]:
    broken = _given(renderings, {"password": "Canary-of-a-password"})
    return [dataclasses.replace(r, scenario=dataclasses.replace(r.scenario, changes={})) for r in broken]
