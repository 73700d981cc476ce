"""From helm's text to resources: nothing is lost, each knows its template, and what is no object is red."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED
from chartgate.model import Identity
from chartgate.rendering.helm_template import helm_input, template
from chartgate.rendering.manifests import parse, split
from chartgate.system.toolchain import OLDEST, PINNED, Release, Tools
from tests.engine.toys import CHART, CONFIG, archive, chart_from, scenario, wrapper, write

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.toy.io}
spec: {group: toy.io, scope: Cluster, names: {kind: Gadget}}
"""

CM = "apiVersion: v1\nkind: ConfigMap\n"

STRANGE = {
    "crds/gadgets.yaml": f"---{CRD}---{CRD.replace('gadget', 'widget').replace('Gadget', 'Widget')}",
    "templates/config.yaml": CONFIG,
    "templates/comment.yaml": "# Only a comment: helm prints a header all the same.\n",
    "templates/empty.yaml": "{{- if .Values.nothing }}a: b{{ end }}\n",
    "templates/several.yaml": "---\n" + "---\n# a comment\n---\n".join(
        f"{CM}metadata: {{name: several-{number}}}\ndata:\n  a: |\n    ---\n    # Source: x\n"
        for number in (1, 2)
    ) + "---\n",
    "templates/crlf.yaml": "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: crlf}\r\ndata: {a: \"é ü\"}\r\n",
    "templates/spaces.yaml": CM + "metadata: {name: spaces}   \ndata: {a: b}\t\n\n\n",
    "templates/list.yaml": (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}}\n"
        "- {apiVersion: v1, kind: SecretList, items: [{apiVersion: v1, kind: Secret, metadata: {name: deeper}}]}\n"
    ),
    "templates/hook.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: hook, annotations: {helm.sh/hook: post-install}}\n"
    ),
    "templates/gadget.yaml": "apiVersion: toy.io/v1\nkind: Gadget\nmetadata: {name: g}\n",
    "templates/role.yaml": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r, namespace: x}\n"
    ),
    "templates/tests/probe.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: probe, namespace: elsewhere}\n",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    "charts/sub/crds/gizmos.yaml": CRD.replace("gadget", "gizmo").replace("Gadget", "Gizmo"),
    "charts/sub/templates/gizmo.yaml": "apiVersion: toy.io/v1\nkind: Gizmo\nmetadata: {name: g}\n",
    "charts/sub/templates/config.yaml": CONFIG.replace("-config", "-sub"),
}  # fmt: skip

EXPECTED = {
    Identity("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "gadgets.toy.io"): "toy/crds/gadgets.yaml",
    Identity("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "widgets.toy.io"): "toy/crds/gadgets.yaml",
    Identity("v1", "ConfigMap", "shop", "demo-config"): "toy/templates/config.yaml",
    Identity("v1", "ConfigMap", "shop", "several-1"): "toy/templates/several.yaml",
    Identity("v1", "ConfigMap", "shop", "several-2"): "toy/templates/several.yaml",
    Identity("v1", "ConfigMap", "shop", "crlf"): "toy/templates/crlf.yaml",
    Identity("v1", "ConfigMap", "shop", "spaces"): "toy/templates/spaces.yaml",
    Identity("v1", "ConfigMap", "shop", "listed"): "toy/templates/list.yaml",
    Identity("v1", "Secret", "shop", "deeper"): "toy/templates/list.yaml",
    Identity("batch/v1", "Job", "shop", "hook"): "toy/templates/hook.yaml",
    Identity("toy.io/v1", "Gadget", "", "g"): "toy/templates/gadget.yaml",
    Identity("rbac.authorization.k8s.io/v1", "ClusterRole", "", "r"): "toy/templates/role.yaml",
    Identity("v1", "Pod", "elsewhere", "probe"): "toy/templates/tests/probe.yaml",
    Identity("v1", "ConfigMap", "shop", "demo-sub"): "toy/charts/sub/templates/config.yaml",
    Identity("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "gizmos.toy.io"): (
        "toy/charts/sub/crds/gizmos.yaml"
    ),
    Identity("toy.io/v1", "Gizmo", "", "g"): "toy/charts/sub/templates/gizmo.yaml",
    Identity("v1", "ConfigMap", "shop", "demo-packed"): "toy/charts/packed/templates/config.yaml",
}


@pytest.mark.parametrize("release", [PINNED, OLDEST], ids=lambda release: release.helm)
def test_nothing_of_helms_output_is_lost(release: Release, tmp_path: Path) -> None:
    if not release.tool("helm").is_file():
        pytest.skip(f"helm {release.helm} is not provisioned: chartgate provision --all")
    write(tmp_path / "toy", STRANGE)
    archive(
        tmp_path / "toy" / "charts" / "packed-1.0.0.tgz",
        {
            "packed/Chart.yaml": "apiVersion: v2\nname: packed\nversion: 1.0.0",
            "packed/templates/config.yaml": CONFIG.replace("-config", "-packed"),
        },
    )
    chart = chart_from(tmp_path / "toy", {"values.yaml": "mode: plain"})
    recorder = wrapper(tmp_path / "wrapped", release.tool("helm"))
    tools = Tools(recorder.path, release.tool("kubectl"), release.helm)
    output = template(helm_input(chart, scenario(), tools))
    assert output.exit_code == 0, output.stderr
    seen = recorder.starts("template")[0].stdout
    # Byte for byte: the headers and the pieces between them are all that helm wrote.
    assert "".join(f"---\n# Source: {name}\n{text}" for name, text in split(output.stdout)).encode() == seen
    assert {resource.identity: resource.template for resource in parse(output.stdout, "shop")} == EXPECTED


def test_text_reaches_resources_unchanged(tmp_path: Path) -> None:
    texts = [
        "a\n\n  b \n",
        "tab\there",
        "ünïcode 😀",
        "---\n# Source: toy/x.yaml\nkind: Trap\n",
        "2024-01-01",
        "1e3",
        " ",
    ]
    template_text = CM + "metadata: {name: texts}\ndata: {{ toYaml .Values | nindent 2 }}\n"
    chart = chart_from(tmp_path, {"templates/texts.yaml": template_text, "Chart.yaml": CHART})
    given = scenario(**{f"t{index}": text for index, text in enumerate(texts)})
    output = template(helm_input(chart, given, Tools(PINNED.tool("helm"), PINNED.tool("kubectl"), "")))
    [resource] = parse(output.stdout, "shop")
    assert [resource.at(f"data.t{index}") for index in range(len(texts))] == texts


HEAD = "---\n# Source: toy/templates/bad.yaml\n"
GOOD = f"{CM}metadata: {{name: a}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEAD}- a\n", "toy/templates/bad.yaml: a document is list, not a Kubernetes object"),
        (f"{HEAD}just text\n", "toy/templates/bad.yaml: a document is str, not a Kubernetes object"),
        (f"{HEAD}{GOOD}---\n5\n", "toy/templates/bad.yaml: a document is int, not a Kubernetes object"),
        (f"{HEAD}{GOOD}kind: Secret\n", "toy/templates/bad.yaml: line 4, column 1: key 'kind' is there twice"),
        (f"{HEAD}apiVersion: v1\nkind: [\n", "toy/templates/bad.yaml: line 3, column 1: did not find expected node"),
        (f"{HEAD}metadata: {{name: a}}\n", "toy/templates/bad.yaml: an object (kind None, name 'a') has no apiVersion"),
        (f"{HEAD}apiVersion: v1\nmetadata: {{name: a}}\n", "an object (kind None, name 'a') has no kind"),
        (f"{HEAD}apiVersion: v1\nkind: 5\nmetadata: {{name: a}}\n", "an object (kind 5, name 'a') has no kind"),
        (f"{HEAD}apiVersion: v1\nkind: Secret\n", "an object (kind 'Secret', name None) has no metadata.name"),
        (f"{HEAD}apiVersion: v1\nkind: Secret\nmetadata: {{name: ''}}\n", "(kind 'Secret', name '') has no metadata"),
        (f"{HEAD}apiVersion: v1\nkind: Secret\nmetadata: {{name: 5}}\n", "(kind 'Secret', name 5) has no metadata"),
        (f"{HEAD}apiVersion: v1\nkind: Secret\nmetadata: text\n", "(kind 'Secret', name None) has no metadata.name"),
        (f"{HEAD}apiVersion: v1\nkind: List\nitems: [a]\n", "toy/templates/bad.yaml: a document is str, not a Kubern"),
        ("WARNING: hello\n" + HEAD + GOOD, "helm wrote something that is not a manifest: 'WARNING: hello'"),
        (GOOD, "helm wrote something that is not a manifest: 'apiVersion: v1'"),
    ],
)  # fmt: skip
def test_what_is_no_manifest(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse(text, "shop")
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["", "\n", "---\n# Source: toy/templates/empty.yaml\n", f"{HEAD}# a comment\n---\n"])
def test_nothing_is_no_resource(text: str) -> None:
    assert parse(text, "shop") == []


def test_anchors_merge_keys_and_dates() -> None:
    [resource] = parse(f"{HEAD}{GOOD}data: &data {{a: 2024-01-01, b: 12:30:45}}\nmore: {{<<: *data, b: 1e3}}\n", "shop")
    assert resource.at("data") == {"a": "2024-01-01", "b": "12:30:45"}
    assert resource.at("more") == {"a": "2024-01-01", "b": 1000}


@pytest.mark.parametrize(
    "spec",
    [
        "null",
        "{}",
        "{group: toy.io, scope: Cluster}",
        "{group: toy.io, names: {kind: [Gadget]}}",
        "{group: toy.io, scope: Namespaced, names: {kind: Gadget}}",
        "{group: other.io, scope: Cluster, names: {kind: Gadget}}",
    ],
)
def test_a_crd_that_declares_no_cluster_scope_changes_nothing(spec: str) -> None:
    crd = CRD.replace("{group: toy.io, scope: Cluster, names: {kind: Gadget}}", spec)
    resources = parse(f"{HEAD}{crd}---\napiVersion: toy.io/v1\nkind: Gadget\nmetadata: {{name: g}}\n", "shop")
    assert resources.one("Gadget", "g").namespace == "shop"


def test_cluster_scoped_kinds_are_those_of_kubernetes() -> None:
    """`kubectl api-resources` needs a cluster, so a few are spelled out: a slip of the list shows here."""
    kinds = {kind for _, kind in CLUSTER_SCOPED}
    assert {"Namespace", "Node", "ClusterRole", "PersistentVolume", "StorageClass", "CSIDriver"} <= kinds
    assert not {"Role", "RoleBinding", "PersistentVolumeClaim", "ServiceAccount", "Ingress", "Lease"} & kinds


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace"),
    [
        ("v1", "Node", ""),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", ""),
        ("project.openshift.io/v1", "Project", ""),
        ("management.example.io/v3", "Node", "shop"),
        ("example.io/v1", "Project", "shop"),
        ("apps/v1", "Deployment", "shop"),
    ],
)
def test_the_group_tells_whether_a_kind_has_a_namespace(api_version: str, kind: str, namespace: str) -> None:
    [found] = parse(f"{HEAD}apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n", "shop")
    assert found.namespace == namespace
