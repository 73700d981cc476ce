"""Comparisons: what templates compare a value with is something that it can be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.compared_texts import Comparison, comparisons
from chartgate.documents.addresses import join, lookup
from chartgate.documents.words import listed
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

_FAMILIES = (
    ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet"),
    ("Cluster", "Local"),
    ("Always", "IfNotPresent", "Never"),
    ("RollingUpdate", "Recreate", "OnDelete"),
)
"""Words of Kubernetes of which one in values.yaml means that the others are written as Kubernetes writes them."""
_MOST = 6
_WORD = re.compile(r"[A-Za-z][\w-]*+")


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Compare with the value as values.yaml, the schema or Kubernetes spell it: capitals count.",
)
def comparisons_can_be_true(chart: Chart) -> Iterator[Check]:
    """No template compares a value with a text that the value cannot be: `eq` would never be true.

    The schema lists what it can be; or values.yaml, its comments, another template or Kubernetes spell the same word
    with other capitals. What is compared in lower case (`lower`) is left alone. Read from the templates' text.
    Source: https://pkg.go.dev/text/template#hdr-Functions
    """
    yield from template_checks(chart, "compared with what it can be", _never_true)


def _never_true(chart: Chart) -> Iterator[WrongLine]:
    """Give the comparisons that are never true, each with what is known of the value."""
    rules, every = Rules(chart), list(comparisons(chart))
    for one in every:
        if not one.template.endswith("NOTES.txt") and (instead := _instead(one, every, rules, chart)):
            says = f" compares it with `{one.text}`; {instead}"
            yield WrongLine(join(*one.path), one.template, one.line, says)


def _instead(one: Comparison, every: Sequence[Comparison], rules: Rules, chart: Chart) -> str:
    """Tell what a value is in place of what it is compared with; empty where it may be just that."""
    schemas = [schema for schema in rules.schemas_at(join(*one.path)) if schema]
    if schemas and all(isinstance(schema.get("enum"), list) for schema in schemas):
        allowed = [str(each) for schema in schemas for each in schema["enum"]]
        return "" if one.text in allowed else f"the schema allows {listed(allowed, _MOST)}"
    default = lookup(chart.own_values, join(*one.path))
    if not isinstance(default, str) or not default or default == one.text:
        return ""
    if default.lower() == one.text.lower():
        return f"in values.yaml it is `{default}`"
    said = set(_WORD.findall(comments_of(chart).said_of(one.path[-1])))
    if one.text in said:
        return ""
    known = [word for family in _FAMILIES if default in family for word in family]
    spelt = (word for word in known if word.lower() == one.text.lower() and one.text not in known)
    meant = (word for word in said if default in said and _is_meant(word, one.text, default))
    if word := next((each for each in (*spelt, *meant) if f'"{each}"' not in one.action), ""):
        return f"in values.yaml it is `{default}`, and the other word is `{word}`"
    elsewhere = (other for other in every if other.path == one.path and other.action != one.action)
    if there := next((other for other in elsewhere if _is_meant(other.text, one.text, default)), None):
        return f"{there.template}:{there.line} compares it with `{there.text}`"
    return ""


def _is_meant(word: str, text: str, default: str) -> bool:
    """Tell whether a word is a text in other capitals, those that the default has."""
    return word.lower() == text.lower() and _has_style(word, default) and not _has_style(text, default)


def _has_style(word: str, like: str) -> bool:
    return word[0].isupper() == like[0].isupper() and (word == word.lower()) == (like == like.lower())


comparisons_can_be_true.breaks(
    manifests=HEALTHY,
    in_lower_case=in_template(
        '{{ $service := .Values.service }}{{ if eq $service.type "loadbalancer" }}a: b{{ end }}',
        own_values={"service": {"type": "ClusterIP"}},
    ),
    the_default_in_upper_case=in_template(
        '{{ if ne "INFO" .Values.logLevel }}a: b{{ end }}', own_values={"logLevel": "info"}
    ),
)
