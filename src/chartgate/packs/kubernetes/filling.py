"""Filling: the lists and maps that values.yaml leaves empty can be filled."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from chartgate.charts.filled_values import fillings
from chartgate.documents.addresses import steps
from chartgate.kubernetes.validity.bundled_schemas import SchemaError, bundled_versions, is_known, misfits
from chartgate.matrix.derived import chart_of, fullest, with_values
from chartgate.model import Case, Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import chart_states, states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "example.com/web:1.0"}]
"""
_BROKEN_YAML = re.compile(r"YAML parse error on ([^\s:]++): (.++)|error converting YAML to JSON: ()(.++)")
"""What helm says of a document that is no YAML; whatever else it says may come from what was filled in."""
FITS = "still an object that the API server takes, once these are filled"


def empty_keys_filled(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give a case for each group of empty keys: the scenario that sets most, and the same with the group filled."""
    base = fullest(scenarios)
    if base is None or base.chart is None:
        return
    for group, changes in fillings(chart_of(base), base.values):
        yield Case(f"filled {group}", (base, with_values(base, f"filled.{group.replace(' ', '-')}", changes)))


@policy(
    over=empty_keys_filled,
    severity="error",
    remediation="Render the list or map at the depth of what is beside it: `toYaml . | nindent N` with its N.",
)
def what_is_empty_can_be_filled(before: Rendering, after: Rendering) -> Iterator[Check]:
    """An empty list or map of values.yaml whose name says what it takes can be filled, and the chart still renders.

    Extra volumes, variables and containers, node selectors, tolerations, annotations, security contexts, resources:
    what is empty by default is what nobody has tried, and a wrong indentation shows once somebody does. Helm then
    prints no YAML, or objects with fields that there are not. Source:
    https://helm.sh/docs/chart_template_guide/control_structures/#controlling-whitespace
    """
    added = {key: value for key, value in after.scenario.changes.items() if key not in before.scenario.changes}
    if before.error or not added:
        return
    if broken := _BROKEN_YAML.search(after.error):
        template, problem = broken[1] or "", broken[2] or broken[4]
        keys = _read_by(added, _text_of(after, template)) or list(added)
        told = f"{template or 'a template'} no longer renders: {problem}"
        yield chart_states(
            "values.yaml", ", ".join(keys), expected="the chart renders, once these are filled", actual=told
        )
    elif not after.error:
        yield from _objects(before, after, list(added))


def _objects(before: Rendering, after: Rendering, keys: list[str]) -> Iterator[Check]:
    """Make a check of each object, for what no longer fits its schema."""
    was = {resource.identity: _misfits(resource) for resource in before.resources}
    for resource in after.resources:
        wrong = [error for error in _misfits(resource) if error not in was.get(resource.identity, ())]
        read = _read_by(keys, _text_of(after, resource.template)) or keys
        for error in wrong:
            told = f"{error.problem}, with {', '.join(read)} filled"
            yield states(resource.place(error.address), False, expected=FITS, actual=told)
        if not wrong:
            yield states(resource.place(), True, expected=FITS)


def _misfits(resource: Resource) -> tuple[SchemaError, ...]:
    version = bundled_versions()[-1]
    known = is_known(str(resource.manifest.get("apiVersion", "")), resource.kind, version)
    return misfits(resource.manifest, version) if known else ()


def _text_of(rendering: Rendering, template: str) -> str:
    """Give the text of a template of the chart, by the path that helm prints."""
    return rendering.chart.files.get(template.partition("/")[2], b"").decode("utf-8", "replace")


def _read_by(keys: Iterable[str], text: str) -> list[str]:
    """Give those of the keys whose last name is in a text: what is wrong with it comes from one of them."""
    return [key for key in keys if (steps(key) or [key])[-1] in text]


def _filled(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    chart = dataclasses.replace(after.chart, defaults={"extraVolumes": []})
    scenario = dataclasses.replace(after.scenario, changes={"extraVolumes": []}, is_trial=True)
    return before, dataclasses.replace(after, chart=chart, scenario=scenario)


@what_is_empty_can_be_filled.counterexample(manifests=HEALTHY)
def it_is_no_yaml_any_longer(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    said = "Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: line 7: no key"
    before, after = _filled(before, after)
    return before, dataclasses.replace(after, resources=Resources(), after_hooks=Resources(), error=said)


@what_is_empty_can_be_filled.counterexample(manifests=HEALTHY)
def it_is_one_level_off(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    put("Deployment web", "spec.template.spec[kubernetes.io/os]", "linux").apply(after)
    return _filled(before, after)
