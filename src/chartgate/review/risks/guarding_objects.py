"""Objects of meshes, of networks and of admission that keep others out: gone, laxer or stricter than before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.links.label_selectors import may_have, protected_pods
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_OF_NETWORKS = "what it kept out of its pods, or in them, is free"
_OF_PLAIN = "what is not encrypted gets in"
_OF_REQUESTS = "whom it kept out gets in"
_OF_ADMISSION = "what it refused is admitted"
_OF_GUARDS = {
    "NetworkPolicy": _OF_NETWORKS,
    "GlobalNetworkPolicy": _OF_NETWORKS,
    "CiliumNetworkPolicy": _OF_NETWORKS,
    "CiliumClusterwideNetworkPolicy": _OF_NETWORKS,
    "AdminNetworkPolicy": _OF_NETWORKS,
    "PeerAuthentication": _OF_PLAIN,
    "RequestAuthentication": _OF_REQUESTS,
    "AuthorizationPolicy": _OF_REQUESTS,
    "ServerAuthorization": _OF_REQUESTS,
    "SecurityPolicy": _OF_REQUESTS,
    "Middleware": _OF_REQUESTS,
    "ValidatingAdmissionPolicy": _OF_ADMISSION,
    "ValidatingAdmissionPolicyBinding": _OF_ADMISSION,
    "ClusterPolicy": _OF_ADMISSION,
    "ConstraintTemplate": _OF_ADMISSION,
}
"""What is no longer so without an object, by its kind."""
_NEW_WORDS = {
    _OF_NETWORKS: "what it does not name no longer gets into its pods, or out of them",
    _OF_PLAIN: "what is not encrypted may be refused now",
}
"""What is so with an object that is new."""
_ASKS_WHO = {"basicAuth", "digestAuth", "forwardAuth", "ipAllowList", "ipWhiteList"}
"""What a Middleware of Traefik has that keeps somebody out."""
_SHARED_KINDS = {"ClusterPolicy": "kyverno.io/", "SecurityPolicy": "gateway.envoyproxy.io/"}
"""The group of a kind that others have, too."""
_TLS, _INSECURE = ("ISTIO_MUTUAL", "MUTUAL", "SIMPLE"), "spec.insecureSkipTLSVerify"
_MODES = ("DISABLE", "PERMISSIVE", "STRICT")
"""How a mesh takes what is not encrypted: https://istio.io/latest/docs/reference/config/security/peer_authentication/."""
_WHO = "namespaces|principals|requestPrincipals|ipBlocks|remoteIpBlocks|methods|paths|hosts|ports"
_MORE = re.compile(
    rf"^spec\.rules(?:\[[^\[\]]*+\](?:\.(?:from|to)\[[^\[\]]*+\](?:\.\w++\.(?:{_WHO})\[[^\[\]]*+\])?)?)?$"
)
_DEMAND = re.compile(
    rf"^spec\.rules\[[^\[\]]*+\]\.(?:from|to|when)(?:\[[^\[\]]*+\]\.\w++\.(?:not)?(?:{_WHO}))?$", re.IGNORECASE
)
_ACTIONS = ("spec.validationFailureAction", "spec.enforcementAction")
_ENFORCED = ("enforce", "deny")


def lost_guard(pair: Pair) -> Iterator[Hit]:
    """Say what an object kept out that is gone, but for a NetworkPolicy whose pods are gone with it."""
    if pair.fate == "removed" and _is_guard(pair.resource) and not _are_gone(pair):
        yield Hit("", _OF_GUARDS[pair.resource.kind])


def _are_gone(pair: Pair) -> bool:
    for selection in protected_pods(pair.resource):
        labels = map_of(selection.selector).get("matchLabels")
        had, has = (may_have(labels, selection.namespaces, beside) for beside in pair.beside)
        return bool(labels and had) and not has
    return False


def laxer(pair: Pair) -> Iterator[Hit]:
    """Say what gets through an object now that did not."""
    yield from _compared(pair, is_laxer=True)


def stricter(pair: Pair) -> Iterator[Hit]:
    """Say what no longer gets through an object of a network or of a mesh."""
    if pair.fate == "added" and _is_guard(pair.resource) and _OF_GUARDS[pair.resource.kind] != _OF_ADMISSION:
        yield Hit("", _NEW_WORDS.get(_OF_GUARDS[pair.resource.kind], "whom it does not let in is kept out now"))
    yield from _compared(pair, is_laxer=False)


def denies_now(pair: Pair) -> Iterator[Hit]:
    """Say where a policy of Kyverno or Gatekeeper refuses what it only reported, or is new and refuses."""
    before, after = pair.before, pair.after
    if after is None:
        return
    if before is None:
        if any(now in _ENFORCED for _, now in _actions(after, after).values()):
            yield Hit("", "what it does not allow is refused")
        return
    for address, (was, now) in _actions(before, after).items():
        if now in _ENFORCED and was not in _ENFORCED:
            yield Hit(address, "what its policy does not allow is refused now")


def _compared(pair: Pair, *, is_laxer: bool) -> Iterator[Hit]:
    if not pair.both:
        return
    before, after = pair.both if is_laxer else pair.both[::-1]
    if after.kind == "PeerAuthentication":
        was, now = (str(map_of(resource.at("spec.mtls")).get("mode")) for resource in (before, after))
        if {was, now} <= {*_MODES} and _MODES.index(now) < _MODES.index(was):
            words = _OF_PLAIN if is_laxer else "what is not encrypted is refused now"
            yield Hit("spec.mtls.mode", words)
    if after.kind == "DestinationRule":
        modes = [str(map_of(map_of(r.at("spec.trafficPolicy")).get("tls")).get("mode")) for r in (before, after)]
        if is_laxer and modes[0] in _TLS and modes[1] not in _TLS:
            yield Hit("spec.trafficPolicy.tls", "traffic is no longer encrypted")
    if after.kind == "APIService" and is_laxer and after.at(_INSECURE) is True and before.at(_INSECURE) is not True:
        yield Hit(_INSECURE, "the API server takes whoever answers for it")
    if after.kind == "AuthorizationPolicy" and _group(after).startswith("security.istio.io/"):
        yield from _of_authorization(pair, is_laxer=is_laxer)
    if is_laxer:
        for address, (was, now) in _actions(before, after).items():
            if was in _ENFORCED and now not in _ENFORCED:
                yield Hit(address, "what it refused is only reported now")


def _of_authorization(pair: Pair, *, is_laxer: bool) -> Iterator[Hit]:
    """Compare the rules of whom a mesh lets in; those of whom it keeps out count the other way."""
    denies = [resource.at("spec.action") == "DENY" for resource in pair.both or ()]
    if denies[0] != denies[1]:
        return
    for difference in pair.differences:
        if _is_wider(difference) if is_laxer is not denies[0] else _is_wider(_reversed(difference)):
            yield Hit(difference.address, "more requests get in" if is_laxer else "fewer requests get in")


def _is_wider(difference: Difference) -> bool:
    if difference.before is ABSENT:
        return bool(_MORE.match(difference.address))
    return difference.after is ABSENT and bool(_DEMAND.match(difference.address))


def _reversed(difference: Difference) -> Difference:
    return Difference(difference.address, difference.after, difference.before)


def _actions(before: Resource, after: Resource) -> dict[str, tuple[str, str]]:
    """Give what policies of admission do with what does not fit, by address: before and after."""
    is_gatekeeper = _group(after).startswith("constraints.gatekeeper.sh/")
    if not is_gatekeeper and not _group(after).startswith("kyverno.io/"):
        return {}
    address = _ACTIONS[is_gatekeeper]
    found = {address: (_action(before, address), _action(after, address))}
    sides = [
        {
            str(rule.get("name")): map_of(rule.get("validate")).get("failureAction")
            for rule in maps_in(r.at("spec.rules"))
        }
        for r in (before, after)
    ]
    for name in (name for name in sides[1] if name in sides[0]):
        one, two = (str(side[name]).lower() for side in sides)
        found[f"spec.rules[{name}].validate.failureAction"] = one, two
    return found


def _action(resource: Resource, address: str) -> str:
    default = "deny" if address == _ACTIONS[1] else "audit"
    found = resource.at(address)
    return default if found in (ABSENT, None) else str(found).lower()


def _is_guard(resource: Resource) -> bool:
    kind = resource.kind
    if kind == "Middleware" and not _ASKS_WHO & {*map_of(resource.manifest.get("spec"))}:
        return False
    return kind in _OF_GUARDS and _group(resource).startswith(_SHARED_KINDS.get(kind, ""))


def _group(resource: Resource) -> str:
    return str(resource.manifest.get("apiVersion", ""))
