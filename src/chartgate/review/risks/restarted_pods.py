"""Which pods an upgrade replaces: told once for all workloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.words import counted, listed
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.pods.workloads import LIKE_DEPLOYMENTS, template_if_any
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_ROLLED = ("Deployment", "StatefulSet", "DaemonSet", *LIKE_DEPLOYMENTS)


class Restart(NamedTuple):
    """A workload whose pods an upgrade replaces."""

    subject: str
    is_down: bool
    """Whether none of its pods answers meanwhile."""


def restart_of(pair: Pair) -> Restart | None:
    """Tell whether the pods of a workload are replaced: its pod template differs, and the workload rolls it out."""
    if not pair.both or pair.fate != "changed" or pair.resource.kind not in _ROLLED or is_hook(pair.resource):
        return None
    before, after = pair.both
    template = template_if_any(after).address
    if not any(is_inside(difference.address, template) for difference in pair.differences):
        return None
    if "OnDelete" in (after.at("spec.updateStrategy.type"), before.at("spec.updateStrategy.type")):
        return None
    is_single = after.kind == "StatefulSet" and after.at("spec.replicas") in (1, ABSENT)
    return Restart(after.identity.label, after.at("spec.strategy.type") == "Recreate" or is_single)


@risk(level="note", bump="patch", source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/")
def restarts(found: Mapping[str, Sequence[Restart]]) -> Iterator[Hit]:
    """Pods are replaced by the upgrade.

    Which workloads roll out new pods, all of them in one line. One that stops the old pods first (`Recreate`), or a
    StatefulSet of one pod, does not answer meanwhile.
    """
    every = list(dict.fromkeys(restart for each in found.values() for restart in each))
    if every:
        down = [restart.subject for restart in every if restart.is_down]
        meanwhile = f"; nothing answers meanwhile: {listed(down, 5)}" if down else ""
        yield Hit("", f"the pods of {counted(len(every), 'workload')} are replaced{meanwhile}")
