"""Spreading: what spreads pods over nodes counts those very pods."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.json_documents.equality import same
from chartgate.documents.places import Place
from chartgate.documents.walking import nodes
from chartgate.documents.words import listed
from chartgate.kubernetes.links.label_selectors import matches_label_selector, template_labels
from chartgate.kubernetes.pods.workloads import pod_if_any
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: shop, part: web}}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app: shop, part: web}}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app: shop, part: web}}
      containers: [{name: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    metadata: {labels: {app: shop, part: worker}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: shop, part: web}}}
            - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: somebody-elses}}}
      containers: [{name: worker}]
"""
_ANTI = "affinity.podAntiAffinity"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_MOST = 5


@policy(severity="warning", remediation="Select by the labels of the pods themselves, made by the same named template.")
def spreading_counts_its_own_pods(rendering: Rendering) -> Iterator[Check]:
    """A topology spread counts the pods that it is on, and pods keep away from some that there are.

    With the labels of another part, the spread looks at how that one is distributed, and these pods may all be on one
    node. An anti-affinity may be to others; to labels that are partly those of its own pods and that no pod of the
    release has, it is to nobody; one that is word for word that by which other pods keep apart was copied. What a user
    sets, or a file in ci/, is theirs: it may be for a release of another name. Source:
    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#implicit-conventions
    """
    chosen = [value for _, value in nodes(rendering.scenario.overrides) if isinstance(value, dict)]
    for resources in rendering.stages:
        for resource in resources:
            pod = pod_if_any(resource)
            if pod is None:
                continue
            labels = template_labels(resource)
            for constraint in (pod / "topologySpreadConstraints").maps():
                selector = constraint / "labelSelector"
                if selector.map and selector.map not in chosen:
                    passed = matches_label_selector(selector.map, labels)
                    yield _check(selector, passed, f"labels of the pods of {resource.name}", labels)
            for selector in (selector for selector in _kept_away(resource) if selector.map not in chosen):
                found = [other for other in resources if matches_label_selector(selector.map, template_labels(other))]
                yield _check(selector, bool(found), "labels of pods of the release", labels)
                copied = [other.name for other in found if resource not in found and _is_copied(resource, other)]
                for name in copied[:1]:
                    expected = f"labels of the pods of {resource.name}, as the same keeps those of {name} apart"
                    yield _check(selector, False, expected, labels)


def _is_copied(resource: Resource, other: Resource) -> bool:
    pod, its = pod_if_any(resource), pod_if_any(other)
    return pod is not None and its is not None and same(pod.at(_ANTI), its.at(_ANTI))


def _kept_away(resource: Resource) -> Iterator[Place[Resource]]:
    """Give the selectors of an anti-affinity that have a label of the pod's own, and look in its namespace."""
    pod = pod_if_any(resource)
    away = pod.place(_ANTI) if pod is not None else None
    if away is None:
        return
    terms = [*(away / _REQUIRED).maps(), *(term / "podAffinityTerm" for term in (away / _PREFERRED).maps())]
    for term in terms:
        is_here, labels = not term.at("namespaces") and not term.at("namespaceSelector"), template_labels(resource)
        if is_here and any(labels.get(key) in values for key, values in _wanted(term / "labelSelector")):
            yield term / "labelSelector"


def _wanted(selector: Place[Resource]) -> list[tuple[str, list[object]]]:
    """Give the labels that a selector asks for by their values."""
    found: list[tuple[str, list[object]]] = [(key, [value]) for key, value in (selector / "matchLabels").map.items()]
    rules = [rule for rule in (selector / "matchExpressions").maps() if rule.at("operator") == "In"]
    return found + [((rule / "key").text, values) for rule in rules if isinstance(values := rule.at("values"), list)]


def _check(selector: Place[Resource], passed: bool, expected: str, labels: dict[str, object]) -> Check:
    wanted = [(key, values) for key, values in _wanted(selector) if labels.get(key) not in values]
    other = [f"{key}: {' or '.join(map(str, values))}" for key, values in wanted]
    near = [f"{key}: {labels.get(key, 'not there')}" for key, _ in wanted]
    actual = f"{listed(other, _MOST) or 'other labels'}; the pod has {listed(near, _MOST) or 'others'}"
    told = states(selector, passed, expected=expected, actual="found" if passed else actual)
    return with_cause(told, f"labels in {selector.owner.template}")  # of as many workloads as the template makes


spreading_counts_its_own_pods.breaks(
    manifests=HEALTHY,
    the_spread_is_of_another_part=put(
        "Deployment web",
        "spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels.part",
        "worker",
    ),
    nobody_has_the_labels=put(
        "Deployment web",
        f"spec.template.spec.{_ANTI}.{_PREFERRED}[0].podAffinityTerm.labelSelector.matchLabels.part",
        "shop",
    ),
    nobody_has_the_label_of_an_expression=put(
        "Deployment web",
        f"spec.template.spec.{_ANTI}.{_PREFERRED}[0].podAffinityTerm.labelSelector",
        {
            "matchLabels": {"part": "web"},
            "matchExpressions": [{"key": "app", "operator": "In", "values": ["shop-web"]}],
        },
    ),
    the_same_keeps_another_part_apart=put(
        "Deployment worker",
        f"spec.template.spec.{_ANTI}",
        {
            _PREFERRED: [
                {
                    "weight": 100,
                    "podAffinityTerm": {
                        "topologyKey": "kubernetes.io/hostname",
                        "labelSelector": {"matchLabels": {"app": "shop", "part": "web"}},
                    },
                }
            ]
        },
    ),
)
