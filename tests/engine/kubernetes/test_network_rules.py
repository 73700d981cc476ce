"""What NetworkPolicies let in and out, and what looks shut and is not."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.networking import network_access, network_callers, protection
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of

WEB, DATA = "NetworkPolicy web", "NetworkPolicy data"
SERVICES, CALLERS = (
    network_access.network_policies_admit_their_services,
    network_callers.network_policies_admit_their_callers,
)
CONTAINER = "spec.template.spec.containers[web]"
ALSO = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: more},"
    " spec: {podSelector: {}, ingress: [{}]}}"
)
CLASS = "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: own}, spec: {controller: a.com/b}}"
DENIAL = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: none}, spec: {podSelector: {}}}"


def findings(policy: Policy, *edits: Edit) -> list[tuple[str, str, str]]:
    found = findings_of(policy, network_access.HEALTHY, *edits)
    return [(check.subject.partition(" (")[0], check.path, str(check.actual)) for check in found]


@pytest.mark.parametrize(
    ("policy", "edits"),
    [
        # Policies add up.
        (SERVICES, [gone(WEB, "spec.ingress"), added(ALSO)]),
        (SERVICES, [put(WEB, "spec.ingress", [{}])]),
        (SERVICES, [put(WEB, "spec.ingress", [{"ports": None, "from": [{"podSelector": {}}]}]), gone("Ingress web")]),
        # Whatever is behind the Ingress: a controller of this namespace, or one of the release's own.
        (SERVICES, [put(WEB, "spec.ingress[0].from", [{"podSelector": {"matchLabels": {"app": "gateway"}}}])]),
        (SERVICES, [put(WEB, "spec.ingress[0].from", [{"ipBlock": {"cidr": "10.0.0.0/8"}}, {"podSelector": {}}])]),
        (SERVICES, [put(WEB, "spec.ingress[0].from", [{"podSelector": {}}]), added(CLASS)]),
        (SERVICES, [put(WEB, "spec.ingress", [{"ports": [{"protocol": "TCP"}]}])]),
        # It is only for what goes out.
        (SERVICES, [gone(WEB, "spec.ingress"), put(WEB, "spec.policyTypes", ["Egress"])]),
        # Others add what they need to the denial of everything.
        (SERVICES, [gone(WEB), added(DENIAL)]),
        (SERVICES, [gone(WEB, "spec.ingress"), put("Deployment web", "spec.template.spec.hostNetwork", True)]),
        # Nothing leads to it but the probes of the node that it is on.
        (
            SERVICES,
            [
                put(WEB, "spec.ingress", [{"ports": [{"port": "http"}]}]),
                put("Service web", "spec.ports", [{"port": 80, "targetPort": "http"}]),
                gone("PodMonitor web"),
                gone("Deployment web", "spec.template.metadata.annotations"),
                put("Deployment web", f"{CONTAINER}.livenessProbe", {"httpGet": {"path": "/", "port": "admin"}}),
            ],
        ),
        (CALLERS, [put(WEB, "spec.egress", [{}])]),
        (CALLERS, [put(WEB, "spec.egress[1].to", [{"ipBlock": {"cidr": "10.0.0.0/8"}}])]),
        (CALLERS, [put(WEB, "spec.egress[1].to", [{"podSelector": {}}])]),
        # Who knows which labels that namespace has.
        (CALLERS, [put(DATA, "spec.ingress[0].from", [{"namespaceSelector": {"matchLabels": {"team": "shop"}}}])]),
        (CALLERS, [put(WEB, "spec.egress[0].ports[0].port", 5353)]),
        (CALLERS, [put(WEB, "spec.egress[0].ports[0].port", "dns")]),
        # It calls by address, and something that is not of the release.
        (
            CALLERS,
            [put("Deployment web", f"{CONTAINER}.env[DATABASE].value", "10.1.2.3:5432"), put(WEB, "spec.egress", [])],
        ),
    ],
)
def test_it_stays_green(policy: Policy, edits: list[Edit]) -> None:
    assert findings(policy, *edits) == []


@pytest.mark.parametrize(
    ("policy", "edits", "found"),
    [
        (
            SERVICES,
            [put(WEB, "spec.ingress", [{"ports": [{"port": "http"}]}])],
            (
                WEB.replace("web", "default/web"),
                "spec.ingress",
                "nothing admits 9100 of Service default/web, 9090 of PodMonitor default/web, 9200 of the annotation"
                " prometheus.io/port",
            ),
        ),
        (
            CALLERS,
            [put(WEB, "spec.egress[0].to", [{"podSelector": {}}])],
            ("NetworkPolicy default/web", "spec.egress", "no rule does"),
        ),
        # The host and the port are two variables.
        (
            CALLERS,
            [
                put(
                    "Deployment web",
                    f"{CONTAINER}.env",
                    [{"name": "PGHOST", "value": "data"}, {"name": "PGPORT", "value": "5432"}],
                ),
                put(DATA, "spec.ingress", []),
                put(DATA, "spec.ingress", [{"from": [{"podSelector": {"matchLabels": {"app": "shop"}}}]}]),
            ],
            ("NetworkPolicy default/data", "spec.ingress", "no rule does"),
        ),
    ],
)
def test_it_says_what_is_shut(policy: Policy, edits: list[Edit], found: tuple[str, str, str]) -> None:
    assert findings(policy, *edits) == [found]


@pytest.mark.parametrize(
    ("templates", "passed"),
    [
        ({"templates/all.yaml": "component: worker"}, False),
        # The pods of a feature that is off.
        ({"templates/all.yaml": "component: worker", "templates/worker.yaml": "{component: worker}"}, True),
        # A named template makes the value.
        ({"templates/all.yaml": 'component: {{ include "w" . }}', "templates/_a.tpl": "{component: x}"}, True),
    ],
)
def test_a_label_that_only_one_template_knows(templates: dict[str, str], passed: bool) -> None:
    rendering = put("NetworkPolicy data", "spec.ingress[0].from[0].podSelector.matchLabels.component", "worker").apply(
        literal_rendering(protection.PEERS)
    )
    changed = dataclasses.replace(rendering, chart=dataclasses.replace(rendering.chart, templates=templates))
    [check] = checks_of(protection.network_peers_are_spelt_right, [changed])
    assert check.passed is passed
