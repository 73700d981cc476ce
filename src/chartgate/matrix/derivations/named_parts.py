"""Scenarios in which users give the parts of a chart names of their own: a Service, a Deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.template_texts.template_reads import uses
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, chart_of, with_values
from chartgate.matrix.derivations.switch_turns import bases_of
from chartgate.model import Chart, Scenario

CHOSEN_PART = "chosen-part"
_NAMES = ("name", "servicename", "portname", "nameoverride", "fullnameoverride")
"""In small letters."""
_ACCOUNT = re.compile(r"service_?account(?:_?name)?", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"secret|claim|pvc|existing|external|account|class|image|config|cert|issuer|user|database|bucket|role|cluster"
    r"|registry|gateway|parent|env|label|annotation|global",
    re.IGNORECASE,
)
"""What is called so is made by somebody else, or is no object."""


def with_named_parts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which each part whose name is a value has another, those of subcharts left out.

    The fullest one, and the same with every switch on. What a schema refuses is left as it is. Then with ones in which
    pods run as accounts that are there already, where an empty value asks for their names.
    """
    for base in bases_of(scenarios):
        chart, others = chart_of(base), {subchart.name for subchart in chart_of(base).subcharts}
        texts = [keys for keys, value in nodes(base.values, lists=False) if value is None or isinstance(value, str)]
        parts = [keys for keys in texts if _is_a_part(keys) and keys[0] not in others]
        parts += [k for k in _commented(chart) if lookup(base.values, join(*k)) is ABSENT and k[0] not in others]
        named = [k for k, _ in nodes(chart.own_values, lists=False) if k and _ACCOUNT.fullmatch(k[-1])]
        given = [k for k in named if lookup(base.values, join(*k)) in (ABSENT, None, "") and k[0] not in others]
        for name, found in (("parts", parts), ("given-accounts", given)):
            if changes := accepted(base, {join(*keys): f"{CHOSEN_PART}-{n}" for n, keys in enumerate(found)}):
                yield base, with_values(base, name, changes)


def _commented(chart: Chart) -> list[Keys]:
    """Give the keys for names that templates read, and only a comment of values.yaml shows."""
    comments = comments_of(chart)
    return [path for path in dict.fromkeys(use.path for use in uses(chart)) if _is_a_part(path) and comments.name(path)]


def _is_a_part(keys: Keys) -> bool:
    return len(keys) > 1 and keys[-1].lower() in _NAMES and not any(_OF_OTHERS.search(str(key)) for key in keys)
