"""Network access: NetworkPolicies admit what the release itself needs."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.links.label_selectors import matches_labels, may_select, template_labels
from chartgate.kubernetes.links.monitored_ports import Monitored, annotated_port, monitored
from chartgate.kubernetes.links.network_rules import PortOfPods, is_any_pod, limits, named_ports, ports_behind
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.links.service_backends import ingress_backends, pods_of, route_backends, webhook_backends
from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.matrix.derivations.set_in_ci import names_key
from chartgate.model import Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9200"}}
    spec:
      containers:
        - name: web
          env: [{name: DATABASE, value: "postgres://shop@data:5432/shop"}]
          ports:
            - {name: http, containerPort: 8080}
            - {name: metrics, containerPort: 9090}
            - {name: admin, containerPort: 9100}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: admin, port: 9100}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {defaultBackend: {service: {name: web, port: {name: http}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: metrics}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{port: http}, {port: 9090, endPort: 9150}]
    - {ports: [{port: 9200}], from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}
  egress:
    - {ports: [{port: 53, protocol: UDP}], to: [{namespaceSelector: {}}]}
    - {ports: [{port: 15432}], to: [{podSelector: {matchLabels: {app: data}}}]}
    - {ports: [{port: 443}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: default}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data}
spec:
  template:
    metadata: {labels: {app: data}}
    spec: {containers: [{name: data, ports: [{name: sql, containerPort: 15432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: data}
spec: {selector: {app: data}, ports: [{port: 5432, targetPort: sql}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: data}
spec: {podSelector: {matchLabels: {app: data}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
"""


@policy(
    severity="error",
    remediation="Add the port to the rules of the NetworkPolicy: the pods' own, not the Service's. Take it out of the"
    " Service where nobody may reach it.",
)
def network_policies_admit_their_services(rendering: Rendering) -> Iterator[Check]:
    """A NetworkPolicy admits each port that Services and monitors of the release lead to.

    Whatever no policy of a pod admits is dropped, and the caller waits until its time is up. Probes need no rule: they
    come from the pod's own node. What an Ingress, a route or a webhook leads to, or a Service with an address outside,
    is called from another namespace or from no pod at all, which no rule for pods of this namespace admits; and so is
    what a Prometheus asks that is not of the release. Source:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            limit = limits(workload, "Ingress", resources)
            needed = [] if is_hook(workload) or not limit.policies else list(_needed(workload, resources))
            if needed and not limit.is_general_denial:
                shut = [words for words, port in needed if not limit.admits(port, workload, resources)]
                expected = f"admits what leads to {workload.identity.label}: {', '.join(words for words, _ in needed)}"
                actual = f"nothing admits {', '.join(shut)}" if shut else "admitted"
                is_empty = bool(shut) and not limit.place.value
                yield states(limit.place, not shut, expected=expected, actual=actual, is_omission=is_empty)
                from_outside = [(False, *asked) for asked in _from_outside(workload, resources)]
                from_outside += [(True, *asked) for asked in _scraped(workload, resources) if not _scrapes(resources)]
                inside = [
                    words
                    for neighbours, words, port in from_outside
                    if limit.admits(port, workload, resources)
                    and not limit.admits_strangers(port, workload, resources, neighbours=neighbours)
                ]
                expected = f"admits what comes to {workload.identity.label} from outside of the namespace"
                actual = f"pods of the namespace only, and not {', '.join(inside)}" if inside else "admitted"
                yield states(limit.place, not inside, expected=expected, actual=actual)


network_policies_admit_their_services.breaks(
    manifests=HEALTHY,
    a_port_of_the_service_is_left_out=put(
        "NetworkPolicy web", "spec.ingress[0].ports", [{"port": 9090, "endPort": 9150}]
    ),
    the_port_of_the_service_instead_of_the_pods=put("NetworkPolicy web", "spec.ingress[0].ports[0].port", 80),
    the_monitored_port_is_outside_of_the_range=put("NetworkPolicy web", "spec.ingress[0].ports[1].port", 9091),
    the_annotated_port_is_left_out=put("NetworkPolicy web", "spec.ingress[1].ports[0].port", 9201),
    another_protocol=put("NetworkPolicy web", "spec.ingress[0].ports[0].protocol", "UDP"),
    nothing_may_come_in=gone("NetworkPolicy web", "spec.ingress"),
    all_may_go_out_and_nothing_is_said_of_what_comes_in=put(
        "NetworkPolicy web", "spec", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]}
    ),
    an_ingress_leads_to_what_the_namespace_may_reach=put(
        "NetworkPolicy web", "spec.ingress[0].from", [{"podSelector": {}}]
    ),
    only_the_pods_themselves_may_ask_for_their_metrics=put(
        "NetworkPolicy web", "spec.ingress[1].from", [{"podSelector": {"matchLabels": {"app": "web"}}}]
    ),
)


def _needed(workload: Resource, resources: Resources) -> Iterator[tuple[str, PortOfPods]]:
    """Give what leads to the pods of a workload, in words, and their port."""
    served = []
    for service in may_select("Service", workload, resources):
        if matches_labels(service.at("spec.selector"), template_labels(workload)):
            for port in maps_in(service.at("spec.ports")):
                for found in ports_behind(port, workload):
                    served.append(found)
                    yield f"{found.number} of {service.identity.label}", found
    yield from (asked for asked in _scraped(workload, resources) if asked[1] not in served)


def _scraped(workload: Resource, resources: Resources) -> Iterator[tuple[str, PortOfPods]]:
    """Give what asks the pods of a workload for metrics, in words, and their port."""
    for scraping in resources.indexed(_monitors):
        targets = [found for found in scraping.found if found.kind != "Service"]
        services = [service for service in scraping.found if service.kind == "Service"]
        services = [service for service in services if workload in pods_of(service, resources)]
        for asked in scraping.ports if workload in targets or services else ():
            if asked.place.address.endswith("targetPort") or targets:
                found = [*_numbered(asked.place.value, workload)]
            else:
                ports = [port for service in services for port in maps_in(service.at("spec.ports"))]
                found = [
                    it for port in ports if port.get("name") == asked.place.value for it in ports_behind(port, workload)
                ]
            yield from ((f"{it.number} of {scraping.monitor.identity.label}", it) for it in found)
    if asked_for := annotated_port(workload):
        yield f"{asked_for[1]} of the annotation prometheus.io/port", PortOfPods(asked_for[1], "TCP")


def _scrapes(resources: Resources) -> bool:
    """Tell whether the release has what asks for metrics itself."""
    kinds = ("Prometheus", "PrometheusAgent", "VMAgent", "VMSingle", "Alertmanager")
    images = (str(c.at("image")) for workload in workloads(resources) for c in containers_if_any(workload))
    return any(any(resources.of_kind(kind)) for kind in kinds) or any(
        "prometheus" in image and "exporter" not in image for image in images
    )


def _from_outside(workload: Resource, resources: Resources) -> Iterator[tuple[str, PortOfPods]]:
    """Give what leads to the pods of a workload from outside of the namespace, in words, and their port.

    Nothing where the release has a class of Ingresses: then its own pods are what calls.
    """
    ways = [] if any(resources.of_kind("IngressClass")) else [*resources.indexed(_ways_in)]
    for service in may_select("Service", workload, resources):
        if matches_labels(service.at("spec.selector"), template_labels(workload)):
            leading = [way for way in ways if (way.name, way.namespace) == (service.name, service.namespace)]
            for port in maps_in(service.at("spec.ports")):
                names = [way.place.owner for way in leading if way.key in ("", port.get("name"), str(port.get("port")))]
                names += [service] if service.at("spec.type") == "LoadBalancer" else []
                for found in ports_behind(port, workload) if names else ():
                    yield f"by {names[0].identity.label} to port {found.number}", found


def _ways_in(resources: Resources) -> list[Reference]:
    ways = (ingress_backends, route_backends, webhook_backends)
    return [way for resource in resources for of in ways for way in of(resource)]


def _monitors(resources: Resources) -> list[Monitored]:
    return [scraping for resource in resources for scraping in monitored(resource, resources)]


def _numbered(asked: object, workload: Resource) -> Iterator[PortOfPods]:
    if isinstance(asked, int):
        yield PortOfPods(asked, "TCP")
    else:
        yield from named_ports(workload, asked)


@policy(
    severity="warning",
    remediation="Leave out the peer or the rule that admits everybody, or leave out the others, which add nothing.",
)
def network_rules_limit_something(rendering: Rendering) -> Iterator[Check]:
    """No rule or peer of a NetworkPolicy admits everybody beside others, which then limit nothing.

    Rules and peers add up: next to `{}`, to a peer with an empty namespaceSelector, or to 0.0.0.0/0, all that is
    said of labels and ports has no effect; so has what is said of pods next to an empty podSelector, which is told as
    well where another policy of the release names the pods that it lets in. Peers that a file
    in ci/ has are its own. Source:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    limiting = [resource for resource in rendering.forms if resource.kind == "NetworkPolicy"]
    naming = {resource.identity for resource in limiting if any(map(_names_pods, _peers(resource)))}
    for resource in limiting:
        is_usual = bool(resource.at("spec.podSelector")) and bool(naming - {resource.identity})
        yield from _limits_something(resource, rendering.scenario, others_name=is_usual)


def _peers(policy: Resource) -> list[Place[Resource]]:
    return [peer for rule in (policy / "spec" / "ingress").maps() for peer in (rule / "from").maps()]


def _names_pods(peer: Place[Resource]) -> bool:
    return bool((peer / "podSelector").value) and not (peer / "namespaceSelector").is_set


def _limits_something(resource: Resource, scenario: Scenario, *, others_name: bool) -> Iterator[Check]:
    for direction, side in (("ingress", "from"), ("egress", "to")):
        rules = resource / "spec" / direction
        given = [*rules.maps()]
        is_open = any(not (rule / side).value and not (rule / "ports").value for rule in given)
        if given:
            passed = not is_open or len(given) == 1
            yield states(rules, passed, expected="no rule for everything beside others", actual=_counted(len(given)))
        for rule in given:
            peers = [*(rule / side).maps()]
            is_chosen = (others_name and direction == "ingress") or any(map(_names_pods, peers))
            everybody = [peer for peer in peers if _is_everybody(peer) or (is_chosen and is_any_pod(peer))]
            everybody = [peer for peer in everybody if not all(names_key(scenario, key) for key in peer.map)]
            if peers:
                passed = not everybody or (len(peers) == len(everybody) and direction == "egress")
                check = states(rule / side, passed, expected="peers that are not everybody")
                yield with_cause(check, f"peers of {direction}")


def _is_everybody(peer: Place[Resource]) -> bool:
    around, pods, block = peer / "namespaceSelector", peer / "podSelector", peer / "ipBlock"
    if block.is_set:
        return block.at("cidr") == "0.0.0.0/0" and not block.at("except")
    return around.is_map and not around.map and not pods.map


def _counted(rules: int) -> str:
    return f"one of {rules} rules is for everything" if rules > 1 else "one rule"


network_rules_limit_something.breaks(
    manifests=HEALTHY,
    a_rule_admits_everything=put("NetworkPolicy data", "spec.ingress", [{}, {"from": [{"podSelector": {}}]}]),
    every_pod_of_the_cluster_comes_in=put("NetworkPolicy data", "spec.ingress[0].from", [{"namespaceSelector": {}}]),
    every_pod_of_the_namespace_beside_one=put(
        "NetworkPolicy data",
        "spec.ingress[0].from",
        [{"podSelector": {"matchLabels": {"app": "web"}}}, {"podSelector": {}}],
    ),
    every_pod_of_the_namespace_where_others_name_theirs=put(
        "NetworkPolicy web", "spec.ingress[1].from", [{"podSelector": {}}]
    ),
    everybody_beside_one=put(
        "NetworkPolicy web",
        "spec.egress[1].to",
        [{"podSelector": {"matchLabels": {"app": "data"}}}, {"ipBlock": {"cidr": "0.0.0.0/0"}}],
    ),
)
