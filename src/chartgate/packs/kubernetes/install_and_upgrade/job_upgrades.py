"""Job upgrades: a Job that runs once, or what is immutable, has another name as soon as its content is different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.charts.template_texts.marks import mark_of, scalar_texts, written_marks
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.immutable_fields import changed_for_ever
from chartgate.kubernetes.changes.lifecycle import is_hook, is_replaced
from chartgate.matrix.derivations.marked_values import (
    MARKED,
    kind_of_marks,
    marked_cases,
    marks_of,
    narrowed,
    only,
    told_of,
)
from chartgate.model import Case, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.policy import policy

from .gitops import neighbours

HEALTHY = """
apiVersion: batch/v1
kind: Job
metadata: {name: announce, annotations: {helm.sh/hook: post-upgrade}}
spec: {template: {spec: {containers: [{name: announce, image: "example.com/announce:1"}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate-1a2b3c4d}
spec: {template: {spec: {containers: [{name: migrate, image: "example.com/migrate:1"}]}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web-5e6f}, immutable: true, data: {level: info}}
"""
JOB = "Job migrate-1a2b3c4d"
ONE_KEY = "one-key"
"""How the names of scenarios end in which one key of a Job is marked, before their number."""
_MOST = 3
"""Keys of a Job whose name does change that are tried alone."""


def upgrades(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the pairs of which the second could be an upgrade of the first, and the marked cases."""
    yield from (Case(f"{before.name}..{after.name}", (before, after)) for before, after in neighbours(scenarios))
    yield from marked_cases(scenarios)


def one_key_each(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what else to render: what helm refused with fewer marks; then one key alone of a Job that got another name.

    A few of them, of different sections of the values, in the place of all.
    """
    base = renderings[0]
    if not any(_is_upgraded(job) for job in _frozen(base)) or not renderings[-1].scenario.is_trial:
        return []
    if more := narrowed(renderings):
        return more
    chosen: dict[str, Scenario] = {}
    for rendering in renderings[1:]:
        if kind_of_marks(base.scenario, rendering.scenario) and not rendering.error:
            names = {job.name for job in _frozen(base)}
            for job in _frozen(rendering):
                if _is_upgraded(job) and job.name not in names and not _counts_revisions(rendering, job):
                    sections = {address.rpartition(".")[0]: address for address in _marked_keys(rendering, job)}
                    chosen |= dict.fromkeys(list(sections.values())[:_MOST], rendering.scenario)
    keys = list(chosen.items())[: 2 * _MOST]
    return [only(base.scenario, f"{ONE_KEY}-{n}", {key: given}) for n, (key, given) in enumerate(keys, 1)]


def _frozen(rendering: Rendering) -> list[Resource]:
    """Give the Jobs, and the ConfigMaps and Secrets that say they are immutable."""
    resources = rendering.resources
    stored = [found for found in resources.of_kind("ConfigMap", "Secret") if found.at("immutable") is True]
    return [*resources.of_kind("Job"), *stored]


def _content(resource: Resource) -> Place[Resource]:
    """Give the place of what never changes in a Job, or in what is stored."""
    keys = ("spec.template", "data", "stringData", "binaryData")
    return next((place for place in map(resource.place, keys) if place.is_set), resource.place("data"))


def _is_upgraded(job: Resource) -> bool:
    """Tell whether an upgrade finds the Job of the version before: no hook, none that is replaced or cleaned up."""
    return not (is_hook(job) or is_replaced(job) or (job / "spec" / "ttlSecondsAfterFinished").is_set)


def _counts_revisions(rendering: Rendering, job: Resource) -> bool:
    """Tell whether each upgrade may make another Job, whatever the values are."""
    return any(".Revision" in action or "now" in action for action in calls_of(rendering.chart).behind(job.template))


def _marked_keys(rendering: Rendering, job: Resource) -> list[str]:
    """Give the keys whose marks are in the pod template of a Job, or in what is stored."""
    known = marks_of(rendering)
    texts = scalar_texts(_content(job).value)
    return sorted({known[mark] for _, text in texts for mark, _ in written_marks(text) if mark in known})


@policy(
    over=upgrades,
    explores=one_key_each,
    severity="error",
    remediation="Make it a hook with a delete policy, or put a hash of its content into its name.",
)
def jobs_can_be_upgraded(before: Rendering, *others: Rendering) -> Iterator[Check]:
    """A Job that is not a hook, and what is immutable, has another name as soon as its content is different.

    The pod template of a Job is immutable, and so is the content of a ConfigMap or Secret with `immutable: true`: an
    upgrade with other values would be refused; a name that follows only half of the content, the image but not the
    arguments, helps only half of the time. A hook is deleted before it is created again. Judged between scenarios of a
    matrix, and by marked values: all of them, then some keys alone.
    Sources: https://kubernetes.io/docs/concepts/workloads/controllers/job/ and
    https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
    """
    then = {resource.identity: resource for resource in _frozen(before)}
    for after in others:
        for job in _frozen(after):
            check = _judged(then.get(job.identity), job, before, after)
            yield told_of(before, check) if after.scenario.is_trial else check


def _judged(old: Resource | None, job: Resource, before: Rendering, after: Rendering) -> Check:
    template = _content(job)
    if is_hook(job) or is_replaced(job):
        return states(template, True, expected="a hook, or another name", actual="made anew")
    if not after.scenario.is_trial:
        changed = [address for address, *_ in changed_for_ever(old, template)] if old else []
        expected = f"the same as in {before.scenario.name}, or another name"
        return states(template, not changed, expected=expected, actual=changed or "the same")
    keys = _marked_keys(after, job)
    is_made_again = _counts_revisions(after, job) or calls_of(after.chart).is_for_installations(job.template)
    is_stuck = old is not None and bool(keys) and _is_upgraded(job) and not is_made_again
    shown = f"{', '.join(keys[:_MOST])}{', ...' if len(keys) > _MOST else ''}"
    actual = f"the same name, with other values of {shown}" if is_stuck else "so it is"
    return states(template, not is_stuck, expected="another name where the values change it", actual=actual)


_MARKED_LEVEL = of_scenario(name=f"literal.{MARKED}", values={"level": mark_of("level")}, is_trial=True)
jobs_can_be_upgraded.breaks(
    manifests=HEALTHY,
    another_image_under_the_same_name=put(JOB, "spec.template.spec.containers[migrate].image", "example.com/migrate:2"),
    a_label_of_the_pod_changes=put(JOB, "spec.template.metadata.labels[helm.sh/chart]", "two"),
    the_name_follows_no_argument=(
        put(JOB, "spec.template.spec.containers[migrate].args", [f"--level={mark_of('level')}"]),
        _MARKED_LEVEL,
    ),
    what_is_immutable_follows_a_value=(put("ConfigMap web-5e6f", "data.level", mark_of("level")), _MARKED_LEVEL),
)
