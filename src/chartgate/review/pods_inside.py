"""Pods that a controller makes of an object of its own, read as those of a workload: a Knative Service, a node set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.documents.addresses import below, is_inside, item
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Manifest, Resource
from chartgate.review.object_differences import differences_of
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, RiskClass

_OF_PODS = frozenset(["containers", "securityContext", "tolerations", "nodeSelector", "affinity", "hostNetwork"])
"""By which a pod is known, wherever it is written."""
_TEMPLATE, _SPEC, _METADATA = "spec.template", "spec.template.spec", "spec.template.metadata"
_OF_RULES = ("kyverno.io", "constraints.gatekeeper.sh", "templates.gatekeeper.sh", "security.openshift.io")
"""Groups of objects that say which pods others may make."""


class _Inside(NamedTuple):
    """One pod that is written inside of an object, with the labels and annotations that are beside it."""

    address: str
    spec: Manifest
    metadata: Any


def hits_of_pods_inside(pair: Pair, rules: Sequence[RiskClass]) -> Iterator[tuple[RiskClass, Hit]]:
    """Give what rules see in the pods that are written inside of an object of another kind."""
    if not pair.both or not makes_pods(pair.resource):
        return
    had, has = ({pod.address: pod for pod in _pods(resource)} for resource in pair.both)
    for address in (address for address in has if address in had and had[address] != has[address]):
        old, new = (_workload(resource, pods[address]) for resource, pods in zip(pair.both, (had, has), strict=True))
        inside = Pair(old, new, tuple(differences_of(old, new)), beside=pair.beside)
        places = {_SPEC: address, _METADATA: f"{address.removesuffix('.spec')}.metadata"}
        for rule in rules:
            for hit in rule(inside):
                yield from ((rule, found) for found in _moved(hit, places))


def _moved(hit: Hit, places: Mapping[str, str]) -> Iterator[Hit]:
    for place, now in places.items():
        if is_inside(hit.address, place):
            yield hit._replace(address=now + hit.address.removeprefix(place))


def makes_pods(resource: Resource) -> bool:
    """Tell whether a controller may make pods of it: no workload, nothing of Kubernetes itself, no rule for pods."""
    version = resource.identity.api_version
    is_known = resource.kind in WORKLOAD_KINDS or is_built_in(version)
    return not is_known and not version.partition("/")[0].endswith(_OF_RULES)


def _pods(resource: Resource) -> Iterator[_Inside]:
    """Give each map that has what only pods have, the outermost of them; items of lists by their names."""
    waiting: list[tuple[str, Any, Manifest]] = [("spec", resource.manifest.get("spec"), {})]
    while waiting:
        address, node, around = waiting.pop()
        if isinstance(node, list):
            waiting += [(item(address, str(map_of(one).get("name", at))), one, {}) for at, one in enumerate(node)]
        elif isinstance(node, dict) and _OF_PODS & node.keys():
            yield _Inside(address, node, around.get("metadata", {}) if address.endswith(".spec") else {})
        elif isinstance(node, dict):
            waiting += [(below(address, str(key)), inside, node) for key, inside in node.items()]


def _workload(resource: Resource, pod: _Inside) -> Resource:
    """Write a pod as a workload has it."""
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": resource.manifest.get("metadata", {}),
        "spec": {"template": {"metadata": pod.metadata, "spec": pod.spec}},
    }
    return Resource(manifest, resource.template, resource.default_namespace)
