"""Calls: a Service of the release that containers and configuration call by its name is there, with that port."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import map_of, whole_number
from chartgate.documents.walking import nodes, scalars
from chartgate.documents.words import listed, near
from chartgate.kubernetes.cluster_parts import may_be_run
from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.links.service_backends import own_ports
from chartgate.kubernetes.links.service_calls import CalledHost, called_hosts, hosts_in_files
from chartgate.kubernetes.pods.workloads import pod_if_any, workloads
from chartgate.matrix.derivations.switch_turns import GIVEN
from chartgate.model import Check, Rendering, Resources, Values
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added, put, reworded
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: release-name-web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: ["--cache=redis://release-name-cache:6379/0", "--search=http://release-name-search"]
          env: [{name: DB_HOST, value: release-name-db}, {name: DB_PORT, value: "5432"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: release-name-web}
data: {web.yaml: "cache: redis://release-name-cache:6379\\n# or redis://release-name-queue:1\\nhome: http://example.com"}
---
apiVersion: v1
kind: Service
metadata: {name: release-name-cache}
spec: {ports: [{name: redis, port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: release-name-search}
spec: {ports: [{name: http, port: 80, targetPort: 9200}]}
---
apiVersion: v1
kind: Service
metadata: {name: release-name-db}
spec: {ports: [{port: 5432}]}
"""
_WEB = "spec.template.spec.containers[web]"
_MOST = 6
_INSTEAD = re.compile(r"host|url|external|existing|address|endpoint", re.IGNORECASE)


@policy(severity="error", remediation="Call one of the ports that the Service has, or give the Service this port.")
def called_ports_are_of_their_service(rendering: Rendering) -> Iterator[Check]:
    """What is called by the name of a Service of the release, with a port, is one of its ports.

    The port of a Service need not be that of its pods; without one, a URL means 80 or 443. Names that end in `.svc` are
    `host_names_lead_to_services` to tell. Source: https://kubernetes.io/docs/concepts/services-networking/service/
    """
    for resources in rendering.stages:
        for call in resources.indexed(_calls):
            service = call.service(resources)
            if service and call.port and service.at("spec.type") != "ExternalName":
                numbers = sorted((port for port in own_ports(service, resources) if whole_number(port)), key=int)
                expected = f"a port of Service {service.name}: {listed(numbers, _MOST)}"
                yield states(call.says_port, call.port in numbers, expected=expected, actual=f"{call.host}:{call.port}")


called_ports_are_of_their_service.breaks(
    manifests=HEALTHY,
    an_argument_has_another_port=reworded("Deployment release-name-web", f"{_WEB}.args[0]", ":6379", ":6380"),
    an_argument_has_the_port_of_the_pod=put(
        "Deployment release-name-web", f"{_WEB}.args[1]", "http://release-name-search:9200"
    ),
    a_variable_has_another_port=put("Deployment release-name-web", f"{_WEB}.env[DB_PORT].value", "5433"),
    a_file_has_another_port=reworded("ConfigMap release-name-web", "data[web.yaml]", "cache:6379", "cache:80"),
)


@policy(
    severity="error",
    remediation="Make the name by the named template that the Service has, or declare the Service under `external`.",
)
def called_hosts_of_the_release_are_services(rendering: Rendering) -> Iterator[Check]:
    """A host whose name begins with that of the release is a Service of the release, and one that lacks it is none.

    Nobody else makes one of that name, so the call finds nobody. Left out is what an operator may make: what begins
    with the name of an object of a kind that Kubernetes does not have, and what is called like a section of the values
    that is off. Who calls `shop-db` where the Service is called after the release as well, `RELEASE-shop-db`, finds it
    under one name of the release only. Told once a host. Source:
    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
    """
    prefix, given = f"{rendering.scenario.release}-", set(scalars(rendering.scenario.overrides))
    for resources in rendering.stages:
        for call in resources.indexed(_calls):
            if meant := _without_the_release(call, prefix, rendering):
                expected = f"{meant}, which is the Service of the release"
                told = states(call.place, call.host in given, expected=expected, actual=call.host)
                yield with_cause(told, f"the host {call.host}")
            is_own = "." not in call.host and call.host.startswith(prefix)
            if is_own and not _may_be_made(call, resources) and not _is_off(call.host, rendering):
                known = [s.name for s in resources.of_kind("Service") if s.namespace == call.caller.namespace]
                reference = Reference(call.place, "Service", call.host, call.caller.namespace)
                there = listed(near(call.host, known) or known, _MOST)
                actual = f"{call.host}, which is no Service; there is {there or 'none'}"
                passed = resolves(reference, resources, rendering.scenario)
                told = states(call.place, passed, expected="a Service of the release", actual=actual)
                yield with_cause(told, f"the host {call.host}")


called_hosts_of_the_release_are_services.breaks(
    manifests=HEALTHY,
    an_argument_names_no_service=reworded("Deployment release-name-web", f"{_WEB}.args[0]", "-cache:", "-redis:"),
    a_script_waits_for_no_service=put(
        "Deployment release-name-web", f"{_WEB}.args[1]", "until nc -z -w 2 release-name-data 5432; do sleep 2; done"
    ),
    a_variable_names_no_service=put("Deployment release-name-web", f"{_WEB}.env[DB_HOST].value", "release-name-data"),
    a_variable_in_small_letters_names_no_service=put(
        "Deployment release-name-web", f"{_WEB}.env[DB_PORT]", {"name": "db__host", "value": "release-name-data"}
    ),
    a_file_names_no_service=reworded("ConfigMap release-name-web", "data[web.yaml]", "-cache:6379", "-redis:6379"),
    a_file_has_a_host_and_a_port=put(
        "ConfigMap release-name-web",
        "data[peers.json]",
        '{"peers": ["release-name-cache:6379", "release-name-b:6379"]}',
    ),
)


called_hosts_of_the_release_are_services.breaks(
    manifests=HEALTHY,
    the_last_word_of_a_name_alone=put("Deployment release-name-web", f"{_WEB}.args[0]", "--cache=redis://cache:6379/0"),
    the_name_of_the_chart_alone=(
        added("{apiVersion: v1, kind: Service, metadata: {name: release-name-literal-db}}"),
        put("Deployment release-name-web", f"{_WEB}.env[DB_HOST].value", "literal-db"),
    ),
)


def _calls(resources: Resources) -> list[CalledHost]:
    """Give the calls that name no `.svc`, of the containers and of the files."""
    calls = [call for workload in workloads(resources) for call in called_hosts(workload, resources)]
    calls += [call for holder in resources.of_kind("ConfigMap", "Secret") for call in hosts_in_files(holder)]
    return [call for call in calls if "svc" not in call.host.split(".")]


def _without_the_release(call: CalledHost, prefix: str, rendering: Rendering) -> str:
    """Give the Service that is called after the chart alone, and not after the release as well; empty for none.

    Or by the last words of its name, with its port, where no value has that: `redis:6379` of `RELEASE-shop-redis`.
    """
    if "." in call.host or call.service(rendering.resources) is not None:
        return ""
    if call.host.startswith(f"{rendering.chart.name}-"):
        meant = list(rendering.resources.named("Service", f"{prefix}{call.host}", call.caller.namespace))
    else:
        there = [s for s in rendering.resources.of_kind("Service") if s.namespace == call.caller.namespace]
        ends = [s for s in there if s.name.startswith(prefix) and s.name.endswith(f"-{call.host}")]
        meant = ends if len(ends) == 1 and call.port and call.port in own_ports(ends[0], rendering.resources) else []
        meant = [] if meant and _is_a_value(call, rendering) else meant
    return meant[0].name if meant else ""


def _is_off(host: str, rendering: Rendering) -> bool:
    """Tell whether a host is called like a section that is off, or is in one: a part that is left out."""
    for prefix in (rendering.scenario.release, rendering.chart.name, *map(str, rendering.scenario.changes.values())):
        host = host.removeprefix(f"{prefix}-")
    values, changes = rendering.scenario.values, rendering.scenario.changes
    sections = [keys for keys, value in nodes(values, lists=False) if keys[-1:] == (host,) and isinstance(value, dict)]
    switches = {join(*keys[:depth], "enabled") for keys in sections for depth in range(1, len(keys) + 1)}
    off = [switch for switch in switches if lookup(values, switch) is False]
    if GIVEN in changes.values() and not changes.keys().isdisjoint(off):
        return False  # who leaves the part out has given the host of another
    return any(not _has_another(values, switch, may_be_empty=switch in changes) for switch in off)


def _has_another(values: Values, switch: str, *, may_be_empty: bool) -> bool:
    """Tell whether beside a switch there is a key for what is called instead of the part: `db.host`."""
    beside = map_of(lookup(values, join(*steps(switch)[:-1])))
    return any(_INSTEAD.search(str(key)) and (value or may_be_empty) for key, value in beside.items())


def _is_a_value(call: CalledHost, rendering: Rendering) -> bool:
    texts = [str(text) for text in scalars(rendering.scenario.values)]
    words = (f"{call.host}:{call.port}", f"//{call.host}", f"@{call.host}")
    return any(text == call.host or any(word in text for word in words) for text in texts)


def _may_be_made(call: CalledHost, resources: Resources) -> bool:
    """Tell whether the host may be a Service that an operator makes, or the name of a pod or of the caller itself."""
    return any(call.host.startswith(other.name) and may_be_run(other) for other in resources) or any(
        call.host == other.name for other in workloads(resources) if other is call.caller
    )


@policy(severity="warning", remediation="Set `dnsPolicy: ClusterFirstWithHostNet` on the pod.")
def pods_on_the_nodes_network_ask_the_cluster(rendering: Rendering) -> Iterator[Check]:
    """A pod on the network of its node that calls a Service of the release by name asks the DNS of the cluster.

    With `hostNetwork: true` alone it asks that of the node, which knows no Service: `ClusterFirst`, the default, then
    means `Default`. Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            pod = pod_if_any(workload)
            if pod.at("hostNetwork") is True:
                called = [call for call in called_hosts(workload, resources) if call.service(resources)]
                names = f", since it calls {called[0].host}" if called else ""
                expected = f"ClusterFirstWithHostNet{names}"
                policy_there = pod / "dnsPolicy"
                passed = not called or policy_there.value not in (None, ABSENT, "", "ClusterFirst")
                yield states(policy_there, passed, expected=expected, actual=policy_there.text or "ClusterFirst")


pods_on_the_nodes_network_ask_the_cluster.breaks(
    manifests=HEALTHY,
    it_asks_that_of_the_node=put("Deployment release-name-web", "spec.template.spec.hostNetwork", True),
)
