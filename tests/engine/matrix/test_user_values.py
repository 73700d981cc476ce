"""Values that users set, derived from any chart: what breaks under them is found, what is sound or refused is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.options.digests import digests_reach_their_image
from chartgate.packs.kubernetes.options.nulls import null_sections_render
from chartgate.packs.kubernetes.options.overrides import overridden_names_fit
from chartgate.packs.kubernetes.options.quoting import texts_of_digits_stay_texts
from chartgate.policy.policy import Policy
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in, judged

_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, labels: {a: b}}\n"
_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n"


def found(policy: Policy, files: dict[str, str], folder: Path, tools: Tools) -> list[tuple[str, str]]:
    """Render a small chart as the policy derives it, and give the address and the words of each finding."""
    verdicts = judged(policy, files, folder, tools)
    assert all(verdict.checks for verdict in verdicts)
    assert [verdict.unrendered for verdict in verdicts if verdict.unrendered] == []
    return [(finding.path, str(finding.actual)) for verdict in verdicts for finding in verdict.findings]


NULLS: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "an empty map": (
        "data: {a: {{ .Values.a.b | quote }}}", "a: {}", [("a", "at <.Values.a.b>")],
    ),
    "a map below": ("data: {a: {{ .Values.a.b.c | quote }}}", "a: {b: {}}", [("a.b", "<.Values.a.b.c>")]),
    "by index": ('data: {a: {{ index .Values.a "b" | quote }}}', "a: {}", [("a", "index of untyped nil")]),
    "in a condition": ("{{ if .Values.a.b }}data: {a: b}{{ end }}", "a: {}", [("a", "<.Values.a.b>")]),
    "with": ("{{ with .Values.a }}data: {a: {{ .b }}}{{ end }}{{ if .Values.a }}{{ .Values.a.b }}{{ end }}", "a:", []),
    "in brackets": ("data: {a: {{ ((.Values.a).b) | quote }}}", "a: {}", []),
    "refused in words": (
        '{{ if not (kindIs "map" .Values.a) }}{{ fail "a is no map" }}{{ end }}data: {a: {{ .Values.a.b | quote }}}',
        "a: {}",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NULLS)
def test_a_null(name: str, tmp_path: Path, tools: Tools) -> None:
    template, values, expected = NULLS[name]
    files = {"templates/all.yaml": _CONFIG + template, "values.yaml": values}
    actual = found(null_sections_render, files, tmp_path, tools)
    assert [address for address, _ in actual] == [address for address, _ in expected]
    assert all(words.removeprefix("at ") in said for (_, said), (_, words) in zip(actual, expected, strict=True))


def test_what_a_schema_lets_be_null(tmp_path: Path, tools: Tools) -> None:
    schema = '{"properties": {"a": {"type": ["object", "null"]}, "b": {"type": "object"}}}'
    files = {
        "templates/all.yaml": _CONFIG + "data: {a: {{ .Values.a.x | quote }}, b: {{ .Values.b.x | quote }}}",
        "values.yaml": "a: {x: y}\nb: {x: y}",
        "values.schema.json": schema,
    }
    [(address, said)] = found(null_sections_render, files, tmp_path, tools)
    assert (address, "toy/templates/all.yaml reads <.Values.a.x>: nil pointer" in said) == ("a", True)


_IMAGE = "image: {repository: example.com/web, tag: '1.0'%s}"
DIGESTS: dict[str, tuple[str, str, list[str]]] = {
    "the digest is not used": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}", _IMAGE % ", digest: ''", ["image.digest"],
    ),
    "behind a colon": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.digest | default .Values.image.tag }}",
        _IMAGE % ", digest: ''",
        ["spec.containers[web].image"],
    ),
    "an empty tag in front": (
        "    image: {{ .Values.image.repository }}:@{{ .Values.image.digest | default \"sha256:0\" }}",
        _IMAGE % ", digest: ''",
        ["spec.containers[web].image"],
    ),
    "the tag is a label": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n---\n"
        + _CONFIG.replace("a: b", "version: {{ .Values.image.tag | quote }}"),
        _IMAGE % "",
        ["metadata.labels.version"],
    ),
    "tag and digest": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}"
        "{{ with .Values.image.digest }}@{{ . }}{{ end }}",
        _IMAGE % ", digest: ''",
        [],
    ),
    "one of several digests": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}@{{ .Values.image.awsDigest }}",
        _IMAGE % f", awsDigest: 'sha256:{'0' * 64}'",
        [],
    ),
    "a part that is off has the same image": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}@{{ .Values.image.digest }}"
        "{{ if .Values.check.enabled }}\n    command: [{{ .Values.check.image.digest }}]{{ end }}",
        _IMAGE % ", digest: ''" + "\ncheck: {enabled: false, image: {repository: example.com/web, digest: ''}}",
        [],
    ),
    "a port in the registry": (
        "    image: localhost:5000/{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ end }}",
        _IMAGE % ", digest: ''",
        [],
    ),
    "only what is behind sha256": (
        "    image: {{ .Values.image.repository }}{{ with .Values.image.sha }}@sha256:{{ . }}{{ end }}",
        _IMAGE % ", sha: ''",
        [],
    ),
    "all of it under sha": (
        "    image: {{ .Values.image.repository }}{{ with .Values.image.sha }}@{{ . }}{{ end }}",
        _IMAGE % ", sha: ''",
        [],
    ),
    "a tag cut for the label": (
        "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n---\n"
        + _CONFIG.replace("a: b", 'version: {{ splitList "@" .Values.image.tag | first | quote }}'),
        _IMAGE % "",
        [],
    ),
    "an image that nothing runs": ("    image: other", _IMAGE % ", digest: ''", []),
}  # fmt: skip


@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest(name: str, tmp_path: Path, tools: Tools) -> None:
    template, values, expected = DIGESTS[name]
    files = {"templates/all.yaml": _POD + template, "values.yaml": values}
    assert [address for address, _ in found(digests_reach_their_image, files, tmp_path, tools)] == expected


_FULL = '{{ .Values.fullnameOverride | default (printf "%s-%s" .Release.Name (.Values.nameOverride | default "toy")) }}'
_SERVICE = (
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {selector: {app: %s}, ports: [{port: 80}]}\n"
)
_WEB = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  selector: {matchLabels: {app: %s}}\n"
    "  template: {metadata: {labels: {app: %s}}, spec: {containers: [{name: web, image: a, envFrom: [%s]}]}}\n"
)
_FROM = "{configMapRef: {name: %s}}"
_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
OVERRIDES: dict[str, tuple[str, list[str]]] = {
    "a selector of another name": (
        _WEB % (_FULL, _FULL, _FULL, "") + _SERVICE % (_FULL, "{{ .Release.Name }}-toy"),
        ["spec.selector", "spec.selector"],
    ),
    "a reference by another name": (
        _WEB % (_FULL, _FULL, _FULL, _FROM % "{{ .Release.Name }}-toy") + _MAP % _FULL,
        ["spec.template.spec.containers[web].envFrom[0].configMapRef"] * 2,
    ),
    "a name that is never cut": (
        _WEB % ("a", "a", "a", "") + _MAP % _FULL + _SERVICE % (f"{_FULL}-headless-for-all-members", "a"),
        ["metadata.name"],
    ),
    "all by one name": (
        _WEB % (_FULL, _FULL, _FULL, _FROM % _FULL) + _MAP % _FULL + _SERVICE % (_FULL, _FULL), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_name_of_the_users(name: str, tmp_path: Path, tools: Tools) -> None:
    template, expected = OVERRIDES[name]
    values = 'nameOverride: ""\nfullnameOverride: ""\n'
    files = {"templates/all.yaml": template, "values.yaml": values}
    assert [address for address, _ in found(overridden_names_fit, files, tmp_path, tools)] == expected


def test_what_is_wrong_without_the_override_is_not_told_again(tmp_path: Path, tools: Tools) -> None:
    files = {
        "templates/all.yaml": _WEB % (_FULL, _FULL, _FULL, _FROM % "nowhere") + _SERVICE % (_FULL, "nobody"),
        "values.yaml": 'nameOverride: ""\nfullnameOverride: ""\n',
    }
    assert found(overridden_names_fit, files, tmp_path, tools) == []


def test_what_is_missing_without_the_override_is_not_told_under_its_other_name(tmp_path: Path, tools: Tools) -> None:
    source = f"volumes: [{{name: {_FULL}-keys, secret: {{secretName: {_FULL}}}}}]"
    files = {
        "templates/all.yaml": _POD.replace("spec:", f"spec:\n  {source}", 1),
        "values.yaml": 'nameOverride: ""\nfullnameOverride: ""\n',
    }
    assert found(overridden_names_fit, files, tmp_path, tools) == []


TEXTS: dict[str, tuple[str, str, list[str]]] = {
    "a password": ("data: {a: {{ .Values.password }}}", "password: ''", ["data.a"]),
    "a label": ("data: {}\n---\n" + _CONFIG.replace("a: b", "a: {{ .Values.tag }}"), "tag: v1", ["metadata.labels.a"]),
    "a variable of a map": (
        "---\n"
        + _POD
        + "    env:\n{{- range $k, $v := .Values.env }}\n    - {name: {{ $k }}, value: {{ $v }}}\n{{- end }}",
        "env: {}",
        ["spec.containers[web].env[CHOSEN].value"],
    ),
    "an argument": ("---\n" + _POD + "    args: [{{ .Values.token }}]", "token: a1", ["spec.containers[web].args[0]"]),
    "a number in quotes": (
        "---\n" + _POD + "    ports: [{containerPort: {{ .Values.port | toJson }}}]",
        "port: 80",
        ["spec.containers[web].ports[80].containerPort"],
    ),
    "quoted": ("data: {a: {{ .Values.password | quote }}}", "password: ''", []),
    "a part of a text": ("data: {a: user-{{ .Values.password }}}", "password: ''", []),
    "a level": ("data: {a: {{ .Values.log }}, b: {{ .Values.logLevel }}}", 'log: warn\nlogLevel: ""', []),
    "a checksum": ("data: {a: {{ .Values.log }}, b: {{ .Values.filesChecksum }}}", 'log: warn\nfilesChecksum: ""', []),
    "a word": ("data: {a: {{ .Values.colour }}}", "colour: red", []),
    "base64": (
        "data: {}\n---\n" + _CONFIG.replace("ConfigMap", "Secret") + "data: {a: {{ .Values.pem }}}", "pem: ''", [],
    ),
    "of the dot": (
        "data: {a: {{ with .Values.db }}{{ .user }}{{ end }}, b: {{ with .Values.db }}{{ .old.tag | quote }}{{ end }}}",
        "db: {user: '', old: {tag: ''}}",
        ["data.a"],
    ),
    "compared, of the dot": (
        'data: {a: {{ with .Values.db }}{{ if eq .tag "a" }}{{ .tag }}{{ end }}b{{ end }}}', "db: {tag: a}", [],
    ),
    "of the dot of an item": ("data: {a: {{ range .Values.users }}{{ .user }}{{ end }}b}", "users: [{user: a}]", []),
    "a name": ("data: {a: {{ .Values.secretName }}}", "secretName: ''", []),
    "an address": ("data: {a: {{ .Values.nodeIp }}, b: {{ .Values.zip }}}", "nodeIp: ''\nzip: ''", ["data.b"]),
    "one of a few": ("data: {a: {{ .Values.minTlsVersion }}}", "minTlsVersion: TLS12", []),
    "a duration": ("data: {a: {{ .Values.tokenTtl }}, b: {{ .Values.token }}}", "tokenTtl: 10s\ntoken: 5s", []),
    "compared": ('data: {a: {{ if eq .Values.version "a" }}{{ .Values.version }}{{ end }}b}', "version: a", []),
    "a number as it is": ("---\n" + _POD + "    ports: [{containerPort: {{ .Values.port }}}]", "port: 80", []),
    "resources as a whole": (
        "data: {a: {{ .Values.s.runAsUser | quote }}}\n---\n"
        + _POD + "    securityContext: {{ toJson .Values.s }}",
        "s: {runAsUser: 7}",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_digits(name: str, tmp_path: Path, tools: Tools) -> None:
    template, values, expected = TEXTS[name]
    files = {"templates/all.yaml": _CONFIG + template, "values.yaml": values}
    findings = findings_in(texts_of_digits_stay_texts, files, tmp_path, tools)
    assert [finding.path for finding in findings] == expected


@pytest.mark.parametrize(
    ("section", "nulls"),
    # What is shown there, its user puts in place of the braces.
    [("a:\n", ["a"]), ("a: {}\n", ["a"]), ("a: {}\n  # b: c\n", []), ("# a:\n#   b: c\na: {}\n", [])],
)
def test_a_section_that_is_empty_may_be_null(section: str, nulls: list[str], tmp_path: Path, tools: Tools) -> None:
    files = {
        "templates/all.yaml": _CONFIG + "{{ if .Values.enabled }}data: {a: {{ .Values.a.b | quote }}}{{ end }}",
        "values.yaml": f"enabled: false\n{section}",
        "ci/on-values.yaml": "{enabled: true, a: {b: c}}",
    }
    assert [address for address, _ in found(null_sections_render, files, tmp_path, tools)] == nulls


def test_the_switch_above_a_section_is_turned_on(tmp_path: Path, tools: Tools) -> None:
    template = (
        "{{ if .Values.a.enabled }}data: {a: {{ .Values.a.tls.secret | quote }}}{{ end }}"
        "{{ if .Values.b.enabled }}data: {b: {{ .Values.other.x.y }}{{ with .Values.b.tls }}{{ .x }}{{ end }}}{{ end }}"
        "{{ if .Values.never }}{{ .Values.b.tls.x }}{{ end }}"
    )
    values = "a: {enabled: false, tls: {}}\nb: {enabled: false, tls: {}}\nother: {z: 1}\n"
    files = {"templates/all.yaml": _CONFIG + template, "values.yaml": values}
    assert [address for address, _ in found(null_sections_render, files, tmp_path, tools)] == ["a.tls"]
