"""Kinds: where a value says which kind the pods are of, each kind takes the settings that the others take."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.template_texts.key_readers import all_uses, paths_behind
from chartgate.charts.template_texts.template_reads import Path
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.matrix.derivations.switch_turns import of_other_kinds, turned
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from ..filled import text_of

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web}]}}}
"""
_KINDS = ("Deployment", "StatefulSet", "DaemonSet")
_WORDS = """
extraVolumes extraVolumeMounts extraEnv extraEnvs extraEnvVars extraEnvFrom env envFrom nodeSelector tolerations
affinity hostAliases dnsConfig priorityClassName runtimeClassName schedulerName terminationGracePeriodSeconds
imagePullSecrets podAnnotations podLabels podSecurityContext securityContext containerSecurityContext resources
lifecycle livenessProbe readinessProbe startupProbe extraContainers sidecars extraInitContainers initContainers
"""
_SETTINGS = frozenset(_WORDS.lower().split())
"""What keys are called whose values are for pods of any kind."""
_ALL = re.compile(r"\.Values(?![.\w])")
_MOST = 6


def _other_kinds(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    yield from of_other_kinds(scenarios)
    yield from turned(scenarios)


@policy(
    over=_other_kinds,
    severity="warning",
    remediation="Write the pod template once, as a named template that the workload of each kind includes.",
)
def other_kinds_take_the_same_settings(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Where a value makes pods of another kind, their template reads the settings that the other one reads.

    A StatefulSet in place of a Deployment, by a template of its own: what was added to the one is forgotten in the
    other, and the volumes, variables or tolerations of a user have no effect then.
    Source: https://github.com/helm/charts/issues/17544
    """
    if before.error or after.error:
        return
    gone = [r for r in before.resources if r.kind in _KINDS and not after.resources.named(r.kind, r.name, r.namespace)]
    for new in after.resources:
        if new.kind in _KINDS and not before.resources.named(new.kind, new.name, new.namespace):
            for old in (old for old in gone if old.template != new.template and _is_the_same(old, new)):
                lost = sorted(join(*path) for path in _lost(old, new, after))
                passed = not lost
                expected = f"reads what the {old.kind} in {old.template} reads"
                actual = "as there" if passed else f"nothing reads {listed(lost, _MOST)}"
                yield states(new / "spec" / "template", passed, expected=expected, actual=actual)


def _is_the_same(old: Resource, new: Resource) -> bool:
    names = [{container.name for container in containers_if_any(each)} for each in (old, new)]
    return names[0] == names[1] and old.namespace == new.namespace


def _lost(old: Resource, new: Resource, after: Rendering) -> Iterator[Path]:
    """Give the settings of pods that the template of the one reads, and that of the other does not."""
    if _ALL.search(text_of(after, new.template)):
        return  # whatever is made of them
    uses = all_uses(after.chart)
    before, now = (paths_behind([each.template], uses, after.chart) for each in (old, new))
    for path in before - now:
        is_known = lookup(after.scenario.values, join(*path)) is not ABSENT
        if path[-1].lower() in _SETTINGS and is_known and not any(path[: len(other)] == other for other in now):
            yield path


@other_kinds_take_the_same_settings.counterexample(manifests=HEALTHY)
def the_stateful_set_lacks_the_volumes(before: Rendering, after: Rendering) -> list[Rendering]:
    [web] = before.resources
    other = dataclasses.replace(
        web, manifest={**web.manifest, "kind": "StatefulSet"}, template="web/templates/statefulset.yaml"
    )
    web = dataclasses.replace(web, template="web/templates/web.yaml")
    values: dict[str, Any] = {"extraVolumes": []}
    texts = {"templates/web.yaml": "{{ toYaml .Values.extraVolumes }}", "templates/statefulset.yaml": "kind: a"}
    chart = dataclasses.replace(after.chart, name="web", templates=texts, own_values=values, defaults=values)
    scenario = dataclasses.replace(after.scenario, values=values)
    return [
        dataclasses.replace(before, resources=type(before.resources)([web])),
        dataclasses.replace(after, resources=type(after.resources)([other]), chart=chart, scenario=scenario),
    ]
