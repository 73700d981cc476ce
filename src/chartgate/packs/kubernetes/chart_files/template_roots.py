"""Template roots: what templates read from `$`, and what they include by its name, is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.lost_roots import lost_roots
from chartgate.charts.template_texts.misspelt_arguments import misspelt_arguments
from chartgate.charts.template_texts.unknown_includes import unknown_includes
from chartgate.charts.template_texts.unknown_roots import unknown_roots
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart, Check, folder_of
from chartgate.policy.checks import with_cause
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy

from ..healthy.config_map import HEALTHY

_EXPECTED = "something that the dot has there"
_VALUES = re.compile(r"\.Values[.\w]*+")


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Write `$.Values` inside `range` and `with`, and pass `$` to named templates that read the values.",
)
def values_are_read_from_their_root(top: Chart) -> Iterator[Check]:
    """No template reads `.Values`, `.Release` or `.Chart` where the dot has none, or of the root what is not there.

    `range` and `with` make the dot an item. A list that is empty by default hides it, until the first user fills it
    and helm stops with a nil pointer. Named templates count with what they are given. A word that the root does not
    have, `.Value.port` or `$.ctx`, is nothing wherever it is read; nor is a key of the `dict` that a named template is
    given where it reads it by nearly that name, `.componet` of a `component`. Read from the templates' text.
    Source: https://helm.sh/docs/chart_template_guide/control_structures/#modifying-scope-using-with
    """
    for names, chart in top.with_subcharts():
        yield from _checks(chart, folder_of(names))
    for template, line, what, why in misspelt_arguments(top):
        yield Check("templates", f"{template} {what}", _EXPECTED, f"{template}:{line}: {why}", False, template)


def _checks(chart: Chart, folder: str) -> Iterator[Check]:
    found = list(lost_roots(chart))
    for lost in found:
        template = f"{folder}{lost.template}"
        place = f"{template}:{lost.line}"
        check = Check("templates", f"{template} {lost.what}", _EXPECTED, f"{place}: {lost.why}", False, template)
        # Who writes an expression once more, in another template, writes its fault once more.
        is_copied = lost.what.startswith("tpl ")
        yield with_cause(check, _VALUES.sub(".Values", lost.what)) if is_copied else check
    unknown = list(unknown_roots(chart))
    for read in unknown:
        template = f"{folder}{read.template}"
        actual = f"{template}:{read.line}: helm gives a template nothing of that name"
        yield Check("templates", f"{template} {read.what}", f"one of {read.there}", actual, False, template)
    if not found and not unknown:
        yield Check("templates", folder, _EXPECTED, _EXPECTED, True)


@policy(over=THE_CHART, severity="error", remediation="Correct the name, or define the template.")
def named_templates_are_defined(chart: Chart) -> Iterator[Check]:
    """Every named template that a template includes is defined, in the chart or in one of its dependencies.

    Helm looks the name up only once it gets there: below a condition that is off by default, the first user who turns
    it on finds out. Read from the templates' text, of charts that have all of their dependencies with them.
    Source: https://helm.sh/docs/chart_template_guide/named_templates/
    """
    found = list(unknown_includes(chart))
    for unknown in found:
        near = nearly(unknown.name, unknown.known)
        actual = f"{unknown.template}:{unknown.line}: nothing defines it{f'; there is {near[0]}' if near else ''}"
        what = f'{unknown.template} include "{unknown.name}"'
        # A file of another chart has each name of that one.
        yield with_cause(Check("templates", what, "defined", actual, False, unknown.template), unknown.template)
    if not found:
        yield Check("templates", "", "defined", "defined", True)


values_are_read_from_their_root.breaks(
    manifests=HEALTHY,
    inside_a_range=in_template("{{ range .Values.hosts }}{{ .name }}: {{ .Values.port }}{{ end }}"),
    inside_a_with=in_template("{{ with $.Values.ingress }}{{ .host }}: {{ .Release.Name | quote }}{{ end }}"),
    a_value_is_rendered_with_an_item=in_template("{{ range .Values.args }}- {{ tpl . . | quote }}{{ end }}"),
    a_named_template_gets_an_item=in_template(
        '{{ define "name" }}{{ .Release.Name }}-web{{ end }}'
        + '{{ range $host := .Values.hosts }}{{ include "name" . }}{{ end }}'
    ),
    a_named_template_gets_a_map_without_the_root=in_template(
        '{{ define "path" }}{{ .path }} {{ .root.Values.port }}{{ end }}' + '{{ include "path" (dict "path" "/") }}'
    ),
    the_root_is_misspelt=in_template("{{ if .Values.legacy }}{{ .Value.legacy.port }}{{ end }}"),
    the_chart_has_no_such_field=in_template("name: {{ .Chart.Nme }}"),
    the_root_has_no_such_word=in_template('{{ range .Values.hosts }}{{ include "host" (dict "ctx" $.ctx) }}{{ end }}'),
    a_named_template_reads_a_key_by_nearly_its_name=in_template(
        '{{ define "labels" }}app: {{ .component }}{{ end }}' + '{{ include "labels" (dict "componet" "web") }}'
    ),
)


named_templates_are_defined.breaks(
    manifests=HEALTHY,
    the_name_has_a_typo=in_template(
        '{{ define "web.labels" }}{{ end }}{{ if .Values.budget }}{{ include "web.label" . }}{{ end }}'
    ),
)
