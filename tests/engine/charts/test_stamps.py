"""Stamps change nothing of what a chart prints, and each printed line leads to the line that printed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import StampedText, TemplateLine, Writer
from chartgate.charts.template_texts.template_pieces import end_of_block, pieces
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Resource
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import CHART, archive, chart_from, scenario

HELPERS = """\
{{- define "toy.labels" -}}
app: toy
release: {{ .Release.Name }}
{{- end -}}

{{- define "toy.name" }}{{ printf "%s-%s" .Release.Name "toy" | trunc 63 | trimSuffix "-" }}{{ end }}

{{- define "toy.is_on" }}true{{ end }}

{{- define "toy.both" }}
{{ include "toy.labels" . }}
name: {{ include "toy.name" . }}
{{- end }}

{{- define "toy.map" }}
first: 1
second: {{ .Values.second }}
{{- end }}

{{- define "toy.given" }}{{ .b }}: {{ .a }}{{ end }}
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"

# What a template prints below an object, and for words of it, by whom they are printed: its own lines count from 1, and
# `h` is the file of helpers.
CASES = {
    "plain text": ("data:\n  a: b\n  c: {{ .Values.second }}\n", {"a: b": "2", "c: two": "3", "two": "3"}),
    "trimmed on both sides": ('data:\n  a: {{- " x" -}}\n  \n  y\n', {"x": "2", "y": "4"}),
    "a call": (
        'data:\n  {{- include "toy.labels" . | nindent 2 }}\n  a: b\n',
        {"app: toy": "h2 2", "demo": "h3 2", "a: b": "3"},
    ),
    "a call in a call": (
        'data:\n  {{- include "toy.both" . | nindent 2 }}\n',
        {"app: toy": "h2 h11 2", "demo-toy": "h6 h12 2"},
    ),
    "template": ('data:\n  x: {{ template "toy.name" . }}\n', {"demo-toy": "h6 2"}),
    "a call with pipes in what it is given": (
        'data:\n  {{ template "toy.given" (dict "a" (list (.Values.second | trim) ")|" | last) "b" ("x" | quote)) }}\n'
        '  {{- include "toy.given" (dict "a" (.Values.nothing | default "d") "b" "y") | nindent 2 }}\n',
        {")|": "h20 2", "y: d": "h20 3"},
    ),
    "a call that is quoted": ('data:\n  x: {{ include "toy.name" . | quote }}\n', {"demo-toy": "h6 2"}),
    "a call that others read": (
        'data:\n  {{- toYaml (include "toy.map" . | fromYaml) | nindent 2 }}\n'
        '  {{- if eq (include "toy.is_on" .) "true" }}\n'
        '  a: {{ include "toy.name" . | b64enc }}\n  b: {{ include "toy.name" . | len | quote }}\n  {{- end }}\n',
        {"first: 1": "2", "second: two": "2", "a: ": "4", "8": "5"},
    ),
    "toYaml": (
        "data:\n  {{- toYaml .Values.map | nindent 2 }}\n  z: z\n",
        {"one: 1x": "2", "two: 2x": "2", "z: z": "3"},
    ),
    "a range": (
        "data:\n  {{- range $key, $value := .Values.map }}\n  {{ $key }}: {{ $value }}\n"
        "  {{- else }}\n  n: n\n  {{- end }}\n",
        {"1x": "3", "two": "3"},
    ),
    "a branch in a line": (
        "data:\n  a: {{ if .Values.off }}yes{{ else }}no{{ end }}\n  b: b\n",
        {"a: ": "2", "no": "2", "b: b": "3"},
    ),
    "variables": (
        '{{- $x := .Values.second }}\ndata:\n  a: {{ $x }}\n{{- $x = "other" }}\n  b: {{ $x }}\n',
        {"two": "3", "other": "5"},
    ),
    "a variable that keeps a call": (
        '{{- $x := include "toy.labels" . -}}\n\ndata:\n  {{- $x | nindent 2 }}\n  a: {{ $x | len | quote }}\n',
        {"app: toy": "h2 4", "demo": "h3 4", "a: ": "5"},
    ),
    "a variable that is set again": (
        '{{- $x := include "toy.labels" . }}\n{{- $x = include "toy.map" . }}\ndata:\n  {{- $x | nindent 2 }}\n',
        {"first: 1": "4", "two": "4"},
    ),
    "nothing": ("data:\n  a: x{{ .Values.nothing }}y\n  b: b\n", {"xy": "2", "b: b": "3"}),
    "a block of text": (
        "data:\n  a: |\n    first {\n    {{ .Values.second }}\n    }\n\n    last\n",
        {"first {": "3", "two": "4", "    }": "5", "last": "7"},
    ),
    "comments": ("{{- /* a\n comment {{ x }} */ -}}\ndata:\n  # c\n  a: b\n", {"# c": "4", "a: b": "5"}),
    "several lines in an action": (
        'data:\n  a: {{ printf "%s"\n    .Values.second }}\n  b: b\n',
        {"two": "2", "b: b": "4"},
    ),
    "tpl": ("data:\n  a: {{ tpl .Values.template . }}\n  b: b\n", {"toy-demo": "2", "b: b": "3"}),
    "a text of an action": (
        'data:\n  a: {{ `{{ x }}` | quote }}\n  b: {{ "}}" | quote }}\n',
        {"{{ x }}": "2", "b: ": "3"},
    ),
    "carriage returns": ("data:\r\n  a: b\r\n  c: {{ .Values.second }}\r\n", {"a: b": "2", "two": "3"}),
    "white space behind": ("data:   \n  a: b  \n", {"a: b": "2"}),
}
VALUES = "second: two\noff: false\nmap: {one: 1x, two: 2x}\ntemplate: 'toy-{{ .Release.Name }}'\n"


def _files() -> dict[str, str]:
    files = {"Chart.yaml": CHART, "values.yaml": VALUES}
    files["templates/_helpers.tpl"] = HELPERS
    for number, (text, _) in enumerate(CASES.values()):
        files[f"templates/t{number}.yaml"] = text + OBJECT.format(f"t{number}")
    return files


@pytest.fixture(scope="module")
def printed(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[StampedText, Resource]]:
    """Give what each template prints with stamps, and what helm makes of it without."""
    folder = tmp_path_factory.mktemp("stamps")
    renderings = Renderings(chart_from(folder / "toy", _files()), tools, (), folder / "runs")
    names = [f"toy/templates/t{number}.yaml" for number in range(len(CASES))]
    texts = renderings.stamped(names).printed(scenario(), tools)
    resources = {resource.template: resource for resource in renderings.of(scenario()).resources}
    return {name: (texts[file], resources[file]) for name, file in zip(CASES, names, strict=True)}


def _short(writer: Writer | None) -> str:
    lines = (writer.line, *writer.calls) if writer else ()
    return " ".join(f"{'h' * line.file.endswith('.tpl')}{line.line}" for line in lines)


# What is made data, and where it is read: who printed each line of the text, and who called that.
ASIDES = {
    "in a variable": ('{{- $x := include "toy.labels" . | fromYaml }}', {"app: toy": "h2 1", "release: demo": "h3 1"}),
    "in front of a block": (
        'a:\n{{- range $key, $value := include "toy.both" (dict "Release" .Release) | fromYaml }}\n{{- end }}',
        {"app: toy": "h2 h11 2", "release: demo": "h3 h11 2", "name: demo-toy": "h12 2"},
    ),
    "where it is printed": (
        'data: {{ include "toy.map" . | fromYaml | toYaml | nindent 2 }}',
        {"first: 1": "h16 1", "second: two": "h17 1"},
    ),
    "nested": (
        'data:\n  {{- include "toy.nested" . | nindent 2 }}',
        {"first: 1": "h16 h22 2", "second: two": "h17 h22 2"},
    ),
    "behind an else": ('{{ if .Values.off }}{{ else if include "toy.map" . | fromYaml }}{{ end }}', {}),
    "of nobody": ('a: {{ include "toy.labels" . | quote }}', {}),
}


@pytest.mark.parametrize("name", ASIDES)
def test_a_text_that_is_made_data_is_read_aside(name: str, tools: Tools, tmp_path: Path) -> None:
    nested = '{{- define "toy.nested" }}\n{{- toYaml (include "toy.map" . | fromYaml) }}\n{{- end }}\n'
    files = {"values.yaml": VALUES, "templates/_helpers.tpl": HELPERS + nested}
    files["templates/a.yaml"] = f"{ASIDES[name][0]}\n{OBJECT.format('a')}"
    renderings = Renderings(chart_from(tmp_path / "toy", files), tools, (), tmp_path / "runs")
    [text] = renderings.stamped(["toy/templates/a.yaml"]).printed(scenario(), tools).values()
    assert go_yaml.load(text.text, name) == renderings.of(scenario()).resources[0].manifest
    lines = {
        line.strip(): _short(aside.writer(aside.text.index(line.strip())))
        for _, aside in text.asides
        for line in aside.text.split("\n")
        if line.strip()
    }
    assert lines == ASIDES[name][1]


@pytest.mark.parametrize("name", CASES)
def test_words_lead_to_their_line(name: str, printed: dict[str, tuple[StampedText, Resource]]) -> None:
    text, resource = printed[name]
    assert go_yaml.load(text.text, name) == resource.manifest
    for words, line in CASES[name][1].items():
        places = [place for place in range(len(text.text)) if text.text.startswith(words, place)]
        assert [(words, _short(text.writer(place))) for place in places] == [(words, line)]


SUBCHARTS = {
    "Chart.yaml": CHART
    + """\
dependencies:
  - {name: db, version: 1.0.0, repository: "", alias: store}
  - {name: db, version: 1.0.0, repository: ""}
  - {name: lib, version: 1.0.0, repository: ""}
""",
    "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
    "charts/lib/templates/_lib.tpl": '{{ define "lib.data" }}\nlib: {{ .Chart.Name }}\n{{ end }}',
    "templates/own/a.yaml": OBJECT.format("own") + 'data: {{- include "lib.data" . | nindent 2 }}\n',
}
DB = {
    "db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "db/templates/deep/a.yaml": OBJECT.format("{{ .Chart.Name }}") + 'data: {{- include "lib.data" . | nindent 2 }}\n',
}


def test_subcharts_packed_renamed_and_libraries(tools: Tools, tmp_path: Path) -> None:
    archive(tmp_path / "toy/charts/db-1.0.0.tgz", DB)
    renderings = Renderings(chart_from(tmp_path / "toy", SUBCHARTS), tools, (), tmp_path / "runs")
    names = [r.template for r in renderings.of(scenario()).resources]
    assert sorted(names) == [
        "toy/charts/db/templates/deep/a.yaml",
        "toy/charts/store/templates/deep/a.yaml",
        "toy/templates/own/a.yaml",
    ]
    paths = ChartPaths(renderings.chart)
    for name, text in renderings.stamped(names).printed(scenario(), tools).items():
        packed = "templates/own/a.yaml" if "own" in name else "charts/db-1.0.0.tgz/templates/deep/a.yaml"
        assert paths.of(name) == packed
        assert text.writer(text.text.index("lib:")) == Writer(
            TemplateLine("charts/lib/templates/_lib.tpl", 2), (TemplateLine(packed, 5),)
        )


def test_a_template_with_letters_of_stamps_has_no_lines(tools: Tools, tmp_path: Path) -> None:
    files = {"templates/a.yaml": OBJECT.format("a") + "data: {a: \ua001}\n", "templates/b.yaml": OBJECT.format("b")}
    renderings = Renderings(chart_from(tmp_path / "toy", files), tools, (), tmp_path / "runs")
    printed = renderings.stamped(["toy/templates/a.yaml", "toy/templates/b.yaml"]).printed(scenario(), tools)
    assert list(printed) == ["toy/templates/b.yaml"]


@pytest.mark.parametrize(
    "text", ["", "a", "{{ a }}", "a {{- /* b */ -}} c{{d}}\n{{", "{{ `}}` }}{{/*", "{{{{", "\n\n{{ a\n}}\n", '{{ "a }}']
)
def test_pieces_make_the_text(text: str) -> None:
    found = list(pieces(text))
    assert "".join(piece.text for piece in found) == text
    lines = [1 + text.count("\n", 0, sum(len(piece.text) for piece in found[:number])) for number in range(len(found))]
    assert [piece.line for piece in found] == lines


@pytest.mark.parametrize(
    ("text", "first", "last", "end"),
    [
        ("a:\n  b: c\n{{- if x }}\n  d: e\n{{- end }}\nf: g\n", 1, 2, 4),
        ("a:\n- b\n- c\nd: e", 1, 2, 3),
        ("- a: 1\n- b: 1\n", 1, 1, 1),
        ("a:\n  b: c\n# about d\n{{- with x }}\nd: e\n", 1, 2, 2),
        ("a:\n  b: c", 1, 2, 2),
        ('a:\n  b: c\n{{- end }}\n{{- define "d" }}\n  e: f', 1, 2, 2),
    ],
)
def test_where_a_block_ends(text: str, first: int, last: int, end: int) -> None:
    assert end_of_block(text, first, last) == end
