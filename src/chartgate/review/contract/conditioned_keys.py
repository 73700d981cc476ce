"""Keys that templates read only where another one is set, and that they read in any case before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart

_ASKED = re.compile(r"(?:if|with)\s++(?:not\s++\(\s*+empty\s++)?+\$?\.Values\.(?P<path>[\w.]++)\s*+\)?+")
_Path = tuple[str, ...]


def conditioned_keys(before: Chart, after: Chart) -> Iterator[tuple[_Path, str]]:
    """Give the keys whose every reader is below a condition that asks for another key, which is off by default."""
    was, now = _conditions(before), _conditions(after)
    parts = {subchart.name for subchart in after.subcharts}
    for path, asked in now.items():
        gained = asked - was.get(path, asked)
        for other in sorted(gained):
            default = lookup(after.defaults, join(*other))
            is_off = default is not ABSENT and not default and path[0] not in parts
            if is_off and path[: len(other)] != other and other[: len(path)] != path:
                yield path, join(*other)


def _conditions(chart: Chart) -> dict[_Path, frozenset[_Path]]:
    """Give for each key what is asked for around all places that read it."""
    found: dict[_Path, frozenset[_Path]] = {}
    for use in all_uses(chart):
        asked = frozenset(
            tuple(one["path"].split("."))
            for condition in use.action.conditions
            if (one := _ASKED.fullmatch(condition.strip()))
        )
        found[use.path] = found.get(use.path, asked) & asked
    return found
