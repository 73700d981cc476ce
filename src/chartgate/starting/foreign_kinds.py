"""The kinds that a chart renders and nobody here has a schema of: not Kubernetes' own, and without their CRD."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chartgate.kubernetes.validity.bundled_schemas import is_of_kubernetes
from chartgate.model import Rendering

_NAMED = re.compile(r"[a-z0-9.-]++/[a-z0-9]++ [A-Z][A-Za-z0-9]*+")


def foreign_kinds(renderings: Iterable[Rendering]) -> list[str]:
    """Give `apiVersion kind` of each that some rendering has without its definition."""
    found: set[str] = set()
    for rendering in renderings:
        defined = {
            ((crd / "spec" / "group").text, (crd / "spec" / "names" / "kind").text)
            for crd in rendering.resources.of_kind("CustomResourceDefinition")
        }
        for resource in rendering.resources:
            api_version = resource.identity.api_version
            is_defined = (api_version.partition("/")[0], resource.kind) in defined
            if not is_of_kubernetes(api_version) and not is_defined:
                found.add(f"{api_version} {resource.kind}")
    return sorted(name for name in found if _NAMED.fullmatch(name))
