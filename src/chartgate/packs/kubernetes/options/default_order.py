"""Order of defaults: `default` takes the default first, the value that may be empty last; parts come before all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.documents.addresses import join
from chartgate.model import Chart, Check, folder_of
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {port: "5432"}
"""
_VALUE = r"(?P<value>\$?\.Values(?:\.\w++)++)"
_NEVER_EMPTY = (
    r'(?P<other>"[^"\\\s]++"|[1-9]\d*+|\$?\.(?:Chart\.(?:AppVersion|Version|Name)|Release\.(?:Name|Namespace))'
    r'|\(\s*+include\s++"[\w.-]{1,60}?\.(?:full)?name"\s++[.$]\s*+\))'
)
_LAST = re.compile(rf"\bdefault\s++{_VALUE}\s++{_NEVER_EMPTY}(?=\s*+(?:[|)-]|\Z))")
_PIPED = re.compile(
    rf"(?:\A-?\s*+(?:(?:else\s++)?(?:if|with)\s++)?|[(=]\s*+){_NEVER_EMPTY}\s*+\|\s*+default\s++{_VALUE}(?![\w.])"
)
_RANDOM = r"(?P<other>rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes)\s++(?:\d++|\([^()]{0,80}+\)|[.$][\w.]*+)|uuidv4)"
_ANY = r"(?P<value>\((?:[^()]|\([^()]{0,200}+\)){1,300}+\)|[.$][\w.]*+)"
_RANDOM_LAST = re.compile(rf"\bdefault\s++{_ANY}\s++\(\s*+{_RANDOM}")
_RANDOM_PIPED = re.compile(
    rf"{_RANDOM}\s*+(?:\|\s*+(?:b64enc|lower|upper|quote|trim)\s*+){{0,4}}+\|\s*+default\s++{_ANY}"
)
_OF_ALL = r"(?P<all>(?:\$\w*+|(?:\.\w++){0,3}?)\.Values\.(?P<key>\w++)(?![\w.]))"
_OF_ONE = r"(?P<one>[.$](?:[\w.]{0,120}?\.)?(?P=key)(?![\w.]))"
_ALL_PIPED = re.compile(rf"(?<![\w.$]){_OF_ALL}\s*+\|\s*+default\s++{_OF_ONE}")
_ONE = r"(?P<one>[.$][\w.]*+)"
_IF_ALL, _ELSE_IF = re.compile(rf"-?\s*+if\s++{_OF_ALL}"), re.compile(rf"-?\s*+else\s++if\s++{_ONE}\s*+-?")
_ALL_LAST = re.compile(rf"\bdefault\s++{_ONE}\s++{_OF_ALL}")
_AT_THE_TOP = "keys at the top"


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Turn the two around: `default 5432 .Values.port`, or `.Values.port | default 5432`.",
)
def defaults_come_before_their_values(top: Chart) -> Iterator[Check]:
    """No template gives what is never empty a value of the chart for a default: that value is then never used.

    `default` takes its last word, or what is piped into it, unless it is empty; a number, a text, the name of the
    release, the version of the application or what is random never is. Read from the templates' text.
    Source: https://masterminds.github.io/sprig/defaults.html
    """
    for names, chart in top.with_subcharts():
        folder, found = folder_of(names), list(_turned_around(chart))
        for name, line, address, other in found:
            template = f"{folder}{name}"
            expected = f"used, with {other} for a default"
            actual = f"never used: {template}:{line} gives it to {other} for a default, which is never empty"
            yield Check("templates", f"{folder}{address}", expected, actual, False, template)
        if not found:
            yield Check("templates", folder, "the default first", "the default first", True)


def _turned_around(chart: Chart) -> Iterator[tuple[str, int, str, str]]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            patterns = (_LAST, _PIPED, *((_RANDOM_LAST, _RANDOM_PIPED) if "default" in action.text else ()))
            for found in (each for pattern in patterns for each in pattern.finditer(action.text)):
                path = next(paths_in(found["value"]), ())
                yield name, action.line, join(*path) or found["value"], found["other"]


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="Turn the two around: `.Values.part.tolerations | default .Values.tolerations`.",
)
def keys_of_a_part_come_before_those_of_all(chart: Chart) -> Iterator[Check]:
    """No template takes a key at the top of values.yaml, and that of a part of the same name only where it is empty.

    Whoever sets the key for all parts can then set no other one for a part. What is below `global` is left alone, since
    charts let it win on purpose. Read from the templates' text.
    Source: https://helm.sh/docs/chart_template_guide/subcharts_and_globals/
    """
    yield from template_checks(chart, "the key of the part first", _of_all_first)


def _of_all_first(chart: Chart) -> Iterator[WrongLine]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            for found in (each for pattern in (_ALL_PIPED, _ALL_LAST) for each in pattern.finditer(action.text)):
                if _is_of_a_part(found["one"], found["all"], found["key"]):
                    says = f": {found['one']} only where {found['all']} is empty"
                    yield WrongLine(f"{name} {found['key']}", name, action.line, says, _AT_THE_TOP)
        yield from (WrongLine(f"{name} {key}", name, line, says, _AT_THE_TOP) for key, line, says in _branches(text))


def _branches(text: str) -> Iterator[tuple[str, int, str]]:
    """Give the `else if` that asks for the key of a part once that of all is empty, with its line and words for it."""
    before: Action | None = None
    for action in actions(text):
        depth = len(action.conditions)
        if before and action.word == "else" and (part := _ELSE_IF.fullmatch(action.text)):
            asked = before.conditions[depth - 1] if len(before.conditions) >= depth else before.text.strip("- ")
            found = _IF_ALL.fullmatch(asked)
            if found and _is_of_a_part(part["one"], found["all"], found["key"]):
                yield found["key"], action.line, f": {part['one']} only where {found['all']} is empty"
        before = action


def _is_of_a_part(one: str, all_: str, key: str) -> bool:
    """Tell whether a path is to a key of a part: of that name, not at the top as well, and not below `global`."""
    above, _, last = one.rpartition(".")
    return (
        last == key and "global" not in one and one != all_ and not above.endswith("Values") and above not in ("", "$")
    )


defaults_come_before_their_values.breaks(
    manifests=HEALTHY,
    the_number_is_last=in_template("port: {{ default .Values.port 5432 | quote }}"),
    the_text_is_piped=in_template('{{ $host := "localhost" | default .Values.database.host }}'),
    the_version_is_last=in_template("image: web:{{ default .Values.image.tag .Chart.AppVersion }}"),
    what_is_random_is_last=in_template('token: {{ default (index $kept "token") (randAlphaNum 24 | b64enc) }}'),
    what_is_kept_is_piped_behind=in_template("token: {{ randAlphaNum 24 | b64enc | default $kept.token }}"),
    the_name_is_last=in_template('{{ with default .Values.name (include "shop.fullname" .) }}{{ . }}{{ end }}'),
)


keys_of_a_part_come_before_those_of_all.breaks(
    manifests=HEALTHY,
    the_key_of_all_wins=in_template("{{ with .Values.tolerations | default .Values.web.tolerations }}a: b{{ end }}"),
    the_key_of_all_is_asked_for_first=in_template(
        "{{ if .Values.labels }}a: b{{ else if .Values.web.labels }}{{ toYaml .Values.web.labels }}{{ end }}"
    ),
    the_key_of_all_is_last=in_template("{{ toYaml (default .web.nodeSelector $.Values.nodeSelector) }}"),
)
