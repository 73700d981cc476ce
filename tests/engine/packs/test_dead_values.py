"""Which keys of values.yaml count as dead, which as never reached, and which as neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Rendering, Scenario
from chartgate.packs.kubernetes.keys.values import keys_are_named_in_templates, no_dead_values, values_are_reached
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in
from tests.engine.toys import CHART, chart_from

DEAD = "no_dead_values: no template reads it, and another value changes nothing in any scenario"
IN_VAIN = "values_are_reached: templates/a.yaml:6 reads it, and another value changes nothing in any scenario"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  fixed: x\n"
MATRIX = "chart: .\nrelease: rel\nnamespace: prod\nkube_version: 1.31.0\nscenarios:\n  plain: {}\n"


def found(
    folder: Path, tools: Tools, values: str, template: str, more: str = "", made: list[str] | None = None
) -> dict[str, str]:
    """Give the findings of both policies on a chart of one ConfigMap, by key; `made` gets the scenarios for them."""
    chart = chart_from(
        folder / "toy", {"Chart.yaml": CHART, "values.yaml": values, "templates/a.yaml": CONFIG + template}
    )
    (folder / "toy" / "matrix.yaml").write_text(MATRIX + more)
    matrix = load_matrix(folder / "toy" / "matrix.yaml", chart)
    renderings = Renderings(chart, tools, (), folder / "runs")
    findings = {}
    names = [] if made is None else made

    def of(scenario: Scenario) -> Rendering:
        names.extend([scenario.name] * (scenario.name not in names))
        return renderings.of(scenario)

    for policy in (no_dead_values, values_are_reached):
        [case] = policy.cases(matrix.rendering)
        for finding in judge(policy, case, of).findings:
            findings[finding.path] = f"{policy.name}: {finding.actual}"
    return findings


@pytest.mark.parametrize(
    ("values", "template", "more"),
    [
        ("a: red", "  a: {{ .Values.a }}", ""),
        # Shown by one scenario only, or when a switch or a condition is set.
        ("a: 1\nb: ''", "  a: {{ .Values.b | default .Values.a | quote }}", ""),
        ("hpa: {enabled: false}\na: 2", "{{ if not .Values.hpa.enabled }}  a: {{ .Values.a | quote }}{{ end }}", ""),
        ("show: false\na: red", "{{ if .Values.show }}  a: {{ .Values.a }}{{ end }}", ""),
        ('kind: x\na: red', '{{ if eq .Values.kind "y" }}  a: {{ .Values.a }}{{ end }}', ""),
        (
            "probe: {a: red}\nkind: x",
            '{{ if eq .Values.kind (list "z" | first) }}  a: {{ .Values.probe.a }}{{ end }}',
            "  other: {values: {kind: z}}\n",
        ),
        ("a: {b: red}", "  a: {{ with .Values.a }}{{ .b | upper }}{{ end }}", ""),
        ("a: []\nb: {}\nc: ''", "  a: {{ toJson .Values.a | quote }}\n  b: {{ len .Values.b }}x{{ .Values.c }}", ""),
        ("a: red", "{{ if ne .Values.a \"red\" }}{{ fail \"only red\" }}{{ end }}", ""),
        # A chart above may ask for it in a condition.
        ("a: red\nenabled: true", "  a: {{ .Values.a }}", ""),
        ("a: 7\nb: 1.5\nc: true", "  a: \"{{ .Values.a }}{{ .Values.b }}\"\n  c: \"{{ .Values.c }}\"", ""),
        # A text of the values may be rendered where no scenario shows it.
        ("a: red\nb: 'b{{ if eq .Release.Name \"x\" }}{{ .Values.a }}{{ end }}'", "  a: {{ tpl .Values.b . }}", ""),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_key_with_an_effect_somewhere(tmp_path: Path, tools: Tools, values: str, template: str, more: str) -> None:
    assert found(tmp_path, tools, values, template, more) == {}


@pytest.mark.parametrize(
    ("values", "template", "expected"),
    [
        (
            "a: red",
            "",
            {"a": DEAD},
        ),
        (
            "colour: red",
            "  a: {{ .Values.color | quote }}",
            {"colour": f"{DEAD}; color is read, and not in values.yaml"},
        ),
        (
            "a: red",
            '{{ if eq .Release.Name "other" }}  a: {{ .Values.a }}{{ end }}',
            {
                "a": 'values_are_reached: never reached: no scenario has `if eq .Release.Name "other"`,'
                " under which templates/a.yaml:6 reads it"
            },
        ),
        # One condition is told once, and what reads the section itself says more than what reads all around it.
        (
            "p: {name: x, hook: {url: a, port: 1, path: b, size: 2}, more: c}",
            '  a: {{ if eq (typeOf .Values.p) "string" }}{{ .Values.p }}{{ else }}{{ .Values.p.name }}{{ end }}\n'
            "{{ if eq .Values.p.name (.Release.Name | upper) }}{{ with .Values.p.hook }}"
            '  b: {{ printf "%v" .url }}{{ .port }}{{ .path }}{{ .size }}{{ end }}{{ end }}\n'
            "  c: {{ .Values.p.more }}",
            {
                "p.hook": "values_are_reached: never reached: no scenario has"
                " `if eq .Values.p.name (.Release.Name | upper)`,"
                " under which templates/a.yaml:7 reads p.hook.url, p.hook.port, p.hook.path and 1 more"
            },
        ),
        # Two keys that are tried in another scenario: where one hides the other, not in one rendering.
        (
            "p: {a: '', hide: ''}\nkind: x",
            '{{ if eq .Values.kind (list "z" | first) }}{{ with .Values.p }}'
            "{{ if and .a (not .hide) }}  a: b{{ end }}{{ end }}{{ end }}\n  kind: {{ .Values.kind }}",
            {
                "p.hide": 'values_are_reached: never reached: no scenario has `if eq .Values.kind (list "z" | first)`,'
                " under which templates/a.yaml:6 reads it"
            },
        ),
        ("a: true", "  a: {{ if .Values.a }}b{{ else }}b{{ end }}", {"a": IN_VAIN}),
        ("p: {enabled: true}", "", {"p.enabled": DEAD}),
        # `default_keeps_false` tells this, by its cause.
        ("a: true", "  a: {{ .Values.a | default true | quote }}", {}),
    ],
    ids=range(8),
)
def test_a_key_without(tmp_path: Path, tools: Tools, values: str, template: str, expected: dict[str, str]) -> None:
    more = "  most: {values: {kind: w, p: {}}}\n  other: {values: {kind: z}}\n" if "kind: x" in values else ""
    assert found(tmp_path, tools, values, template, more) == expected


def test_what_no_scenario_reaches_is_tried_together(tmp_path: Path, tools: Tools) -> None:
    template = '{{ if eq .Values.kind (list "z" | first) }}{{ with .Values.p }}  a: {{ .a }}{{ .b }}{{ .c }}{{ end }}'
    made: list[str] = []
    findings = found(
        tmp_path,
        tools,
        "p: {a: x, b: x, c: x, d: x}\nkind: x",
        template + "\n  d: {{ .Values.p.d }}{{ end }}",
        "  most: {values: {kind: v, p: {}}}\n  other: {values: {kind: w}}\n",
        made,
    )
    assert findings.keys() == {"p"}
    elsewhere = [name.rpartition("-")[0] for name in made if name.startswith(("plain.", "other."))]
    assert elsewhere == ["plain.changed.p.a+3", "other.changed.p.a+3"]


@pytest.mark.parametrize(
    ("template", "mounted", "found"),
    [
        ("{{ toYaml .Values | b64enc }}", "all", set()),
        ("{{ toYaml .Values | b64enc }}", "other", {"b", "c", "d"}),  # it is only shown
        ("{{ toYaml .Values.a | b64enc }}", "all", {"b", "c", "d"}),
    ],
)
def test_who_gives_a_program_all_values_lets_it_read_them(
    template: str, mounted: str, found: set[str], tmp_path: Path, tools: Tools
) -> None:
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: all}}\ndata: {{values.yaml: {template}}}\n"
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: hub}\nspec:\n  containers: [{name: hub}]\n"
        f"  volumes: [{{name: config, secret: {{secretName: {mounted}}}}}]\n"
    )
    files = {"templates/all.yaml": f"{secret}---\n{pod}", "values.yaml": "a: 1\nb: 2\nc: 3\nd: 4\n"}
    findings = findings_in(keys_are_named_in_templates, files, tmp_path, tools)
    assert {finding.path for finding in findings} - {"a"} == found


def test_the_library_of_a_chart_above_reads_it(tmp_path: Path, tools: Tools) -> None:
    library = "charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"
    files = {
        "charts/lib/templates/_a.tpl": '{{ define "lib.a" }}{{ .Values.a }}{{ end }}',
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/values.yaml": "a: 1\nb: 2\n",
        "charts/web/templates/a.yaml": f'{CONFIG}  a: {{{{ include "lib.a" . | quote }}}}\n',
    }
    found = findings_in(keys_are_named_in_templates, {**files, **dict([library])}, tmp_path, tools)
    assert [finding.path for finding in found] == ["web.b"]


def test_globals_that_a_chart_hands_to_its_subchart(tmp_path: Path, tools: Tools) -> None:
    files = {
        "values.yaml": "web: {global: {a: 1, b: 2}}\n",
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/a.yaml": f"{CONFIG}  a: {{{{ .Values.global.a | quote }}}}\n",
    }
    found = findings_in(keys_are_named_in_templates, files, tmp_path, tools)
    assert [finding.path for finding in found] == ["web.global.b"]


OF_A_LIBRARY = '{{ define "lib.security" }}{{ $given := .given }}{{ omit $given "enabled" | toYaml }}{{ end }}'
OF_ANY_VALUES = '{{ define "lib.probe" }}{{ $probe := dig "ready" (dict) .app.probe }}{{ toYaml $probe }}{{ end }}'


@pytest.mark.parametrize(
    ("template", "library", "values"),
    [
        ("""{{ tpl "{{ .Values.a }}://{{ .Values.b }}" . | b64enc }}""", "", "a: x\nb: y\nc: z\n"),
        (
            '{{ if .Values.a.enabled }}{{ include "lib.security" (dict "given" .Values.a) | quote }}{{ end }}',
            OF_A_LIBRARY,
            "a: {enabled: true, runAsUser: 1}\nc: z\n",
        ),
        (
            '{{ $app := .Values }}{{ include "lib.probe" (dict "app" $app) | quote }}',
            OF_ANY_VALUES,
            "probe: {ready: {delay: 1}}\nc: z\n",
        ),
    ],
    ids=["a_text_that_it_renders", "a_section_put_into_a_variable", "all_values_under_another_name"],
)
def test_a_key_is_read_through(template: str, library: str, values: str, tmp_path: Path, tools: Tools) -> None:
    files = {"templates/a.yaml": f"{CONFIG}  a: {template}\n", "templates/_l.tpl": library, "values.yaml": values}
    assert [finding.path for finding in findings_in(keys_are_named_in_templates, files, tmp_path, tools)] == ["c"]
