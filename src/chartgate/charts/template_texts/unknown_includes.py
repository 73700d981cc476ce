"""What templates include by a name that nothing defines, found in their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.metadata.dependencies import lacks_dependencies
from chartgate.charts.template_texts.template_calls import actions_by_definition, calls_of
from chartgate.model import Chart, folder_of

_TOKEN = re.compile(r"""\b(?:include|template)\s++"(?P<name>[^"%]++)"|"(?:\\.|[^"\\\n])*+"|`[^`]*+`""")
"""What is included, and other texts: `print "@include " $key` includes nothing."""

_OF_OLD_CLUSTERS = re.compile(r"(?!not\b)(?i:.*?(?:psp|podsecuritypol|policy/v1beta1))", re.DOTALL)
"""A condition that holds on clusters alone that are no more; in its `else` branch, it begins with `not`."""


class UnknownInclude(NamedTuple):
    """A place where a template includes what is not there."""

    template: str
    line: int
    name: str
    known: frozenset[str]
    """The names that there are."""


def unknown_includes(chart: Chart) -> Iterator[UnknownInclude]:
    """Give each name that a template of a chart, or of its subcharts, includes and that nothing defines.

    Nothing of a chart whose dependencies are not all with it: what they define is unknown. A definition that nothing
    includes includes nothing either, nor does what is rendered only where a cluster has PodSecurityPolicies. What a
    value of the same name asks for, `web.extraEnvTemplate`, is for the chart above to define.
    """
    if any(lacks_dependencies(one) for _, one in chart.with_subcharts()):
        return
    calls = calls_of(chart)
    known, asleep = frozenset(calls.named), calls.unreached()
    for names, one in chart.with_subcharts():
        for file, text in one.templates.items():
            for definition, action in actions_by_definition(text):
                is_idle = definition in asleep or any(map(_OF_OLD_CLUSTERS.match, action.conditions))
                for name in (token["name"] for token in (() if is_idle else _TOKEN.finditer(action.text))):
                    if name is None or name in known:
                        continue
                    if not any(f".Values.{name.rpartition('.')[2]}" in asked for asked in action.conditions):
                        yield UnknownInclude(f"{folder_of(names)}{file}", action.line, name, known)
