"""What changes for whoever writes values: keys that come, go, or have another name or default."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.model import Chart
from chartgate.review.chart_entries import entries_of_values
from chartgate.review.contract.changed_keys import ignored_keys, key_changes, keys_printed_otherwise
from chartgate.review.risks.risk_class import risks_in
from chartgate.review.risks.risk_classes import OF_IGNORED_KEYS, OF_VALUES
from chartgate.review.risks.values_contract import default_toggled
from tests.engine.toys import chart_from

DEPENDS = "dependencies: [{name: part, version: 1.0.0, condition: part.enabled}]\n"


def _charts(folder: Path, before: str, after: str, **files: str) -> tuple[Chart, Chart]:
    old, new = (
        chart_from(folder / name, {"values.yaml": text} | files) for name, text in (("old", before), ("new", after))
    )
    return old, new


def _told(folder: Path, before: str, after: str) -> dict[str, str]:
    return {
        change.address: " ".join([*(rule.name for rule in OF_VALUES for _ in rule(change)), change.renamed_to]).strip()
        for change in key_changes(*_charts(folder, before, after))
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{a: 1}", "{a: 1}", {}),
        ("{a: 1}", "{a: 1.0}", {}),
        ("{a: 1}", "{a: 2}", {"a": "default_changed"}),
        ("{a: 1}", "{a: '1'}", {"a": "values_retyped"}),
        ("{a: true}", "{a: false}", {"a": "default_toggled"}),
        ("{a: true}", "{a: 'true'}", {"a": "values_retyped"}),
        ("{a: {}}", "{a: []}", {"a": "values_retyped"}),
        ("{a: {}}", "{a: {b: 1}}", {"a.b": "values_key_added"}),
        ("{a: 1}", "{}", {"a": "values_key_removed"}),
        ("{}", "{a: 1}", {"a": "values_key_added"}),
        ("{a: [1]}", "{a: [1, 2]}", {"a[1]": "default_changed"}),
        ("{a: [{name: x, b: 1}]}", "{a: [{name: x, c: 1}]}",
         {"a[x].b": "default_changed", "a[x].c": "default_changed"}),
        # A null is a key that users may set, which helm hands to no template.
        ("{a: null}", "{}", {"a": "values_key_removed"}),
        ("{}", "{a: null}", {"a": "values_key_added"}),
        ("{a: 1}", "{a: null}", {"a": ""}),
        ("{a: null}", "{a: 1}", {"a": ""}),
        ("{a: {b: null}}", "{a: {b: null}}", {}),
        # The same default and a name or a place in common: another name.
        ("{a: {old: 7}}", "{a: {new: 7}}", {"a.old": "values_key_removed a.new"}),
        ("{a: {same: 7}}", "{b: {same: 7}}", {"a": "values_key_removed b"}),
        ("{old: some text}", "{a: {new: some text}}", {"old": "values_key_removed a.new", "a": "values_key_added"}),
        ("{old: 7}", "{new: 8}", {"old": "values_key_removed", "new": "values_key_added"}),
        ("{a: {b: 1, image: {name: x, tag: t, p: a, e: b}}}", "{a: {b: 1}, image: {name: x, tag: t, p: b, c: x}}",
         {"a.image": "values_key_removed image, with other keys,"}),
        ("{a: {b: 1, image: {name: x, tag: t}}}", "{a: {b: 1}, image: {name: v, tag: w}}",
         {"a.image": "values_key_removed", "image": "values_key_added"}),
        ("{a: {b: false}}", "{a: {d: false}}", {"a.b": "values_key_removed", "a.d": "values_key_added"}),
        ("{a: {minPriority: ''}}", "{a: {minSeverity: ''}}", {"a.minPriority": "values_key_removed a.minSeverity"}),
        # Several that fit: no guess.
        ("{old: 7}", "{one: 7, two: 7}",
         {"old": "values_key_removed", "one": "values_key_added", "two": "values_key_added"}),
        ("{one: 7, two: 7}", "{new: 7}",
         {"one": "values_key_removed", "two": "values_key_removed", "new": "values_key_added"}),
    ],
)  # fmt: skip
def test_what_is_told_of_keys(before: str, after: str, expected: dict[str, str], tmp_path: Path) -> None:
    assert _told(tmp_path, before, after) == expected


@pytest.mark.parametrize(
    ("default", "template", "is_read"),
    [
        ("null", '{{ include "image" (tuple .Values.image) }}', True),
        ("null", "{{ if .Values.image }}a{{ end }}", False),
        ("null", '{{ include "image" (tuple .Values.other) }}', False),
        ("9", '{{ include "image" (tuple .Values.image) }}', False),
    ],
)
def test_a_key_that_may_be_read_by_a_named_template(default: str, template: str, is_read: bool, tmp_path: Path) -> None:
    helper = '{{- define "image" }}{{ .registry }}{{ end }}\n'
    files = {"templates/a.yaml": template, "templates/_a.tpl": helper}
    charts = _charts(tmp_path, f"image: {{name: a, registry: {default}}}", "image: {name: a}", **files)
    assert [(change.address, change.is_still_read) for change in key_changes(*charts)] == [("image.registry", is_read)]


@pytest.mark.parametrize(("template", "name"), [("toYaml .Values.pod", ""), (".Values.pod.group", "pod.group")])
def test_the_same_number_is_no_other_name_of_a_key_that_is_still_printed(
    template: str, name: str, tmp_path: Path
) -> None:
    files = {"templates/a.yaml": f"a: {{{{ {template} }}}}"}
    changes = key_changes(*_charts(tmp_path, "pod: {user: 7}", "pod: {group: 7}", **files))
    assert [change.renamed_to for change in changes] == [name] + [""] * (not name)


@pytest.mark.parametrize(
    ("template", "is_needed"),
    [
        ("{{ if .Values.pods.enabled }}a{{ end }}", True),
        ("{{ if (.Values.pods).enabled }}a{{ end }}", False),
        ("{{ if and .Values.pods .Values.pods.enabled }}a{{ end }}", False),
        ("{{ with .Values.pods }}{{ $.Values.pods.enabled }}{{ end }}", False),
        ('{{ define "a" }}{{ .Values.pods.enabled }}{{ end }}', False),
        ('{{ define "a" }}{{ .Values.pods.enabled }}{{ end }}{{ if eq (include "a" .) "b" }}c{{ end }}', True),
        ('{{ define "a" }}{{ if $.Values.b }}{{ .Values.pods.enabled }}{{ end }}{{ end }}{{ include "a" . }}', False),
        ('{{ define "a" }}{{ .Values.pods.enabled }}{{ end }}{{ if .Values.b }}{{ include "a" . }}{{ end }}', False),
        ("{{ toYaml .Values.pods }}", False),
        ("{{ if and .Values.b .Values.pods.enabled }}a{{ end }}", False),
        ("{{ if or .Values.b .Values.pods.enabled }}a{{ end }}", True),
        ("{{ if and .Values.pods.enabled .Values.b }}a{{ end }}", True),
    ],
)
def test_a_section_that_reused_values_lack(template: str, is_needed: bool, tmp_path: Path) -> None:
    charts = _charts(tmp_path, "{}", "pods: {enabled: false}", **{"templates/a.yaml": template})
    levels = [(change.address, [risk.level for risk in risks_in(change, OF_VALUES)]) for change in key_changes(*charts)]
    assert levels == [("pods", ["caution" if is_needed else "note"])]


@pytest.mark.parametrize(
    ("switch", "template", "classes"),
    [
        ("false", "kind: StatefulSet\nspec:\n  volumeClaimTemplates:\n", ["data_loss", "values_key_removed"]),
        ("true", "kind: StatefulSet\nspec:\n  volumeClaimTemplates:\n", ["values_key_removed"]),
        ("false", "kind: Deployment\n", ["values_key_removed"]),
    ],
)
def test_what_is_lost_with_a_subchart(switch: str, template: str, classes: list[str], tmp_path: Path) -> None:
    files = {
        "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n" + DEPENDS,
        "values.yaml": f"part: {{enabled: {switch}}}",
        "charts/part/Chart.yaml": "apiVersion: v2\nname: part\nversion: 1.0.0\n",
        "charts/part/templates/a.yaml": template,
    }
    old, new = chart_from(tmp_path / "old", files), chart_from(tmp_path / "new", {"values.yaml": "{}"})
    assert [risk.name for entry in entries_of_values(old, new) for risk in entry.risks] == classes


def test_values_of_a_subchart(tmp_path: Path) -> None:
    parent = {"charts/part/Chart.yaml": "apiVersion: v2\nname: part\nversion: 1.0.0\n"}
    old = chart_from(
        tmp_path / "old", parent | {"values.yaml": "part: {own: 1}", "charts/part/values.yaml": "theirs: 1"}
    )
    new = chart_from(
        tmp_path / "new", parent | {"values.yaml": "part: {own: 2}", "charts/part/values.yaml": "theirs: 2"}
    )
    assert {change.address: change.subchart for change in key_changes(old, new)} == {
        "part.own": "",
        "part.theirs": "part",
    }


def test_a_subchart_that_is_off_keeps_its_keys(tmp_path: Path) -> None:
    part = {"charts/part/Chart.yaml": "apiVersion: v2\nname: part\nversion: 1.0.0\n"}
    part |= {"charts/part/values.yaml": "{theirs: 1, deep: {er: 2}}", "charts/part/templates/a.yaml": ""}
    part |= {"Chart.yaml": "apiVersion: v2\nname: toy\nversion: 1.0.0\n" + DEPENDS}
    old, new = (
        chart_from(tmp_path / str(is_on), part | {"values.yaml": f"part: {{enabled: {is_on}}}"})
        for is_on in ("true", "false")
    )
    assert [change.address for change in key_changes(old, new)] == ["part.enabled"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("enabled", "on by default now"),
        ("nodeExporter", "on by default now"),
        ("disabled", "off by default now"),
        ("metricsDisabled", "off by default now"),
        ("disableMetrics", "off by default now"),
        ("skipCRDs", "off by default now"),
        ("notifications", "on by default now"),
    ],
)
def test_which_way_a_switch_is_turned(key: str, expected: str, tmp_path: Path) -> None:
    (change,) = key_changes(*_charts(tmp_path, f"{{{key}: false}}", f"{{{key}: true}}"))
    assert [hit.reason for hit in default_toggled(change)] == [expected]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ with .Values.pods.zone }}{{ . }}{{ end }}", "default_changed"),
        ("{{ .Values.pods.zone.name }}", "default_changed"),
        ("{{ toYaml .Values.pods }}", "default_changed"),
        ("{{- with .Values.pods }}{{- toYaml . | nindent 2 }}{{ end }}", "default_changed"),
        ("{{ with .Values.pods }}{{ tpl (toYaml .) $ }}{{ end }}", "default_changed"),
        ("{{ with .Values.pods }}{{ . | toJson }}{{ end }}", "default_changed"),
        ("{{ range $name, $pod := .Values.pods }}{{ $name }}{{ end }}", "default_changed"),
        (
            '{{ $p := omit .Values.pods "a" "b" }}{{ range $name, $pod := merge dict $p }}{{ $name }}{{ end }}',
            "default_changed",
        ),
        ('{{ $p := omit .Values.pods "a" }}{{ $p.size }}', "values_key_removed"),
        ("{{ with .Values.pods }}{{ toYaml .size }}{{ end }}", "values_key_removed"),
        ("{{ with .Values.pods }}{{ with $.Values.other }}{{ toYaml . }}{{ end }}{{ end }}", "values_key_removed"),
        ("{{ if .Values.pods }}{{ .Values.pods.size }}{{ end }}", "values_key_removed"),
        ("{{/* .Values.pods.zone */}}", "values_key_removed"),
    ],
)
def test_a_key_that_templates_still_read_is_not_gone(template: str, expected: str, tmp_path: Path) -> None:
    sides = _charts(
        tmp_path, "pods: {size: 1, zone: {}}", "pods: {size: 1}", **{"templates/web.yaml": f"a: {template}\n"}
    )
    (change,) = key_changes(*sides)
    assert [rule.name for rule in OF_VALUES for _ in rule(change)] == [expected]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{{ .domain }}", "{{ .host }}", "values_key_removed"),
        ("{{ .domain }}", "{{ .domain }}", "default_changed"),
        ("{{ toYaml . }}", "{{ toYaml . }}", "default_changed"),
        ("{{ .domain }}", "{{ index . $key }}{{ $.Values.domain }}", "default_changed"),
    ],
)
def test_a_key_of_the_items_of_a_list(before: str, after: str, expected: str, tmp_path: Path) -> None:
    old, new = (
        chart_from(
            tmp_path / key,
            {
                "values.yaml": f"aliases: [{{path: /, {key}: a}}]",
                "templates/a.yaml": f"a: {{{{ range .Values.aliases }}}}{template}{{{{ end }}}}",
            },
        )
        for key, template in (("domain", before), ("host", after))
    )
    told = {change.address: [rule.name for rule in OF_VALUES for _ in rule(change)] for change in key_changes(old, new)}
    assert told == {"aliases[/].domain": [expected], "aliases[/].host": ["default_changed"]}


@pytest.mark.parametrize(
    ("template", "level"),
    [
        ("{{ toYaml .Values.hosts }}", "note"),
        ("{{ if .Values.hosts }}{{ toYaml .Values.hosts }}{{ end }}", "note"),
        ("{{ with .Values.hosts }}{{ toYaml . }}{{ end }}", "note"),
        ("{{ range .Values.hosts }}{{ . }}{{ end }}", "danger"),
        ("{{ toYaml .Values.hosts }}{{ .Values.hosts.first }}", "danger"),
        ("{{ if .Values.hosts }}a{{ end }}", "danger"),
    ],
)
def test_what_is_empty_and_only_printed_may_be_of_another_type(template: str, level: str, tmp_path: Path) -> None:
    sides = _charts(tmp_path, "hosts: {}", "hosts: []", **{"templates/web.yaml": f"a: {template}\n"})
    (change,) = key_changes(*sides)
    found = [(rule.name, rule.because(hit).level) for rule in OF_VALUES for hit in rule(change)]
    assert found == [("values_retyped", level)]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ('{"properties": {"args": {"type": ["array", "object"]}}}', "default_changed"),
        ('{"properties": {"args": {"anyOf": [{"type": "array"}, {"type": "object"}]}}}', "default_changed"),
        ('{"properties": {"args": {"type": "object"}}}', "values_retyped"),
        ('{"properties": {"args": {}}}', "values_retyped"),
        ('{"properties": {"other": {"type": "object"}}}', "values_retyped"),
    ],
)
def test_another_type_is_none_where_the_schema_takes_both(schema: str, expected: str, tmp_path: Path) -> None:
    (change,) = key_changes(*_charts(tmp_path, "args: []", "args: {}", **{"values.schema.json": schema}))
    assert [rule.name for rule in OF_VALUES for _ in rule(change)] == [expected]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{{ .Values.web.size }}", "{{ .Release.Name }}", {"web": "danger"}),
        ("{{ .Values.web.size }}{{ .Values.web.old }}", "{{ .Values.web.size }}", {"web.old": "caution"}),
        ("{{ .Values.web.size }}{{ .Values.web.old }}", "{{ toYaml .Values.web }}", {}),
        ("{{ .Values.web.size }}{{ .Values.web.old }}", "{{ .Values.web.size }}{{ $x.old }}", {}),
        ("{{ .Values.web.size }}{{ .Values.none.old }}", "{{ .Values.web.size }}", {}),
        ("{{ .Values.web.size }}{{ .Values.old }}", "{{ .Values.web.size }}", {}),
    ],
)
def test_a_key_that_no_template_reads_any_longer(
    before: str, after: str, expected: dict[str, str], tmp_path: Path
) -> None:
    old, new = (
        chart_from(tmp_path / name, {"values.yaml": "web: {size: 1}", "templates/a.yaml": f"a: {template}"})
        for name, template in (("old", before), ("new", after))
    )
    found = [
        (change.address, rule.because(hit))
        for change in ignored_keys(old, new)
        for rule in OF_IGNORED_KEYS
        for hit in rule(change)
    ]
    assert {address: risk.level for address, risk in found} == expected


RUN, PLAIN = "{{ tpl .Values.web.text . }}", "{{ .Values.web.text }}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (RUN, PLAIN, ["web.text"]),
        (RUN, "{{ $.Values.web.text | indent 2 }}", ["web.text"]),
        (
            "{{ tpl (toYaml .Values.web.text) $ | nindent 2 }}",
            "{{ toYaml .Values.web.text | nindent 2 }}",
            ["web.text"],
        ),
        ("{{ tpl (.Values.web.text | toString) $ }}", PLAIN, ["web.text"]),
        ("{{ with .Values.web.text }}{{ tpl . $ }}{{ end }}", PLAIN, ["web.text"]),
        ("{{ with .Values.web.text }}{{ tpl (toYaml .) $ }}{{ end }}", PLAIN, ["web.text"]),
        ("{{ $text := .Values.web.text }}{{ tpl $text . }}", PLAIN, ["web.text"]),
        (RUN, "{{ $text := .Values.web.text }}{{ $text | quote }}", ["web.text"]),
        (RUN, PLAIN + "{{ tpl .Values.web.other . }}", ["web.text"]),
        (RUN + "{{ tpl .Values.web.other . }}", PLAIN + "{{ .Values.web.other }}", ["web.text", "web.other"]),
        # near misses: it still is, or may be; it is only asked for, or not read; or it never was
        (RUN, RUN, []),
        (RUN, PLAIN + RUN, []),
        (RUN, "{{ with .Values.web.text }}{{ tpl . $ }}{{ end }}", []),
        (RUN, "{{ $text := .Values.web.text }}{{ tpl $text . }}", []),
        (RUN, '{{ include "tpl.run" (dict "value" .Values.web.text "context" $) }}', []),
        (RUN, "{{ $all := .Values.web }}{{ tpl $all.text . }}", []),
        (RUN, "{{ tpl (toYaml .Values.web) . }}{{ .Values.web.text }}", []),
        (RUN, "{{ if .Values.web.text }}a{{ end }}", []),
        (RUN, "b", []),
        ("{{ tpl .Values.web.other (dict `a` .Values.web.text) }}", PLAIN + "{{ tpl .Values.web.other . }}", []),
        (PLAIN, PLAIN, []),
    ],
)
def test_a_key_that_is_no_template_any_longer(before: str, after: str, told: list[str], tmp_path: Path) -> None:
    values = "web: {text: '', other: ''}"
    old, new = (
        chart_from(tmp_path / name, {"values.yaml": values, "templates/a.yaml": f"a: {template}"})
        for name, template in (("old", before), ("new", after))
    )
    found = [
        (change.address, [risk.level for risk in risks_in(change, OF_IGNORED_KEYS)])
        for change in keys_printed_otherwise(old, new)
    ]
    assert found == [(address, ["caution"]) for address in told]


def _below(field: str, value: str = "toYaml .Values.web.text | nindent 4") -> str:
    return f"metadata:\n  name: a\n  {field}:\n    {{{{- {value} }}}}\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_below("labels"), _below("annotations"), True),
        (_below("labels"), _below("annotations", "$.Values.web.text | toYaml | nindent 4"), True),
        (
            _below("labels"),
            "metadata:\n  {{- with .Values.web.text }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}",
            True,
        ),
        (_below("labels"), "  labels:\n    a: b\n  annotations:\n    {{- toYaml .Values.web.text | nindent 4 }}", True),
        (_below("env"), _below("envFrom"), True),
        # near misses: also there, elsewhere in the same field, or nobody knows where
        (_below("labels"), _below("labels") + _below("annotations"), False),
        (_below("labels"), "    labels: {{ 1 }}\n      {{- toYaml .Values.web.text | nindent 6 }}", False),
        (_below("labels"), _below("annotations").replace(".text", ".other"), False),
        (_below("labels"), _below("data"), False),
        (_below("labels"), _below("annotations", "toYaml .Values.web.text"), True),
        (_below("labels"), "  annotations: {{- toYaml .Values.web.text | nindent 4 }}", True),
        (_below("env"), "args: []\nenv: {{- toYaml .Values.web.text | nindent 4 }}", False),
        (_below("labels"), _below("labels").replace("labels:", "annotations:\n  labels:"), False),
        (_below("env"), "containers:\n  env:\n  {{- toYaml .Values.web.text | nindent 2 }}", False),
    ],
)
def test_a_key_that_is_printed_elsewhere(before: str, after: str, told: bool, tmp_path: Path) -> None:
    old, new = (
        chart_from(tmp_path / name, {"values.yaml": "web: {text: {}, other: {}}", "templates/a.yaml": template})
        for name, template in (("old", before), ("new", after))
    )
    found = [(change.address, change.printed.partition(" below")[0]) for change in keys_printed_otherwise(old, new)]
    assert found == [("web.text", "it is printed")] * told


def test_what_is_gone_of_a_section_that_nothing_reads_is_told_with_it(tmp_path: Path) -> None:
    old, new = (
        chart_from(tmp_path / name, {"values.yaml": values, "templates/a.yaml": template})
        for name, values, template in (
            ("old", "{a: {b: 1, c: 2}}", "{{ .Values.a.b }}{{ .Values.a.c }}"),
            ("new", "{a: {b: 1}}", "{}"),
        )
    )
    told = [(entry.addresses, [risk.name for risk in entry.risks]) for entry in entries_of_values(old, new)]
    assert told == [(("a",), ["values_key_ignored"])]
