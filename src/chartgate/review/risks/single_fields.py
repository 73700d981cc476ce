"""Fields whose change says by itself what it does, by kind: of pods, of containers, of routes and of certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_of_both, pod_if_any
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_ELSEWHERE = "requests are led in another way"
_SIGNED = "certificates are signed in another way: who trusts the old ones may refuse them"
REWRITTEN = "paths reach the program in another form"
_OF_RULES = {
    "filters": "requests are changed in another way before they get there, or asked for more, or for less",
    "backendRefs": "requests go elsewhere, or others of them",
    "timeouts": "an answer may take more or less time",
}
_ISSUER = dict.fromkeys(("acme.server", "ca", "selfSigned", "vault"), (_SIGNED, False))
Fields = Mapping[str, tuple[str, bool]]
"""Each field with what its change does, and whether it counts only where something is gone."""
OF_PODS: Fields = {
    "hostAliases": ("names that it knew by its hosts file are gone", True),
    "dnsConfig": ("it looks up names in another way", False),
    "shareProcessNamespace": ("its containers no longer see each other's processes", True),
}
OF_CONTAINERS: Fields = {
    "workingDir": ("it starts in another folder", False),
    "lifecycle.postStart": ("something else is done at its start", False),
    "restartPolicy": ("it has to end before the others start", True),
}
OF_ROUTES: Mapping[str, Fields] = {
    "VirtualService": dict.fromkeys(("http", "tcp", "tls"), (_ELSEWHERE, False)),
    "DestinationRule": {
        "host": (_ELSEWHERE, False),
        "subsets": ("pods of a subset are no longer found as such", False),
        "trafficPolicy.loadBalancer": ("clients stay with one pod in another way", False),
    },
    "Gateway": {
        "selector": ("other pods serve it", False),
        "servers": ("hosts, ports or certificates of it are others", False),
        "addresses": ("it is no longer reached at", True),
    },
    **{
        kind: dict.fromkeys(("routes", "rules", "virtualhost", "tcpproxy"), (_ELSEWHERE, False))
        for kind in ("IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "TLSRoute", "TCPRoute", "HTTPProxy")
    },
}
OF_CERTIFICATES: Mapping[str, Fields] = {
    "Certificate": {
        "dnsNames": ("it no longer names", True),
        "ipAddresses": ("it no longer names", True),
        "usages": ("it is no longer for", True),
        "commonName": ("it names another owner", False),
        "isCA": ("it signs no others any longer", True),
        "issuerRef": (_SIGNED, False),
        "privateKey.algorithm": ("its key is of another kind", False),
    },
    "Issuer": _ISSUER,
    "ClusterIssuer": _ISSUER,
}


def of_fields(pair: Pair, fields: Mapping[str, Fields]) -> Iterator[Hit]:
    """Say which of the fields of an object's kind changed."""
    before, after = pair.both or (None, None)
    if before and after and after.kind in fields:
        yield from _changed(before / "spec", after / "spec", fields[after.kind])


def of_started_pods(pair: Pair) -> Iterator[Hit]:
    """Say which fields changed by which pods and containers are started."""
    before, after = pair.both or (None, None)
    if not before or not after or after.kind not in WORKLOAD_KINDS:
        return
    pods = pod_if_any(before), pod_if_any(after)
    if pods[0].is_map and pods[1].is_map:
        yield from _changed(*pods, OF_PODS)
        for old, new in containers_of_both(before, after):
            yield from _changed(old, new, OF_CONTAINERS)


def of_rules(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare what a route does to a request before it hands it on; the rules are those of the same matches."""
    had = {canonical(rule.get("matches")): rule for rule in maps_in(before.at("spec.rules"))}
    for number, rule in enumerate(maps_in(after.at("spec.rules"))):
        old = had.get(canonical(rule.get("matches")))
        if old is not None and _rewriting(old) != _rewriting(rule):
            yield Hit(f"spec.rules[{number}].filters", REWRITTEN)
        elif old is not None and not _is_redirected(old):
            for field, words in _OF_RULES.items():
                is_said = field == "filters" or bool(old.get(field))
                if is_said and canonical(old.get(field)) != canonical(rule.get(field)):
                    yield Hit(f"spec.rules[{number}].{field}", words)


def _is_redirected(rule: dict[str, Any]) -> bool:
    return any(entry.get("requestRedirect") for entry in maps_in(rule.get("filters")))


def _rewriting(rule: dict[str, Any]) -> list[str]:
    found = (map_of(entry.get("urlRewrite")) for entry in maps_in(rule.get("filters")))
    return [canonical(entry) for entry in found if entry]


def _changed(was: Place[Resource], now: Place[Resource], fields: Fields) -> Iterator[Hit]:
    for field, (words, is_loss) in fields.items():
        had, has = (_filled(side.at(field)) for side in (was, now))
        lost = [text for text in texts_in(had) if text not in texts_in(has)]
        is_other = canonical(had) != canonical(has)
        if is_other and (not is_loss or lost or (had and not has)):
            yield Hit(now.place(field).address, f"{words} {listed(lost, 3)}" if is_loss and lost else words)


def _filled(value: Any) -> Any:
    return None if value is ABSENT or value in ([], {}, "", False) else value
