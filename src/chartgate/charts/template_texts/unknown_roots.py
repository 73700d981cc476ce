"""Where a template reads of the root what helm does not put there: `.Value.port`, `$.ctx`, `.Release.namespace`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import TEXT, Action, actions
from chartgate.model import Chart

ROOTS = ("Values", "Release", "Chart", "Capabilities", "Template", "Files", "Subcharts")
"""What helm gives a template: https://helm.sh/docs/chart_template_guide/builtin_objects/"""
_FIELDS = {
    "Chart": "Name Home Sources Version Description Keywords Maintainers Icon APIVersion Condition Tags AppVersion"
    " Deprecated Annotations KubeVersion Dependencies Type IsRoot",
    "Release": "Name Namespace IsUpgrade IsInstall Revision Service",
    "Template": "Name BasePath",
}
_FIELD = re.compile(rf"(?<![\w.$)\]])(\$?)\.({'|'.join(_FIELDS)})\.(\w++)")
_OF_THE_ROOT = re.compile(r"(?<![\w$)\]])\$\.([A-Za-z]\w*+)")
_OF_THE_DOT = re.compile(r"(?<![\w.$)\]])\.([A-Z]\w*+)\.")
_SETS = re.compile(r"\b(?:set|merge\w*+|mustMerge\w*+|unset)\s++(?:\$|\.)(?![\w.])")
_OPENS, _REBINDS = ("if", "with", "range", "define", "block"), ("with", "range")


class UnknownRoot(NamedTuple):
    """One place that reads what is never there."""

    template: str
    line: int
    what: str
    there: str = ", ".join(ROOTS)
    """What there is in its place."""


def unknown_roots(chart: Chart) -> Iterator[UnknownRoot]:
    """Give where the templates of a chart read an unknown field of the root; nothing where some template sets one.

    Inside a named template the root is whatever it was given.
    """
    if any(map(_SETS.search, chart.every_template())):
        return
    for template, text in sorted(chart.templates.items()):
        for action, is_named, is_rebound in _placed(actions(text)):
            plain = TEXT.sub('""', action.text)
            found = [(f"$.{name}", name) for name in _OF_THE_ROOT.findall(plain) if not is_named]
            found += [(f".{name}", name) for name in _OF_THE_DOT.findall(plain) if not (is_named or is_rebound)]
            yield from (UnknownRoot(template, action.line, what) for what, name in found if name not in ROOTS)
            for root, name, field in _FIELD.findall(plain) if not is_rebound else ():
                if field not in _FIELDS[name].split():
                    yield UnknownRoot(template, action.line, f"{root}.{name}.{field}", _FIELDS[name].replace(" ", ", "))


def _placed(every: tuple[Action, ...]) -> Iterator[tuple[Action, bool, bool]]:
    """Give each action, with whether it is in a named template, and whether its dot may be another one."""
    blocks: list[str] = []
    for action in every:
        if action.word == "end" and blocks:
            blocks.pop()
        yield action, not {"define", "block"}.isdisjoint(blocks), not set(_REBINDS).isdisjoint(blocks)
        if action.word in _OPENS:
            blocks.append(action.word)
