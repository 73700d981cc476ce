"""What holds a pod back, and what opens the release to others."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside, steps
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.links.label_selectors import labels_of_each_pod, matches_label_selector
from chartgate.kubernetes.pods.pod_security import CONTROLS
from chartgate.kubernetes.pods.restricted_fields import Field, examined
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, pod_if_any, pod_spec
from chartgate.model import Missing, Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.admitted_objects import loosened_namespace, no_longer_asked
from chartgate.review.risks.guarding_objects import laxer, lost_guard, stricter
from chartgate.review.risks.named_rights import named_rights
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.told_settings import listening, tls_versions

_RULE_OR_PEER = re.compile(r"^spec\.(?:ingress|egress)(?:\[[^\]]*\](?:\.(?:from|to|ports)\[[^\]]*\])?)?$")
_RESTRICTION = re.compile(r"^spec\.(?:ingress|egress)\[[^\]]*\]\.(?:from|to|ports)(?:\[[^\]]*\]\..*)?$")
_VALUE = re.compile(r"^spec\.(?:ingress|egress)\[[^\]]*\]\.(?:from|to|ports)\[")
_PEERS = re.compile(r"spec\.(?:ingress|egress)\[[^\[\]]*+\]\.(?:from|to)(?![a-zA-Z])")
_FREE = {"ingress": "anybody gets into its pods", "egress": "its pods get everywhere"}
_NARROW = {
    "ingress": "what it does not name no longer gets into its pods",
    "egress": "its pods get no longer to what it does not name",
}
_SELECTOR = "spec.podSelector"
_EVERYBODY = ("0.0.0.0/0", "::/0")
_STANDARDS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_FIELDS = (
    # What a pod says for its containers counts as what they have: it may move from one to the other.
    *(
        dataclasses.replace(field, things="containers", is_inherited=True)
        if field.things == "pod and containers"
        else field
        for fields in CONTROLS.values()
        for field in fields
        if not any(field.things == "pod" and other.is_inherited and other.address == field.address for other in fields)
    ),
    # What the standards do not restrict.
    Field("pod", "automountServiceAccountToken", (False,), "it may use the token of its account"),
    Field("containers", "securityContext.readOnlyRootFilesystem", (True,), "it may change its image"),
)


@risk(level="danger", bump="minor", source=_STANDARDS)
def security_loosened(pair: Pair) -> Iterator[Hit]:
    """A pod may do more on its node, or something that kept others out is gone.

    A field of the Pod Security Standards set to what they forbid, or no longer set to what they demand; a policy of the
    network, of a mesh or of admission that is gone, lets more through or only reports; a webhook that lets pass what it
    cannot judge; a namespace that admits more.
    """
    old, new = pair.before, pair.after
    yield from lost_guard(pair)
    yield from laxer(pair)
    if old is None or new is None:
        return
    yield from named_rights(pair, is_wider=True)
    yield from no_longer_asked(old, new)
    if new.kind in WORKLOAD_KINDS:
        yield from _loosened(old, new)
    if new.kind == "Namespace":
        yield from loosened_namespace(old, new)
    if new.kind == "NetworkPolicy":
        yield from _let_through(pair, old, new)
    for difference in pair.differences:
        if difference.address.endswith(".failurePolicy") and difference.after == "Ignore":
            yield Hit(difference.address, "what the webhook cannot judge passes")


@risk(level="caution", bump="minor", source="https://kubernetes.io/docs/concepts/services-networking/network-policies/")
def network_narrowed(pair: Pair) -> Iterator[Hit]:
    """Less gets into pods, or out of them.

    A NetworkPolicy that is new, or has a rule, a peer or a port less, or a restriction more: what it does not name no
    longer gets through. A mesh that lets fewer requests in, or none that is not encrypted. A Service that no longer
    leads to pods before they are ready: those that wait for each other at their start do not find each other. A program
    that listens at `localhost` only, and did so at every address.
    """
    yield from listening(pair, is_narrower=True)
    yield from tls_versions(pair, is_lower=False)
    yield from stricter(pair)
    if pair.both and pair.resource.kind == "Service":
        was, now = (resource.at("spec.publishNotReadyAddresses") is True for resource in pair.both)
        if was and not now:
            yield Hit("spec.publishNotReadyAddresses", "it no longer leads to pods that are not ready yet")
    if pair.both and pair.resource.kind == "NetworkPolicy":
        yield from _kept_out(pair, *pair.both)


def _let_through(pair: Pair, old: Resource, new: Resource) -> Iterator[Hit]:
    """Say where a NetworkPolicy lets more through: a rule or peer more, a restriction or a direction less."""
    had, has = _directions(old), _directions(new)
    if left := _of_pods(pair, is_now=False):
        yield Hit("spec.podSelector", f"it no longer holds back {listed(left, 3)}")
    for direction in sorted(had - has):
        yield Hit(_place(pair, direction), _FREE[direction])
    for difference in _of_directions(pair, had & has):
        is_wider = _is_wider(difference.address, difference.before, difference.after)
        if is_wider and not _was_open(old, difference.address):
            yield Hit(difference.address, "more gets into its pods, or out of them")


def _kept_out(pair: Pair, old: Resource, new: Resource) -> Iterator[Hit]:
    """Say where it lets less through."""
    had, has = _directions(old), _directions(new)
    if more := _of_pods(pair, is_now=True):
        yield Hit("spec.podSelector", f"it holds back {listed(more, 3)} now")
    for direction in sorted(has - had):
        yield Hit(_place(pair, direction), _NARROW[direction])
    for difference in _of_directions(pair, had & has):
        if _closes(difference):
            yield Hit(difference.address, "less gets into its pods, or out of them")


def _directions(policy: Resource) -> set[str]:
    """Give the directions in which a NetworkPolicy holds anything back: those without a rule that lets all through."""
    named = [name.lower() for name in texts_in(policy.at("spec.policyTypes"))]
    asked = named or ["ingress", "egress"][: 1 + (policy.at("spec.egress") not in (ABSENT, None))]
    return {name for name in asked if {} not in maps_in(policy.at(f"spec.{name}"))}


def _of_pods(pair: Pair, *, is_now: bool) -> list[str]:
    """Give the workloads of both versions whose pods a NetworkPolicy is for now, and was not; or the reverse."""
    if not any(is_inside(difference.address, _SELECTOR) for difference in pair.differences):
        return []
    sides = [
        {
            one.identity.label: any(matches_label_selector(policy.at(_SELECTOR), to) for to in labels_of_each_pod(one))
            for one in beside.of_kind(*WORKLOAD_KINDS)
            if one.namespace == policy.namespace
        }
        for policy, beside in zip(pair.both or (), pair.beside, strict=True)
    ]
    return sorted(name for name, is_held in sides[is_now].items() if is_held and sides[not is_now].get(name) is False)


def _place(pair: Pair, direction: str) -> str:
    is_named = any(difference.address.startswith("spec.policyTypes") for difference in pair.differences)
    return "spec.policyTypes" if is_named else f"spec.{direction}"


def _of_directions(pair: Pair, directions: set[str]) -> Iterator[Difference]:
    for difference in pair.differences:
        if steps(difference.address)[1:2] and steps(difference.address)[1] in directions:
            yield difference


def _was_open(policy: Resource, address: str) -> bool:
    """Tell whether all addresses were among the peers already: then a peer more, or none at all, opens nothing."""
    found = _PEERS.match(address)
    blocks = (map_of(peer.get("ipBlock")) for peer in maps_in(policy.at(found[0]) if found else None))
    return any(block.get("cidr") in _EVERYBODY and not block.get("except") for block in blocks)


def _closes(difference: Difference) -> bool:
    """Tell whether it lets less through: the reverse; a value in place of another one is that, too."""
    if _is_wider(difference.address, difference.after, difference.before):
        return True
    is_other = ABSENT not in (difference.before, difference.after)
    return is_other and bool(_VALUE.search(difference.address))


def _is_wider(address: str, before: Any, after: Any) -> bool:
    if before is ABSENT:
        return bool(_RULE_OR_PEER.search(address))
    return after is ABSENT and bool(_RESTRICTION.search(address))


def _loosened(old: Resource, new: Resource) -> Iterator[Hit]:
    """Give what a pod or a container may do now; fields that a new container would have to set do not count."""
    had = {address for address, _, _ in liberties(old)}
    there = {container.name for container in _containers(old)}
    added = [container.address for container in _containers(new) if container.name not in there]
    told: set[tuple[str, str]] = set()
    for address, what, field in liberties(new):
        is_new = any(is_inside(address, container) for container in added)
        if address not in had and not (is_new and field.is_demanded):
            place = inherited_from(old, new, address, field) or address
            if (place, what) not in told:
                told.add((place, what))
                yield Hit(place, what)


def inherited_from(before: Resource, after: Resource, address: str, field: Field) -> str:
    """Give the address of the pod's own field that a container goes by, and that is another now; empty for its own."""
    if not field.is_inherited or after.at(address) is not ABSENT:
        return ""
    was, now = (pod_if_any(resource) for resource in (before, after))
    return "" if was.at(field.address) == now.at(field.address) else now.place(field.address).address


def _containers(resource: Resource) -> list[Container]:
    try:
        return containers(resource)
    except Missing:
        return []


def liberties(resource: Resource) -> Iterator[tuple[str, str, Field]]:
    """Give what a pod and its containers may do that they should not: where, in words, and by which field."""
    try:
        fields = list(examined(pod_spec(resource), _FIELDS))
    except Missing:
        return
    for found in fields:
        for what in found.wrong:
            if found.field.items:
                yield (found.place / str(what)).address, f"{found.field.liberty} {what}", found.field
            else:
                yield _address(found.place), found.field.liberty, found.field


def _address(place: Place[Resource]) -> str:
    """Give an address as differences have it, which tell the ports of a container apart by their numbers."""
    port, is_of_port, _ = place.address.rpartition(".hostPort")
    if not is_of_port:
        return place.address
    return f"{port.rpartition('[')[0]}[{place.owner.at(f'{port}.containerPort')}].hostPort"
