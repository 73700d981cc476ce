"""Settings of pods that a template reads only under the condition of another setting, which is nothing of theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.chart_values.filled_values import FILLINGS
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.charts.template_texts.template_reads import Path, Use, paths_in, uses
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart

_FIELD = re.compile(r"\$(\w++)\.(\w++)(?![\w.])")
_ASKED = re.compile(r"(?:if|with)\s++\$(\w++)\.(\w++)")
_PLAIN = re.compile(r"(?:if|with)\s++[.$][\w.]++")
_WORD = re.compile(r"\w++")
_LEAST = 6
"""Letters of a key by which another one begins that is probably meant."""
_SORTS = {name: filling.group for filling in FILLINGS for name in filling.names}
_NAMES = frozenset(_SORTS)


class WaitingSetting(NamedTuple):
    """A key that has an effect only once another one is filled."""

    key: Path
    other: Path
    use: Use


def waiting_settings(chart: Chart) -> Iterator[WaitingSetting]:
    """Give the settings of one chart, not its subcharts', that are read only where another list or map is filled.

    That other one is empty by default as well, and nothing of the setting.

    Any key, too, that is read only where one is set that is called nearly so, and that values.yaml does not know.

    `nodeSelector` inside `if .Values.initContainers`: an `end` that is too late, and nobody's pods go where they shall.
    """
    found: dict[Path, list[Use]] = defaultdict(list)
    for use in uses(chart):
        if not use.template.endswith("NOTES.txt"):
            found[use.path].append(use)
    for key, places in found.items():
        is_of_pods = key[-1].lower() in _NAMES and _is_empty(chart, key)
        if is_of_pods or lookup(chart.own_values, join(*key)) is not ABSENT:
            waits = [(_waits_for if is_of_pods else _unknown)(chart, use) for use in places]
            if all(waits) and waits[0]:
                yield WaitingSetting(key, waits[0], places[0])
    for name, template in sorted(chart.templates.items()):
        yield from _of_items(name, template)


def _of_items(name: str, template: str) -> Iterator[WaitingSetting]:
    """Give the settings of the items of a list or a map, `$job.resources`, that wait for another one of theirs."""
    found: dict[Path, list[tuple[Path, Action]]] = defaultdict(list)
    for action in actions(template):
        for item, field in _FIELD.findall(action.text):
            if field.lower() in _NAMES:
                around = [
                    asked for condition in action.conditions if (asked := _ASKED.fullmatch(condition.strip("- ")))
                ]
                others = [a.groups() for a in around if a[1] == item and _is_another(a[2], field)]
                found[item, field].append((next(iter(others), ()), action))
    for key, places in found.items():
        if all(other for other, _ in places):
            other, action = places[0]
            yield WaitingSetting(key, other, Use(name, key, action, is_whole=False))


def _is_another(name: str, field: str) -> bool:
    """Tell whether two settings are of different sorts: arguments may belong to a command, mounts to volumes.

    `tlsSecret` is of `tls`, whatever the sorts.
    """
    sorts = _SORTS.get(name.lower()), _SORTS.get(field.lower())
    return None not in sorts and sorts[0] != sorts[1] and not field.startswith(name)


def _waits_for(chart: Chart, use: Use) -> Path:
    """Give what a condition around a use asks for, where it is a setting that is nothing of the key; else nothing."""
    for condition in use.action.conditions:
        asked = list(paths_in(condition))
        others = [p for p in asked if p[-1].lower() in _NAMES and p != use.path and _is_empty(chart, p)]
        is_plain = condition.strip("- ").split(" ")[0] in ("if", "with") and " or " not in f" {condition} "
        if is_plain and len(asked) == len(others) == 1 and not condition.strip("- ").startswith(("if not", "if or")):
            return () if _makes_an_object(chart, use, condition) else others[0]
    return ()


def _makes_an_object(chart: Chart, use: Use, condition: str) -> bool:
    """Tell whether an object is there only under a condition: a Job that sets labels, with a setting for its pods."""
    lines = chart.templates[use.template].splitlines()[: use.action.line]
    opened = max((number for number, line in enumerate(lines) if condition in line), default=len(lines))
    return any(line.startswith("kind:") for line in lines[opened:])


def _unknown(chart: Chart, use: Use) -> Path:
    """Give the key of no values that a condition around a use asks for, called as if it were the one that is read."""
    for condition in use.action.conditions:
        asked = list(paths_in(condition))
        if len(asked) == 1 and _PLAIN.fullmatch(condition.strip("- ")) and asked[0][:-1] == use.path[:-1]:
            other, own = asked[0][-1], use.path[-1]
            shorter, longer = sorted((other, own), key=len)
            is_like = (len(shorter) >= _LEAST and longer.startswith(shorter)) or bool(nearly(other, [own]))
            is_known = lookup(chart.own_values, join(*asked[0])) is not ABSENT or _says(chart, other)
            if other != own and is_like and not is_known:
                return asked[0]
    return ()


def _says(chart: Chart, key: str) -> bool:
    """Tell whether values.yaml or the schema speaks of a key, in a comment, say."""
    texts = (chart.files.get(name, b"").decode("utf-8", "replace") for name in ("values.yaml", "values.schema.json"))
    return any(key in _WORD.findall(text) for text in texts)


def _is_empty(chart: Chart, key: Path) -> bool:
    value = lookup(chart.own_values, join(*key))
    return value is not ABSENT and value in ({}, [], None)
