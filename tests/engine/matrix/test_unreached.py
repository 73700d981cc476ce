"""What templates render under several conditions at once: which values lead there, and what is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.unreached import unreached
from chartgate.packs.kubernetes.options.several_values import what_several_values_bring_is_whole
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in
from tests.engine.toys import chart_from

_VALUES = """
kind: deployment
tls: {enabled: false, from: certManager, port: "", secretName: ""}
users: []
# - name: ann
#   mail: "{{ .Values.mail }}"
names: []
rights: {all: true, some: false}
namespaces: []
existingSecret: ""
claim: {size: 1Gi}
  # class: "-"
"""
_BOTH = '{{ if and .Values.tls.enabled (eq .Values.tls.from "secret") }}%s{{ end }}'
_CHANGED = {"tls.enabled": True, "tls.from": "secret"}


@pytest.mark.parametrize(
    ("template", "changes"),
    [
        (_BOTH % "a: b", [_CHANGED]),
        # What is printed there is given as well, by its name; what is in a condition beside it comes along.
        (_BOTH % "a: {{ .Values.tls.port }}", [{**_CHANGED, "tls.port": 6443}]),
        (
            _BOTH % "{{ if not .Values.rights.all }}a: b{{ end }}{{ if .Values.tls.secretName }}a: c{{ end }}",
            [{**_CHANGED, "rights.all": False, "tls.secretName": "given"}],
        ),
        # What is required there, and what is refused where it is empty.
        (
            _BOTH % '{{ if not .Values.tls.secretName }}{{ fail "a secret" }}{{ end }}',
            [{**_CHANGED, "tls.secretName": "given"}],
        ),
        # Two that do not go together.
        (
            _BOTH
            % "{{ if .Values.rights.some }}a: b{{ else }}{{ range .Values.names }}{{ $.X }}: {{ . }}{{ end }}{{ end }}",
            [{**_CHANGED, "names": ["filled", "filled-too"]}, {**_CHANGED, "rights.some": True}],
        ),
        (
            "{{ if not .Values.rights.all }}{{ range .Values.namespaces }}a: b{{ end }}{{ end }}",
            [{"rights.all": False, "namespaces": ["filled", "filled-too"]}],
        ),
        # A list as its comment shows it, whoever is meant by a template in there; through a variable as well.
        (
            '{{ $all := .Values.users }}{{ if ne "deployment" .Values.kind }}{{ range $all }}a: b{{ end }}{{ end }}',
            [{"kind": "filled", "users": [{"name": "ann", "mail": "filled"}]}],
        ),
        ('{{ if .Values.claim.class }}{{ if ne "-" .Values.claim.class }}a: b{{ end }}{{ end }}', []),
        # One value alone, what all switches together show, what users have, and what nobody can tell.
        ("{{ if .Values.rights.some }}a: b{{ end }}", []),
        ("{{ if and .Values.tls.enabled .Values.users }}a: b{{ end }}", []),
        (_BOTH % "{{ if .Values.existingSecret }}a: b{{ end }}", [_CHANGED]),
        ('{{ if and .Values.tls.enabled (hasKey .Values "x") (not .Values.rights.all) }}a: b{{ end }}', []),
    ],
)
def test_values_that_lead_there(template: str, changes: list[dict[str, Any]], tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {"values.yaml": _VALUES, "templates/all.yaml": template})
    cases = unreached(conventional_matrix(chart).rendering)
    assert [case.scenarios[1].changes for case in cases] == changes


_POD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  template:\n    spec:\n"
    "      containers:\n      - name: web\n"
)
_MOUNT = (
    _POD
    + "        volumeMounts: [{name: %s, mountPath: /tls}]\n      volumes: [{name: tls, secret: {secretName: %s}}]\n"
)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        (
            _BOTH % _MOUNT % ("tls", "certificates", "a"),
            ["spec.template.spec.containers[web].volumeMounts[certificates].name"],
        ),
        (_BOTH % "\n  - a\n - b", ["tls.enabled, tls.from"]),
        # A Secret of the user's, by the name that was given; a chart that refuses it.
        (_BOTH % _MOUNT % ("tls", "tls", "{{ .Values.tls.secretName }}"), []),
        (_BOTH % '{{ fail "no secrets here" }}', []),
    ],
)
def test_what_is_told_of_it(template: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    files = {"templates/all.yaml": f"{template}\n---\n{_POD % 'web'}", "values.yaml": _VALUES}
    findings = findings_in(what_several_values_bring_is_whole, files, tmp_path, tools)
    assert [finding.path for finding in findings] == found
