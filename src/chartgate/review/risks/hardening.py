"""What holds a pod back, and what opens the release to others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, pod_spec
from chartgate.model import Missing, Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_RULE_OR_PEER = re.compile(r"^spec\.(?:ingress|egress)(?:\[[^\]]*\](?:\.(?:from|to|ports)\[[^\]]*\])?)?$")
_RESTRICTION = re.compile(
    r"^spec\.(?:policyTypes\[[^\]]*\]|(?:ingress|egress)\[[^\]]*\]\.(?:from|to|ports)(?:\[[^\]]*\]\..*)?)$"
)
_POD = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"


@risk(level="danger", bump="minor", source=_POD)
def security_loosened(pair: Pair) -> Iterator[Hit]:
    """A pod may do more on its node, or something that kept others out is gone.

    A field of the Pod Security Standards set to what they forbid, or no longer set to what they demand; a NetworkPolicy
    that is gone or lets more through; an Ingress or a Route without TLS; a webhook that lets pass what it cannot judge.
    """
    old, new = pair.before, pair.after
    if pair.fate == "removed" and pair.resource.kind == "NetworkPolicy":
        yield Hit("", "what it kept out of its pods, or in them, is free")
    if old is None or new is None:
        return
    if new.kind in WORKLOAD_KINDS:
        had = dict(_liberties(old))
        there = {container.name for container in _containers(old)}
        for address, what in _liberties(new):
            container = address.partition("]")[0].rpartition("[")[2] if "ontainers[" in address else ""
            if address not in had and (container in there or not container or "may" not in what):
                yield Hit(address, what)
    for difference in pair.differences:
        if new.kind == "NetworkPolicy" and _opens(difference):
            yield Hit(difference.address, "more gets into its pods, or out of them")
        elif (
            new.kind in ("Ingress", "Route")
            and difference.after is ABSENT
            and is_inside(difference.address, "spec.tls")
        ):
            yield Hit(difference.address, "traffic is no longer encrypted")
        elif difference.address.endswith(".failurePolicy") and difference.after == "Ignore":
            yield Hit(difference.address, "what the webhook cannot judge passes")
        elif "pod-security.kubernetes.io/enforce" in difference.address and difference.after in ("privileged", ABSENT):
            yield Hit(difference.address, "the namespace admits any pod")


def _opens(difference: Difference) -> bool:
    """Tell whether a NetworkPolicy lets more through: a rule or peer more, a restriction or a direction less."""
    if difference.before is ABSENT:
        return bool(_RULE_OR_PEER.search(difference.address))
    return difference.after is ABSENT and bool(_RESTRICTION.search(difference.address))


def _containers(resource: Resource) -> list[Container]:
    try:
        return containers(resource)
    except Missing:
        return []


def _liberties(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give what a pod and its containers may do that the restricted standard forbids: the address, and in words."""
    try:
        above, spec = pod_spec(resource)
    except Missing:
        return
    pod = spec.get("securityContext") if isinstance(spec.get("securityContext"), dict) else {}
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key) is True:
            yield f"{above}.{key}", "it shares this with its node"
    for volume in maps_in(spec.get("volumes")):
        if isinstance(volume.get("hostPath"), dict):
            yield f"{above}.volumes[{volume.get('name')}].hostPath", "it sees a folder of its node"
    if spec.get("automountServiceAccountToken") is not False:
        yield f"{above}.automountServiceAccountToken", "it may use the token of its account"
    for container in _containers(resource):
        yield from _liberties_of(container, pod or {})


def _liberties_of(container: Container, pod: dict[str, object]) -> Iterator[tuple[str, str]]:
    own = container.at("securityContext")
    context = {**pod, **(own if isinstance(own, dict) else {})}
    place = f"{container.address}.securityContext"
    capabilities = context.get("capabilities")
    capabilities = capabilities if isinstance(capabilities, dict) else {}
    seccomp = context.get("seccompProfile")
    profile = seccomp.get("type") if isinstance(seccomp, dict) else None
    for address, holds, what in (
        (f"{place}.privileged", context.get("privileged") is True, "it is privileged"),
        (
            f"{place}.allowPrivilegeEscalation",
            context.get("allowPrivilegeEscalation") is not False,
            "it may gain more rights than it started with",
        ),
        (f"{place}.runAsNonRoot", context.get("runAsNonRoot") is not True, "it may run as root"),
        (f"{place}.runAsUser", context.get("runAsUser") == 0, "it runs as root"),
        (
            f"{place}.readOnlyRootFilesystem",
            context.get("readOnlyRootFilesystem") is not True,
            "it may change its image",
        ),
        (
            f"{place}.seccompProfile",
            profile not in ("RuntimeDefault", "Localhost"),
            "it may make any system call",
        ),
        (f"{place}.procMount", context.get("procMount") == "Unmasked", "it sees all of /proc"),
        (f"{place}.capabilities.drop", "ALL" not in texts_in(capabilities.get("drop")), "it may keep capabilities"),
    ):
        if holds:
            yield address, what
    for name in texts_in(capabilities.get("add")):
        yield f"{place}.capabilities.add[{name}]", f"it gets the capability {name}"
    for port in maps_in(container.at("ports")):
        if port.get("hostPort"):
            yield f"{container.address}.ports[{port.get('containerPort')}].hostPort", "it takes a port of its node"
