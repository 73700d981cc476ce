"""Printed values: no list and no map of the values is a text as Go prints it, and nothing empty is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.chart_values.filled_values import FILLINGS
from chartgate.charts.chart_values.shown_examples import shown_examples
from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_reads import Path, actions_and_variables, dot_meant, paths_in
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.walking import nodes
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.contents import readable_texts
from chartgate.model import Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import in_template, of_scenario, put
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "queues: parcels,notices", note: "[parcels]"}
"""
_MAP = re.compile(r"(?<!\w)map\[([\w./-]{1,253}+):")
_LIST = re.compile(r"\[[^\[\]]*+\]")
_PLAIN = re.compile(r"-?\s*+(?P<value>[.$][\w.]++)\s*+(?:\|\s*+s?quote\s*+)?-?")
_EITHER = re.compile(r"-?\s*+(?:else\s++)?if\s++or\s++(?P<first>[.$][\w.]++)\s++(?P<rest>.++)", re.DOTALL)
_FIELD = re.compile(r"\s*+(?:-\s++)?+[\w./-]++:\s*+[\"']?+\{\{[^{}]*+\}\}[\"']?+\s*+\Z")
_AS_YAML = re.compile(
    r"-?\s*+(?:toYaml\s++(?P<value>[.$][\w.]*+)|(?P<piped>[.$][\w.]*+)\s*+\|\s*+toYaml)\s*+(?:\|\s*+indent\s++\d++\s*+)?+-?"
)
_BEHIND_A_KEY = re.compile(r"\s*+(?:-\s++)?+[\w./-]++:\s++")
_TRIED = {name for one in FILLINGS for name in one.names if "\n" in go_yaml.dump(one.sample).strip()}
"""Keys that are filled with more than one line."""
_NUMBER = re.compile(r"(?:port|replicas|seconds|count|limit|threshold|period|size)$", re.IGNORECASE)
"""How fields are called that hold a number."""
_OF_TYPES = ("kindIs", "kindOf", "typeIs", "typeOf")
_LEAST = 2
"""Items of a list that are looked for: `[one]` is what many others write as well."""


@policy(
    severity="error",
    remediation="Print each item by `range`, all of them by `join`, or the whole by `toYaml` or `toJson`.",
)
def lists_and_maps_are_not_printed_by_go(rendering: Rendering) -> Iterator[Check]:
    """No text has a list or a map of the values as Go prints it: `[parcels notices]`, `map[app:web]`.

    No program reads that. Source: https://pkg.go.dev/fmt#hdr-Printing
    """
    lists, keys = _printed(rendering.scenario), _keys(rendering.scenario)
    odd = [printed for printed in lists if not _LIST.fullmatch(printed)]
    for resource in rendering.resources if lists or keys else ():
        wrong = 0
        for address, text, in_text, first_keys in resource.made(_in_brackets):
            among = (*in_text, *(printed for printed in odd if printed in text))
            key = next((lists[printed] for printed in among if printed in lists), "")
            as_map = next((first for first in first_keys if first in keys), "")
            if key or as_map:
                wrong += 1
                actual = f"what {key} is, as one text" if key else f"a map with {as_map}, as one text"
                yield states(resource.place(address), False, expected="each item by itself", actual=actual)
        if not wrong:
            yield states(resource.place(), True, expected="no list and no map as a text")


def _in_brackets(resource: Resource) -> tuple[tuple[str, str, list[str], list[str]], ...]:
    """Give the texts of a resource that may have what Go printed, each with its address.

    And with what may be a list in it, and the first keys of what may be a map.
    """
    texts = ((join(*keys), text) for keys, text in readable_texts(resource) if "[" in text)
    return tuple((address, text, _LIST.findall(text), _MAP.findall(text)) for address, text in texts)


def _printed(scenario: Scenario) -> dict[str, str]:
    """Give the lists of the values as Go prints them, each with its address."""
    return {
        f"[{' '.join(value)}]": join(*keys)
        for keys, value in nodes(scenario.values)
        if isinstance(value, list) and len(value) >= _LEAST and all(isinstance(item, str) and item for item in value)
    }


def _keys(scenario: Scenario) -> set[str]:
    """Give the first keys of the maps of the values, in the order in which Go prints them."""
    maps = (value for _, value in nodes(scenario.values) if isinstance(value, dict) and value)
    return {min(map(str, value)) for value in maps}


_GIVEN = of_scenario(values={"queues": ["parcels", "notices"], "labels": {"app": "web", "tier": "front"}})


lists_and_maps_are_not_printed_by_go.breaks(
    manifests=HEALTHY,
    a_list_in_a_file=(put("ConfigMap web", "data[web.conf]", 'queues:\n  - "[parcels notices]"\n'), _GIVEN),
    a_map_in_a_file=(put("ConfigMap web", "data[web.conf]", "labels: map[app:web tier:front]"), _GIVEN),
)


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Print each item by `range`, all of them by `join`, or the whole by `toYaml` or `toJson`.",
)
def templates_print_no_list_or_map(chart: Chart) -> Iterator[Check]:
    """No template prints what values.yaml has as a list or a map as it is: `{{ .Values.origins }}`.

    An empty one hides it: `[]` is a list, and `[a b]` is a list of one text. What a script takes apart, or a condition
    asks the type of, is left alone, and so is a number that is not set by an empty map: `nodePort: {}`. An empty one
    also hides a `toYaml` behind a key, or whose first line is further in than the others: what has two lines is no YAML
    then. What what_is_empty_can_be_filled fills is told there. Read from the templates' text.
    Sources: https://pkg.go.dev/fmt#hdr-Printing https://helm.sh/docs/howto/charts_tips_and_tricks/
    """
    for check in template_checks(chart, "printed by a function, all of its lines as far in", _lists_and_maps):
        # Each part of a chart has it in a section of its own.
        part = f"{check.path.rpartition('/')[0]} {check.path.rpartition('.')[2]}"
        yield check if check.passed else with_cause(check, part)


def _lists_and_maps(chart: Chart) -> Iterator[WrongLine]:
    yield from _lines_apart(chart)
    for template, action, path in _printed_plainly(chart):
        value = lookup(chart.own_values, join(*path))
        if isinstance(value, list | dict) and not (value == {} and _NUMBER.search(path[-1])):
            line = chart.templates[template].split("\n")[action.line - 1]
            if _FIELD.match(line):
                yield WrongLine(join(*path), template, action.line, f": {{{{{action.text}}}}}, as Go prints it")


def _lines_apart(chart: Chart) -> Iterator[WrongLine]:
    shown = shown_examples(chart)
    for name, text, action, variables in _actions(chart):
        if not (found := _AS_YAML.fullmatch(action.text)):
            continue
        *above, line = text.split("\n")[: action.line]
        before, is_here, _ = line.partition(f"{{{{{action.text}")
        is_further_in = before.isspace() and not action.text.startswith("-")
        if is_further_in and "\n".join(above).rstrip().endswith("-}}"):
            continue  # which takes the spaces away
        value = found["value"] or found["piped"]
        path = next(paths_in(dot_meant(value, action), variables), ())
        default = lookup(chart.own_values, join(*path)) if path else ABSENT
        is_empty = path != () and default in ({}, [])
        if is_empty and (join(*path) in shown or path[-1].lower() in _TRIED):
            continue
        is_unknown = default in (None, ABSENT) and (path != () or "." in value[:-1])
        if is_here and (
            (is_further_in and (is_empty or is_unknown)) or (is_empty and _BEHIND_A_KEY.fullmatch(before) is not None)
        ):
            says = f": {{{{{action.text}}}}}, of which a second line is elsewhere"
            yield WrongLine(join(*path) or value, name, action.line, says)


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="Ask for the value itself, `and` in place of `or`, or give it a default.",
)
def what_is_printed_was_asked_for(chart: Chart) -> Iterator[Check]:
    """Below `if or .Values.a ...`, no template prints `.Values.a` as it is, where values.yaml leaves it empty.

    The block is there for the other condition as well, and the field has nothing then. Read from the templates' text.
    Source: https://helm.sh/docs/chart_template_guide/function_list/#logic-and-flow-control-functions
    """
    yield from template_checks(chart, "printed where it is set", _also_empty)


def _also_empty(chart: Chart) -> Iterator[WrongLine]:
    for template, action, path in _printed_plainly(chart):
        either = _EITHER.fullmatch(action.conditions[-1]) if action.conditions else None
        plain = _PLAIN.fullmatch(action.text)
        is_asked = either is not None and plain is not None and either["first"] == plain["value"]
        if either and f'(eq {either["first"]} "")' in either["rest"]:
            continue  # an empty one is printed on purpose, `storageClassName: ""`
        if is_asked and lookup(chart.own_values, join(*path)) in (None, ""):
            says = f": printed below `{action.conditions[-1].strip()}`, also empty"
            yield WrongLine(join(*path), template, action.line, says)


def _printed_plainly(chart: Chart) -> Iterator[tuple[str, Action, Path]]:
    """Give the actions that print a value as it is, with the template and the keys below `.Values`."""
    for name, _, action, variables in _actions(chart):
        found = _PLAIN.fullmatch(action.text)
        if found and not any(word in " ".join(action.conditions) for word in _OF_TYPES):
            yield from ((name, action, path) for path in paths_in(found["value"], variables))


def _actions(chart: Chart) -> Iterator[tuple[str, str, Action, dict[str, Path]]]:
    """Give the actions of the templates, each with the file, its text and what variables stand for; no notes."""
    for name, text in sorted(chart.templates.items()):
        for together, variables in actions_and_variables(text) if not name.endswith("NOTES.txt") else ():
            yield from ((name, text, action, variables) for action in together)


templates_print_no_list_or_map.breaks(
    manifests=HEALTHY,
    an_empty_list=in_template("origins: {{ .Values.web.origins }}", own_values={"web": {"origins": []}}),
    a_map_by_a_variable=in_template(
        "{{ $web := .Values.web }}\nlabels: {{ $web.labels | quote }}", own_values={"web": {"labels": {"app": "web"}}}
    ),
    a_first_line_further_in=in_template("data:\n  {{ toYaml .Values.config | indent 2 }}", own_values={"config": {}}),
    a_map_behind_its_key=in_template("config: {{ toYaml .Values.config | indent 2 }}", own_values={"config": {}}),
    a_budget_of_each_part=in_template(
        "{{ range $part := .Values.parts }}\nspec:\n  {{ toYaml $part.budget }}\n{{ end }}", own_values={"parts": []}
    ),
)


what_is_printed_was_asked_for.breaks(
    manifests=HEALTHY,
    or_in_place_of_and=in_template(
        '{{ if or .Values.port (eq .Values.policy "Local") }}healthCheckNodePort: {{ .Values.port }}{{ end }}',
        own_values={"port": None, "policy": "Local"},
    ),
)
