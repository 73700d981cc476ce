"""The scenarios of a matrix as a list: why each is there, and what is particular to it; no value is shown."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from chartgate.documents.escaping import json_text, terminal_text
from chartgate.documents.words import counted
from chartgate.matrix.matrix import Matrix, Why
from chartgate.model import Scenario

_WIDTH = 120
_LONGEST_NAME = 30
"""A longer name has its reason on the next line."""
_HEADINGS: dict[Why, str] = {
    "product": "every combination of the toggles",
    "all_on": "pairs of the values of axes",
    "master_off": "each value of the axes, with the master off",
    "named": "named in the matrix",
    "ci": "values files of the chart's ci/",
    "defaults": "for want of others",
    "deployment": "from an Argo-style file",
    "refusal": "refused by helm",
}
"""In the order in which a matrix has them."""


def scenario_list(matrix: Matrix, names: Iterable[str] = ()) -> str:
    """Write the scenarios of these names, or all of them, by why they are there."""
    chosen = list(names) or list(matrix.scenarios)
    width = max((len(name) for name in chosen if len(name) <= _LONGEST_NAME), default=0)
    lines = [_head(matrix)]
    for why, heading in _HEADINGS.items():
        if found := [name for name in chosen if matrix.reasons[name].why == why]:
            lines += ["", f"{heading}: {len(found)}"]
            lines += [line for name in found for line in _entry(matrix, name, width)]
    return terminal_text(lines)


def scenario_counts(matrix: Matrix) -> str:
    """Write how many scenarios there are, and why."""
    counts = Counter(reason.why for reason in matrix.reasons.values())
    rows = [(counts[why], heading) for why, heading in _HEADINGS.items() if counts[why]]
    width = len(str(len(matrix.scenarios)))
    return terminal_text([*(f"{count:>{width}} {heading}" for count, heading in rows), _head(matrix)])


def scenario_json(matrix: Matrix, names: Iterable[str] = ()) -> str:
    """Write the same for other programs: a list of objects."""
    content = [
        {
            "name": scenario.name,
            "why": matrix.reasons[scenario.name].why,
            "reason": matrix.reasons[scenario.name].text,
            "release": scenario.release,
            "namespace": scenario.namespace,
            "kube_version": scenario.kube_version,
            "api_versions": list(scenario.api_versions),
            "traits": sorted(scenario.traits),
            "refusal": list(scenario.refusal),
        }
        for scenario in map(matrix.scenarios.__getitem__, list(names) or matrix.scenarios)
    ]
    return json_text(content)


def _head(matrix: Matrix) -> str:
    rendering, refused = len(matrix.rendering), len(matrix.refused)
    parts = [f"{rendering} that must render"] * bool(rendering) + [f"{refused} that helm must refuse"] * bool(refused)
    return f"{matrix.source}: {counted(len(matrix.scenarios), 'scenario')}, {' and '.join(parts)}"


def _entry(matrix: Matrix, name: str, width: int) -> Sequence[str]:
    scenario = matrix.scenarios[name]
    text = "; ".join([matrix.reasons[name].text, *_particulars(scenario, matrix.base)])
    first = f"  {name:<{width}}  "
    lines = [] if len(name) <= width else [f"  {name}"]
    return lines + textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=" " * (width + 4) if lines else first,
        subsequent_indent=" " * (width + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _particulars(scenario: Scenario, base: Scenario) -> Iterator[str]:
    """Give what helm gets for a scenario, and not for one that says nothing."""
    if scenario.release != base.release:
        yield f"release {scenario.release}"
    if scenario.namespace != base.namespace:
        yield f"namespace {scenario.namespace}"
    if scenario.kube_version != base.kube_version:
        yield f"Kubernetes {scenario.kube_version}"
    served = [version for version in scenario.api_versions if version not in base.api_versions]
    # A kind says its group and version as well.
    if shown := [version for version in served if not any(other.startswith(f"{version}/") for other in served)]:
        yield f"with {', '.join(shown)}"
