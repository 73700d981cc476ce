"""What others find by labels and other marks alone: monitors, rules, dashboards, roles; pods that are scraped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_if_any, template_if_any
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.metric_labels import other_metrics, renamed_by_a_configuration
from chartgate.review.risks.risk_class import Hit, risk

_GROUPS = ("monitoring.coreos.com/", "monitoring.rhobs/", "operator.victoriametrics.com/", "grafana.integreatly.org/")
_KINDS = ("ConfigMap", "Secret", "Namespace", "Service")
_UID = re.compile(r"data\[(?P<file>[^\[\]]++)\](?P<source>\.datasources\[[^\[\]]++\])?+\.uid$")
_OF_THE_CHART = frozenset([*VERSION_LABELS, "chart", "heritage", "app.kubernetes.io/managed-by"])
_SCRAPE = re.compile(r"prometheus\.io/(?:scrape|port|path|scheme)$")
_INJECTS = re.compile(
    r"(?:sidecar\.istio\.io|linkerd\.io)/inject$|^vault\.hashicorp\.com/agent-inject$"
    r"|^instrumentation\.opentelemetry\.io/inject-|^admission\.datadoghq\.com/enabled$|^dapr\.io/enabled$"
)
_STEERS = re.compile(
    r"^(?:(?:sidecar|traffic|proxy)\.istio\.io|config\.linkerd\.io|vault\.hashicorp\.com|dapr\.io|k8s\.v1\.cni\.cncf\.io"
    r"|(?:pre|post)?\.?(?:hook\.)?backup\.velero\.io|cluster-autoscaler\.kubernetes\.io|karpenter\.sh|ad\.datadoghq\.com"
    r"|co\.elastic\.(?:logs|metrics)|fluentbit\.io|container\.apparmor\.security\.beta\.kubernetes\.io)/"
)
"""What tells programs of the cluster what to do with a pod: its sidecars, its networks, its copies, its logs."""
_OFF = ("", "false", "disabled", "no")
_MONITORS = ("ServiceMonitor", "PodMonitor", "VMServiceScrape", "VMPodScrape")
_OTHERS = ("NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "AuthorizationPolicy")
"""Kinds whose selectors say which pods they are about, and so keep others out."""


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
    yield from _lost_marks(pair)
    yield from _narrower_selectors(pair)
    if not pair.both or not _is_found_by_labels(pair.resource):
        return
    yield from other_metrics(*pair.both, pair.beside[1])
    for difference in pair.differences:
        yield from renamed_by_a_configuration(difference)
        found = _UID.match(difference.address)
        is_of_grafana = found and (found["source"] or found["file"].endswith(".json"))
        if is_of_grafana and ABSENT not in (difference.before, difference.after):
            what = "data source" if found and found["source"] else "dashboard"
            yield Hit(difference.address, f"who links to the {what} {difference.before} no longer finds it")
    was, now = (map_of(resource.at("metadata.labels")) for resource in pair.both)
    for key, value in was.items():
        # Who looks for Services knows their names as well, and asks for the value of few labels.
        is_lost = key not in now or (now[key] != value and pair.resource.kind != "Service")
        if key not in _OF_THE_CHART and not str(key).startswith("pod-security.") and is_lost:
            reason = f"who looks for {key}={value} no longer finds it"
            yield Hit(join("metadata", "labels", str(key)) if now else "metadata.labels", reason)


def _is_found_by_labels(resource: Resource) -> bool:
    return resource.kind in _KINDS or str(resource.manifest.get("apiVersion", "")).startswith(_GROUPS)


def _lost_marks(pair: Pair) -> Iterator[Hit]:
    """Say who no longer finds a pod or a Service by its labels and annotations."""
    if not pair.both or pair.resource.kind not in (*WORKLOAD_KINDS, "Service"):
        return
    had, has = (dict(_marks(resource)) for resource in pair.both)
    for name, (_, was) in had.items():
        address, now = has.get(name, (_place(pair.both[1], name), ""))
        if _INJECTS.search(name) and was not in _OFF and now in _OFF:
            yield Hit(address, f"who injects into what has {name}={was} no longer finds it")
        elif _STEERS.search(name) and was != now:
            yield Hit(address, f"who goes by {name} is told {now or 'nothing'} now, and was told {was}")
    yield from _of_scrapes(pair, {key: value for key, (_, value) in had.items()}, has)


def _of_scrapes(pair: Pair, had: Mapping[str, str], has: Mapping[str, tuple[str, str]]) -> Iterator[Hit]:
    """Compare where Prometheus asks for metrics by the usual annotations: they are no standard, but many have them."""
    scrape = next((name for name in had if name.endswith("prometheus.io/scrape")), "")
    if not pair.both or had.get(scrape) != "true":
        return
    address, now = has.get(scrape, (_place(pair.both[1], scrape), ""))
    if now != "true":
        if not any(_is_scraped_now(*pair.beside)):
            yield Hit(address, f"who scrapes what has {scrape}=true no longer finds it")
        return
    for name in (name for name in had if _SCRAPE.search(name) and name in has and has[name][1] != had[name]):
        field = name.rpartition("/")[2]
        if field != "port" or had[name] in _ports(pair.both[1]):
            yield Hit(has[name][0], f"its metrics are asked for by {field} {has[name][1]}, and were by {had[name]}")


def _is_scraped_now(before: Resources, after: Resources) -> Iterator[bool]:
    """Tell of each object whether it is one by which metrics are asked for, and were not before."""
    for kind in (*_MONITORS, *WORKLOAD_KINDS, "Service"):
        known = {resource.identity for resource in before.of_kind(kind) if kind in _MONITORS or _scrapes(resource)}
        for resource in after.of_kind(kind):
            yield resource.identity not in known and (kind in _MONITORS or _scrapes(resource))


def _scrapes(resource: Resource) -> bool:
    return any(name.endswith("prometheus.io/scrape") and value == "true" for name, (_, value) in _marks(resource))


def _ports(resource: Resource) -> set[str]:
    declared = [port.get("containerPort") for one in containers_if_any(resource) for port in maps_in(one.at("ports"))]
    return {*map(str, declared), *(str(port.get("port")) for port in maps_in(resource.at("spec.ports")))}


def _marks(resource: Resource) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give labels and annotations of pods, or of a Service, each with its address and its value."""
    if resource.kind == "Service":
        for name, value in annotations_of(resource).items():
            yield str(name), (join("metadata", "annotations", str(name)), str(value))
        return
    metadata = template_if_any(resource) / "metadata"
    for field in ("labels", "annotations"):
        for name, value in map_of(metadata.at(field)).items():
            yield str(name), ((metadata / field / str(name)).address, str(value))


def _place(resource: Resource, name: str) -> str:
    """Give where a mark would be that is gone."""
    metadata = resource / "metadata" if resource.kind == "Service" else template_if_any(resource) / "metadata"
    return (metadata / "annotations" / name).address


def _narrower_selectors(pair: Pair) -> Iterator[Hit]:
    """Say which objects a controller's own object no longer finds: the monitors of a Prometheus, say."""
    group, slash, _ = str(pair.resource.manifest.get("apiVersion", "")).partition("/")
    if not pair.both or not slash or "." not in group or group.endswith(".k8s.io") or pair.resource.kind in _OTHERS:
        return
    sides = [map_of(resource.manifest.get("spec")) for resource in pair.both]
    for field in (str(field) for field in sides[0] if str(field).endswith("Selector")):
        was, now = (side.get(field, ABSENT) for side in sides)
        if not isinstance(was, dict) or {*was} - {"matchLabels", "matchExpressions"}:
            continue
        if now is ABSENT or now is None:
            yield Hit(join("spec", field), "it no longer says what it looks for: it may find nothing")
        elif more := [demand for demand in _demands(now) if demand not in _demands(was)]:
            yield Hit(join("spec", field), f"it finds only what has {listed(more, 3)} now")


def _demands(selector: Any) -> list[str]:
    labels = [f"{key}={value}" for key, value in map_of(map_of(selector).get("matchLabels")).items()]
    rules = maps_in(map_of(selector).get("matchExpressions"))
    return labels + [" ".join(filter(None, map(str, (r.get("key"), r.get("operator"), _values(r))))) for r in rules]


def _values(rule: Mapping[str, Any]) -> str:
    return ", ".join(sorted(texts_in(rule.get("values"))))
