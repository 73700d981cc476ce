"""What makes a chart a part of its cluster: custom kinds, an API, a driver. There is one of it."""

from __future__ import annotations

import re

from chartgate.documents.very_objects import once_for
from chartgate.model import Chart, Rendering, Resource, Resources

_OF_A_GROUP = ("CustomResourceDefinition", "APIService")
_OF_SETTINGS = (
    *("k8s.io", "istio.io", "openshift.io", "monitoring.coreos.com", "cert-manager.io", "external-secrets.io"),
    *("traefik.io", "kyverno.io", "keda.sh", "cilium.io", "projectcalico.org", "projectcontour.io", "gke.io"),
)
"""How groups end whose objects set up what runs already."""
_RUNNING = ("Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler")
"""What the operator of Prometheus makes pods of."""
_CRD = re.compile(r"^kind: CustomResourceDefinition\b", re.MULTILINE)


def serves_the_cluster(rendering: Rendering) -> bool:
    """Tell whether a chart brings what a cluster has once: custom kinds, an APIService, a CSIDriver."""
    return brings_kinds(rendering) or any(_is_once(resource) for resource in rendering.resources)


def brings_kinds(rendering: Rendering) -> bool:
    """Tell whether a chart brings definitions of custom kinds, rendered in this scenario or not."""
    rendered = any(resource.kind == _OF_A_GROUP[0] and _is_once(resource) for resource in rendering.resources)
    return rendered or defines_kinds(rendering.chart)


@once_for(16)
def defines_kinds(chart: Chart) -> bool:
    """Tell whether a chart, or one in its charts/, has the definition of a custom kind in a file."""
    return any(
        any(path.startswith("crds/") for path in part.files)
        or any(_CRD.search(text) for text in part.templates.values())
        for _, part in chart.with_subcharts()
    )


def _is_once(resource: Resource) -> bool:
    return resource.kind == "CSIDriver" or (resource.kind in _OF_A_GROUP and bool((resource / "spec" / "group").text))


def products(resources: Resources) -> frozenset[tuple[str, str]]:
    """Give the words of the groups of objects that operators run, `rook` of `ceph.rook.io`, with their namespaces."""
    run = (resource for resource in resources if may_be_run(resource))
    groups = ((str(one.at("apiVersion")).partition("/")[0], one.namespace) for one in run)
    return frozenset((word, namespace) for group, namespace in groups for word in group.split(".")[:-1])


def may_be_run(resource: Resource) -> bool:
    """Tell whether an operator may make pods and Services of an object of a custom kind."""
    group = str(resource.at("apiVersion")).partition("/")[0]
    return "." in group and (not group.endswith(_OF_SETTINGS) or resource.kind in _RUNNING)
