"""Who gets to the release from outside, and how: Services, Ingresses, Routes, Gateways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_REACH = {"ExternalName": 0, "ClusterIP": 0, "NodePort": 1, "LoadBalancer": 2}
_WORDS = {
    "ExternalName": "from the cluster only",
    "ClusterIP": "from the cluster only",
    "NodePort": "at a port of every node",
    "LoadBalancer": "through a load balancer",
}
_ANNOTATIONS = "metadata.annotations"
_INTERNAL: Mapping[str, tuple[str, ...]] = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "networking.gke.io/load-balancer-type": ("Internal",),
    "cloud.google.com/load-balancer-type": ("Internal",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
    "alb.ingress.kubernetes.io/scheme": ("internal",),
}
"""The annotations that keep a load balancer inside, and their values."""
_GUARDS: Mapping[str, tuple[str, ...]] = {
    "nginx.ingress.kubernetes.io/ssl-redirect": ("true",),
    "nginx.ingress.kubernetes.io/force-ssl-redirect": ("true",),
    "haproxy.org/ssl-redirect": ("true",),
    "haproxy-ingress.github.io/ssl-redirect": ("true",),
    "kubernetes.io/ingress.allow-http": ("false",),
    "traefik.ingress.kubernetes.io/router.entrypoints": ("websecure",),
    "traefik.ingress.kubernetes.io/router.tls": ("true",),
}
"""The annotations that keep plain HTTP out, and their values."""
_LISTS = (
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/auth-type",
    "nginx.ingress.kubernetes.io/auth-url",
    "haproxy.router.openshift.io/ip_whitelist",
    "haproxy.router.openshift.io/ip_allowlist",
)
"""The annotations that keep some people out, whatever their value."""
_ON_BY_DEFAULT = frozenset(["nginx.ingress.kubernetes.io/ssl-redirect", "haproxy-ingress.github.io/ssl-redirect"])
_CLASS = "spec.ingressClassName"
_ROUTED = ("Ingress", "Route", "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute")
_SERVICES = "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"


@risk(level="danger", bump="minor", source=_SERVICES)
def exposed(pair: Pair) -> Iterator[Hit]:
    """More people get to the release, or what they send is not encrypted.

    A Service of a type that is reached from outside, a load balancer that is no longer internal or open to more
    addresses, an Ingress, a Route or a Gateway without TLS, one that takes plain HTTP or no longer asks who it is.
    """
    after = pair.after
    if after is None:
        return
    if pair.before is None:
        if after.kind == "Service" and (reach := _reach(after)):
            yield Hit("", f"it is reached {_WORDS[_type(after)]}", level="caution" if reach == 1 else None)
        return
    before = pair.before
    if after.kind == "Service":
        yield from _service(before, after)
    if after.kind in ("Ingress", "Service"):
        yield from _internal(before, after)
    if after.kind in ("Ingress", "Route"):
        yield from _plain_http(before, after, pair)
    if after.kind == "Gateway":
        yield from _listeners(before, after)


def _type(service: Resource) -> str:
    found = service.at("spec.type")
    return found if isinstance(found, str) and found in _REACH else "ClusterIP"


def _reach(service: Resource) -> int:
    return _REACH[_type(service)]


def _service(before: Resource, after: Resource) -> Iterator[Hit]:
    if _reach(after) > _reach(before):
        yield Hit("spec.type", f"it was reached {_WORDS[_type(before)]}, and is {_WORDS[_type(after)]} now")
    if more := _texts(after, "spec.externalIPs") - _texts(before, "spec.externalIPs"):
        yield Hit("spec.externalIPs", f"it is reached at {listed(sorted(more), 3)} now")
    ranges = [_texts(resource, "spec.loadBalancerSourceRanges") for resource in (before, after)]
    if ranges[0] and _type(after) == "LoadBalancer" and (not ranges[1] or ranges[1] - ranges[0]):
        more_words = listed(sorted(ranges[1] - ranges[0]), 3) or "any address"
        yield Hit("spec.loadBalancerSourceRanges", f"its load balancer is open to {more_words} now")


def _texts(resource: Resource, address: str) -> set[str]:
    return set(texts_in(resource.at(address)))


def _internal(before: Resource, after: Resource) -> Iterator[Hit]:
    if after.kind == "Service" and not (_reach(before) == _reach(after) == _REACH["LoadBalancer"]):
        return
    for name, kept_inside in _INTERNAL.items():
        was, now = (str(annotations_of(resource).get(name, "")) for resource in (before, after))
        if was in kept_inside and now not in kept_inside:
            yield Hit(f"{_ANNOTATIONS}[{name}]", "its load balancer is no longer internal")


def _plain_http(before: Resource, after: Resource, pair: Pair) -> Iterator[Hit]:
    for difference in pair.differences:
        if difference.after is ABSENT and is_inside(difference.address, "spec.tls"):
            yield Hit(difference.address, "traffic is no longer encrypted")
    for name, kept_out in _GUARDS.items():
        was, now = (_words_of(annotations_of(resource).get(name, ABSENT)) for resource in (before, after))
        is_lax = now is not None and now not in kept_out
        if (was in kept_out or (was is None and name in _ON_BY_DEFAULT)) and (
            is_lax or (now is None and name not in _ON_BY_DEFAULT)
        ):
            yield Hit(f"{_ANNOTATIONS}[{name}]", "plain HTTP is allowed now")
    for name in _LISTS:
        if name in annotations_of(before) and name not in annotations_of(after):
            yield Hit(f"{_ANNOTATIONS}[{name}]", "it no longer keeps anybody out")
    address = "spec.tls.insecureEdgeTerminationPolicy"
    if after.kind == "Route" and after.at(address) == "Allow" and before.at(address) != "Allow":
        yield Hit(address, "plain HTTP is allowed now")


def _words_of(value: Any) -> str | None:
    return None if value is ABSENT else str(value)


def _listeners(before: Resource, after: Resource) -> Iterator[Hit]:
    had = {
        str(listener.get("name")): str(listener.get("protocol")) for listener in maps_in(before.at("spec.listeners"))
    }
    for listener in maps_in(after.at("spec.listeners")):
        name, protocol = str(listener.get("name")), str(listener.get("protocol"))
        if had.get(name) in ("HTTPS", "TLS") and protocol in ("HTTP", "TCP"):
            yield Hit(f"spec.listeners[{name}].protocol", "traffic is no longer encrypted")


@risk(level="caution", bump="major", source="https://kubernetes.io/docs/concepts/services-networking/ingress/")
def unexposed(pair: Pair) -> Iterator[Hit]:
    """Whoever got to the release from outside no longer does.

    A Service of a type that is reached from fewer places, a host or a path that an Ingress or a Route no longer has, a
    listener that a Gateway no longer has, an Ingress that another controller serves.
    """
    if not pair.both:
        return
    before, after = pair.both
    if after.kind == "Service" and _reach(after) < _reach(before):
        yield Hit("spec.type", f"it was reached {_WORDS[_type(before)]}, and is {_WORDS[_type(after)]} now")
    if after.kind in _ROUTED:
        if (before.at(_CLASS), after.at(_CLASS)) != (ABSENT, ABSENT) and before.at(_CLASS) != after.at(_CLASS):
            yield Hit(_CLASS, "another controller serves it, at another address")
        lost = sorted(set(_addresses(before)) - set(_addresses(after)))
        if lost:
            yield Hit("spec", f"it no longer has {listed(lost, 4)}")


def _addresses(resource: Resource) -> Iterator[str]:
    """Give the hosts and paths that lead to a release; `*` is any host."""
    spec = map_of(resource.manifest.get("spec"))
    if resource.kind == "Ingress":
        for rule in maps_in(spec.get("rules")):
            host = str(rule.get("host") or "*")
            yield from (f"{host}{path.get('path') or '/'}" for path in maps_in(map_of(rule.get("http")).get("paths")))
    elif resource.kind == "Gateway":
        for listener in maps_in(spec.get("listeners")):
            yield f"{listener.get('hostname') or '*'}:{listener.get('port')}"
    elif resource.kind == "Route":
        yield f"{spec.get('host') or '(made by the cluster) '}{spec.get('path') or '/'}"
    else:
        hosts = [*texts_in(spec.get("hostnames"))] or ["*"]
        paths = [
            str(map_of(match.get("path")).get("value") or "/")
            for rule in maps_in(spec.get("rules"))
            for match in maps_in(rule.get("matches"))
        ] or ["/"]
        yield from (f"{host}{path}" for host in hosts for path in paths)
