"""What who turns a switch brings: an object that is not there is then no fault of the chart."""

from __future__ import annotations

import re

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import leaves
from chartgate.kubernetes.links.existence import each_made
from chartgate.kubernetes.links.object_references import accounts
from chartgate.matrix.derivations.switch_turns import SWITCHES, turned_last
from chartgate.model import AskedObject, Check, Rendering, Scenario

from .leftovers import is_named, used_objects
from .switch_judges import is_of_existing

_OWN, _MADE, _MAKER = "ConfigMap", "Secret", "Certificate"
"""Nobody brings a ConfigMap so, and a Secret that this very release makes is not the user's own."""
_BROUGHT = (_OWN, _MADE, "PersistentVolumeClaim")
_NO_NAMES = ("", "None")
_WRITTEN_KEY = re.compile(r"(?<![\w.-])[\w.-]++(?=[\"']?+:)")
_ANY_KEYS = re.compile(r"\}\}[\"']?+:\s|\btoYaml\b|\btpl\b|\bAs(?:Config|Secrets)\b")
"""What prints keys that the template does not name."""
_OF_SECRETS = re.compile(r"secret|cred|auth|tls|cert|pass|token|key|account|login", re.IGNORECASE)
_IS_TLS = re.compile(r"(?:\A|\.)(?:enable|use)?(?:tls|ssl|https)(?:\.?enabled)?\Z", re.IGNORECASE)
_EXISTING = re.compile(r"existing|external|secretName|secretRef", re.IGNORECASE)


def made_for_nobody(before: Rendering, after: Rendering) -> bool:
    """Tell whether a Secret that comes with the switch is named by nothing: what a pod waits for may be meant to be it.

    It is rendered, or made by a controller; or it was there, and named.
    """
    read, were = used_objects(after), {resource.identity for resource in before.resources}
    named = used_objects(before)
    made = [(made, maker) for made, maker in each_made(after.resources) if made[0] == _MADE]
    secrets = (s for s in after.resources.of_kind(_MADE) if "/tests/" not in s.template)
    made += [((s.kind, s.name, s.namespace), s) for s in secrets]
    return any(
        this not in read and (maker.identity not in were or this in named) and not is_named(after, this[1], but=maker)
        for this, maker in made
    )


def is_gone_with_its_part(before: Rendering, after: Rendering, key: str) -> bool:
    """Tell whether a Secret went with a part that is off, of which no value says that users may bring one for it.

    Nobody brings a certificate where TLS itself is off.
    """
    *above, switch = steps(key) or [""]
    if _IS_TLS.search(key) and after.scenario.changes.get(key) is False:
        return _went(before, after)
    if not above or switch != SWITCHES[0] or after.scenario.changes.get(key) is not False or _OF_SECRETS.search(key):
        return False
    given = leaves(after.scenario.values)
    return _went(before, after) and not any(_EXISTING.search(address) for address, _ in given)


def _went(before: Rendering, after: Rendering) -> bool:
    were, are = ({s.identity for s in r.resources.of_kind(_MADE)} for r in (before, after))
    return bool(were - are)


def is_of_users(check: Check, after: Rendering, *, is_source: bool, unread: bool) -> bool:
    """Tell whether who turns the switch gives what is not there: a field, as the hosts of an Ingress, or an object.

    Args:
        check: that failed.
        after: with the switch turned.
        is_source: whether it is about a source of variables or of a volume.
        unread: see `made_for_nobody`.
    """
    if check.asked is None:
        return check.is_omission or _is_said_to_be_off(check, after)
    if is_source and _has_no_such_key(check.asked, str(check.expected).partition(" of ")[0], after):
        return False
    is_theirs = check.asked.kind in _BROUGHT and (is_of_existing(after.scenario) or _is_empty_yet(check.asked, after))
    if check.asked.name in _NO_NAMES:  # an empty `existingSecret` is for the one that is made then
        return not unread or check.asked.kind != _MADE
    if is_theirs or _names_it(check.asked, after.scenario):
        return True
    if is_source:
        return _is_a_source(check.asked, after, unread=unread)
    is_own = check.asked.kind == _OWN and _is_a_source(check.asked, after, unread=unread)
    return is_own or _is_with_it(check.asked, after.scenario) or _is_of_nobody(check.asked, after)


def _has_no_such_key(asked: AskedObject, key: str, after: Rendering) -> bool:
    """Tell whether the release makes the object, and its template has no such key there, whatever the values."""
    for made in after.resources.named(*asked):
        keys = [f"{name}:" for data in ("data", "stringData") for name, _ in (made / data).entries()]
        text = after.chart.own_template(made.template)
        objects = [one for one in text.split("apiVersion:") if keys and all(name in one for name in keys)]
        if objects and not any(key in _WRITTEN_KEY.findall(one) or _ANY_KEYS.search(one) for one in objects):
            return True
    return False


def _is_said_to_be_off(check: Check, after: Rendering) -> bool:
    """Tell whether a variable beside another one says that its part is off: `WITH_CACHE: "false"`, `CACHE_URL`."""
    key, value = turned_last(after.scenario)
    part = (steps(key) or [""])[:-1][-1:]
    resource = next((r for r in after.resources if r.subject == check.subject), None)
    *above, last = steps(check.path) or [""]
    beside = map_of(resource.at(join(*above))) if resource and above else {}
    is_of_it = value is False and part != [] and part[0].lower() in last.lower()
    return is_of_it and any(part[0].lower() in str(k).lower() and str(v).lower() == "false" for k, v in beside.items())


def _is_empty_yet(asked: AskedObject, after: Rendering) -> bool:
    """Tell whether a template makes such an object of a text beside the switch that is empty: its user gives that."""
    key, value = turned_last(after.scenario)
    *above, _ = steps(key) or [key]
    beside = map_of(lookup(after.scenario.values, join(*above))) if above and value is True else {}
    empty = [(*above, str(other)) for other, given in beside.items() if given == ""]
    decides = {use.path for use in all_uses(after.chart) if use.action.word in ("if", "with")}.intersection(empty)
    # What is made while the text is empty is there, be it by another name.
    there = {resource.template.partition("/")[2] for resource in after.resources.of_kind(asked.kind)}
    templates = after.chart.templates.items()
    made = [text for name, text in templates if f"kind: {asked.kind}" in text and name not in there]
    return any(f".Values.{join(*path)}" in text for path in decides for text in made)


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
