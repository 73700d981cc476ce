"""The runbook: each of its commands answers as the spec says, whether Lightspeed is off or on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.links.label_selectors import matches_labels, template_labels
from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.workloads import pod_spec
from chartgate.model import Check, Missing, Rendering, Resource
from chartgate.policy.checks import equals, states
from chartgate.policy.edits import added, gone, put, reworded
from chartgate.policy.policy import policy

from . import app_config
from .scripts import oc_answers as oc
from .sidecars import LABEL, NAME_LABEL
from .spec.backstage import BACKSTAGE, HARVESTER, HUB, MAIN, PORTS, after_hooks, hub_container
from .spec.plugin_list import SHOWN, SHOWN_FILE
from .spec.runbook_commands import ANSWERS, TARGETS, JudgedAnswer, RunbookCommand, filled


@policy(
    severity="error",
    remediation="Name and label what the command asks for as the runbook does: people type it as it is written there.",
    spec="Testing",
)
def runbook_answers(rendering: Rendering) -> Iterator[Check]:
    """Every `oc` command of the runbook finds its target, and gives the expected answer where a rendering has it.

    Asked of the resources after the hooks. Pods are those of the workloads; where a list must have one item, any of
    those that it finds may be the first.
    """
    scenario = rendering.scenario
    for commands, ask in ((ANSWERS, oc.printed), (TARGETS, oc.reach)):
        for typed in commands:
            if typed.where(scenario):
                text = filled(typed.command, scenario)
                command = oc.parse(text)
                try:
                    check = _judged(rendering, typed, command, ask(command, rendering.after_hooks))
                except Missing as missing:
                    check = missing.check
                yield dataclasses.replace(check, path=f"$ {text}")


def _judged(rendering: Rendering, typed: RunbookCommand, command: oc.OcCommand, lines: list[oc.Line]) -> Check:
    answer = typed.judge(rendering.scenario, [line.text for line in lines])
    about = _resource(command, lines, answer)
    return Check(
        subject=about if isinstance(about, str) else str(about.identity),
        path="",
        expected=answer.expected,
        actual=answer.actual,
        passed=answer.passed,
        template="" if isinstance(about, str) else about.template,
    )


def _resource(command: oc.OcCommand, lines: list[oc.Line], answer: JudgedAnswer) -> Resource | str:
    """Say what an answer is about: what should not be in it, else what is missing in it, else what it comes from."""
    expected = answer.expected if isinstance(answer.expected, list) else []
    printed = [line.text for line in lines]
    for line in lines:
        if not answer.passed and line.text not in expected:
            return line.resource
    wanted = next((text.split()[0] for text in expected if text not in printed), "")
    name = command.objects[1] if len(command.objects) > 1 else wanted
    if lines and not wanted:
        return lines[0].resource
    if command.verb == "exec":
        return command.objects[0].replace("deployment/", f"Deployment {command.namespace}/")
    kind = oc.KINDS.get(command.objects[0], ("Pod",))[0]
    return f"{kind} {command.namespace}/{name}" if command.namespace else f"{kind} {name}"


runbook_answers.breaks(
    "off",
    a_secret_sounds_like_one_of_the_three=put("Secret backstage-auth", "metadata.name", "lightspeed-auth"),
    the_databases_service_is_left=added(
        "{apiVersion: v1, kind: Service, metadata: {name: lightspeed-postgres, namespace: lightspeed-postgres}}"
    ),
    the_hubs_database_has_the_label_too=put("StatefulSet backstage-postgresql", LABEL, "backstage"),
    the_deployment_has_the_charts_name=put(HUB, "metadata.name", "cluster-config-rhdh-helm-developer-hub"),
    the_plugins_have_no_state=reworded(SHOWN, SHOWN_FILE, "disabled:", "off:"),
    the_values_cannot_be_found=put(SHOWN, "metadata.name", "rhdh-helm-values"),
)
runbook_answers.breaks(
    "all_on",
    a_secret_is_missing=gone("Secret llama-stack-secrets"),
    a_sidecar_has_another_name=put(HUB, f"{HARVESTER}.name", "harvester"),
    the_database_has_two_pods=put("Deployment lightspeed-postgres", "spec.replicas", 2),
)
runbook_answers.breaks(
    "lightspeed+postgres",
    the_claim_is_elsewhere=put("PersistentVolumeClaim lightspeed-postgres", "metadata.namespace", "backstage"),
)
runbook_answers.breaks(
    "lightspeed",
    the_namespace_is_missing=gone("Namespace lightspeed-postgres"),
    the_clients_have_another_subject=reworded(app_config.CONFIG, app_config.FILE, "mcp-clients", "mcp"),
    the_token_is_encoded_twice=put("Secret lightspeed-mcp-token", "stringData.mcpToken", "ZW5jb2RlZA=="),
    the_token_has_no_variable=gone(HUB, f"{MAIN}.env[MCP_TOKEN]"),
)
runbook_answers.breaks(
    "lightspeed+sidecars",
    the_switches_are_the_defaults=reworded(SHOWN, SHOWN_FILE, "enabled: true", "enabled: false"),
)


@runbook_answers.counterexample("all_on")
def the_sidecars_come_first(rendering: Rendering) -> Rendering:
    listed = pod_spec(after_hooks(rendering)).at("containers")
    listed.append(listed.pop(0))
    return rendering


@runbook_answers.counterexample("all_on")
def the_jobs_have_other_names(rendering: Rendering) -> Rendering:
    for job in rendering.after_hooks.of_kind("Job"):
        job.manifest["metadata"]["name"] += "-1"
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
    route = rendering.resources.one("Route", "backstage", scenario.namespace) / "spec"
    service = rendering.resources.one("Service", BACKSTAGE, scenario.namespace) / "spec"
    hub = "redhat-developer-hub"
    named = scenario.value(f"{hub}.route.host") or scenario.value(f"{hub}.global.host")
    usual = f"backstage-{scenario.namespace}.{scenario.value(f'{hub}.global.clusterRouterBase')}"
    yield equals(route / "host", named or usual)
    yield equals(route.place("tls.termination"), "edge")
    yield equals(route.place("to.kind"), "Service")
    yield equals(route.place("to.name"), BACKSTAGE)
    yield equals(route.place("port.targetPort"), service.at("ports[0].name"))
    selector, target = service / "selector", service.place("ports[0].targetPort")
    found = matches_labels(selector.value, template_labels(after_hooks(rendering)))
    yield states(selector, found, expected="finds the Backstage pod")
    leads = port_of(hub_container(rendering, BACKSTAGE), target.value) == PORTS[BACKSTAGE]
    yield states(target, leads, expected="the port of Backstage")


route_leads_to_backstage.breaks(
    "off",
    the_host_is_the_releases=put("Route backstage", "spec.host", "rhdh.apps.example.com"),
    the_service_leads_to_another_port=put(f"Service {BACKSTAGE}", "spec.ports[0].targetPort", 8080),
)
route_leads_to_backstage.breaks(
    "all_on",
    the_route_leads_to_another_service=put("Route backstage", "spec.to.name", "developer-hub"),
    the_service_finds_no_pod=put(f"Service {BACKSTAGE}", f"spec.selector[{NAME_LABEL}]", "developer-hub"),
)
