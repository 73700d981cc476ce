"""Repeatability: what is rendered twice of the same input is the same, or kept from the first time."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.template_texts.keys_made_anew import keys_made_anew
from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.charts.template_texts.template_calls import Calls, calls_of
from chartgate.documents.addresses import ABSENT, is_inside, join, lookup, steps
from chartgate.documents.walking import nodes
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotation_words, annotations_of, is_hook, is_kept
from chartgate.kubernetes.contents import stored
from chartgate.matrix.derivations.derived import chart_of, corners, fullest
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.chance import Chances, chances
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import gone, in_each, of_chart, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: Secret, metadata: {name: login}, stringData: {password: three-words-kept}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}, annotations: {checksum/config: "1f"}}
    spec: {containers: [{name: web}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: test, annotations: {helm.sh/hook: test}}}
"""
SAME = "the same when it is rendered again"
_MOST = 8
"""Scenarios that are rendered again; a chart may have dozens of files of values."""
_ANEW = 3
"""An attempt with new keys and certificates: what is derived is given fixed ones, at every other attempt as well."""
_PEM = ("-----BEGIN ", "LS0tLS1CRUdJTi")
"""How certificates and keys begin, as they are and in base64."""
_SALTED = re.compile(r"\$(?:2[abxy]|apr1|5|6)\$[\w./$]{8}")
"""Hashes of passwords: with another salt, they are others, and the password is the same."""
_GIVEN_OR_RANDOM = re.compile(
    r"""^[ \t]*+([\w.-]++):[ \t]*+["']?+\{\{-?[ \t]*+\$?\.Values((?:\.\w++)++)[ \t]*+\|[ \t]*+"""
    r"""default[ \t]*+\([ \t]*+rand\w""",
    re.MULTILINE,
)
"""A key whose value is the user's, or else another one each time."""
_CERTIFICATE, _REPLACED = "a certificate or key made anew each time", "; each upgrade replaces its pods"
_ONCE = frozenset(["pre-install", "post-install"])
_LASTING = ("Secret", "PersistentVolumeClaim", "Service", "Deployment", "StatefulSet", "DaemonSet")
"""What is there for as long as the release is; the rest may be for a Job of the installation."""


def rendered_again(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with the same ones, rendered again: the fullest one.

    Where a template calls chance, all corners, and the fullest one with every switch on.
    """
    if base := fullest(scenarios):
        may_differ = calls_of(chart_of(base)).may_differ
        others = corners(scenarios) if may_differ else []
        for scenario in {s.name: s for s in (base, *others[: _MOST - 1])}.values():
            yield scenario, scenario.again(1)
        if may_differ and (on := all_on(scenarios)):
            yield on, dataclasses.replace(on.again(_ANEW), is_derived=False)


@policy(
    over=rendered_again,
    severity="error",
    remediation="Keep what is there: `lookup` the Secret and take its value, or let the user name one that exists.",
)
def generated_secrets_are_kept(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A secret that the chart makes up is made up once: an upgrade finds it by `lookup` and leaves it as it is.

    Otherwise each upgrade has another password, and what was set up with the first one no longer lets anybody in.
    Shown by rendering the same input twice. There, `lookup` finds nothing, so that a template that asks for Secrets
    by it (or what it includes does) is taken at its word, but for a key that it makes up straight away. So is one told
    that each file in ci/ gives, and that is random where it is empty. A Secret of a hook of the installation is made
    once; certificates, keys and salted hashes are a warning of the next policy. Source:
    https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
    """
    calls, different = calls_of(before.chart), _different(before, after)
    for secret in before.resources.of_kind("Secret"):
        found = [a for a in different(secret) if _is_content(a) and not _may_be_others(lookup(secret.manifest, a))]
        addresses = found if found and not _is_kept(secret, calls) else _made_anew(secret, found, calls)
        addresses = addresses or _made_where_empty(secret, before.chart, calls)
        passed = not addresses
        keys = listed([".".join(steps(address)[1:]) for address in addresses], 6)
        yield states(
            secret.place(addresses[0] if addresses else ""),
            passed,
            expected=SAME if not addresses else "made once, and found by `lookup` from then on",
            actual=SAME
            if passed
            else f"{keys}: another value at each upgrade, and nothing looks up the one that is there",
        )


@policy(
    over=rendered_again,
    severity="warning",
    remediation="Leave out what is random or the time of day; sort `keys` and `values` by `sortAlpha`.",
)
def same_input_gives_the_same_output(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What is rendered twice of the same input is the same.

    What differs is changed at every upgrade, though nobody changed anything: pods are replaced, and a GitOps tool
    that renders every few minutes never comes to rest. Hooks, which are made anew each time, may differ, and so may
    what a template keeps by `lookup`; the checksum of a Secret that differs is not told again, nor is its certificate
    in a webhook. Source: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#random-data
    """
    calls, different = calls_of(before.chart), _different(before, after)
    stored = [r for r in before.resources.of_kind("Secret", "ConfigMap") if any(map(_is_content, different(r)))]
    stored = [r for r in stored if not _is_made_once(r, calls)]  # what follows from others does not follow from it
    for resource in before.resources:
        addresses = _without_kept(resource, different(resource), calls) | set(_times(resource, calls))
        found = [a for a in sorted(addresses) if not _is_told(resource, a) and not (stored and _follows(a))]
        passed = not found or _is_made_once(resource, calls) or is_hook(resource)
        expected, actual = SAME, SAME if passed else _what_differs(resource, found)
        check = states(resource.place(found[0] if found else ""), passed, expected=expected, actual=actual)
        # Certificates of one authority are made by one template, and pods are replaced by one habit.
        yield with_cause(check, str(actual).partition(":")[0] if _is_of_several(actual) else "")


def _is_of_several(actual: str) -> bool:
    return actual.startswith(_CERTIFICATE) or actual.endswith(_REPLACED)


def _different(before: Rendering, after: Rendering) -> Any:
    """Give what gives the addresses in an object that differ."""
    found: Chances = chances(before, [after], lambda resource: resource.manifest)

    def different(resource: Resource) -> list[str]:
        return sorted(found[id(resource)].values) if id(resource) in found else []

    return different


def _times(resource: Resource, calls: Calls) -> Iterator[str]:
    """Give the addresses under which the template prints the time, which may have been the same one twice.

    And those in the metadata of pods that last under which it prints the number of the revision.
    """
    keys = calls.keys_of_time(resource.template)
    counted = calls.keys_of_revision(resource.template) if resource.kind in _LASTING else ()
    for path, value in nodes(resource.manifest) if keys or counted else ():
        if path and isinstance(value, str | int | float):
            is_of_pods = path[:3] == ("spec", "template", "metadata")
            if path[-1] in keys or (is_of_pods and path[-1] in counted):
                yield join(*path)


def _is_told(resource: Resource, address: str) -> bool:
    """Tell whether a difference is one that the other policy tells."""
    return resource.kind == "Secret" and _is_content(address) and not _may_be_others(lookup(resource.manifest, address))


def _is_content(address: str) -> bool:
    return steps(address)[:1] in (["data"], ["stringData"], ["binaryData"])


def _may_be_others(value: Any) -> bool:
    """Tell whether a text is, or holds, a certificate, a key or a salted hash: another one is as good."""
    return _is_pem(value) or (isinstance(value, str) and _SALTED.search(_decoded(value)) is not None)


def _is_pem(value: Any) -> bool:
    return isinstance(value, str) and any(begin in value for begin in _PEM)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text


def _follows(address: str) -> bool:
    """Tell whether a difference may follow from that of a Secret or ConfigMap: a checksum, or a certificate's copy."""
    keys = steps(address)
    return keys[-1] == "caBundle" or (
        "annotations" in keys and any(w in keys[-1].lower() for w in ("sum", "hash", "sha"))
    )


def _without_kept(resource: Resource, addresses: Sequence[str], calls: Calls) -> set[str]:
    """Leave out what may be kept: but for Secrets, not what the very template makes anew."""
    if not _is_kept(resource, calls):
        return {*addresses}
    anew = keys_made_anew(calls.sources.get(resource.template, "")) if resource.kind != "Secret" else ()
    return {address for address in addresses if steps(address)[-1] in anew}


def _is_kept(resource: Resource, calls: Calls) -> bool:
    """Tell whether an object is made once, or its template looks up what is there."""
    looked_up = calls.looks_up(resource.template)
    return _is_made_once(resource, calls) or bool(looked_up & {"", "Secret", "ConfigMap", resource.kind})


def _is_made_once(resource: Resource, calls: Calls) -> bool:
    """Tell whether an object is for the installation only."""
    events = annotation_words(resource, "helm.sh/hook")
    is_left = annotations_of(resource).get("helm.sh/resource-policy") == "keep"
    return bool(events and _ONCE.issuperset(events)) or (is_left and calls.asks_whether_it_installs(resource.template))


def _made_anew(secret: Resource, addresses: Sequence[str], calls: Calls) -> list[str]:
    """Give those of the addresses whose key is made anew beside others that are looked up."""
    if not addresses or _is_made_once(secret, calls):
        return []
    text = calls.sources.get(secret.template, "")
    anew, keys = keys_made_anew(text), {address: steps(address)[-1] for address in addresses}
    return [a for a in addresses if keys[a] in anew or ("" in anew and f"{keys[a]}:" not in text)]


def _made_where_empty(secret: Resource, chart: Chart, calls: Calls) -> list[str]:
    """Give what is made up, and by no `lookup`, where a value is empty, as it is unless a file of ci/ gives it."""
    if _is_made_once(secret, calls) or is_hook(secret) or "/charts/" in secret.template:
        return []
    text = without_comments(calls.sources.get(secret.template, ""))
    made = keys_made_anew(text) & {
        found[1] for found in _GIVEN_OR_RANDOM.finditer(text) if _is_empty(chart, found[2][1:])
    }
    return [join(field, key) for field, key, _ in stored(secret) if key in made]


def _is_empty(chart: Chart, address: str) -> bool:
    return lookup(chart.own_values, address) in (ABSENT, None, "")


def _what_differs(resource: Resource, addresses: Sequence[str]) -> str:
    if "metadata.name" in addresses:
        return "another name each time: each upgrade deletes the object and makes another one"
    if any(_is_pem(lookup(resource.manifest, address)) for address in addresses):
        return f"{_CERTIFICATE}: {listed(addresses, 6)}"
    pods = [address for address in addresses if is_inside(address, "spec.template")]
    effect = _REPLACED if pods and resource.kind != "Job" else ""
    return f"another value each time: {listed(addresses, 6)}{effect}"


_GIVEN = "stringData:\n  password: {{ .Values.password | default (randAlphaNum 9) }}\n"
generated_secrets_are_kept.breaks(
    manifests=HEALTHY,
    another_password=put("Secret login", "stringData.password", "three-words-other"),
    another_one_where_nobody_gives_it=(
        in_each(put("Secret login", "stringData.password", "given")),
        in_each(of_chart(templates={"templates/all.yaml": _GIVEN}, own_values={})),
    ),
)
same_input_gives_the_same_output.breaks(
    manifests=HEALTHY,
    the_time_in_an_annotation=put("Deployment web", "spec.template.metadata.annotations.at", "2026-01-02T03:04:05Z"),
    a_name_at_random=put("Deployment web", "metadata.name", "web-x7f2"),
)


def upgraded(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with its upgrade, where a template asks which of both it is."""
    if (base := fullest(scenarios)) and calls_of(chart_of(base)).asks_whether_it_upgrades:
        yield base, base.as_upgrade()


@policy(
    over=upgraded,
    severity="error",
    remediation="Render it in upgrades as well, annotate it with `helm.sh/resource-policy: keep`, or make it a hook.",
)
def upgrades_delete_nothing_that_was_installed(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What lasts is not rendered at the installation alone: Helm deletes what an upgrade no longer renders.

    `if .Release.IsInstall` around a Secret is to keep its first password, and loses it at the first upgrade. Hooks and
    what is kept by annotation stay, and so may what a template looks up; what goes together with a Job is that Job's.
    Source: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
    """
    calls, there = calls_of(before.chart), {resource.identity for resource in after.resources}
    lost = [] if after.error else [each for each in before.resources if each.identity not in there]
    is_of_a_job = any(each.kind in ("Job", "CronJob") for each in lost)
    for resource in before.resources.of_kind(*_LASTING):
        is_free = is_hook(resource) or is_kept(resource) or bool(calls.looks_up(resource.template))
        passed = resource not in lost or is_free or is_of_a_job
        told = "there" if passed else "not rendered in an upgrade: Helm deletes what it installed"
        yield states(resource.place(), passed, expected="rendered in an upgrade as well", actual=told)


upgrades_delete_nothing_that_was_installed.breaks(
    manifests=HEALTHY, a_secret_of_the_installation_alone=gone("Secret login")
)
