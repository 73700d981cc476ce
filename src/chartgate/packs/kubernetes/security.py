"""What containers may do: the restricted Pod Security Standard, control by control.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.pod_security import CONTROLS, examined
from chartgate.model import Chart, Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import POD as EACH_POD

from .healthy.pod import CONFINED_CONTAINERS, HEALTHY, POD, PREPARE, WEB, admitting


def control_checks(control: str, pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """Check what a control of the standards restricts, by the rules of the Kubernetes versions that a chart admits."""
    for found in examined(pod, CONTROLS[control], str(chart.metadata.get("kubeVersion") or "")):
        yield states(found.place, not found.wrong, expected=found.expected, actual=found.actual)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Take `privileged: true` out; ask for the one capability that is needed.",
)
def containers_are_unprivileged(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """No container is privileged.

    A privileged container is root on its node. Control "Privileged Containers" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Privileged Containers", pod, chart)


containers_are_unprivileged.breaks(
    manifests=HEALTHY,
    the_init_container_is_privileged=put("Deployment web", f"{PREPARE}.securityContext.privileged", True),
)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Set securityContext.allowPrivilegeEscalation: false on the container.",
)
def privilege_escalation_is_off(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """No process of a container can gain more rights than its parent.

    It must be said of each container: the default allows it, and there is no such setting for a pod. Control
    "Privilege Escalation" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Privilege Escalation", pod, chart)


privilege_escalation_is_off.breaks(
    manifests=HEALTHY,
    an_init_container_does_not_say=gone("Deployment web", f"{PREPARE}.securityContext.allowPrivilegeEscalation"),
)


@privilege_escalation_is_off.counterexample(manifests=HEALTHY)
def a_hook_adds_a_container_without_security_context(rendering: Rendering) -> Rendering:
    hooked = dataclasses.replace(rendering, after_hooks=copy.deepcopy(rendering.after_hooks))
    return append("Deployment web", f"{POD}.containers", {"name": "sidecar"}).apply(hooked)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Set securityContext.runAsNonRoot: true on the pod; no container takes it back.",
)
def containers_run_as_non_root(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """Every container is required not to run as root, by itself or by its pod.

    Nor does the pod say the opposite, whatever its containers say. In a user namespace (`hostUsers: false`), root is
    nobody on the node, which Kubernetes accepts since 1.35. Control "Running as Non-root" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Running as Non-root", pod, chart)


containers_run_as_non_root.breaks(
    manifests=HEALTHY,
    the_pod_does_not_say=gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
    a_container_takes_it_back=put("Deployment web", f"{WEB}.securityContext.runAsNonRoot", False),
)
containers_run_as_non_root.breaks(
    manifests=CONFINED_CONTAINERS,
    the_pod_says_the_opposite_of_its_containers=put("Deployment web", f"{POD}.securityContext.runAsNonRoot", False),
)


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def user_namespaces_do_not_count_yet(rendering: Rendering) -> Rendering:
    in_user_namespace = put("Deployment web", f"{POD}.hostUsers", False)
    unsaid = gone("Deployment web", f"{POD}.securityContext.runAsNonRoot")
    return admitting(">=1.34.0-0", rendering, in_user_namespace, unsaid)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Name a user other than 0, or none, and let the image or the cluster choose.",
)
def no_user_is_root(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """No pod and no container names the user 0.

    Unless it is in a user namespace (`hostUsers: false`), since 1.35. Control "Running as Non-root user" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Running as Non-root user", pod, chart)


no_user_is_root.breaks(
    manifests=HEALTHY,
    the_pod_is_roots=put("Deployment web", f"{POD}.securityContext.runAsUser", 0),
    an_init_container_is_roots=put("Deployment web", f"{PREPARE}.securityContext.runAsUser", 0),
)


@no_user_is_root.counterexample(manifests=HEALTHY)
def root_in_a_user_namespace_of_an_older_cluster(rendering: Rendering) -> Rendering:
    in_user_namespace = put("Deployment web", f"{POD}.hostUsers", False)
    as_root = put("Deployment web", f"{WEB}.securityContext.runAsUser", 0)
    return admitting(">=1.30.0-0", rendering, in_user_namespace, as_root)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Set securityContext.seccompProfile.type: RuntimeDefault on the pod.",
)
def seccomp_confines_containers(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """Every container has a seccomp profile, its own or its pod's: the runtime's default or one of the node.

    Without one, a container may make any system call. Nor does the pod name another one, whatever its containers do.
    Control "Seccomp" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Seccomp", pod, chart)


seccomp_confines_containers.breaks(
    manifests=HEALTHY,
    nobody_names_a_profile=gone("Deployment web", f"{POD}.securityContext.seccompProfile"),
    a_container_is_unconfined=put("Deployment web", f"{WEB}.securityContext.seccompProfile", {"type": "Unconfined"}),
)
seccomp_confines_containers.breaks(
    manifests=CONFINED_CONTAINERS,
    only_the_containers_are_confined=put("Deployment web", f"{POD}.securityContext.seccompProfile.type", "Unconfined"),
)


@policy(
    judges=EACH_POD,
    severity="error",
    remediation="Set capabilities.drop: [ALL] on the container; add NET_BIND_SERVICE at most.",
)
def capabilities_are_dropped(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """Every container drops all capabilities, and takes none back but NET_BIND_SERVICE.

    Control "Capabilities" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Capabilities", pod, chart)


capabilities_are_dropped.breaks(
    manifests=HEALTHY,
    a_container_keeps_them=gone("Deployment web", f"{PREPARE}.securityContext.capabilities"),
    a_container_takes_one_back=put(
        "Deployment web", f"{WEB}.securityContext.capabilities.add", ["NET_BIND_SERVICE", "SYS_ADMIN"]
    ),
)


@policy(judges=EACH_POD, severity="error", remediation="Take securityContext.procMount out.")
def proc_is_masked(pod: Place[Resource], chart: Chart) -> Iterator[Check]:
    """No container sees more of /proc than the runtime shows by default.

    Control "/proc Mount Type" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("/proc Mount Type", pod, chart)


proc_is_masked.breaks(
    manifests=HEALTHY,
    a_container_sees_all_of_it=put("Deployment web", f"{WEB}.securityContext.procMount", "Unmasked"),
)
