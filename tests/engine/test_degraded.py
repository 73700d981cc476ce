"""One object that is not sound, or is odd, is a finding on that object; `check` judges all others as always."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.toys import CHART, write

PRIVILEGED = """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: "x:1", securityContext: {privileged: true}}]}
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {%s}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "x:1"}]}}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
LOGIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"

# What one template prints, which policy has a finding, and words of that finding.
BESIDE = {
    "no_name": (
        "apiVersion: v1\nkind: Secret\n",
        "documents_are_sound_objects",
        ["Secret (v1) from toy/templates/bad.yaml", "metadata.name"],
    ),
    "a_generated_name": (
        JOB % "generateName: j-",
        "documents_are_sound_objects",
        ["Job default/j-xxxxx (batch/v1)", "by which Helm finds it again"],
    ),
    "a_hook_of_a_generated_name": (
        JOB % "generateName: j-, annotations: {helm.sh/hook: post-install}",
        "documents_are_sound_objects",
        ["metadata.generateName"],
    ),
    "no_kind": (
        "apiVersion: v1\nmetadata: {name: x}\n",
        "documents_are_sound_objects",
        ["x (v1) from toy/templates/bad.yaml"],
    ),
    "an_empty_map": ("{}\n", "documents_are_sound_objects", ["a document from toy/templates/bad.yaml"]),
    "a_list_of_null": ("apiVersion: v1\nkind: List\nitems:\n", "lists_hold_objects", ["List (v1)", "nothing"]),
    "a_list_of_nothing": ("apiVersion: v1\nkind: List\nitems: []\n", "lists_hold_objects", ["List (v1)", "nothing"]),
    "a_list_without_items": ("apiVersion: v1\nkind: List\n", "documents_are_sound_objects", ["List (v1)", "items"]),
    "a_list_with_one_bad_item": (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret}\n- text\n",
        "documents_are_sound_objects",
        ["Secret (v1)", "a document in items[1]"],
    ),
    "a_key_twice": (
        f"{CONFIG}data: {{a: b, a: c}}\n",
        "keys_are_there_once",
        ["ConfigMap default/c (v1) from toy/templates/bad.yaml", "data.a", "twice, in lines 4 and 4"],
    ),
    "data_and_binary_data": (
        f"{CONFIG}data: {{a: b}}\nbinaryData: {{a: Yg==}}\n",
        "keys_are_in_data_or_binary_data",
        ["binaryData.a", "in both"],
    ),
    "a_key_that_is_a_path": (f"{CONFIG}data: {{a/b: c}}\n", "parts_have_valid_names", ["data[a/b]"]),
    "string_data_that_is_a_number": (f"{LOGIN}stringData: {{a: 5}}\n", "manifests_fit_their_schema", ["stringData.a"]),
    "half_a_certificate": (
        f"{LOGIN}type: kubernetes.io/tls\ndata: {{tls.crt: YQ==}}\n",
        "secrets_hold_what_their_type_demands",
        ["data[tls.key]"],
    ),
    "labels_are_a_list": (
        CONFIG.replace("name: c", "name: c, labels: [a]"),
        "manifests_fit_their_schema",
        ["metadata.labels"],
    ),
    "a_spec_that_is_text": (
        JOB.partition("spec:")[0] % "name: j" + "spec: text\n",
        "manifests_fit_their_schema",
        ["Job default/j"],
    ),
    "a_numeric_namespace": (
        CONFIG.replace("name: c", "name: c, namespace: 5"),
        "manifests_fit_their_schema",
        ["metadata.namespace"],
    ),
    "more_behind_the_end": (
        f"{CONFIG}...\n{LOGIN}",
        "documents_are_sound_objects",
        ["more behind a `...`, in line 5"],
    ),
}


def said(files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    chart = write(tmp_path / "toy", {"Chart.yaml": CHART, "values.yaml": "{}"} | files)
    code = main(["check", "--all", f"--chart={chart}", "--policies=kubernetes"])
    return code, capsys.readouterr().out


def findings_of(policy: str, output: str) -> str:
    """Give the parts of a report that tell findings of one policy, each with its resource and place."""
    return "\n".join(
        block for block in output.split("\n\n") if re.search(rf"^  (error|warning): {policy}\b", block, re.MULTILINE)
    )


@pytest.mark.parametrize("name", BESIDE)
def test_all_others_are_judged(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, policy, words = BESIDE[name]
    code, output = said({"templates/bad.yaml": bad, "templates/p.yaml": PRIVILEGED}, tmp_path, capsys)
    assert code == 1
    assert [word for word in words if word not in findings_of(policy, output)] == []
    assert "Pod default/p (v1) from toy/templates/p.yaml" in findings_of("containers_are_unprivileged", output)
    assert "must render, but it does not" not in output


def test_what_helm_prints_of_crds_without_reading_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"crds/bad.yaml": f"kind: [\n---\n{CONFIG}---\n- a\n", "templates/p.yaml": PRIVILEGED}
    code, output = said(files, tmp_path, capsys)
    found = findings_of("documents_are_sound_objects", output)
    assert (code, "did not find expected node content" in found, "a list" in found) == (1, True, True)
    assert "Pod default/p" in findings_of("containers_are_unprivileged", output)


@pytest.mark.parametrize(
    "sound",
    [
        JOB % "generateName: j-, annotations: {argocd.argoproj.io/hook: Sync}",
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: c}}]\n",
        f"{CONFIG}data:\n  a: |\n    ---\n    # Source: x\n    a: 1\n    a: 2\n",
        f"{CONFIG}...\n---\n# a comment\n",
        "null\n---\n~\n---\n# nothing\n",
        f"# Source: somewhere/else.yaml\n{CONFIG}",
    ],
)
def test_what_only_looks_odd_is_sound(sound: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, output = said({"templates/good.yaml": sound, "templates/p.yaml": PRIVILEGED}, tmp_path, capsys)
    for policy in ("documents_are_sound_objects", "keys_are_there_once", "lists_hold_objects"):
        assert findings_of(policy, output) == ""
    assert "Pod default/p" in findings_of("containers_are_unprivileged", output)
