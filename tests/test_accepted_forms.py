"""What charts that others wrote really have, and the policies for any chart accept."""

from __future__ import annotations

import pytest

from chartgate.gate.gate import Gate
from chartgate.model import Rendering
from chartgate.packs.kubernetes.access_and_secrets import security
from chartgate.packs.kubernetes.healthy.pod import HEALTHY, POD, PREPARE, WEB, admitting
from chartgate.packs.kubernetes.install_and_upgrade import equivalence
from chartgate.packs.kubernetes.networking import services
from chartgate.policy.edits import Edit, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering


def _findings(policy: Policy, *renderings: Rendering) -> list[str]:
    return [f"{check.subject} {check.path}: {check.actual}" for check in policy.checks(renderings) if not check.passed]


OF_POD, OF_WEB, OF_PREPARE = (f"{above}.securityContext" for above in (POD, WEB, PREPARE))


def _set(address: str, value: object) -> Edit:
    return put("Deployment web", address, value)


IN_USER_NAMESPACE = _set(f"{POD}.hostUsers", False)


@pytest.mark.parametrize(
    ("constraint", "edits"),
    [
        (
            ">=1.32.0-0",
            [_set(f"{OF_POD}.sysctls", [{"name": "net.ipv4.tcp_wmem"}])],
        ),
        ("", [_set(f"{OF_POD}.sysctls", [{"name": "net.ipv4.tcp_notsent_lowat"}])]),
        (">=1.33", [_set(f"{POD}.volumes", [{"name": "a", "image": {}}])]),
        (
            ">=1.31",
            [_set(f"{above}.seLinuxOptions.type", "container_engine_t") for above in (OF_WEB, OF_PREPARE)],
        ),
        (
            ">=1.35",
            [IN_USER_NAMESPACE, _set(f"{OF_POD}.runAsNonRoot", False)],
        ),
        (
            "no constraint",
            [IN_USER_NAMESPACE, *(_set(f"{above}.runAsNonRoot", False) for above in (OF_WEB, OF_PREPARE))],
        ),
        (
            "^1.35.0-0",
            [IN_USER_NAMESPACE, *(_set(f"{above}.runAsUser", 0) for above in (OF_POD, OF_WEB, OF_PREPARE))],
        ),
    ],
    ids=["memory", "today", "image", "engine", "users", "unread", "zero"],
)
def test_newer_kubernetes_allows_more(gate: Gate, constraint: str, edits: list[Edit]) -> None:
    rendering = literal_rendering(HEALTHY, gate.chart)
    demanded = security.pods_fit_the_demanded_security_level
    for edit in (*edits, admitting(constraint)):
        rendering = edit.apply(rendering)
    assert not _findings(demanded, rendering)


@pytest.mark.parametrize(
    "selector",
    ["statefulset.kubernetes.io/pod-name: web-2", 'apps.kubernetes.io/pod-index: "1"', "app: web"],
)
def test_a_service_may_select_one_pod_of_a_stateful_set(gate: Gate, selector: str) -> None:
    rendering = literal_rendering(_stateful_set(selector), gate.chart)
    assert not _findings(services.service_selectors_find_pods, rendering)


def test_a_service_may_not_select_a_pod_that_is_never_made(gate: Gate) -> None:
    rendering = literal_rendering(_stateful_set("statefulset.kubernetes.io/pod-name: web-3"), gate.chart)
    assert _findings(services.service_selectors_find_pods, rendering)


def _stateful_set(selector: str) -> str:
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec: {{replicas: 3, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: web}}]}}}}}}
"""


RELEASE = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  template:
    metadata: {{annotations: {{checksum/config: {digest}, checksum/short: {digest:.4}}}}}
    spec: {{containers: [{{name: web}}]}}
---
apiVersion: v1
kind: Secret
metadata: {{name: {name}, namespace: {namespace}}}
data: {{host: {host}, password: {password}}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: "migrate-{digest:.8}", namespace: {namespace}}}
spec: {{template: {{spec: {{containers: [{{name: web}}]}}}}}}
"""


def test_hashes_generated_passwords_and_encoded_names_differ_with_the_name(gate: Gate) -> None:
    # As base64: the two names, and two passwords of ten letters.
    one = RELEASE.format(
        name="first-release-x7",
        namespace="first-namespace-x7",
        digest="9f86d081884c7d659a2feaa0c55ad015",
        host="Zmlyc3QtcmVsZWFzZS14Nw==",
        password="dXRuTVhYeHMweg==",  # noqa: S106 - nobody's
    )
    two = RELEASE.format(
        name="other-release-y8",
        namespace="other-namespace-y8",
        digest="60303ae22b998861bce3b28f33eec1be",
        host="b3RoZXItcmVsZWFzZS15OA==",
        password="c1FwN3dzZ01TZg==",  # noqa: S106 - nobody's
    )
    renderings = [literal_rendering(manifests, gate.chart) for manifests in (one, two)]
    assert not _findings(equivalence.renaming_changes_names_only, *renderings)
