"""Rules over fields that the API server takes without a word, and that do not do then what they are there for.

Source: the address in each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.misspellings import nearly
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.field_rules.field_rule import Breach, FieldRule, Part, whole

_LEAST_DEADLINE = 10
"""Seconds between two looks of the controller: what must start sooner is missed."""
_GRACE = 30
"""Seconds that a pod has to end, where it does not say."""
_SLEEP = re.compile(r"(?:^|[\s;&|/])sleep\s++(\d{1,6}+)s?+(?=$|[\s;&|])")
_SIDES = ("initContainers", "containers")
_CLASSES = ("system-cluster-critical", "system-node-critical")
"""What every cluster has, and the only ones that may begin with `system-`."""
_NODE_LABELS = (
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/instance-type",
)
_LABELS = "https://kubernetes.io/docs/reference/labels-annotations-taints/"


def _deadline(part: Part) -> Iterator[Breach]:
    deadline = part.place("spec.startingDeadlineSeconds")
    if whole(deadline.value) and 0 <= deadline.value < _LEAST_DEADLINE:
        yield Breach(deadline, str(deadline.value))


def _drain(part: Part) -> Iterator[Breach]:
    given = part / "terminationGracePeriodSeconds"
    grace = given.value if whole(given.value) else _GRACE
    for container in (part / "containers").maps():
        command = container.place("lifecycle.preStop.exec.command")
        text = " ".join(texts_in(command.value))
        slept = [int(found) for found in _SLEEP.findall(text)]
        if slept and sum(slept) >= grace:
            yield Breach(command, f"sleep {sum(slept)}, and terminationGracePeriodSeconds {grace}")


def _known_label(place: Part) -> Iterator[Breach]:
    label = place.text
    if label and label not in _NODE_LABELS and label.partition("/")[0].endswith("kubernetes.io"):
        held = [known for known in _NODE_LABELS if f"{known}s" == label or (known.startswith(label) and "/" in label)]
        meant = held or [known for known in nearly(label, _NODE_LABELS) if label.count(".") == known.count(".")]
        if meant:
            yield Breach(place, f"{label}, which no node has; there is {meant[0]}")


def _topology(part: Part) -> Iterator[Breach]:
    yield from _known_label(part / "topologyKey")


def _node_key(part: Part) -> Iterator[Breach]:
    yield from _known_label(part / "key")


def _read_only(part: Part) -> Iterator[Breach]:
    pod = part.place("spec.template.spec")
    mounts = [mount for side in _SIDES for it in (pod / side).maps() for mount in (it / "volumeMounts").maps()]
    for claim in part.place("spec.volumeClaimTemplates").maps():
        of_claim = [mount for mount in mounts if mount.at("name") == claim.at("metadata.name")]
        if of_claim and all(mount.at("readOnly") is True for mount in of_claim):
            yield Breach(of_claim[0] / "readOnly", "readOnly, in each container")


def _never_written(part: Part) -> Iterator[Breach]:
    mounts = [mount for side in _SIDES for it in (part / side).maps() for mount in (it / "volumeMounts").maps()]
    for volume in (part / "volumes").maps():
        of_volume = [mount for mount in mounts if mount.at("name") == volume.at("name")]
        is_empty = (volume / "emptyDir").is_set
        if is_empty and of_volume and all(mount.at("readOnly") is True for mount in of_volume):
            yield Breach(of_volume[0] / "readOnly", "readOnly, in each container, of what is empty")


def _class(part: Part) -> Iterator[Breach]:
    name = part / "priorityClassName"
    if name.text.startswith("system-") and name.text not in _CLASSES and nearly(name.text, _CLASSES):
        yield Breach(name, f"{name.text}, which no cluster has; there is {nearly(name.text, _CLASSES)[0]}")


RULES_OF_EFFECTS = (
    FieldRule(
        "CronJob",
        "10 seconds or more",
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
        _deadline,
    ),
    FieldRule(
        "pod",
        "a terminationGracePeriodSeconds above what a preStop hook sleeps",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        _drain,
    ),
    FieldRule("spread constraint", "a topologyKey that nodes have", _LABELS, _topology),
    FieldRule("affinity to pods", "a topologyKey that nodes have", _LABELS, _topology),
    FieldRule("node expression", "a key that nodes have", _LABELS, _node_key),
    FieldRule(
        "pod",
        "an emptyDir that a container may write to",
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
        _never_written,
    ),
    FieldRule(
        "pod",
        "a priority class that there is",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass",
        _class,
    ),
    FieldRule(
        "StatefulSet",
        "a claim for each pod that a container of it may write to",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage",
        _read_only,
    ),
)
