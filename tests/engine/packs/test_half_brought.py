"""Whose key of a Secret that users bring follows the value for it, and whose is written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.pods_and_storage.existing_objects import existing_objects_are_what_is_read
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in

_NAME = '{{ .Values.auth.existingSecret | default "web" }}'
_PODS = (
    "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: p}\n---\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    env:\n    - name: A\n"
    f"      valueFrom: {{secretKeyRef: {{name: {_NAME}, key: {{{{ .Values.auth.%s }}}}}}}}\n    - name: B\n"
    "      valueFrom: {secretKeyRef: {name: %s, key: %s}}\n"
)
_B = "spec.containers[web].env[B].valueFrom.secretKeyRef"


@pytest.mark.parametrize(
    ("value", "name", "key", "found"),
    [
        ("passwordKey", _NAME, "password", [_B]),
        ("secretKeys.password", _NAME, "password", [_B]),
        ("passwordKey", _NAME, "{{ .Values.auth.passwordKey }}", []),
        # Another key is another matter, and so is another Secret.
        ("passwordKey", _NAME, "user", []),
        ("passwordKey", "other", "password", []),
        # Of a value that does not say so, nobody knows that it is the name of a key.
        ("password", _NAME, "password", []),
    ],
)
def test_a_key_is_that_of_its_value(
    value: str, name: str, key: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    values = "auth: {existingSecret: '', passwordKey: password, secretKeys: {password: password}, password: password}\n"
    findings = findings_in(
        existing_objects_are_what_is_read,
        {"templates/all.yaml": _PODS % (value, name, key), "values.yaml": values},
        tmp_path,
        tools,
    )
    assert [finding.path for finding in findings] == found


@pytest.mark.parametrize(
    ("condition", "found"), [("true", ["auth.existingSecret"]), ("not .Values.auth.existingSecret", [])]
)
def test_the_content_of_a_secret_is_not_asked_for_where_it_is_brought(
    condition: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    secret = (
        f"{{{{- if and .Values.auth.enabled ({condition}) }}}}\napiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\n"
        "data:\n  key: {{ .Values.auth.key | b64enc }}\n{{- end }}\n"
    )
    files = {"templates/secret.yaml": secret, "values.yaml": "auth: {enabled: false, existingSecret: ''}\n"}
    findings = findings_in(existing_objects_are_what_is_read, files, tmp_path, tools)
    assert sorted({finding.path for finding in findings}) == found
