"""Each switch of a chart without a matrix is turned once; and what happens at several places is told once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.rendering.in_process import installed_version
from tests.engine.toys import write

pytestmark = pytest.mark.usefixtures("library_alone")

RENDERER = f"--renderer={'inprocess' if installed_version() else 'helm'}"  # which render the same
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "values.yaml": "cache: {enabled: false, tls: {enabled: false}}\ndebug: false\nsize: 1\n",
    "templates/a.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Values.fullnameOverride | default .Release.Name }}-web}
data: {size: "1"}
""",
    "templates/cache.yaml": """\
{{- if .Values.cache.enabled }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: cache}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
{{- if .Values.cache.tls.enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tls}
data: {port: "1"}
{{- end }}
{{- end }}
""",
}


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where there are no settings and no policies."""
    monkeypatch.chdir(tmp_path)


def _review(
    before: Mapping[str, str],
    after: Mapping[str, str],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    judged: bool = False,
) -> dict[str, Any]:
    for name, files in (("old", before), ("new", after)):
        write(folder / name, CHART | dict(files))
    judges = [] if judged else ["--no-policies"]
    main(["review", str(folder / "old"), str(folder / "new"), "--format=json", RENDERER, *judges])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def _edited(file: str, old: str, new: str) -> dict[str, str]:
    assert old in CHART[file]
    return {file: CHART[file].replace(old, new)}


def _objects(report: Mapping[str, Any]) -> dict[str, str]:
    return {entry["subjects"][0]: entry["condition"] for entry in report["entries"] if entry["section"] == "resources"}


def test_what_is_made_up_each_time_is_no_change_in_an_upgrade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "templates/a.yaml": """\
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: {{ randAlphaNum 12 }}, made: "{{ .Release.IsUpgrade }}"}
"""
    }
    renamed = files["templates/a.yaml"].replace("{password:", "{secret:")
    edits = {
        "same": ({"templates/b.yaml": "{{- /* nothing */ -}}"}, []),
        "gone": ({"templates/a.yaml": renamed}, ["secret_key_removed"]),
    }
    for name, (edit, classes) in edits.items():
        (tmp_path / name).mkdir()
        report = _review(files, files | edit, tmp_path / name, capsys)
        told = [
            risk["class"] for entry in report["entries"] if entry["section"] == "resources" for risk in entry["risks"]
        ]
        assert told == classes, name


def test_what_is_called_after_the_revision_is_made_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: {{ include "job" . }}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1", args: [a]}]}}}
{{- define "job" }}a-{{ %s }}{{ end }}
"""
    told = []
    for number in (".Release.Revision", "1"):
        files = {"templates/a.yaml": job % number}
        (tmp_path / number).mkdir()
        report = _review(files, {"templates/a.yaml": files["templates/a.yaml"].replace("[a]", "[b]")},
                         tmp_path / number, capsys)  # fmt: skip
        told.append([risk["class"] for entry in report["entries"] for risk in entry.get("risks", [])])
    assert ["immutable" in classes for classes in told] == [False, True]


def test_a_switch_of_another_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {name: text.replace("cache.", "store.").replace("cache:", "store:") for name, text in CHART.items()}
    report = _review({}, {**texts, "templates/cache.yaml": texts["templates/cache.yaml"].replace("2Gi", "1Gi")},
                     tmp_path, capsys)  # fmt: skip
    assert _objects(report) == {"PersistentVolumeClaim default/cache": "store.enabled=true"}


@pytest.mark.parametrize(
    ("edit", "objects"),
    [
        (_edited("templates/cache.yaml", "2Gi", "1Gi"), {"PersistentVolumeClaim default/cache": "cache.enabled=true"}),
        (_edited("templates/cache.yaml", '"1"', '"2"'), {"ConfigMap default/tls": "cache.tls.enabled=true"}),
        (_edited("templates/a.yaml", '"1"', '"2"'), {"ConfigMap default/release-name-web": "all"}),
        (
            _edited("templates/a.yaml", '"1"', '{{ (genCA "a" 1).Cert | quote }}'),
            {"ConfigMap default/release-name-web": "all"},
        ),
        (_edited("values.yaml", "debug: false", "debug: false\nnew: {enabled: false}"), {}),
    ],
    ids=["behind a switch", "behind two", "everywhere", "made anew each time", "a new switch"],
)
def test_what_is_behind_a_switch(
    edit: Mapping[str, str], objects: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _review({}, edit, tmp_path, capsys)
    assert _objects(report) == objects
    assert report["scenarios"]["compared"] == 1
    assert report["scenarios"]["turned"] == ["cache.enabled=true", "debug=true", "cache.tls.enabled=true"]
    assert report["matrix"].endswith("/new, with 3 switches turned once")


OF_PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: writer}
spec:
  selector: {matchLabels: {app: writer}}
  template:
    metadata: {labels: {app: writer}}
    spec:
"""
WRITER = (
    OF_PODS
    + """\
      securityContext: {fsGroup: 1000}
      containers: [{name: writer, image: "example.com/writer:1", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, {{ ternary "emptyDir: {}" "persistentVolumeClaim: {claimName: data}" .Values.debug }}}]
"""
)


def test_what_is_less_of_a_danger_behind_a_switch_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = ({"templates/writer.yaml": WRITER.replace("1000", group)} for group in ("1000", "2000"))
    report = _review(before, after, tmp_path, capsys)
    at = ["spec.template.spec.securityContext.fsGroup"]
    told = [entry for entry in report["entries"] if entry.get("addresses") == at]
    assert [(risk["level"], entry["condition"]) for entry in told for risk in entry["risks"]] == [("danger", "all")]


LED = (
    OF_PODS
    + """\
      containers:
        - name: writer
          image: example.com/writer:1
          args:
            {{ if .Values.debug }}- --debug{{ end }}
            - --csi=OLD
            - --keep
            {{ if has "gateways" .Values.kinds }}- --gates=OLD{{ end }}
"""
)


def test_an_argument_is_told_once_and_what_is_behind_an_item(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"values.yaml": CHART["values.yaml"] + "kinds: [services]\n"}
    before, after = ({**values, "templates/writer.yaml": LED.replace("OLD", word)} for word in ("false", "true"))
    report = _review(before, after, tmp_path, capsys)
    told = [(risk["reason"], entry["condition"]) for entry in report["entries"] for risk in entry.get("risks", ())]
    assert told == [
        ("--csi is true now", "all"),
        ("--gates is true now", "kinds has gateways"),
        ("the pods of 1 workload are replaced", "all"),
    ]


SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {selector: {app: cache}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, labels: {app: other}}
spec: {containers: [{name: other, image: "example.com/other:1"}]}
"""


@pytest.mark.parametrize(
    ("file", "condition"),
    [("templates/cache.yaml", "cache.enabled=true"), ("templates/a.yaml", "all")],
    ids=["behind a switch", "everywhere"],
)
def test_what_policies_find_behind_a_switch(
    file: str, condition: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = CHART[file].removesuffix("{{- end }}\n") + SERVICE + "{{- end }}\n" * CHART[file].endswith("{{- end }}\n")
    report = _review({}, {file: more}, tmp_path, capsys, judged=True)
    found = [
        (entry["subjects"], entry["condition"])
        for entry in report["entries"]
        for risk in entry.get("risks", ())
        if risk["reason"].startswith("service_selectors_find_pods: ")
    ]
    assert found == [(["Service default/cache"], condition)]


SCHEMALESS = """
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cache}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cache}, maxReplicas: 3, metrics: [{type: 5}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache}}
    spec: {containers: [{name: cache, image: "example.com/cache:1"}]}
"""


def test_what_several_policies_find_behind_a_switch_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = CHART["templates/cache.yaml"].removesuffix("{{- end }}\n") + SCHEMALESS + "{{- end }}\n"
    report = _review({}, {"templates/cache.yaml": more}, tmp_path, capsys, judged=True)
    reasons = [
        risk["reason"].partition(":")[0]
        for entry in report["entries"]
        if entry.get("addresses") == ["spec.metrics[5].type"]
        for risk in entry.get("risks", ())
    ]
    assert reasons == ["manifests_fit_their_schema"]


CLUSTER_ROLE = """\
{{- if .Values.cache.enabled }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: keeper}
rules: []
{{- end }}
"""
MISSPELT = """\
{{- if .Values.cache.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: keeper}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: keeper, tier: bakc}}}]}]}
{{- end }}
"""
POD = {
    "templates/pod.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-other", labels: {app: keeper, tier: back}}
spec: {containers: [{name: other, image: "example.com/other:1"}]}
"""
}


@pytest.mark.parametrize(
    ("addition", "subject", "policy"),
    [
        (CLUSTER_ROLE, "ClusterRole keeper", "two_releases_share_nothing"),
        (MISSPELT, "NetworkPolicy default/keeper", "network_peers_are_spelt_right"),
    ],
    ids=["a role of the cluster", "a misspelt label"],
)
def test_what_policies_that_compare_find_behind_a_switch(
    addition: str, subject: str, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _review(POD, {**POD, "templates/more.yaml": addition}, tmp_path, capsys, judged=True)
    found = {
        (entry["subjects"][0], risk["reason"].partition(":")[0])
        for entry in report["entries"]
        for risk in entry.get("risks", ())
    }
    assert (subject, policy) in found


def test_what_policies_found_behind_a_switch_is_not_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = CHART["templates/cache.yaml"].removesuffix("{{- end }}\n") + SERVICE + "{{- end }}\n"
    before, after = ({"templates/cache.yaml": text} for text in (faulty, faulty.replace("2Gi", "1Gi")))
    report = _review(before, after, tmp_path, capsys, judged=True)
    classes = {risk["class"] for entry in report["entries"] for risk in entry.get("risks", ())}
    assert "storage" in classes
    assert "new_finding" not in classes


def test_a_file_in_ci_turns_it_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ci = {"ci/cache-values.yaml": "cache: {enabled: true}\n", "ci/plain-values.yaml": "{}\n"}
    report = _review(ci, {**ci, **_edited("templates/cache.yaml", "2Gi", "1Gi")}, tmp_path, capsys)
    assert _objects(report) == {"PersistentVolumeClaim default/cache": "cache"}
    assert report["scenarios"]["turned"] == ["cache.tls.enabled=true", "debug=true"]


def test_a_switch_that_the_old_chart_refuses_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusing = {"templates/b.yaml": '{{ if .Values.debug }}{{ fail "never" }}{{ end }}'}
    report = _review(refusing, refusing, tmp_path, capsys)
    assert (report["entries"], report["scenarios"]["refusedByBoth"]) == ([], [])
    assert report["notes"] == [
        "Never turned, so nobody knows what changes behind them: debug. A matrix, or files in ci/, would."
    ]


def test_a_switch_that_only_the_new_chart_refuses_is_a_danger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing = {"templates/b.yaml": '{{ if .Values.debug }}{{ fail "never" }}{{ end }}'}
    report = _review({}, refusing, tmp_path, capsys)
    [entry] = report["entries"]
    assert (entry["subjects"], entry["risks"][0]["class"]) == (["debug=true"], "values_refused")


def test_a_matrix_says_itself_what_is_turned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matrix = {"matrix.yaml": "chart: .\nrelease: a\nnamespace: a\n"}
    report = _review(matrix, {**matrix, **_edited("templates/cache.yaml", "2Gi", "1Gi")}, tmp_path, capsys)
    assert (_objects(report), report["scenarios"]["turned"]) == ({}, [])


def test_many_switches_are_not_all_turned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"values.yaml": CHART["values.yaml"] + "".join(f"k{n}: true\n" for n in range(20))}
    report = _review(values, values, tmp_path, capsys)
    assert len(report["scenarios"]["turned"]) == 16
    [note] = report["notes"]
    assert note.endswith(" k13, k14, k15, k16, k17 and 2 more. A matrix, or files in ci/, would.")


SUBCHART = {
    "Chart.yaml": "apiVersion: v2\nname: NAME\nversion: 1.0.0\n",
    "values.yaml": "global: {banner: TEXT}\n",
}


@pytest.mark.parametrize("own", ["global: {banner: TEXT}\n", ""])
def test_below_global_is_told_once(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def chart(text: str) -> dict[str, str]:
        below = {
            f"charts/{name}/{file}": content.replace("NAME", name).replace("TEXT", text)
            for name in ("one", "two")
            for file, content in SUBCHART.items()
        }
        return {**below, "values.yaml": CHART["values.yaml"] + own.replace("TEXT", text)}

    report = _review(chart("hello"), chart("welcome"), tmp_path, capsys)
    assert [entry["addresses"] for entry in report["entries"] if entry["section"] == "values"] == [["global.banner"]]


def test_another_fullname_is_the_same_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ci = {"ci/named-values.yaml": "fullnameOverride: portal\n", "ci/plain-values.yaml": "{}\n"}
    report = _review(ci, {**ci, **_edited("templates/a.yaml", '"1"', '"2"')}, tmp_path, capsys)
    [entry] = [entry for entry in report["entries"] if entry["section"] == "resources"]
    assert entry["subjects"] == ["ConfigMap default/portal-web", "ConfigMap default/release-name-web"]
    assert entry["condition"] == "all"
