"""Rules over the fields of Services, Ingresses, NetworkPolicies and webhooks.

Source: the functions named in each row, below https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis in
core/validation, networking/validation and admissionregistration/validation.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.documents.shapes import is_whole
from chartgate.kubernetes.field_rules.field_rule import (
    Breach,
    FieldRule,
    Part,
    between,
    exactly_one,
    filled,
)
from chartgate.kubernetes.validity.name_rules import SUBDOMAIN, fits

_CLASS = "kubernetes.io/ingress.class"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_OUTSIDE = ("NodePort", "LoadBalancer")
_NODE_PORTS = range(30000, 32768)
"""Unless the cluster is told another range: --service-node-port-range."""
_NO_PATH = re.compile(r"//|/\.\.?/|%2[fF]|/\.\.?$")


def _without_ports(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    if spec.is_map and not spec.at("ports") and spec.at("type") != "ExternalName" and spec.at("clusterIP") != "None":
        yield Breach(spec / "ports", "none")


def _node_ports(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    asked: set[tuple[str, str]] = set()
    for port in (spec / "ports").maps():
        number, protocol = port.at("nodePort"), port.at("protocol") or "TCP"
        if number and (spec.at("type") or "ClusterIP") == "ClusterIP":
            yield Breach(port / "nodePort", f"nodePort {number}, and type ClusterIP")
        if number and (str(protocol), str(number)) in asked:
            yield Breach(port / "nodePort", f"{number} more than once")
        if number and is_whole(number) and number not in _NODE_PORTS:
            yield Breach(port / "nodePort", f"{number}, which is for a node's own programs")
        asked.add((str(protocol), str(number)))


def _addresses(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    kind = spec.at("type") or "ClusterIP"
    if kind in _OUTSIDE and spec.at("clusterIP") == "None":
        yield Breach(spec / "clusterIP", f"None, and type {kind}")
    if kind == "ExternalName":
        if not spec.at("externalName"):
            yield Breach(spec / "externalName", "nothing, and type ExternalName", is_omission=True)
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if spec.at(field):
                yield Breach(spec / field, f"{field}, and type ExternalName")


def _traffic(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    kind = spec.at("type") or "ClusterIP"
    is_outside = kind in _OUTSIDE or (kind == "ClusterIP" and bool(spec.at("externalIPs")))
    if spec.at("externalTrafficPolicy") and not is_outside:
        yield Breach(spec / "externalTrafficPolicy", f"externalTrafficPolicy, and type {kind}")
    checked = kind == "LoadBalancer" and spec.at("externalTrafficPolicy") == "Local"
    if spec.at("healthCheckNodePort") and not checked:
        yield Breach(
            spec / "healthCheckNodePort",
            "healthCheckNodePort, without type LoadBalancer and externalTrafficPolicy Local",
        )


def _load_balancer(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    annotation = part / "metadata" / "annotations" / _RANGES
    places = [spec / "allocateLoadBalancerNodePorts", spec / "loadBalancerClass", annotation]
    found = [place for place in places if place.is_set] + [
        place for place in (spec / "loadBalancerSourceRanges",) if place.value
    ]
    if spec.at("type") != "LoadBalancer":
        yield from (Breach(place, f"set, and type {spec.at('type') or 'ClusterIP'}") for place in found)


def _affinity(part: Part) -> Iterator[Breach]:
    config = part.place("spec.sessionAffinityConfig")
    if config.is_set and part.at("spec.sessionAffinity") != "ClientIP":
        yield Breach(config, f"sessionAffinityConfig, and sessionAffinity {part.at('spec.sessionAffinity') or 'None'}")


def _leads_somewhere(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    if spec.is_map and not spec.at("rules") and not (spec / "defaultBackend").is_set:
        yield Breach(spec, "neither", is_omission=True)


def _classes(part: Part) -> Iterator[Breach]:
    annotation, field = part / "metadata" / "annotations" / _CLASS, part.place("spec.ingressClassName")
    if annotation.is_set and field.is_set and annotation.value != field.value:
        yield Breach(annotation, f"{annotation.value}, and ingressClassName {field.value}")


def _host(part: Part) -> Iterator[Breach]:
    host = part / "host"
    if not host.text or PLACEHOLDER.search(host.text):
        return
    if not fits(host.text.removeprefix("*."), SUBDOMAIN):
        yield Breach(host, host.text)
    elif _network(f"{host.text}/0"):
        yield Breach(host, f"the address {host.text}")


def _path(part: Part) -> Iterator[Breach]:
    path, kind = part / "path", part.at("pathType")
    is_matched = kind in ("Exact", "Prefix")
    if (is_matched and not path.text.startswith("/")) or (is_matched and _NO_PATH.search(path.text)):
        yield Breach(path, f"{path.text!r}, and pathType {kind}")
    elif kind == "ImplementationSpecific" and path.text and not path.text.startswith("/"):
        yield Breach(path, repr(path.text))


def _one_backend(part: Part) -> Iterator[Breach]:
    """Look at the backends of networking.k8s.io/v1: older versions have serviceName and servicePort."""
    if not (part / "serviceName").is_set:
        yield from exactly_one("resource", "service")(part)


def _backend_port(part: Part) -> Iterator[Breach]:
    service = part / "service"
    there = [key for key in ("name", "number") if service.at(f"port.{key}")]
    if service.is_map and len(there) != 1:
        yield Breach(service / "port", " and ".join(there) or "neither", is_omission=not there)


def _peer(part: Part) -> Iterator[Breach]:
    there = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if (part / key).is_set]
    if not there:
        yield Breach(part, "none of them")
    elif "ipBlock" in there and len(there) > 1:
        yield Breach(part, " and ".join(there))


def _block(part: Part) -> Iterator[Breach]:
    block = part / "ipBlock"
    whole_net = _network(block.at("cidr"))
    if block.is_map and whole_net is None and not PLACEHOLDER.search((block / "cidr").text):
        yield Breach(block / "cidr", f"{block.at('cidr')}")
    for exception in (block / "except").texts():
        net = _network(exception.value)
        if net is None:
            yield Breach(exception, exception.text)
        elif whole_net and not (net.network_address in whole_net and net.prefixlen > whole_net.prefixlen):
            yield Breach(exception, f"{exception.text}, which is not a part of {block.at('cidr')}")


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: object) -> _Network | None:
    """Read a range of addresses as the API server does: bits of a host in it count for nothing."""
    if not isinstance(text, str) or "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _port_range(part: Part) -> Iterator[Breach]:
    first, last = part / "port", part / "endPort"
    if last.is_set and not is_whole(first.value):
        yield Breach(last, f"endPort, and port {first.value if first.is_set else 'left out'}")
    elif is_whole(last.value) and last.value < first.value:
        yield Breach(last, f"{last.value}, and port {first.value}")


def _directions(part: Part) -> Iterator[Breach]:
    """Find rules that count for nothing: those of a direction that policyTypes, where it is given, does not name."""
    types = part.at("spec.policyTypes")
    for field, direction in (("ingress", "Ingress"), ("egress", "Egress")):
        if part.at(f"spec.{field}") and types and isinstance(types, list) and direction not in types:
            yield Breach(part / "spec" / field, f"rules, and policyTypes {', '.join(map(str, types))}")


RULES_OF_NETWORKS = (
    FieldRule(
        "Service",
        "at least one port, unless it is headless or of type ExternalName",
        "core ValidateService",
        _without_ports,
    ),
    FieldRule(
        "Service",
        "ports of the node, 30000 to 32767, each once, with types NodePort and LoadBalancer only",
        "core ValidateService",
        _node_ports,
    ),
    FieldRule("Service", "addresses that go with its type", "core ValidateService", _addresses),
    FieldRule(
        "Service",
        "a traffic policy with types NodePort and LoadBalancer only",
        "core validateServiceExternalTrafficPolicy",
        _traffic,
    ),
    FieldRule(
        "Service", "fields of load balancers with type LoadBalancer only", "core ValidateService", _load_balancer
    ),
    FieldRule("Service", "sessionAffinityConfig with sessionAffinity ClientIP only", "core ValidateService", _affinity),
    FieldRule("port of a Service", "ports from 1 to 65535", "core validateServicePort", between(1, 65535, "port")),
    FieldRule(
        "port of a Service",
        "ports up to 65535",
        "core validateServicePort",
        between(0, 65535, "targetPort"),
    ),
    FieldRule("Ingress", "rules or a defaultBackend", "networking ValidateIngressSpec", _leads_somewhere),
    FieldRule(
        "Ingress",
        "the same class in the annotation as in ingressClassName",
        "networking ValidateIngressCreate",
        _classes,
    ),
    FieldRule(
        "rule of an Ingress",
        "a DNS name as host, or one that begins with `*.`",
        "networking validateIngressRules",
        _host,
    ),
    FieldRule("http rule", "at least one path", "networking validateHTTPIngressRuleValue", filled("paths")),
    FieldRule(
        "path of an Ingress",
        "a path that begins with `/`, without `//`, `/./` and `/../`",
        "networking validateHTTPIngressPath",
        _path,
    ),
    FieldRule(
        "backend",
        "exactly one of resource, service",
        "networking validateIngressBackend",
        _one_backend,
    ),
    FieldRule("backend", "a port by name or by number, not both", "networking validateIngressBackend", _backend_port),
    FieldRule(
        "peer",
        "podSelector, namespaceSelector or both, or an ipBlock alone",
        "networking ValidateNetworkPolicyPeer",
        _peer,
    ),
    FieldRule(
        "peer", "ranges of addresses (CIDR), and exceptions inside of them", "networking ValidateIPBlock", _block
    ),
    FieldRule(
        "port of a NetworkPolicy",
        "ports from 1 to 65535",
        "networking ValidateNetworkPolicyPort",
        between(1, 65535, "port", "endPort"),
    ),
    FieldRule(
        "port of a NetworkPolicy",
        "endPort only beside a number, and not below it",
        "networking ValidateNetworkPolicyPort",
        _port_range,
    ),
    FieldRule(
        "NetworkPolicy",
        "rules only of the directions in policyTypes: others count for nothing",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        _directions,
    ),
    FieldRule(
        "webhook",
        "exactly one of service, url",
        "admissionregistration validateValidatingWebhook",
        lambda part: exactly_one("service", "url")(part / "clientConfig"),
    ),
    FieldRule(
        "webhook",
        "1 to 30 seconds",
        "admissionregistration validateValidatingWebhook",
        between(1, 30, "timeoutSeconds"),
    ),
)
"""One row a rule."""
