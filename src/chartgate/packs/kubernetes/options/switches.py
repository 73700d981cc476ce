"""Switches: a release is whole with a switch turned that no file in ci/ turns, and with all of them on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.walking import scalars
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.links.object_references import Reference, references
from chartgate.kubernetes.links.service_backends import ingress_backends, route_backends
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.matrix.derivations.chosen_words import of_other_words
from chartgate.matrix.derivations.derived import fullest
from chartgate.matrix.derivations.switch_turns import (
    all_on,
    of_other_kinds,
    of_other_service_types,
    turned,
    turned_last,
    with_more_replicas,
)
from chartgate.model import Case, Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import Policy, policy

from ..api_server.identity import identities_are_unique
from ..api_server.namespaces import all_objects_name_the_namespace_or_none
from ..crashes import crash_of
from ..healthy.release import HEALTHY
from ..networking.selecting_templates import selecting_templates_carry_no_version
from ..networking.selectors import selectors_carry_no_version
from ..networking.services import service_selectors_find_pods
from ..newly import new_findings
from ..pods_and_storage.mounts import sub_paths_are_keys
from .switch_judges import JUDGES, SOURCES, TOGETHER, is_of_switch
from .switch_users import is_gone_with_its_part, is_of_users, made_for_nobody

_REQUIRED = re.compile(r"\brequired (?:when|if|where)\b", re.IGNORECASE)
_NEEDED = re.compile(r"\b(?:needs?|must|ha(?:s|ve)) (?:to )?be (?:enabled|set|on)\b|\bsure to also\b", re.IGNORECASE)
_WITHOUT = re.compile(r"external|existing|disable|skip|without|remote", re.IGNORECASE)
_ASKING = ("Ingress", "Route", "Monitor")
"""How kinds end whose objects name the port of a Service or a pod."""
_RUNNING = ("Deployment", "StatefulSet", "DaemonSet")


def _turned(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    yield from turned(scenarios)
    yield from of_other_kinds(scenarios)
    yield from of_other_service_types(scenarios)
    yield from with_more_replicas(scenarios)
    yield from of_other_words(scenarios)


@policy(
    over=_turned,
    severity="error",
    remediation="Ask for the switch wherever what depends on it is rendered or referred to; try it by a file in ci/.",
)
def turned_switches_leave_it_whole(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With a switch turned as no ci file turns it, or another kind of pods or type of Services, the release is whole.

    A volume without its claim, a Service without its pods: the two conditions of a switch are rarely in one template,
    and nobody has tried the other side. So it is with the words that templates compare a value with: `standalone` and
    `distributed`. Values that a template refuses in words are fine, and so is one that asks for
    what values.yaml leaves to the user; what is no YAML then, or reads what no values.yaml has, is not. Judged by the
    policies that judge each scenario. Source: https://github.com/helm/chart-testing#configuration (ci files are what
    is tried)
    """
    crash = "" if before.error else crash_of(after)
    expected = "rendered, or refused in words" if crash else "refused" if after.error else "rendered"
    key, _ = turned_last(after.scenario)
    # Of several that are turned together, the one of the section that the crash is about.
    key = next((k for k in after.scenario.changes if f".Values.{(steps(k) or [k])[0]}." in crash), key)
    told: list[Check] = []
    if _wants_more(key, after):
        return
    if key:
        yield chart_states("values.yaml", key, expected=expected, actual=crash or expected)
        told = [] if before.error or after.error else [*_left_behind(before, after, key)]
        yield from told
    if any(resource.kind in _RUNNING for resource in after.resources) or _came(before, after, "CronJob"):
        # With all of its programs off, somebody else runs them behind what is left.
        unread = made_for_nobody(before, after) or is_gone_with_its_part(before, after, key)
        known = {(check.template, check.path) for check in told if not check.passed}
        for judge in (*JUDGES, *SOURCES):
            for check in new_findings((judge,), before, after):
                # What passes there as well, those tell that judge each scenario; what nobody could judge may be new.
                if check.unjudged or (
                    not check.passed
                    and is_of_switch(judge, check, after)
                    and (check.template, check.path) not in known
                    and "/templates/tests/" not in check.template  # who runs a test has what it asks for
                    and not _is_told_already(judge, before)
                    and not (judge is identities_are_unique and _is_instead(key, after))
                    and not _is_of_a_program(check, before, after)
                    and not (judge is service_selectors_find_pods and _is_another_mode(before, after))
                    and not (judge is selectors_carry_no_version and _is_told_of_the_template(check, after))
                    and not is_of_users(check, after, is_source=_is_a_source(judge, check, after), unread=unread)
                ):
                    # A convention is kept or not: that is told once, whatever the switch.
                    is_once = judge is all_objects_name_the_namespace_or_none
                    yield with_cause(check, judge.name if is_once else f"{key}: {judge.name}")


def _is_a_source(judge: Policy, check: Check, after: Rendering) -> bool:
    """Tell whether it is about a source of variables or of a volume, or a file of one that is not there at all."""
    is_gone = judge is sub_paths_are_keys and check.asked is not None and not after.resources.named(*check.asked)
    return judge in SOURCES or is_gone


def _is_of_a_program(check: Check, before: Rendering, after: Rendering) -> bool:
    """Tell whether a program made it that is off: pods that asked for it before run where another release makes it."""
    asked_before = (found for resource in before.resources for found in references(resource))
    _, value = turned_last(after.scenario)
    return value is False and any(
        (found.kind, found.name, found.namespace) == check.asked and _find(found, before) is None
        for found in asked_before
    )


def _is_told_already(judge: Policy, before: Rendering) -> bool:
    """Tell whether it is about a convention that is not kept anyhow."""
    return judge is all_objects_name_the_namespace_or_none and not all(c.passed for c in judge.checks([before]))


def _is_instead(key: str, after: Rendering) -> bool:
    """Tell whether a switch brings a subchart in the place of another one, whose switch is in the same section."""
    *above, _ = steps(key) or [""]
    entries = maps_in(after.chart.metadata.get("dependencies"))
    switches = {path for entry in entries for path in condition_paths(entry) if above and steps(path)[:-1] == above}
    return key in switches and len(switches) > 1


def _is_another_mode(before: Rendering, after: Rendering) -> bool:
    """Tell whether pods go with a switch that is on, and none of their name come: another program makes them then.

    With `external.enabled` or `disableCache`, it is the pods that are made no longer.
    """
    were, are = ({workload.name for workload in workloads(r.resources)} for r in (before, after))
    key, value = turned_last(after.scenario)
    return value is True and not were <= are and not _WITHOUT.search(key)


def _came(before: Rendering, after: Rendering, kind: str) -> bool:
    return bool(after.resources.of_kind(kind)) and not before.resources.of_kind(kind)


def _is_told_of_the_template(check: Check, after: Rendering) -> bool:
    """Tell whether selecting_templates_carry_no_version reads the same in the text of a template."""
    found = selecting_templates_carry_no_version.checks([dataclasses.replace(after, resources=Resources())])
    return any(not other.passed and check.template.endswith(f"/{other.template}") for other in found)


def _wants_more(key: str, after: Rendering) -> bool:
    """Tell whether a comment says that who turns a switch must turn another, or give what is empty by default."""
    *above, _ = steps(key) or [""]
    section, comments = lookup(after.scenario.values, join(*above)), comments_of(after.chart)
    beside = section.items() if above and isinstance(section, dict) else ()
    return bool(key and _NEEDED.search(comments.said_at(steps(key)))) or any(
        value in ("", None, [], {}) and _REQUIRED.search(comments.said_at([*above, str(other)]))
        for other, value in beside
    )


def _left_behind(before: Rendering, after: Rendering, key: str) -> Iterator[Check]:
    """Check what a subchart rendered before: nothing refers to it once it is gone."""
    for resource in after.resources:
        for reference in references(resource):
            was = _find(reference, before)
            if was is None or "/charts/" not in was.template or was.template == resource.template:
                continue
            passed = reference.optional or _find(reference, after) is not None
            yield states(
                reference.place,
                passed,
                expected=f"{reference} is rendered, or nothing refers to it",
                actual="found"
                if passed
                else f"gone with its subchart, where {key} is {str(after.scenario.changes[key]).lower()}",
            )


def _find(reference: Reference, rendering: Rendering) -> Resource | None:
    return find(rendering.resources, reference.kind, reference.name, reference.namespace)


turned_switches_leave_it_whole.breaks(
    manifests=HEALTHY,
    the_port_goes_away=put("Service web", "spec.ports[http].targetPort", "web"),
    the_selector_goes_wrong=put("Service web", "spec.selector.app", "another"),
    it_is_no_yaml_then=(
        of_scenario(changes={"tls.enabled": True}, is_trial=True),
        of_chart(defaults={"tls": {"enabled": False}}),
        of_rendering(
            error="Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: "
            "line 7: no key"
        ),
    ),
)


def switched_on(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the fullest scenario, the same one with every switch on, and those with one of them turned."""
    base, on = fullest(scenarios), all_on(scenarios)
    if base is not None and on is not None:
        tried = (base, on, *(after for _, after in turned(scenarios)))
        yield Case("all on", tried, "where switches are turned, one at a time and all of them")


@policy(
    over=switched_on,
    severity="error",
    remediation="Let each part look at the switches of the others that it needs; try both on in one file in ci/.",
)
def parts_fit_each_other(base: Rendering, on: Rendering, *turns: Rendering) -> Iterator[Check]:
    """With every switch of the chart on, a NetworkPolicy, a monitor, a route and an autoscaler fit what else is on.

    Each part alone is tried, and two that are off by default never together: a policy for the metrics shuts the port
    of the webhook, and a monitor asks at a port that a policy does not admit. Values that a template refuses are fine,
    since some parts are one or the other; what one switch alone shows is told of that one.
    Source: https://github.com/argoproj/argo-helm/issues/3678
    """
    if base.error:
        return
    known = {
        (check.template, check.path)
        for turn in turns
        for judge in TOGETHER
        for check in judge.checks([turn])
        if not check.passed
    }
    found = new_findings(TOGETHER, base, on)
    # A NetworkPolicy without a rule is for those who give it some.
    told = (
        check
        for check in found
        if check.passed
        or not (check.is_omission or _is_chosen_beside(check, on) or _is_either_or(check, on) or _is_routed(check, on))
    )
    yield from (check for check in told if check.passed or (check.template, check.path) not in known)


def _is_chosen_beside(check: Check, on: Rendering) -> bool:
    """Tell whether the port of a route or a monitor is a value beside a switch: `{enabled: true, port: traces}`.

    Who turns that on opens such a port, too. So it is with a name that parts share, `{create: true, name: web}`.
    """
    resource = next((resource for resource in on.resources if resource.subject == check.subject), None)
    if resource is None or not (resource.kind.endswith(_ASKING) or check.path == "metadata.name"):
        return False
    asked = set(scalars(resource.at(check.path)))
    sections = {join(*steps(key)[:-1]) for key, value in on.scenario.changes.items() if value is True}
    beside = (map_of(lookup(on.scenario.values, section)).values() for section in sections if section)
    return any(str(value) in asked for values in beside for value in values if value not in ("", None))


def _is_either_or(check: Check, on: Rendering) -> bool:
    """Tell whether a variable is there twice where two parts of a section are on: `auth.ldap.enabled`, `auth.oidc`.

    Those are mostly meant one instead of the other.
    """
    parts = [steps(key)[:-2] for key, value in on.scenario.changes.items() if value is True]
    return check.path.endswith(".env") and any(part and parts.count(part) > 1 for part in parts)


def _is_routed(check: Check, on: Rendering) -> bool:
    """Tell whether a NetworkPolicy shuts only what OpenShift's Routes lead to, in a chart that has an Ingress as well.

    A cluster has one of the two, and so is the policy for the one or for the other.
    """
    ways = {
        of: {f"Service {way.namespace}/{way.name}" for resource in on.resources for way in of(resource)}
        for of in (route_backends, ingress_backends)
    }
    routed = ways[route_backends] - ways[ingress_backends] if ways[ingress_backends] else set()
    shut = str(check.actual).partition("nothing admits ")[2]
    return bool(shut) and all(words.partition(" of ")[2] in routed for words in shut.split(", "))


parts_fit_each_other.breaks(
    manifests=HEALTHY,
    the_route_leads_elsewhere=put("Ingress web", "spec.rules[0].http.paths[0].backend.service.port.number", 81),
)
