"""Template variables and values: what a block assigns is read, a condition can be false, a merge changes no value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.lost_assignments import lost_assignments
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.documents.addresses import join, lookup
from chartgate.documents.walking import nodes
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

_ASSIGNED = "`=` for a variable of outside, or a name of its own"
_ONE_VALUE = re.compile(r"\s*+(?:else\s++)?if\s++\$?\.Values((?:\.\w++)++)\s*+")
_SWITCHES = ("enabled", "create")
_NO = ("false", "no", "off")
_COMPARES = re.compile(r"\b(?:eq|ne|has|toString|quote|contains|regexMatch)\b")
_MERGES = re.compile(
    r"\b(?:must)?[mM]erge(?:Overwrite)?+\s++\$?\.Values(?P<into>(?:\.\w++)++)\s++(?P<what>\((?:[^()]|\([^()]*+\))*+\)|[^\s()|]++)"
)
_OF_A_LOOP = re.compile(r"(?<![\w$.)])\.(?!Values|Chart|Release|Files|Capabilities|Template)\w|(?<![\w.)])\.(?!\w)")
_VARIABLE = re.compile(r"\$\w++")
_LOOP = re.compile(r"range\s++(?:\$\w++\s*+,\s*+)?+(\$\w++)\s*+:=")


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Write `=` in the block: `:=` makes another variable, which ends with the block.",
)
def assignments_outlive_their_block(chart: Chart) -> Iterator[Check]:
    """No block assigns by `:=`, and never reads, a variable that there is outside, and that is read after the block.

    There the old value is read: what `if` found out is lost. A map that is changed in place (`set`) is the same one.
    Read from the templates' text. Source: https://pkg.go.dev/text/template#hdr-Variables
    """
    found = list(lost_assignments(chart))
    for lost in found:
        actual = f"{lost.template}:{lost.line}: `:=`, which is lost at the end of its block"
        yield Check("templates", f"{lost.template} ${lost.name}", _ASSIGNED, actual, False, lost.template)
    if not found:
        yield Check("templates", "", _ASSIGNED, _ASSIGNED, True)


assignments_outlive_their_block.breaks(
    manifests=HEALTHY,
    another_variable_of_the_same_name=in_template(
        "{{ $port := 80 }}{{ if .Values.tls }}{{ $port := 443 }}{{ end }}port: {{ $port }}"
    ),
)


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Ask for the switch in the section: `if .Values.section.enabled`.",
)
def conditions_can_be_false(chart: Chart) -> Iterator[Check]:
    """No template asks for a section of values.yaml as a whole that has a switch of its own, `enabled` or `create`.

    A map that is not empty is true, and so is the text `"false"`: the part is rendered whatever the switch says. A
    condition that the switch is asked below, or beside which it is asked for nowhere, is left alone, and so is one that
    only looks whether there is a section before the next one asks for a key of it. Read from the templates' text.
    Source: https://helm.sh/docs/chart_template_guide/control_structures/#ifelse
    """
    yield from template_checks(chart, "a condition that can be false", _always_true)


def _always_true(chart: Chart) -> Iterator[WrongLine]:
    """Give the conditions on a whole section that has a switch, and on a switch that is a text."""
    yield from _texts_for_switches(chart)
    texts = {name: actions(text) for name, text in sorted(chart.templates.items())}
    for name, found in texts.items():
        for place, action in enumerate(found):
            asked = _ONE_VALUE.fullmatch(action.text)
            path = asked[1].strip(".") if asked else ""
            section = lookup(chart.own_values, path) if path else None
            switches = [key for key in _SWITCHES if isinstance(section, dict) and isinstance(section.get(key), bool)]
            if switches[:1] == ["create"] and _is_inside(chart.templates[name], action.line):
                continue  # an object that is named there is made elsewhere
            if switches and not name.endswith("NOTES.txt"):
                switch = f"{path}.{switches[0]}"
                below = (other for other in found[place + 1 :] if action.text.strip() in other.conditions)
                others = [other for them in texts.values() for other in them if _asks(other, switch)]
                is_guard = any(_asks_below(other, path) for other in found[place + 1 : place + 2])
                if others and not is_guard and not any(_asks(other, switch, f".{switches[0]}") for other in below):
                    about = f"{name} {join(*path.split('.'))}"
                    says = f": a map, which is true; {switch} is the switch"
                    yield WrongLine(about, name, action.line, says, path)


def _texts_for_switches(chart: Chart) -> Iterator[WrongLine]:
    """Give the conditions on a switch that values.yaml has as a text, `"false"`, also of the entries of a section."""
    for keys, value in nodes(chart.own_values):
        if keys[-1:] and keys[-1] in _SWITCHES and isinstance(value, str) and value.strip().lower() in _NO:
            path, above = ".".join(map(str, keys)), f".Values.{'.'.join(map(str, keys[:-2]))}"
            for name, text in sorted(chart.templates.items()):
                for action in actions(text) if not name.endswith("NOTES.txt") else ():
                    is_in_loop = any(each.endswith(above) for each in action.conditions if each.startswith("range"))
                    is_asked = _asks(action, f".Values.{path}") or (is_in_loop and f".{keys[-1]}" in action.text)
                    if action.word == "if" and is_asked and not _COMPARES.search(action.text):
                        says = f": {path} is the text {value!r}, which is true"
                        yield WrongLine(f"{name} {path}", name, action.line, says)
                        break


def _is_inside(text: str, line: int) -> bool:
    """Tell whether a line of a template is inside of an object."""
    above = "\n".join(text.split("\n")[: line - 1]).rpartition("\n---")[2]
    return "\nkind:" in f"\n{above}"


def _asks_below(action: Action, path: str) -> bool:
    return action.word in ("if", "with") and f".Values.{path}." in action.text


def _asks(action: Action, *paths: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(path)}(?!\w)", action.text) for path in paths)


conditions_can_be_false.breaks(
    manifests=HEALTHY,
    the_section_in_place_of_its_switch=in_template(
        "{{ if .Values.tls.enabled }}a: b{{ end }}{{ if .Values.tls }}c: d{{ end }}",
        own_values={"tls": {"enabled": False}},
    ),
    a_text_in_place_of_false=in_template(
        "{{ range $part, $it := .Values.parts }}{{ if $it.enabled }}a: b{{ end }}{{ end }}",
        own_values={"parts": {"web": {"enabled": "false"}}},
    ),
)


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Merge into a copy: `merge (deepCopy .Values.common) .Values.web`, or into `(dict)`.",
)
def merges_leave_values_as_they_are(chart: Chart) -> Iterator[Check]:
    """No two merges have the same value for their first map: each changes it for the next one.

    `merge` and `mergeOverwrite` write into their first map. Where what is common is merged with the settings of one
    part, and then with those of another, or of each item of a list, the later ones get those of the first as well.
    Read from the templates' text. Source: https://helm.sh/docs/chart_template_guide/function_list/#merge-mustmerge
    """
    yield from template_checks(chart, "a copy is changed, and no value", _changed_by_merges)


def _changed_by_merges(chart: Chart) -> Iterator[WrongLine]:
    """Give the first merge into each value that others go into as well."""
    found: dict[str, list[tuple[str, Action, str]]] = {}
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            for merge in _MERGES.finditer(action.text):
                found.setdefault(merge["into"][1:], []).append(
                    (name, action, merge["what"].replace("$.Values", ".Values"))
                )
    for into, merges in found.items():
        name, action, what = next((one for one in merges if _is_of_a_loop(*one[1:])), merges[0])
        others = {other for *_, other in merges} - {what}
        if others or _is_of_a_loop(action, what):
            told = f"and so is {min(others)}" if others else "one after another"
            yield WrongLine(into, name, action.line, f": {what} is merged into it, {told}")


def _is_of_a_loop(action: Action, what: str) -> bool:
    """Tell whether what is merged is another one in each turn of a `range`."""
    loops = [condition for condition in action.conditions if condition.startswith("range")]
    names = {loop[1] for condition in loops if (loop := _LOOP.match(condition))}
    is_named = not names.isdisjoint(_VARIABLE.findall(what))
    return is_named or (bool(loops) and not names and _OF_A_LOOP.search(what) is not None)


merges_leave_values_as_they_are.breaks(
    manifests=HEALTHY,
    two_parts_into_what_is_common=in_template(
        "{{ toYaml (merge .Values.common .Values.web) }}{{ toYaml (merge .Values.common .Values.job) }}"
    ),
    each_item_of_a_list=in_template(
        "{{ range .Values.parts }}{{ toYaml (mergeOverwrite $.Values.common .own) }}{{ end }}"
    ),
    each_item_by_its_name=in_template(
        "{{ range $name, $part := .Values.parts }}{{ toYaml (mergeOverwrite $.Values.common $part.own) }}{{ end }}"
    ),
)
