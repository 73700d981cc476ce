"""Objects of kinds that others define, and in which version of the kind they are written."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_OF_SIG = ("gateway.networking.k8s.io/", "policy.networking.k8s.io/", "snapshot.storage.k8s.io/", "autoscaling.k8s.io/")
"""Groups that look like those of Kubernetes, and whose definitions somebody installs."""


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/",
)
def api_version_changed(pair: Pair) -> Iterator[Hit]:
    """An object is written in another version of a kind that is not of Kubernetes itself.

    A cluster whose definition of the kind is older does not serve it, and refuses the whole upgrade: whoever runs the
    controller has to be ahead. That the chart brings the definition does not help, unless the version before served it
    already: Helm asks for all versions before it changes anything, and leaves crds/ alone.
    """
    if not pair.both or pair.fate == "moved":
        return
    was, now = (str(resource.at("apiVersion")) for resource in pair.both)
    is_foreign = now.startswith(_OF_SIG) or not is_built_in(now)
    if was != now and is_foreign and now not in _served(pair.resource.kind, pair.beside[0]):
        yield Hit("apiVersion", f"the cluster has to serve {now} before the upgrade, or refuses it")


def _served(kind: str, side: Resources) -> list[str]:
    """Give the versions that the definitions of a side serve of a kind."""
    return [
        f"{definition.at('spec.group')}/{version.get('name')}"
        for definition in side.of_kind("CustomResourceDefinition")
        if definition.at("spec.names.kind") == kind
        for version in maps_in(definition.at("spec.versions"))
        if version.get("served") is not False
    ]
