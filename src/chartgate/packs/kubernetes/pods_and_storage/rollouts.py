"""Rollouts: what pods read as they start reaches them when it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from chartgate.charts.template_texts.marks import mark_of, scalars_of, unmarked
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.addresses import join
from chartgate.documents.json_documents.equality import same
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.contents import readable_texts
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.fixed_sources import KEEPING_PODS, fixed_sources, is_reloaded
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.matrix.derivations.derived import fullest
from chartgate.matrix.derivations.marked_values import MARKED, marked_cases, marks_of, told_of
from chartgate.matrix.derivations.reconfigured import (
    CHANGED,
    CONTENT,
    further,
    is_marked_case,
    shown_marks,
    startup_reads,
)
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Case, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import in_each, in_first, of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {LEVEL: info, web.conf: "level info"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login}, data: {password: aW5mbw==}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {checksum/config: "1f"}}
    spec:
      containers:
        - name: web
          envFrom: [{configMapRef: {name: settings}}]
          env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}]
          volumeMounts: [{name: settings, mountPath: /etc/web.conf, subPath: web.conf}]
      volumes: [{name: settings, configMap: {name: settings}}]
"""


def given_and_marked(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give all scenarios as one case, and those with marks: with every switch on, only where pods then read more."""
    if len(scenarios) > 1:
        yield Case("given", tuple(scenarios), "where all scenarios are compared")
    yield from marked_cases(scenarios)
    if (base := fullest(scenarios)) and (on := all_on(scenarios)):
        yield Case(f"{on.name}.{MARKED}", (on, base), "where every switch is on, and values are marked")


@policy(
    over=given_and_marked,
    explores=further,
    severity="error",
    remediation="Put a checksum of what the pods read into an annotation of the pod template"
    " (https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments), or let a reloader watch it.",
)
def changed_configuration_reaches_its_pods(*renderings: Rendering) -> Iterator[Check]:
    """Where a value changes a ConfigMap or Secret that pods read as they start, their pod template changes as well.

    Variables (`env`, `envFrom`), files that are mounted by `subPath` and those that only an init container sees never
    change in a running pod: after an upgrade it works on with the old ones, until something else restarts it. Judged
    between the given scenarios, and by marked values of each such object alone: variables only where a checksum or a
    reloader shows that the chart means to restart its pods. A mounted volume is updated, and a Job's next run reads
    everything anew. Source:
    https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
    """
    judge = _by_marks if is_marked_case(renderings) else _by_scenarios
    found: dict[tuple[str, str, str], list[Check]] = {}
    for key, check in judge(renderings):
        found.setdefault(key, []).append(check)
    for checks in found.values():
        yield next((check for check in checks if not check.passed), checks[0])


_Key = tuple[str, str, str]
"""Which workload reads which object."""


def _by_marks(renderings: Sequence[Rendering]) -> Iterator[tuple[_Key, Check]]:
    """Compare the scenario with those in which only what pods read as they start is marked."""
    base = renderings[0]
    for rendering in renderings[1:]:
        if rendering.error or f".{CHANGED}-" not in rendering.scenario.name:
            continue
        known = marks_of(rendering)
        for workload, reference, marks in startup_reads(rendering):
            for before in base.resources.named(workload.kind, workload.name, workload.namespace):
                if marks and not shown_marks(workload) & known.keys():
                    is_same = _are_same_pods(before, workload, reference, rendering)
                    check = _follows(reference, sorted(known[mark] for mark in marks), is_same=is_same)
                    yield _key(workload, reference), told_of(base, check)


def _are_same_pods(before: Resource, after: Resource, reference: Reference, rendering: Rendering) -> bool:
    """Tell whether two pod templates are the same but for checksums of other files, which are others each time."""
    made_by = {r.template for r in rendering.resources.named(reference.kind, reference.name, reference.namespace)}
    sums = calls_of(rendering.chart).sums_by_chance(after.template)
    ignored = {key for key, _ in sums} - {key for key, file in sums if file in made_by}
    one, two = ({**map_of(template_if_any(workload).value)} for workload in (before, after))
    for template in (one, two) if ignored else ():
        metadata = map_of(template.get("metadata"))
        annotations = {k: v for k, v in map_of(metadata.get("annotations")).items() if k not in ignored}
        template["metadata"] = {**metadata, "annotations": annotations}
    return same(one, two)


def _by_scenarios(renderings: Sequence[Rendering]) -> Iterator[tuple[_Key, Check]]:
    """Compare the given scenarios in which a workload has the same pod template."""
    alike: dict[str, list[tuple[Rendering, Resource]]] = {}
    for rendering in renderings:
        scenario = rendering.scenario
        for workload in rendering.resources.of_kind(*KEEPING_PODS):
            if not is_hook(workload) and any(True for _ in fixed_sources(workload)):
                cluster = scenario.release, scenario.kube_version, scenario.api_versions
                what = (workload.identity, *cluster, template_if_any(workload).value)
                alike.setdefault(json.dumps(what, sort_keys=True, default=str), []).append((rendering, workload))
    for (first, workload), *others in alike.values():
        for reference in fixed_sources(workload):
            if not is_reloaded(workload, reference.kind, reference.name):
                key, was = _key(workload, reference), _content(first, reference)
                for other, _ in others if was else ():
                    keys = _keys_between(first, other, was, _content(other, reference))
                    yield key, _follows(reference, keys, is_same=bool(keys)).of(other.scenario.name)


def _content(rendering: Rendering, reference: Reference) -> dict[str, str]:
    """Give the texts of what a workload reads, by key."""
    return {
        keys[1]: text
        for source in rendering.resources.named(reference.kind, reference.name, reference.namespace)
        for keys, text in readable_texts(source)
        if len(keys) == 2 and keys[0] in CONTENT and keys[1] != text and reference.key in ("", keys[1])
    }


def _keys_between(one: Rendering, two: Rendering, was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Give the values that differ between two scenarios, and by which what is read differs; what is random does not."""
    different = [(text, now[key]) for key, text in was.items() if key in now and now[key] != text]
    if not different:
        return []
    values = [dict(scalars_of(rendering.scenario.values)) for rendering in (one, two)]
    return [
        join(*keys)
        for keys, old in values[0].items()
        if isinstance(old, str | int)
        and old != ""
        and not same(old, new := values[1].get(keys))
        and isinstance(new, str | int)
        and new != ""
        and any(_has(before, old) and _has(after, new) and not _has(after, old) for before, after in different)
    ]


def _has(text: str, value: str | int) -> bool:
    """Tell whether a text has a value as words of its own."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    start = text.find(written)
    while start >= 0:
        around = text[max(start - 1, 0) : start] + text[start + len(written) : start + len(written) + 1]
        if not any(character.isalnum() for character in around):
            return True
        start = text.find(written, start + 1)
    return False


def _key(workload: Resource, reference: Reference) -> _Key:
    return str(workload.identity), reference.kind, reference.name


def _follows(reference: Reference, keys: Sequence[str], *, is_same: bool) -> Check:
    what = f"{reference.kind} {unmarked(reference.name)}"
    check = states(
        reference.place,
        not is_same,
        expected=f"another pod template where {', '.join(keys)} changes {what}",
        actual="the same pod template: pods that run keep what they have read" if is_same else "another one",
    )
    return with_cause(check, what)


_MARKED = of_scenario(name=f"literal.{CHANGED}-1", values={"level": mark_of("level")}, is_trial=True)
# What changes for the pods is said at the workload that reads it.
_OF_WEB = put("Deployment web", "metadata.annotations.seen", "yes")
changed_configuration_reaches_its_pods.breaks(
    manifests=HEALTHY,
    no_checksum_of_variables=(_OF_WEB, put("ConfigMap settings", "data.LEVEL", mark_of("level")), _MARKED),
    no_checksum_of_a_secret=(_OF_WEB, put("Secret login", "stringData.password", mark_of("level")), _MARKED),
    no_checksum_of_a_file=(
        _OF_WEB,
        in_each(put("Deployment web", "spec.template.spec.containers[web].envFrom", [])),
        put("ConfigMap settings", "data[web.conf]", f"level {mark_of('level')}"),
        _MARKED,
    ),
    two_scenarios_with_the_same_template=(
        _OF_WEB,
        put("ConfigMap settings", "data.LEVEL", "debug"),
        in_first(of_scenario(values={"level": "info"})),
        of_scenario(values={"level": "debug"}),
    ),
)
