"""Alerts and recording rules that are gone, and the labels of metrics and alerts, which others ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.differences import Difference
from chartgate.model import Resource, Resources
from chartgate.review.risks.risk_class import Hit

_LISTS = ("endpoints", "podMetricsEndpoints")
_MOST = 3
_RULES = ("PrometheusRule", "VMRule", "AlertingRule")
_RENAMED = re.compile(r"relabel_configs\[[0-9]++\]\.target_label$")
_ASKED_BY = {"scheme": "http", **dict.fromkeys(("authorization", "basicAuth", "bearerTokenFile", "bearerTokenSecret"))}
"""How a program is asked for its metrics, with what is so by default."""
_DROPS = ("drop", "keep", "labeldrop", "labelkeep")
_RULE = re.compile(r"""^[ \t]*+(?:-[ \t]++)?+(alert|record):[ \t]++["']?+([^\s"']++)""", re.MULTILINE)
_KINDS = ("PrometheusRule", "VMRule", "AlertingRule", "RecordingRule")
_MOST_ALERTS = 4
"""Names that a reason gives."""


def other_metrics(before: Resource, after: Resource, beside: Resources) -> Iterator[Hit]:
    """Compare the labels of what a monitor measures: https://prometheus-operator.dev/docs/api-reference/api/."""
    if after.kind in _RULES:
        yield from _of_alerts(before, after)
    if not before.kind.endswith(("Monitor", "Probe", "Scrape")):
        return
    for field in ("jobLabel", "jobName"):
        was, now = (resource.at(f"spec.{field}") for resource in (before, after))
        if (was or None) != (now or None) and {was, now} - {ABSENT, None, ""}:
            yield Hit(f"spec.{field}", "its metrics are of a job of another name now")
    everywhere = [resource.at("spec.namespaceSelector.any") is True for resource in (before, after)]
    if everywhere[0] and not everywhere[1]:
        yield Hit("spec.namespaceSelector", "it no longer looks in all namespaces")
    for field in _LISTS:
        for one, other in zip(*(maps_in(resource.at(f"spec.{field}")) for resource in (before, after)), strict=False):
            yield from _of_endpoints(f"spec.{field}", one, other)
            ports = [str(side.get("port") or "") for side in (one, other)]
            if field == "endpoints" and all(ports) and ports[0] != ports[1] and ports[0] in _port_names(beside):
                yield Hit(f"spec.{field}", f"its metrics are those of port {ports[1]}, and were of {ports[0]}")
    for field in ("targetLabels", "podTargetLabels"):
        had, has = (texts_in(resource.at(f"spec.{field}")) for resource in (before, after))
        if lost := [label for label in had if label not in has]:
            yield Hit(f"spec.{field}", f"its metrics no longer have the label {listed(lost, _MOST)}")


def _port_names(resources: Resources) -> set[str]:
    return {
        str(port.get("name")) for service in resources.of_kind("Service") for port in maps_in(service.at("spec.ports"))
    }


def renamed_by_a_configuration(difference: Difference) -> Iterator[Hit]:
    """Compare the labels that the configuration of a Prometheus gives to metrics."""
    was, now = difference.before, difference.after
    if _RENAMED.search(difference.address) and isinstance(was, str) and isinstance(now, str):
        yield Hit(difference.address, f"metrics have the label {now} now, and had {was}")


def _of_endpoints(address: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Hit]:
    paths = [str(side.get("path") or "/metrics") for side in (one, other)]
    if paths[0] != paths[1] and one.get("port") == other.get("port"):
        yield Hit(address, f"its metrics are asked for at {paths[1]}, and were at {paths[0]}")
    for field in _ASKED_BY:
        if one.get(field, _ASKED_BY[field]) != other.get(field, _ASKED_BY[field]):
            yield Hit(address, f"its metrics are asked for in another way: {field}")
    if one.get("honorLabels") is True and other.get("honorLabels") is not True:
        yield Hit(address, "labels that a metric brings are called exported_... where the target has them too")
    had, has = (maps_in(side.get("relabelings")) for side in (one, other))
    has_labels = [str(rule.get("targetLabel")) for rule in has]
    lost = [label for rule in had if (label := str(rule.get("targetLabel") or "")) and label not in has_labels]
    if lost:
        yield Hit(address, f"its metrics no longer have the label {listed(lost, _MOST)}")
    for field in ("relabelings", "metricRelabelings"):
        known = maps_in(one.get(field))
        more = [rule for rule in maps_in(other.get(field)) if rule.get("action") in _DROPS and rule not in known]
        if more and len(maps_in(other.get(field))) > len(known):
            yield Hit(address, f"fewer metrics are kept: {listed([_rule_words(rule) for rule in more], _MOST)}")


def _rule_words(rule: Mapping[str, Any]) -> str:
    return f"{rule['action']} {rule.get('regex') or 'all'}"


def _of_alerts(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare the severity of alerts, by which it is decided who is called."""
    had, has = (dict(_severities(resource)) for resource in (before, after))
    changed = [f"{name} is {has[name]}, and was {was}" for name, was in had.items() if has.get(name, was) != was]
    if changed:
        yield Hit("spec.groups", f"somebody else may be called: {listed(changed, _MOST)}")


def _severities(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give the severity of each alert that is there once only."""
    found: dict[str, list[str]] = {}
    for group in maps_in(resource.at("spec.groups")):
        for rule in maps_in(group.get("rules")):
            labels = rule.get("labels")
            if "alert" in rule and isinstance(labels, dict):
                found.setdefault(str(rule["alert"]), []).append(str(labels.get("severity")))
    yield from ((name, words[0]) for name, words in found.items() if len(words) == 1)


def lost_alerts(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which rules are gone: nobody is called any longer, and what is made of a recorded series stays empty."""
    if after.kind in _KINDS:
        address = "spec.groups"
    elif after.kind == "ConfigMap":
        address = "data"
    else:
        return
    had, has = list(_rules(before)), list(_rules(after))
    names = {name for name, _ in has}
    lost = list(dict.fromkeys(name for name, _ in had if name not in names))
    if lost:
        yield Hit(address, f"no longer there: {listed(lost, _MOST_ALERTS)}", bump="minor")
    # Of several rules of one name, nobody can say which is which.
    sides = [{name: words for name, words in rules if _is_once(name, rules)} for rules in (had, has)]
    other = [name for name, words in sides[0].items() if sides[1].get(name, words) != words]
    if other:
        yield Hit(address, f"of something else now: {listed(other, _MOST_ALERTS)}", "note", "patch")


def _is_once(name: str, rules: Sequence[tuple[str, str]]) -> bool:
    return [other for other, _ in rules].count(name) == 1


def _rules(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give each rule by its name, with its expression, as far as it is an object's."""
    for text in texts_in(list(map_of(resource.at("data")).values())):
        yield from ((f"{kind} {name}", "") for kind, name in _RULE.findall(text))
    for group in maps_in(resource.at("spec.groups")):
        for rule in maps_in(group.get("rules")):
            words = "".join(str(rule.get("expr")).split())
            yield from ((f"{kind} {rule[kind]}", words) for kind in ("alert", "record") if kind in rule)
