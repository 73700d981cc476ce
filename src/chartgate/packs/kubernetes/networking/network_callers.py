"""NetworkPolicies between the pods of a release: what one of them calls is let out of it, and into the other."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.links.network_rules import Limits, limits, ports_behind
from chartgate.kubernetes.links.object_references import volume_sources
from chartgate.kubernetes.links.service_backends import pods_of
from chartgate.kubernetes.links.service_calls import CalledHost, called_hosts, hosts_in_files
from chartgate.kubernetes.permissions import bindings_of
from chartgate.kubernetes.pods.workloads import pod_if_any, workloads
from chartgate.model import Check, Identity, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

from ..access_and_secrets.rbac import mounts_token
from .network_access import HEALTHY


@policy(
    severity="error",
    remediation="Add a rule with the pods that are called, or that call, and with the port of those pods (not of their"
    " Service); let whoever calls by name reach port 53, UDP, of the cluster's DNS.",
)
def network_policies_admit_their_callers(rendering: Rendering) -> Iterator[Check]:
    """What a pod of the release calls in the release by name is admitted by its own policies and by the other's.

    By its variables and arguments, and by the files that no other workload mounts; pods of tests are left out. Of other
    hosts, the port is admitted that a variable of its own says (`DB_HOST`, `DB_PORT`). A policy that limits what goes
    out also shuts off DNS unless a rule names it, and the API server, which whoever has the token of an account with
    rights asks; it is asked after the address of a Service is replaced by that of a pod, so that the port of the pod
    counts. Source:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#what-you-can-t-do-with-network-policies-at-least-not-yet
    """
    for resources in rendering.stages:
        for caller in (workload for workload in workloads(resources) if not is_test(workload)):
            out = limits(caller, "Egress", resources)
            calls = [*called_hosts(caller, resources), *_calls_in_files(caller, resources)]
            if calls and out.policies and not out.is_general_denial:
                passed = out.admits_names(resources)
                expected = f"admits port 53, UDP, since {caller.identity.label} calls {calls[0].host} by its name"
                yield states(out.place, passed, expected=expected, actual="admitted" if passed else "no rule does")
            if out.rules and _asks_the_api_server(caller, resources):
                passed = out.admits_the_api_server(resources)
                expected = (
                    f"admits the port of the API server, 443 or 6443, which {caller.identity.label} has rights to ask"
                )
                yield states(out.place, passed, expected=expected, actual="admitted" if passed else "no rule does")
            for call in calls:
                yield from _checks_of_call(call, out, resources)


def _asks_the_api_server(caller: Resource, resources: Resources) -> bool:
    """Tell whether a workload runs as an account that a binding of the release gives rights, and gets its token."""
    pod = pod_if_any(caller)
    account = str(pod.at("serviceAccountName") or "default")
    is_bound = any(bindings_of(resources, account, caller.namespace))
    return is_bound and mounts_token(pod, resources, account) is not False


def _calls_in_files(caller: Resource, resources: Resources) -> Iterator[CalledHost]:
    """Give what the files say that a workload mounts, and no other one: who of several calls, nobody here knows."""
    for reference in volume_sources(caller) if resources.of_kind("NetworkPolicy") else ():
        for source in resources.named(reference.kind, reference.name, reference.namespace):
            if [r.identity for r in resources.indexed(_mounting).get(source.identity, ())] == [caller.identity]:
                yield from (call._replace(caller=caller) for call in hosts_in_files(source))


def _mounting(resources: Resources) -> dict[Identity, list[Resource]]:
    """Give the workloads that mount each ConfigMap and Secret, each once."""
    found: dict[Identity, list[Resource]] = {}
    for workload in workloads(resources):
        for reference in {(r.kind, r.name, r.namespace) for r in volume_sources(workload)}:
            for source in resources.named(*reference):
                found.setdefault(source.identity, []).append(workload)
    return found


def _checks_of_call(call: CalledHost, out: Limits, resources: Resources) -> Iterator[Check]:
    service = call.service(resources)
    if service is None:
        yield from _checks_of_stranger(call, out)
        return
    for target in pods_of(service, resources):
        given = [port for port in maps_in(service.at("spec.ports")) if call.port in ("", str(port.get("port")))]
        ports = [found for port in given for found in ports_behind(port, target)]
        into = limits(target, "Ingress", resources)
        # A port that nobody at all may reach is the other policy's to tell.
        sides = ((out, target, ports), (into, call.caller, [p for p in ports if into.admits(p, target, resources)]))
        for limit, other, asked in sides:
            if limit.policies and asked and not limit.is_general_denial:
                passed = any(limit.admits(port, target, resources, other) for port in asked)
                numbers = " or ".join(dict.fromkeys(str(port.number) for port in asked))
                expected = (
                    f"lets {call.caller.identity.label} reach port {numbers} of {target.identity.label}, which it calls"
                    f" at {call.place.address}"
                )
                yield states(limit.place, passed, expected=expected, actual="it does" if passed else "no rule does")


def _checks_of_stranger(call: CalledHost, out: Limits) -> Iterator[Check]:
    """Judge the call of a host that is not of the release, whose port is in a variable of its own."""
    if call.port and call.says_port is not call.place and out.policies and not out.is_general_denial:
        passed = out.may_admit(int(call.port))
        where = f"port {call.port} of {call.host}, which it calls at {call.place.address}"
        expected = f"lets {call.caller.identity.label} reach {where}"
        yield states(out.place, passed, expected=expected, actual="it does" if passed else "no rule names that port")


network_policies_admit_their_callers.breaks(
    manifests=HEALTHY,
    the_label_of_the_database_is_wrong=put(
        "NetworkPolicy web", "spec.egress[1].to[0].podSelector.matchLabels.app", "db"
    ),
    the_port_of_the_database_service=put("NetworkPolicy web", "spec.egress[1].ports[0].port", 5432),
    the_port_of_another_host=(
        put(
            "Deployment web",
            "spec.template.spec.containers[web].env",
            [{"name": "MAIL_HOST", "value": "mail.example.com"}, {"name": "MAIL_PORT", "value": "587"}],
        ),
        put("NetworkPolicy web", "spec.egress[1].ports[0].port", 25),
    ),
    no_host_has_a_name=put("NetworkPolicy web", "spec.egress[0].ports[0].protocol", "TCP"),
    the_database_lets_in_another=put(
        "NetworkPolicy data", "spec.ingress[0].from[0].podSelector.matchLabels.app", "shop"
    ),
    the_database_lets_in_another_namespace=put(
        "NetworkPolicy data",
        "spec.ingress[0].from[0].namespaceSelector",
        {"matchLabels": {"kubernetes.io/metadata.name": "other"}},
    ),
    who_has_rights_cannot_use_them=put("NetworkPolicy web", "spec.egress[2].ports[0].port", 4430),
    what_a_file_calls_lets_in_another=(
        added(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {web.conf: 'proxy_pass http://data:5432;'}}"
        ),
        gone("Deployment web", "spec.template.spec.containers[web].env"),
        put("Deployment web", "spec.template.spec.volumes", [{"name": "a", "configMap": {"name": "a"}}]),
        put("NetworkPolicy data", "spec.ingress[0].from[0].podSelector.matchLabels.app", "shop"),
    ),
)
