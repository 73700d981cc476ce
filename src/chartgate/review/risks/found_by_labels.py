"""Objects that others find by their labels only: monitors, rules, dashboards, aggregated roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.finding_marks import lost_marks, narrower_selectors
from chartgate.review.risks.risk_class import Hit, risk

_GROUPS = ("monitoring.coreos.com/", "monitoring.rhobs/", "operator.victoriametrics.com/", "grafana.integreatly.org/")
_KINDS = ("ConfigMap", "Secret", "Namespace", "Service")
_UID = re.compile(r"data\[(?P<file>[^\[\]]++)\]\.uid$")
_OF_THE_CHART = frozenset([*VERSION_LABELS, "chart", "heritage", "app.kubernetes.io/managed-by"])


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
)
def label_removed(pair: Pair) -> Iterator[Hit]:
    """A label by which an object is found is gone, or is another one.

    A Prometheus finds monitors and rules by their labels, a Grafana finds dashboards in ConfigMaps, an injector finds
    namespaces, a monitor Services: what they no longer find they no longer use, and nobody says so. Labels of a version
    do not count. Neither are metrics found that have lost a label, or that are of another job: dashboards and alerts
    ask for both. So it is with pods that lose the annotation by which they are scraped or injected into, and with a
    Prometheus that looks for another label itself.
    """
    yield from lost_marks(pair)
    yield from narrower_selectors(pair)
    if not pair.both or not _is_found_by_labels(pair.resource):
        return
    yield from _of_metrics(*pair.both)
    for difference in pair.differences:
        found = _UID.match(difference.address)
        if found and found["file"].endswith(".json") and ABSENT not in (difference.before, difference.after):
            yield Hit(difference.address, f"who links to the dashboard {difference.before} no longer finds it")
    was, now = (map_of(resource.at("metadata.labels")) for resource in pair.both)
    for key, value in was.items():
        # Who looks for Services knows their names as well, and asks for the value of few labels.
        is_lost = key not in now or (now[key] != value and pair.resource.kind != "Service")
        if key not in _OF_THE_CHART and not str(key).startswith("pod-security.") and is_lost:
            reason = f"who looks for {key}={value} no longer finds it"
            yield Hit(join("metadata", "labels", str(key)) if now else "metadata.labels", reason)


def _of_metrics(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare the labels that the metrics of a monitor have: https://prometheus-operator.dev/docs/api-reference/api/."""
    if not before.kind.endswith(("Monitor", "Probe", "Scrape")):
        return
    for field in ("jobLabel", "jobName"):
        was, now = (resource.at(f"spec.{field}") for resource in (before, after))
        if (was or None) != (now or None) and {was, now} - {ABSENT, None, ""}:
            yield Hit(f"spec.{field}", "its metrics are of a job of another name now")
    everywhere = [resource.at("spec.namespaceSelector.any") is True for resource in (before, after)]
    if everywhere[0] and not everywhere[1]:
        yield Hit("spec.namespaceSelector", "it no longer looks in all namespaces")
    for field in ("endpoints", "podMetricsEndpoints"):
        for one, other in zip(*(maps_in(resource.at(f"spec.{field}")) for resource in (before, after)), strict=False):
            paths = [str(side.get("path") or "/metrics") for side in (one, other)]
            if paths[0] != paths[1] and one.get("port") == other.get("port"):
                yield Hit(f"spec.{field}", f"its metrics are asked for at {paths[1]}, and were at {paths[0]}")
    for field in ("targetLabels", "podTargetLabels"):
        had, has = (texts_in(resource.at(f"spec.{field}")) for resource in (before, after))
        if lost := [label for label in had if label not in has]:
            yield Hit(f"spec.{field}", f"its metrics no longer have the label {listed(lost, 3)}")


def _is_found_by_labels(resource: Resource) -> bool:
    return resource.kind in _KINDS or str(resource.manifest.get("apiVersion", "")).startswith(_GROUPS)
