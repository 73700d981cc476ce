"""Defaults: the default of a template leaves alone what somebody has set."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.template_texts.left_out_fields import bare_flags, left_out_fields, printed_if_set
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.charts.template_texts.template_reads import Path, paths_in
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart, Check, Severity, folder_of
from chartgate.policy.checks import with_cause
from chartgate.policy.edits import in_template, of_chart
from chartgate.policy.policy import THE_CHART, policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {tracing: "true"}
"""
_DEFAULT = re.compile(r'\bdefault\s++(?:true|"true")(?![\w.])')
_OTHER = re.compile(r"((?<![\w.])\$?\.Values(?:\.\w++)++)\)?+\s*+\|\s*+default\s++(\$?\.Values(?:\.\w++)++)")
_OTHER_FIRST = re.compile(r"\bdefault\s++(?P<other>\$?\.Values(?:\.\w++)++)\s++(?P<value>\$?\.Values(?:\.\w++)++)")
_SWITCH = re.compile(r"(?:\A|[a-z])(?:enabled?|create|install)\Z", re.IGNORECASE)
_COALESCE = re.compile(r'\bcoalesce\s++((?:\(?+[.$][\w.]*+\)?+\s++){1,8}+)(?:true|"true")(?![\w.])')
# What begins an expression: a pipe, a bracket, an assignment, a keyword.
_BEGIN = re.compile(r"\||\(|\)|:?=|\b(?:if|else|with|and|or|not|eq|ne)\b")
_OPERAND = re.compile(r"\s*+(\(?+[^\s()|]++\)?+(?:\.\w++)*+)")
_MAKES_TEXT = re.compile(
    r"\b(?:include|template|tpl|toString|quote|squote|printf|print|toYaml|toJson|lower|upper|trim)\b"
)
_TEXT = re.compile(r'"((?:\\.|[^"\\])*+)"')
_FIELDS = re.compile(r"(?<=\))(?:\.\w++)+$")
_SECTION, _BELOW = re.compile(r"\$?+\.Values(?:\.\w++)++"), re.compile(r"(?:\.\w++)++")
_OF_A_MAP = re.compile(r"range\s++\$\w++\s*+,\s*+(?P<value>\$\w++)\s*+:=\s*+(?P<map>\$?\.Values(?:\.\w++)++)")
_NAME = re.compile(r"[A-Za-z_]\w*+")
_TRUE_BY_ITSELF = re.compile(
    r"\bdefaults?(?: is| to| value)?+[:=]?+ ?+[`'\"]?+true\b"
    r"|(?<![`'\"] is )(?<!default is )\bset(?: this| it| the value)?+ to [`'\"]?+false\b",
    re.IGNORECASE,
)
"""What a comment says of a switch that a program has on by itself; "`x.y` is set to false" it says of another one."""
_FALSE_BY_ITSELF = re.compile(
    r"\bdefaults?(?: is| to| value)?+[:=]?+ ?+[`'\"]?+false\b|\bif (?:\w++ is )?+[`'\"]?+true\b", re.IGNORECASE
)
"""And of one that it has off: what the value true brings."""
_ENABLES = re.compile(r"\Aenable[A-Z_]")


_BARE = "prints the bare flag, which is true, for what is false"
_KEPT = "false, where it is set to false"


class _Swallowing(NamedTuple):
    template: str
    line: int
    what: str
    """The value, by its address where it is one of values.yaml, else as the template writes it."""
    paths: tuple[Path, ...]
    """The keys below `.Values` that may be meant."""
    does: str = "makes it true"
    severity: Severity = "error"


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Set the default in values.yaml, or ask with `hasKey`, `dig` or `kindIs` whether the value is there.",
)
def default_keeps_false(top: Chart) -> Iterator[Check]:
    """No template gives a value the default `true`: `false` counts as empty, and could not be set.

    `default` and `coalesce` take the first value that is not empty, and `false` is empty to them; another key that is
    true in values.yaml is such a default as well, of a switch, and so is that of Kubernetes where a field is left out:
    `if .Values.automount` around `automountServiceAccountToken`. A warning where it is that of a program: a switch that
    is empty by default, and printed only where it is true, or a flag without its value for what is false. Read from the
    templates' text; what was made a text before (`toString`) is never empty.
    Source: https://masterminds.github.io/sprig/defaults.html
    """
    for names, chart in top.with_subcharts():
        yield from _checks(chart, folder_of(names))


def swallowed_values(chart: Chart) -> Iterator[str]:
    """Give the addresses of the values, the subcharts' included, whose `false` some template takes for `true`."""
    for names, one in chart.with_subcharts():
        yield from (join(*names, *path) for place in _swallowing(one, "") for path in place.paths)


def _swallowing(chart: Chart, folder: str) -> list[_Swallowing]:
    """Give where the templates of one chart do so, each value once."""
    found: dict[str, _Swallowing] = {}
    for name, text in sorted(chart.templates.items()):
        for action in () if name.endswith("NOTES.txt") else actions(text):
            for paths, other in _swallowed_by_another(action, chart):
                what, does = join(*paths[0]), f"makes of it what {other} is, which is true by default"
                found.setdefault(what, _Swallowing(f"{folder}{name}", action.line, what, paths, does))
            if not action.word or action.word in ("if", "else", "with"):
                for expression in _swallowed(action):
                    paths = tuple(dict.fromkeys(paths_in(_written_out(expression.strip(), action))))
                    what = ", ".join(join(*path) for path in paths) or expression.strip()
                    found.setdefault(what, _Swallowing(f"{folder}{name}", action.line, what, paths))
        for action, paths in _left_out_of_maps(text, chart):
            what, does = join(*paths[0]), "leaves out of the map what is false"
            found.setdefault(what, _Swallowing(f"{folder}{name}", action.line, what, paths, does))
        for path, line in _never_false(text, chart):
            does = "prints it only where it is true, so that whoever reads it never gets false"
            found.setdefault(join(*path), _Swallowing(f"{folder}{name}", line, join(*path), (path,), does, "warning"))
        for value, line in bare_flags(text):
            paths = tuple(paths_in(value))
            found.setdefault(value, _Swallowing(f"{folder}{name}", line, join(*paths[0]), paths, _BARE, "warning"))
        for each in left_out_fields(text):
            paths = tuple(paths_in(each.value))
            what = join(*paths[0]) if paths else each.value
            does = f"leaves {each.field} out, which is true then"
            found.setdefault(what, _Swallowing(f"{folder}{name}", each.line, what, paths, does))
    return list(found.values())


def _left_out_of_maps(text: str, chart: Chart) -> Iterator[tuple[Action, tuple[Path, ...]]]:
    """Give what prints an item of a map in `range $key, $value := ...` only `if $value`, where one of them is true."""
    for action in actions(text):
        *_, around, asked = ("", "", *action.conditions)
        ranged = _OF_A_MAP.fullmatch(around)
        if ranged and asked == f"if {ranged['value']}" and ranged["value"] in action.text.split():
            paths = tuple(paths_in(ranged["map"]))
            there = [lookup(chart.own_values, join(*path)) for path in paths]
            if any(isinstance(one, Mapping) and True in one.values() for one in there):
                yield action, paths


def _never_false(text: str, chart: Chart) -> Iterator[tuple[Path, int]]:
    """Give the switches that are neither true nor false by default, and that a template prints where they are true."""
    for value, action in printed_if_set(text):
        for path in paths_in(_written_out(value, action)):
            said = comments_of(chart).said_at(path) or comments_of(chart).said_of(path[-1])
            if "deprecated" in said.lower():
                continue
            is_one = _TRUE_BY_ITSELF.search(said) or (_ENABLES.search(path[-1]) and not _FALSE_BY_ITSELF.search(said))
            if is_one and lookup(chart.own_values, join(*path)) in (None, "", ABSENT):
                yield path, action.line


def _written_out(expression: str, action: Action) -> str:
    """Give what `.key` is where `with .Values.section` is around it."""
    around = next((one for one in reversed(action.conditions) if one.startswith(("with ", "range "))), "")
    section = around.removeprefix("with ").strip()
    is_below = _SECTION.fullmatch(section) and _BELOW.fullmatch(expression)
    return f"{section}{expression}" if is_below else expression


def _swallowed_by_another(action: Action, chart: Chart) -> Iterator[tuple[tuple[Path, ...], str]]:
    """Give the switches that an action gives another key of values.yaml as default, one that is true there."""
    found = [(each[1], each[2]) for each in _OTHER.finditer(action.text)]
    found += [(each["value"], each["other"]) for each in _OTHER_FIRST.finditer(action.text)]
    for value, other in found:
        [path], [instead] = paths_in(value), paths_in(other)
        there = lookup(chart.own_values, join(*path))
        is_switch = isinstance(there, bool) or (there in (None, "", ABSENT) and _SWITCH.search(path[-1]))
        if is_switch and lookup(chart.own_values, join(*instead)) is True and not _is_asked_before(value, action):
            yield (path,), join(*instead)


def _checks(chart: Chart, folder: str) -> Iterator[Check]:
    found = _swallowing(chart, folder)
    for place in found:
        actual = f"{place.template}:{place.line} {place.does}"
        check = Check("templates", f"{folder}{place.what}", _KEPT, actual, False, place.template)
        check = dataclasses.replace(check, severity=place.severity)
        yield with_cause(check, _BARE) if place.does == _BARE else check
    if not found:
        yield Check("templates", folder, _KEPT, "no default is true", True)


def _swallowed(action: Action) -> Iterator[str]:
    """Give the expressions that an action gives the default `true` where they are false."""
    text = _TEXT.sub(_without_sentences, action.text)
    expressions = [found[1] for found in _COALESCE.finditer(text)]
    for found in _DEFAULT.finditer(text):
        before = text[: found.start()].rstrip()
        if before.endswith("|"):
            piped = before[:-1].rstrip()
            expression = _last_expression(piped)
            is_argument = _MAKES_TEXT.search(piped.removesuffix(expression).rpartition("(")[2])
            expressions += [] if is_argument else [expression]
        elif operand := _OPERAND.match(text, found.end()):
            expressions.append(operand[1] if not operand[1].startswith("(") else text[found.end() :])
    for expression in expressions:
        if not _MAKES_TEXT.search(expression) and not _is_asked_before(expression, action):
            yield expression


def _without_sentences(found: re.Match[str]) -> str:
    """Give a text in quotes as it is where it may be a key or `true`, else an empty one."""
    return found[0] if found[1].replace("-", "").replace("_", "").replace(".", "").isalnum() else '""'


def _last_expression(text: str) -> str:
    """Give the last expression of a text: to the bracket that opens it, or to what it begins after."""
    fields = _FIELDS.search(text)
    end = fields.start() if fields else len(text)
    if text[:end].endswith(")"):
        depth = 0
        for index in range(end - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(text[index], 0)
            if depth == 0:
                return text[index:]
    begin = max((found.end() for found in _BEGIN.finditer(text)), default=0)
    return text[begin:]


def _is_asked_before(expression: str, action: Action) -> bool:
    """Tell whether a condition around the action, or the action itself, is about whether the value is there."""
    *_, last = _NAME.findall(expression) or [""]
    asked = [*action.conditions, action.text]
    return any(last in _NAME.findall(text) and ("hasKey" in text or "kindIs" in text) for text in asked)


default_keeps_false.breaks(
    manifests=HEALTHY,
    at_the_end_of_a_pipe=in_template("tracing: {{ .Values.tracing.enabled | default true | quote }}"),
    in_front_of_the_value=in_template("{{ if (default true .Values.tracing.enabled) }}tracing: on{{ end }}"),
    the_first_that_is_not_empty=in_template("tracing: {{ coalesce .Values.tracing .Values.global.tracing true }}"),
    a_text_for_a_boolean=in_template('{{ range .Values.jobs }}traced: {{ .traced | default "true" | quote }}{{ end }}'),
    another_key_that_is_true=(
        in_template("{{ if .Values.tracing.enabled | default .Values.all }}tracing: on{{ end }}"),
        of_chart(own_values={"all": True, "tracing": {"enabled": None}}),
    ),
    an_item_of_a_map_is_left_out=(
        in_template("{{ range $k, $v := .Values.config }}{{ if $v }}{{ $k }}: {{ $v }}{{ end }}{{ end }}"),
        of_chart(own_values={"config": {"tracing": True}}),
    ),
    a_switch_is_printed_only_where_it_is_true=in_template("{{ with .Values.enableTracing }}tracing: {{ . }}{{ end }}"),
    a_flag_is_bare_that_is_false=in_template(
        "{{ range $k, $v := .Values.args }}{{ if $v }}- --{{ $k }}={{ $v }}{{ else }}- --{{ $k }}{{ end }}{{ end }}"
    ),
    a_field_is_left_out_that_is_true_then=in_template(
        "{{ with .Values.automount }}\nautomountServiceAccountToken: {{ . }}\n{{ end }}"
    ),
)
