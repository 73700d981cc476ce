"""Two releases of one chart: what they share is found, what may be shared or is the user's choice is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.packs.kubernetes.install_and_upgrade.releases import (
    two_namespaces_share_nothing,
    two_releases_share_nothing,
)
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

_FULL = "{{ .Release.Name }}-web"
_POD = "template: {metadata: {labels: {app: web, instance: %s}}, spec: {containers: [{name: web, image: web}]}}"


def _named(kind: str, name: str, more: str = "", version: str = "v1", namespace: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f'---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: "{name}"{where}}}\n{more}\n'


def _role(name: str) -> str:
    return _named("ClusterRole", name, version="rbac.authorization.k8s.io/v1")


def _web(selector: str, instance: str = "{{ .Release.Name }}") -> str:
    spec = f"spec:\n  selector: {{matchLabels: {{{selector}}}}}\n  {_POD % instance}"
    return _named("Deployment", _FULL, spec, version="apps/v1")


def _protects(kind: str, version: str, field: str) -> str:
    return _named(kind, _FULL, f"spec: {{{field}: {{matchLabels: {{app: web}}}}}}", version=version)


_OWN = _web("app: web, instance: {{ .Release.Name }}")
_APART = _OWN.replace(
    "{containers",
    "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a/b,"
    " labelSelector: {matchLabels: {app: web}}}]}}, containers",
)
_CONFIG = _named("ConfigMap", _FULL)
_API = _named("APIService", "v1.a.b", "spec: {group: a.b, version: v1}", version="apiregistration.k8s.io/v1")
_OWNED = _role("{{ .Release.Namespace }}-{{ .Release.Name }}")

# By name: the template, the values, and the objects that a finding names; none for what is healthy.
IN_ONE_NAMESPACE: dict[str, tuple[str, str, list[str]]] = {
    "a fixed name": (_CONFIG + _named("Secret", "login"), "{}", ["Secret login"]),
    "a name after the chart": (_CONFIG + _named("Service", "{{ .Chart.Name }}"), "{}", ["Service toy"]),
    "a name after the namespace": (_CONFIG + _role("{{ .Release.Namespace }}"), "{}", ["ClusterRole first"]),
    "a cluster role": (_CONFIG + _role("reader"), "{}", ["ClusterRole reader"]),
    "an object in another namespace": (_CONFIG + _named("Secret", "login", namespace="other"), "{}", ["Secret login"]),
    "a namespace": (_CONFIG + _named("Namespace", "database"), "{}", ["Namespace database"]),
    "its own namespace": (_CONFIG + _named("Namespace", "{{ .Release.Namespace }}"), "{}", []),
    "everything has a fixed name": (_named("ConfigMap", "a") + _named("Secret", "b"), "{}", ["templates"]),
    "pods that keep apart from each other": (_APART, "{}", ["Deployment first-release-x7-web"]),
    "pods that keep apart from those of one release": (
        _APART.replace("matchLabels: {app: web}}}", "matchLabels: {instance: {{ .Release.Name }}}}}"), "{}", [],
    ),
    "pods that keep apart from others": (_APART.replace("{app: web}}}", "{app: db}}}"), "{}", []),
    "a service": (
        _OWN + _named("Service", _FULL, "spec: {selector: {app: web}}"), "{}", ["Service first-release-x7-web"],
    ),
    "a workload": (_web("app: web"), "{}", ["Deployment first-release-x7-web"]),
    "a budget": (
        _OWN + _protects("PodDisruptionBudget", "policy/v1", "selector"),
        "{}",
        ["PodDisruptionBudget first-release-x7-web"],
    ),
    "a network policy": (
        _OWN + _protects("NetworkPolicy", "networking.k8s.io/v1", "podSelector"),
        "{}",
        ["NetworkPolicy first-release-x7-web"],
    ),
    "a pod monitor": (
        _OWN + _protects("PodMonitor", "monitoring.coreos.com/v1", "selector"),
        "{}",
        ["PodMonitor first-release-x7-web"],
    ),
    "an expression": (
        _OWN
        + _named(
            "PodDisruptionBudget",
            _FULL,
            "spec: {selector: {matchExpressions: [{key: app, operator: Exists}]}}",
            version="policy/v1",
        ),
        "{}",
        ["PodDisruptionBudget first-release-x7-web"],
    ),
    "its own pods": (_OWN + _named("Service", _FULL, f"spec: {{selector: {{instance: {_FULL}}}}}"), "{}", []),
    "a hash of the name": (_CONFIG + _named("Secret", "{{ .Release.Name | sha256sum | trunc 8 }}-a"), "{}", []),
    "a cut name": (_CONFIG + _named("Secret", "{{ .Release.Name | trunc 9 }}"), "{}", []),
    "a definition": (
        _CONFIG + _named("CustomResourceDefinition", "a.b.c", version="apiextensions.k8s.io/v1"), "{}", [],
    ),
    "an API": (
        _CONFIG + _named("APIService", "v1.metrics.k8s.io", version="apiregistration.k8s.io/v1"), "{}", [],
    ),
    "everything of what serves the cluster": (
        _role("a") + _role("b") + _API, "{}", [],
    ),
    "one name of what serves the cluster": (
        _CONFIG + _role("reader") + _named("CSIDriver", "a.b.c", version="storage.k8s.io/v1"),
        "{}",
        [],
    ),
    "a hook": (
        _CONFIG + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n",
        "{}",
        [],
    ),
    "a name that a value says": (
        _CONFIG + _role("{{ .Values.roleName }}"), "{roleName: reader}", [],
    ),
    "a name that a value says, and a template has": (
        _CONFIG + "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n",
        "{volumes: [{name: login}], secret: {name: login}}",
        ["Secret login"],
    ),
    "a class that a value says": (
        _CONFIG + _named("IngressClass", "{{ .Values.class.name }}", version="networking.k8s.io/v1"),
        "{class: {name: nginx}}",
        [],
    ),
    "a repository says no name": (
        _CONFIG + _named("Service", "redis"), "{image: {name: redis, tag: a}}", ["Service redis"],
    ),
    "made where it is not there": (
        _CONFIG
        + '{{ if not (lookup "v1" "Namespace" "" "database") }}'
        + _named("Namespace", "database")
        + "{{ end }}",
        "{}",
        [],
    ),
    "every pod of the namespace": (
        _OWN + _named("NetworkPolicy", _FULL, "spec: {podSelector: {}}", version="networking.k8s.io/v1"), "{}", [],
    ),
}  # fmt: skip

IN_TWO_NAMESPACES: dict[str, tuple[str, str, list[str]]] = {
    "a role after the release": (_CONFIG + _role(_FULL), "{}", ["ClusterRole first-release-x7-web"]),
    "a role and its binding": (
        _role(_FULL) + _named("ClusterRoleBinding", _FULL, version="rbac.authorization.k8s.io/v1"),
        "{}",
        ["ClusterRole first-release-x7-web"],
    ),
    "in kube-system": (
        _CONFIG + _named("Secret", _FULL, namespace="kube-system"), "{}", ["Secret first-release-x7-web"],
    ),
    "in default by a value": (
        _CONFIG + _named("Secret", _FULL, namespace="{{ .Values.namespace }}"),
        "namespace: default",
        ["Secret first-release-x7-web"],
    ),
    "in what serves the cluster": (
        _role(_FULL) + _API, "{}", [],
    ),
    "one of two in what serves the cluster": (
        _OWNED + _role(_FULL) + _named("CSIDriver", "a.b.c", version="storage.k8s.io/v1"),
        "{}",
        ["ClusterRole first-release-x7-web"],
    ),
    "both names": (_OWNED + _CONFIG, "{}", []),
    "a fixed name is told once": (_CONFIG + _role("reader"), "{}", []),
    "in a namespace that a value says": (
        _CONFIG + _named("Secret", _FULL, namespace="{{ .Values.namespace }}"), "{namespace: monitoring}", [],
    ),
}  # fmt: skip


def found(policy: Policy, files: dict[str, str], folder: Path, tools: Tools, *, matrix: str = "") -> list[str]:
    chart = chart_from(folder / "toy", files)
    (folder / "matrix.yaml").write_text(matrix)
    given = load_matrix(folder / "matrix.yaml", chart) if matrix else conventional_matrix(chart)
    renderings = Renderings(chart, tools, (), folder / "runs")
    verdicts = [judge(policy, case, renderings.of) for case in policy.cases(given.rendering)]
    assert [verdict.unrendered for verdict in verdicts if verdict.unrendered] == []
    findings = dict.fromkeys(finding.subject for verdict in verdicts for finding in verdict.findings)
    return [_without_place(subject) for subject in findings]


def _without_place(subject: str) -> str:
    """Give kind and name; of a name after the namespace, the beginning."""
    kind, _, name = subject.partition(" (")[0].partition(" ")
    name = name.rpartition("/")[2]
    return " ".join(filter(None, (kind, "first" if name == "first-namespace-x7" else name.partition(" from")[0])))


@pytest.mark.parametrize("name", IN_ONE_NAMESPACE)
def test_two_names_in_one_namespace(name: str, tmp_path: Path, tools: Tools) -> None:
    template, values, expected = IN_ONE_NAMESPACE[name]
    files = {"templates/all.yaml": template, "values.yaml": values}
    assert found(two_releases_share_nothing, files, tmp_path, tools) == expected


@pytest.mark.parametrize("name", IN_TWO_NAMESPACES)
def test_one_name_in_two_namespaces(name: str, tmp_path: Path, tools: Tools) -> None:
    template, values, expected = IN_TWO_NAMESPACES[name]
    files = {"templates/all.yaml": template, "values.yaml": values}
    assert found(two_namespaces_share_nothing, files, tmp_path, tools) == expected


def test_what_the_user_names_is_the_users(tmp_path: Path, tools: Tools) -> None:
    name = "{{ .Values.fullnameOverride | default .Release.Name }}"
    template = _web(f'instance: "{name}-web"', f'"{name}-web"').replace(_FULL, f"{name}-web")
    template += _named("ConfigMap", name) + _named("Secret", f"{name}-login")
    template += "{{ range .Values.extra }}\n---\n{{ tpl . $ }}{{ end }}{{ range $k, $v := .Values.maps }}"
    template += _named("ConfigMap", "{{ $k }}") + "{{ end }}"
    files = {
        "templates/all.yaml": template,
        "values.yaml": 'fullnameOverride: ""\nextra: []\nmaps: {}\n',
        "ci/named-values.yaml": "fullnameOverride: shop\n",
        "ci/more-values.yaml": (
            "maps: {mine: {}}\nextra:\n- |\n  apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: given\n"
        ),
    }
    assert found(two_releases_share_nothing, files, tmp_path, tools) == []


_MATRIX = "chart: toy\nrelease: a\nnamespace: b\nscenarios: {one: {}}\n"


@pytest.mark.parametrize(
    ("scope", "in_one_namespace", "in_two"),
    [
        ("", ["ClusterRole settings"], []),
        ("namespace", [], ["ClusterRole settings"]),
        ("cluster", [], []),
    ],
)
def test_a_matrix_says_that_one_is_enough(
    scope: str, in_one_namespace: list[str], in_two: list[str], tmp_path: Path, tools: Tools
) -> None:
    template = _named("ConfigMap", "settings") + _CONFIG + _role("settings")
    files = {"templates/all.yaml": template, "values.yaml": "{}"}
    matrix = _MATRIX + (f"one_per: {{scope: {scope}, reason: people type the name}}\n" if scope else "")
    assert found(two_releases_share_nothing, files, tmp_path, tools, matrix=matrix) == in_one_namespace
    assert found(two_namespaces_share_nothing, files, tmp_path, tools, matrix=matrix) == in_two
