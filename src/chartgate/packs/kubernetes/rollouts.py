"""Rollouts: what pods read as they start reaches them when it changes."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from chartgate.charts.marks import mark_of, scalar_texts, scalars_of, unmarked, written_marks
from chartgate.documents.addresses import join, steps
from chartgate.documents.equality import same
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.contents import readable_texts
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.fixed_sources import fixed_sources, is_reloaded
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.matrix.marked_values import marked_cases, marks_of, narrowed, only, told_of
from chartgate.model import Case, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import Edit, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {LEVEL: info, web.conf: "level info"}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
data: {password: aW5mbw==}
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
_KINDS = ("Deployment", "StatefulSet", "DaemonSet")
"""What keeps its pods until their template changes; a Job's next run, or a hook's, reads everything anew."""
_FEWEST, _MOST = 3, 6
"""Renderings of one scenario in which what pods read is changed: more than a few only for as many objects."""
CHANGED = "reconfigured"
_CHECKSUM = re.compile(r"checksum|sha[0-9]|hash", re.IGNORECASE)
_CONTENT = ("data", "stringData")


class _Read(NamedTuple):
    """What a workload reads as its pods start, and the marks in it."""

    workload: Resource
    reference: Reference
    marks: frozenset[str]


def _reads(rendering: Rendering) -> Iterator[_Read]:
    """Give what workloads read of the release, each object once; not what a controller watches for them."""
    known = marks_of(rendering).keys()
    for workload in rendering.resources.of_kind(*_KINDS):
        found: dict[tuple[str, str], _Read] = {}
        for reference in () if is_hook(workload) else fixed_sources(workload):
            kind, name = reference.kind, reference.name
            if is_reloaded(workload, kind, name):
                continue
            for source in rendering.resources.named(kind, name, reference.namespace):
                before = found.get((kind, name), _Read(workload, reference, frozenset()))
                found[kind, name] = before._replace(marks=before.marks | (_marks_in(source, reference.key) & known))
        yield from found.values()


def _marks_in(source: Resource, key: str) -> set[str]:
    """Give what may be a mark in the content of a ConfigMap or a Secret, or in one key of it."""
    return {
        mark
        for keys, text in readable_texts(source)
        if keys[0] in _CONTENT and (not key or keys[1:2] == (key,))
        for mark, _ in written_marks(text)
    }


def further(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what else to render: fewer marks where helm refuses them, then only marks in what pods read as they start.

    In each of a few renderings, for each workload, a key that one of these objects has: another object or another
    section of the values each time, and none that the pod template shows itself.
    """
    if not _rolls_pods(renderings[0]) or not renderings[0].scenario.chart or not _is_marked_case(renderings):
        return []
    if more := narrowed(renderings):
        return more
    rounds: list[dict[str, Scenario]] = [{} for _ in range(_MOST)]
    for rendering in _accepted(renderings):
        for chosen in _chosen(rendering):
            for marks, address in zip(rounds, chosen, strict=False):
                marks[address] = rendering.scenario
    base = renderings[0].scenario
    return [only(base, f"{CHANGED}-{number}", marks) for number, marks in enumerate(rounds, 1) if marks]


def _accepted(renderings: Sequence[Rendering]) -> list[Rendering]:
    """Give the marked renderings of a case, besides those in which only some marks are left."""
    return [r for r in renderings[1:] if not r.error and f".{CHANGED}-" not in r.scenario.name]


def _chosen(rendering: Rendering) -> Iterator[list[str]]:
    """Give for each workload the keys that change what it reads, as many as there are rounds."""
    known = marks_of(rendering)
    reads = list(_reads(rendering))
    spread = Counter(mark for read in reads for mark in read.marks)
    for workload in {id(read.workload): read.workload for read in reads}.values():
        shown = _shown(workload)
        queues = [
            _by_section({known[mark]: spread[mark] for mark in read.marks - shown})
            for read in reads
            if read.workload is workload
        ]
        # One key of each object, and then a second one of each.
        turns = [address for turn in zip_longest(*queues) for address in turn if address]
        yield list(dict.fromkeys(turns))[: max(_FEWEST, len(queues))]


def _by_section(addresses: dict[str, int]) -> list[str]:
    """Give one key of each section of the values: that which the fewest workloads read."""
    found: dict[tuple[str, ...], str] = {}
    for address in sorted(addresses, key=lambda address: (addresses[address], address)):
        path = tuple(steps(address))
        found.setdefault(path[:-1] or path, address)
    return list(found.values())


def _shown(workload: Resource) -> set[str]:
    """Give what may be a mark in a pod template itself."""
    return {mark for _, text in scalar_texts(template_if_any(workload).value) for mark, _ in written_marks(text)}


def _is_marked_case(renderings: Sequence[Rendering]) -> bool:
    return any(rendering.scenario.is_trial for rendering in renderings)


def _rolls_pods(rendering: Rendering) -> bool:
    """Tell whether a chart means to restart its pods when what they read changes: by a checksum, or a reloader."""
    for workload in rendering.resources.of_kind(*_KINDS):
        annotations = map_of(template_if_any(workload).at("metadata.annotations"))
        if any(_CHECKSUM.search(str(key)) for key in annotations):
            return True
        if any(is_reloaded(workload, source.kind, source.name) for source in fixed_sources(workload)):
            return True
    return False


def given_and_marked(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give all scenarios as one case, and those with marks."""
    if len(scenarios) > 1:
        yield Case("given", tuple(scenarios))
    yield from marked_cases(scenarios)


@policy(
    over=given_and_marked,
    explores=further,
    severity="error",
    remediation="Put a checksum of what the pods read into an annotation of the pod template"
    " (https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments), or let a reloader watch it.",
)
def changed_configuration_reaches_its_pods(*renderings: Rendering) -> Iterator[Check]:
    """Where a value changes a ConfigMap or Secret that pods read as they start, their pod template changes as well.

    Variables (`env`, `envFrom`) and files that are mounted by `subPath` never change in a running pod: after an upgrade
    it works on with the old ones, until something else restarts it, and perhaps not all pods at once. Judged between
    the given scenarios, and, where a checksum or a reloader shows that the chart means to restart its pods, by marked
    values of each such object alone. A mounted volume is updated, and a Job's next run reads everything anew. Source:
    https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
    """
    judge = _by_marks if _is_marked_case(renderings) else _by_scenarios
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
        for workload, reference, marks in _reads(rendering):
            for before in base.resources.named(workload.kind, workload.name, workload.namespace):
                if marks and not _shown(workload) & known.keys():
                    is_same = same(template_if_any(before).value, template_if_any(workload).value)
                    check = _follows(reference, sorted(known[mark] for mark in marks), is_same=is_same)
                    yield _key(workload, reference), told_of(base, check)


def _by_scenarios(renderings: Sequence[Rendering]) -> Iterator[tuple[_Key, Check]]:
    """Compare the given scenarios in which a workload has the same pod template."""
    alike: dict[str, list[tuple[Rendering, Resource]]] = {}
    for rendering in renderings:
        scenario = rendering.scenario
        for workload in rendering.resources.of_kind(*_KINDS):
            if not is_hook(workload) and any(True for _ in fixed_sources(workload)):
                what = (workload.identity, scenario.release, scenario.kube_version, template_if_any(workload).value)
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
        if len(keys) == 2 and keys[0] in _CONTENT and keys[1] != text and reference.key in ("", keys[1])
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
    return states(
        reference.place,
        not is_same,
        expected=f"another pod template where {', '.join(keys)} changes {reference.kind} {unmarked(reference.name)}",
        actual="the same pod template: pods that run keep what they have read" if is_same else "another one",
    )


def _marked(before: Rendering, after: Rendering, *edits: Edit) -> tuple[Rendering, Rendering]:
    """Give two renderings of a chart, the second with a mark in the place of its value `level`."""
    for edit in edits:
        after = edit.apply(after)
    name = f"{before.scenario.name}.{CHANGED}-1"
    scenario = dataclasses.replace(after.scenario, name=name, values={"level": mark_of("level")}, is_trial=True)
    return before, dataclasses.replace(after, scenario=scenario)


_MARKED_LEVEL = put("ConfigMap settings", "data.LEVEL", mark_of("level"))
# What changes for the pods is said at the workload that reads it.
_OF_WEB = put("Deployment web", "metadata.annotations.seen", "yes")


@changed_configuration_reaches_its_pods.counterexample(manifests=HEALTHY)
def no_checksum_of_variables(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    return _marked(before, after, _OF_WEB, _MARKED_LEVEL)


@changed_configuration_reaches_its_pods.counterexample(manifests=HEALTHY)
def no_checksum_of_a_secret(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    return _marked(before, after, _OF_WEB, put("Secret login", "stringData.password", mark_of("level")))


@changed_configuration_reaches_its_pods.counterexample(manifests=HEALTHY)
def no_checksum_of_a_file(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    edits = (_OF_WEB, put("Deployment web", "spec.template.spec.containers[web].envFrom", []))
    before = edits[1].apply(before)
    return _marked(before, after, *edits, put("ConfigMap settings", "data[web.conf]", f"level {mark_of('level')}"))


@changed_configuration_reaches_its_pods.counterexample(manifests=HEALTHY)
def two_scenarios_with_the_same_template(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    after = put("ConfigMap settings", "data.LEVEL", "debug").apply(_OF_WEB.apply(after))
    one, two = (
        dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, values={"level": level}))
        for rendering, level in ((before, "info"), (after, "debug"))
    )
    return one, two
