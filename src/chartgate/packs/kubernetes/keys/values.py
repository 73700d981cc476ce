"""Values: each key of values.yaml does something."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence, Set

from chartgate.charts.metadata.dependencies import own_subcharts
from chartgate.charts.template_texts.template_reads import uses
from chartgate.charts.template_texts.unread_keys import asked_keys, unread_keys
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.misspellings import nearly
from chartgate.documents.walking import Keys, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.contents import readable_texts
from chartgate.model import Chart, Check, Declarations, Rendering
from chartgate.policy.checks import chart_states, with_cause
from chartgate.policy.edits import Edit, in_each, of_chart, of_scenario, remade
from chartgate.policy.policy import WHOLE_MATRIX, policy

from ..options.defaults import swallowed_values
from ..options.leftovers import used_objects
from .key_tries import KeyTries, closer_look, every_key_changed, key_tries

HEALTHY = """---
# Source: literal/templates/colour.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
"""
READ, UNREAD = "read by a template", "no template reads it, nor anything above it"
MOST_NAMED = 3
_SEVERAL, _NEARLY = 4, 0.75
"""Keys at the top of values.yaml of which a text has nearly all hardly by chance: `omit .Values "nameOverride"`."""
EFFECT = "another value changes a resource"


@policy(
    over=every_key_changed,
    explores=closer_look,
    severity="error",
    remediation="Let a template read the key, or take it out of values.yaml and values.schema.json.",
)
def no_dead_values(*renderings: Rendering) -> Iterator[Check]:
    """Each key of values.yaml, the subcharts' included, is read by some template.

    A key that no template reads, and that changes nothing in any scenario, is a promise that the chart does not keep:
    whoever sets it believes in what does not happen. What only shows the values again (`echoes` in the matrix) does
    not count, nor does a checksum; what a text of the values reads may be printed through `tpl`, and a value that the
    chart's templates refuse has an effect. A chart without a matrix is not judged: with its defaults, most of its
    features are off.
    """
    tries = key_tries(renderings)
    texts = [text for _, text in strings(renderings[0].chart.own_values) if "{{" in text]
    for key in tries.judged:
        is_dead = key in tries.without_effect and not tries.told(key)[0]
        is_dead = is_dead and not any(f".Values.{key}" in text for text in texts)
        actual = _words(tries, key) if is_dead else EFFECT
        yield chart_states("values.yaml", key, expected=EFFECT, actual=actual)


@policy(
    over=every_key_changed,
    explores=closer_look,
    severity="warning",
    remediation="Add a scenario to the matrix in which the key matters, or mend the template that reads it.",
)
def values_are_reached(*renderings: Rendering) -> Iterator[Check]:
    """Each key of values.yaml that a template reads changes something in some scenario.

    One that is read under a condition that no scenario meets is proved by nothing; one that is read without a
    condition, and changes nothing, is read in vain. Switches and conditions that are plain in the templates are tried
    by themselves. Keys under one condition are told together. A chart without a matrix is not judged, nor is what
    `default_keeps_false` tells.
    """
    tries = key_tries(renderings)
    told_elsewhere = set(swallowed_values(renderings[0].chart))
    unreached: dict[str, list[str]] = {}
    for key in tries.judged:
        is_idle = key in tries.without_effect and key not in told_elsewhere
        place, condition = tries.told(key) if is_idle else ("", "")
        if place and condition:
            unreached.setdefault(condition.partition("`, `")[0], []).append(key)
            continue
        actual = f"{place} reads it, and another value changes nothing in any scenario" if place else EFFECT
        yield chart_states("values.yaml", key, expected=EFFECT, actual=actual)
    for outermost, keys in unreached.items():
        place, condition = tries.told(keys[0])
        same = [key for key in keys if tries.told(key)[1] == condition and steps(key)[0] == steps(keys[0])[0]]
        others = [key for key in keys if key not in same]
        which = "it" if len(same) == 1 else listed(same, MOST_NAMED)
        too = f"; nor what is read under the first condition and others: {listed(others, MOST_NAMED)}" if others else ""
        actual = f"never reached: no scenario has {condition}, under which {place} reads {which}{too}"
        check = chart_states("values.yaml", _section(same), expected=EFFECT, actual=actual)
        yield with_cause(check, f"under {outermost}") if others else check


def _section(keys: Sequence[str]) -> str:
    """Give the section that all of these keys are in; the key itself where it is one."""
    shared = itertools.takewhile(lambda same: len(set(same)) == 1, zip(*map(steps, keys), strict=False))
    return join(*(step for step, *_ in shared))


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Let a template read the key, or take it out of values.yaml and values.schema.json.",
)
def keys_are_named_in_templates(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """No key of values.yaml is out of reach of every template, of a chart that has no matrix.

    Whoever sets such a key believes in what does not happen. Read from the text of the templates alone: a key counts
    as read where a template names it, takes what is above it as a whole, or may reach it through `tpl`, a subchart or
    a library chart. A list or map for more of something (`extraEnv`) is not read by those who only ask whether it is
    set. Nor is anything told of a chart that gives all of its values to a program, in a Secret or ConfigMap that a pod
    mounts or takes its variables from. What a key does, `no_dead_values` judges, with a matrix.
    Source: https://github.com/external-secrets/external-secrets/issues/5331
    """
    if renderings[0].scenario.declared.is_conventional and not any(map(_gives_all_values, renderings)):
        yield from _unread_below(renderings[0].chart, frozenset(), ())


def _gives_all_values(rendering: Rendering) -> bool:
    """Tell whether a program gets nearly all values: some text of an object that a pod refers to has them."""
    keys, used = rendering.chart.own_values.keys(), used_objects(rendering)
    held = (r for r in rendering.resources.of_kind("ConfigMap", "Secret") if (r.kind, r.name, r.namespace) in used)
    texts = (text for resource in held for _, text in readable_texts(resource))
    return len(keys) >= _SEVERAL and any(
        sum(f"{key}:" in text for key in keys) >= _NEARLY * len(keys) for text in texts
    )


def _unread_below(chart: Chart, read: Set[Keys], libraries: Sequence[Chart], *above: str) -> Iterator[Check]:
    """Check the keys of a chart and of its own subcharts, of which the charts above them may read some as well.

    Args:
        chart: whose keys they are.
        read: what the templates of the charts above it read of its values.
        libraries: that they bring.
        above: the names of these charts, and its own.
    """
    own = {use.path: f"{use.template}:{use.action.line}" for use in uses(chart)}
    unread = [
        key for key in unread_keys(chart, libraries) if not any(_is_part(tuple(steps(key)), path) for path in read)
    ]
    for address in unread:
        if _is_read_misspelt(tuple(steps(address)), own.keys(), chart):
            continue
        asleep = own.get(tuple(steps(address)))
        actual = f"only {asleep} reads it, in a named template that nothing includes" if asleep else UNREAD
        *section, _ = path = [*above, *steps(address)]
        check = chart_states("values.yaml", join(*path), expected=READ, actual=actual)
        # Of a section that is no longer read, each key would say the same, and so would the same key of each subchart.
        cause = f"values.yaml {join(*section)}.*" if section else ""
        if above:
            cause = f"values.yaml of subcharts: {join(*steps(address)[:-1], '*') if steps(address)[1:] else address}"
        yield with_cause(check, cause) if cause else check
    asked = list(asked_keys(chart))
    for address in asked:
        actual = "templates ask whether it is set, and none prints it"
        yield chart_states("values.yaml", join(*above, *steps(address)), expected=READ, actual=actual)
    if not unread and not asked:
        yield chart_states("values.yaml", join(*above), expected=READ, actual=READ)
    libraries = (*libraries, *(one for one in chart.subcharts if one.metadata.get("type") == "library"))
    for subchart in own_subcharts(chart):
        below = frozenset(path[1:] for path in read | own.keys() if path[:1] == (subchart.name,) and len(path) > 1)
        yield from _unread_below(subchart, below, libraries, *above, subchart.name)


def _is_part(key: Keys, path: Keys) -> bool:
    """Tell whether one of two keys is above the other one, or the same."""
    return key[: len(path)] == path or path[: len(key)] == key


def _is_read_misspelt(key: Keys, read: Set[Keys], chart: Chart) -> bool:
    """Tell whether a template reads it by nearly its name, or its end, as templates_read_known_values tells."""
    beside = {path[len(key) - 1] for path in read if len(path) >= len(key) and path[: len(key) - 1] == key[:-1]}
    section = lookup(chart.own_values, join(*key[:-1])) if key[:-1] else chart.own_values
    unknown = beside.difference(section if isinstance(section, dict) else ())
    return bool(nearly(key[-1], unknown)) or any(key[-1].lower().endswith(name.lower()) for name in unknown)


def _words(tries: KeyTries, key: str) -> str:
    """Say that no template reads a key, and what a template reads that is nearly it."""
    path = tuple(steps(key))
    beside = [use.path for use in tries.uses if len(use.path) >= len(path) and use.path[: len(path) - 1] == path[:-1]]
    known = {steps(other)[-1] for other in tries.keys}
    near = [join(*path[:-1], name) for name in nearly(path[-1], {p[len(path) - 1] for p in beside} - known)]
    hint = f"; {near[0]} is read, and not in values.yaml" if near else ""
    return f"no template reads it, and another value changes nothing in any scenario{hint}"


def _colours(template: str, *, echo: bool = False) -> Edit:
    """Give the chart the key `colour` and this template; no other value is left to try."""
    values = {"colour": "red"}
    declared = Declarations(echoes=("ConfigMap settings",) if echo else ())

    def change(rendering: Rendering) -> Rendering:
        chart = dataclasses.replace(
            rendering.chart,
            own_values=values,
            defaults=values,
            schema={"properties": {"colour": {"const": "red"}}},
            templates={"templates/colour.yaml": template},
        )
        scenario = dataclasses.replace(rendering.scenario, chart=chart, values=values, declared=declared)
        return dataclasses.replace(rendering, chart=chart, scenario=scenario)

    return remade(change)


no_dead_values.breaks(
    manifests=HEALTHY,
    no_template_reads_it=in_each(_colours("colour: red")),
    only_an_echo_shows_it=in_each(_colours("colour: {{ .Values.colour }}", echo=True)),
)


values_are_reached.breaks(
    manifests=HEALTHY,
    no_scenario_has_the_condition=in_each(_colours('{{ if eq .Release.Name "x" }}{{ .Values.colour }}{{ end }}')),
    another_value_changes_nothing=in_each(_colours('{{ "red" | default .Values.colour }}')),
)


keys_are_named_in_templates.breaks(
    manifests=HEALTHY,
    a_key_beside_one_that_is_read=(
        _colours("{{ with .Values.paint }}colour: {{ . }}{{ end }}"),
        of_chart(own_values={"paint": "red", "brush": {"paint": "red"}}),
        of_scenario(declared=Declarations(is_conventional=True)),
    ),
    a_list_that_is_asked_for_and_not_printed=(
        _colours("{{ if .Values.job.extraEnv }}env: {{ toYaml .Values.extraEnv }}{{ end }}"),
        of_chart(own_values={"job": {"extraEnv": []}, "extraEnv": []}),
        of_scenario(declared=Declarations(is_conventional=True)),
    ),
)
