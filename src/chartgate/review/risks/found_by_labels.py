"""Objects that others find by their labels only: monitors, rules, dashboards, aggregated roles."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_GROUPS = ("monitoring.coreos.com/", "monitoring.rhobs/", "operator.victoriametrics.com/", "grafana.integreatly.org/")
_KINDS = ("ConfigMap", "Secret", "Namespace")
_OF_THE_CHART = frozenset([*VERSION_LABELS, "chart", "heritage", "app.kubernetes.io/managed-by"])


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
)
def label_removed(pair: Pair) -> Iterator[Hit]:
    """A label by which others find an object is gone, or has another value.

    A Prometheus finds monitors and rules by their labels, a Grafana finds dashboards in ConfigMaps, an injector finds
    namespaces: what they no longer find they no longer use, and nobody says so. Labels of a version do not count.
    """
    if not pair.both or not _is_found_by_labels(pair.resource):
        return
    was, now = (map_of(resource.at("metadata.labels")) for resource in pair.both)
    for key, value in was.items():
        if key not in _OF_THE_CHART and not str(key).startswith("pod-security.") and now.get(key) != value:
            reason = f"who looks for {key}={value} no longer finds it"
            yield Hit(join("metadata", "labels", str(key)) if now else "metadata.labels", reason)


def _is_found_by_labels(resource: Resource) -> bool:
    return resource.kind in _KINDS or str(resource.manifest.get("apiVersion", "")).startswith(_GROUPS)
