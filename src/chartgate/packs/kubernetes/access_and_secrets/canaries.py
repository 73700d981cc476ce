"""Canaries: a secret value is one that goes into a Secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.documents.addresses import join, lookup
from chartgate.documents.secret_texts.text_search import TextSearch
from chartgate.documents.walking import scalars
from chartgate.kubernetes.contents import texts
from chartgate.matrix.derivations.canary_values import MARKED, is_canary, with_canaries
from chartgate.model import Case, Check, Rendering, Scenario
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import Edit, in_each, of_chart, of_scenario, put
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
    if found := [scenario for scenario in with_canaries(scenarios) if scenario.name.endswith(f".{MARKED}")]:
        yield Case("canaries", tuple(found), "where a marked value is under each secret")


@policy(
    over=all_canaries,
    severity="warning",
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
    found: dict[str, list[bool]] = {}
    for rendering in renderings:
        if rendering.scenario.is_trial and not rendering.error:
            for key, canaries in _planted(rendering).items():
                found.setdefault(key, []).extend(_reaches(rendering, canary) for canary in canaries)
    if any(rendering.scenario.is_trial and rendering.error for rendering in renderings):
        # The Secret may be in what did not render.
        found = {key: reaches for key, reaches in found.items() if any(reaches)}
    for key, reaches in sorted(found.items()):
        actual = (
            "in a Secret" if any(reaches) else "in no Secret" if reaches else "unknown: the schema accepts no canary"
        )
        yield chart_states("values.yaml", key, expected="in a Secret", actual=actual)


def _planted(rendering: Rendering) -> dict[str, list[str]]:
    """Give the canary under each key that a schema marks, by its address; none where none fits the schema."""
    values = rendering.scenario.values
    marked = [join(*place.keys) for place in secret_places(rendering.chart, values) if place.is_marked]
    return {key: [text for text in scalars(lookup(values, key)) if is_canary(text)] for key in marked}


def _reaches(rendering: Rendering, canary: str) -> bool:
    search = TextSearch([("", canary)])
    found = (text for secret in rendering.resources.of_kind("Secret") for _, text in texts(secret))
    return canary in referred_to(rendering) or any(True for text in found for _ in search.find(text))


def _given(values: dict[str, str]) -> tuple[Edit, ...]:
    """Give the chart these secret values, each a canary."""
    schema = {"properties": {key: {"writeOnly": True} for key in values}}
    return (
        in_each(of_chart(schema=schema, subcharts=(), defaults=values)),
        in_each(of_scenario(values=values, changes=values, is_trial=True)),
    )


marked_values_reach_some_secret.breaks(
    manifests=HEALTHY,
    no_template_reads_the_key=_given({"password": "Canary-of-a-password", "token": "Canary-of-a-dead-key"}),
    it_reaches_a_config_map=(
        in_each(put("ConfigMap settings", "data.colour", "Canary-of-a-colour")),
        *_given({"colour": "Canary-of-a-colour"}),
    ),
    no_canary_fits_the_schema=_given({"password": "as it was"}),
)
