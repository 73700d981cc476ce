"""How an upgrade goes: what it cannot change, what does not answer meanwhile, and what else runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside, steps
from chartgate.documents.shapes import is_whole
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.immutable_fields import is_immutable
from chartgate.kubernetes.changes.lifecycle import (
    annotation_words,
    annotations_of,
    is_hook,
    is_left_alone,
    is_replaced,
)
from chartgate.kubernetes.links.replica_counts import share_of_pods
from chartgate.kubernetes.pods.workloads import (
    LIKE_DEPLOYMENTS,
    containers_of_both,
    pod_if_any,
    template_if_any,
)
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource
from chartgate.review.pairing import Pair, value
from chartgate.review.risks.autoscalers import slower_autoscalers
from chartgate.review.risks.risk_class import Hit, risk

# Where a manifest no longer names the address of a Service, the API server keeps the one that it has.
_ASSIGNED = re.compile(r"spec\.(?:clusterIPs?|ipFamilies)\b")
_TOLD_ELSEWHERE = (*VERSION_LABELS, "chart", "image")
"""What differs in every hook from version to version; another image is a class by itself."""
_GRACE, _GRACE_BY_DEFAULT = "terminationGracePeriodSeconds", 30
_COPIES = re.compile(r"^spec\.(?:.*\.)?(replicas|instances|members|replicaCount)$")
_HISTORY = "spec.revisionHistoryLimit"
_ENDS = ("spec.activeDeadlineSeconds", "spec.backoffLimit")
_HOOK = "metadata.annotations[helm.sh/hook]"
_NEVER = ", which whoever upgrades never comes to"
_STEERS = ("helm.sh/hook", "argocd.argoproj.io/hook", "argocd.argoproj.io/sync-wave")


@risk(
    level="danger",
    bump="major",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations",
)
def immutable(pair: Pair) -> Iterator[Hit]:
    """A field changes that the API server never lets change.

    The upgrade is refused halfway, with other objects already changed, until somebody deletes the object by hand. A
    definition that leaves crds/ is refused by Helm itself, which never made it as a part of the release, and so is an
    object that was a hook. Objects that Helm or Argo CD makes again each time, such as hooks, are left out, and those
    that are called after the release's revision.
    """
    if pair.fate not in ("changed", "moved") or not pair.both or pair.is_replaced or is_replaced(pair.both[1]):
        return
    before, after = pair.both
    if (is_hook(before) and is_hook(after)) or pair.fate == "moved":
        return
    if is_left_alone(before) and not is_left_alone(after):
        yield Hit("", "it is no longer in crds/, and Helm refuses to take over what it did not make with the release")
    if _stays_behind(before) and not is_hook(after):
        reason = "it was a hook, which is still there: Helm refuses to take over what it did not make with the release"
        yield Hit(_HOOK if annotations_of(after) else "metadata.annotations", reason)
    refused: dict[str, list[Difference]] = {}
    for difference in pair.differences:
        is_kept = before.kind == "Service" and difference.after is ABSENT and _ASSIGNED.match(difference.address)
        if before.kind == "Service" and difference.address == "spec.clusterIP" and _is_headless_outside(*pair.both):
            yield Hit(difference.address, "a Service without an address cannot be reached from outside")
        elif before.kind == "KafkaTopic" and _are_fewer_partitions(difference):
            yield Hit(difference.address, "Kafka takes no partitions away from a topic: the operator refuses it")
        elif is_immutable(before, difference.address) and not is_kept:
            field = ".".join(steps(difference.address)[: 2 if difference.address.startswith("spec") else 1])
            refused.setdefault(field, []).append(difference)
    for field, found in refused.items():
        # One refusal of a field, at what is new in it.
        address = min(found, key=lambda difference: difference.after is ABSENT).address
        yield Hit(address, f"the API server refuses to change {field} of a {before.kind}")


def _are_fewer_partitions(difference: Difference) -> bool:
    """Source: https://strimzi.io/docs/operators/latest/configuring#type-KafkaTopicSpec-reference ."""
    was, now = difference.before, difference.after
    return difference.address == "spec.partitions" and is_whole(was) and is_whole(now) and now < was


def _stays_behind(resource: Resource) -> bool:
    """Tell whether it is a hook that is there after an installation, as it is not deleted once it has run."""
    moments = set(annotation_words(resource, "helm.sh/hook"))
    is_deleted = "hook-succeeded" in annotation_words(resource, "helm.sh/hook-delete-policy")
    return not is_deleted and not moments.isdisjoint(("pre-install", "post-install", "pre-upgrade", "post-upgrade"))


def _is_headless_outside(before: Resource, after: Resource) -> bool:
    """Tell whether a Service that keeps the address None is to be one that needs another."""
    return before.at("spec.clusterIP") == "None" and after.at("spec.type") in ("NodePort", "LoadBalancer")


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
)
def downtime(pair: Pair) -> Iterator[Hit]:
    """Fewer pods answer, during the upgrade or after it.

    Fewer replicas, a strategy that stops the old pods first, more pods that may be missing at a time, a disruption
    budget that is gone or allows more, less time to end, nothing that waits for open requests, a workload that is
    paused, or rolled out in part, or to whose earlier pods nothing leads back; an autoscaler that keeps fewer pods, or
    makes more of them later.
    """
    if pair.fate == "removed" and pair.resource.kind == "PodDisruptionBudget":
        yield Hit("", "a minimum of running pods is no longer guaranteed")
    if not pair.both:
        return
    before, after = pair.both
    if before.kind == after.kind == "PodDisruptionBudget" and _takes_all(after) and not _takes_all(before):
        yield Hit("spec", "a minimum of running pods is no longer guaranteed")
        return
    was, now = (value(resource, "spec.replicas") for resource in pair.both)
    if before.kind in ("Deployment", "StatefulSet", "ReplicaSet", *LIKE_DEPLOYMENTS) and _number(now) < _number(was):
        yield Hit("spec.replicas", f"{_number(now)} instead of {_number(was)} pods")
    if not is_built_in(str(after.at("apiVersion"))) and before.kind not in LIKE_DEPLOYMENTS:
        yield from _of_operators(pair)
    yield from slower_autoscalers(before, after)
    for address in ("spec.strategy.type", "spec.updateStrategy.type"):
        if value(before, address) in (ABSENT, "RollingUpdate") and value(after, address) in ("Recreate", "OnDelete"):
            stops = {"Recreate": "the old pods stop before the new ones start", "OnDelete": "nothing is rolled out"}
            yield Hit(address, stops[value(after, address)])
    yield from _missing_pods(before, after)
    yield from _ends(before, after)
    address = "spec.updateStrategy.rollingUpdate.partition"
    first = [_number(at) if is_whole(at := value(resource, address)) else 0 for resource in pair.both]
    if before.kind == "StatefulSet" and first[1] > first[0]:
        yield Hit(address, f"the pods below number {first[1]} stay as they are: the update does not reach them")
    kept = [value(resource, _HISTORY) for resource in pair.both]
    if kept[1] == 0 != kept[0] and pod_if_any(after).is_map:
        yield Hit(_HISTORY, "none of the earlier pods is kept: a rollout that fails cannot be undone")
    for address in ("spec.suspend", "spec.paused"):
        if after.at(address) is True and before.at(address) is not True:
            yield Hit(address, "it no longer runs" if address == "spec.suspend" else "nothing is rolled out")


def _of_operators(pair: Pair) -> Iterator[Hit]:
    """Compare how many pods, or copies, an operator makes of an object of its own."""
    for difference in pair.differences:
        was, now = difference.before, difference.after
        if _COPIES.search(difference.address) and is_whole(was) and is_whole(now) and now < was:
            yield Hit(difference.address, f"{now} instead of {was} {_COPIES.split(difference.address)[1]}")


def _takes_all(budget: Resource) -> bool:
    """Tell whether a disruption budget lets all pods go at once."""
    least, most = (str(budget.at(f"spec.{field}")) for field in ("minAvailable", "maxUnavailable"))
    return most == "100%" or least in ("0", "0%")


def _ends(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how much time a pod has to end, and what it does before."""
    pods = pod_if_any(before), pod_if_any(after)
    was, now = (pod.at(_GRACE) for pod in pods)
    seconds = [_GRACE_BY_DEFAULT if side in (ABSENT, None) else side for side in (was, now)]
    if pods[0].is_map and pods[1].is_map and all(map(is_whole, seconds)) and seconds[1] < seconds[0]:
        yield Hit((pods[1] / _GRACE).address, f"its pods are killed after {seconds[1]} s, not after {seconds[0]}")
    for container, other in containers_of_both(before, after):
        if (container / "lifecycle" / "preStop").is_map and not (other / "lifecycle" / "preStop").is_map:
            yield Hit((other / "lifecycle" / "preStop").address, "it ends at once, with what is still under way")


def _missing_pods(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how many pods may be missing at a time."""
    if before.kind == after.kind == "Deployment":
        pods = [_number(value(resource, "spec.replicas")) for resource in (before, after)]
        missing = [_missing_in_a_rollout(resource) for resource in (before, after)]
        if missing[0] < pods[0] == pods[1] <= missing[1]:
            yield Hit("spec.strategy", "no pod answers while it is rolled out")
            return
    for address, more_is_worse in (
        ("spec.strategy.rollingUpdate.maxUnavailable", True),
        ("spec.updateStrategy.rollingUpdate.maxUnavailable", True),
        ("spec.maxUnavailable", True),
        ("spec.minAvailable", False),
    ):
        was, now = (str(value(resource, address)) for resource in (before, after))
        if more_is_worse and now == "100%" != was:
            yield Hit(address, "all pods may be missing at a time")
        elif was.endswith("%") == now.endswith("%"):  # a count and a share do not compare
            old, new = quantity(was.rstrip("%")), quantity(now.rstrip("%"))
            if old is not None and new is not None and old != new and (new > old) == more_is_worse:
                yield Hit(address, "more pods may be missing at a time")


def _missing_in_a_rollout(deployment: Resource) -> int:
    """Give how many pods a rollout takes away before it has made others.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
    """
    if value(deployment, "spec.strategy.type") == "Recreate":
        return 0  # told as such
    pods = _number(value(deployment, "spec.replicas"))
    given = [value(deployment, f"spec.strategy.rollingUpdate.{key}") for key in ("maxUnavailable", "maxSurge")]
    sides = ["25%" if side in (ABSENT, None) else side for side in given]
    missing, more = share_of_pods(sides[0], pods, up=False), share_of_pods(sides[1], pods, up=True)
    return min(pods, 1 if missing == more == 0 else missing or 0)


def _number(replicas: Any) -> int:
    return int(replicas) if is_whole(replicas) else 1


@risk(level="caution", bump="patch", source="https://helm.sh/docs/topics/charts_hooks/")
def hook_changed(pair: Pair) -> Iterator[Hit]:
    """What Helm or Argo CD runs around an upgrade, or when, has changed.

    If a hook fails, the upgrade fails, and one that runs at another moment may find things in another state. Tests run
    when somebody asks for them, and do not count, nor do labels of the version; what another image does is told there.
    """
    moments = [_moments(resource) for resource in (pair.before, pair.after)]
    if not any(moments):
        return
    if pair.fate in ("added", "removed"):
        moment = moments[0] or moments[1]
        there = f"it runs at {moment} now{_NEVER * _is_of_installations(moment)}"
        yield Hit("", there if pair.fate == "added" else f"it no longer runs at {moment}")
        return
    data = [difference.address for difference in pair.differences if is_inside(difference.address, "data")]
    if data and _is_of_installations(moments[1]):
        yield Hit(data[0], f"it is made at {moments[1]}{_NEVER}")
    is_other = any(difference.address == _HOOK for difference in pair.differences)
    for difference in pair.differences:
        if is_inside(difference.address, "metadata.annotations"):
            # Of one that runs at another moment, how it is deleted and in which order is not told as well.
            steers = difference.address in ("metadata.annotations", _HOOK) or not is_other
            if steers and (
                difference.address == "metadata.annotations" or any(key in difference.address for key in _STEERS)
            ):
                yield Hit(difference.address, "it runs at another moment, or is deleted at another")
        elif difference.address in _ENDS and pair.both:
            yield Hit(difference.address, f"it ends in another way at {moments[1] or moments[0]}")
        elif is_inside(difference.address, _run_by(pair.resource)) and not _is_told_elsewhere(pair, difference):
            what = "as another account" if steps(difference.address)[-1] == "serviceAccountName" else "something else"
            yield Hit(difference.address, f"it runs {what} at {moments[1] or moments[0]}")


def _is_told_elsewhere(pair: Pair, difference: Difference) -> bool:
    """Tell whether it is a label of the version, another image, or a text that only names the image of a container."""
    if steps(difference.address)[-1] in _TOLD_ELSEWHERE:
        return True
    images = [(other.before, other.after) for other in pair.differences if steps(other.address)[-1] == "image"]
    texts = (difference.before, difference.after)
    return all(isinstance(text, str) for text in texts) and any(
        str(texts[0]).replace(str(was), str(now)) == texts[1] for was, now in images
    )


def _run_by(hook: Resource) -> str:
    """Give the address of what a hook runs: of a workload its pods, of anything else all that it is."""
    return template_if_any(hook).address or "spec"


def _is_of_installations(moments: str) -> bool:
    return "install" in moments and "upgrade" not in moments and "Sync" not in moments


def _moments(resource: Resource | None) -> str:
    """Say when a hook runs; empty for a test, and for what is not a hook."""
    found = annotations_of(resource) if resource is not None else {}
    given = str(found.get("helm.sh/hook") or found.get("argocd.argoproj.io/hook") or "")
    return ", ".join(part.strip() for part in given.split(",") if part.strip() and "test" not in part)
