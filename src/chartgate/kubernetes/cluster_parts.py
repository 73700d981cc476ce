"""What makes a chart a part of its cluster: custom kinds, an API, a driver. There is one of it."""

from __future__ import annotations

import re

from chartgate.model import Rendering, Resource

_OF_A_GROUP = ("CustomResourceDefinition", "APIService")
_CRD = re.compile(r"^kind: CustomResourceDefinition\b", re.MULTILINE)


def serves_the_cluster(rendering: Rendering) -> bool:
    """Tell whether a chart brings what a cluster has once: custom kinds, an APIService, a CSIDriver."""
    return brings_kinds(rendering) or any(_is_once(resource) for resource in rendering.resources)


def brings_kinds(rendering: Rendering) -> bool:
    """Tell whether a chart brings definitions of custom kinds, rendered in this scenario or not."""
    chart = rendering.chart
    return (
        any(resource.kind == _OF_A_GROUP[0] and _is_once(resource) for resource in rendering.resources)
        or any(path.startswith("crds/") for path in chart.files)
        or any(_CRD.search(text) for text in chart.templates.values())
    )


def _is_once(resource: Resource) -> bool:
    return resource.kind == "CSIDriver" or (resource.kind in _OF_A_GROUP and bool((resource / "spec" / "group").text))
