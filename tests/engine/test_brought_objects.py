"""What whoever sets a value brings along: the file behind a path, the role that a switch uses, is nothing to blame."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.packs.kubernetes.secrets import secret_values_stay_in_secrets
from chartgate.packs.kubernetes.switches import turned_switches_leave_it_whole
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {key: {{ .Values.git.signingKey | quote }}}\n"
_BINDING = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {template: {spec: {containers: [{name: web}]}}}\n"
    "{{ if .Values.%s }}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"
    "metadata: {name: web}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}\n"
    "subjects: [{kind: ServiceAccount, name: default, namespace: default}]\n{{ end }}\n"
)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("git:\n  # -- Path to the key in the container\n  signingKey: ''\n", []),
        ("git:\n  signingKey: ''  # The file name of the key\n", []),
        ("git:\n  # The key, not its path\n  signingKey: ''\n", ["data.key"]),
        ("git:\n  # -- Path to something else\n  other: ''\n  signingKey: ''\n", ["data.key"]),
    ],
)
def test_a_key_that_takes_a_path_holds_no_secret(values: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    chart = chart_from(tmp_path / "toy", {"templates/all.yaml": _CONFIG, "values.yaml": values})
    renderings = Renderings(chart, tools, (), tmp_path / "runs")
    cases = secret_values_stay_in_secrets.cases(conventional_matrix(chart).rendering)
    findings = [f for case in cases for f in judge(secret_values_stay_in_secrets, case, renderings.of).findings]
    assert [finding.path for finding in findings] == found


@pytest.mark.parametrize(
    ("switch", "role", "found"),
    [
        ("useReaderClusterRole", "authentication-reader", []),
        # It is called after the release: of the chart itself.
        ("useReaderClusterRole", "{{ .Release.Name }}-reader", ["roleRef.name"]),
        # Nothing is used that is elsewhere.
        ("createClusterRole", "authentication-reader", ["roleRef.name"]),
        ("useReader", "authentication-reader", ["roleRef.name"]),
    ],
)
def test_a_switch_to_use_a_role_is_for_one_that_is_there(
    switch: str, role: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    files = {"templates/all.yaml": _BINDING % (switch, role), "values.yaml": f"{switch}: false\n"}
    chart = chart_from(tmp_path / "toy", files)
    renderings = Renderings(chart, tools, (), tmp_path / "runs")
    cases = turned_switches_leave_it_whole.cases(conventional_matrix(chart).rendering)
    findings = [f for case in cases for f in judge(turned_switches_leave_it_whole, case, renderings.of).findings]
    assert [finding.path for finding in findings] == found
