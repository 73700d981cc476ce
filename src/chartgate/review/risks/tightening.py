"""What holds a pod back more than before: a container that counted on it fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import is_inside
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.volume_mounts import mounts, volumes
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_if_any, containers_of_both
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.hardening import inherited_from, liberties
from chartgate.review.risks.named_rights import named_rights
from chartgate.review.risks.risk_class import Hit, risk

_VERB = re.compile(r"^(?:it|its)\s+(may|is|can|\w+s)\b")
_MOST = 6
_MOUNTED = "automountServiceAccountToken"


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
)
def security_tightened(pair: Pair) -> Iterator[Hit]:
    """A pod may do less than before.

    A container that writes into its image fails with `readOnlyRootFilesystem`, or into a volume that it may only read,
    an image of root's with `runAsNonRoot`, one that changes owners or takes a low port without its capabilities, a
    client of the cluster without its token.
    """
    if not pair.both:
        return
    before, after = pair.both
    yield from named_rights(pair, is_wider=False)
    if after.kind in WORKLOAD_KINDS:
        yield from _tightened(before, after)
        yield from _unwritable(before, after)
    elif after.kind == "ServiceAccount" and after.at(_MOUNTED) is False and before.at(_MOUNTED) is not False:
        yield Hit(_MOUNTED, "pods that do not ask for it no longer get the account's token")


def _tightened(before: Resource, after: Resource) -> Iterator[Hit]:
    """Give what each container, and the pod itself, may no longer do."""
    may = {(address, what) for address, what, _ in liberties(after)}
    places = {c.address: c.name for c in containers_if_any(before)}
    now = {c.name: c.address for c in containers_if_any(after)}
    lost: dict[str, list[str]] = {}
    for address, what, field in liberties(before):
        inside = next((place for place in places if is_inside(address, place)), "")
        if inside and places[inside] not in now:
            continue
        there = address.replace(inside, now[places[inside]], 1) if inside else address
        if (there, what) not in may and field.things != "volumes":
            where = f"{now[places[inside]]}.securityContext" if inside and "securityContext" in there else there
            lost.setdefault(inherited_from(before, after, there, field) or where, []).append(_no_longer(what))
    for address, words in lost.items():
        yield Hit(address, listed(list(dict.fromkeys(words)), _MOST))


def _unwritable(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which volumes a container may only read now; what a ConfigMap or a Secret shows, nobody ever wrote to."""
    for container, other in containers_of_both(before, after):
        wrote = {mount.path: mount.volume for mount in mounts(container) if not mount.read_only}
        for mount in mounts(other):
            if mount.read_only and wrote.get(mount.path) == mount.volume and not _is_shown(after, mount.volume):
                yield Hit(
                    f"{mount.place.address.rpartition('[')[0]}[{mount.path}].readOnly",
                    f"it may no longer write to {mount.path}",
                )


def _is_shown(resource: Resource, volume: str) -> bool:
    return bool({*volumes(resource).get(volume, {})} & {"configMap", "secret", "projected", "downwardAPI"})


def _no_longer(liberty: str) -> str:
    return _VERB.sub(r"it \1 no longer", liberty) if _VERB.match(liberty) else f"no longer: {liberty}"
