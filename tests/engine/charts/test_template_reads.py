"""Which values a template reads, by its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import has_key, known_values, paths, reads, values_below
from chartgate.documents.addresses import join
from tests.engine.toys import CHART, TOY, chart_from


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .Values.a.b }}", ["a.b"]),
        ("{{- $.Values.a | default .Values.b -}}", ["a", "b"]),
        ("{{ if and (.Values.a) (not .Values.b.c) }}", ["a", "b.c"]),
        ('{{ index .Values "my-chart" "a" }}', ["my-chart.a"]),
        ('{{ (index .Values "my-chart").a.b }}', ["my-chart.a.b"]),
        ('{{ get .Values.a "x.y" }}', ["a", "a[x.y]"]),
        ('{{ if hasKey .Values.a "b" }}', ["a", "a.b"]),
        ("{{ ((.Values.a).b).c }}", ["a.b.c"]),
        ('{{ toYaml (pick .Values.a "b" "c") }}', ["a", "a.b", "a.c"]),
        ("{{ .root.Values.a }}{{ $root.Values.b }}", ["a", "b"]),
        ("{{ .Values.Values.a.b }}{{ $v := .Values.Values }}{{ $v.c }}", ["a.b", "c"]),
        ("{{ .Values.global.host }}", ["global.host"]),
        ("{{ $a := .Values.a }}{{ $a.b }}{{ $b := $a.c }}{{ $b.d }}", ["a", "a.b", "a.c", "a.c.d"]),
        ('{{ $a := index .Values "x-y" }}{{ $a.b }}', ["x-y", "x-y.b"]),
        ("{{ $a := deepCopy .Values.a }}{{ $a.b }}", ["a", "a.b"]),
        ("{{ $v := .Values }}{{ $v.a }}", ["a"]),
        # Set twice, or by a loop: nobody knows what it stands for.
        ("{{ $a := .Values.a }}{{ $a = .Values.b }}{{ $a.c }}", ["a", "b"]),
        ("{{ range $k, $v := .Values.a }}{{ $v.b }}{{ end }}", ["a"]),
        ("{{ $a := .Values.a | default dict }}{{ $a.b }}", ["a"]),
        # A variable of one named template is not that of another.
        ('{{ define "x" }}{{ $a := .Values.a }}{{ end }}{{ define "y" }}{{ $a.b }}{{ end }}', ["a"]),
        ("{{/* .Values.a */}}{{- /* {{ .Values.b }} */ -}}", []),
        ('{{ fail "set .Values.a" }} .Values.b # {{ `{{ .Values.c }}` }}', []),
        ("{{ .Release.Name }}{{ .Chart.Values }}{{ .Values | toYaml }}", []),
        ('{{ printf "%s}}" .Values.a }}', ["a"]),
    ],
)
def test_paths(text: str, expected: list[str]) -> None:
    assert list(dict.fromkeys(sorted(join(*path) for path in paths(text)))) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [("a.b", True), ("a", True), ("a.x", False), ("x", False), ("n", True), ("n.x", True), ("e.x.y", True),
     ("a.b.c", False), ("l.x", False)],
)  # fmt: skip
def test_has_key(address: str, expected: bool) -> None:
    assert has_key({"a": {"b": "text"}, "n": None, "e": {}, "l": [1]}, tuple(address.split("."))) is expected


def test_reads_of_a_chart(tmp_path: Path) -> None:
    found = [str(read) for read in reads(chart_from(tmp_path, TOY))]
    assert found == [
        "templates/config.yaml reads mode",
        "templates/secret.yaml reads secret.enabled",
        "templates/secret.yaml reads secret.token",
    ]


def test_a_library_reads_the_values_of_whoever_includes_it(tmp_path: Path) -> None:
    library = TOY | {"Chart.yaml": f"{CHART}type: library\n"}
    chart = chart_from(tmp_path, {f"charts/toy/{name}": text for name, text in library.items()})
    assert reads(chart.subcharts[0]) == []


def test_what_a_subchart_can_read(tmp_path: Path) -> None:
    files = {
        "values.yaml": "global: {host: x}\nchild: {a: {b: 1}}\n",
        "charts/child/Chart.yaml": CHART.replace("toy", "child"),
        "charts/child/values.yaml": "a: {c: null}\nglobal: {own: 1}\n",
    }
    parent = chart_from(tmp_path, files)
    (child,) = parent.subcharts
    known = known_values(parent)
    assert known["child"] == {"a": {"b": 1, "c": None}, "global": {"own": 1}}
    assert known_values(child, values_below(child, known)) == {
        "a": {"b": 1, "c": None},
        "global": {"own": 1, "host": "x"},
    }


def test_an_action_has_its_line_and_the_conditions_it_is_under() -> None:
    text = """{{- if .Values.a }}
{{/* two
lines */}}{{ range .Values.b }}{{ one }}{{ end }}
{{- else if eq .Values.c "x" -}}
two {{ two }}
{{ else }}
{{ three }}
{{- end }}
{{ with .Values.d }}{{ else }}{{ four }}{{ end }}{{ define "x" }}{{ five }}{{ end }}"""
    found = {a.text.strip(): (a.line, a.conditions) for a in actions(text) if not a.word}
    assert found == {
        "one": (3, ("if .Values.a", "range .Values.b")),
        "two": (5, ('if eq .Values.c "x"',)),
        "three": (7, ('not if eq .Values.c "x"',)),
        "four": (9, ("not with .Values.d",)),
        "five": (9, ()),
    }
