"""Keys that a template gives only a new Secret: whoever has the Secret, and upgrades, never gets them."""

from __future__ import annotations

import pytest

from chartgate.charts.template_texts.keys_made_anew import unkept_keys
from chartgate.review.risks.made_secrets import keys_of_new_ones
from tests.review.object_pairs import paired

LOOKUP = '{{- $old := lookup "v1" "Secret" .Release.Namespace "login" }}\n'
DATA = LOOKUP + '{{- $data := (lookup "v1" "Secret" "ns" "login").data | default dict }}\n'
MAKE = "token: {{ randAlphaNum 9 | b64enc }}\n"


def _either(found: str, begin: str = "if $old", make: str = MAKE) -> str:
    return f"{LOOKUP}data:\n  {{{{- {begin} }}}}\n  {found}\n  {{{{- else }}}}\n  {make}  {{{{- end }}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        _either("{{- toYaml $old.data | nindent 2 }}"),
        _either("{{- toYaml $old.data | nindent 2 }}", "with $old"),
        _either("{{- toYaml $old.data | nindent 2 }}", "if and $old $old.data"),
        _either("{{- range $k, $v := $old.data }}{{ $k }}: {{ $v }}{{ end }}"),
        _either('token: {{ index $old.data "token" }}'),
        _either('token: {{ index $old.data "token" | b64dec | b64enc }}'),
        _either("token: {{ $old.data.token }}"),
        _either('token: {{ get $old.data "token" | quote }}'),
        _either('"token": {{ get $old.data "token" }}', make='"token": {{ uuidv4 | b64enc }}\n'),
        LOOKUP + 'token: {{ if $old }}{{ index $old.data "token" }}{{ else }}{{ uuidv4 | b64enc }}{{ end }}\n',
        DATA + "{{- if not $data }}\ndata:\n  token: {{ .Values.token | b64enc }}\n{{- end }}\n",
        LOOKUP + f"{{{{- if not $old }}}}\ndata:\n  {MAKE}{{{{- end }}}}\n",
        LOOKUP + f"{{{{- if empty $old }}}}\ndata:\n  {MAKE}{{{{- end }}}}\n",
        f'{{{{- if not (lookup "v1" "Secret" .Release.Namespace "login") }}}}\ndata:\n  {MAKE}{{{{- end }}}}\n',
    ],
)
def test_a_key_of_new_secrets_only(text: str) -> None:
    assert unkept_keys(text) == {"token"}


@pytest.mark.parametrize(
    "text",
    [
        f"data:\n  {MAKE}",
        LOOKUP + f"data:\n  {MAKE}",
        _either('token: {{ index $old.data "token" | default (randAlphaNum 9 | b64enc) }}'),
        LOOKUP + "token: {{ if $old.data.token }}{{ $old.data.token }}{{ else }}{{ uuidv4 | b64enc }}{{ end }}\n",
        _either("token: {{ default (uuidv4 | b64enc) $old.data.token }}"),
        _either("{{- toYaml (omit $old.data `token`) | nindent 2 }}\n  token: {{ .Values.token | b64enc }}"),
        _either('token: {{ index $old.data "token" }}', 'if hasKey ($old.data) "token"'),
        _either("token: {{ $old.data.token }}", 'if and $old (hasKey $old.data "token")'),
        _either('token: {{ ternary $old.data.token "bmV3" (hasKey $old.data "token") }}'),
        DATA + '{{- if not (hasKey $data "token") }}\ndata:\n  token: {{ .Values.token | b64enc }}\n{{- end }}\n',
        DATA + f"{{{{- if not .Values.existing }}}}\ndata:\n  {MAKE}{{{{- end }}}}\n",
        _either("{{- toYaml $old.data | nindent 2 }}") + "---\nstringData:\n  token: {{ .Values.token }}\n",
    ],
)
def test_a_key_that_everybody_gets(text: str) -> None:
    assert unkept_keys(text) == frozenset()


LOGIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\ndata: {user: YQ=="
POD = """
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: token}}}]}]}
"""


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ("", [(None, "a Secret that is there is kept without token")]),
        (POD, [("danger", "a Secret that is there is kept without token, and Pod shop/web does not start")]),
        (POD.replace("token}", "token, optional: true}"), [(None, "a Secret that is there is kept without token")]),
    ],
)
def test_whoever_reads_such_a_key_does_not_start(beside: str, told: list[tuple[str | None, str]]) -> None:
    pair = next(
        pair for pair in paired(LOGIN + "}", f"{LOGIN}, token: Yg==}}{beside}") if pair.resource.name == "login"
    )
    template = _either("{{- toYaml $old.data | nindent 2 }}")
    assert [(hit.level, hit.reason) for hit in keys_of_new_ones(pair, template)] == told
