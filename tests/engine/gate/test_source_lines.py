"""From a finding to the line of the chart's source; never a line that did not write it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chartgate.commands.main import main
from chartgate.documents.addresses import ABSENT
from chartgate.documents.yaml_texts.written_places import WrittenNode, written_documents
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling import printed_places, said_lines
from chartgate.gate.telling.missing_objects import MissingObjects
from tests.engine.toys import CHART, write
from tests.engine.written_lines import POLICY, VALUES, found, words, written_chart

# An address, and the line that wrote what is there: `around` where it is not there, then the key of the values.
PLACES = {
    "": "web.yaml:1-20 with _pod.tpl:2-6",
    "metadata.name": "web.yaml:4",
    "metadata.labels.app": "web.yaml:6; it prints labels at toy/values.yaml:4",
    "metadata.labels": "web.yaml:5-6; it prints labels at toy/values.yaml:4",
    "spec.replicas": "web.yaml:8; it prints replicas at toy/values.yaml:2",
    "spec.strategy.type": "around web.yaml:7-20 with _pod.tpl:2-6",
    "spec.template.metadata.labels": "web.yaml:14-15",
    "spec.template.spec.containers[web].securityContext.privileged": (
        "_pod.tpl:6, called from toy/templates/web.yaml:20; it prints privileged at toy/values.yaml:1"
    ),
    "spec.template.spec.containers[web].securityContext": (
        "_pod.tpl:5-6, called from toy/templates/web.yaml:20; it prints privileged at toy/values.yaml:1"
    ),
    "spec.template.spec.containers[web].resources.limits": "around _pod.tpl:3-6, called from toy/templates/web.yaml:20",
    "spec.template.spec": "_pod.tpl:2-6, called from toy/templates/web.yaml:20",
    "spec.template.spec.nodeName": "around _pod.tpl:2-6, called from toy/templates/web.yaml:20",
    "spec.template.spec.containers[web].image": "_pod.tpl:4, called from toy/templates/web.yaml:20",
}
OF_MAPS = {
    "": "web.yaml:21-31",
    "metadata.name": "web.yaml:26 with web.yaml:21",
    "data[app.yaml].server.port": "web.yaml:30; it prints port at toy/values.yaml:6",
    "data[app.yaml].server.hosts[0]": "web.yaml:31 with web.yaml:21",
    "data[other.yaml]": "around web.yaml:27-31 with web.yaml:21",
}
OF_MORE = {
    "": "more.yaml:1-22 with _pod.tpl:2-6",
    "metadata.labels": "_pod.tpl:9, called from toy/templates/more.yaml:2, called from toy/templates/more.yaml:9",
    "metadata.labels.app": "_pod.tpl:9, called from toy/templates/more.yaml:2, called from toy/templates/more.yaml:9",
    "data.changed": "more.yaml:17 with more.yaml:2, _pod.tpl:8-10",
    "data.twice": "more.yaml:18 with more.yaml:2, _pod.tpl:8-10",
    "data.port": "more.yaml:12 with more.yaml:11",
    "data.pod": "_pod.tpl:2-6, called from toy/templates/more.yaml:15",
    "data.pod.containers[web].name": "_pod.tpl:3, called from toy/templates/more.yaml:15",
    "data.word": "more.yaml:16",
    "data.side": "more.yaml:22 with more.yaml:19",
    "immutable": "around more.yaml:4-22 with more.yaml:1",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the chart, and a policy that is content with nothing; work there."""
    places = [
        *(("Deployment", "web", address) for address in PLACES),
        *(("ConfigMap", name, address) for name in ("one", "two") for address in OF_MAPS),
        *(("ConfigMap", "three", address) for address in OF_MORE),
    ]
    written_chart(tmp_path, places)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_what_wrote_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    report = found(capsys)
    lines = {
        (finding["resource"].split()[1], finding["path"]): words(finding["written"]) for finding in report["findings"]
    }
    expected = {("default/web", address): line for address, line in PLACES.items()}
    expected |= {(f"default/{name}", address): line for name in ("one", "two") for address, line in OF_MAPS.items()}
    expected |= {("default/three", address): line for address, line in OF_MORE.items()}
    assert lines == expected


OTHERS = '''
from chartgate.documents.addresses import ABSENT
from chartgate.model import Check
from chartgate.policy.policy import policy

@policy(severity="error", remediation="No.")
def others_are_named(rendering):
    """Something is missing, and something is named."""
    for subject, path, template, said in {OTHERS!r}:
        yield Check(subject, path, said, ABSENT, False, template, rendering.scenario.name)

others_are_named.counterexample("off")(lambda rendering: rendering)
'''
WEB_YAML = "toy/templates/web.yaml"
# What it is about, and what it says; then the lines.
NAMED = {
    ("ConfigMap default/three (v1)", "", "", ""): "more.yaml:1-22 in on",
    (
        "ConfigMap default/four (v1)",
        "",
        "",
        "",
    ): "more.yaml:0; see also more.yaml:1-5, ones.yaml:1-3, toy/values.yaml:7",
    ("ConfigMap default/ones (v1)", "", "", ""): "ones.yaml:0; see also ones.yaml:1-3, toy/values.yaml:7",
    ("Secret default/four (v1)", "", "", ""): "nobody knows",
    ("Role default/four (v1)", "", "", ""): "off.yaml:0; see also off.yaml:1-3, toy/values.yaml:7",
    (
        "templates",
        "replicas",
        "",
        "templates/web.yaml:8 makes it 1, as nosuch.yaml:8 does",
    ): "web.yaml:0; see also web.yaml:8",
    (
        "templates",
        "prt",
        WEB_YAML,
        "but templates/web.yaml:30 reads it; near: port",
    ): "web.yaml:0; see also web.yaml:30, toy/values.yaml:6",
    (
        "templates",
        "include",
        WEB_YAML,
        "templates/web.yaml:20: nothing defines it; there is toy.pod",
    ): "web.yaml:0; see also web.yaml:20, _pod.tpl:1",
    ("templates", "port", "", "templates/web.yaml:800 makes it 1"): "nobody knows",
    (WEB_YAML, "", WEB_YAML, ""): "web.yaml:0; see also web.yaml:16, web.yaml:21",
    ("toy/templates/more.yaml", "", "toy/templates/more.yaml", ""): "more.yaml:0; see also more.yaml:1",
    ("ConfigMap default/one", "$ kubectl get", "", ""): "web.yaml:21-31",
    ("ConfigMap default/four (v1)", "a", "", "Deployment web"): "web.yaml:0; see also web.yaml:1-20",
    (
        "values.yaml",
        "port",
        "toy/values.yaml",
        "as Deployment default/web",
    ): "toy/values.yaml:6 with more.yaml:11-13, web.yaml:30; compared with web.yaml:1-20",
    (
        "ConfigMap default/one (v1)",
        "kind",
        WEB_YAML,
        "no Deployment default/web",
    ): "web.yaml:23-24; compared with web.yaml:1-20",
    ("ConfigMap default/one (v1)", "apiVersion", WEB_YAML, "no Deployment default/web-2"): "web.yaml:23",
    ("templates", "toy/port", WEB_YAML, ""): "web.yaml:0",
}

OFF = """\
{{{{- if .Values.extra }}}}
apiVersion: v1
kind: Secret
metadata:
  name: {}
stringData: {{a: b}}
{{{{- end }}}}
"""


def test_what_is_missing_and_what_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matrix = 'chart: toy\nrelease: a\nnamespace: default\nscenarios: {"off": {values: {privileged: false}}, "on": {}}\n'
    write(project, {"matrix.yaml": matrix, "rules/shop/all.py": OTHERS.replace("{OTHERS!r}", repr(list(NAMED)))})
    off = OFF.format("a").replace("Secret", "Role")
    ones = OFF.format("ones").replace("Secret", "ConfigMap")
    files = {"values.yaml": f"{VALUES}extra: false\n", "templates/off.yaml": off, "templates/ones.yaml": ones}
    write(project / "toy", files)
    report = found(capsys, "--matrix=matrix.yaml", "--scenario=off")
    lines = {
        (finding["resource"], finding["path"], finding["template"], finding["expected"]): words(finding["written"])
        + (f" in {finding['written']['scenario']}" if finding["written"] and finding["written"]["scenario"] else "")
        for finding in report["findings"]
    }
    assert lines == NAMED


NOWHERE = '''
from chartgate.documents.addresses import ABSENT
from chartgate.model import Check
from chartgate.policy.policy import policy

@policy(severity="error", remediation="No.")
def much_is_nowhere(rendering):
    """Much is said of what nothing prints, and one thing of what is there in one scenario alone."""
    name, template = rendering.scenario.name, "toy/templates/web.yaml"
    for path in ("a", "b", "c") if name != "s9" else ():
        yield Check("Secret default/nowhere (v1)", path, "there", ABSENT, False, template, name)
    if name == "s9":
        yield Check("ConfigMap default/two (v1)", "metadata.name", "three", "two", False, template, name)

much_is_nowhere.counterexample("s0")(lambda rendering: rendering)
'''


def test_what_is_found_nowhere_hides_nothing_else(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rendering with stamps costs a start of helm, and there are few of them."""
    scenarios = "".join(f"  s{number}: {{}}\n" for number in range(10))
    matrix = f"chart: toy\nrelease: a\nnamespace: default\nscenarios:\n{scenarios}"
    write(project, {"matrix.yaml": matrix, "rules/shop/all.py": NOWHERE})
    report = found(capsys, "--matrix=matrix.yaml")
    lines = {finding["path"]: words(finding["written"]) for finding in report["findings"]}
    assert lines == {
        "a": "web.yaml:0",
        "b": "web.yaml:0",
        "c": "web.yaml:0",
        "metadata.name": "web.yaml:26 with web.yaml:21",
    }


NEAR = """\
apiVersion: v1
kind: Secret
metadata:
  name: toy-secrets
stringData: {a: b}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx@sha256:{{ repeat 64 "a" }}
      {{ .Values.misspelt }}: [ls]
      volumeMounts: [{name: a, mountPath: /a, subPath: b}]
      env:
        - name: A
          valueFrom:
            secretKeyRef:
              name: {{ include "toy.secret" . }}
              key: a
  volumes:
    - name: a
      configMap:
        name: a
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {a: b}
"""


def test_what_prints_nothing_that_is_missing_and_the_key_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = '{{- define "toy.secret" -}}\ntoy-secret\n{{- end }}\n{{- define "toy.more" }}{{ end }}\n'
    files = {"Chart.yaml": CHART, "values.yaml": "extra: false\nmisspelt: comand\n", "templates/_names.tpl": named}
    files |= {"templates/one.yaml": OFF.format('{{ include "toy.secret" . }}'), "templates/pod.yaml": POD}
    files |= {"templates/two.yaml": OFF.format("another"), "templates/near.yaml": NEAR}
    write(tmp_path / "toy", files)
    monkeypatch.chdir(tmp_path)
    names = ("sub_paths_are_keys", "environment_sources_are_there", "manifests_fit_their_schema")
    assert main(["check", "--chart=toy", "--policies=kubernetes", "--format=json", *names]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["policy"]: words(finding["written"]) for finding in findings} == {
        "environment_sources_are_there": (
            "_names.tpl:2, called from toy/templates/pod.yaml:14; compared with near.yaml:4, one.yaml:1-3"
        ),
        "manifests_fit_their_schema": "pod.yaml:8; it prints misspelt at toy/values.yaml:2",
        "sub_paths_are_keys": "pod.yaml:9; compared with pod.yaml:17-19, pod.yaml:21-24",
    }


def test_a_key_that_the_scenario_sets_is_in_no_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project / "toy", {"ci/two-values.yaml": "replicas: 3\n"})
    report = found(capsys)
    [replicas] = [finding for finding in report["findings"] if finding["path"] == "spec.replicas"]
    assert words(replicas["written"]) == "web.yaml:8; it prints replicas"


WRONG = """\
{{- if include "wrong.is_on" . }}
apiVersion: v1
kind: Service
metadata:
  name: wrong
spec:
  {{- toYaml .Values.service | nindent 2 }}
  ports: [{port: 80}]
{{- include "wrong.notes" . }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.nothing | quote }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: wrong
spec:
  ingressClassName: nginx
  {{- if .Values.nothing }}
  rules: []
  {{- end }}
{{- end }}
{{- define "wrong.notes" }}
notes: {}
more: {}
{{- end }}
{{- define "wrong.is_on" }}
on
{{- end }}
"""


def test_what_is_wrong_with_an_object(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several keys, who printed these; of one that only the values have, where these do; of no name, the name."""
    write(project / "toy", {"templates/wrong.yaml": WRONG, "values.yaml": f"{VALUES}service:\n  selektor: {{a: b}}\n"})
    findings = found(capsys, "--policies=kubernetes")["findings"]
    wrong = ("manifests_fit_their_schema", "documents_are_sound_objects", "fields_of_networks_go_together")
    assert {one["path"]: words(one["written"]) for one in findings if one["policy"] in wrong} == {
        "": "wrong.yaml:27-28 with wrong.yaml:1, called from toy/templates/wrong.yaml:9",
        "spec.selektor": "wrong.yaml:7; it prints service.selektor at toy/values.yaml:8",
        "metadata.name": "wrong.yaml:14",
        "spec": "wrong.yaml:20-23 with wrong.yaml:22",
    }


OF_FILES = {
    "line 2: what follows": "toy/files/run.sh:4",
    "line 9: there is none": "toy/files/run.sh:3-5",
    "rm -rf /data: nothing is left": "toy/files/run.sh:5",
    "echo": "toy/files/run.sh:3-5",
    "echo once more": "toy/files/run.sh:3-5",
}


def test_a_file_that_a_template_prints(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line is that of the file, where it is named or only one line of it has the words; else it is all of it."""
    more = """{{ range $number := until 5 }}
apiVersion: v1
kind: ConfigMap
metadata: {name: file-{{ $number }}}
data:
  run.sh: |
    {{- $.Files.Get "files/run.sh" | trim | nindent 4 }}
---
{{ end }}"""
    script = "\n\necho once more\necho once more\nrm -rf /data\n"
    write(project / "toy", {"files/run.sh": script, "templates/files.yaml": more})
    judged = f"""for number, words in enumerate({list(OF_FILES)!r}):
        place = rendering.resources.one("ConfigMap", f"file-{{number}}").place("data[run.sh]")
        yield dataclasses.replace(states(place, False, expected=words), actual=words)
"""
    begin, end = POLICY.index("for kind"), POLICY.index("CONFIG")
    write(project, {"rules/shop/all.py": f"import dataclasses\n{POLICY[:begin]}{judged}\n{POLICY[end:]}"})
    told = {finding["actual"]: words(finding["written"]) for finding in found(capsys)["findings"]}
    assert told == {said: f"{line}, called from toy/templates/files.yaml:7" for said, line in OF_FILES.items()}


@pytest.mark.usefixtures("project")
def test_a_green_run_looks_for_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("chartgate.rendering.stamped_chart.StampedChart", None)
    assert main(["check", "--chart=toy", "--policies=kubernetes", "object_names_are_valid"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_a_helm_that_fails_only_then_costs_the_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report without lines is one all the same."""
    write(project / "toy/templates", {"stamped.yaml": '{{ if .Files.Get "nothing" }}{{ end }}'})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chartgate.rendering.stamped_chart._COMPANION", "_")
        report = found(capsys)
    assert {words(finding["written"]) for finding in report["findings"]} == {"web.yaml:0", "more.yaml:0"}


@pytest.mark.usefixtures("project")
def test_a_file_is_read_once_whatever_is_found_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading it for each finding takes the square of the size of a chart in which everything is wrong."""
    reads: Counter[str] = Counter()

    def counted(text: str, real: Callable[[str], Iterator[WrittenNode]] = written_documents) -> Iterator[WrittenNode]:
        reads[text] += 1
        return real(text)

    printed_places._objects_by_names.cache_clear()
    for module in (said_lines, printed_places):
        monkeypatch.setattr(module, "written_documents", counted)
    assert len(found(capsys)["findings"]) > len(reads)
    assert VALUES in reads
    assert set(reads.values()) == {1}


@pytest.mark.parametrize(
    ("given", "actual", "lines"),
    [({}, "rendered", ["values.yaml:1"]), ({"made": True}, "rendered", []), ({}, "(absent)", [])],
)
def test_which_value_lets_an_object_be_there_that_must_not_be(
    given: dict[str, bool], actual: str, lines: list[str]
) -> None:
    texts = {
        "values.yaml": "made: true\nname: a\n",
        "templates/a.yaml": WRONG.replace('include "wrong.is_on" .', ".Values.made"),
    }
    paths: Any = SimpleNamespace(contents=list(texts), shown=lambda path: path, text=texts.__getitem__)
    paths.of = lambda path: path.removeprefix("toy/")
    templates = {"templates/a.yaml": texts["templates/a.yaml"]}
    chart: Any = SimpleNamespace(metadata={}, name="toy", templates=templates, subcharts=[])
    missing = MissingObjects(cast(Any, None), said_lines.SaidLines(chart, paths), paths)
    finding: Any = SimpleNamespace(expected=ABSENT, actual=actual, path="")
    scenario: Any = SimpleNamespace(values={"made": True, "name": "a"}, overrides=given)
    written = Written(SourceLine("templates/a.yaml", 1, 9))
    assert list(map(str, missing.switched_on(finding, written, scenario))) == lines
