"""Settings of pods that a template reads only under the condition of another setting, which is nothing of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.chart_values.filled_values import FILLINGS
from chartgate.charts.template_texts.template_reads import Path, Use, paths_in, uses
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart

_NAMES = frozenset(name for filling in FILLINGS for name in filling.names)


class WaitingSetting(NamedTuple):
    """A key that has an effect only once another one is filled."""

    key: Path
    other: Path
    use: Use


def waiting_settings(chart: Chart) -> Iterator[WaitingSetting]:
    """Give the settings of one chart, not its subcharts', that are read only where another list or map is filled.

    That other one is empty by default as well, and nothing of the setting.

    `nodeSelector` inside `if .Values.initContainers`: an `end` that is too late, and nobody's pods go where they shall.
    """
    found: dict[Path, list[Use]] = defaultdict(list)
    for use in uses(chart):
        if not use.template.endswith("NOTES.txt"):
            found[use.path].append(use)
    for key, places in found.items():
        if key[-1].lower() in _NAMES and _is_empty(chart, key):
            waits = [_waits_for(chart, use) for use in places]
            if all(waits) and waits[0]:
                yield WaitingSetting(key, waits[0], places[0])


def _waits_for(chart: Chart, use: Use) -> Path:
    """Give what a condition around a use asks for, where it is a setting that is nothing of the key; else nothing."""
    for condition in use.action.conditions:
        asked = list(paths_in(condition))
        others = [p for p in asked if p[-1].lower() in _NAMES and p != use.path and _is_empty(chart, p)]
        is_plain = condition.strip("- ").split(" ")[0] in ("if", "with") and " or " not in f" {condition} "
        if is_plain and len(asked) == len(others) == 1 and not condition.strip("- ").startswith(("if not", "if or")):
            return others[0]
    return ()


def _is_empty(chart: Chart, key: Path) -> bool:
    value = lookup(chart.own_values, join(*key))
    return value is not ABSENT and value in ({}, [], None)
