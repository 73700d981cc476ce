"""Below which field of a manifest templates print what users set: `labels:`, `annotations:`, `env:`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import Action, without_comments
from chartgate.charts.template_texts.template_reads import (
    Path,
    actions_and_variables,
    at_the_top,
    dot_meant,
    paths_in,
)
from chartgate.model import Chart

_PRINTED = re.compile(
    r"(?<![\w.$\"-])toYaml\s++\(?(?P<value>[$.][\w.]*+)\)?|(?P<piped>(?<![\w.$])[$.][\w.]*+)\s*+\|\s*+toYaml\b"
)
_INDENT = re.compile(r"\bn?indent\s++([0-9]++)")
_FIELD = re.compile(r"( *+)(?:- )?+([A-Za-z]++):\s*+(?:\{\{[^}\n]*+\}\})?+\s*+")
_FRONT = re.compile(r"( *+)(?:- )?+(?:([A-Za-z]++):\s*+)?+\{\{")
_WORDS = """
    labels annotations matchLabels nodeSelector env envFrom args command volumes volumeMounts tolerations affinity
    initContainers containers imagePullSecrets topologySpreadConstraints hostAliases resources securityContext
"""
_FIELDS = frozenset(_WORDS.split())


def printed_elsewhere(before: Chart, after: Chart) -> Iterator[tuple[Path, str, str]]:
    """Give the keys that are printed below another field now, with that and the one before; each was of one only."""
    had, has = (_places(chart) for chart in (before, after))
    for path, were in had.items():
        now = has.get(path, set())
        if len(were) == len(now) == 1 and were != now:
            yield path, next(iter(were)), next(iter(now))


def _places(chart: Chart) -> dict[Path, set[str]]:
    """Give the fields below which each key is printed as it is; `?` for one of others."""
    found: dict[Path, set[str]] = {}
    for names, part in chart.with_subcharts():
        for text in part.templates.values():
            lines = without_comments(text).splitlines() if "toYaml" in text else []
            for together, variables in actions_and_variables(text) if lines else ():
                for action in together:
                    for printed in _PRINTED.finditer(action.text):
                        value = printed["value"] or printed["piped"]
                        for path in paths_in(dot_meant(value, action), variables):
                            place = _field_above(action, lines)
                            found.setdefault(at_the_top(names, path), set()).add(place)
    return {path: places for path, places in found.items() if "?" not in places}


def _field_above(action: Action, lines: list[str]) -> str:
    """Give the field that is written in front of an action, or above it and less far in than what it prints.

    A list may be as far in as its field, which is right above it.
    """
    own, indent = _FRONT.match(lines[action.line - 1]), _INDENT.search(action.text)
    if own is None:
        return "?"
    if own[2]:
        return own[2] if own[2] in _FIELDS else "?"
    depth = int(indent[1]) if indent else len(own[1])
    for above, line in enumerate(reversed(lines[: action.line - 1])):
        field = _FIELD.fullmatch(line)
        if field and len(field[1]) < depth + (not above and line.rstrip().endswith(":")):
            return field[2] if field[2] in _FIELDS else "?"
    return "?"
