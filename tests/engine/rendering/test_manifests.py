"""From helm's text to resources: nothing is lost, each knows its template, and what is no object is red."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.errors import InputError
from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED
from chartgate.model import Flaw, Identity
from chartgate.rendering.helm_template import helm_input, template
from chartgate.rendering.manifests import parse, read_output, split
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


NAMELESS = "apiVersion: v1\nkind: Secret\n"
TEMPLATE = "toy/templates/bad.yaml"

# What helm prints, and of the flaw: its sort, its subject, address, what is expected and what is there, the line.
FLAWS = {
    "a list": ("- a\n", ("object", "a document", "", "a Kubernetes object", "a list", 0)),
    "a text": ("just text\n", ("object", "a document", "", "a Kubernetes object", "a text", 0)),
    "a number": ("5\n", ("object", "a document", "", "a Kubernetes object", "a number", 0)),
    "a switch": ("true\n", ("object", "a document", "", "a Kubernetes object", "a boolean", 0)),
    "an empty list": ("[]\n", ("object", "a document", "", "a Kubernetes object", "a list", 0)),
    "an empty map": ("{}\n", ("object", "a document", "apiVersion", "a text", ABSENT, 0)),
    "no apiVersion": ("kind: Secret\nmetadata: {name: b}\n", ("object", "Secret b", "apiVersion", "a text", ABSENT, 0)),
    "an empty apiVersion": (
        "apiVersion: ''\nkind: Secret\nmetadata: {name: b}\n", ("object", "Secret b ()", "apiVersion", "a text", "", 0)
    ),
    "a numeric apiVersion": (
        "apiVersion: 1\nkind: Secret\nmetadata: {name: b}\n", ("object", "Secret b", "apiVersion", "a text", 1, 0)
    ),
    "no kind": ("apiVersion: v1\nmetadata: {name: b}\n", ("object", "b (v1)", "kind", "a text", ABSENT, 0)),
    "a null kind": ("apiVersion: v1\nkind:\nmetadata: {name: b}\n", ("object", "b (v1)", "kind", "a text", None, 0)),
    "a numeric kind": (
        "apiVersion: v1\nkind: 5\nmetadata: {name: b}\n", ("object", "5 b (v1)", "kind", "a text", 5, 0)
    ),
    "a kind that is a list": (
        "apiVersion: v1\nkind: [a]\nmetadata: {name: b}\n", ("object", "b (v1)", "kind", "a text", "a list", 0)
    ),
    "no metadata": (NAMELESS, ("object", "Secret (v1)", "metadata.name", "a text", ABSENT, 0)),
    "null metadata": (f"{NAMELESS}metadata:\n", ("object", "Secret (v1)", "metadata.name", "a text", ABSENT, 0)),
    "metadata is a text": (f"{NAMELESS}metadata: b\n", ("object", "Secret (v1)", "metadata", "a map", "a text", 0)),
    "metadata is a list": (f"{NAMELESS}metadata: [b]\n", ("object", "Secret (v1)", "metadata", "a map", "a list", 0)),
    "an empty name": (
        f"{NAMELESS}metadata: {{name: ''}}\n", ("object", "Secret (v1)", "metadata.name", "a text", "", 0)
    ),
    "a null name": (f"{NAMELESS}metadata: {{name: }}\n", ("object", "Secret (v1)", "metadata.name", "a text", None, 0)),
    "a numeric name": (
        f"{NAMELESS}metadata: {{name: 5}}\n", ("object", "Secret 5 (v1)", "metadata.name", "a text", 5, 0)
    ),
    "a name that is a switch": (
        f"{NAMELESS}metadata: {{name: yes}}\n", ("object", "Secret True (v1)", "metadata.name", "a text", True, 0)
    ),
    "a name that is a map": (
        f"{NAMELESS}metadata: {{name: {{a: b}}}}\n", ("object", "Secret (v1)", "metadata.name", "a text", "a map", 0)
    ),
    "a numeric generateName": (
        f"{NAMELESS}metadata: {{generateName: 5}}\n", ("object", "Secret 5 (v1)", "metadata.name", "a text", ABSENT, 0)
    ),
    "a List without items": (
        "apiVersion: v1\nkind: List\n", ("object", "List (v1)", "items", "a list of objects", ABSENT, 0)
    ),
    "items are a text": (
        "apiVersion: v1\nkind: List\nitems: a\n", ("object", "List (v1)", "items", "a list of objects", "a text", 0)
    ),
    "items are null": (
        "apiVersion: v1\nkind: List\nitems:\n", ("list", "List (v1)", "items", "at least one object", "nothing", 0)
    ),
    "no items": (
        "apiVersion: v1\nkind: List\nitems: []\n", ("list", "List (v1)", "items", "at least one object", "nothing", 0)
    ),
    "an item is a text": (
        "apiVersion: v1\nkind: List\nitems: [a]\n",
        ("object", "a document in items[0]", "", "a Kubernetes object", "a text", 0),
    ),
    "an item is null": (
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [null]}]\n",
        ("object", "a document in items[0].items[0]", "", "a Kubernetes object", "null", 0),
    ),
    "an item has no name": (
        "apiVersion: v1\nkind: PodList\nitems: [{}]\n", ("object", "Pod (v1)", "metadata.name", "a text", ABSENT, 0)
    ),
    "broken YAML": (
        "apiVersion: v1\nkind: [\n",
        ("object", "a document", "", "YAML", "line 3, column 1: did not find expected node content", 3),
    ),
    "something behind the end": (
        f"{NAMELESS}metadata: {{name: b}}\n...\n\n# a comment\nkind: ConfigMap\n",
        ("object", "Secret b (v1)", "", "one document", "more behind a `...`, in line 7, which nothing reads", 7),
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", FLAWS)
def test_what_is_no_sound_object_costs_no_other(bad: str) -> None:
    text, flaw = FLAWS[bad]
    resources, flaws = read_output(f"{HEAD}{text}{HEAD.replace('bad', 'good')}{GOOD}", "shop")
    assert [r.template for r in resources if r.name == "a"] == ["toy/templates/good.yaml"]
    assert Flaw(flaw[0], TEMPLATE, *flaw[1:]) in flaws  # type: ignore[arg-type]
    with pytest.raises(InputError, match=f"{TEMPLATE}: .*: expected .*, found "):
        parse(f"{HEAD}{text}", "shop")


@pytest.mark.parametrize(
    ("text", "subject", "address", "lines"),
    [
        (f"{GOOD}kind: Secret\n", "Secret shop/a (v1)", "kind", "twice, in lines 2 and 4"),
        (f"{GOOD}data:\n  a.b: c\n  d: e\n  a.b: f\n", "ConfigMap shop/a (v1)", "data[a.b]", "twice, in lines 5 and 7"),
        (f"{GOOD}data: {{a: b, a: c,\n a: d}}\n", "ConfigMap shop/a (v1)", "data.a", "3 times, in lines 4, 4 and 5"),
        (f"{GOOD}data: {{1: b, '1': c}}\n", "ConfigMap shop/a (v1)", "data[1]", "twice, in lines 4 and 4"),
        (f"{GOOD}data: {{yes: b, 'true': c}}\n", "ConfigMap shop/a (v1)", "data.true", "once more, in line 4"),
        (
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n"
            "- {apiVersion: v1, kind: Pod, metadata: {name: c},\n   spec: {}, spec: {}}\n",
            "Pod shop/c (v1)", "spec", "twice, in lines 6 and 6",
        ),
        (
            f"{GOOD}x: &x {{a: 1}}\ny: {{<<: *x, a: 2, c: [{{d: [1, {{}}]}}, *x, {{'': {{f: 1, f: 2}}}}]}}\n",
            "ConfigMap shop/a (v1)", "y.c[2][].f", "twice, in lines 5 and 5",
        ),
        ("items: []\nitems: []\n", "a document", "items", "twice, in lines 1 and 2"),
        ("[{a: 1, a: 2}]\n", "a document", "[0].a", "twice, in lines 1 and 1"),
        (f"{NAMELESS}data: {{}}\ndata: {{}}\n", "Secret (v1)", "data", "twice, in lines 3 and 4"),
    ],
)  # fmt: skip
def test_a_key_twice_is_told_and_the_last_one_counts(text: str, subject: str, address: str, lines: str) -> None:
    _, flaws = read_output(f"{HEAD}{text}", "shop")
    [flaw] = [flaw for flaw in flaws if flaw.sort == "key"]
    assert (flaw.template, flaw.subject, flaw.address) == (TEMPLATE, subject, address)
    assert flaw.actual == f"{lines} of the rendered document: the last one counts"


def test_the_last_of_two_keys_is_what_is_judged() -> None:
    [resource], _ = read_output(f"{HEAD}{GOOD}kind: Secret\ndata: {{a: b, a: c}}\n", "shop")
    assert (resource.kind, resource.at("data")) == ("Secret", {"a": "c"})


def test_one_broken_document_of_a_file_costs_no_other() -> None:
    """Helm prints what is in crds/ as it is."""
    text = f"{CRD}---\nkind: [\n---\n- a\n---\n{GOOD}"
    resources, flaws = read_output(f"{HEAD}{text}", "shop")
    assert [resource.name for resource in resources] == ["gadgets.toy.io", "a"]
    assert [(flaw.actual, flaw.line) for flaw in flaws] == [
        ("line 8, column 1: did not find expected node content", 8),
        ("a list", 0),
    ]


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ("generateName: job-", ["metadata.generateName"]),
        ("generateName: job-, name: ''", ["metadata.generateName"]),
        ("generateName: job-, annotations: {helm.sh/hook: post-install}", ["metadata.generateName"]),
        ("generateName: job-, annotations: {argocd.argoproj.io/hook: Sync}", []),
        ("generateName: job-, annotations: [argocd.argoproj.io/hook]", ["metadata.generateName"]),
        ("generateName: job-, name: one", ["metadata.generateName"]),
    ],
)
def test_an_object_whose_name_is_generated_is_judged(metadata: str, problem: list[str]) -> None:
    [resource], flaws = read_output(f"{HEAD}apiVersion: batch/v1\nkind: Job\nmetadata: {{{metadata}}}\n", "shop")
    assert [flaw.address for flaw in flaws] == problem
    assert {flaw.subject for flaw in flaws} <= {str(resource.identity)}
    assert resource.identity.label == ("Job shop/one" if "one" in metadata else "Job shop/job-xxxxx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("WARNING: hello\n" + HEAD + GOOD, "helm wrote something that is not a manifest: 'WARNING: hello'"),
        (GOOD, "helm wrote something that is not a manifest: 'apiVersion: v1'"),
    ],
)
def test_what_is_not_helms_output(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_output(text, "shop")
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
