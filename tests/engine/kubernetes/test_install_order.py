"""In which order Helm and Argo CD make things, and what is there at each moment."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.changes.install_order import Course, courses
from chartgate.packs.kubernetes.install_and_upgrade import hook_order, hook_rights, hook_upgrades
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from chartgate.rendering.manifests import parse
from tests.engine.packs.literal_charts import failed, findings_of

EVERYTHING = """---
# Source: toy/templates/all.yaml
{apiVersion: v1, kind: Secret, metadata: {name: b, annotations: {helm.sh/hook: "pre-install, pre-upgrade"}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: a, annotations: {helm.sh/hook: pre-install}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {helm.sh/hook: pre-install}}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: z
  annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: "-1", helm.sh/hook-delete-policy: hook-succeeded}
---
{apiVersion: v1, kind: Service, metadata: {name: web}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, annotations: {helm.sh/resource-policy: keep, argocd.argoproj.io/sync-wave: "-1"}}
---
{apiVersion: v1, kind: Pod, metadata: {name: test, annotations: {helm.sh/hook: test-success}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: end, annotations: {helm.sh/hook: post-delete}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: skipped, annotations: {argocd.argoproj.io/hook: Skip}}}
"""
RESOURCES = parse(EVERYTHING, "shop")


def told(course: Course) -> list[tuple[str, list[str]]]:
    """Give the moments at which something is made."""
    named = [(moment.words, [RESOURCES[place].identity.label for place in moment.made]) for moment in course.moments]
    return [(words, made) for words, made in named if made]


def test_the_course_of_helm() -> None:
    helm, _ = courses(RESOURCES)
    release = ["Service shop/web", "ConfigMap shop/kept", "Job shop/skipped"]
    assert told(helm) == [
        ("pre-install", ["ConfigMap shop/z"]),
        ("pre-install", ["ConfigMap shop/a"]),
        ("pre-install", ["Job shop/a"]),
        ("pre-install", ["Secret shop/b"]),
        ("install", release),
        ("pre-upgrade", ["Secret shop/b"]),
        ("upgrade", release),
        ("test", ["Pod shop/test"]),
        ("post-delete", ["Job shop/end"]),
    ]
    there = {
        words: [RESOURCES[place].identity.label for place in range(len(RESOURCES)) if helm.is_there(place, number)]
        for number, (words) in enumerate(moment.words for moment in helm.moments)
    }
    lasting = ["Secret shop/b", "Job shop/a", "ConfigMap shop/a"]
    assert there["install"] == [*lasting, "Service shop/web", "ConfigMap shop/kept", "Job shop/skipped"]
    assert there["post-delete"] == [*lasting, "ConfigMap shop/kept", "Pod shop/test", "Job shop/end"]


def test_the_course_of_argo() -> None:
    _, argo = courses(RESOURCES)
    assert told(argo) == [
        ("PreSync, wave -1", ["ConfigMap shop/z"]),
        ("PreSync, wave 0", ["Secret shop/b", "Job shop/a", "ConfigMap shop/a"]),
        ("Sync, wave -1", ["ConfigMap shop/kept"]),
        ("Sync, wave 0", ["Service shop/web"]),
    ]


_MIGRATE = "Job migrate-database"
_CONTAINER = "spec.template.spec.containers[migrate]"


@pytest.mark.parametrize(
    ("policy", "manifests", "edits"),
    [
        # The release of the last version has it.
        (
            hook_order.hooks_find_what_they_need,
            hook_order.HEALTHY,
            [
                put(_MIGRATE, "metadata.annotations[helm.sh/hook]", "pre-upgrade"),
                gone("ServiceAccount migrate", "metadata.annotations"),
            ],
        ),
        # Somebody else makes it.
        (hook_order.hooks_find_what_they_need, hook_order.HEALTHY, [gone("ConfigMap migrate")]),
        (
            hook_order.hooks_find_what_they_need,
            hook_order.HEALTHY,
            [put(_MIGRATE, "spec.template.spec.serviceAccountName", "default")],
        ),
        # The names of a certificate are no calls.
        (
            hook_order.hooks_call_what_is_running,
            hook_order.HEALTHY,
            [put(_MIGRATE, f"{_CONTAINER}.args", ["--host=web,web.default.svc"])],
        ),
        (
            hook_order.hooks_call_what_is_running,
            hook_order.HEALTHY,
            [put(_MIGRATE, f"{_CONTAINER}.args", ["--url=https://web.example.com/", "http://10.1.2.3:80/"])],
        ),
        # Before the installation it cannot be one of the last version.
        (
            hook_upgrades.upgrade_hooks_bring_what_they_need,
            hook_upgrades.HEALTHY,
            [
                put("Job migrate", "metadata.annotations[helm.sh/hook]", "pre-install,pre-upgrade"),
                gone("ConfigMap scripts", "metadata.annotations"),
            ],
        ),
        (
            hook_upgrades.upgrade_hooks_bring_what_they_need,
            hook_upgrades.HEALTHY,
            [
                put("Deployment web", "spec.template.spec.volumes", [{"name": "a", "configMap": {"name": "idle"}}]),
                put("Job migrate", "spec.template.spec.volumes[scripts].configMap.name", "idle"),
            ],
        ),
        # A pod of the release needs the binding.
        (
            hook_rights.hooks_have_their_rights,
            hook_rights.HEALTHY,
            [
                put(_MIGRATE, "spec.template.spec.serviceAccountName", "late"),
                added(
                    "{apiVersion: v1, kind: Pod, metadata: {name: a},"
                    " spec: {serviceAccountName: late, containers: [{name: a}]}}"
                ),
            ],
        ),
        (
            hook_rights.hooks_have_their_rights,
            hook_rights.HEALTHY,
            [
                put(_MIGRATE, "spec.template.spec.serviceAccountName", "late"),
                put(_MIGRATE, "spec.template.spec.automountServiceAccountToken", False),
            ],
        ),
    ],
)
def test_it_stays_green(policy: Policy, manifests: str, edits: list[Edit]) -> None:
    assert findings_of(policy, manifests, *edits) == []


def test_it_says_when_it_is_made_instead() -> None:
    rendering = put(_MIGRATE, "metadata.annotations[helm.sh/hook-weight]", "-6").apply(
        literal_rendering(hook_order.HEALTHY)
    )
    [account, _] = failed(checks_of(hook_order.hooks_find_what_they_need, [rendering]))
    assert account.expected == "ConfigMap default/migrate is there when Helm comes to it (pre-install)"
    assert account.actual == "ConfigMap default/migrate is a pre-install and pre-upgrade hook of weight 0"
