"""Texts that are empty by default are given: what breaks is told, what has a form of its own is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.options.given_texts import given_texts_are_rendered_soundly, what_is_given_is_found
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n"
    "      image: example.com/web:1.0\n      env:\n        - {name: LEVEL, value: info}\n"
)
_OWNER = "        - {name: OWNER, value: a}\n"
_SERVICE = (
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  type: ClusterIP\n  ports:\n    - port: 80\n"
    "      {{- if .Values.port }}\n      nodePort: PORT\n      {{- end }}\n"
)
_OF_NODES = _SERVICE.replace("ClusterIP", "NodePort")


@pytest.mark.parametrize(
    ("values", "below", "told"),
    [
        ('token: ""', "{{ if .Values.token }}" + _OWNER * 2 + "{{ end }}", "OWNER more than once"),
        ('secret: ""', "{{ if .Values.secret }}      secret: {name: a}{{ end }}", "a field that the schema does not"),
        (
            "secret:",
            "{{ with .Values.secret }}      secret: {name: {{ . }}}{{ end }}",
            "a field that the schema does not",
        ),
        (
            "level:",
            "{{ with .Values.level }}      args: [level: {{ . }}]{{ end }}",
            "object, where the schema has string",
        ),
        ("secret:", "{{ with .Values.secret }}      secret: {name: {{ .name }}}{{ end }}", ""),
        ('level: ""', "{{ with .Values.level }}      a: b: {{ . }}{{ end }}", "mapping values are not allowed"),
        ('part: {enabled: false, token: ""}', "{{ if .Values.part.token }}" + _OWNER * 2 + "{{ end }}", "OWNER more"),
        (
            'type: a\nlevel: ""',
            '{{ if eq .Values.type "b" }}{{ with .Values.level }}' + _OWNER * 2 + "{{ end }}{{ end }}",
            "OWNER more",
        ),
        ("port: null", _SERVICE.replace("PORT", "{{ .Values.port }}"), "nodePort 30080, and type ClusterIP"),
        *(
            (
                f"a: {{port: null, {name}: ClusterIP}}",
                _SERVICE.replace("PORT", "{{ . }}")
                .replace("ClusterIP", f"{{{{ .Values.a.{name} }}}}")
                .replace("if .Values", "with .Values.a"),
                "",
            )
            for name in ("type", "serviceType")
        ),
        ('port: ""', _OF_NODES.replace("PORT", "{{ .Values.port | quote }}"), "string, where the schema has integer"),
        ('port: ""', _OF_NODES.replace("PORT", "{{ .Values.port }}"), ""),
        (
            'prefix: ""',
            "---\nkind: Service\napiVersion: v1\nmetadata: {name: {{ with .Values.prefix }}{{ . }}_{{ end }}web}\n",
            "filled_web",
        ),
        # One that is null, and one that values.yaml does not have, where it is printed.
        ("token: null", "{{ if .Values.token }}" + _OWNER * 2 + "{{ end }}", "OWNER more than once"),
        ("a: b", "{{ with .Values.mount }}      volumeMounts: [{{ . }}]{{ end }}", ""),
        ("a: b", "{{ if .Values.mount }}      volumeMounts: [{{ .Values.mount }}]{{ end }}", "string, where"),
        ("a: b", "{{ if .Values.owners }}" + _OWNER * 2 + "{{ end }}", ""),
        # One or the other, refused in words, a number, and what is more than a word.
        ('a: ""\nb: ""', "{{ if .Values.a }}" + _OWNER + "{{ else if .Values.b }}" + _OWNER + "{{ end }}", ""),
        ('token: ""', '{{ if .Values.token }}{{ fail "no token" }}{{ end }}', ""),
        ('port: ""', "{{ with .Values.port }}      ports: [{containerPort: {{ . }}}]{{ end }}", ""),
        ('extra: ""', "{{ with .Values.extra }}{{ . | nindent 6 }}{{ end }}", ""),
        ('extra: ""', "{{ if .Values.extra }}{{ tpl .Values.extra . }}: [{{ end }}", ""),
        ('kind: ""', '{{ if .Values.kind }}{{ if eq .Values.kind "a" }}{{ end }}' + _OWNER * 2 + "{{ end }}", ""),
    ],
)
def test_what_a_text_brings(values: str, below: str, told: str, tmp_path: Path, tools: Tools) -> None:
    found = findings_in(
        given_texts_are_rendered_soundly,
        {"templates/all.yaml": _POD + below, "values.yaml": f"{values}\n"},
        tmp_path,
        tools,
    )
    assert [told in str(finding.actual) for finding in found] == [True] * bool(told)


@pytest.mark.parametrize(
    ("where", "mount", "told"),
    [
        ("containers", "mountPath: /data", "all of it"),
        ("containers", "mountPath: /data, subPath: logs", ""),
        ("containers", "mountPath: /backup", ""),
        ("initContainers", "mountPath: /data", ""),
    ],
)
def test_a_folder_of_a_claim_is_one_for_all_containers(where: str, mount: str, told: str) -> None:
    other = f"{{name: export, volumeMounts: [{{name: data, {mount}}}]}}"
    web = "{name: web, volumeMounts: [{name: data, mountPath: /data, subPath: filled}]}"
    lists = f"containers: [{web}, {other}]" if where == "containers" else f"containers: [{web}], {where}: [{other}]"
    rendering = literal_rendering(
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {volumes: [{name: data, persistentVolumeClaim: "
        f"{{claimName: web}}}}], {lists}}}}}"
    )
    checks = checks_of(what_is_given_is_found, [rendering, rendering])
    assert [check.actual for check in checks if not check.passed] == ([told] if told else [])
