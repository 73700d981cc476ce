"""Nulls: a section that may be empty may be null as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.matrix.derivations.user_values import with_nulls
from chartgate.model import Check, Rendering
from chartgate.policy.checks import chart_states, with_cause
from chartgate.policy.edits import Edit, of_chart, of_rendering, of_scenario
from chartgate.policy.policy import policy

from ..healthy.config_map import HEALTHY

RENDERS = "null renders, or is refused in words"
_PANIC = re.compile(r"(?:nil pointer|error calling \w++: index of untyped nil|invalid value; expected)[^\n]*+")
_WHERE = re.compile(r"executing \"([^\"]++)\" at (<[^<>\n]++>)")


@policy(
    over=with_nulls,
    severity="warning",
    remediation="Read it through `with`, or in brackets, which give nothing for null: `((.Values.section).key)`.",
)
def null_sections_render(before: Rendering, after: Rendering) -> Iterator[Check]:  # noqa: ARG001 - a pair
    """A section whose default is empty may be null: templates that read something of it expect that.

    `section:` with all of its keys commented out is null, and so is what a user takes away. A nil pointer in a
    template names neither the key nor what to do. Helm may well refuse it: by the schema, `required` or `fail`.
    Told once a chart.
    Source: https://helm.sh/docs/chart_template_guide/values_files/#deleting-a-default-key
    """
    keys = [key for key, value in after.scenario.changes.items() if value is None]
    for key in keys:
        panic = _PANIC.search(after.error)
        where = [*_WHERE.finditer(after.error)][-1:]
        is_about_it = len(after.scenario.changes) == 1 or any(f".{key}" in found[2] for found in where)
        actual = RENDERS
        if panic and is_about_it:  # else a switch that was turned on needs more than that
            actual = "".join([*(f"{found[1]} reads {found[2]}: " for found in where), panic[0]])
        yield with_cause(chart_states("values.yaml", key, expected=RENDERS, actual=actual), "sections")


def _failing(error: str) -> tuple[Edit, ...]:
    return (
        of_scenario(changes={"section": None}, is_trial=True),
        of_chart(defaults={"section": {}}),
        of_rendering(error=error),
    )


null_sections_render.breaks(
    manifests=HEALTHY,
    a_key_of_null_is_read=_failing(
        'Error: shop/templates/web.yaml:3:9 executing "shop/templates/web.yaml" at <.Values.section.key>'
        ": nil pointer evaluating interface {}.key"
    ),
    null_is_indexed=_failing("Error: error calling index: index of untyped nil"),
)
