"""What networks of good public charts have, and policies told of it wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.model import Rendering
from chartgate.packs.kubernetes.healthy import pod, release
from chartgate.packs.kubernetes.networking import calls, changed_ports, monitors, protection, selectors, stateful_sets
from chartgate.policy.edits import added, in_template, of_scenario, put
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import chart_with, failed, findings_of

_KIND = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: a}}"
_SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: b, labels: {app: b}}}"


@pytest.mark.parametrize(("selects", "severity"), [({"app": "data"}, None), ({"app": "other"}, "warning")])
def test_nobody_calls_the_pods_of_a_stateful_set(selects: dict[str, str], severity: str | None) -> None:
    edits = [
        put("StatefulSet data", "spec.serviceName", "data-headless"),
        put("Service data", "spec.selector", selects),
    ]
    checks = failed(checks_of(stateful_sets.stateful_sets_have_their_service, [chart_with(release.HEALTHY, *edits)]))
    assert [check.severity for check in checks] == [severity]


@pytest.mark.parametrize(
    ("query", "is_turned", "found"),
    [
        ({"enabled": False}, True, 0),
        ({"enabled": False, "port": 80}, True, 0),
        ({"enabled": False, "externalHost": ""}, True, 1),  # for which there is another
        ({"enabled": False, "externalHost": ""}, False, 0),
        ({"enabled": False, "externalHost": "db.example.com"}, False, 1),
        ({"enabled": True}, True, 1),
    ],
)
def test_a_part_that_is_off_is_called_by_nobody(query: dict[str, Any], is_turned: bool, found: int) -> None:
    asks = put("Deployment release-name-web", f"{pod.WEB}.env[DB_HOST].value", "release-name-query")
    values = {"parts": {"enabled": True, "query": query}}
    turned = of_scenario(values=values, changes={"parts.query.enabled": False} if is_turned else {})
    assert len(findings_of(calls.called_hosts_of_the_release_are_services, calls.HEALTHY, asks, turned)) == found


@pytest.mark.parametrize(("label", "found"), [("notebook", 0), ("other", 1)])
def test_a_policy_for_pods_of_a_template_that_renders_none(label: str, found: int) -> None:
    selects = put("NetworkPolicy web", "spec.podSelector.matchLabels.app", label)
    text = (
        "{{ if .Values.hub }}\nkind: Deployment\nspec: {template: {metadata:\n  labels:\n    app: notebook\n}}{{ end }}"
    )
    assert len(findings_of(protection.pod_selectors_find_pods, release.HEALTHY, selects, in_template(text))) == found


@pytest.mark.parametrize(("nodes", "found"), [("windows", 0), ("linux", 2)])
def test_daemon_sets_for_other_nodes_never_meet(nodes: str, found: int) -> None:
    one = (
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: %s}, spec: {selector: {matchLabels: {app: a}},"
        " template: {metadata: {labels: {app: a}}, spec: {nodeSelector: {kubernetes.io/os: %s}, containers: []}}}}"
    )
    rendering = chart_with(f"{one % ('a', 'linux')}\n---\n{one % ('b', nodes)}")
    assert len(failed(checks_of(selectors.workloads_share_no_pods, [rendering]))) == found


@pytest.mark.parametrize(
    ("labels", "beside", "found"),
    [
        ("{app: a}", _KIND, 0),
        ("{app: a}", _SERVICE, 1),
        ("{component: apiserver, provider: kubernetes}", _SERVICE, 0),  # those of the Service `kubernetes`
    ],
)
def test_nobody_here_makes_the_services_that_a_monitor_finds(labels: str, beside: str, found: int) -> None:
    monitor = (
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: a},"
        f" spec: {{selector: {{matchLabels: {labels}}}, endpoints: [{{port: web}}]}}}}"
    )
    rendering = chart_with(f"{monitor}\n---\n{_KIND}\n---\n{beside}")
    assert len(failed(checks_of(monitors.monitors_find_their_ports, [rendering]))) == found


@pytest.mark.parametrize(
    ("key", "of_service", "found"), [("asker", "all", 0), ("asker", "asker", 1), ("web", "all", 1)]
)
def test_a_subchart_asks_for_a_port_of_another_chart_by_a_key_of_its_own(key: str, of_service: str, found: int) -> None:
    def rendered(port: int, number: int) -> Rendering:
        folder = {"all": "literal/templates/all.yaml", "asker": "literal/charts/asker/templates/service.yaml"}
        service = f"{{apiVersion: v1, kind: Service, metadata: {{name: hub}}, spec: {{ports: [{{port: {number}}}]}}}}"
        asker = (
            "{apiVersion: v1, kind: Pod, metadata: {name: asker}, spec: {containers:"
            f" [{{name: asker, args: ['--hub=http://hub:{port}']}}]}}}}"
        )
        one = chart_with(pod.HEALTHY, added(service, folder[of_service]))
        one = added(asker, "literal/charts/asker/templates/pod.yaml").apply(one)
        changes = {} if port == number else {f"{key}.port": port, "hub.port": number}
        return of_scenario(changes=changes, is_trial=True).apply(one)

    pair = [rendered(4445, 4445), rendered(21015, 21022)]
    assert len(failed(checks_of(changed_ports.changed_ports_reach_all_that_ask, pair))) == found
