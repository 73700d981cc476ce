"""Kinds that Kubernetes does not have, and API versions that the cluster chooses: what is told of them, and where."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.commands.main import main
from chartgate.errors import InputError
from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Chart, Declarations, Rendering, Schemas
from chartgate.packs.kubernetes.api_server.schema import every_kind_has_a_schema, manifests_fit_their_schema
from chartgate.packs.kubernetes.networking.monitors import fields_of_monitors_hold_what_belongs_there
from chartgate.policy.verdicts import checks_of
from tests.engine.toys import CHART, chart_from, rendering_of, scenario, write

GADGET = "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: a}\n"
FLOW = "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: a}\n"
"""Served until 1.31."""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.org}
spec:
  group: example.org
  names: {kind: Gadget}
  versions:
    - {name: v1, schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}}
"""


def _rendering(chart: Chart, manifests: str, kube_version: str = "", **declared: Any) -> Rendering:
    given = dataclasses.replace(scenario(), kube_version=kube_version, declared=Declarations(**declared))
    return rendering_of(chart, manifests, given)


@pytest.mark.parametrize(
    ("manifests", "declared", "finding", "unjudged"),
    [
        (GADGET, {}, "example.org/v1 Gadget is unknown", []),
        (GADGET, {"is_conventional": True}, "", ["example.org/v1 Gadget (no schema)"]),
        (GADGET, {"schemas": Schemas(unjudged={"example.org/v1 Gadget": "The operator's."})}, "", [
            "example.org/v1 Gadget (no schema)"
        ]),
        (GADGET, {"schemas": Schemas(kinds={"example.org/v1 Gadget": "{}"})}, "", []),
        (f"{GADGET}---{CRD}", {"is_conventional": True}, "", []),
        (
            f"{GADGET}---{CRD.partition(', schema')[0]}}}\n",
            {"is_conventional": True},
            "example.org/v1 Gadget is unknown",
            [],
        ),
        (
            GADGET.replace("example.org/v1", "apps/v1").replace("Gadget", "Deplyoment"),
            {"is_conventional": True},
            "apps/v1 Deplyoment is unknown to 1.31; there is Deployment",
            [],
        ),
        (
            GADGET.replace("example.org/v1", "extensions/v1beta1").replace("Gadget", "Ingress"),
            {"is_conventional": True},
            "extensions/v1beta1 Ingress is unknown to 1.31; there is networking.k8s.io/v1 Ingress",
            [],
        ),
    ],
)  # fmt: skip
def test_what_is_told_of_a_kind(
    manifests: str, declared: dict[str, Any], finding: str, unjudged: list[str], tmp_path: Path
) -> None:
    chart = chart_from(tmp_path / "toy", {"Chart.yaml": CHART + "kubeVersion: ~1.31.0-0\n"})
    checks = list(checks_of(every_kind_has_a_schema, [_rendering(chart, manifests, "", **declared)]))
    found = [check.actual for check in checks if not check.passed]
    assert [finding in actual for actual in found] == [True] * bool(finding), found
    assert [check.unjudged for check in checks if check.unjudged] == unjudged


def test_a_kind_that_a_trial_brings_is_not_judged(tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {"Chart.yaml": CHART})
    tried = rendering_of(chart, GADGET, dataclasses.replace(scenario(), is_trial=True))
    assert [(check.passed, check.unjudged) for check in checks_of(every_kind_has_a_schema, [tried])] == [
        (True, "example.org/v1 Gadget (no schema)")
    ]


@pytest.mark.parametrize(("asked", "is_known"), [("", True), ("v1.31.2", True), ("1.99", False), ("1.5.0", False)])
def test_a_version_without_schemas_is_said_to_be_not_judged(asked: str, is_known: bool, tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {"Chart.yaml": CHART})
    unjudged = [check.unjudged for check in checks_of(every_kind_has_a_schema, [_rendering(chart, "", asked)])]
    minor = asked.removesuffix(".0")
    assert [words.startswith(f"what only Kubernetes {minor} has or lacks") for words in unjudged] == [True] * (
        not is_known
    )


TEMPLATES = {
    "literal": {"all.yaml": "apiVersion: policy/v1beta1"},
    "asks": {"all.yaml": '{{ if .Capabilities.APIVersions.Has "a/v1" }}a/v1{{ else }}b/v1{{ end }}'},
    "asks by a helper": {
        "all.yaml": 'apiVersion: {{ include "a.version" . }}',
        "_a.tpl": '{{- define "a.version" }}{{ template "a.b" . }}{{ end }}',
        "_b.tpl": '{{ define "a.b" }}{{ .Capabilities.KubeVersion }}{{ end }}',
    },
    "a helper that nobody includes": {
        "all.yaml": "apiVersion: policy/v1beta1",
        "_a.tpl": '{{ define "a.b" }}{{ .Capabilities.KubeVersion }}{{ end }}',
    },
    "helpers in a circle": {
        "all.yaml": '{{ include "a" . }}',
        "_a.tpl": '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}',
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kube_version", "is_red"),
    [
        ("literal", "1.31.0", True),
        ("asks", "1.31.0", False),
        ("asks", "1.22.0", False),
        ("asks", "1.32.0", True),
        ("asks", "", False),
        ("asks by a helper", "v1.31", False),
        ("a helper that nobody includes", "1.31.0", True),
        ("helpers in a circle", "1.31.0", True),
    ],
)
def test_an_api_version_that_the_cluster_chose_is_not_the_charts_fault(
    name: str, kube_version: str, is_red: bool, tmp_path: Path
) -> None:
    chart = chart_from(tmp_path / "toy", {f"templates/{file}": text for file, text in TEMPLATES[name].items()})
    assert calls_of(chart).asks_the_cluster("toy/templates/all.yaml") is name.startswith("asks")
    checks = checks_of(every_kind_has_a_schema, [_rendering(chart, FLOW, kube_version)])
    assert any(not check.passed for check in checks) is is_red


def test_definitions_as_they_are_are_schemas_of_the_matrix(tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {})
    write(
        tmp_path,
        {"m.yaml": "{chart: toy, release: a, namespace: b, schemas: {crds: [crds, one.yaml]}, scenarios: {a: {}}}"},
    )
    write(
        tmp_path,
        {
            "crds/deep/a.yaml": f"{CRD}---\nkind: Other\n---\n- 1\n",
            "crds/README.md": "[",
            "one.yaml": CRD.replace("Gadget", "Tool"),
        },
    )
    write(tmp_path, {"one.yaml": CRD.replace("Gadget", "Tool")})
    kinds = load_matrix(tmp_path / "m.yaml", chart).scenarios["a"].declared.schemas.kinds
    assert list(kinds) == ["example.org/v1 Gadget", "example.org/v1 Tool"]
    assert json.loads(kinds["example.org/v1 Gadget"])["properties"]["size"] == {"type": "integer"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "m.yaml:2: schemas.crds: "),
        ("kind: Other", "one.yaml: there is no CustomResourceDefinition with versions in it"),
        (CRD.replace("versions:", "others:"), "there is no CustomResourceDefinition with versions in it"),
        (None, "m.yaml:2: schemas.crds: definitions "),
    ],
)
def test_what_holds_no_definition_is_an_error_of_the_matrix(text: str | None, message: str, tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {})
    write(
        tmp_path,
        {"m.yaml": "{chart: toy, release: a, namespace: b,\nschemas: {crds: [one.yaml]},\nscenarios: {a: {}}}\n"}
        | ({"one.yaml": text} if text else {}),
    )
    with pytest.raises(InputError) as caught:
        load_matrix(tmp_path / "m.yaml", chart)
    assert message in str(caught.value)


def test_without_a_matrix_a_kind_without_a_schema_is_counted_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chart_from(tmp_path / "toy", {"templates/a.yaml": f"{GADGET}---\n{GADGET.replace('name: a', 'name: b')}"})
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--chart=toy", "--policies=kubernetes", "every_kind_has_a_schema"]) == 0
    assert "\nnot judged, 1: example.org/v1 Gadget (no schema)\n" in capsys.readouterr().out
    assert main(["check", "--chart=toy", "--policies=kubernetes", "--format=json", "every_kind_has_a_schema"]) == 0
    assert json.loads(capsys.readouterr().out)["not_judged"] == ["example.org/v1 Gadget (no schema)"]


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (None, {"fields_of_monitors_hold_what_belongs_there": ["spec.interval"]}),
        (
            '{"properties": {"spec": {"additionalProperties": false}}}',
            {"manifests_fit_their_schema": ["spec.interval"]},
        ),
    ],
    ids=["without a schema", "with one"],
)
def test_a_field_of_a_monitor_is_told_once(tmp_path: Path, schema: str | None, found: dict[str, list[str]]) -> None:
    kind = "monitoring.coreos.com/v1 ServiceMonitor"
    monitor = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\nspec: {interval: 30s}\n"
    schemas = Schemas(kinds={kind: schema} if schema else {})
    rendering = _rendering(chart_from(tmp_path, {}), monitor, schemas=schemas)
    told = {
        policy.name: [check.path for check in checks_of(policy, [rendering]) if not check.passed]
        for policy in (fields_of_monitors_hold_what_belongs_there, manifests_fit_their_schema)
    }
    assert {name: paths for name, paths in told.items() if paths} == found
