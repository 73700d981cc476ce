"""Which pods a selector finds, those among them that no template of the release makes."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.cluster_parts import may_be_run
from chartgate.kubernetes.links.label_selectors import (
    PodSelection,
    labels_of_each_pod,
    matches_label_selector,
    may_have,
    template_labels,
)
from chartgate.kubernetes.permissions import covered, granted_by, on
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.model import Resource, Resources, Scenario

_MAKING_PODS = (
    *on("", "pods", "create"),
    *(
        permission
        for kind in ("deployments", "daemonsets", "statefulsets")
        for permission in on("apps", kind, "create")
    ),
)
_LABELLING_PODS = on("", "pods", "update patch")


def pods_found(selection: PodSelection, resources: Resources, scenario: Scenario) -> list[str]:
    """Give the workloads, and the declared pods, that a selection finds."""
    rendered = [
        str(workload.identity)
        for workload in may_have(map_of(selection.selector).get("matchLabels"), selection.namespaces, resources)
        if any(matches_label_selector(selection.selector, labels) for labels in labels_of_each_pod(workload))
    ]
    return (
        rendered
        + [
            f"Pod {thing.namespace or scenario.namespace}/{thing.name}, external"
            for thing in scenario.external
            if thing.kind == "Pod"
            and (thing.namespace or scenario.namespace) in selection.namespaces
            and matches_label_selector(selection.selector, thing.labels)
        ]
        + [f"pods that {config.identity.label} describes" for config in _describing(selection, resources)]
        + [f"pods that an operator makes of {custom.identity.label}" for custom in _run(selection, resources)]
        + [f"pods that {role.identity.label} lets a program make" for role in _letting_make(selection, resources)]
        + [f"pods that {role.identity.label} lets a program label" for role in _letting_label(selection, resources)]
    )


def are_of_others(selection: PodSelection, resources: Resources, scenario: Scenario) -> bool:
    """Tell whether a selector looks where the release has no pods, for what it has nowhere, as in kube-system."""
    wanted = map_of(selection.selector).get("matchLabels")
    having = {workload.namespace for workload in workloads(resources)}
    is_elsewhere = scenario.namespace not in selection.namespaces and having.isdisjoint(selection.namespaces)
    return is_elsewhere and not may_have(wanted, tuple(having), resources)


def _run(selection: PodSelection, resources: Resources) -> Iterator[Resource]:
    """Give the custom objects whose pods, made by an operator, a selector means: it has their name, or their kind."""
    labels = set(map(str, map_of(map_of(selection.selector).get("matchLabels")).values()))
    for custom in resources if labels else ():
        if (custom.name in labels or custom.kind.lower() in labels) and may_be_run(custom):
            yield custom


def _describing(selection: PodSelection, resources: Resources) -> Iterator[Resource]:
    """Give the ConfigMaps whose text has all labels of a selector: a program makes such pods by it later.

    Only labels that the chart invented: those of Kubernetes' own customs are in many texts.
    """
    labels = {k: v for k, v in map_of(map_of(selection.selector).get("matchLabels")).items() if isinstance(v, str)}
    if labels and not any(key.startswith("app") or "kubernetes.io/" in key for key in labels):
        for config in resources.of_kind("ConfigMap"):
            texts = [place.text for _, place in (config / "data").entries()]
            if any(all(key in text and value in text for key, value in labels.items()) for text in texts):
                yield config


def _letting_make(selection: PodSelection, resources: Resources) -> list[Resource]:
    """Give the roles by which a program of the release makes pods of its own, where a selector can only mean those.

    That is one whose labels have no key and no value that a pod of the release has.
    """
    wanted = map_of(map_of(selection.selector).get("matchLabels"))
    words = {text for label in wanted.items() for text in label if isinstance(text, str)}
    known = resources.indexed(_words_of_labels)
    return [] if not words or not words.isdisjoint(known) else resources.indexed(_makers_of_pods)


def _letting_label(selection: PodSelection, resources: Resources) -> list[Resource]:
    """Give the roles by which a program of the release labels its pods, where a selector lacks just one for that.

    A label by which one of several pods leads has a key that no template has.
    """
    wanted = map_of(map_of(selection.selector).get("matchLabels"))
    known = resources.indexed(_keys_of_labels)
    lacking = [key for key in wanted if key not in known and "kubernetes.io/" not in key]
    rest = {key: value for key, value in wanted.items() if key not in lacking}
    if len(lacking) != 1 or not rest or not may_have(rest, selection.namespaces, resources):
        return []
    return resources.indexed(_labellers_of_pods)


def _labellers_of_pods(resources: Resources) -> list[Resource]:
    roles = resources.of_kind("Role", "ClusterRole")
    return [role for role in roles if any(covered(each, granted_by(role)) for each in _LABELLING_PODS)]


def _keys_of_labels(resources: Resources) -> frozenset[str]:
    return frozenset(key for workload in workloads(resources) for key in template_labels(workload))


def _words_of_labels(resources: Resources) -> frozenset[str]:
    labels = (template_labels(workload) for workload in workloads(resources))
    return frozenset(text for each in labels for label in each.items() for text in label if isinstance(text, str))


def _makers_of_pods(resources: Resources) -> list[Resource]:
    roles = resources.of_kind("Role", "ClusterRole")
    return [role for role in roles if any(covered(each, granted_by(role)) for each in _MAKING_PODS)]
