"""Values: each key of values.yaml does something."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Sequence

from chartgate.charts.samples import Rules, values_elsewhere
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.equality import same, unequal
from chartgate.documents.walking import leaves
from chartgate.matrix.derived import chart_of, fullest, with_values
from chartgate.model import Case, Chart, Check, Declarations, Rendering, Scenario, Values
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from .isolation import is_named_by

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {checksum/values: "1f"}}
    spec:
      containers: [{name: web, image: "example.com/web:1.0"}]
"""
EFFECT = "another value changes a resource"
_SWITCHES = ("enabled", "create")
_REFUSED_BY_SCHEMA = "meet the specifications of the schema"
"""What helm says where values miss a schema; any other refusal is a template's, which then reads the value."""
_CHECKSUM = re.compile(r"checksum|sha\d+|hash", re.IGNORECASE)


def own_keys(chart: Chart, *above: str) -> Iterator[str]:
    """Give the address of every key in values.yaml, and in those of the subcharts that are not another's archive."""
    yield from (join(*above, *steps(address)) for address, _ in leaves(chart.own_values))
    for subchart in chart.subcharts:
        if not subchart.source.endswith(".tgz"):
            yield from own_keys(subchart, *above, subchart.name)


def switches_off(scenario: Scenario, key: str) -> dict[str, bool]:
    """Give the switches above a key that are off in a scenario, each with the value that turns it on."""
    path = steps(key)
    switches = (join(*path[:depth], switch) for depth in range(1, len(path)) for switch in _SWITCHES)
    return {switch: True for switch in switches if switch != key and lookup(scenario.values, switch) is False}


def changed(scenario: Scenario, key: str, rules: Rules, elsewhere: Sequence[Values]) -> Scenario:
    """Derive a scenario in which one key has another value that the schema accepts, or its own, where none is found.

    What other scenarios have there comes first: those values are known to fit.
    """
    value = lookup(scenario.values, key)
    suffix = f"changed.{key}"
    candidates = itertools.chain(
        values_elsewhere(key, value, elsewhere), rules.others(key, None if value is ABSENT else value)
    )
    tried: list[object] = [value]
    for other in candidates:
        if not any(same(other, old) for old in tried):
            tried.append(other)
            found = with_values(scenario, suffix, {key: other})
            if not same(value, lookup(found.values, key)) and rules.accept(found.values):
                return found
    return with_values(scenario, suffix, {key: None if value is ABSENT else value})


def one_key_changed(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give a case for each key: the scenario with all toggles on, and the same with another value of this key.

    Where a switch above the key is off, both once more with that switch on.
    """
    base = fullest(scenarios)
    if base is None or base.declared.is_conventional:  # nobody has said what there is to switch on
        return
    chart, elsewhere = chart_of(base), [scenario.values for scenario in scenarios]
    rules = Rules(chart)
    for key in dict.fromkeys(own_keys(chart)):
        base = fullest(scenarios, key) or base
        pair: tuple[Scenario, ...] = (base, changed(base, key, rules, elsewhere))
        if off := switches_off(base, key):
            on = with_values(base, "with." + "+".join(off), off)
            pair = (*pair, on, changed(on, key, rules, elsewhere))
        yield Case(key, pair)


@policy(
    over=one_key_changed,
    severity="error",
    remediation="Let a template read the key, or take it out of values.yaml and values.schema.json.",
)
def no_dead_values(*renderings: Rendering) -> Iterator[Check]:
    """Each key of values.yaml, the subcharts' included, changes some resource.

    A key without an effect is a promise that the chart does not keep: whoever sets it believes in what does not
    happen. What only shows the values again (`echoes` in the matrix) does not count, nor does a checksum. Judged with
    all toggles on (without toggles: where the matrix sets most beside the key), and with the switches above the key
    on; a value that the chart's templates refuse has an effect. A chart without a matrix is not judged: with its
    defaults, most of its features are off.
    """
    pairs = list(zip(renderings[::2], renderings[1::2], strict=True))
    keys = dict.fromkeys(key for one, two in pairs for key in two.scenario.changes if key not in one.scenario.changes)
    for key in keys:
        reasons = [reason for before, after in pairs if (reason := _why_without_effect(key, before, after))]
        actual = EFFECT if len(reasons) < len(pairs) else "; ".join(reasons)
        yield chart_states("values.yaml", key, expected=EFFECT, actual=actual)


def _why_without_effect(key: str, before: Rendering, after: Rendering) -> str:
    """Say that another value of a key changes nothing, or could not be tried; empty where it has an effect."""
    was, now = (lookup(rendering.scenario.values, key) for rendering in (before, after))
    where = before.scenario.name
    if before.error:
        return f"helm refuses {where}: {before.error}"
    if same(was, now):
        return f"no other value than {was!r} is accepted"
    if _REFUSED_BY_SCHEMA in after.error:
        return f"helm refuses {now!r} in place of {was!r}: {after.error}"
    if after.error or _has_effect(before, after):
        return ""
    return f"{now!r} in place of {was!r} changes nothing in {where}"


def _has_effect(before: Rendering, after: Rendering) -> bool:
    echoes = before.scenario.declared.echoes
    was, now = (
        {resource.identity: resource.manifest for resource in rendering.resources if not is_named_by(resource, echoes)}
        for rendering in (before, after)
    )
    return was.keys() != now.keys() or any(
        not _is_checksum(address) for name in was for address, *_ in unequal(was[name], now[name])
    )


def _is_checksum(address: str) -> bool:
    """Tell whether this is the annotation of a checksum: what it sums up is compared itself."""
    *above, last = steps(address) or [""]
    return "annotations" in above and bool(_CHECKSUM.search(last))


def _with_another_colour(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    """Give the two as renderings of a chart with the key `colour`, red in one and blue in the other."""
    chart = dataclasses.replace(after.chart, defaults={"colour": "red"})
    red = dataclasses.replace(
        before.scenario, values={"colour": "red"}, declared=Declarations(echoes=("ConfigMap settings",))
    )
    blue = dataclasses.replace(red, values={"colour": "blue"}, changes={"colour": "blue"})
    return (
        dataclasses.replace(before, chart=chart, scenario=red),
        dataclasses.replace(after, chart=chart, scenario=blue),
    )


@no_dead_values.counterexample(manifests=HEALTHY)
def no_template_reads_it(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    return _with_another_colour(before, after)


@no_dead_values.counterexample(manifests=HEALTHY)
def only_an_echo_shows_it(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    put("ConfigMap settings", "data.colour", "blue").apply(after)
    put("Deployment web", "spec.template.metadata.annotations[checksum/values]", "2e").apply(after)
    return _with_another_colour(before, after)


@no_dead_values.counterexample(manifests=HEALTHY)
def no_other_value_is_accepted(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    broken = _with_another_colour(before, after)
    return broken[0], dataclasses.replace(
        broken[1], scenario=dataclasses.replace(broken[0].scenario, changes={"colour": "red"})
    )


@no_dead_values.counterexample(manifests=HEALTHY)
def the_schema_refuses_what_it_should_accept(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    one, two = _with_another_colour(before, after)
    return one, dataclasses.replace(two, error="values don't meet the specifications of the schema(s): colour")
