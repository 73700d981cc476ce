"""From an error of helm's, or of a hook, to the line of the chart's source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chartgate.commands import check_command
from chartgate.commands.progress import Progress
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.addresses_beside import address_in_other
from chartgate.gate.telling.said_lines import SaidLines
from chartgate.gate.telling.unparsed_lines import UnparsedLines
from chartgate.model import Resource, Scenario
from tests.engine.toys import CHART, write
from tests.engine.written_lines import found, words, written_chart


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the chart, and work there."""
    written_chart(tmp_path, [("Deployment", "web", "")])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"templates/a.yaml": "\n{{ fail .Values.replicas }}\n"}, "a.yaml:2"),
        ({"templates/a.yaml": "\n\n{{ nosuchfunction }}\n"}, "a.yaml:3"),
        ({"templates/a.yaml": "a: b\n{{ if }}\n"}, "a.yaml:2"),
        (
            {"templates/a.yaml": "{{ if . }}\n{{ with . }}{{ end }}\n{{ with . }}\n{{ end }}\n"},
            "a.yaml:3 with a.yaml:1",
        ),
        (
            {
                "templates/_b.tpl": '{{ define "b" }}\n{{ .Values.x.y.z }}{{ end }}',
                "templates/a.yaml": 'a: b\nc: {{ include "b" . }}\n',
            },
            "_b.tpl:2, called from toy/templates/a.yaml:2",
        ),
        (
            {
                "templates/_b.tpl": '{{ define "b" }}\n{{ fail "the web server has no port" }}{{ end }}',
                "templates/a.yaml": '{{ if .Values.replicas }}\nc: {{ include "b" . }}\n{{ end }}',
            },
            "_b.tpl:2 with a.yaml:1, called from toy/templates/a.yaml:2",
        ),
        ({"templates/a.yaml": "kind: A\napiVersion: v1\nmetadata:\n  name: a\n   b: c\n"}, "a.yaml:4-5"),
        (
            {
                "templates/_b.tpl": '{{ define "b" }}\na: b\n c: d\n{{ end }}',
                "templates/a.yaml": 'kind: A\n{{ with .Values.replicas }}\n{{ end }}{{ include "b" . }}\n',
            },
            "_b.tpl:2-3, called from toy/templates/a.yaml:3",
        ),
        (
            {
                "templates/_b.tpl": '{{ define "b" }}\nc:\n- d\n{{ end }}',
                "templates/a.yaml": 'kind: A\nspec:\n  a:\n  {{- include "b" . | nindent 5 }}\n   f: g\n',
            },
            "a.yaml:4-5",
        ),
        (
            {
                "templates/_b.tpl": '{{ define "b" }}\na: b\n c: d\n{{ end }}',
                "templates/a.yaml": 'kind: A\nb:{{ ( include "b" . | trim ) | nindent 2 }}\n',
            },
            "_b.tpl:2-3, called from toy/templates/a.yaml:2",
        ),
        ({"templates/a.yaml": "kind: A\nspec:\n    a:\n      b: c\n   d: e\n"}, "a.yaml:4-5"),
        ({"templates/a.yaml": "kind: A\nspec:\n  a:\n  b:\n      c: d\n    e: f\n"}, "a.yaml:4-6"),
        (
            {
                "templates/a.yaml": "kind: A\nspec:\n  a:\n  {{- if .Values.replicas }}\n     b: c\n  {{- end }}\n"
                "  {{- if .Values.nothing }}\n  d: e\n  {{- end }}\n   f: g\n"
            },
            "a.yaml:10 with a.yaml:5, a.yaml:4",
        ),
        ({"templates/a.yaml": 'kind: A\nspec:\n  a: "b\n  c: d\n  e:\n    f: "g"\n'}, "a.yaml:3"),
        ({"templates/a.yaml": 'kind: A\nspec:\n  a: "b"\n  c: \'d\n  e: "f"\n'}, "a.yaml:4"),
        (
            {
                "templates/_b.tpl": '{{ define "toy.frontent" }}a: b{{ end }}{{ define "toy.front" }}a: b{{ end }}',
                "templates/a.yaml": 'a: b\nc: {{ include "toy.frontend" . }}\n',
            },
            "a.yaml:2; see also _b.tpl:1",
        ),
        ({"templates/a.yaml": 'a: b\nc: {{ include "toy.pods" . }}\n'}, "a.yaml:2"),
        (
            {
                "templates/_b.tpl": '{{/* no end }}\n{{ define "toy.lost" }}{{ end }}{{/* one */}}',
                "templates/a.yaml": 'a: b\nc: {{ include "toy.lost" . }}\n',
            },
            "a.yaml:2; see also _b.tpl:1",
        ),
        ({"templates/a.yaml": "# b\n\n---\nkind: A\n---\n- kind: B\n"}, "a.yaml:6"),
        (
            {"templates/_b.tpl": '{{ define "b" }}a{{ end }}', "templates/a.yaml": '\n{{ include "b" . }}\n'},
            "_b.tpl:1, called from toy/templates/a.yaml:2",
        ),
        ({"templates/a.yaml": "kind: A\nmetadata:\n  name: a\n  annotations:\n    b: c\n    d: [e]\n"}, "a.yaml:6"),
        ({"templates/a.yaml": "kind: A\nmetadata:\n  name: {a: b}\n"}, "a.yaml:3"),
        ({"values.schema.json": '{"required": ["x"]}'}, "nobody knows"),
        ({"Chart.yaml": f"{CHART}kubeVersion: '>=1.99'\n"}, "toy/Chart.yaml:4"),
        (
            {"values.schema.json": '{"properties": {"labels": {"required": ["a"], "additionalProperties": false}}}'},
            "toy/values.yaml:4",
        ),
        (
            {"values.schema.json": '{"properties": {"labels": {"properties": {"app": {"type": "integer"}}}}}'},
            "toy/values.yaml:4",
        ),
    ],
)
def test_what_helm_complains_of(
    files: dict[str, str], line: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project / "toy", files)
    [problem] = found(capsys)["problems"]
    assert words(problem["written"]) == line


CALLER = 'a: b\nc: {{ include "b" . }}\n'
BEGIN, END = '{{ define "b" }}\n{{ if .Values.replicas }}\n', "\n{{ end }}{{ end }}\n"
REFUSED, ALONE = "_b.tpl:3 with _b.tpl:2, called from toy/templates/a.yaml:2", "a.yaml:2"
WORDS = '{{ define "toy.words" }}\nthe web server of {{ .Release.Name }} has no port{{ end }}'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{{ fail (printf "%s is no number of  pods, %d%%" "a" 7) }}', REFUSED),
        ('{{ required `the key "nothing" is empty` "" }}', REFUSED),
        ('{{ $r := append list "the web server has no port" }}{{ fail (join "\\n" $r) }}', REFUSED),
        ('{{ fail "the web server has no port" }}{{ fail "the web server has no port" }}', REFUSED),
        (
            '{{ fail "the web server has no port" }}\n{{ fail "the web server has no port" }}',
            "a.yaml:2; see also _b.tpl:3, _b.tpl:4",
        ),
        ('{{ fail "no port" }}', REFUSED),
        ('{{ fail "" }}{{ if false }}{{ fail "another" }}{{ end }}', REFUSED),
        ('{{ $r := append list .Values.nothing }}{{ required "" "" }}', REFUSED),
        ('{{ fail (include "toy.words" .) }}', "_c.tpl:2 with _b.tpl:3, _b.tpl:2, called from toy/templates/a.yaml:2"),
        (
            '{{ fail "the web server has no port while labels.app is set, and privileged.x is not" }}',
            f"{REFUSED}; see also toy/values.yaml:4",
        ),
        (
            '{{ $x := .Values.nothing }}{{ $y := 1 }}\n{{ $y }}\n{{ index $x "a" }}',
            "_b.tpl:5 with _b.tpl:3, called from toy/templates/a.yaml:2",
        ),
        (
            '{{ $y := .Values.replicas }}{{ $x := .Values.lables }}\n{{ index $x "a" $y }}',
            "_b.tpl:3 with _b.tpl:4, called from toy/templates/a.yaml:2; it prints labels at toy/values.yaml:3",
        ),
        (
            "{{ .Values.lables.app }}",
            "_b.tpl:3, called from toy/templates/a.yaml:2; it prints labels at toy/values.yaml:3",
        ),
    ],
)
def test_where_a_named_template_stops(text: str, line: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Helm names the file alone that is printed, where a template refuses in its own words."""
    write(project / "toy/templates", {"_b.tpl": f"{BEGIN}{text}{END}", "_c.tpl": WORDS, "a.yaml": CALLER})
    [problem] = found(capsys)["problems"]
    assert words(problem["written"]) == line


def test_where_helm_stops_is_told_once_whatever_calls_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = '{{ define "b" }}{{ .Values.lables.app }}{{ end }}{{ define "c" }}\n{{ include "b" . }}{{ end }}'
    way = 'a: {{ if .Values.far }}{{ include "c" . }}{{ else }}{{ include "b" . }}{{ end }}\n'
    matrix = "chart: toy\nrelease: a\nnamespace: default\nscenarios: {one: {values: {far: true}}, two: {}}\n"
    write(project, {"matrix.yaml": matrix, "toy/templates/_b.tpl": named, "toy/templates/a.yaml": way})
    [problem] = found(capsys, "--matrix=matrix.yaml")["problems"]
    assert sorted(problem["cases"]) == ["one", "two"]
    at = "_b.tpl:1, called from toy/templates/a.yaml:1"
    assert words(problem["written"]) == f"{at}; it prints labels at toy/values.yaml:3"


HOOK = """
---
apiVersion: batch/v1
kind: Job
metadata: {name: patch}
spec:
  template:
    spec:
      containers:
        - name: patch
          env:
            - name: TARGET
              value: app.kubernetes.io/instance={{ .Release.Name }}
"""


@pytest.mark.parametrize(
    ("variable", "line"),
    [
        ("TARGET", "hook.yaml:12"),
        ("OTHER", "around hook.yaml:11-13"),
        ("APP", "hook.yaml:12; see also web.yaml:5-6"),
    ],
)
def test_a_hook_that_fails_alike_in_all_releases_is_told_once_with_its_line(
    variable: str, line: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hooks = "after_hooks: [{job: patch, patch_file: PATCH, target: TARGET}]"
    scenarios = 'scenarios: {"one": {}, "two": {release: b, namespace: shop}}'
    matrix = f"chart: toy\nrelease: a\nnamespace: default\n{hooks}\n{scenarios}\n"
    hook = (
        HOOK.replace("app.kubernetes.io/instance={{ .Release.Name }}", "app=web,tier=a") if variable == "APP" else HOOK
    )
    hook = hook.replace("TARGET", "OTHER" if variable == "OTHER" else "TARGET")
    write(project, {"matrix.yaml": matrix, "toy/templates/hook.yaml": hook})
    [problem] = found(capsys, "--matrix=matrix.yaml")["problems"]
    assert (problem["kind"], problem["cases"]) == ("renders", ["one", "two"])
    assert words(problem["written"]) == line


MATRIX = """\
chart: toy
release: a
namespace: default
scenarios: {base: {}}
refusals:
  no_way: {stderr: ["nope"]}
external:
  - {kind: Secret, name: other, reason: somebody makes it}
  - kind: Secret
    name: never
    reason: somebody makes it
  - {kind: Namespace, name: never, reason: somebody makes it}
nothing_to_examine:
  nothing_is_right: It has a policy that looks at the chart.
waivers:
  - {policy: nothing_is_right, path: "nowhere", reason: fine, owner: me, expires: 2999-01-01}
  - policy: nothing_is_right
    path: "nowhere"
    reason: fine
    owner: me
    expires: 2020-01-01
"""


def test_what_the_matrix_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that nothing fits is told with its line, that of the day for one which has expired."""
    write(project, {"matrix.yaml": MATRIX})
    report = found(capsys, "--matrix=matrix.yaml", "--policies=kubernetes")
    assert {problem["subject"] or problem["cases"][0]: words(problem["written"]) for problem in report["problems"]} == {
        "no_way": "matrix.yaml:6",
        "nothing_is_right": "matrix.yaml:14",
        "nothing_is_right-1": "matrix.yaml:16",
        "nothing_is_right-2": "matrix.yaml:21",
    }
    told = {
        finding["path"]: words(finding["written"]) for finding in report["findings"] if finding["resource"] == "matrix"
    }
    assert told == {
        "external[Secret other]": "matrix.yaml:8",
        "external[Secret never]": "matrix.yaml:9",
        "external[Namespace never]": "matrix.yaml:12",
    }


def test_what_chart_yaml_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project / "toy", {"Chart.yaml": f"{CHART}appVersion: 1.10\nkubeVersion: '>=1.20'\n"})
    findings = found(capsys, "--policies=kubernetes")["findings"]
    told = {finding["path"]: words(finding["written"]) for finding in findings if finding["resource"] == "Chart.yaml"}
    assert told == {"appVersion, line 4": "toy/Chart.yaml:4", "kubeVersion of toy": "toy/Chart.yaml:5"}


@pytest.mark.parametrize("line", [0, 4])
def test_a_line_that_is_no_yaml_with_several_values_is_that_of_the_finding(
    line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Written(SourceLine("toy/templates/web.yaml", 9, 9))
    monkeypatch.setattr(UnparsedLines, "line", lambda *_: broken)
    said = "toy/templates/web.yaml no longer renders: error converting YAML to JSON"
    finding: Any = SimpleNamespace(actual=said)
    known, scenario = Written(SourceLine("toy/values.yaml", line, line)), cast(Scenario, finding)
    told = UnparsedLines.__new__(UnparsedLines).added(known, finding, scenario)
    assert told == (dataclasses.replace(known, parts=(broken.by,)) if line else broken)


_PLUGINS = """\
sub:
  plugins:
    - package: oci://shop/chat:1.0!chat
      disabled: false
    - package: oci://shop/chat-backend:1.0!chat-backend
      disabled: true
    - {package: other}
"""


@pytest.mark.parametrize(
    ("path", "actual", "line"),
    [
        ("plugins.chat.disabled", False, 4),
        ("plugins.chat-backend.disabled", True, 6),
        ("plugins.chat.disabled", True, 0),
        ("plugins.shop.disabled", False, 4),
        ("plugins.other.disabled", False, 7),
        ("plugins.chat.config.port", 80, 3),
        ("$ in words", False, 0),
        ("plugins", [{"package": "other"}, {"package": "known"}], 7),
        ("plugins", [{"package": "another"}, {"package": "known"}], 0),
        ("plugins", [{"package": "other", "disabled": "oci://shop/chat:1.0!chat"}], 0),
    ],
)
@pytest.mark.parametrize("file", ["values.yaml", "charts/sub/values.yaml"])
def test_which_item_of_a_list_in_the_values_says_it(path: str, actual: object, line: int, file: str) -> None:
    text = _PLUGINS if file == "values.yaml" else _PLUGINS.replace("sub:\n", "\n").replace("\n  ", "\n")
    paths: Any = SimpleNamespace(contents=[file], shown=lambda path: path, text=lambda _: text)
    key_at = SourceLine(file, 2, 7)
    finding: Any = SimpleNamespace(path=path, actual=actual, expected=[{"package": "known"}])
    found = SaidLines(cast(Any, None), paths).in_block("sub.plugins", key_at, finding)
    assert (found.line if found else 0) == line


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "toy/templates/web.yaml:1-20: nothing_is_right: Deployment default/web (apps/v1)"),
        ({"templates/a.yaml": "\n{{ fail .Values.replicas }}\n"}, "toy/templates/a.yaml:2: defaults: Error: "),
    ],
)
def test_what_was_found_first_is_told_with_its_line_while_the_run_goes_on(
    files: dict[str, str], told: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []

    class Recorded(Progress):
        def __call__(self, done_word: str, done: int, of: int, found: Callable[[], str] = str) -> None:
            shown.append(found())
            super().__call__(done_word, done, of, found)

    write(project / "toy", files)
    monkeypatch.setattr(check_command, "Progress", Recorded)
    found(capsys)
    assert shown[-1].startswith(told)
    assert len(set(filter(None, shown))) == 1


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("db, which is 5433 of Deployment db", "spec.template.spec.containers[db].ports[db].containerPort"),
        ("db, which is 5434 of Deployment db", "spec.ports"),
        ("db, which is 5433 of Deployment other", "spec.ports"),
        ("Deployment db has db-tokenx, db-user, not db-token", "data.db-tokenx"),
        ("Deployment db has db-tokenx, db-user, not zzz", "spec.ports"),
        ("Deployment other has db-tokenx, db-user, not db-token", "spec.ports"),
    ],
)
def test_which_port_of_a_pod_or_key_of_a_secret_is_named(said: str, address: str) -> None:
    pod = {"containers": [{"name": "db", "ports": [{"name": "db", "containerPort": 5433}]}]}
    manifest = {"kind": "Deployment", "metadata": {"name": "db"}, "spec": {"template": {"spec": pod}}}
    manifest["data"] = {"db-user": "a", "db-tokenx": "b"}
    other = Resource(manifest, "shop", "toy/templates/db.yaml")
    assert address_in_other("spec.ports", other, said, is_called_alike=True) == address
