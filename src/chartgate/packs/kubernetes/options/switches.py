"""Switches: a release is whole with a switch turned that no file in ci/ turns, and with all of them on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import scalars
from chartgate.kubernetes.links.existence import each_made, find
from chartgate.kubernetes.links.object_references import Reference, accounts, references
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
from chartgate.model import AskedObject, Case, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import policy

from ..api_server.namespaces import all_objects_name_the_namespace_or_none
from ..crashes import crash_of
from ..healthy.release import HEALTHY
from ..newly import new_findings
from .leftovers import is_named, used_objects
from .switch_judges import JUDGES, SOURCES, TOGETHER, is_of_existing, is_of_switch

_OWN, _MADE, _MAKER = "ConfigMap", "Secret", "Certificate"
"""Nobody brings a ConfigMap so, and a Secret that this very release makes is not the user's own."""
_BROUGHT = (_OWN, _MADE, "PersistentVolumeClaim")
_NO_NAMES = ("", "None")
_REQUIRED = re.compile(r"\brequired (?:when|if|where)\b", re.IGNORECASE)
_NEEDED = re.compile(r"\b(?:needs?|must|ha(?:s|ve)) (?:to )?be (?:enabled|set|on)\b", re.IGNORECASE)
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
    told: list[Check] = []
    if _wants_more(key, after):
        return
    if key:
        yield chart_states("values.yaml", key, expected=expected, actual=crash or expected)
        told = [] if before.error or after.error else [*_left_behind(before, after, key)]
        yield from told
    if any(kind in _RUNNING for kind in (resource.kind for resource in after.resources)):
        # With all of its programs off, somebody else runs them behind what is left.
        unread = _made_for_nobody(before, after)
        known = {(check.template, check.path) for check in told if not check.passed}
        for judge in (*JUDGES, *SOURCES):
            for check in new_findings((judge,), before, after):
                if check.passed or (
                    is_of_switch(judge, check, after.scenario)
                    and (check.template, check.path) not in known
                    and "/templates/tests/" not in check.template  # who runs a test has what it asks for
                    and not _is_of_users(check, after, is_source=judge in SOURCES, unread=unread)
                ):
                    # A convention is kept or not: that is told once, whatever the switch.
                    is_once = judge is all_objects_name_the_namespace_or_none
                    yield with_cause(check, judge.name if is_once else f"{key}: {judge.name}")


def _wants_more(key: str, after: Rendering) -> bool:
    """Tell whether a comment says that who turns a switch must turn another, or give what is empty by default."""
    *above, _ = steps(key) or [""]
    section, comments = lookup(after.scenario.values, join(*above)), comments_of(after.chart)
    beside = section.items() if above and isinstance(section, dict) else ()
    return bool(key and _NEEDED.search(comments.said_at(steps(key)))) or any(
        value in ("", None, [], {}) and _REQUIRED.search(comments.said_at([*above, str(other)]))
        for other, value in beside
    )


def _made_for_nobody(before: Rendering, after: Rendering) -> bool:
    """Tell whether a Secret that comes with the switch is named by nothing: what a pod waits for may be meant to be it.

    It is rendered, or a Certificate makes it.
    """
    read, were = used_objects(after), {resource.identity for resource in before.resources}
    made = [(made, maker) for made, maker in each_made(after.resources) if maker.kind == _MAKER]
    made += [((s.kind, s.name, s.namespace), s) for s in after.resources.of_kind(_MADE)]
    return any(
        this not in read and maker.identity not in were and not is_named(after, this[1], but=maker)
        for this, maker in made
    )


def _is_of_users(check: Check, after: Rendering, *, is_source: bool, unread: bool) -> bool:
    """Tell whether who turns the switch gives what is not there: a field, as the hosts of an Ingress, or an object.

    Args:
        check: that failed.
        after: with the switch turned.
        is_source: whether it is about a source of variables or of a volume.
        unread: see `_made_for_nobody`.
    """
    if check.asked is None:
        return check.is_omission or _is_said_to_be_off(check, after)
    is_theirs = check.asked.kind in _BROUGHT and is_of_existing(after.scenario)
    if is_theirs or check.asked.name in _NO_NAMES or _names_it(check.asked, after.scenario):
        return True
    if is_source:
        return _is_a_source(check.asked, after, unread=unread)
    return _is_with_it(check.asked, after.scenario) or _is_of_nobody(check.asked, after)


def _is_said_to_be_off(check: Check, after: Rendering) -> bool:
    """Tell whether a variable beside another one says that its part is off: `WITH_CACHE: "false"`, `CACHE_URL`."""
    key, value = turned_last(after.scenario)
    part = (steps(key) or [""])[:-1][-1:]
    resource = next((r for r in after.resources if r.subject == check.subject), None)
    *above, last = steps(check.path) or [""]
    beside = map_of(resource.at(join(*above))) if resource and above else {}
    is_of_it = value is False and part != [] and part[0].lower() in last.lower()
    return is_of_it and any(part[0].lower() in str(k).lower() and str(v).lower() == "false" for k, v in beside.items())


def _names_it(asked: AskedObject, scenario: Scenario) -> bool:
    """Tell whether the name of what users bring is a value beside the switch that is turned on, `{claimName: mine}`."""
    key, value = turned_last(scenario)
    *above, _ = steps(key) or [key]
    beside = map_of(lookup(scenario.values, join(*above))) if above else {}
    return value is True and asked.kind in _BROUGHT and any(given == asked.name for given in beside.values())


def _is_a_source(asked: AskedObject, after: Rendering, *, unread: bool) -> bool:
    """Tell whether the user brings a source of variables or of a volume."""
    key, value = turned_last(after.scenario)
    *_, last = steps(key) or [key]
    if asked.kind == _OWN:  # `createConfig: false`, `skipConfigMap: true`, `useExternalConfig: true`
        last = last.lower()
        is_theirs = last.startswith("skip") or "external" in last or "existing" in last
        is_off = last.startswith("create") or _has_an_empty_name(key, after.scenario)
        return "config" in key.lower() and (is_theirs if value is True else is_off)
    is_certificate = any(maker.kind == _MAKER and made == asked for made, maker in each_made(after.resources))
    return asked.kind != _MADE or not (unread or is_certificate)


def _has_an_empty_name(key: str, scenario: Scenario) -> bool:
    """Tell whether beside a switch there is a name to be given, which is empty: `{enabled: true, name: ""}`."""
    beside = map_of(lookup(scenario.values, join(*steps(key)[:-1])))
    return any("name" in str(other).lower() and value in ("", None) for other, value in beside.items())


def _is_with_it(asked: AskedObject, scenario: Scenario) -> bool:
    """Tell whether who turns the switch brings what is missing.

    An account, perhaps of the same name, where the switch is that of the account; a role that is not called after
    the release where the switch is on, and is there to use one: `useClusterRole`; and one of the cluster where what is
    of the cluster, or the role, is made elsewhere: `createGlobalResources: false`, `createRole: false`.
    """
    key, value = turned_last(scenario)
    words = [step.lower() for step in steps(key)]
    if asked.kind == "ServiceAccount":
        return value is False and any("account" in word for word in words)
    if asked.kind == "ClusterRole" and value is False:
        return any(word in key.lower() for word in ("global", "cluster", "createrole"))
    is_used = value is True and words[-1:] != [] and words[-1].startswith("use") and asked.kind.lower() in words[-1]
    return is_used and scenario.release not in asked.name


def _is_of_nobody(asked: AskedObject, after: Rendering) -> bool:
    """Tell whether what is missing is an account that went with the pods that ran as it: a binding grants nothing then.

    Its rendered role, and the binding, are others to tell.
    """
    read = (reference.name for resource in after.resources for reference in accounts(resource))
    return asked.kind == "ServiceAccount" and asked.name not in read


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
        if check.passed or not (check.is_omission or _is_chosen_beside(check, on) or _is_either_or(check, on))
    )
    yield from (check for check in told if check.passed or (check.template, check.path) not in known)


def _is_chosen_beside(check: Check, on: Rendering) -> bool:
    """Tell whether the port of a route or a monitor is a value beside a switch: `{enabled: true, port: traces}`.

    Who turns that on opens such a port, too.
    """
    resource = next((resource for resource in on.resources if resource.subject == check.subject), None)
    if resource is None or not resource.kind.endswith(_ASKING):
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


parts_fit_each_other.breaks(
    manifests=HEALTHY,
    the_route_leads_elsewhere=put("Ingress web", "spec.rules[0].http.paths[0].backend.service.port.number", 81),
)
