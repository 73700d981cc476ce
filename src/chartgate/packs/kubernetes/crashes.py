"""Crashes: what helm says where a template is wrong, and not the values that somebody gave it."""

from __future__ import annotations

import re

from chartgate.charts.chart_values.filled_values import FILLED
from chartgate.charts.template_texts.template_reads import has_key, known_values, paths_in
from chartgate.documents.addresses import join, lookup
from chartgate.model import Rendering

_NO_YAML = re.compile(r"YAML parse error on [^\n]++|error converting YAML to JSON: [^\n]++")
_NO_TEMPLATE = re.compile(r"no template (\"[^\"\n]++\")[^\n]*+")
_NO_ROOT = re.compile(
    r"(?:nil pointer evaluating \S++|can't evaluate field )\.?(?:Values|Release|Chart|Template)\b[^\n]*+"
)
_NO_TEXT = re.compile(
    r"at <'[^\n']{1,8}'>:?\s++(?:expected string; found|wrong type for value; expected string)[^\n]*+"
)
"""What is between single quotes is a number to a template: `join ','`."""
_NO_CALL = re.compile(
    r"at (<[^<>\n]++>):?\s++(?:error calling \w++: )?+"
    r"(can't give argument to non-function|wrong number of args for)[^\n]*+"
)
"""To a template, `or` between two values is one more argument: `if (.Values.a) or (.Values.b)`."""
_NO_MAP = re.compile(r"at (<[^<>\n]++>):?\s++can't evaluate field \w++ in type (?:float64|int64|int|bool)\b")
"""What is a number or a switch is no map: `{{ .value }}` below `with .Values.minAvailable`."""
_NO_SUCH_MAP = re.compile(r"at (<[^<>\n]++>):?\s++can't evaluate field \w++ in type interface \{\}")
_NOT_ALIKE = re.compile(
    r"at (<[^<>\n]++>):?\s++(?:error calling \w++: )?+(?:incompatible types for|invalid type for) comparison"
)
_NO_FIT = re.compile(
    r"at (<[^<>\n]++>):?\s++(?:error calling \w++: )?+"
    r"wrong type for value; expected \w++; got (?:map|\[\]|float|int\d|bool)[^\n]*+"
)
"""What is of another type in values.yaml already: a map to `sha256sum`."""
_NIL = re.compile(
    r"at (<[^<>\n]++>):?\s++(?:error calling index: )?+"
    r"((?:nil pointer evaluating|index of (?:untyped nil|nil pointer)"
    r"|(?P<none>wrong type for value; expected \w++; got interface|invalid value; expected))[^\n]*+)"
)
"""What is read of nothing, or nothing where a text belongs, as in `contains "NodePort" .Values.type`."""


def crash_of(rendering: Rendering) -> str:
    """Give what is wrong with a template, in helm's words; empty where it rendered, or a user is to blame.

    A nil pointer is the template's fault only where it reads a key that no values.yaml has: what values.yaml leaves
    null or empty, whoever turns a switch has to fill. What is in that of a subchart alone is not there without the
    subchart. Likewise for a comparison of values that are not of one type.
    """
    error = rendering.error
    for pattern in (_NO_YAML, _NO_TEMPLATE, _NO_ROOT, _NO_TEXT, _NO_CALL, _NO_MAP):
        if (found := pattern.search(error)) and not (pattern is _NO_TEMPLATE and _stands_there(found[1], rendering)):
            return " ".join(found[0].split())
    if (found := _NO_FIT.search(error)) and all(isinstance(v, bool) for v in rendering.scenario.changes.values()):
        return " ".join(found[0].split())
    if (found := _NOT_ALIKE.search(error)) and (keys := [join(*path) for path in paths_in(found[1])]):
        scenario = rendering.scenario  # a value that was filled in may be of another type than its user's
        if all(lookup(scenario.values, key) is not None and key not in scenario.changes for key in keys):
            return " ".join(found[0].split())
    for found in _NIL.finditer(error):
        known, own = known_values(rendering.chart), rendering.chart.own_values
        subcharts = {subchart.name for subchart in rendering.chart.subcharts}
        for path in paths_in(found[1]):
            if not has_key(own if path[0] in subcharts else known, path if found["none"] else path[:-1]):
                return f"{found[1]}: {found[2]}"
    return ""


def _stands_there(name: str, rendering: Rendering) -> bool:
    """Tell whether a template includes it by this very name, as named_templates_are_defined reads as well."""
    return any(name in text for text in rendering.chart.every_template())


def nil_of(rendering: Rendering) -> str:
    """Give the nil pointer, or text, that a template reads from, in helm's words: with examples alone, its fault."""
    found = _NIL.search(rendering.error)
    if (of_text := _NO_SUCH_MAP.search(rendering.error)) and FILLED not in str(rendering.scenario.changes):
        return " ".join(of_text[0].split())
    return f"{found[1]}: {found[2]}" if found and not found["none"] else ""
