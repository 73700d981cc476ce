"""What the pods of a controller may do, where an object of its own says so by the names that pods have for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.walking import Keys, nodes
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.pods_inside import makes_pods
from chartgate.review.risks.risk_class import Hit

_LIBERTIES = {
    "privileged": True,
    "allowPrivilegeEscalation": True,
    "hostNetwork": True,
    "hostPID": True,
    "hostIPC": True,
    "runAsNonRoot": False,
    "readOnlyRootFilesystem": False,
}
"""Each with the value that lets a pod do more; that of the others is what counts where nothing is said."""


def named_rights(pair: Pair, *, is_wider: bool) -> Iterator[Hit]:
    """Say where such a field is set to what lets pods do more, or no longer is; the reverse without `is_wider`."""
    if not pair.both or not makes_pods(pair.resource):
        return
    had, has = (dict(_rights(resource)) for resource in pair.both)
    for keys in dict.fromkeys((*had, *has)):
        loose = _LIBERTIES[keys[-1]]
        # Without a word, a pod is not on its node's network, and may run as root and change its image.
        was, now = (side.get(keys, False) is loose for side in (had, has))
        if was is not now and now is is_wider:
            words = "its pods may do more" if is_wider else "its pods may do less"
            yield Hit(join(*keys), f"{keys[-1]} is {str(has.get(keys, 'no longer set')).lower()}: {words}")


def _rights(resource: Resource) -> Iterator[tuple[Keys, Any]]:
    """Give such fields; of whole pods, with containers, more is known and told."""
    pods: list[Keys] = []
    for keys, value in nodes(resource.manifest.get("spec"), ("spec",), lists=False):
        if isinstance(value, dict) and "containers" in value:
            pods.append(keys)
        if keys[-1] in _LIBERTIES and isinstance(value, bool) and not any(keys[: len(pod)] == pod for pod in pods):
            yield keys, value
