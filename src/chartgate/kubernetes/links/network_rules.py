"""What NetworkPolicies let in and out: ports, and pods as peers.

Policies add up: what one of those that select a pod admits is admitted. Source:
https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.links.label_selectors import labels_of_each_pod, matches_label_selector, may_select
from chartgate.kubernetes.links.service_backends import open_ports, target_of
from chartgate.kubernetes.pods.workloads import containers_if_any, pod_if_any, workloads
from chartgate.model import Resource, Resources

Direction = Literal["Ingress", "Egress"]
_FIELDS: dict[Direction, tuple[str, str]] = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
_NAME_OF_NAMESPACE = "kubernetes.io/metadata.name"
_DNS = (53, 5353)
"""5353 is where the pods of OpenShift's DNS listen, 53 those of all others."""
_API_SERVER = (443, 6443, 8443, 16443)
"""Where API servers listen, behind the 443 of their Service or without it."""


class PortOfPods(NamedTuple):
    """A port that the pods of a workload listen on."""

    number: int
    protocol: str


@dataclass(frozen=True)
class Limits:
    """The NetworkPolicies that limit the traffic of a workload in one direction; without any, all is admitted."""

    workload: Resource
    direction: Direction
    policies: tuple[Resource, ...]

    @property
    def rules(self) -> list[tuple[Resource, Place[Resource]]]:
        """Give each rule with the policy that it is in."""
        field, _ = _FIELDS[self.direction]
        return [(policy, rule) for policy in self.policies for rule in (policy / "spec" / field).maps()]

    @property
    def place(self) -> Place[Resource]:
        """Where the rules are, or should be: in a policy that has any, and is for these pods rather than for all."""
        field, _ = _FIELDS[self.direction]
        best = sorted(self.policies, key=lambda p: (not (p / "spec" / field).value, not p.at("spec.podSelector")))
        return best[0] / "spec" / field

    @property
    def is_general_denial(self) -> bool:
        """Whether nothing but policies for all pods, without a rule, limits it: others are meant to add theirs.

        One that says nothing of what comes in, and admits all that goes out, was to admit that as well.
        """
        field, _ = _FIELDS[self.direction]
        is_half = any(p.at("spec.egress") == [{}] and not (p / "spec" / field).is_set for p in self.policies)
        return not (self.rules or is_half or any(policy.at("spec.podSelector") for policy in self.policies))

    def admits(self, port: PortOfPods, of: Resource, resources: Resources, other: Resource | None = None) -> bool:
        """Tell whether a port of a workload's pods is admitted, for the pods of another one where it is given."""
        return any(
            _has_port(rule, port, open_ports(of))
            and (other is None or _has_peer(rule, self.direction, policy, other, resources))
            for policy, rule in self.rules
        )

    def admits_strangers(self, port: PortOfPods, of: Resource, resources: Resources, *, neighbours: bool) -> bool:
        """Tell whether a port of a workload's pods may be reached by what is not of the release.

        Args:
            port: of the pods.
            of: the workload.
            resources: all of the release.
            neighbours: whether who may be any pod of the namespace is such a stranger.
        """
        opened = open_ports(of)
        return any(
            _has_port(rule, port, opened)
            and (_is_for_strangers(rule, resources) or (neighbours and any(map(is_any_pod, rule / "from"))))
            for _, rule in self.rules
        )

    def may_admit(self, number: int) -> bool:
        """Tell whether a port of anybody may be admitted: by its number, or by a name that nobody here knows."""
        ports = (PortOfPods(number, "TCP"), PortOfPods(number, "UDP"))
        return any(
            any(_has_port(rule, port, []) for port in ports)
            or any(isinstance(entry.at("port"), str) for entry in (rule / "ports").maps())
            for _, rule in self.rules
        )

    def admits_names(self, resources: Resources) -> bool:
        """Tell whether some rule may let the pods ask for the address of a host."""
        return self._admits_others([PortOfPods(number, "UDP") for number in _DNS], resources) or any(
            "dns" in str(port.map.get("port")) for _, rule in self.rules for port in (rule / "ports").maps()
        )

    def admits_the_api_server(self, resources: Resources) -> bool:
        """Tell whether some rule may let the pods ask the API server, which is in no namespace of the release."""
        return self._admits_others([PortOfPods(number, "TCP") for number in _API_SERVER], resources)

    def _admits_others(self, ports: list[PortOfPods], resources: Resources) -> bool:
        known = {self.workload.namespace, *(namespace.name for namespace in resources.of_kind("Namespace"))}
        return any(
            any(_has_port(rule, port, []) for port in ports) and _is_for_others(rule, known) for _, rule in self.rules
        )


def limits(workload: Resource, direction: Direction, resources: Resources) -> Limits:
    """Give what limits a workload; pods in the network of their node are not limited."""
    on_node = pod_if_any(workload).at("hostNetwork") is True
    found = (
        policy
        for policy in may_select("NetworkPolicy", workload, resources)
        if direction in _types(policy) and _selects(policy, workload)
    )
    return Limits(workload, direction, () if on_node else tuple(found))


def ports_behind(service_port: dict[str, Any], workload: Resource) -> Iterator[PortOfPods]:
    """Give the ports of a workload's pods that a port of a Service leads to; none for a name that they have not."""
    target, protocol = target_of(service_port), str(service_port.get("protocol") or "TCP")
    if isinstance(target, int):
        yield PortOfPods(target, protocol)
    else:
        yield from named_ports(workload, target, protocol)


def named_ports(workload: Resource, name: object, protocol: str = "TCP") -> Iterator[PortOfPods]:
    """Give the ports that the containers of a workload give a name."""
    for container in containers_if_any(workload):
        for port in maps_in(container.at("ports")):
            number = port.get("containerPort")
            if port.get("name") == name and isinstance(number, int) and (port.get("protocol") or "TCP") == protocol:
                yield PortOfPods(number, protocol)


def is_any_pod(peer: Place[Resource]) -> bool:
    """Tell whether a peer is every pod of the namespace."""
    return peer.map == {"podSelector": {}}


def _types(policy: Resource) -> list[str]:
    given = policy.at("spec.policyTypes")
    if isinstance(given, list) and given:
        return [str(kind) for kind in given]
    return ["Ingress", *(["Egress"] if policy.at("spec.egress") else [])]


def _selects(policy: Resource, workload: Resource) -> bool:
    selector = policy.at("spec.podSelector")
    return any(matches_label_selector(selector, labels) for labels in labels_of_each_pod(workload))


def _has_port(rule: Place[Resource], port: PortOfPods, opened: list[dict[str, Any]]) -> bool:
    entries = [entry.map for entry in (rule / "ports").maps()]
    return not (rule / "ports").value or any(_fits(entry, port, opened) for entry in entries)


def _fits(entry: dict[str, Any], port: PortOfPods, opened: list[dict[str, Any]]) -> bool:
    asked, last = entry.get("port"), entry.get("endPort")
    if (entry.get("protocol") or "TCP") != port.protocol:
        return False
    if isinstance(asked, int):
        return asked <= port.number <= last if isinstance(last, int) else asked == port.number
    names = [p for p in opened if (p.get("containerPort"), p.get("protocol")) == (port.number, port.protocol)]
    return asked is None or any(p.get("name") == asked for p in names)


def _has_peer(
    rule: Place[Resource], direction: Direction, policy: Resource, other: Resource, resources: Resources
) -> bool:
    """Tell whether the pods of another workload may be peers; of what only the cluster knows, they may."""
    peers = rule / _FIELDS[direction][1]
    if not peers.value:
        return True
    for peer in peers.maps():
        if (peer / "ipBlock").is_set:
            return True
        around, pods = peer / "namespaceSelector", peer / "podSelector"
        is_inside = (
            _may_be_in(other.namespace, around.map, resources) if around.is_set else other.namespace == policy.namespace
        )
        if is_inside and (
            not pods.is_set or any(matches_label_selector(pods.map, labels) for labels in labels_of_each_pod(other))
        ):
            return True
    return False


def _may_be_in(namespace: str, selector: dict[str, Any], resources: Resources) -> bool:
    wanted = map_of(selector.get("matchLabels"))
    if wanted.get(_NAME_OF_NAMESPACE, namespace) != namespace:
        return False
    rendered = resources.named("Namespace", namespace)
    labels = {_NAME_OF_NAMESPACE: namespace, **map_of(rendered[0].at("metadata.labels"))} if rendered else {}
    return not rendered or matches_label_selector(selector, labels)


def _is_for_strangers(rule: Place[Resource], resources: Resources) -> bool:
    """Tell whether a rule lets in more than pods of this namespace, or such as the release has not got itself."""
    peers = rule / "from"
    own = [labels for workload in workloads(resources) for labels in labels_of_each_pod(workload)]
    return not peers.value or any(
        (peer / "ipBlock").is_set
        or (peer / "namespaceSelector").is_set
        or not any(matches_label_selector((peer / "podSelector").map, labels) for labels in own)
        for peer in peers.maps()
    )


def _is_for_others(rule: Place[Resource], known: set[str]) -> bool:
    """Tell whether a rule lets out to what is not the release's, where the DNS of the cluster is."""
    peers = rule / "to"
    if not peers.value:
        return True
    around = [peer / "namespaceSelector" for peer in peers.maps() if not (peer / "ipBlock").is_set]
    named = [map_of(selector.at("matchLabels")).get(_NAME_OF_NAMESPACE) for selector in around if selector.is_set]
    return len(around) < len([*peers.maps()]) or any(not isinstance(name, str) or name not in known for name in named)
