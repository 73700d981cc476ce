"""Which named templates print the name of the release, or a whole one of the values, and whether they cut it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.model import Chart

_PATH = re.compile(r"[.$][\w.]++")
_A_NAME = re.compile(r"full-?name(?:override)?\Z", re.IGNORECASE)
_ASSIGNS = re.compile(r"[-\s]*+\$\w++\s*+:?=")
_TRIMS = re.compile(r"\btrim(?:Suffix|All)\b")
_IS_FULL = re.compile(r"full-?name\Z", re.IGNORECASE)


class UncutName(NamedTuple):
    """A name that is printed longer than others of its named template are, or that ends as it happens to."""

    definition: str
    template: str
    line: int
    action: str
    lacks: str
    """The function that it lacks: `trunc`, or `trimSuffix` behind it."""
    is_alone: bool
    """Whether it is alone in that: other branches of the named template have it."""


def uncut_names(chart: Chart) -> Iterator[UncutName]:
    """Give the names that the named templates of a chart print without a cut that names have, subcharts left out.

    Where no branch of a named template cuts, a cut is expected of what is called `fullname` alone.
    """
    for template, text in sorted(chart.templates.items()):
        printed: dict[str, list[Action]] = defaultdict(list)
        for definition, action in actions_by_definition(text):
            if not action.word and _prints_a_name(action.text) and not _ASSIGNS.match(action.text):
                printed[definition].append(action)
        for definition, found in printed.items():
            cut = [action for action in found if "trunc" in action.text]
            trimmed = [action for action in cut if _TRIMS.search(action.text)]
            lacking = [(action, "trunc") for action in found if action not in cut and definition]
            lacking = lacking if cut or _IS_FULL.search(definition) else []
            lacking += [(action, "trimSuffix") for action in cut if trimmed and action not in trimmed and definition]
            for action, lacks in lacking:
                yield UncutName(definition, template, action.line, action.text.strip(" -"), lacks, bool(cut))


def _prints_a_name(action: str) -> bool:
    paths = _PATH.findall(action)
    return any(path.endswith(".Release.Name") or (".Values." in path and _A_NAME.search(path)) for path in paths)
