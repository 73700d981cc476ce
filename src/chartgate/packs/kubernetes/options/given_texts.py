"""Texts that are empty by default: somebody gives one, and what is rendered is still sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.kubernetes.validity.bundled_schemas import SchemaError, newest_misfits
from chartgate.matrix.derivations.single_texts import given_texts
from chartgate.matrix.derivations.switch_turns import turned_last
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import policy

from ..api_server.agreement import list_items_have_their_own_key
from ..api_server.soundness import keys_are_there_once
from ..crashes import crash_of
from ..healthy.release import HEALTHY
from ..install_and_upgrade.hook_order import hooks_find_what_they_need
from ..newly import new_findings

_JUDGES = (list_items_have_their_own_key, keys_are_there_once, hooks_find_what_they_need)


@policy(
    over=given_texts,
    severity="error",
    remediation="Look at what templates print below the condition: where it stands, and what is printed elsewhere.",
)
def given_texts_are_rendered_soundly(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A text that values.yaml leaves empty, or 0, and a template asks about, can be given: the release stays sound.

    What is below such a condition is printed for those alone who set the value: a field beside the map that it belongs
    to, a variable that another block gives as well, a Secret that a hook needs before it is made, a template that
    fails. Texts of a form of their own, YAML or a number, are left alone. Source:
    https://github.com/kviklet/kviklet/pull/283
    """
    key, given = turned_last(after.scenario)
    crash = "" if before.error else crash_of(after)
    expected = "rendered, or refused in words" if crash else "refused" if after.error else "rendered"
    yield chart_states("values.yaml", key, expected=expected, actual=crash or expected)
    if before.error or after.error:
        return
    for check in (*_misfits(before, after, given), *new_findings(_JUDGES, before, after)):
        yield with_cause(check, f"{key}: {check.expected}")


def _misfits(before: Rendering, after: Rendering, given: Any) -> Iterator[Check]:
    """Check the fields of all objects: that there are such; with a number, also that it is not where a text belongs."""
    errors = newest_misfits if isinstance(given, int) else _unknown
    were = {resource.identity: resource.made(errors) for resource in before.resources}
    expected = "only fields that there are, with what belongs there"
    for resource in after.resources:
        new = [error for error in resource.made(errors) if error not in were.get(resource.identity, ())]
        for error in new:
            yield states(resource.place(error.address), False, expected=expected, actual=error.problem)
        if not new:
            yield states(resource.place(), True, expected=expected)


def _unknown(resource: Resource) -> tuple[SchemaError, ...]:
    return tuple(error for error in resource.made(newest_misfits) if error.unknown)


given_texts_are_rendered_soundly.breaks(
    manifests=HEALTHY,
    a_field_of_the_map_above=put("Deployment web", "spec.template.spec.containers[web].secret", "filled"),
    a_variable_that_is_there_already=put(
        "Deployment web",
        "spec.template.spec.containers[web].env",
        [{"name": "FILLED", "value": "a"}, {"name": "FILLED", "value": "b"}],
    ),
    it_is_no_yaml_with_it=(
        of_scenario(changes={"secretName": "filled"}, is_trial=True),
        of_chart(defaults={"secretName": ""}),
        of_rendering(
            error="Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: "
            "line 7: no key"
        ),
    ),
)
