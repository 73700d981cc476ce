"""Hook upgrades: what runs before an upgrade comes with what only it needs, and what hooks made is taken away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.kubernetes.changes.install_order import helm_events
from chartgate.kubernetes.links.object_references import Reference, accounts, variable_sources, volume_sources
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.chance import chances
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

from ..filled import text_of
from .hook_order import provider_classes, store
from .repeatability import rendered_again

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts, annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-weight: "-1"}}
data: {migrate.sql: "select 1"}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: idle}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: idle}}
---
{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: vault}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: first, annotations: {helm.sh/hook: pre-install}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
spec:
  template:
    spec:
      serviceAccountName: web
      containers: [{name: migrate, envFrom: [{secretRef: {name: given}}]}]
      volumes: [{name: scripts, configMap: {name: scripts}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {serviceAccountName: web, containers: [{name: web}]}}}
"""
_CHANCE = re.compile(r"\b(?:rand\w++|gen[A-Z]\w++|uuidv4|htpasswd|derivePassword|lookup)\b")
_EARLY, _ONCE = frozenset(["pre-upgrade", "pre-rollback"]), frozenset(["pre-install", "post-install"])
_Key = tuple[str, str, str]


@policy(
    severity="warning",
    remediation="Make what the hook needs a hook of the same event, with a lower weight.",
)
def upgrade_hooks_bring_what_they_need(rendering: Rendering) -> Iterator[Check]:
    """What nobody but pre-upgrade hooks refers to, a ConfigMap of scripts or an account, is a hook as they are.

    Before the upgrade, the release is still that of the last version: the hook runs the old scripts, and where the
    last version had none, the upgrade fails. So it does where what they need is a hook of the installation alone, which
    no upgrade makes or changes; a Secret that chance has a part in is meant to stay.
    Source: https://helm.sh/docs/topics/charts_hooks/#the-available-hooks
    """
    resources = rendering.resources
    users: dict[_Key, list[tuple[Resource, Reference]]] = defaultdict(list)
    for workload in workloads(resources):
        for of in (accounts, variable_sources, volume_sources, provider_classes):
            for reference in of(workload):
                users[reference.kind, reference.name, reference.namespace].append((workload, reference))
    for (kind, name, namespace), using in users.items():
        # After the installation, what is part of the release is there; at the first upgrade, it is the old one.
        early_events = _EARLY | {"post-install"} if kind == "ConfigMap" else _EARLY
        is_early = all(set(helm_events(user)) and set(helm_events(user)) <= early_events for user, _ in using)
        for found in resources.named(kind, name, namespace):
            events = set(helm_events(found))
            is_first = bool(events) and events <= _ONCE and not _is_made_by_chance(found, rendering)
            asking = _EARLY | {"post-upgrade"} if is_first else _EARLY
            if early := [reference for workload, reference in using if set(helm_events(workload)) & asking]:
                passed = (not is_early or bool(events) or using[0][1].optional) and not is_first
                which = "a hook of the installation alone" if is_first else "part of the release"
                actual = f"{found.identity.label} is {which}: it is that of the last version then"
                expected = f"{found.identity.label} is a hook, too, or somebody else needs it"
                yield states(early[0].place, passed, expected=expected, actual="so it is" if passed else actual)


def _is_made_by_chance(resource: Resource, rendering: Rendering) -> bool:
    return _CHANCE.search(text_of(rendering, resource.template)) is not None


upgrade_hooks_bring_what_they_need.breaks(
    manifests=HEALTHY,
    the_scripts_are_those_of_the_last_version=put(
        "Job migrate", "spec.template.spec.volumes[scripts].configMap.name", "idle"
    ),
    the_account_is_made_at_the_installation_alone=put("Job migrate", "spec.template.spec.serviceAccountName", "first"),
    what_is_made_once_is_for_later_hooks_too=(
        put("Job migrate", "metadata.annotations[helm.sh/hook]", "post-install,post-upgrade"),
        put("Job migrate", "spec.template.spec.serviceAccountName", "first"),
    ),
    nobody_else_has_this_account=put("Job migrate", "spec.template.spec.serviceAccountName", "idle"),
    the_store_is_that_of_the_last_version=put("Job migrate", "spec.template.spec.volumes[scripts]", store("vault")),
    it_runs_after_the_installation_as_well=(
        put("Job migrate", "metadata.annotations[helm.sh/hook]", "post-install,pre-upgrade"),
        put("Job migrate", "spec.template.spec.volumes[scripts].configMap.name", "idle"),
    ),
)


_AGAIN = frozenset(["pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "test"])
_FIRST = frozenset(["pre-install", "post-install", "pre-upgrade", "post-upgrade"])
_ENDS = ("Job", "Pod")
_BEFORE, _SUCCEEDED, _FAILED = "before-hook-creation", "hook-succeeded", "hook-failed"


@policy(
    judges=each(),
    severity="error",
    remediation="Add before-hook-creation to the delete policy, or leave it out, which means the same.",
)
def hooks_can_be_made_again(resource: Resource) -> Iterator[Check]:
    """What a hook made once is gone when it is made the next time; a warning where it stays only if it failed.

    With `helm.sh/hook-delete-policy: hook-failed` alone, what succeeded stays, and the next upgrade fails: it already
    exists. With `hook-succeeded` alone, a Job that failed stays, and the next try is refused.
    Source: https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies
    """
    place = resource.place("metadata.annotations[helm.sh/hook-delete-policy]")
    words, events = {word.strip() for word in place.text.split(",")}, set(helm_events(resource))
    if place.text.strip() and events & _AGAIN:
        yield states(place, bool(words & {_BEFORE, _SUCCEEDED}), expected=f"one of {_BEFORE}, {_SUCCEEDED}")
    if place.text.strip() and events & _FIRST and resource.kind in _ENDS:
        passed = bool(words & {_BEFORE, _FAILED}) or _SUCCEEDED not in words
        yield states(place, passed, expected=f"{_BEFORE}, or {_FAILED} as well", severity="warning")


hooks_can_be_made_again.breaks(
    manifests="{apiVersion: batch/v1, kind: Job, metadata: {name: migrate, annotations: {helm.sh/hook: post-upgrade,"
    " helm.sh/hook-delete-policy: before-hook-creation}}}",
    only_what_failed_goes=put("Job migrate", "metadata.annotations[helm.sh/hook-delete-policy]", "hook-failed"),
    only_what_succeeded_goes=put("Job migrate", "metadata.annotations[helm.sh/hook-delete-policy]", "hook-succeeded"),
)


_NUMBERS = re.compile(r"[0-9]{6}")
"""What a name has of the time."""


@policy(
    over=rendered_again,
    severity="warning",
    remediation="Give the hook one name, or add hook-succeeded to its delete policy, or give the Job a"
    " ttlSecondsAfterFinished.",
)
def hooks_of_new_names_are_taken_away(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A hook whose name is another one each time is deleted once it is done.

    Before it makes a hook, Helm deletes the last one of the same name only: with a name at random, of the time or of
    the revision, each upgrade leaves one more behind, and its pod. That of a test is left for whoever reads its log.
    Source:
    https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies
    """
    different, calls = chances(before, [after], lambda resource: resource.manifest), calls_of(before.chart)
    for hook in before.resources:
        if set(helm_events(hook)) & (_FIRST | _AGAIN) - {"test"}:
            is_random = id(hook) in different and different[id(hook)].names_it
            is_of_time = "name" in calls.keys_of_time(hook.template) and _NUMBERS.search(hook.name) is not None
            is_of_revision = "1" in hook.name and calls.is_named_by_revision(hook.template)
            is_new = is_random or is_of_time or is_of_revision
            words = hook.place("metadata.annotations[helm.sh/hook-delete-policy]").text
            is_gone = "hook-succeeded" in words or (hook / "spec" / "ttlSecondsAfterFinished").is_set
            actual = f"another one each time, and the delete policy is {words or 'before-hook-creation'}"
            passed = not is_new or is_gone
            name = hook.place("metadata.name")
            check = states(
                name, passed, expected="one name, or hook-succeeded", actual="so it is" if passed else actual
            )
            yield with_cause(check, hook.template) if is_new else check


hooks_of_new_names_are_taken_away.breaks(
    manifests="{apiVersion: batch/v1, kind: Job, metadata: {name: migrate, annotations: {helm.sh/hook: post-upgrade}}}",
    a_name_at_random=put("Job migrate", "metadata.name", "migrate-x7f2"),
)
