"""Scenarios in which users give the parts of a chart names of their own: a Service, a Deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import join
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, chart_of, with_values
from chartgate.matrix.derivations.switch_turns import bases_of
from chartgate.model import Scenario

CHOSEN_PART = "chosen-part"
_NAMES = ("name", "serviceName", "portName", "nameOverride", "fullnameOverride")
_OF_OTHERS = re.compile(
    r"secret|claim|pvc|existing|external|account|class|image|config|cert|issuer|user|database|bucket|role|cluster"
    r"|registry|gateway|parent|env|label|annotation|global",
    re.IGNORECASE,
)
"""What is called so is made by somebody else, or is no object."""


def with_named_parts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which each part whose name is a value has another, those of subcharts left out.

    The fullest one, and the same with every switch on. What a schema refuses is left as it is.
    """
    for base in bases_of(scenarios):
        others = {subchart.name for subchart in chart_of(base).subcharts}
        texts = [keys for keys, value in nodes(base.values, lists=False) if value is None or isinstance(value, str)]
        found = [keys for keys in texts if _is_a_part(keys)]
        names = {join(*keys): f"{CHOSEN_PART}-{n}" for n, keys in enumerate(found) if keys[0] not in others}
        if changes := accepted(base, names):
            yield base, with_values(base, "parts", changes)


def _is_a_part(keys: Keys) -> bool:
    return len(keys) > 1 and keys[-1] in _NAMES and not any(_OF_OTHERS.search(str(key)) for key in keys)
