"""Existing objects: where users bring a Secret, a ConfigMap or a claim, all that read the chart's own read theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.json_documents.equality import same
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import claims, references
from chartgate.kubernetes.pods.workloads import pod_if_any, workloads
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.matrix.derivations.brought_objects import BROUGHT, with_brought_objects
from chartgate.matrix.derivations.reconfigured import CONTENT
from chartgate.matrix.derivations.user_values import with_brought_accounts, with_unmade_accounts
from chartgate.model import Check, Identity, Rendering, Resource, Scenario, in_both
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import added, append, gone, in_each, in_first, of_chart, of_scenario, put
from chartgate.policy.policy import policy

from ..api_server.admission import parts_share_no_name
from ..api_server.agreement import fields_of_claims_and_roles_go_together
from ..api_server.schema import manifests_fit_their_schema
from ..newly import new_findings
from .half_brought import asked_beside, half_brought, written_keys
from .mounts import every_mount_has_its_volume, volumes_are_mounted
from .references import claims_are_there, environment_sources_are_there, volume_sources_are_there
from .variables import variables_are_there_when_they_are_asked_for

HEALTHY = """
{apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {password: p}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: web, key: password}}}]
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: web}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
_POD = "spec.template.spec"
_WEB = f"{_POD}.containers[web]"
_JUDGES = (
    environment_sources_are_there,
    volume_sources_are_there,
    claims_are_there,
    every_mount_has_its_volume,
    volumes_are_mounted,
    manifests_fit_their_schema,
    fields_of_claims_and_roles_go_together,
    parts_share_no_name,
    variables_are_there_when_they_are_asked_for,
)
_MOST = 3
_OF_CLAIMS = re.compile(r"claim|pvc", re.IGNORECASE)
_LEAST = 5
"""Letters of a text by which one sees that its section is used; a shorter one is elsewhere as well."""
_MADE = ("Secret", "ConfigMap", "PersistentVolumeClaim")


@policy(
    over=with_brought_objects,
    severity="error",
    remediation="Take the name from one named template, `existingSecret | default fullname`, wherever it is read.",
)
def existing_objects_are_what_is_read(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With `existingSecret`, `existingClaim` and their like set, nothing refers to what is then no longer made.

    A template that leaves out its own Secret is one, the variables, volumes and init containers that read it are
    others. Judged by the policies that judge each scenario, with all such keys set at once; what they find without
    them as well is told there. A name that is nowhere, where other values of its section are rendered, was forgotten.
    Source: https://github.com/bitnami/charts/issues/3794
    """
    printed = "refused" if after.error or before.error else "\n".join(_texts(after))
    used = set(_texts(before))
    unmade = _unmade_claims(before, after)
    for key, name in _given(after).items() if not _given(before) else ():
        is_used = "secret" in key.lower() and not used.isdisjoint(_beside(before.scenario, key))
        is_lost = (is_used or key in unmade) and not after.error and name not in printed
        expected = "the name is in an object, as other values of its section are"
        if key in unmade:
            expected = f"the name is in an object, in place of {unmade[key]}, which is no longer made"
        yield chart_states("values.yaml", key, expected=expected, actual="nowhere" if is_lost else expected)
    if not before.error and not after.error:
        yield from half_brought(before, after, set(_given(after).values()))
        yield from written_keys(before, after)
    yield from asked_beside(after, _given(after))
    if not before.error:
        for check in new_findings(_JUDGES, before, after):
            if check.passed or check.asked is None or BROUGHT not in check.asked.name:
                yield check


def _given(after: Rendering) -> dict[str, str]:
    """Give the keys that name what users bring, with the names; not the switches beside them."""
    return {key: name for key, name in after.scenario.changes.items() if str(name).startswith(BROUGHT)}


def _unmade_claims(before: Rendering, after: Rendering) -> dict[str, str]:
    """Give the one key for an existing claim of these values, with the claim that goes away where it is set."""
    keys = [key for key in _given(after) if _OF_CLAIMS.search(key)]
    if len(keys) != 1 or before.error or after.error:
        return {}
    gone_ones = _claims(before) - _claims(after) - _unmounted(before)
    return {keys[0]: listed(sorted(gone_ones), _MOST)} if gone_ones else {}


def _claims(rendering: Rendering) -> set[str]:
    """Give the claims that a rendering makes, those of StatefulSets for their pods included."""
    made = {claim.identity.label for claim in rendering.resources.of_kind("PersistentVolumeClaim")}
    return made | {
        f"claim {(claim / 'metadata' / 'name').text} of {resource.identity.label}"
        for resource in rendering.resources.of_kind("StatefulSet")
        for claim in (resource / "spec" / "volumeClaimTemplates").maps()
    }


def _unmounted(rendering: Rendering) -> set[str]:
    """Give the claims that no pod mounts: another value may say what kind of volume it is."""
    mounted = {(ref.name, ref.namespace) for workload in workloads(rendering.resources) for ref in claims(workload)}
    made = rendering.resources.of_kind("PersistentVolumeClaim")
    return {claim.identity.label for claim in made if (claim.name, claim.namespace) not in mounted}


def _texts(rendering: Rendering) -> Iterator[str]:
    return (text for resource in rendering.resources for _, text in strings(resource.manifest))


def _beside(scenario: Scenario, key: str) -> set[str]:
    """Give the texts that a scenario sets in the section of a key: where they are rendered, the section is in use."""
    section = lookup(scenario.overrides, join(*steps(key)[:-1]))
    return {text for text in map_of(section).values() if isinstance(text, str) and len(text) >= _LEAST}


existing_objects_are_what_is_read.breaks(
    manifests=HEALTHY,
    the_secret_is_not_made_and_still_read=put(
        "Deployment web", f"{_WEB}.env[PASSWORD].valueFrom.secretKeyRef.name", "x"
    ),
    the_claim_is_not_made_and_still_mounted=put(
        "Deployment web", f"{_POD}.volumes[data].persistentVolumeClaim.claimName", "x"
    ),
    the_volume_is_there_twice=append("Deployment web", f"{_POD}.volumes", {"name": "data", "emptyDir": {}}),
    the_volume_is_gone_and_its_mount_is_not=gone("Deployment web", f"{_POD}.volumes"),
)


@policy(
    over=with_brought_accounts,
    severity="error",
    remediation='Take the name as it is given where the chart makes no account: `default "default" .name`.',
)
def brought_accounts_are_used(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A pod that runs as the account which the values name does so as well where the chart does not make it.

    Who sets `create: false` beside a name has made the account, with its rights and the annotations of a cloud: the
    account `default` has neither. Source: https://github.com/fluxcd/flux/issues/1588
    """
    if before.error or after.error:
        return
    given = {value: key for key, value in after.scenario.changes.items() if isinstance(value, str)}
    for was, resource in in_both(before.resources, after.resources):
        account = pod_if_any(resource) / "serviceAccountName"
        if (name := (pod_if_any(was) / "serviceAccountName").text) in given and name:
            told = states(account, account.text == name, expected=f"{name}, which the values name")
            yield with_cause(told, given[name])  # what one template forgets, others of its author forget as well


@policy(
    over=with_unmade_accounts,
    severity="warning",
    remediation='Let the name be `default "default" .name` where the chart makes no account.',
)
def pods_name_no_account_that_is_not_made(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A pod whose account the chart is told not to make runs as another one, unless the values name it.

    With `create: false` and no name, the name that the chart would give is one that nobody has: no pod is made until
    somebody makes an account just so. Source: what `helm create` writes, in
    https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/util/create.go
    """
    if before.error or after.error:
        return
    # Users make the account that a value names, whatever says beside another key who makes it.
    given = nodes(after.scenario.values, lists=False)
    named = {value for keys, value in given if isinstance(value, str) and "account" in "".join(keys).lower()}
    for was, resource in in_both(before.resources, after.resources):
        account = pod_if_any(resource) / "serviceAccountName"
        if account.text and account.text == pod_if_any(was).at("serviceAccountName"):
            made, left = (
                rendering.resources.named("ServiceAccount", account.text, resource.namespace)
                for rendering in (before, after)
            )
            is_meant = not made or bool(left) or account.text in named
            told = states(account, is_meant, expected="default, or an account that is there")
            yield with_cause(told, "accounts")  # what is wrong with one of them is mostly wrong with all


@policy(
    over=with_brought_objects,
    severity="warning",
    remediation="Render the chart's own object only where the key for an existing one is empty.",
)
def own_objects_give_way_to_existing_ones(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What nobody reads any longer once users bring their own is not rendered either.

    A Secret with a password of values.yaml that no pod reads, a claim that no pod mounts: whoever brings their own
    does not want it; nor a second one under the very name of theirs.
    Source: https://github.com/pomerium/pomerium-helm/issues/259
    """
    if before.error or after.error:
        return
    were, named = {resource.identity: resource for resource in before.resources}, _named(after)
    for resource in (one for one in after.resources if "/templates/tests/" not in one.template):
        was = were.get(resource.identity)
        if resource.kind in _MADE and resource.name.startswith(BROUGHT):
            changes = after.scenario.changes
            told = listed([key for key, value in changes.items() if value == resource.name] or list(changes), 3)
            expected = f"nothing by the name of the {resource.kind} that the user has, {told}"
            yield states(resource.place("metadata.name"), False, expected=expected, actual="rendered")
        if resource.kind not in _MADE or was is None or was.identity not in _named(before):
            continue
        is_left = resource.identity not in named and same(_form(was), _form(resource))
        yield states(
            resource.place(""),
            not is_left,
            expected=f"no such {resource.kind}, or a reader of it, with {', '.join(after.scenario.changes)} set",
            actual="rendered, and nothing refers to it any longer" if is_left else "read",
        )


def _form(resource: Resource) -> dict[str, Any]:
    """Give an object with the keys of its data, whose values may be others each time."""
    return {key: sorted(map_of(value)) if key in CONTENT else value for key, value in resource.manifest.items()}


def _named(rendering: Rendering) -> set[Identity]:
    """Give the objects that something refers to, or that a kind which is not Kubernetes' own names somewhere."""
    known = {(r.kind, r.name, r.namespace): r.identity for r in rendering.resources if r.kind in _MADE}
    found = {(ref.kind, ref.name, ref.namespace) for r in rendering.resources for ref in references(r)}
    others = (r for r in rendering.resources if not is_built_in(r.identity.api_version))
    # Its own name is often that of the other objects of the release.
    texts = {text for r in others for keys, text in strings(r.manifest) if keys[:2] != ("metadata", "name")}
    return {identity for key, identity in known.items() if key in found or key[1] in texts}


_SPARE = "{apiVersion: v1, kind: %s, metadata: {name: spare}}"
_BROUGHT = of_scenario(changes={"existingSecret": "brought"}, is_trial=True)
brought_accounts_are_used.breaks(
    manifests=HEALTHY,
    it_runs_as_the_default_account=(
        in_first(put("Deployment web", f"{_POD}.serviceAccountName", "builder")),
        put("Deployment web", f"{_POD}.serviceAccountName", "default"),
        of_scenario(changes={"serviceAccount.name": "builder"}, is_trial=True),
    ),
)
pods_name_no_account_that_is_not_made.breaks(
    manifests=HEALTHY,
    nobody_has_made_the_account=(
        in_each(put("Deployment web", f"{_POD}.serviceAccountName", "web")),
        in_first(added("{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}")),
    ),
)
own_objects_give_way_to_existing_ones.breaks(
    manifests=HEALTHY,
    the_secret_is_made_and_nobody_reads_it=(
        in_first(put("Deployment web", f"{_WEB}.env[PASSWORD].valueFrom.secretKeyRef.name", "spare")),
        in_each(added(_SPARE % "Secret")),
        _BROUGHT,
    ),
    the_claim_is_made_and_nobody_mounts_it=(
        in_first(put("Deployment web", f"{_POD}.volumes[data].persistentVolumeClaim.claimName", "spare")),
        in_each(added(_SPARE % "PersistentVolumeClaim")),
        _BROUGHT,
    ),
)
existing_objects_are_what_is_read.breaks(
    manifests=HEALTHY,
    the_name_is_nowhere=(
        in_each(of_scenario(overrides={"database": {"folder": "/data"}})),
        of_scenario(changes={"database.existingSecret": "brought-by-user-0"}, is_trial=True),
        of_chart(defaults={"database": {"existingSecret": ""}}),
    ),
)
