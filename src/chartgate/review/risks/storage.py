"""What holds data, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.walking import nodes
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.lifecycle import KEEPING, annotations_of, is_hook, is_kept, is_left_alone
from chartgate.kubernetes.contents import secret_text
from chartgate.kubernetes.links.object_references import variable_sources
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Missing, Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.cluster_defaults import newly_default, no_longer_default
from chartgate.review.risks.lost_volumes import lost_volumes, moved_directories
from chartgate.review.risks.made_secrets import lost_in_made_secrets
from chartgate.review.risks.metric_labels import lost_alerts
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.told_settings import kept_no_longer, shorter_retentions
from chartgate.review.risks.turned_settings import forgotten

_CLASS = re.compile(
    r"(spec|volumeClaimTemplates\[[^\[\]]*+\])\.(storageClassName|volumeName|accessModes(?s:.*)|volumeMode)$"
)
_SIZE = re.compile(r"(^|\.)(?:resources\.requests\.storage|storage\.size)$")
_FIRST = "spec.ordinals.start"
_POLICY = "spec.persistentVolumeClaimRetentionPolicy"
_RETENTIONS = {
    "StatefulSet": (f"{_POLICY}.whenDeleted", f"{_POLICY}.whenScaled"),
    "PersistentVolume": ("spec.persistentVolumeReclaimPolicy",),
}
_FATE = re.compile(r"(?:deletion|reclaim)Policy$", re.IGNORECASE)
"""How objects of other kinds say what becomes of the data with them: of snapshots, of databases in a cloud."""
_TEMPLATES = re.compile(r"^volumeClaim(?:Templates?|Spec)$")
_PART = re.compile(r"\.(?:clusters|node(?:Set|Pool|Group)s|instances|pools|racks|shards|replsets|zones)\[[^\[\]]++\]$")
"""A part of what an operator runs, whose pods and volumes are called after it."""
_CLAIMS = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/"


@risk(level="danger", bump="major", source=f"{_CLAIMS}#expanding-persistent-volumes-claims")
def storage(pair: Pair) -> Iterator[Hit]:
    """A claim asks for less space, or for space of another class.

    A volume can grow, if its class allows it, and never shrinks or moves to another class: the data has to be copied by
    hand. A caution where a claim grows, and where a class becomes the one of all who name none, or no longer is it.
    """
    yield from newly_default(pair, "StorageClass", "VolumeSnapshotClass")
    for hit in no_longer_default(pair, "StorageClass"):
        yield hit._replace(level="caution", bump="minor")
    if not pair.both or not (
        pair.resource.kind in ("PersistentVolumeClaim", "StatefulSet") or _group_of(pair.resource)
    ):
        return
    for difference in pair.differences:
        if _CLASS.search(difference.address) and not _group_of(pair.resource):
            yield Hit(difference.address, "an existing volume keeps its class and its access modes")
        elif _SIZE.search(difference.address):
            was, now = quantity(difference.before), quantity(difference.after)
            if was is not None and now is not None and now < was:
                yield Hit(difference.address, f"{difference.after} is less than {difference.before}")
            elif was is not None and now is not None and now > was and pair.resource.kind == "PersistentVolumeClaim":
                reason = "a claim grows only where its class allows it: elsewhere the upgrade is refused"
                yield Hit(difference.address, reason, "caution", "minor")


@risk(level="danger", bump="major", source=f"{_CLAIMS}#reclaiming")
def data_loss(pair: Pair) -> Iterator[Hit]:
    """Data is deleted, or no longer found.

    An object that holds data is removed, renamed or moved: with a claim goes its volume, with a namespace everything in
    it, with a CustomResourceDefinition all objects of its kind. A StatefulSet of another name starts with its own empty
    volumes, and so does a database that an operator runs. A pod that finds another volume, or none, at the path of its
    data starts empty as well. What is no longer kept (`helm.sh/resource-policy: keep`, a claim's or a volume's
    retention) goes with the next removal, and what a program is told to keep for a shorter time, or in memory only,
    goes by itself.
    """
    if pair.both and pair.fate == "changed":
        yield from _lost_in_place(*pair.both)
        yield from moved_directories(pair)
        yield from shorter_retentions(pair)
        yield from kept_no_longer(pair)
        yield from forgotten(pair)
        for difference in pair.differences:
            is_part = _PART.search(difference.address) and _has_volumes(pair.resource.at("spec"))
            if _group_of(pair.resource) and difference.after is ABSENT and (is_part or _has_volumes(difference.before)):
                yield Hit(difference.address, "whatever runs it may delete its volumes with it")
            if _is_deleted_now(difference) and pair.resource.kind not in _RETENTIONS:
                yield Hit(difference.address, "what is behind it is deleted with it, and was not before")
    old = pair.before
    if old is None and (replaced := _in_place_of(pair)) and not data_of(replaced):
        yield from (hit._replace(address="") for hit in lost_volumes(replaced, pair.resource))
    if old is None or pair.fate == "changed":
        return
    held = data_of(old)
    if held and not is_hook(old) and not (pair.fate == "removed" and is_kept(old)):
        left = "it stays in the cluster, as its annotation says, and nothing finds what is in it"
        reason = left if is_kept(old) else held
        yield Hit("", reason if pair.fate == "removed" else f"{_called(old)} goes: {reason}")


def _called(resource: Resource) -> str:
    return f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name


def _in_place_of(pair: Pair) -> Resource | None:
    """Give the workload of another kind whose name a new one has, and which is gone."""
    new = pair.resource
    if new.kind not in WORKLOAD_KINDS:
        return None
    sides = [
        {
            other.kind: other
            for other in side.of_kind(*WORKLOAD_KINDS)
            if (other.name, other.namespace) == (new.name, new.namespace)
        }
        for side in pair.beside
    ]
    return next((old for kind, old in sides[0].items() if kind not in sides[1]), None)


def _lost_in_place(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say what an object that stays loses."""
    yield from lost_volumes(before, after)
    kind = before.kind
    if is_kept(before) and not is_kept(after) and (kind == "Secret" or data_of(before)):
        name = next(name for name in KEEPING if name in annotations_of(before))
        yield Hit(f"metadata.annotations[{name}]", "it is no longer kept: removing it from the release deletes it")
    if kind == "CustomResourceDefinition":
        if is_left_alone(after) and not is_left_alone(before) and not is_kept(before):
            yield Hit(
                "",
                "it moved to crds/, which is no part of a release: Helm deletes it with this upgrade, and every object"
                " of its kind with it. Argo CD renders crds/ and keeps it",
            )
        served = [set(_served(resource)) for resource in (before, after)]
        for version in sorted(served[0] - served[1]):
            reason = f"{version} is no longer served: objects of it can no longer be read or written as such"
            yield Hit(f"spec.versions[{version}]", reason)
    if kind == "StatefulSet" and data_of(before) and (lost := _lost_numbers(before, after)):
        yield Hit(_FIRST, f"no pod has the number {listed(lost, 4)} any longer: their volumes are left behind")
    if is_hook(after) and not is_hook(before) and not is_kept(before) and (held := data_of(before)):
        yield Hit("metadata.annotations", f"it is a hook now, which is no part of the release: Helm deletes it; {held}")
    for address in _RETENTIONS.get(kind, ()):
        was, now = before.at(address), after.at(address)
        if was in (ABSENT, "Retain") and now == "Delete":
            yield Hit(address, "volumes that were retained are deleted")


def _is_deleted_now(difference: Difference) -> bool:
    is_deleted = difference.before in ("Retain", "Orphan") and difference.after == "Delete"
    return is_deleted and bool(_FATE.search(difference.address))


def _lost_numbers(before: Resource, after: Resource) -> list[str]:
    """Give the numbers that a StatefulSet's pods lose since they begin with another one; a hundred at most."""
    had, has = _numbers(before), _numbers(after)
    if had.start == has.start:
        return []
    lost = (range(had.start, min(had.stop, has.start)), range(max(had.start, has.stop), had.stop))
    return [str(number) for part in lost for number in part[:50]]


def _numbers(workload: Resource) -> range:
    first, pods = (workload.at(address) for address in (_FIRST, "spec.replicas"))
    begin = first if isinstance(first, int) else 0
    return range(begin, begin + (pods if isinstance(pods, int) else 1))


def _served(definition: Resource) -> Iterator[str]:
    for version in maps_in(definition.at("spec.versions")):
        if version.get("served") is True:
            yield str(version.get("name"))


def data_of(resource: Resource) -> str:
    """Say what is lost with an object; nothing where it holds no data."""
    if resource.kind == "StatefulSet":
        has_claims = maps_in(resource.at("spec.volumeClaimTemplates"))
        return "its pods leave their volumes behind" if has_claims else ""
    if _group_of(resource) and _has_volumes(resource.at("spec")):
        return "whatever runs it may delete its volumes with it"
    if is_left_alone(resource):
        return "where Argo CD deletes it, every object of its kind is deleted with it"
    return {
        "PersistentVolumeClaim": "its volume is deleted with it, unless the volume is retained",
        "PersistentVolume": "what is on it is out of reach",
        "CustomResourceDefinition": "every object of its kind is deleted with it",
        "Namespace": "everything in it is deleted with it",
    }.get(resource.kind, "")


def _group_of(resource: Resource) -> str:
    """Give the API group of a kind that no Kubernetes has by itself, whose objects a program of its own runs."""
    group = str(resource.at("apiVersion")).rpartition("/")[0]
    return "" if group.endswith("k8s.io") or "." not in group else group


def _has_volumes(spec: Any) -> bool:
    """Tell whether an object of an operator asks for volumes: `storage: {size: 10Gi}`, a template of claims."""
    return any(
        (keys[-1:] == ("storage",) and ("requests" in keys or isinstance(map_of(node).get("size"), str)))
        or (bool(node) and _TEMPLATES.search(str(keys[-1])) is not None)
        for keys, node in nodes(map_of(spec))
        if keys
    )


@risk(level="danger", bump="major", source="https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret")
def secret_key_removed(pair: Pair) -> Iterator[Hit]:
    """A key of a Secret is gone.

    A pod that still reads it does not start, and what was generated into it is lost. The same of a Secret that a
    controller makes of another object: an ExternalSecret, a SealedSecret, a Certificate.
    """
    if pair.both:
        yield from lost_in_made_secrets(*pair.both)
    if pair.resource.kind != "Secret":
        return
    if pair.before is not None and pair.fate == "removed" and not is_kept(pair.before):
        keys = _keys(pair.before)
        if keys:
            yield Hit("", f"its keys go with it: {', '.join(keys)}")
    for difference in pair.differences:
        if difference.after is ABSENT and difference.address.startswith("data"):
            yield Hit(difference.address, "what reads it fails")


def _keys(secret: Resource) -> list[str]:
    try:
        return sorted(secret_text(secret))
    except Missing:
        found = secret.at("data")
        return sorted(found) if isinstance(found, dict) else []


@risk(level="caution", bump="major", source="https://kubernetes.io/docs/concepts/configuration/configmap/")
def config_key_removed(pair: Pair) -> Iterator[Hit]:
    """A key of a ConfigMap is gone, or an alert.

    A pod outside of the chart that mounts it or reads a variable from it does not start, or finds no file; of an alert
    that is gone, nobody hears. A note where an alert, or a recorded series, is of something else.
    """
    if pair.both:
        yield from lost_alerts(*pair.both)
    if pair.resource.kind == "ConfigMap" and pair.both:
        before, after = (set(_config_keys(resource)) for resource in pair.both)
        asks = _asked_of(pair.resource, pair.beside[1]) if before - after else {}
        for key in sorted(before - after):
            is_spare = all(asks.get(key, [False]))
            yield Hit(join("data", key), "what reads it goes on without it" if is_spare else "what reads it fails")


def _asked_of(config: Resource, beside: Resources) -> dict[str, list[bool]]:
    """Give whether the variables that come of each key of a ConfigMap may do without it."""
    found: dict[str, list[bool]] = {}
    for reference in (each for resource in beside for each in variable_sources(resource)):
        if (reference.kind, reference.name, reference.namespace) == ("ConfigMap", config.name, config.namespace):
            found.setdefault(reference.key, []).append(reference.optional)
    return found


def _config_keys(config: Resource) -> Iterator[str]:
    for field in ("data", "binaryData"):
        yield from map_of(config.at(field))
