"""Who gets to the release from outside, and how: Services, Ingresses, Routes, Gateways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.links.ways_in import ways_in
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.cluster_defaults import newly_default
from chartgate.review.risks.guarding_objects import laxer
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.told_settings import let_in, listening, tls_versions
from chartgate.review.risks.turned_settings import opened

REACH = {"ExternalName": 0, "ClusterIP": 0, "NodePort": 1, "LoadBalancer": 2}
_REACH_WORDS = {
    "ExternalName": "from the cluster only",
    "ClusterIP": "from the cluster only",
    "NodePort": "at a port of every node",
    "LoadBalancer": "through a load balancer",
}
_ANNOTATIONS, _SAME = "metadata.annotations", "Same"
INTERNAL: Mapping[str, tuple[str, ...]] = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "networking.gke.io/load-balancer-type": ("Internal",),
    "cloud.google.com/load-balancer-type": ("Internal",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
    "alb.ingress.kubernetes.io/scheme": ("internal",),
}
"""The annotations that keep a load balancer inside, and their values."""
GUARDS: Mapping[str, tuple[str, ...]] = {
    "nginx.ingress.kubernetes.io/ssl-redirect": ("true",),
    "nginx.ingress.kubernetes.io/force-ssl-redirect": ("true",),
    "haproxy.org/ssl-redirect": ("true",),
    "haproxy-ingress.github.io/ssl-redirect": ("true",),
    "kubernetes.io/ingress.allow-http": ("false",),
    "traefik.ingress.kubernetes.io/router.entrypoints": ("websecure",),
    "traefik.ingress.kubernetes.io/router.tls": ("true",),
}
"""The annotations that keep plain HTTP out, and their values."""
GUARDING = re.compile(
    r"^(?:(?:nginx|alb)\.ingress\.kubernetes\.io|haproxy-ingress\.github\.io|haproxy\.router\.openshift\.io|haproxy\.org)"
    r"/(?:(?:white|allow|deny)list-source-range|auth-(?:type|url|tls-secret)|ip_(?:white|allow)list|allow-list|whitelist"
    r"|inbound-cidrs|wafv2-acl-arn|waf-acl-id|web-acl-id)$"
)
"""The annotations that keep some people out, whatever their value."""
_ON_BY_DEFAULT = frozenset(["nginx.ingress.kubernetes.io/ssl-redirect", "haproxy-ingress.github.io/ssl-redirect"])
_ENCRYPTED, _PLAIN = (re.compile(words, re.IGNORECASE) for words in (r"https|tls|secure|443", r"http|web|80"))
"""Names of listeners."""
_SERVICES = "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"


@risk(level="danger", bump="minor", source=_SERVICES)
def exposed(pair: Pair) -> Iterator[Hit]:
    """More people get to the release, or what they send is not encrypted.

    A Service of a type that is reached from outside, a load balancer that is no longer internal or open to more
    addresses, an Ingress, a Route or a Gateway without TLS, one that takes plain HTTP or no longer asks who it is, a
    program that is told so. A
    new way in is a caution where it is encrypted, or only leads through every node, and so is a program that listened
    at `localhost` only.
    """
    yield from (hit._replace(level="caution") for hit in listening(pair, is_narrower=False))
    yield from let_in(pair)
    yield from (hit._replace(level="caution") for hit in tls_versions(pair, is_lower=True))
    if not any(laxer(pair)):  # which a mesh is told in words of its own
        yield from opened(pair)
    yield from newly_default(pair, "IngressClass")
    after = pair.after
    if after is None:
        return
    if pair.before is None:
        yield from _new(after)
        return
    before = pair.before
    if after.kind == "Service":
        yield from _service(before, after)
    if after.kind in ("Ingress", "Service"):
        yield from _internal(before, after)
    if after.kind in ("Ingress", "Route", "IngressRoute"):
        yield from _plain_http(before, after)
    if after.kind == "Gateway":
        yield from _listeners(before, after)
    if after.kind == "HTTPRoute" and _only_redirects(before) and not _only_redirects(after):
        yield Hit("spec.rules", "plain HTTP is no longer sent to HTTPS")
    if after.kind in ("HTTPRoute", "GRPCRoute"):
        for name in plain_sections(before, after):
            reason = f"it is reached through {name}: traffic is no longer encrypted"
            yield Hit("spec.parentRefs", reason, bump="major")


def _new(resource: Resource) -> Iterator[Hit]:
    """Say who gets in through an object that was not there."""
    if resource.kind == "Service" and (reach := service_reach(resource)):
        words = _REACH_WORDS[service_type(resource)]
        yield Hit("", f"it is reached {words}", level="caution" if reach == 1 else None)
    elif ways := sorted({f"{way.host}{way.path}" for way in ways_in(resource)}):
        is_plain = resource.kind in ("Ingress", "Route") and resource.at("spec.tls") in (ABSENT, None, [], {})
        yield Hit(
            "", f"a new way in: {listed(ways, 3)}{', without TLS' if is_plain else ''}", None if is_plain else "caution"
        )


def service_type(service: Resource) -> str:
    """Give the type of a Service; one of another form is of the usual one."""
    found = service.at("spec.type")
    return found if isinstance(found, str) and found in REACH else "ClusterIP"


def service_reach(service: Resource) -> int:
    """Give from how far away a Service is reached: 0 from the cluster only."""
    return REACH[service_type(service)]


def reach_words(before: Resource, after: Resource) -> str:
    """Say from where a Service was reached, and is now."""
    was, now = (_REACH_WORDS[service_type(resource)] for resource in (before, after))
    return f"it was reached {was}, and is {now} now"


def _service(before: Resource, after: Resource) -> Iterator[Hit]:
    if service_reach(after) > service_reach(before):
        yield Hit("spec.type", reach_words(before, after))
    ports = [{str(port.get("port")) for port in maps_in(resource.at("spec.ports"))} for resource in (before, after)]
    if service_reach(before) == service_reach(after) == REACH["LoadBalancer"] and (opened := ports[1] - ports[0]):
        yield Hit(f"spec.ports[{min(opened)}]", f"its load balancer takes {listed(sorted(opened), 3)} too", "caution")
    if more := _texts(after, "spec.externalIPs") - _texts(before, "spec.externalIPs"):
        yield Hit("spec.externalIPs", f"it is reached at {listed(sorted(more), 3)} now")
    ranges = [_texts(resource, "spec.loadBalancerSourceRanges") for resource in (before, after)]
    if ranges[0] and service_type(after) == "LoadBalancer" and (not ranges[1] or ranges[1] - ranges[0]):
        more_words = listed(sorted(ranges[1] - ranges[0]), 3) or "any address"
        yield Hit("spec.loadBalancerSourceRanges", f"its load balancer is open to {more_words} now")


def _texts(resource: Resource, address: str) -> set[str]:
    return set(texts_in(resource.at(address)))


def _internal(before: Resource, after: Resource) -> Iterator[Hit]:
    if after.kind == "Service" and not (service_reach(before) == service_reach(after) == REACH["LoadBalancer"]):
        return
    for name, kept_inside in INTERNAL.items():
        was, now = (str(annotations_of(resource).get(name, "")) for resource in (before, after))
        if was in kept_inside and now not in kept_inside:
            yield Hit(f"{_ANNOTATIONS}[{name}]", "its load balancer is no longer internal")


def _plain_http(before: Resource, after: Resource) -> Iterator[Hit]:
    hosts = {way.host for way in ways_in(after)} or {"*"}
    if any(_is_encrypted(host, before) and not _is_encrypted(host, after) for host in hosts):
        yield Hit("spec.tls", "traffic is no longer encrypted")
    for name, kept_out in GUARDS.items():
        was, now = (_words_of(annotations_of(resource).get(name, ABSENT)) for resource in (before, after))
        is_lax = now is not None and now not in kept_out
        if (was in kept_out or (was is None and name in _ON_BY_DEFAULT)) and (
            is_lax or (now is None and name not in _ON_BY_DEFAULT)
        ):
            yield Hit(f"{_ANNOTATIONS}[{name}]", "plain HTTP is allowed now")
    for name in annotations_of(before):
        if GUARDING.search(name) and name not in annotations_of(after):
            yield Hit(f"{_ANNOTATIONS}[{name}]", "it no longer keeps anybody out")
    address = "spec.tls.insecureEdgeTerminationPolicy"
    if after.kind == "Route" and after.at(address) == "Allow" and before.at(address) != "Allow":
        yield Hit(address, "plain HTTP is allowed now")


def _is_encrypted(host: str, resource: Resource) -> bool:
    """Tell whether a host is reached by TLS."""
    tls = resource.at("spec.tls")
    named = [name for entry in maps_in(tls) for name in texts_in(entry.get("hosts")) or ["*"]]
    return isinstance(tls, dict) or not {host, "*", f"*.{host.partition('.')[2]}"}.isdisjoint(named)


def _words_of(value: Any) -> str | None:
    return None if value is ABSENT else str(value)


def _only_redirects(route: Resource) -> bool:
    """Tell whether a route sends all that it gets to HTTPS."""
    rules = maps_in(route.at("spec.rules"))
    return bool(rules) and all(
        any(map_of(entry.get("requestRedirect")).get("scheme") == "https" for entry in maps_in(rule.get("filters")))
        for rule in rules
    )


def plain_sections(before: Resource, after: Resource) -> list[str]:
    """Give the listeners that a route belongs to now whose names say that they are plain, where all were encrypted."""
    had, has = (
        {str(map_of(parent).get("sectionName") or "") for parent in maps_in(resource.at("spec.parentRefs"))}
        for resource in (before, after)
    )
    if not had or not all(_ENCRYPTED.search(name) for name in had):
        return []
    return [name for name in has if name and not _ENCRYPTED.search(name) and _PLAIN.search(name)]


def _listeners(before: Resource, after: Resource) -> Iterator[Hit]:
    was, now = takes_from(before), takes_from(after)
    for name in (name for name in now if name in was and was[name] != "All" == now[name]):
        yield Hit(f"spec.listeners[{name}].allowedRoutes", "routes of all namespaces are taken now", "caution")
    had = {
        str(listener.get("name")): str(listener.get("protocol")) for listener in maps_in(before.at("spec.listeners"))
    }
    for listener in maps_in(after.at("spec.listeners")):
        name, protocol = str(listener.get("name")), str(listener.get("protocol"))
        if had.get(name) in ("HTTPS", "TLS") and protocol in ("HTTP", "TCP"):
            yield Hit(f"spec.listeners[{name}].protocol", "traffic is no longer encrypted")


def takes_from(gateway: Resource) -> dict[str, str]:
    """Give from which namespaces each listener of a Gateway takes routes: `Same` where it does not say."""
    return {
        str(listener.get("name")): str(
            map_of(map_of(listener.get("allowedRoutes")).get("namespaces")).get("from", _SAME)
        )
        for listener in maps_in(gateway.at("spec.listeners"))
    }
