"""The runbook: each of its commands answers as the spec says, whether Lightspeed is off or on."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.label_selectors import pod_labels, port_of, selects
from chartgate.kubernetes.pods.workloads import container, pod_spec, pod_template
from chartgate.model import Check, Missing, Rendering, Resource
from chartgate.policy.checks import equals, states
from chartgate.policy.policy import policy

from .scripts import oc_answers as oc
from .spec.backstage import BACKSTAGE, PORTS, after_hooks
from .spec.runbook_commands import ANSWERS, TARGETS, Question, Verdict, filled


@policy(
    severity="error",
    remediation="Name and label what the command asks for as the runbook does: people type it as it stands there.",
    spec="Testing",
)
def runbook_answers(rendering: Rendering) -> Iterator[Check]:
    """Every `oc` command of the runbook finds its target, and gives the expected answer where a rendering has it.

    Asked of the resources after the hooks. Pods are those of the workloads; where a list must have one item, any of
    those that it finds may be the first.
    """
    scenario = rendering.scenario
    for questions, ask in ((ANSWERS, oc.printed), (TARGETS, oc.reach)):
        for question in questions:
            if question.where(scenario):
                call = oc.parse(filled(question.command, scenario))
                try:
                    yield _check(rendering, question, call, ask(call, rendering.after_hooks))
                except Missing as missing:
                    yield dataclasses.replace(missing.check, path=f"$ {filled(question.command, scenario)}")


def _check(rendering: Rendering, question: Question, call: oc.Call, lines: list[oc.Line]) -> Check:
    verdict = question.judge(rendering.scenario, [line.text for line in lines])
    about = _resource(call, lines, verdict)
    return Check(
        subject=about if isinstance(about, str) else str(about.identity),
        path=f"$ {filled(question.command, rendering.scenario)}",
        expected=verdict.expected,
        actual=verdict.actual,
        passed=verdict.passed,
        template="" if isinstance(about, str) else about.template,
    )


def _resource(call: oc.Call, lines: list[oc.Line], verdict: Verdict) -> Resource | str:
    """Say what an answer is about: what should not be in it, else what is missing in it, else what it comes from."""
    expected = verdict.expected if isinstance(verdict.expected, list) else []
    printed = [line.text for line in lines]
    for line in lines:
        if not verdict.passed and line.text not in expected:
            return line.resource
    wanted = next((text.split()[0] for text in expected if text not in printed), "")
    name = call.objects[1] if len(call.objects) > 1 else wanted
    if lines and not wanted:
        return lines[0].resource
    if call.verb == "exec":
        return call.objects[0].replace("deployment/", f"Deployment {call.namespace}/")
    kind = oc.KINDS.get(call.objects[0], ("Pod",))[0]
    return f"{kind} {call.namespace}/{name}" if call.namespace else f"{kind} {name}"


@runbook_answers.counterexample("off")
def a_secret_sounds_like_one_of_the_three(rendering: Rendering) -> Rendering:
    rendering.after_hooks.of_kind("Secret")[0].manifest["metadata"]["name"] = "lightspeed-auth"
    return rendering


@runbook_answers.counterexample("off")
def the_databases_service_is_left(rendering: Rendering) -> Rendering:
    service = copy.deepcopy(rendering.after_hooks.of_kind("Service")[0])
    service.manifest["metadata"] = {"name": "lightspeed-postgres", "namespace": "lightspeed-postgres"}
    rendering.after_hooks.append(service)
    return rendering


@runbook_answers.counterexample("off")
def the_hubs_database_has_the_label_too(rendering: Rendering) -> Rendering:
    stateful_set = rendering.after_hooks.one("StatefulSet", "backstage-postgresql")
    pod_template(stateful_set)[1]["metadata"]["labels"]["app.kubernetes.io/name"] = "backstage"
    return rendering


@runbook_answers.counterexample("off")
def the_deployment_has_the_charts_name(rendering: Rendering) -> Rendering:
    after_hooks(rendering).manifest["metadata"]["name"] = "cluster-config-rhdh-helm-developer-hub"
    return rendering


@runbook_answers.counterexample("all_on")
def a_secret_is_missing(rendering: Rendering) -> Rendering:
    rendering.after_hooks.remove(rendering.after_hooks.one("Secret", "llama-stack-secrets"))
    return rendering


@runbook_answers.counterexample("all_on")
def the_sidecars_come_first(rendering: Rendering) -> Rendering:
    spec = pod_spec(after_hooks(rendering))[1]
    spec["containers"] = [*spec["containers"][1:], spec["containers"][0]]
    return rendering


@runbook_answers.counterexample("all_on")
def a_sidecar_has_another_name(rendering: Rendering) -> Rendering:
    container(after_hooks(rendering), "feedback-harvester").manifest["name"] = "harvester"
    return rendering


@runbook_answers.counterexample("all_on")
def the_database_has_two_pods(rendering: Rendering) -> Rendering:
    rendering.after_hooks.one("Deployment", "lightspeed-postgres").manifest["spec"]["replicas"] = 2
    return rendering


@runbook_answers.counterexample("lightspeed+postgres")
def the_claim_is_elsewhere(rendering: Rendering) -> Rendering:
    rendering.after_hooks.of_kind("PersistentVolumeClaim")[0].manifest["metadata"]["namespace"] = "backstage"
    return rendering


@runbook_answers.counterexample("lightspeed")
def the_namespace_is_missing(rendering: Rendering) -> Rendering:
    rendering.after_hooks.remove(rendering.after_hooks.of_kind("Namespace")[0])
    return rendering


@runbook_answers.counterexample("all_on")
def the_jobs_have_other_names(rendering: Rendering) -> Rendering:
    for job in rendering.after_hooks.of_kind("Job"):
        job.manifest["metadata"]["name"] += "-1"
    return rendering


@runbook_answers.counterexample("lightspeed+sidecars")
def the_switches_are_the_defaults(rendering: Rendering) -> Rendering:
    return _in_configmap(rendering, "cluster-config-rhdh-helm-values", "enabled: true", "enabled: false")


@runbook_answers.counterexample("off")
def the_plugins_have_no_state(rendering: Rendering) -> Rendering:
    return _in_configmap(rendering, "cluster-config-rhdh-helm-values", "disabled:", "off:")


@runbook_answers.counterexample("off")
def the_values_cannot_be_found(rendering: Rendering) -> Rendering:
    config = rendering.after_hooks.one("ConfigMap", "cluster-config-rhdh-helm-values")
    config.manifest["metadata"]["name"] = "rhdh-helm-values"
    return rendering


@runbook_answers.counterexample("lightspeed")
def the_clients_have_another_subject(rendering: Rendering) -> Rendering:
    return _in_configmap(rendering, "cluster-config-rhdh-helm-developer-hub-app-config", "mcp-clients", "mcp")


@runbook_answers.counterexample("lightspeed")
def the_token_is_encoded_twice(rendering: Rendering) -> Rendering:
    secret = rendering.after_hooks.one("Secret", "lightspeed-mcp-token")
    secret.manifest["stringData"]["mcpToken"] = "ZW5jb2RlZA=="
    return rendering


@runbook_answers.counterexample("lightspeed")
def the_token_has_no_variable(rendering: Rendering) -> Rendering:
    backstage = container(after_hooks(rendering), "backstage-backend")
    backstage.manifest["env"] = [entry for entry in backstage.manifest["env"] if entry["name"] != "MCP_TOKEN"]
    return rendering


@policy(
    where=lambda scenario: scenario.value("redhat-developer-hub.route.enabled") is True,
    severity="error",
    remediation="Give Route backstage the host backstage-<namespace>.<clusterRouterBase>, and lead it to the pod.",
    spec="Test Lightspeed Functionality",
)
def route_leads_to_backstage(rendering: Rendering) -> Iterator[Check]:
    """The URL of the runbook, https://backstage-<namespace>.<clusterRouterBase>, leads to the Backstage pod.

    Unless the values name another host.
    """
    scenario = rendering.scenario
    route = rendering.resources.one("Route", "backstage", scenario.namespace)
    service = rendering.resources.one("Service", BACKSTAGE, scenario.namespace)
    hub = "redhat-developer-hub"
    named = scenario.value(f"{hub}.route.host") or scenario.value(f"{hub}.global.host")
    usual = f"backstage-{scenario.namespace}.{scenario.value(f'{hub}.global.clusterRouterBase')}"
    yield equals(route, "spec.host", named or usual)
    yield equals(route, "spec.tls.termination", "edge")
    yield equals(route, "spec.to.kind", "Service")
    yield equals(route, "spec.to.name", service.name)
    yield equals(route, "spec.port.targetPort", service.at("spec.ports[0].name"))
    selector, target = service.at("spec.selector"), service.at("spec.ports[0].targetPort")
    found = selects(selector, pod_labels(after_hooks(rendering)))
    yield states(service, "spec.selector", found, expected="finds the Backstage pod", actual=selector)
    leads = port_of(container(after_hooks(rendering), BACKSTAGE), target) == PORTS[BACKSTAGE]
    yield states(service, "spec.ports[0].targetPort", leads, expected="the port of Backstage", actual=target)


@route_leads_to_backstage.counterexample("off")
def the_host_is_the_releases(rendering: Rendering) -> Rendering:
    rendering.resources.one("Route", "backstage").manifest["spec"]["host"] = "rhdh.apps.example.com"
    return rendering


@route_leads_to_backstage.counterexample("all_on")
def the_route_leads_to_another_service(rendering: Rendering) -> Rendering:
    rendering.resources.one("Route", "backstage").at("spec.to")["name"] = "developer-hub"
    return rendering


@route_leads_to_backstage.counterexample("all_on")
def the_service_finds_no_pod(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", BACKSTAGE).at("spec.selector")["app.kubernetes.io/name"] = "developer-hub"
    return rendering


@route_leads_to_backstage.counterexample("off")
def the_service_leads_to_another_port(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", BACKSTAGE).at("spec.ports[0]")["targetPort"] = 8080
    return rendering


def _in_configmap(rendering: Rendering, name: str, old: str, new: str) -> Rendering:
    data = rendering.after_hooks.one("ConfigMap", name).manifest["data"]
    data.update({key: text.replace(old, new) for key, text in data.items()})
    return rendering
