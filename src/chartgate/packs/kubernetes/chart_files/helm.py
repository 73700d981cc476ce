"""Helm itself: what it says while it renders."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.matrix.derivations.set_in_ci import names_key
from chartgate.model import Check, Rendering
from chartgate.policy.checks import helm_states
from chartgate.policy.edits import of_rendering
from chartgate.policy.policy import policy

from ..healthy.config_map import HEALTHY


@policy(severity="warning", remediation="Read helm's warning; it names the value or the template that it is about.")
def helm_warns_of_nothing(rendering: Rendering) -> Iterator[Check]:
    """Helm renders without a warning.

    It warns of values that it drops, of a table that a scalar overwrites, of symbolic links: each of them is a
    rendering that is not what its author believes. That the chart is deprecated, Chart.yaml says itself, and what a
    file in ci/ overwrites, it means to.
    """
    warnings = [warning for warning in rendering.warnings if "this chart is deprecated" not in warning]
    keys = [warning.partition(" with non table for ")[2].partition(" (")[0].rpartition(".")[2] for warning in warnings]
    meant = [bool(key) and names_key(rendering.scenario, key) for key in keys]
    warnings = [warning for warning, is_meant in zip(warnings, meant, strict=True) if not is_meant]
    yield helm_states("warnings", expected=[], actual=warnings)


helm_warns_of_nothing.breaks(
    manifests=HEALTHY,
    a_value_is_dropped=of_rendering(warnings=("warning: cannot overwrite table with non table for a.b",)),
)
