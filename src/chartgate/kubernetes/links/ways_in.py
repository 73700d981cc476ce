"""What leads to a release from outside of the cluster: the hosts and paths of Ingresses, Routes and their like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.model import Resource


class WayIn(NamedTuple):
    """One host and path; `*` is any host."""

    host: str
    path: str
    sort: str = ""
    """How the path is compared, as an Ingress says it: `Exact`, `Prefix`, `ImplementationSpecific`; or empty."""


def ways_in(resource: Resource) -> Iterator[WayIn]:
    """Give the hosts and paths that lead to a release through an object; none where it is of no such kind."""
    spec = map_of(resource.manifest.get("spec"))
    if resource.kind in _WAYS:
        yield from _WAYS[resource.kind](spec)


def _of_ingress(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    for rule in maps_in(spec.get("rules")):
        for path in maps_in(map_of(rule.get("http")).get("paths")):
            yield WayIn(
                str(rule.get("host") or "*"),
                str(path.get("path") or "/"),
                str(path.get("pathType") or "ImplementationSpecific"),
            )
    if map_of(spec.get("defaultBackend")):
        yield WayIn("*", "/", "Prefix")


def _of_gateway(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    for listener in maps_in(spec.get("listeners")):
        yield WayIn(str(listener.get("hostname") or "*"), f":{listener.get('port')}")


def _of_route(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    yield WayIn(str(spec.get("host") or "(made by the cluster) "), str(spec.get("path") or "/"))


def _of_gateway_route(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    paths = [
        str(map_of(match.get("path")).get("value") or "/")
        for rule in maps_in(spec.get("rules"))
        for match in maps_in(rule.get("matches"))
    ]
    for host in texts_in(spec.get("hostnames")) or ["*"]:
        yield from (WayIn(host, path) for path in paths or ["/"])


def _of_ingress_route(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    for route in maps_in(spec.get("routes")):
        for point in texts_in(spec.get("entryPoints")) or [""]:
            yield WayIn(str(route.get("match") or "*"), f" at {point}" if point else "")


def _of_virtual_service(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    uris = [
        map_of(match.get("uri")) for route in maps_in(spec.get("http")) for match in maps_in(route.get("match")) or [{}]
    ]
    paths = dict.fromkeys(str(uri.get("prefix") or uri.get("exact") or uri.get("regex") or "/") for uri in uris)
    for host in texts_in(spec.get("hosts")):
        for gateway in texts_in(spec.get("gateways")) or ["mesh"]:
            yield from (WayIn(host, f"{path.rstrip('/')} at {gateway}") for path in paths or ["/"])


def _of_proxy(spec: Mapping[str, Any]) -> Iterator[WayIn]:
    if host := map_of(spec.get("virtualhost")).get("fqdn"):
        yield WayIn(str(host), "/")


_WAYS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[WayIn]]] = {
    "Ingress": _of_ingress,
    "Gateway": _of_gateway,
    "Route": _of_route,
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute"), _of_gateway_route),
    **dict.fromkeys(("IngressRoute", "IngressRouteTCP"), _of_ingress_route),
    "VirtualService": _of_virtual_service,
    "HTTPProxy": _of_proxy,
}
WAYS_IN = tuple(_WAYS)
"""The kinds of such objects."""
