"""Numbers in texts, and what Secrets hold: charts that are faulty, and charts that only look so."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.policy.loading import load_policies
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import judged

POLICIES = {policy.name: policy for policy in load_policies(["kubernetes"])}
ARRIVE, GROW, FIT = "integers_keep_their_digits", "integers_may_grow", "formatted_values_fit_their_verb"
CREDENTIALS, CONTENTS = "credentials_in_secrets_are_nowhere_else", "contents_of_secrets_are_nowhere_else"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, annotations: {%s}}\ndata:\n  a: %s\n"
HOLDER = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData:\n  %s\n---\n"


def config(text: str, annotations: str = "b: c") -> str:
    return CONFIG % (annotations, text)


def both(held: str, shown: str) -> str:
    return HOLDER % held + config(shown)


def found(policy: str, values: str, template: str, folder: Path, tools: Tools, **files: str) -> list[str]:
    """Give where a policy finds something in a chart of one template."""
    files |= {"values.yaml": values, "templates/a.yaml": template}
    verdicts = judged(POLICIES[policy], files, folder, tools)
    assert not any(verdict.unrendered for verdict in verdicts)
    return sorted({finding.path for verdict in verdicts for finding in verdict.findings})


CASES = [
    (ARRIVE, "as it is", "m: 12345678", config('"{{ .Values.m }}"'), ["data.a"]),
    (ARRIVE, "quoted", "m: 12345678", config("{{ .Values.m | quote }}"), ["data.a"]),
    (ARRIVE, "in a file", "m: 12345678", config("|\n    x = {{ .Values.m }}\n    y = 1"), ["data.a"]),
    (ARRIVE, "in a list", "m: [1, 12345678]", config('"{{ range .Values.m }}{{ . }},{{ end }}"'), ["data.a"]),
    (ARRIVE, "printed", "m: -12345678", config('{{ printf "--x=%v" .Values.m | quote }}'), ["data.a"]),
    (ARRIVE, "with one digit", "m: 20000000", config('"{{ .Values.m }}"'), ["data.a"]),
    (ARRIVE, "in an annotation", "m: 12345678", config("b", "x: {{ .Values.m | quote }}"), ["metadata.annotations.x"]),
    (ARRIVE, "in a Secret", "m: 12345678", HOLDER % "a: {{ .Values.m | quote }}" + config("b"), ["stringData.a"]),
    (ARRIVE, "as int64", "m: 12345678", config('"{{ int64 .Values.m }}"'), []),
    (ARRIVE, "as JSON", "m: 12345678", config("{{ .Values | toJson | quote }}"), []),
    (ARRIVE, "as YAML", "m: 12345678", config("|\n    {{- toYaml .Values | nindent 4 }}"), []),
    (ARRIVE, "a text", 'm: "12345678"', config("{{ .Values.m | quote }}"), []),
    (ARRIVE, "small", "m: 999999", config("{{ .Values.m | quote }}"), []),
    (ARRIVE, "a float", "m: 1e7", config("{{ .Values.m | quote }}"), []),
    (ARRIVE, "a text with an exponent", "m: 10000000\nt: 1e+07 ops", config("{{ .Values.t | quote }}"), []),
    (ARRIVE, "an exponent of the template's", "m: 10000000", config('"1e+07"'), []),
    (
        ARRIVE,
        "a number of Kubernetes",
        "m: 12345678",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {healthCheckNodePort: {{ .Values.m }}}",
        [],
    ),
    (GROW, "bytes", "maxBytes: 65536", config('"{{ .Values.maxBytes }}"'), ["data.a"]),
    (GROW, "an age", "cache: {ttl: 86400}", config('"{{ .Values.cache.ttl }}"'), ["data.a"]),
    (GROW, "a user", "runAsUser: 1001", config('"chown -R {{ .Values.runAsUser }} /data"'), ["data.a"]),
    (GROW, "anything that is large already", "rows: 500000", config('"{{ .Values.rows }}"'), ["data.a"]),
    (
        GROW,
        "behind a switch",
        "part: {enabled: false}\nrunAsUser: 1001",
        config('"{{ if .Values.part.enabled }}chown {{ .Values.runAsUser }}{{ end }}"'),
        ["data.a"],
    ),
    (GROW, "null by default", "maxBytes:", config('"{{ with .Values.maxBytes }}{{ . }}{{ end }}"'), ["data.a"]),
    (
        GROW,
        "in a comment",
        "# maxPayload: 5\na: b",
        config('"{{ with .Values.maxPayload }}{{ . }}{{ end }}"'),
        ["data.a"],
    ),
    (GROW, "numbered by others", "accountId:", config('"{{ with .Values.accountId }}{{ . }}{{ end }}"'), ["data.a"]),
    (GROW, "by its comment", "# -- `524288`\nnatMax: ~", config('"{{ .Values.natMax | default 1 }}"'), ["data.a"]),
    (GROW, "a count that is large", "maxMapCount: 65530", config('"m={{ .Values.maxMapCount }}"'), ["data.a"]),
    (GROW, "a quantity", "# 1048576, or 2Mi\nsize:", config('"{{ with .Values.size }}{{ . }}{{ end }}"'), []),
    (GROW, "null and small", "# -- 12\nrows:", config('"{{ with .Values.rows }}{{ . }}{{ end }}"'), []),
    (GROW, "null and counted", "maxBytes:", config('"{{ range until (int .Values.maxBytes) }}x{{ end }}"'), []),
    (GROW, "an hour of a token", "tokenExpiration: 3600", config('"{{ .Values.tokenExpiration }}"'), []),
    (GROW, "bytes as int64", "maxBytes: 65536", config('"{{ int64 .Values.maxBytes }}"'), []),
    (GROW, "a port", "port: 30080", config('"{{ .Values.port }}"'), []),
    (GROW, "a verbosity", "logLevel: 3", config('"--v={{ .Values.logLevel }}"'), []),
    (GROW, "a choice", "retention: 0", config('"{{ .Values.retention }}"'), []),
    (GROW, "what counts", "maxBytes: 3", config('"{{ range until (int .Values.maxBytes) }}x{{ end }}"'), []),
    (FIT, "a float for an integer", "m: 3", config('{{ printf "%d" .Values.m | quote }}'), ["data.a"]),
    (FIT, "a map for a text", "m: {a: b}", config('{{ printf "%d" .Values.m | quote }}'), ["data.a"]),
    (FIT, "nothing for a text", "m: ", config('{{ printf "%s" .Values.m | quote }}'), ["data.a"]),
    (FIT, "too few", "m: 3", config('{{ printf "%v-%v" .Values.m | quote }}'), ["data.a"]),
    (FIT, "too many", "m: 3", config('{{ printf "%v" .Values.m 4 | quote }}'), ["data.a"]),
    (FIT, "what fits", "m: 3", config('{{ printf "%v 100%% %s" .Values.m "a" | quote }}'), []),
    (FIT, "a text about percent", "m: 3", config("'50%! (of it)'"), []),
    (
        CREDENTIALS,
        "in a variable",
        "x: {pw: one}",
        both("password: {{ .Values.x.pw }}", "{{ .Values.x.pw }}"),
        ["data.a"],
    ),
    (
        CREDENTIALS,
        "in base64",
        "pw: one",
        both("token: {{ .Values.pw }}", '{{ printf "u:%s" .Values.pw | b64enc }}'),
        ["data.a"],
    ),
    (
        CREDENTIALS,
        "in a URL",
        "pw: one",
        both("url: a://u:{{ .Values.pw }}@h/x", "b://u:{{ .Values.pw }}@h"),
        ["data.a"],
    ),
    (
        CREDENTIALS,
        "in a document",
        "pw: one",
        both("c.yaml: |\n    db: {password: {{ .Values.pw }}}\n    x: y", "{{ .Values.pw }}"),
        ["data.a"],
    ),
    (
        CREDENTIALS,
        "empty by default",
        'pw: ""',
        both("password: {{ .Values.pw | quote }}", "{{ .Values.pw | quote }}"),
        ["data.a"],
    ),
    (
        CREDENTIALS,
        "known by its name",
        "password: one",
        both("password: {{ .Values.password }}", "{{ .Values.password }}"),
        [],
    ),
    (CREDENTIALS, "in the Secret only", "pw: one", both("password: {{ .Values.pw }}", "b"), []),
    (CREDENTIALS, "its checksum", "pw: one", both("password: {{ .Values.pw }}", "{{ .Values.pw | sha256sum }}"), []),
    (CREDENTIALS, "the user of a URL", "u: shop", both("url: a://{{ .Values.u }}:x@h/x", "{{ .Values.u }}"), []),
    (
        CREDENTIALS,
        "the name of the Secret",
        "n: login2",
        both("password: b", "{{ .Values.n }}").replace("login", "{{ .Values.n }}"),
        [],
    ),
    (
        CREDENTIALS,
        "a registry",
        "r: quay.io",
        both(
            '.dockerconfigjson: {{ dict "auths" (dict .Values.r (dict "password" "x")) | toJson | quote }}',
            "{{ .Values.r }}",
        ),
        [],
    ),
    (
        CONTENTS,
        "a licence",
        "licence: one",
        both("LICENCE: {{ .Values.licence }}", "{{ .Values.licence }}"),
        ["data.a"],
    ),
    (CONTENTS, "a host", "db: {host: one}", both("DB_HOST: {{ .Values.db.host }}", "{{ .Values.db.host }}"), []),
    (CONTENTS, "a database", "db: {name: one}", both("DB: {{ .Values.db.name }}", "{{ .Values.db.name }}"), []),
    (CONTENTS, "a port", "db: {port: 5432}", both('P: "{{ .Values.db.port }}"', '"{{ .Values.db.port }}"'), []),
    (
        CONTENTS,
        "a part of a file",
        "motto: one",
        both("a.ini: |\n    motto={{ .Values.motto }}\n    b=c", "{{ .Values.motto }}"),
        [],
    ),
]


@pytest.mark.parametrize(
    ("policy", "values", "template", "paths"),
    [case[:1] + case[2:] for case in CASES],
    ids=[f"{number}-{case[1]}" for number, case in enumerate(CASES, 1)],
)
def test_what_is_found(policy: str, values: str, template: str, paths: list[str], tmp_path: Path, tools: Tools) -> None:
    assert found(policy, values, template, tmp_path, tools) == paths


def test_a_schema_that_has_a_largest_number(tmp_path: Path, tools: Tools) -> None:
    schema = '{"properties": {"maxBytes": {"type": "integer", "maximum": 65535}}}'
    files = {"values.schema.json": schema}
    template = config('"{{ .Values.maxBytes }}"')
    assert found(GROW, "maxBytes: 4096", template, tmp_path, tools, **files) == []
