"""The Job that injects the sidecars: when it runs, on what, and what it may do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.kubernetes.contents import text
from chartgate.kubernetes.permissions import (
    Permission,
    bindings_of,
    covered,
    granted_by,
    role_reference,
    service_account,
    without_repetition,
)
from chartgate.kubernetes.pods.workloads import containers, pod_spec
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, missing, not_rendered, rendered, satisfies, states
from chartgate.policy.edits import added, append, gone, put, reworded
from chartgate.policy.policy import policy

from .scripts.oc_calls import NeedsUnknown, oc_calls, permissions_for
from .spec.backstage import BACKSTAGE, CONTAINERS, EVERYBODY, POD, hub_account
from .spec.switches import database_namespace, postgres_on, sidecars_on

NAME = "update-deployment-containers"
SCRIPT = "data[update.sh]"
SPEC = "2. Sidecar Containers"
HOOK = "metadata.annotations[argocd.argoproj.io/hook]"
DELETE_POLICY = "metadata.annotations[argocd.argoproj.io/hook-delete-policy]"
WAVE = "metadata.annotations[argocd.argoproj.io/sync-wave]"

JOB, ROLE = f"Job {NAME}", f"Role {NAME}"
ON_THE_HUB = "rules[1]"
"""The rule of the Role that is about the Backstage Deployment alone."""


def sidecar_job(rendering: Rendering) -> Resource:
    """Give the Job.

    Raises:
        Missing: it is not rendered under its name in the release's namespace.
    """
    return rendering.resources.one("Job", NAME, rendering.scenario.namespace)


def scripts(rendering: Rendering) -> Resource:
    """Give the ConfigMap with the Job's script and patch.

    Raises:
        Missing: it is not rendered.
    """
    return rendering.resources.one("ConfigMap", NAME, rendering.scenario.namespace)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Annotate the Job as a PostSync hook, one wave after lightspeed-postgres-init, that is deleted only"
    " before the next one is made.",
    spec=SPEC,
)
def sidecar_job_is_a_postsync_hook(rendering: Rendering) -> Iterator[Check]:
    """The Job update-deployment-containers runs after each sync, after the database's Job, and can be read later.

    Argo CD would undo a patch that came before its own sync, and the runbook reads the Job's log long after it ran.
    """
    job = sidecar_job(rendering)
    wave = job.place(WAVE)
    yield equals(job.place(HOOK), "PostSync")
    yield equals(job.place(DELETE_POLICY), "BeforeHookCreation")
    yield satisfies(wave, _is_number, "a whole number, as text")
    if postgres_on(rendering.scenario):
        namespace = database_namespace(rendering.scenario)
        earlier = rendering.resources.one("Job", "lightspeed-postgres-init", namespace).at(WAVE)
        next_wave = str(int(earlier) + 1) if _is_number(earlier) else "a wave after lightspeed-postgres-init"
        yield equals(wave, next_wave)
    yield missing(job.place("spec.ttlSecondsAfterFinished"))
    if job.place("metadata.annotations[helm.sh/hook]").is_there:
        yield equals(job.place("metadata.annotations[helm.sh/hook-delete-policy]"), "before-hook-creation")
    # With OnFailure, the pod and its log are gone as soon as the Job has failed.
    yield equals(pod_spec(job) / "restartPolicy", "Never")


sidecar_job_is_a_postsync_hook.breaks(
    "all_on",
    it_runs_before_the_sync=put(JOB, HOOK, "PreSync"),
    it_does_not_wait_for_the_database=put(JOB, WAVE, "1"),
    it_deletes_itself=put(JOB, "spec.ttlSecondsAfterFinished", 300),
)
sidecar_job_is_a_postsync_hook.breaks(
    "lightspeed+sidecars",
    it_is_deleted_once_it_succeeds=put(JOB, DELETE_POLICY, "BeforeHookCreation,HookSucceeded"),
    it_has_another_name=put(JOB, "metadata.name", "inject-sidecars"),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Grant in the Role what the calls of oc in update.sh need, by name where they are about one object, and"
    " bind it to sidecars.serviceAccount alone.",
    spec=SPEC,
)
def sidecar_job_may_do_what_its_script_does(rendering: Rendering) -> Iterator[Check]:
    """The Job's account may do what the calls of `oc` in its script need, and nothing else.

    With less the Job fails; with more, whoever runs a pod under this account may change other Deployments too.
    """
    rules = rendering.resources.one("Role", NAME, rendering.scenario.namespace) / "rules"
    script = scripts(rendering).place(SCRIPT)
    needed: list[Permission] = []
    for call in oc_calls(text(script)):
        try:
            needed += permissions_for(call, BACKSTAGE)
        except NeedsUnknown as reason:
            expected = "only calls of oc whose permissions this policy knows"
            yield states(script, False, expected=expected, actual=str(reason))
    granted = granted_by(rules.owner)
    for permission in without_repetition(needed):
        yield states(rules, covered(permission, granted), expected=str(permission), actual=_listed(granted))
    for permission in without_repetition(granted):
        allowed = covered(permission, needed)
        expected = str(permission) if allowed else f"only {_listed(without_repetition(needed))}"
        yield states(rules, allowed, expected=expected, actual=str(permission))


sidecar_job_may_do_what_its_script_does.breaks(
    "all_on",
    it_may_patch_every_deployment=gone(ROLE, f"{ON_THE_HUB}.resourceNames"),
    it_may_not_watch=put(ROLE, f"{ON_THE_HUB}.verbs", ["get", "patch"]),
    it_may_read_secrets=append(ROLE, "rules", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}),
)
sidecar_job_may_do_what_its_script_does.breaks(
    "lightspeed+sidecars",
    its_script_deletes_pods=reworded(
        f"ConfigMap {NAME}",
        SCRIPT,
        "oc rollout status",
        'oc delete pods -n "$NAMESPACE" -l "$TARGET_SELECTOR"\noc rollout status',
    ),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Run the Job as sidecars.serviceAccount, create that account unless it is `default`, and make it the"
    " only subject of the Job's Role.",
    spec="values.yaml Structure",
)
def sidecar_job_runs_as_its_account(rendering: Rendering) -> Iterator[Check]:
    """The Job runs as sidecars.serviceAccount, with its token, and nobody else gets the Job's permissions.

    Nor does this account get those of another role, unless it is the Backstage pod's own.
    """
    scenario, pod = rendering.scenario, pod_spec(sidecar_job(rendering))
    account = scenario.value("sidecars.serviceAccount")
    yield equals(pod / "serviceAccountName", account)
    expect = not_rendered if account == "default" else rendered
    yield expect(rendering, "ServiceAccount", account, scenario.namespace)
    yield equals(pod / "automountServiceAccountToken", True)
    binding = rendering.resources.one("RoleBinding", NAME, scenario.namespace)
    yield equals(binding / "roleRef", role_reference("Role", NAME))
    yield equals(binding / "subjects", [service_account(account, scenario.namespace)])
    if account != hub_account(scenario):
        for other in bindings_of(rendering.resources, account, scenario.namespace):
            expected = f"{account} in the RoleBinding {NAME} only"
            yield states(other / "subjects", other.identity == binding.identity, expected=expected)


sidecar_job_runs_as_its_account.breaks(
    "all_on",
    everybody_gets_its_permissions=append(f"RoleBinding {NAME}", "subjects", EVERYBODY),
    it_gets_no_token=put(JOB, f"{POD}.automountServiceAccountToken", False),
)
sidecar_job_runs_as_its_account.breaks(
    "mix_02",  # where sidecars.serviceAccount is deployment-patcher
    nobody_creates_its_account=gone("ServiceAccount deployment-patcher"),
    it_may_read_the_cluster=append(
        "ClusterRoleBinding a-release-name-as-long-as-helm-accepts-with-53-letter.developer-portal.cluster-reader",
        "subjects",
        service_account("deployment-patcher", "developer-portal"),
    ),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Select by the labels instance=<release> and component=backstage, which no other Deployment has.",
    spec=SPEC,
)
def sidecar_job_finds_the_backstage_deployment(rendering: Rendering) -> Iterator[Check]:
    """The selector that the Job gets finds the Backstage Deployment and no other, in the namespace that it gets."""
    namespace = rendering.scenario.namespace
    for container in containers(sidecar_job(rendering)):
        yield equals(container.place("env[NAMESPACE].value"), namespace)
        selector = container.place("env[TARGET_SELECTOR].value")
        wanted = dict(part.partition("=")[::2] for part in str(selector.value).split(","))
        found = []
        for deployment in rendering.resources.of_kind("Deployment"):
            if deployment.namespace == namespace:
                labels = deployment.place("metadata.labels")
                matches = wanted.items() <= labels.map.items()
                found += [deployment.name] * matches
                finds = "found" if deployment.name == BACKSTAGE else "not found"
                yield states(labels, matches == (finds == "found"), expected=f"{finds} by {selector.value}")
        yield compares(selector, found, [BACKSTAGE])


sidecar_job_finds_the_backstage_deployment.breaks(
    "all_on",
    it_looks_for_another_release=put(
        JOB,
        f"{CONTAINERS}[update].env[TARGET_SELECTOR].value",
        "app.kubernetes.io/instance=rhdh,app.kubernetes.io/component=backstage",
    ),
)
sidecar_job_finds_the_backstage_deployment.breaks(
    "lightspeed+sidecars",
    a_second_deployment_has_the_labels=added("""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: backstage-worker
          labels:
            app.kubernetes.io/instance: cluster-config-rhdh-helm
            app.kubernetes.io/component: backstage
    """),
)


def _is_number(wave: object) -> bool:
    return isinstance(wave, str) and re.fullmatch(r"-?\d+", wave) is not None


def _listed(permissions: list[Permission]) -> str:
    return "; ".join(map(str, permissions)) or "nothing"
