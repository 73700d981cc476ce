"""Which switches are left off, since the chart refuses them in words beside the values that it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.template_texts.expressions import is_true
from chartgate.commands.main import main
from chartgate.gate.declared import answers_of, demanding
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from, wrapper

VALUES: dict[str, Any] = {"a": {"enabled": True, "name": ""}, "b": {"enabled": False}, "kind": "web", "list": [1]}


@pytest.mark.parametrize(
    ("block", "truth"),
    [
        ("if .Values.a.enabled", True),
        ("if not $.Values.a.name", True),
        ("not if .Values.a.enabled", False),
        ("if and .Values.a.enabled (not (or .Values.a.name .Values.b.enabled))", True),
        ("if and .Values.b.enabled (include `x` .)", False),
        ("if or .Values.b.enabled (include `x` .)", None),
        ('if eq .Values.kind "web"', True),
        ('if ne .Values.kind "web"', False),
        ('if eq "web" .Values.kind', True),
        ("with .Values.list", True),
        ("if empty .Values.gone", True),
        ("if .Values.a.name | default true", None),
        ("range .Values.list", None),
        ("if hasKey .Values.a `name`", None),
        (f"if {'(' * 50}.Values.a.enabled{')' * 50}", None),
    ],
)
def test_conditions_by_the_values(block: str, truth: bool | None) -> None:
    assert is_true(block, VALUES) is truth


_SECTIONS = {
    "tls": {"enabled": False, "secretName": "", "mode": "", "size": ""},
    "auth": {"enabled": False, "users": {}},
}


@pytest.mark.parametrize(
    ("template", "changes"),
    [
        ("{{ if .Values.auth.enabled }}a{{ end }}", {"tls.enabled": True, "auth.enabled": True}),
        # A name that is required is given; what else is required, and what is refused, stays off.
        (
            '{{ if .Values.tls.enabled }}{{ required "needed" .Values.tls.secretName }}{{ end }}',
            {"tls.secretName": "given", "tls.enabled": True, "auth.enabled": True},
        ),
        (
            '{{ if .Values.tls.enabled }}{{ required "needed" .Values.tls.mode }}{{ end }}',
            {"auth.enabled": True},
        ),
        (
            '{{ if .Values.tls.enabled }}{{ if not .Values.tls.size }}{{ fail "a size!" }}{{ end }}{{ end }}',
            {"tls.size": "1Gi", "tls.enabled": True, "auth.enabled": True},
        ),
        (
            '{{ if .Values.auth.enabled }}{{ if not .Values.auth.users }}{{ fail "users!" }}{{ end }}{{ end }}',
            {"tls.enabled": True},
        ),
        (
            '{{ if and .Values.auth.enabled .Values.tls.enabled }}{{ fail "one of both" }}{{ end }}',
            {"tls.enabled": True},
        ),
        (
            '{{ if and .Values.auth.enabled (include "odd" .) }}{{ fail "odd" }}{{ end }}',
            {"tls.enabled": True, "auth.enabled": True},
        ),
    ],
)
def test_all_switches_that_are_not_refused_are_on(template: str, changes: dict[str, Any], tmp_path: Path) -> None:
    files = {"values.yaml": json.dumps(_SECTIONS), "templates/a.yaml": template}
    on = all_on(list(conventional_matrix(chart_from(tmp_path / "toy", files)).scenarios.values()))
    assert on is not None
    assert dict(on.changes) == changes


_AT = "Error: execution error at (toy/templates/a.yaml:1:4): "


@pytest.mark.parametrize(
    ("template", "refusals", "off"),
    [
        ('{{ fail "" }}', [], set()),
        # Whatever helm says, it is asked only where some template may refuse values, and a crash is no refusal.
        ("a: {{ .Values.tls.mode }}", [f"{_AT}tls.enabled"], set()),
        ('{{ fail "" }}', ["Error: YAML parse error on toy/templates/a.yaml: tls.enabled"], set()),
        # What the words name, all of it; else the section of a key that they name.
        ('{{ fail "" }}', [f"{_AT}toy: `tls.enabled`\n  and auth.enabled"], {"tls.enabled", "auth.enabled"}),
        ('{{ fail "" }}', [f"{_AT}set tls.secretName"], {"tls.enabled"}),
        ('{{ fail "" }}', [f"{_AT}set tls.secretName", f"{_AT}set auth.users"], {"tls.enabled", "auth.enabled"}),
        # What writes the words, else what stands in the line: by conditions, keys, and variables of a definition.
        ('{{ if .Values.tls.enabled }}{{ include "x" . }}{{ end }}{{ fail "" }}', [f"{_AT}no"], {"tls.enabled"}),
        (
            '{{ if .Values.tls.enabled }}{{ include "x" . }}{{ end }}\n{{ if .Values.auth.enabled }}'
            '{{ $said = append $said "users are needed" }}{{ end }}{{ fail (join "" $said) }}',
            [f"{_AT}VALUES VALIDATION:\nusers are needed"],
            {"auth.enabled"},
        ),
        (
            '{{ define "x" }}{{ $n := .Values.auth.users }}\n{{ if $n }}{{ fail "one of the two" }}{{ end }}{{ end }}',
            [f"{_AT}one of the two"],
            {"auth.enabled"},
        ),
        # What nobody can tell, and what is refused whatever is off.
        ('{{ fail "" }}', [f"{_AT}no"], set()),
        ('{{ fail "" }}', ["Error: execution error at (toy/templates/b.yaml:1:4): tls.enabled"], set()),
    ],
)
def test_what_helm_refuses_in_words_is_off(template: str, refusals: list[str], off: set[str], tmp_path: Path) -> None:
    files = {"values.yaml": json.dumps(_SECTIONS), "templates/a.yaml": template}
    matrix, said = conventional_matrix(chart_from(tmp_path / "toy", files)), iter(refusals)
    words = answers_of(matrix, lambda _: next(said, ""))
    on = all_on(demanding(matrix, Settings(), words).rendering)
    assert (on is None and len(off) == 2) or (
        on is not None and set(on.changes) == {"tls.enabled", "auth.enabled"} - off
    )


@pytest.mark.usefixtures("helm_asked_once")
@pytest.mark.parametrize(
    ("policy", "is_asked"),
    [("labels_are_cut_to_their_length", False), ("turned_switches_leave_it_whole", True)],
    ids=["the chart's files", "pairs"],
)
def test_helm_is_asked_where_a_policy_derives(policy: str, is_asked: bool, tmp_path: Path, tools: Tools) -> None:
    object_ = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
    template = f'{object_}{{{{ if .Values.none }}}}{{{{ fail "none" }}}}{{{{ end }}}}'
    chart = chart_from(tmp_path / "toy", {"values.yaml": json.dumps(_SECTIONS), "templates/a.yaml": template})
    helm = wrapper(tmp_path / "wrapped", tools.helm)
    options = [f"--chart={chart.source}", "--policies=kubernetes", f"--helm={helm.path}", "--no-cache"]
    assert main(["check", policy, *options]) == 0
    assert bool(helm.starts("template")) is is_asked


@pytest.mark.parametrize(
    ("files", "given"),
    [
        ({"a.yaml": '{{ required "a token" .Values.token }}'}, {"token": "given-token"}),
        (
            {"a.yaml": '{{ .Values.web.host | required (printf "%s" "a host") }}'},
            {"web": {"host": "given.example.com"}},
        ),
        ({"a.yaml": '{{ if not .Values.token }}{{ fail "a token" }}{{ end }}'}, {"token": "given-token"}),
        (
            {"_a.tpl": '{{ define "a" }}{{ required "" .Values.token }}{{ end }}', "b.yaml": '{{ include "a" . }}'},
            {"token": "given-token"},
        ),
        (
            {"a.yaml": '{{ tpl (.Files.Get "login.conf") . }}', "../login.conf": '{{ required "" .Values.token }}'},
            {"token": "given-token"},
        ),
        (
            {"a.yaml": '{{ if not (or .Values.existing .Values.token) }}{{ fail "either" }}{{ end }}'},
            {"token": "given-token"},
        ),
        # What nothing includes, or is under a condition; what is there; what is no text; what the schema refuses.
        ({"_a.tpl": '{{ define "a" }}{{ required "" .Values.token }}{{ end }}'}, {}),
        ({"a.yaml": '{{ if .Values.later }}{{ required "" .Values.token }}{{ end }}'}, {}),
        ({"a.yaml": '{{ if include "x" . }}{{ required "" .Values.token }}{{ end }}'}, {}),
        ({"a.yaml": '{{ required "" .Values.kind }}'}, {}),
        ({"a.yaml": '{{ required "" .Values.web }}{{ .Values.web.list }}'}, {}),
        (
            {
                "a.yaml": '{{ required "" .Values.token }}',
                "../values.schema.json": '{"properties": {"token": {"type": "integer"}}}',
            },
            {},
        ),
        ({"a.yaml": '{{ required "" .Values.token }}', "../ci/a-values.yaml": "{}"}, {}),
    ],
)
def test_what_is_required_at_all_is_given(files: dict[str, str], given: dict[str, Any], tmp_path: Path) -> None:
    written = {"values.yaml": 'token: ""\nkind: web\nlater: false\nexisting: ""\n'} | {
        name.removeprefix("../") if name.startswith("../") else f"templates/{name}": text
        for name, text in files.items()
    }
    matrix = conventional_matrix(chart_from(tmp_path / "toy", written))
    [scenario] = matrix.rendering
    assert scenario.overrides == given
    assert matrix.source.endswith(", with an example of token") is (list(given) == ["token"])


def test_monitors_are_rendered_where_all_is_on(tmp_path: Path) -> None:
    asks = "".join(f'{{{{ .Capabilities.APIVersions.Has "{name}" }}}}' for name in ("monitoring.coreos.com/v1", "a/v1"))
    files = {"values.yaml": json.dumps(_SECTIONS), "templates/a.yaml": asks}
    on = all_on(list(conventional_matrix(chart_from(tmp_path / "toy", files)).scenarios.values()))
    assert on is not None
    assert on.api_versions == ("monitoring.coreos.com/v1",)
