"""Lists and maps that values.yaml leaves empty are filled: what breaks is told, what a chart does on purpose is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: example.com/web:1.0
"""
ROUTED = (
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{name: http, port: 80}]}\n"
    "{{- range .Values.hosts }}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
    "spec: {rules: [{host: {{ .name }}, http: {paths: [{path: /, pathType: Prefix, backend: {service: {"
    "name: web, port: {name: %s}}}}]}}]}\n{{- end }}\n"
)
BUDGET = (
    "{{- with .Values.web.budget }}\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
    "spec:\n  {{- toYaml . | nindent 2 }}\n%s  selector: {}\n{{- end }}\n"
)
ADMITTED = (
    "{{- with .Values.web.namespaceSelector }}\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    "metadata: {name: web}\nspec:\n  podSelector: {}\n  ingress:\n    - from:\n        - namespaceSelector:\n"
    "%s{{- end }}\n"
)
CRON_JOB = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\n"
FILES = (
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  %s\n  {{ $k }}: |\n{{ $v | indent 4 }}\n%s\n"
)
WORDS = (
    '{{ define "web" }}web{{ end }}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n'
    '  {{- range $k, $v := .Values.words }}\n  # {{ template "web" $ }}\n  {{ $k }}: %s\n  {{- end }}\n'
)
LISTED = "{{- range .Values.extraEnv }}\n        - {name: {{ .name }}, value: {{ .value | quote }}}\n{{- end }}"


_PULLS = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec:\n  containers: [{name: web}]\n"
    "  imagePullSecrets:\n  {{- range .Values.imagePullSecrets }}\n  - name: {{ . }}\n  {{- end }}\n"
)
_ARGS = "      args: %s{{ range .Values.extraArgs }}, {{ . }}{{ end }}]\n"


@pytest.mark.parametrize(
    ("values", "below", "told"),
    [
        # One level too deep: no YAML any longer.
        (
            "extraVolumes: []",
            "  volumes:\n  - {name: tmp, emptyDir: {}}\n  {{- with .Values.extraVolumes }}\n"
            "  {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            ["extraVolumes", "web/templates/pod.yaml no longer renders"],
        ),
        # What users mount is for the program, and not for what prepares it alone.
        (
            "extraVolumeMounts: []",
            "  initContainers:\n  - name: own\n    {{- with .Values.extraVolumeMounts }}\n    volumeMounts:\n"
            "    {{- toYaml . | nindent 4 }}\n    {{- end }}\n",
            ["spec.initContainers[own].volumeMounts[filled]"],
        ),
        # One level too high: its keys are fields of the pod.
        (
            "nodeSelector: {}",
            "  {{- with .Values.nodeSelector }}\n  nodeSelector:\n  {{- toYaml . | nindent 2 }}\n  {{- end }}\n",
            ["kubernetes.io/os", "with nodeSelector filled"],
        ),
        # What belongs to a pod, in a container.
        (
            "podSecurityContext: {}",
            "      securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}\n",
            ["fsGroup", "with podSecurityContext filled"],
        ),
        # What belongs to a container by the example, in a pod.
        (
            "securityContext: {}\n# securityContext:\n#   readOnlyRootFilesystem: true\n",
            "  securityContext: {{- toYaml .Values.securityContext | nindent 4 }}\n",
            ["readOnlyRootFilesystem", "with securityContext filled"],
        ),
        (
            "tolerations: []",
            "  tolerations: {{- toYaml .Values.tolerations | nindent 4 }}\n",
            [],
        ),
        ("extraEnv: []", f"      env:\n        - {{name: A, value: a}}\n        {LISTED}\n", []),
        # A class beside its place, which shows once there is one.
        (
            'priorityClassName: ""',
            "      {{- with .Values.priorityClassName }}\n      priorityClassName: {{ . }}\n      {{- end }}\n",
            ["priorityClassName", "with priorityClassName filled"],
        ),
        # Of two keys, the one that is called like the field.
        (
            "words: []\n# - a\npodCapabilities: {}\n  # drop: [NET_RAW]",
            '  hostname: {{ join "-" .Values.words | quote }}\n  securityContext:\n    runAsUser: 1000\n'
            "    {{- with .Values.podCapabilities }}\n    capabilities: {{- toYaml . | nindent 6 }}\n    {{- end }}\n",
            ["capabilities", "with podCapabilities filled"],
        ),
        # Arguments: all of them as one, and one that is a number.
        (
            "args: []",
            "      {{- with .Values.args }}\n      args: {{ . }}\n      {{- end }}\n",
            ["args[0] --filled 1000, all of it as one text"],
        ),
        (
            "extraArgs: []",
            "      args:\n      {{- range .Values.extraArgs }}\n      - {{ . }}\n      {{- end }}\n",
            ["args[1] the text 1000 without quotes: integer", "with extraArgs filled"],
        ),
        # Of two that one template reads, it is the one that is called like the field.
        (
            "command: []\nextraArgs: []",
            "      args:\n      {{- range .Values.extraArgs }}\n      - {{ . }}\n      {{- end }}\n"
            "      command: {{- toYaml .Values.command | nindent 8 }}\n",
            ["args[1] the text 1000", "with extraArgs filled"],
        ),
        ("args: []", "      args: {{- toYaml .Values.args | nindent 8 }}\n", []),
        # No argument is a number where each flag has its value in its own word.
        ("extraArgs: []", _ARGS % "[run, --fast, --level=3", []),
        ("extraArgs: []", _ARGS % '[run, --fast, --level, "3"', ["args[5] the text 1000", "with extraArgs filled"]),
        # An example that is what the chart has anyway.
        (
            "more: []\n# - key: a\n#   operator: Exists",
            "      tolerations:\n      - {key: a, operator: Exists}\n"
            "      {{- with .Values.more }}\n      {{- toYaml . | nindent 6 }}\n      {{- end }}\n",
            [],
        ),
        # Two handlers in one comment are one or the other.
        (
            "lifecycle: {}\n  # preStop:\n  #   sleep:\n  #     seconds: 5\n  #   exec:\n  #     command: [sleep]",
            "      lifecycle: {{- toYaml .Values.lifecycle | nindent 8 }}\n",
            [],
        ),
        (
            "extraArgs: []",
            '      command: [sh, -c, "run {{ join " " .Values.extraArgs }} --now"]\n',
            [],
        ),
        # Lists of texts, as templates tell: joined by what is no text.
        (
            "modules: []",
            "      {{- with .Values.modules }}\n      args: [{{ . | join ',' | quote }}]\n      {{- end }}\n",
            ["modules", "expected string; found ','"],
        ),
        ("modules: []", '      args: [{{ .Values.modules | join "," | quote }}]\n', []),
        # A key that the items of a list may have, and by default lack.
        (
            "parts: [{name: a}]",
            "      {{- range $p := .Values.parts }}\n      {{- with $p.securityContext }}\n      securityContext:\n"
            "      {{- toYaml . | nindent 6 }}\n      {{- end }}\n      {{- end }}\n",
            ["runAsUser", "with parts filled"],
        ),
        (
            "parts: [{name: a}]",
            "      {{- range $p := .Values.parts }}\n      {{- with $p.securityContext }}\n      securityContext:\n"
            "        {{- toYaml . | nindent 8 }}\n      {{- end }}\n      {{- end }}\n",
            [],
        ),
        # What begins with an asterisk is an alias to YAML.
        (
            'schedule: "5 4 * * *"',
            f"{CRON_JOB}spec:\n  schedule: {{{{ .Values.schedule }}}}\n",
            ["schedule", "no longer renders"],
        ),
        (
            'schedule: "5 4 * * *"',
            f"{CRON_JOB}spec:\n  schedule: {{{{ .Values.schedule | quote }}}}\n",
            [],
        ),
        # Filled together and in halves, it is told once.
        (
            "podLabels: {}\npodAnnotations: {}",
            "  {{- if or .Values.podLabels .Values.podAnnotations }}\n  label: a\n  {{- end }}\n",
            ["with podLabels, podAnnotations filled"],
        ),
        # Two pods print it by one line: that is one finding.
        (
            "imagePullSecrets: []",
            "  imagePullSecrets: {{- toYaml .Values.imagePullSecrets | nindent 4 }}\n"
            + _PULLS % "two"
            + _PULLS % "three",
            ["map[name:filled], all of it as one text, with imagePullSecrets filled"],
        ),
        # Of all that is printed as one text, a comment shows that it is one.
        (
            "# pullSecrets: [ registry ]\npullSecrets: []\nother:\n  imagePullSecrets: []",
            "  imagePullSecrets: {{- toYaml .Values.other.imagePullSecrets | nindent 4 }}\n---\napiVersion: v1\n"
            "kind: Pod\nmetadata: {name: two}\nspec:\n  containers: [{name: web}]\n  imagePullSecrets:\n"
            "  {{- range .Values.pullSecrets }}\n  - name: {{ . }}\n  {{- end }}\n",
            [],
        ),
        # Each item is printed as it is: these are names, and those of another part are maps.
        (
            "pullSecrets: []\nother:\n  imagePullSecrets: []",
            "  imagePullSecrets:\n  {{- with .Values.pullSecrets }}\n  {{- range . }}\n  - name: {{ . | quote }}\n"
            "  {{- end }}\n  {{- end }}\n  {{- with .Values.other.imagePullSecrets }}\n  {{- toYaml . | nindent 2 }}\n"
            "  {{- end }}\n",
            [],
        ),
        # A form of its own: what its items lack here is in those of its users.
        (
            "extraVolumes: []",
            "  volumes:\n  {{- range .Values.extraVolumes }}\n  - name: {{ .name }}\n    {{ .type }}:\n"
            "      name: {{ .name }}\n  {{- end }}\n",
            [],
        ),
        # Texts that YAML reads in another way where nothing quotes them, or somebody does so by hand.
        ("names: []", '      args: [{{ join "," .Values.names }}]\n', ["names", "no longer renders"]),
        ("names: []", '      args: [{{ join "," .Values.names | quote }}]\n', []),
        # Each is the name of something as well, which all of them are not.
        (
            "names: []",
            '      args: [{{ join "," .Values.names | quote }}]\n{{- range .Values.names }}\n---\napiVersion: v1\n'
            "kind: Namespace\nmetadata:\n  name: {{ . }}\n{{- end }}\n",
            [],
        ),
        (
            "labels: {}",
            "      env:\n{{- range $k, $v := .Values.labels }}\n"
            '      - {name: {{ $k }}, value: "{{ $v }}"}\n{{- end }}\n',
            ["labels", "no longer renders"],
        ),
        (
            "labels: {}",
            "      env:\n{{- with .Values.labels }}{{- range $k, $v := . }}\n"
            "      - {name: {{ $k }}, value: {{ $v | quote }}}\n{{- end }}{{ end }}\n",
            [],
        ),
        # Arguments: by their numbers, and as a part of the one before them.
        (
            "extraArgs: []",
            "      args:\n      {{- range $k, $v := .Values.extraArgs }}\n"
            "      - --{{ $k }}={{ $v }}\n      {{- end }}\n",
            ["--0=--filled, an item of a list by its number"],
        ),
        (
            "extraFlags: {}",
            "      args:\n      - serve\n      {{- range $k, $v := .Values.extraFlags }}\n"
            "        --{{ $k }}\n      {{- end }}\n",
            ["serve --FILLED"],
        ),
        (
            "extraFlags: {}",
            "      args:\n      - serve\n      {{- range $k, $v := .Values.extraFlags }}\n"
            '      - {{ printf "--%s=%s" $k $v | quote }}\n      {{- end }}\n',
            [],
        ),
        # Files that users give: the second is a part of the first.
        ("files: {}", FILES % ("{{ range $k, $v := .Values.files -}}", "    {{ end }}"), ["no FILLED_TOO"]),
        ("files: {}", FILES % ("{{- range $k, $v := .Values.files }}", "  {{- end }}"), []),
        # A map whose keys templates read by their names is none of files.
        (
            "cache: {}\n# cache:\n#   host: a.example.com\n#   password: secret\n",
            "{{- with .Values.cache.host }}\n  hostname: {{ . }}\n{{- end }}\n---\napiVersion: v1\nkind: Secret\n"
            "metadata: {name: a}\nstringData:\n  password: {{ .Values.cache.password | quote }}\n",
            [],
        ),
        # The example of another key, which Go prints as it is, is told once, by the key that has it.
        (
            "udp: []\n# - secretName: web-tls\n#   hosts: [web.example.com]\nports: []\n# - number: 81\n",
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n"
            "    {{- range .Values.ports }}\n    - {name: more, port: {{ .number }}}\n    {{- end }}\n"
            "    {{- with .Values }}\n    {{- range .udp }}\n"
            "    - name: udp\n      port: {{ . }}\n      targetPort: {{ . }}\n    {{- end }}\n    {{- end }}\n",
            ["spec.ports[udp].port", "with udp filled as values.yaml shows"],
        ),
        # A selector in some charts, and its labels in others.
        ("web:\n  namespaceSelector: {}\n", ADMITTED % "            matchLabels: {{- toYaml . | nindent 14 }}\n", []),
        ("web:\n  namespaceSelector: {}\n", ADMITTED % "            {{- toYaml . | nindent 12 }}\n", []),
        (
            "web:\n  namespaceSelector: {}\n",
            ADMITTED % "            matchExpressions: {{- toYaml . | nindent 14 }}\n",
            ["web.namespaceSelector filled"],
        ),
        # Of two keys in comments, users take one; one of them beside what is always there makes two.
        ("web:\n  budget: {}\n    #  minAvailable: 1\n    #  maxUnavailable: 1\n", BUDGET % "", []),
        ("web:\n  budget: {}\n    #  minAvailable: 1\n", BUDGET % "  maxUnavailable: 1\n", ["minAvailable and max"]),
        # A number is no map; the path of a further host leads to a port that the Service has.
        (
            "web: {minAvailable: '', maxUnavailable: ''}",
            "  {{- with .Values.web.minAvailable }}\n  # {{ .value }}\n  {{- end }}\n",
            ["can't evaluate field value in type"],
        ),
        ("hosts: []\n# - name: a.example.com\n", ROUTED % "https", ["Service web has 80, http, not https"]),
        ("hosts: []\n# - name: a.example.com\n", ROUTED % "http", []),
        # A map of texts, printed with others in names of templates; one that waits for an example that does not render.
        ("words: {}", WORDS % "{{ $v }}", ["data.filled not base64"]),
        ("words: {}", WORDS % "{{ $v | b64enc }}", []),
        (
            "words: {}\nnames: {}\n  # a: word\n",
            WORDS % "{{ $v }}{{ range $n := $.Values.names }}{{ range $n }}{{ . }}{{ end }}{{ end }}",
            ["data.filled not base64"],
        ),
        ("words: {}\n  # a: b\n", WORDS % "{{ .value }}", ["can't evaluate field value in type interface"]),
        # A Secret by another name, beside a context that turns something off; names that two examples share; and what
        # an empty text is given for beside an example.
        (
            "containerSecurityContext: {}\n  # privileged: false\nextra: []\n  # - a\n",
            "      securityContext: {{- toYaml .Values.containerSecurityContext | nindent 8 }}\n"
            "      {{- range .Values.extra }}\n      envFrom: [{secretRef: {name: web-{{ len . }}}}]\n"
            "      {{- end }}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: web}\n",
            ["envFrom[0].secretRef not there"],
        ),
        (
            "one: {}\n  # PORT: a\ntwo: {}\n  # PORT: b\nweb:\n  file: {}\n    # a: b\n  name: ''\n",
            "      env:\n      {{- range $k, $v := .Values.one }}\n      - {name: {{ $k }}, value: {{ $v }}}\n"
            "      {{- end }}\n      {{- range $k, $v := .Values.two }}\n      - {name: {{ $k }}, value: {{ $v }}}\n"
            "      {{- end }}\n  {{- if .Values.web.file }}\n  hostname: {{ .Values.web.name }}\n"
            '  subdomain: {{ index .Values.web.file "a" }}\n  {{- end }}\n',
            [],
        ),
        # What a chart takes in another form than its name says; labels of a kind without a schema; two ports of a node.
        (
            "initContainers: {}\n  # fetch:\n  #   image: a\n",
            "  initContainers:\n  {{- range $name, $one := .Values.initContainers }}\n  - name: {{ $name }}\n"
            "{{ toYaml $one | indent 2 }}\n  {{- end }}\n",
            ["spec.image", "with initContainers filled as values.yaml shows"],
        ),
        (
            "labels: {}",
            "---\napiVersion: example.com/v1\nkind: Shop\nmetadata:\n  name: a\n"
            "  {{- with .Values.labels }}\n  labels: {{- toYaml . | nindent 2 }}\n  {{- end }}\n",
            ["metadata fields that the schema does not have: filled, filled-too"],
        ),
        (
            "service:\n  type: ClusterIP\n  # web: 30080\n  # api: 30081\n",
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: {{ .Values.service.type }}\n"
            '  ports:\n  - {name: a, port: 80}\n  {{- if eq .Values.service.type "NodePort" }}\n'
            "  - {name: web, port: 82, nodePort: {{ .Values.service.web }}}\n"
            "  - {name: api, port: 83, nodePort: {{ .Values.service.web }}}\n  {{- end }}\n"
            "  # {{ .Values.service.api }}\n",
            ["30080 more than once"],
        ),
        # The number of an item in place of the port.
        (
            "ports:\n# - 81\n# - 82\nwords:\n# - a\n# - b\n",
            "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, labels: {a: b}}\nspec: {containers: [{name: b, "
            "ports: [{containerPort: 80}{{ range .Values.ports }}, {containerPort: {{ . }}}{{ end }}]}]}\n"
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  selector: {a: b}\n  ports:\n"
            "  - {name: a, port: 80}\n  {{- range $n, $port := .Values.ports }}\n"
            "  - {name: more-{{ $n }}, port: {{ $port }}, targetPort: {{ $n }}}\n  {{- end }}\n"
            '  # {{ join "" .Values.words }}',
            ["targetPort 1"],
        ),
        # The chart refuses it in its own words, or takes another form: nobody knows that from the name.
        ("tolerations: []", '  {{- if .Values.tolerations }}{{ fail "no tolerations here" }}{{ end }}\n', []),
        ("extraEnv: []", "  {{- range .Values.extraEnv }}\n  # {{ . | upper }}\n  {{- end }}\n", []),
    ],
)
def test_what_is_filled_is_judged(
    values: str,
    below: str,
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    chart = tmp_path / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text(values)
    (chart / "templates" / "pod.yaml").write_text(POD + below)
    main(["check", f"--chart={chart}", "--policies=pack:kubernetes", "--format=json", "what_is_empty_can_be_filled"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    found = [f"{one['path']} {one['actual']}" for one in report["findings"]]
    assert len(found) == bool(told)
    assert all(words in text for text in found for words in told), found
    assert report["unjudged"] == []
