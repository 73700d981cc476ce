"""What whoever turns a switch still has to give, and no policy says of the chart."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.model import Check, Declarations
from chartgate.packs.kubernetes.api_server.agreement import fields_of_networks_go_together
from chartgate.packs.kubernetes.api_server.effects import fields_have_their_effect
from chartgate.packs.kubernetes.api_server.identity import identities_are_unique
from chartgate.packs.kubernetes.api_server.stored_data import secrets_hold_what_their_type_demands
from chartgate.packs.kubernetes.healthy.release import HEALTHY
from chartgate.packs.kubernetes.networking.monitors import monitors_find_their_ports
from chartgate.packs.kubernetes.networking.network_access import network_policies_admit_their_services
from chartgate.packs.kubernetes.networking.protection import pod_selectors_find_pods
from chartgate.packs.kubernetes.options.switch_judges import is_of_switch
from chartgate.packs.kubernetes.options.switches import parts_fit_each_other, turned_switches_leave_it_whole
from chartgate.policy.edits import Edit, added, gone, in_template, of_chart, of_scenario, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

from .literal_charts import edited, failed


def test_what_nobody_could_judge_behind_a_switch_is_named() -> None:
    gadget = "---\n{apiVersion: example.org/v1, kind: Gadget, metadata: {name: a}}\n"
    before, after = (
        dataclasses.replace(
            rendering, scenario=dataclasses.replace(rendering.scenario, declared=declared, changes=changes)
        )
        for declared in [Declarations(is_conventional=True)]
        for rendering, changes in (
            (literal_rendering(HEALTHY), {}),
            (literal_rendering(HEALTHY + gadget), {"gadget.enabled": True}),
        )
    )
    checks = turned_switches_leave_it_whole.checks([before, after])
    assert "example.org/v1 Gadget (no schema)" in {check.unjudged for check in checks}


@pytest.mark.parametrize(
    ("policy", "actual", "is_told"),
    [
        (secrets_hold_what_their_type_demands, "something else", False),
        (secrets_hold_what_their_type_demands, "tls.key", True),
        (network_policies_admit_their_services, "pods of the namespace only, and not by Service a to port 1", False),
        (network_policies_admit_their_services, "pods of the namespace only, and not by Ingress a to port 1", True),
    ],
)
def test_what_whoever_turns_it_has_to_give(policy: Policy, actual: str, is_told: bool) -> None:
    rendering = literal_rendering("{apiVersion: v1, kind: Secret, metadata: {name: a}}")
    check = Check("Secret a (v1)", "data", "", actual, passed=False)
    assert is_of_switch(policy, check, rendering) is is_told


@pytest.mark.parametrize(
    ("kind", "component", "is_told"),
    [
        ("NetworkPolicy", "query-frontend", False),
        ("NetworkPolicy", "querier", True),
        ("Service", "query-frontend", True),
    ],
)
def test_a_policy_for_a_part_that_is_off_does_no_harm(kind: str, component: str, is_told: bool) -> None:
    selector = f"{{matchLabels: {{app.kubernetes.io/component: {component}}}}}"
    rendering = literal_rendering(
        f"{{apiVersion: v1, kind: {kind}, metadata: {{name: a}}, spec: {{selector: {selector}}}}}"
    )
    check = Check(rendering.resources[0].subject, "spec.selector", "", "no pod", passed=False)
    after = of_scenario(values={"queryFrontend": {}}, changes={"networkPolicy.enabled": True}).apply(rendering)
    assert is_of_switch(pod_selectors_find_pods, check, after) is is_told


@pytest.mark.parametrize(
    ("judge", "subject", "key", "value", "is_told"),
    [
        # Who turns the Service off has one.
        (monitors_find_their_ports, "ServiceMonitor a (v1)", "metricsService.create", False, False),
        (monitors_find_their_ports, "ServiceMonitor a (v1)", "metricsService.create", True, True),
        (monitors_find_their_ports, "ServiceMonitor a (v1)", "metrics.enabled", False, True),
        (fields_have_their_effect, "Deployment a (apps/v1)", "podSecurityContext.enabled", False, False),
        (fields_have_their_effect, "Deployment a (apps/v1)", "persistence.enabled", True, True),
        # Of two sets of definitions that subcharts bring, one is meant.
        (identities_are_unique, "CustomResourceDefinition a (v1)", "crds-experimental.enabled", True, False),
        (identities_are_unique, "Service a (v1)", "web.enabled", True, True),
        # The ports of a Service are a list beside its switch, which is empty.
        (fields_of_networks_go_together, "Service a (v1)", "udp.enabled", True, False),
        (fields_of_networks_go_together, "Service a (v1)", "tcp.enabled", True, True),
        # The address of a Service is a value beside its type.
        (fields_of_networks_go_together, "Service a (v1)", "web.type", "NodePort", False),
        (fields_of_networks_go_together, "Service a (v1)", "api.type", "NodePort", True),
    ],
)
def test_what_its_user_means_by_a_switch(
    judge: Policy, subject: str, key: str, value: bool | str, is_told: bool
) -> None:
    rendering = literal_rendering("{apiVersion: v1, kind: Secret, metadata: {name: a}}")
    values = {"udp": {"enabled": value, "ports": []}, "web": {"clusterIP": "None"}, "api": {"clusterIP": ""}}
    turned = of_scenario(changes={key: value}, values=values)
    path, actual = ("spec.clusterIP", "None, and type NodePort") if key.endswith("type") else ("spec.ports", "none")
    check = Check(subject, path, "", actual, passed=False, template="web/charts/crds/templates/a.yaml")
    assert is_of_switch(judge, check, turned.apply(rendering)) is is_told


@pytest.mark.parametrize(("label", "is_told"), [("worker", False), ("work", True)])
def test_the_pods_of_a_monitor_may_be_behind_another_switch(label: str, is_told: bool) -> None:
    monitor = "{apiVersion: v1, kind: PodMonitor, metadata: {name: a}, spec: {selector: {matchLabels: {app: LABEL}}}}"
    rendering = literal_rendering(monitor.replace("LABEL", label))
    text = "{{- if .Values.worker }}\nlabels:\n  app: worker\nspec:\n  containers: []\n{{- end }}\n"
    check = Check(rendering.resources[0].subject, "spec.selector", "", "nothing has them", passed=False)
    turned = of_scenario(changes={"monitor.enabled": True}).apply(rendering)
    after = of_chart(templates={"templates/worker.yaml": text}).apply(turned)
    assert is_of_switch(monitors_find_their_ports, check, after) is is_told


@pytest.mark.parametrize(
    ("kind", "port", "is_told"),
    [("Service", "metrics", False), ("Service", "telemetry", True), ("Deployment", "metrics", True)],
)
def test_the_port_of_a_monitor_may_be_behind_another_switch(kind: str, port: str, is_told: bool) -> None:
    rendering = literal_rendering("{apiVersion: v1, kind: Secret, metadata: {name: a}}")
    text = (
        f"kind: {kind}\nspec:\n  ports:\n    {{{{- if .Values.metrics }}}}\n    - name: metrics\n    {{{{- end }}}}\n"
    )
    check = Check("ServiceMonitor a (v1)", "spec.endpoints[0].port", "", port, passed=False)
    after = in_template(text).apply(of_scenario(changes={"monitor.enabled": True}).apply(rendering))
    assert is_of_switch(monitors_find_their_ports, check, after) is is_told


@pytest.mark.parametrize(
    ("where", "port", "values", "is_told"),
    [
        ("Ingress web spec.rules[0].http.paths[0].backend.service.port.number", 81, {"route": {"port": 81}}, False),
        # Of another section, another number, and what is no port.
        ("Ingress web spec.rules[0].http.paths[0].backend.service.port.number", 81, {"web": {"port": 81}}, True),
        ("Ingress web spec.rules[0].http.paths[0].backend.service.port.number", 81, {"route": {"port": 82}}, True),
        ("NetworkPolicy web spec.ingress", [{"ports": [{"port": 81}]}], {"route": {"port": 81}}, True),
    ],
)
def test_a_port_beside_a_switch_is_for_those_who_turn_it(
    where: str, port: object, values: dict[str, dict[str, object]], is_told: bool
) -> None:
    kind, name, path = where.split(" ")
    turned = of_scenario(changes={"route.enabled": True}, values=values)
    on = edited(HEALTHY, put(f"{kind} {name}", path, port), turned)
    assert bool(failed(checks_of(parts_fit_each_other, [edited(HEALTHY), on]))) is is_told


@pytest.mark.parametrize(
    ("others", "is_told"), [(["auth.ldap", "auth.oidc"], False), (["auth.ldap", "metrics"], True), (["a", "b"], True)]
)
def test_variables_of_two_parts_of_one_section_are_of_one_or_the_other(others: list[str], is_told: bool) -> None:
    twice = put("Deployment web", "spec.template.spec.containers[web].env", [{"name": "LOGIN", "value": "a"}] * 2)
    on = edited(HEALTHY, twice, of_scenario(changes={f"{other}.enabled": True for other in others}))
    assert bool(failed(checks_of(parts_fit_each_other, [edited(HEALTHY), on]))) is is_told


def test_ports_of_two_parts_have_different_names() -> None:
    ports = [{"name": "tcp", "port": 80}, {"name": "tcp", "port": 81}]
    on = edited(HEALTHY, put("Service web", "spec.ports", ports), of_scenario(changes={"a.enabled": True, "b": True}))
    told = failed(checks_of(parts_fit_each_other, [edited(HEALTHY), on]))
    assert ("spec.ports", ["tcp"]) in [(finding.path, finding.actual) for finding in told]


_PUBLIC = (
    "{apiVersion: v1, kind: Service, metadata: {name: public}, spec: {selector: {app: web}, ports: [{port: 443}]}}"
)
_PUBLIC_ROUTE = (
    "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: b}, spec: {to: {kind: Service, name: public}}}"
)


@pytest.mark.parametrize(
    ("edits", "is_told"),
    [
        ([added(_PUBLIC), added(_PUBLIC_ROUTE)], False),
        ([added(_PUBLIC)], True),
        ([added(_PUBLIC), added(_PUBLIC_ROUTE), gone("Ingress web")], True),
    ],
)
def test_a_policy_for_ingresses_may_shut_what_a_route_leads_to(edits: list[Edit], is_told: bool) -> None:
    shut = put("NetworkPolicy web", "spec.ingress", [{"ports": [{"port": 8080}]}])
    on = edited(HEALTHY, shut, *edits)
    assert bool(failed(checks_of(parts_fit_each_other, [edited(HEALTHY), on]))) is is_told
