"""The Job that injects the sidecars: when it runs, on what, and what it may do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join
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
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, missing, not_rendered, rendered, satisfies, states
from chartgate.policy.policy import policy

from .scripts.oc_calls import NotUnderstood, oc_calls, permissions_for
from .spec.backstage import BACKSTAGE, POD, hub_account
from .spec.switches import postgres_on, sidecars_on

NAME = "update-deployment-containers"
SCRIPT = "data[update.sh]"
SPEC = "2. Sidecar Containers"
ARGO = "metadata.annotations[argocd.argoproj.io/{}]"
WAVE = ARGO.format("sync-wave")


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
    yield equals(job, ARGO.format("hook"), "PostSync")
    yield equals(job, ARGO.format("hook-delete-policy"), "BeforeHookCreation")
    yield satisfies(job, WAVE, _is_number, "a whole number, as text")
    if postgres_on(rendering.scenario):
        namespace = rendering.scenario.value("lightspeed.postgres.namespace")
        earlier = rendering.resources.one("Job", "lightspeed-postgres-init", namespace).at(WAVE)
        next_wave = str(int(earlier) + 1) if _is_number(earlier) else "a wave after lightspeed-postgres-init"
        yield equals(job, WAVE, next_wave)
    yield missing(job, "spec.ttlSecondsAfterFinished")
    if job.at("metadata.annotations[helm.sh/hook]") is not ABSENT:
        yield equals(job, "metadata.annotations[helm.sh/hook-delete-policy]", "before-hook-creation")
    # With OnFailure, the pod and its log are gone as soon as the Job has failed.
    yield equals(job, f"{POD}.restartPolicy", "Never")


@sidecar_job_is_a_postsync_hook.counterexample("all_on")
def it_runs_before_the_sync(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at("metadata.annotations")["argocd.argoproj.io/hook"] = "PreSync"
    return rendering


@sidecar_job_is_a_postsync_hook.counterexample("lightspeed+sidecars")
def it_is_deleted_once_it_succeeds(rendering: Rendering) -> Rendering:
    annotations = sidecar_job(rendering).at("metadata.annotations")
    annotations["argocd.argoproj.io/hook-delete-policy"] = "BeforeHookCreation,HookSucceeded"
    return rendering


@sidecar_job_is_a_postsync_hook.counterexample("all_on")
def it_does_not_wait_for_the_database(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at("metadata.annotations")["argocd.argoproj.io/sync-wave"] = "1"
    return rendering


@sidecar_job_is_a_postsync_hook.counterexample("all_on")
def it_deletes_itself(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at("spec")["ttlSecondsAfterFinished"] = 300
    return rendering


@sidecar_job_is_a_postsync_hook.counterexample("lightspeed+sidecars")
def it_has_another_name(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at("metadata")["name"] = "inject-sidecars"
    return rendering


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
    role = rendering.resources.one("Role", NAME, rendering.scenario.namespace)
    needed: list[Permission] = []
    for call in oc_calls(text(scripts(rendering), SCRIPT)):
        try:
            needed += permissions_for(call, BACKSTAGE)
        except NotUnderstood as reason:
            expected = "only calls of oc whose permissions this policy knows"
            yield states(scripts(rendering), SCRIPT, False, expected=expected, actual=str(reason))
    granted = granted_by(role)
    for permission in without_repetition(needed):
        yield states(role, "rules", covered(permission, granted), expected=str(permission), actual=_listed(granted))
    for permission in without_repetition(granted):
        allowed = covered(permission, needed)
        expected = str(permission) if allowed else f"only {_listed(without_repetition(needed))}"
        yield states(role, "rules", allowed, expected=expected, actual=str(permission))


@sidecar_job_may_do_what_its_script_does.counterexample("all_on")
def it_may_patch_every_deployment(rendering: Rendering) -> Rendering:
    for rule in rendering.resources.one("Role", NAME).at("rules"):
        rule.pop("resourceNames", None)
    return rendering


@sidecar_job_may_do_what_its_script_does.counterexample("all_on")
def it_may_not_watch(rendering: Rendering) -> Rendering:
    for rule in rendering.resources.one("Role", NAME).at("rules"):
        rule["verbs"] = [verb for verb in rule["verbs"] if verb != "watch"]
    return rendering


@sidecar_job_may_do_what_its_script_does.counterexample("all_on")
def it_may_read_secrets(rendering: Rendering) -> Rendering:
    rules = rendering.resources.one("Role", NAME).at("rules")
    rules.append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})
    return rendering


@sidecar_job_may_do_what_its_script_does.counterexample("lightspeed+sidecars")
def its_script_deletes_pods(rendering: Rendering) -> Rendering:
    scripts(rendering).at("data")["update.sh"] += '\noc delete pods -n "$NAMESPACE" -l "$TARGET_SELECTOR"\n'
    return rendering


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
    scenario, job = rendering.scenario, sidecar_job(rendering)
    account = scenario.value("sidecars.serviceAccount")
    yield equals(job, f"{POD}.serviceAccountName", account)
    exists = not_rendered if account == "default" else rendered
    yield exists(rendering, "ServiceAccount", account, scenario.namespace)
    yield equals(job, f"{POD}.automountServiceAccountToken", True)
    binding = rendering.resources.one("RoleBinding", NAME, scenario.namespace)
    yield equals(binding, "roleRef", role_reference("Role", NAME))
    yield equals(binding, "subjects", [service_account(account, scenario.namespace)])
    if account != hub_account(scenario):
        for other in bindings_of(rendering.resources, account, scenario.namespace):
            yield states(
                other,
                "subjects",
                other.identity == binding.identity,
                expected=f"{account} in the RoleBinding {NAME} only",
                actual=other.at("subjects"),
            )


@sidecar_job_runs_as_its_account.counterexample("all_on")
def everybody_gets_its_permissions(rendering: Rendering) -> Rendering:
    group = {"kind": "Group", "name": "system:serviceaccounts", "apiGroup": "rbac.authorization.k8s.io"}
    rendering.resources.one("RoleBinding", NAME).at("subjects").append(group)
    return rendering


@sidecar_job_runs_as_its_account.counterexample("mix_02")
def nobody_creates_its_account(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("ServiceAccount", "deployment-patcher"))
    return rendering


@sidecar_job_runs_as_its_account.counterexample("mix_02")
def it_may_read_the_cluster(rendering: Rendering) -> Rendering:
    reader = f"{rendering.scenario.release}.{rendering.scenario.namespace}.cluster-reader"
    account = service_account("deployment-patcher", rendering.scenario.namespace)
    rendering.resources.one("ClusterRoleBinding", reader).at("subjects").append(account)
    return rendering


@sidecar_job_runs_as_its_account.counterexample("all_on")
def it_gets_no_token(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at(POD)["automountServiceAccountToken"] = False
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Select by the labels instance=<release> and component=backstage, which no other Deployment has.",
    spec=SPEC,
)
def sidecar_job_finds_the_backstage_deployment(rendering: Rendering) -> Iterator[Check]:
    """The selector that the Job gets finds the Backstage Deployment and no other, in the namespace that it gets."""
    job = sidecar_job(rendering)
    for container in containers(job):
        yield equals(job, f"{container.address}.env[NAMESPACE].value", rendering.scenario.namespace)
        selector = job.at(f"{container.address}.env[TARGET_SELECTOR].value")
        wanted = dict(part.partition("=")[::2] for part in str(selector).split(","))
        found = []
        for deployment in rendering.resources.of_kind("Deployment"):
            if deployment.namespace != rendering.scenario.namespace:
                continue
            labels = deployment.at("metadata.labels")
            matches = all(deployment.at(join("metadata", "labels", key)) == value for key, value in wanted.items())
            found += [deployment.name] * matches
            finds = "found" if deployment.name == BACKSTAGE else "not found"
            expected = f"{finds} by {selector}"
            yield states(deployment, "metadata.labels", matches == (finds == "found"), expected=expected, actual=labels)
        yield compares(job, f"{container.address}.env[TARGET_SELECTOR].value", found, [BACKSTAGE])


@sidecar_job_finds_the_backstage_deployment.counterexample("all_on")
def it_looks_for_another_release(rendering: Rendering) -> Rendering:
    env = sidecar_job(rendering).at(f"{POD}.containers[0].env[TARGET_SELECTOR]")
    env["value"] = "app.kubernetes.io/instance=rhdh,app.kubernetes.io/component=backstage"
    return rendering


@sidecar_job_finds_the_backstage_deployment.counterexample("lightspeed+sidecars")
def a_second_deployment_has_the_labels(rendering: Rendering) -> Rendering:
    backstage = rendering.resources.one("Deployment", BACKSTAGE)
    second = {**backstage.manifest, "metadata": {**backstage.at("metadata"), "name": "backstage-worker"}}
    rendering.resources.append(Resource(second, backstage.template, backstage.default_namespace))
    return rendering


def _is_number(wave: object) -> bool:
    return isinstance(wave, str) and re.fullmatch(r"-?\d+", wave) is not None


def _listed(permissions: list[Permission]) -> str:
    return "; ".join(map(str, permissions)) or "nothing"
