"""Objects that others find by their labels only: monitors, rules, dashboards, aggregated roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.finding_marks import lost_marks, narrower_selectors
from chartgate.review.risks.metric_labels import other_metrics, renamed_by_a_configuration
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
    ask for both, and the severity of an alert decides who is called. So it is with pods that lose the annotation by
    which they are scraped or injected into, and with a Prometheus that looks for another label itself.
    """
    yield from lost_marks(pair)
    yield from narrower_selectors(pair)
    if not pair.both or not _is_found_by_labels(pair.resource):
        return
    yield from other_metrics(*pair.both, pair.beside[1])
    for difference in pair.differences:
        yield from renamed_by_a_configuration(difference)
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


def _is_found_by_labels(resource: Resource) -> bool:
    return resource.kind in _KINDS or str(resource.manifest.get("apiVersion", "")).startswith(_GROUPS)
