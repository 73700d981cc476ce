"""Immutability: what never changes in the cluster is the same in each version of the chart, and for any content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.addresses import is_inside
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.immutable_fields import immutable_addresses, is_immutable
from chartgate.kubernetes.changes.lifecycle import is_hook, is_replaced
from chartgate.kubernetes.version_labels import VERSION_LABELS, versions_of
from chartgate.model import Chart, Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data, labels: {helm.sh/chart: data-1.0.0}}
spec:
  selector: {matchLabels: {app: data}}
  template: {metadata: {labels: {app: data, helm.sh/chart: data-1.0.0}}, spec: {containers: [{name: data}]}}
  volumeClaimTemplates: [{metadata: {name: data, labels: {app: data}}, spec: {accessModes: [ReadWriteOnce]}}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: prepare}
spec: {template: {spec: {containers: [{name: prepare, image: "example.com/prepare:stable"}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: data}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: data}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {metadata: {labels: {helm.sh/chart: data-1.0.0}}, spec: {containers: [{name: migrate}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: load-3f2a9c1d}
spec: {template: {metadata: {annotations: {checksum/config: 3f2a9c1d}}, spec: {containers: [{name: load}]}}}
"""
CLAIM = "spec.volumeClaimTemplates[0]"
_BY_CONTENT = re.compile(r"(^|[./-])(checksum|sha256|hash)([./-]|$)")
# A hash of the content, or the revision: then each upgrade makes another object.
_OF_THIS_UPGRADE = re.compile(r"(^|[-.])(?=[a-f]{0,63}[0-9])[0-9a-f]{5,64}$|[^0-9.-][-.]v?[0-9]{1,20}$")
_OF_A_VERSION = re.compile(r"[-.]v?[0-9]{1,20}([-.][0-9]{1,20}){1,5}$")
# What selectors_carry_no_version judges.
_SELECTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


@policy(
    judges=each(),
    severity="error",
    remediation="Use the labels of the selector there; make a Job a hook, or put a hash of its content into its name.",
)
def nothing_immutable_carries_a_version(resource: Resource, chart: Chart) -> Iterator[Check]:
    """What the API server never lets change has no version of the chart in it, and no checksum.

    Claim templates with the chart's common labels, the pods of a Job under a fixed name: the next version is refused
    ("updates to statefulset spec ... are forbidden"), and the release stops halfway. Source:
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates
    https://helm.sh/docs/chart_best_practices/labels/
    """
    if is_hook(resource) or is_replaced(resource) or _is_made_anew(resource, chart):
        return
    versions = set(versions_of(chart))
    # A Job that is named after a version is another one in the next version, and the same for another content.
    named = resource.kind == "Job" and (
        _OF_A_VERSION.search(resource.name) or any(v in resource.name for v in versions)
    )
    for address in immutable_addresses(resource):
        place = resource.place(address)
        leaves = [(leaf, key) for leaf, key in _leaves(place) if not named or _BY_CONTENT.search(key)]
        found = [leaf for leaf, key in leaves if _changes(resource, leaf, key, versions)]
        for leaf in found:
            yield states(leaf, False, expected="what is the same in every version, and for any content")
        if place.is_there and not found:
            yield states(place, True, expected="what is the same in every version, and for any content", actual="it is")


def _is_made_anew(resource: Resource, chart: Chart) -> bool:
    """Tell whether each upgrade makes another object, has none, or finds a Job that is already gone."""
    if calls_of(chart).is_for_installations(resource.template):
        return True
    is_named = _OF_THIS_UPGRADE.search(resource.name) is not None
    return resource.kind == "Job" and (is_named or (resource / "spec" / "ttlSecondsAfterFinished").is_set)


def _leaves(place: Place[Resource], key: str = "") -> Iterator[tuple[Place[Resource], str]]:
    """Give what a place holds that is no map and no list, each with its key."""
    if place.is_map:
        for name, below in place.entries():
            yield from _leaves(below, name)
    elif isinstance(place.value, list):
        for item in place:
            yield from _leaves(item, key)
    else:
        yield place, key


def _changes(resource: Resource, leaf: Place[Resource], key: str, versions: set[str]) -> bool:
    if not is_immutable(resource, leaf.address):
        return False
    if leaf.address in ("roleRef.name", "spec.serviceName"):
        return not _has_one_of(versions, resource.name) and _has_one_of(versions, leaf.text)
    is_label = ".labels" in leaf.address or ".annotations" in leaf.address or ".matchLabels" in leaf.address
    if is_label and _BY_CONTENT.search(key):
        return True
    if resource.kind in _SELECTING and is_inside(leaf.address, "spec.selector"):
        return False
    return key in VERSION_LABELS or ((is_label or key == "image") and _is_version(leaf.value, versions))


def _has_one_of(versions: set[str], name: str) -> bool:
    """Tell whether a version of several numbers is in a name, its dots written as hyphens as well."""
    name = name.replace("-", ".")
    found = (at for version in versions if "." in version for at in [name.find(version.replace("-", "."))] if at >= 0)
    return any(not name[at - 1 : at].isdigit() for at in found)


def _is_version(value: Any, versions: set[str]) -> bool:
    """Tell whether a label, or the tag of an image, is a version."""
    tag = str(value).partition("@")[0].rpartition(":")[2]
    return {str(value), tag, tag.removeprefix("v")} & versions != set()


nothing_immutable_carries_a_version.breaks(
    manifests=HEALTHY,
    a_claim_template_has_the_labels_of_the_chart=put(
        "StatefulSet data", f"{CLAIM}.metadata.labels[helm.sh/chart]", "data-1.0.0"
    ),
    its_service_is_of_a_version=put("StatefulSet data", "spec.serviceName", "data-0-0-0"),
    a_claim_template_has_a_checksum=put(
        "StatefulSet data", f"{CLAIM}.metadata.annotations[checksum/config]", "3f2a9c1d"
    ),
    the_pods_of_a_job_have_the_version=put(
        "Job prepare", "spec.template.metadata.labels[app.kubernetes.io/version]", "1.0.0"
    ),
    the_role_of_a_binding_has_the_version=put("RoleBinding data", "roleRef.name", "data-0.0.0"),
    the_role_of_a_binding_has_the_version_in_hyphens=put("RoleBinding data", "roleRef.name", "data-0-0-0"),
    the_image_of_a_job_is_of_the_version=put(
        "Job prepare", "spec.template.spec.containers[prepare].image", "example.com/prepare:v0.0.0"
    ),
    a_job_of_a_version_has_a_checksum=(
        put("Job prepare", "metadata.name", "prepare-1-4-2"),
        put("Job prepare-1-4-2", "spec.template.metadata.annotations[config-hash]", "3f2a9c1d"),
    ),
    a_selector_has_a_checksum=put("StatefulSet data", "spec.selector.matchLabels[checksum/config]", "3f2a9c1d"),
)
