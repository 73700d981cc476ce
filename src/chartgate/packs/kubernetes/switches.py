"""Switches: a release is whole with a switch turned that no file in ci/ turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from chartgate.charts.samples import Rules
from chartgate.documents.addresses import join, lookup
from chartgate.documents.walking import nodes
from chartgate.matrix.derived import chart_of, fullest, with_values
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from .crashes import crash_of
from .healthy.release import HEALTHY
from .mounts import every_mount_has_its_volume
from .newly import new_findings
from .overrides import JUDGES
from .probes import named_probe_ports_are_declared
from .references import environment_sources_are_there, volume_sources_are_there
from .schema import manifests_fit_their_schema
from .services import host_names_lead_to_services, target_ports_are_open
from .unused_claims import claims_are_mounted

_MOST = 12
"""Switches that are turned; each is one more start of helm."""
_NOT_ASKED = (environment_sources_are_there, volume_sources_are_there, host_names_lead_to_services)
"""Whoever turns TLS on, or the making of a Secret off, brings their own; what is elsewhere, no switch brings."""
_RUNNING = ("Deployment", "StatefulSet", "DaemonSet")
_JUDGES = (
    *(judge for judge in JUDGES if judge not in _NOT_ASKED),
    every_mount_has_its_volume,
    named_probe_ports_are_declared,
    target_ports_are_open,
    manifests_fit_their_schema,
    claims_are_mounted,
)


def turned(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair a scenario with ones in which one switch is turned that all files in ci/ have at its default.

    A switch is a key `enabled` that is true or false, and those above it are on. A matrix turns its own toggles.
    """
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    rules, found = Rules(chart_of(base)), 0
    for keys, value in nodes(base.values, lists=False):
        if keys[-1:] != ("enabled",) or not isinstance(value, bool) or found == _MOST:
            continue
        above = [keys[:depth] for depth in range(1, len(keys) - 1)]
        bases = [
            s for s in (base, *scenarios) if all(lookup(s.values, join(*k, "enabled")) is not False for k in above)
        ]
        if bases and {lookup(scenario.values, join(*keys)) for scenario in bases} == {value}:
            other = with_values(bases[0], f"turned.{join(*keys)}", {join(*keys): not value})
            if rules.accept(other.values):
                found += 1
                yield bases[0], other


@policy(
    over=turned,
    severity="error",
    remediation="Ask for the switch wherever what depends on it is rendered or referred to; try it by a file in ci/.",
)
def turned_switches_leave_it_whole(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With a switch turned that no file in ci/ turns, what refers to an object still finds it.

    A volume without its claim, a Service without its pods: the two conditions of a switch are rarely in one template,
    and nobody has tried the other side. Values that a template refuses in words are fine, and so is one that asks for
    what values.yaml leaves to the user; what is no YAML then, or reads what no values.yaml has, is not. Judged by the
    policies that judge each scenario. Source: https://github.com/helm/chart-testing#configuration (ci files are what
    is tried)
    """
    crash = "" if before.error else crash_of(after)
    expected = "rendered, or refused in words" if crash else "refused" if after.error else "rendered"
    for key in list(after.scenario.changes)[-1:]:
        yield chart_states("values.yaml", key, expected=expected, actual=crash or expected)
    if any(kind in _RUNNING for kind in (resource.kind for resource in after.resources)):
        # With all of its programs off, somebody else runs them behind what is left.
        yield from new_findings(_JUDGES, before, after)


turned_switches_leave_it_whole.breaks(
    manifests=HEALTHY,
    the_port_goes_away=put("Service web", "spec.ports[http].targetPort", "web"),
    the_selector_goes_wrong=put("Service web", "spec.selector.app", "another"),
)


@turned_switches_leave_it_whole.counterexample(manifests=HEALTHY)
def it_is_no_yaml_then(before: Rendering, after: Rendering) -> list[Rendering]:
    said = "Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: line 7: no key"
    scenario = dataclasses.replace(after.scenario, changes={"tls.enabled": True}, is_trial=True)
    chart = dataclasses.replace(after.chart, defaults={"tls": {"enabled": False}})
    return [before, dataclasses.replace(after, error=said, scenario=scenario, chart=chart)]
