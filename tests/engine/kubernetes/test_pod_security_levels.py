"""Which level is demanded of a pod; violating it is an error, violating the next stricter one is a warning."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.model import Declarations, PodSecurityLevel, Rendering
from chartgate.packs.kubernetes.access_and_secrets import security
from chartgate.packs.kubernetes.healthy.pod import HEALTHY, POD, PRIVILEGED, RESTRICTED, WEB
from chartgate.policy.edits import Edit, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited

DEMANDED = security.pods_fit_the_demanded_security_level
NEXT = security.pods_fit_the_next_security_level
ROOT = gone("Deployment web", f"{POD}.securityContext.runAsNonRoot")
UNCONFINED = put("Deployment web", f"{POD}.securityContext.seccompProfile.type", "Unconfined")
UNSAID = gone("Deployment web", f"{POD}.securityContext.seccompProfile")
CHOWN = put("Deployment web", f"{WEB}.securityContext.capabilities.add", ["CHOWN"])
ADMIN = put("Deployment web", f"{WEB}.securityContext.capabilities.add", ["SYS_ADMIN"])
HOST = put("Deployment web", f"{POD}.hostNetwork", True)
CEPH = put("Deployment web", f"{POD}.volumes[scratch]", {"name": "scratch", "nfs": {"server": "a", "path": "/"}})


def _rendering(manifests: str, setting: PodSecurityLevel | None, *edits: Edit) -> Rendering:
    rendering = edited(manifests, *edits)
    declared = Declarations(pod_security=setting)
    return dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, declared=declared))


def _found(policy: Policy, rendering: Rendering) -> list[object]:
    return [check.actual for check in checks_of(policy, [rendering]) if not check.passed]


@pytest.mark.parametrize(
    ("edit", "level"),
    [
        (ROOT, "restricted"),
        (UNSAID, "restricted"),
        (UNCONFINED, "baseline"),
        (CHOWN, "restricted"),
        (ADMIN, "baseline"),
        (HOST, "baseline"),
        (CEPH, "restricted"),
    ],
)
@pytest.mark.parametrize(
    ("manifests", "setting", "demanded"),
    [
        (HEALTHY, None, "baseline"),
        (HEALTHY, "privileged", "privileged"),
        (HEALTHY, "baseline", "baseline"),
        (HEALTHY, "restricted", "restricted"),
        (PRIVILEGED, None, "privileged"),
        (RESTRICTED, None, "restricted"),
        (RESTRICTED, "privileged", "restricted"),
        (PRIVILEGED, "restricted", "restricted"),
        (RESTRICTED.replace("name: default", "name: other"), None, "baseline"),
        (RESTRICTED.replace("enforce: restricted", "warn: restricted"), None, "baseline"),
        (RESTRICTED.replace("enforce: restricted", "enforce: strict"), None, "baseline"),
        (RESTRICTED.replace("{pod-security.kubernetes.io/enforce: restricted}", "null"), None, "baseline"),
        (RESTRICTED.replace("enforce: restricted", "enforce: [restricted]"), None, "baseline"),
    ],
)
def test_an_error_where_it_is_demanded_and_a_warning_one_level_further(
    edit: Edit,
    level: PodSecurityLevel,
    manifests: str,
    setting: PodSecurityLevel | None,
    demanded: PodSecurityLevel,
) -> None:
    rendering = _rendering(manifests, setting, edit)
    levels = ["privileged", "baseline", "restricted"]
    distance = levels.index(level) - levels.index(demanded)
    assert (bool(_found(DEMANDED, rendering)), bool(_found(NEXT, rendering))) == (distance <= 0, distance == 1)
    assert (DEMANDED.severity, NEXT.severity) == ("error", "warning")


def test_what_a_pod_lacks_is_one_finding() -> None:
    [lacking] = _found(NEXT, _rendering(HEALTHY, None, ROOT, UNSAID, CHOWN))
    assert lacking == (
        "initContainers[prepare].securityContext.runAsNonRoot: (absent);"
        " containers[web].securityContext.runAsNonRoot: (absent);"
        " initContainers[prepare].securityContext.seccompProfile.type: (absent);"
        " containers[web].securityContext.seccompProfile.type: (absent);"
        " containers[web].securityContext.capabilities.add: ['CHOWN']"
    )


@pytest.mark.parametrize(
    ("annotations", "is_told"),
    [
        ({"helm.sh/hook": "test"}, False),
        ({"helm.sh/hook": "test-success, test"}, False),
        ({"helm.sh/hook": "test,post-install"}, True),
        ({"helm.sh/hook": "post-install"}, True),
        ({}, True),
        (None, True),
    ],
)
def test_helm_tests_are_left_out_of_the_warning_only(annotations: object, is_told: bool) -> None:
    as_test = put("Deployment web", "metadata.annotations", annotations)
    assert bool(_found(NEXT, _rendering(HEALTHY, None, ROOT, as_test))) is is_told
    assert _found(DEMANDED, _rendering(RESTRICTED, None, ROOT, as_test))


def test_a_pod_that_cannot_be_read_does_not_hide_another() -> None:
    odd = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: odd}\nspec: {template: {spec: {containers: 1}}}\n---"
    found = _found(DEMANDED, _rendering(f"{odd}{RESTRICTED}", None, ROOT))
    assert "(absent)" in map(str, found)
