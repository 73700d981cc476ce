"""Who no longer gets to the release from outside: addresses, hosts, paths and certificates that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.links.ways_in import WAYS_IN, WayIn, ways_in
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, pod_if_any
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.review import Bump, Level
from chartgate.review.risks.cluster_defaults import no_longer_default
from chartgate.review.risks.exposure import (
    GUARDING,
    INTERNAL,
    REACH,
    plain_sections,
    reach_words,
    service_reach,
    takes_from,
)
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.single_fields import OF_CERTIFICATES, of_fields

_CLASS, _OLD_CLASS = "spec.ingressClassName", "kubernetes.io/ingress.class"
_OF_PATTERNS = re.compile(r"[()*+?$\[\]|\\^]")
_ANNOTATIONS = "metadata.annotations"
ADDRESS_NAMES = """
    metallb.io/loadBalancerIPs metallb.universe.tf/loadBalancerIPs metallb.io/address-pool
    metallb.universe.tf/address-pool kube-vip.io/loadbalancerIPs lbipam.cilium.io/ips io.cilium/lb-ipam-ips
    service.beta.kubernetes.io/aws-load-balancer-eip-allocations service.beta.kubernetes.io/aws-load-balancer-name
    service.beta.kubernetes.io/azure-load-balancer-ipv4 service.beta.kubernetes.io/azure-pip-name
    networking.gke.io/load-balancer-ip-addresses kubernetes.io/ingress.global-static-ip-name
    external-dns.alpha.kubernetes.io/hostname
"""
BALANCER_NAMES = """
    service.beta.kubernetes.io/aws-load-balancer-type service.beta.kubernetes.io/aws-load-balancer-subnets
    service.beta.kubernetes.io/azure-load-balancer-resource-group
    service.beta.kubernetes.io/azure-load-balancer-internal-subnet alb.ingress.kubernetes.io/group.name
    alb.ingress.kubernetes.io/load-balancer-name load-balancer.hetzner.cloud/name
    kubernetes.digitalocean.com/load-balancer-id networking.gke.io/load-balancer-subnet
"""
"""Annotations with another value of which the cloud makes another load balancer."""
_FORCED = (
    "nginx.ingress.kubernetes.io/force-ssl-redirect",
    "haproxy.org/ssl-redirect",
    "haproxy-ingress.github.io/ssl-redirect",
)


@risk(level="caution", bump="major", source="https://kubernetes.io/docs/concepts/services-networking/ingress/")
def unexposed(pair: Pair) -> Iterator[Hit]:
    """Whoever got to the release from outside no longer does.

    A Service of a type that is reached from fewer places, or at another address, load balancer or port of its nodes;
    pods that no longer take a port of their nodes; a host or a path that an Ingress or a Route no longer has, a
    listener or a Gateway that is another one, a certificate from another Secret, an Ingress that another controller
    serves, that asks who it is, or that sends plain HTTP away, a class that is no longer the default, a certificate
    that names less or that another one signs.
    """
    if not pair.both:
        return
    before, after = pair.both
    yield from _of_nodes(before, after)
    if after.kind == "Service":
        yield from _of_service(before, after)
    if after.kind == "IngressClass":
        yield from no_longer_default(pair, after.kind)
    if after.kind in ("Ingress", "Service"):
        yield from _of_annotations(before, after)
    if after.kind == "Ingress":
        yield from _of_class(before, after)
        yield from _of_certificates(before, after, pair.beside[1])
    if after.kind == "Gateway":
        yield from _of_gateway(before, after)
    yield from of_fields(pair, OF_CERTIFICATES)
    if after.kind in WAYS_IN:
        yield from _of_ways(before, after)
        yield from _of_parents(before, after)


def _of_gateway(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare who serves a Gateway, and with which certificates."""
    address = "spec.gatewayClassName"
    if before.at(address) != after.at(address):
        yield Hit(address, "another controller serves it, at another address")
    froms = takes_from(before), takes_from(after)
    for name in (name for name in froms[1] if froms[0].get(name) == "All" != froms[1][name]):
        reason = "routes of all namespaces are no longer taken"
        yield Hit(f"spec.listeners[{name}].allowedRoutes", reason)
    had = {str(one.get("name")): _secrets(one) for one in maps_in(before.at("spec.listeners"))}
    for listener in maps_in(after.at("spec.listeners")):
        name = str(listener.get("name"))
        lost = [secret for secret in had.get(name, []) if secret not in _secrets(listener)]
        if lost and _secrets(listener):
            words = f"its certificate comes from {listed(_secrets(listener), 3)} now, which has to be there"
            yield Hit(f"spec.listeners[{name}].tls.certificateRefs", words)


def _secrets(listener: Mapping[str, Any]) -> list[str]:
    return [str(one.get("name")) for one in maps_in(map_of(listener.get("tls")).get("certificateRefs"))]


def _of_nodes(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say at which ports its nodes no longer answer."""
    has = {port for container in containers_if_any(after) for port, _ in _ports_of_nodes(container)}
    on_nodes = pod_if_any(after).at("hostNetwork") is True
    for container in containers_if_any(before):
        for port, inside in _ports_of_nodes(container):
            if port not in has and not (on_nodes and port == inside):
                place = f"{container.address.rpartition('[')[0]}[{container.name}]"
                yield Hit(f"{place}.ports[{inside}].hostPort", f"its nodes no longer answer at {port}")


def _ports_of_nodes(container: Container) -> Iterator[tuple[Any, Any]]:
    for port in maps_in(container.at("ports")):
        number = port.get("hostPort")
        if number and isinstance(number, int | str):
            yield number, port.get("containerPort")


def _of_service(before: Resource, after: Resource) -> Iterator[Hit]:
    if service_reach(after) < service_reach(before):
        yield Hit("spec.type", reach_words(before, after))
        return
    if not service_reach(before):
        return
    address = "spec.loadBalancerIP"
    was, now = (resource.at(address) for resource in (before, after))
    if was not in (ABSENT, None, "") and now != was:
        yield Hit(address, f"it is no longer reached at {was}")
    for field, words in (("externalIPs", "it is no longer reached at"), ("loadBalancerSourceRanges", "it keeps out")):
        lost = [text for text in _texts(before, f"spec.{field}") if text not in _texts(after, f"spec.{field}")]
        if lost and (field == "externalIPs" or _texts(after, f"spec.{field}")):
            yield Hit(f"spec.{field}", f"{words} {listed(lost, 3)} now")
    ports = {_name(port): port for port in maps_in(after.at("spec.ports"))}
    for port in maps_in(before.at("spec.ports")):
        old, new = port.get("nodePort"), ports.get(_name(port), {}).get("nodePort")
        if new and old != new:
            number, was = ports[_name(port)].get("port"), old or "any that was free"
            yield Hit(f"spec.ports[{number}].nodePort", f"at every node, it was port {was} and is {new} now")


def _name(port: Mapping[str, Any]) -> str:
    return str(port.get("name") or port.get("port"))


def _texts(resource: Resource, address: str) -> list[str]:
    return texts_in(resource.at(address))


def _of_annotations(before: Resource, after: Resource) -> Iterator[Hit]:
    was, now = annotations_of(before), annotations_of(after)
    for name in ADDRESS_NAMES.split():
        if name in was and now.get(name) != was[name]:
            yield Hit(_address(name, now), f"it is no longer reached at {was[name]}")
    for name in BALANCER_NAMES.split():
        if was.get(name) != now.get(name) and (
            after.kind == "Ingress" or service_reach(before) == REACH["LoadBalancer"]
        ):
            yield Hit(_address(name, now), "another load balancer is made, with another address")
    for name, inside in INTERNAL.items():
        if str(now.get(name, "")) in inside and str(was.get(name, "")) not in inside:
            yield Hit(_address(name, now), "its load balancer is internal now")
    for name in now:
        if GUARDING.search(name) and name not in was:
            yield Hit(_address(name, now), f"it keeps out who does not fit {now[name]}")
    for name in _FORCED:
        if str(now.get(name)) == "true" and name not in was:
            yield Hit(_address(name, now), "plain HTTP is sent to HTTPS now")


def _address(name: str, now: Mapping[str, Any]) -> str:
    return join("metadata", "annotations", name) if now else _ANNOTATIONS


def _of_class(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare who serves an Ingress: by its class, which an annotation said before the spec did."""
    given = ((resource.at(_CLASS), annotations_of(resource).get(_OLD_CLASS)) for resource in (before, after))
    sides = [tuple(ABSENT if one in (None, "") else one for one in each) for each in given]
    was, now = (old if given is ABSENT else given for given, old in sides)
    address = _CLASS if sides[0][0] != sides[1][0] else join("metadata", "annotations", _OLD_CLASS)
    if was != now:
        yield Hit(address, "another controller serves it, at another address")
    elif sides[0][0] is ABSENT and sides[1][0] is not ABSENT:
        yield Hit(_CLASS, f"an annotation said it before: there has to be an IngressClass {now}", "note", "patch")


def _of_certificates(before: Resource, after: Resource, beside: Resources) -> Iterator[Hit]:
    had, has = (dict(_certificates(resource)) for resource in (before, after))
    is_made = any("cert-manager.io/" in name or name == "kubernetes.io/tls-acme" for name in annotations_of(after))
    for host, secret in had.items():
        if host in has and has[host] != secret:
            new = f"the Secret {has[host]}" if has[host] else "the controller itself"
            is_asked_for = bool(has[host]) and not is_made and not beside.named("Secret", has[host], after.namespace)
            made = ": it is made anew" if is_made and has[host] else ", which has to be there" if is_asked_for else ""
            level: Level | None = "note" if is_made else None
            bump: Bump = "major" if is_asked_for else "minor"
            yield Hit("spec.tls", f"the certificate of {host} comes from {new} now{made}", level, bump)


def _certificates(ingress: Resource) -> Iterator[tuple[str, str]]:
    for entry in maps_in(ingress.at("spec.tls")):
        for host in texts_in(entry.get("hosts")) or ["*"]:
            yield host, str(entry.get("secretName") or "")


def _of_ways(before: Resource, after: Resource) -> Iterator[Hit]:
    has, backends = list(ways_in(after)), _backends(before)
    lost = [
        way
        for way in ways_in(before)
        if not any(_leads_as_far(new, way) and not _led_elsewhere(new, way, backends) for new in has)
    ]
    gone = [way for way in lost if not any((way.host, way.path) == (new.host, new.path) for new in has)]
    if gone:
        yield Hit("spec", f"it no longer has {listed(sorted({f'{way.host}{way.path}' for way in gone}), 4)}")
    for way in (way for way in lost if way not in gone):
        sorts = listed([new.sort for new in has if (new.host, new.path) == (way.host, way.path)], 2)
        yield Hit("spec.rules", f"{way.host}{way.path} was a path of the type {way.sort}, and is {sorts} now")


def _backends(resource: Resource) -> dict[tuple[str, str], str]:
    """Give what the hosts and paths of an Ingress lead to."""
    spec = map_of(resource.manifest.get("spec")) if resource.kind == "Ingress" else {}
    found = {("*", "/"): canonical(spec["defaultBackend"])} if spec.get("defaultBackend") else {}
    for rule in maps_in(spec.get("rules")):
        for path in maps_in(map_of(rule.get("http")).get("paths")):
            found[str(rule.get("host") or "*"), str(path.get("path") or "/")] = canonical(path.get("backend"))
    return found


def _led_elsewhere(new: WayIn, old: WayIn, backends: Mapping[tuple[str, str], str]) -> bool:
    """Tell whether a wider way was there before, and led to something else than a narrower one."""
    keys = [(way.host, way.path) for way in (new, old)]
    return keys[0] != keys[1] and len({backends.get(key, backends.get(keys[1])) for key in keys}) > 1


def _leads_as_far(new: WayIn, old: WayIn) -> bool:
    """Tell whether a way leads to all that another one led to."""
    if new == old:
        return True
    if not new.sort or new.host not in (old.host, "*"):
        return False
    if new.path == old.path and new.sort != "Exact":
        # A controller may read a path as a pattern where the chart leaves it to it.
        return new.sort == "ImplementationSpecific" or not _OF_PATTERNS.search(old.path)
    return new.sort == "Prefix" and f"{old.path.rstrip('/')}/".startswith(f"{new.path.rstrip('/')}/")


def _of_parents(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare the Gateways that a route belongs to; that it goes to a plain listener of one is told as such."""
    sides = [_parents(resource) for resource in (before, after)]
    if plain_sections(before, after):
        sides = [{words.rpartition(" ")[0]: words for words in side.values()} for side in sides]
    had, has = sides
    lost = [words for key, words in had.items() if key not in has]
    if lost:
        yield Hit("spec.parentRefs", f"it no longer belongs to {listed(lost, 3)}")


def _parents(route: Resource) -> dict[str, str]:
    found = {}
    for parent in maps_in(map_of(route.manifest.get("spec")).get("parentRefs")):
        whole = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": route.namespace, **parent}
        found[canonical(whole)] = _parent_words(whole, ("kind", "namespace", "name", "sectionName", "port"))
    return found


def _parent_words(parent: Mapping[str, Any], keys: Sequence[str]) -> str:
    return " ".join(str(parent[key]) for key in keys if parent.get(key))
