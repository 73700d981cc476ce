"""How requests are led to pods: to which of them, and in which form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.links.label_selectors import labels_of_each_pod, matches_labels
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.links.service_backends import ingress_backends, open_ports, pods_of, target_of
from chartgate.kubernetes.links.ways_in import ways_in
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, pod_if_any
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.exposure import GUARDING, GUARDS, INTERNAL, REACH, service_reach
from chartgate.review.risks.lost_reach import ADDRESS_NAMES, BALANCER_NAMES
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.single_fields import OF_ROUTES, REWRITTEN, of_fields, of_rules

_FORMS = {
    "rewrite-target": REWRITTEN,
    "use-regex": "paths are read in another way",
    "app-root": "whoever asks for / is sent elsewhere",
    "backend-protocol": "the program is spoken to by another protocol",
    "secure-backends": "the program is spoken to by another protocol",
    "server-proto": "the program is spoken to by another protocol",
    "path-rewrite": REWRITTEN,
    "strip-path": REWRITTEN,
    "router.middlewares": "requests go through other middlewares",
    "upstream-vhost": "the program is told another host",
    "affinity": "clients stay with one pod in another way",
    "session-cookie-name": "clients stay with one pod in another way",
    "ssl-passthrough": "another one ends the encryption",
    **dict.fromkeys(
        ("target-type", "aws-load-balancer-nlb-target-type"),
        "the load balancer sends to pods instead of nodes, or the reverse",
    ),
    **dict.fromkeys(
        ("aws-load-balancer-ssl-negotiation-policy", "ssl-policy", "ssl-ciphers", "ssl-protocols"),
        "clients of other versions of TLS get through",
    ),
    **dict.fromkeys(
        (
            "aws-load-balancer-proxy-protocol",
            "aws-load-balancer-backend-protocol",
            "do-loadbalancer-enable-proxy-protocol",
            "uses-proxyprotocol",
        ),
        "the program is spoken to by another protocol",
    ),
}
"""What the annotations of ingress controllers change, by the last part of their names."""
_BOUNDS = {
    "proxy-body-size": ("1m", "what is larger than {} is refused"),
    "proxy-read-timeout": ("60", "an answer that takes longer than {} s is cut off"),
    "proxy-send-timeout": ("60", "a request that takes longer than {} s is cut off"),
}
"""What an Ingress of nginx lets through, each with its default: how much of a request, and for how long."""
_MOST = {f"{nginx}ingress.kubernetes.io/{name}": bound for nginx in ("nginx.", "") for name, bound in _BOUNDS.items()}
_AMOUNT = re.compile(r"([0-9]{1,12})([kmg]?)", re.IGNORECASE)
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_OF_EVERY_SERVICE = ("cloud.google.com/", "konghq.com/", "traefik.ingress.kubernetes.io/service.")
_CONTROLLERS = (
    "nginx.ingress.kubernetes.io/",
    "ingress.kubernetes.io/",
    "haproxy-ingress.github.io/",
    "nginx.org/",
    "alb.ingress.kubernetes.io/",
    "service.beta.kubernetes.io/",
    "load-balancer.hetzner.cloud/",
    "traefik.ingress.kubernetes.io/",
    "haproxy.org/",
    "haproxy.router.openshift.io/",
    "cert-manager.io/",
    "external-dns.alpha.kubernetes.io/",
    *_OF_EVERY_SERVICE,
)
_TOLD_ELSEWHERE = frozenset([*_MOST, *INTERNAL, *GUARDS, *ADDRESS_NAMES.split(), *BALANCER_NAMES.split()])
_SPOKEN = {
    **{name: name for name in ("http", "https", "http2", "grpc", "tcp", "tls", "udp", "mongo", "mysql", "redis")},
    "kubernetes.io/h2c": "http2",
    "kubernetes.io/ws": "http",
    "kubernetes.io/wss": "https",
}
_Targets = Mapping[str, tuple[str, str] | None]
_SERVICES = "https://kubernetes.io/docs/concepts/services-networking/service/"


@risk(level="caution", bump="minor", source=f"{_SERVICES}#session-affinity")
def routing_changed(pair: Pair) -> Iterator[Hit]:
    """Requests reach a program in another form, or another pod than before.

    A Service whose clients no longer stay with one pod loses their sessions; one that is said to speak another protocol
    is balanced or encrypted in another way; a program behind an Ingress that rewrites
    paths, speaks another protocol or keeps the encryption gets what it does not expect, and answers with an error. So
    does one behind a path or a port of a Service that led to another port of its pods, or a path that the controller
    reads as it likes. Of a large request or a slow answer, less gets through.
    """
    if not pair.both:
        return
    before, after = pair.both
    if after.kind == "Service":
        yield from _of_service(before, after)
        yield from _of_targets(pair)
        yield from _of_new_pods(pair)
        yield from _of_annotations(before, after)
        was, now = (resource.at("spec.externalName") for resource in pair.both)
        if isinstance(was, str) and isinstance(now, str) and was != now:
            yield Hit("spec.externalName", f"it leads to {now} now, and not to {was}")
    elif after.kind == "Route":
        yield from _of_annotations(before, after)
    elif after.kind == "Ingress":
        yield from _of_annotations(before, after)
        yield from _of_bounds(annotations_of(before), annotations_of(after))
        yield from _of_backends(pair)
        yield from _of_path_types(before, after)
    elif after.kind in ("HTTPRoute", "GRPCRoute"):
        yield from of_rules(before, after)
    elif after.kind in WORKLOAD_KINDS:
        yield from _of_names(before, after)
    if list(ways_in(before)) == list(ways_in(after)):
        yield from of_fields(pair, OF_ROUTES)


def _of_annotations(before: Resource, after: Resource) -> Iterator[Hit]:
    was, now = annotations_of(before), annotations_of(after)
    is_of_balancer = service_reach(before) == service_reach(after) == REACH["LoadBalancer"]
    controllers = _CONTROLLERS if after.kind != "Service" or is_of_balancer else _OF_EVERY_SERVICE
    for name in map(str, dict.fromkeys([*was, *now])):
        words = _FORMS.get(name.rpartition("/")[2], "its controller is told something else")
        is_told = name in _TOLD_ELSEWHERE or (GUARDING.search(name) and (name in was) is not (name in now))
        if name.startswith(controllers) and not is_told and _word(was.get(name)) != _word(now.get(name)):
            yield Hit(join("metadata", "annotations", name) if now else "metadata.annotations", words)


def _of_names(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare the names by which others find a pod that has one of its own."""
    for field in ("hostname", "subdomain"):
        places = [pod_if_any(resource) / field for resource in (before, after)]
        was, now = (str(place.value) if place.value not in (ABSENT, None) else "" for place in places)
        if was and was != now:
            yield Hit(places[1].address, f"its pod is no longer found as {was}, the {field} that it had")


def _of_bounds(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Hit]:
    for name, (default, words) in _MOST.items():
        sides = [str(side.get(name, default)) for side in (was, now)]
        old, new = map(_amount, sides)
        if old is not None and new is not None and new < old:
            address = join("metadata", "annotations", name) if now else "metadata.annotations"
            yield Hit(address, f"{words.format(sides[1])}, and was beyond {sides[0]}")


def _amount(text: str) -> float | None:
    """Give a size or a time as nginx reads it: nothing is no bound at all."""
    found = _AMOUNT.fullmatch(text)
    return (int(found[1]) * _UNITS[found[2].lower()] or math.inf) if found else None


def _word(value: Any) -> str:
    """Give the value of an annotation; a switch that is off is as good as none, and so is a target's default."""
    return "" if value is None or str(value).lower() in ("false", "instance") else str(value)


def _of_service(before: Resource, after: Resource) -> Iterator[Hit]:
    if before.at("spec.sessionAffinity") == "ClientIP" and after.at("spec.sessionAffinity") != "ClientIP":
        yield Hit(
            "spec.sessionAffinity", "a client no longer stays with one pod: what only that pod knows of it is lost"
        )
    local = [resource.at("spec.externalTrafficPolicy") == "Local" for resource in (before, after)]
    if service_reach(before) and service_reach(after) and local[0] and not local[1]:
        yield Hit("spec.externalTrafficPolicy", "the program no longer sees the addresses of its clients")
    if service_reach(before) and service_reach(after) and local[1] and not local[0]:
        yield Hit("spec.externalTrafficPolicy", "from outside, only nodes with such a pod answer")
    families = [str(resource.at("spec.ipFamilyPolicy")) for resource in (before, after)]
    if families[1] == "RequireDualStack" != families[0]:
        yield Hit("spec.ipFamilyPolicy", "a cluster of one family of addresses refuses it")
    has = {str(port.get("port")): port for port in maps_in(after.at("spec.ports"))}
    for port in maps_in(before.at("spec.ports")):
        other = has.get(number := str(port.get("port")), port)
        was, now = _protocol(port), _protocol(other)
        if was and was != now and port.get("appProtocol") != other.get("appProtocol"):
            words = f"a mesh takes it for {now or 'what it looks like'} now, and took it for {was}"
            yield Hit(f"spec.ports[{number}].appProtocol", words)
    near = [resource.at("spec.internalTrafficPolicy") == "Local" for resource in (before, after)]
    if near[1] and not near[0]:
        yield Hit("spec.internalTrafficPolicy", "on a node without such a pod, nobody answers")


def _protocol(port: dict[str, Any]) -> str:
    """Give what a port of a Service says that it speaks, by itself or by its name.

    Source: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
    """
    name = str(port.get("name") or "").partition("-")[0]
    said = str(port.get("appProtocol") or (name if name in _SPOKEN else "")).lower()
    return _SPOKEN.get(said, said)


def _of_targets(pair: Pair) -> Iterator[Hit]:
    """Compare the ports of the pods that the ports of a Service lead to; another number or name of one is no other."""
    if not pair.both:
        return
    had, has = (
        {str(port.get("port")): _target(port, service, beside) for port in maps_in(service.at("spec.ports"))}
        for service, beside in zip(pair.both, pair.beside, strict=True)
    )
    for number, (old, new) in _elsewhere(had, has):
        yield Hit(f"spec.ports[{number}].targetPort", f"it leads to {_words(*new)} now, and not to {_words(*old)}")


def _of_backends(pair: Pair) -> Iterator[Hit]:
    """Compare the ports of the pods that the paths of an Ingress lead to, through whatever port of a Service."""
    had, has = (
        {reference.place.address: _behind(reference, beside) for reference in ingress_backends(ingress)}
        for ingress, beside in zip(pair.both or (), pair.beside, strict=True)
    )
    for address, (old, new) in _elsewhere(had, has):
        yield Hit(address, f"it leads to {_words(*new)} now, and not to {_words(*old)}")


def _of_path_types(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which paths some controllers no longer take what is below of; of a whole host, they do.

    Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/spec/
    """
    had = {(way.host, way.path) for way in ways_in(before) if way.sort == "Prefix"}
    for way in ways_in(after):
        if way.sort == "ImplementationSpecific" and (way.host, way.path) in had and way.path.strip("/"):
            yield Hit("spec.rules", f"the controller decides whether what is below {way.path} gets there")


def _behind(reference: Reference, beside: Resources) -> tuple[str, str] | None:
    services = beside.named("Service", reference.name, reference.namespace)
    ports = [(port, service) for service in services for port in maps_in(service.at("spec.ports"))]
    fits = (each for each in ports if reference.key in (str(each[0].get("name")), str(each[0].get("port"))))
    return next((_target(port, service, beside) for port, service in fits), None)


def _elsewhere(had: _Targets, has: _Targets) -> Iterator[tuple[str, tuple[tuple[str, str], tuple[str, str]]]]:
    """Give what led to a port of pods and leads to one of another name and another number."""
    for key, old in had.items():
        new = has.get(key)
        if old and new and all(one != other for one, other in zip(old, new, strict=True)):
            yield key, (old, new)


def _of_new_pods(pair: Pair) -> Iterator[Hit]:
    """Say where a Service asks for a label that only the pods of this version have."""
    if not pair.both or pair.fate != "changed":
        return
    old, new = pods_of(pair.both[0], pair.beside[0]), pods_of(pair.both[1], pair.beside[1])
    selector = pair.both[1].at("spec.selector")
    if old and new and not any(matches_labels(selector, labels) for pod in old for labels in labels_of_each_pod(pod)):
        yield Hit("spec.selector", "it finds only pods that this upgrade makes: those that are there get nothing more")


def _words(name: str, number: str) -> str:
    return f"port {number}" + (f" ({name})" if name else "")


def _target(port: dict[str, Any], service: Resource, beside: Resources) -> tuple[str, str] | None:
    """Give name and number of the pods' port that a Service's port leads to; None for none, or several."""
    wanted = str(target_of(port))
    found = {
        (str(one.get("name") or ""), str(one.get("containerPort")))
        for pod in pods_of(service, beside)
        for one in open_ports(pod)
    }
    fits = [each for each in found if wanted in each]
    return fits[0] if len(fits) == 1 else None
