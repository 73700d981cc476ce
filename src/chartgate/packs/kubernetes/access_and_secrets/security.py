"""What containers may do: the Pod Security Standards, control by control.

Each control is judged by the level that is demanded of the pod: by the settings, by the namespace that it is in, else
"baseline". Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.pod_security import CONTROLS
from chartgate.kubernetes.pods.pod_security_levels import demanded_level, next_level, violates
from chartgate.kubernetes.pods.restricted_fields import examined
from chartgate.model import Chart, Check, Missing, Rendering
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import POD as EACH_POD

from ..healthy.pod import HEALTHY, POD, PREPARE, PRIVILEGED, RESTRICTED, RESTRICTED_CONTAINERS, WEB, admitting


def control_checks(control: str, rendering: Rendering) -> Iterator[Check]:
    """Check what a control of the standards restricts, as far as the level that is demanded of the pod goes."""
    for resource in EACH_POD.holders(rendering):
        level = demanded_level(rendering, resource.namespace)
        try:
            for pod in EACH_POD.of(resource):
                for found in examined(pod, CONTROLS[control], admitted_by(rendering.chart)):
                    is_wrong = violates(control, found, level)
                    check = states(found.place, not is_wrong, expected=found.expected, actual=found.actual)
                    # All volumes of a pod that need the node have one reason; so has a Deployment that by another
                    # value is a DaemonSet of the same name.
                    yield with_cause(check, f"{control} of {resource.name}")
        except Missing as missing:  # the other pods are judged all the same
            yield missing.check


def admitted_by(chart: Chart) -> str:
    """Give which versions of Kubernetes a chart admits, whose rules count; empty for any."""
    return str(chart.metadata.get("kubeVersion") or "")


@policy(
    severity="error",
    remediation="Take `privileged: true` out; ask for the one capability that is needed.",
)
def containers_are_unprivileged(rendering: Rendering) -> Iterator[Check]:
    """No container is privileged.

    A privileged container is root on its node. Control "Privileged Containers" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Privileged Containers", rendering)


containers_are_unprivileged.breaks(
    manifests=HEALTHY,
    the_init_container_is_privileged=put("Deployment web", f"{PREPARE}.securityContext.privileged", True),
)


@policy(
    severity="error",
    remediation="Set securityContext.allowPrivilegeEscalation: false on the container.",
)
def privilege_escalation_is_off(rendering: Rendering) -> Iterator[Check]:
    """No process of a container can gain more rights than its parent.

    It must be said of each container: the default allows it, and there is no such setting for a pod. Control
    "Privilege Escalation" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Privilege Escalation", rendering)


privilege_escalation_is_off.breaks(
    manifests=RESTRICTED,
    an_init_container_does_not_say=gone("Deployment web", f"{PREPARE}.securityContext.allowPrivilegeEscalation"),
)


@privilege_escalation_is_off.counterexample(manifests=RESTRICTED)
def a_hook_adds_a_container_without_security_context(rendering: Rendering) -> Rendering:
    hooked = dataclasses.replace(rendering, after_hooks=copy.deepcopy(rendering.after_hooks))
    return append("Deployment web", f"{POD}.containers", {"name": "sidecar"}).apply(hooked)


@policy(
    severity="error",
    remediation="Set securityContext.runAsNonRoot: true on the pod; no container takes it back.",
)
def containers_run_as_non_root(rendering: Rendering) -> Iterator[Check]:
    """Every container is required not to run as root, by itself or by its pod.

    Nor does the pod say the opposite, whatever its containers say. In a user namespace (`hostUsers: false`), root is
    nobody on the node, which Kubernetes accepts since 1.35. Control "Running as Non-root" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Running as Non-root", rendering)


containers_run_as_non_root.breaks(
    manifests=RESTRICTED,
    the_pod_does_not_say=gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
    a_container_takes_it_back=put("Deployment web", f"{WEB}.securityContext.runAsNonRoot", False),
)
containers_run_as_non_root.breaks(
    manifests=RESTRICTED_CONTAINERS,
    the_pod_says_the_opposite_of_its_containers=put("Deployment web", f"{POD}.securityContext.runAsNonRoot", False),
)


@containers_run_as_non_root.counterexample(manifests=RESTRICTED)
def user_namespaces_do_not_count_yet(rendering: Rendering) -> Rendering:
    in_user_namespace = put("Deployment web", f"{POD}.hostUsers", False)
    unsaid = gone("Deployment web", f"{POD}.securityContext.runAsNonRoot")
    return admitting(">=1.34.0-0", rendering, in_user_namespace, unsaid)


@policy(
    severity="error",
    remediation="Name a user other than 0, or none, and let the image or the cluster choose.",
)
def no_user_is_root(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container names the user 0.

    Unless it is in a user namespace (`hostUsers: false`), since 1.35. Control "Running as Non-root user" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Running as Non-root user", rendering)


no_user_is_root.breaks(
    manifests=RESTRICTED,
    the_pod_is_roots=put("Deployment web", f"{POD}.securityContext.runAsUser", 0),
    an_init_container_is_roots=put("Deployment web", f"{PREPARE}.securityContext.runAsUser", 0),
)


@no_user_is_root.counterexample(manifests=RESTRICTED)
def root_in_a_user_namespace_of_an_older_cluster(rendering: Rendering) -> Rendering:
    in_user_namespace = put("Deployment web", f"{POD}.hostUsers", False)
    as_root = put("Deployment web", f"{WEB}.securityContext.runAsUser", 0)
    return admitting(">=1.30.0-0", rendering, in_user_namespace, as_root)


@policy(
    severity="error",
    remediation="Set securityContext.seccompProfile.type: RuntimeDefault on the pod.",
)
def seccomp_confines_containers(rendering: Rendering) -> Iterator[Check]:
    """Every container has a seccomp profile, its own or its pod's: the runtime's default or one of the node.

    Without one, a container may make any system call. Nor does the pod name another one, whatever its containers do.
    Control "Seccomp" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Seccomp", rendering)


seccomp_confines_containers.breaks(
    manifests=RESTRICTED,
    nobody_names_a_profile=gone("Deployment web", f"{POD}.securityContext.seccompProfile"),
    a_container_is_unconfined=put("Deployment web", f"{WEB}.securityContext.seccompProfile", {"type": "Unconfined"}),
)
seccomp_confines_containers.breaks(
    manifests=RESTRICTED_CONTAINERS,
    only_the_containers_are_confined=put("Deployment web", f"{POD}.securityContext.seccompProfile.type", "Unconfined"),
)


@policy(
    severity="error",
    remediation="Set capabilities.drop: [ALL] on the container; add NET_BIND_SERVICE at most.",
)
def capabilities_are_dropped(rendering: Rendering) -> Iterator[Check]:
    """Every container drops all capabilities, and takes none back but NET_BIND_SERVICE.

    Control "Capabilities" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Capabilities", rendering)


capabilities_are_dropped.breaks(
    manifests=RESTRICTED,
    a_container_keeps_them=gone("Deployment web", f"{PREPARE}.securityContext.capabilities"),
    a_container_takes_one_back=put(
        "Deployment web", f"{WEB}.securityContext.capabilities.add", ["NET_BIND_SERVICE", "SYS_ADMIN"]
    ),
)


@policy(severity="error", remediation="Take securityContext.procMount out.")
def proc_is_masked(rendering: Rendering) -> Iterator[Check]:
    """No container sees more of /proc than the runtime shows by default.

    Control "/proc Mount Type" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("/proc Mount Type", rendering)


proc_is_masked.breaks(
    manifests=HEALTHY,
    a_container_sees_all_of_it=put("Deployment web", f"{WEB}.securityContext.procMount", "Unmasked"),
)


@policy(
    severity="warning",
    remediation="Set what the finding names, on the pod or on its containers, or demand this level: `pod_security`.",
)
def pods_fit_the_next_security_level(rendering: Rendering) -> Iterator[Check]:
    """Each pod keeps to the Pod Security Standard that is next stricter than the demanded one.

    Where a cluster enforces `restricted`, as OpenShift does by default, it refuses all other pods. A helm test is left
    out: it runs when somebody asks for it; so is a pod that lacks what is demanded already. Told once a chart. https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource in EACH_POD.holders(rendering):
        demanded = demanded_level(rendering, resource.namespace)
        level = next_level(demanded)
        if level is None or is_test(resource):
            continue
        try:
            for pod in EACH_POD.of(resource):
                wrong = [
                    (control, found)
                    for control, fields in CONTROLS.items()
                    for found in examined(pod, fields, admitted_by(rendering.chart))
                    if violates(control, found, level)
                ]
                lacking = [
                    f"{found.place.address.removeprefix(f'{pod.address}.')}: {found.actual}" for _, found in wrong
                ]
                if any(violates(control, found, demanded) for control, found in wrong):
                    lacking = []  # it is not even what is demanded, as another policy tells
                actual = "; ".join(lacking) or "it"
                check = states(pod, not lacking, expected=f"what the level {level} allows", actual=actual)
                yield with_cause(check, f"pods: {check.expected}")
        except Missing:  # a pod that cannot be read: the other policies tell of it
            continue


pods_fit_the_next_security_level.breaks(
    manifests=HEALTHY,
    the_pod_may_run_as_root=gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
    the_init_container_may_gain_rights=gone("Deployment web", f"{PREPARE}.securityContext.allowPrivilegeEscalation"),
    a_container_keeps_a_capability=put("Deployment web", f"{WEB}.securityContext.capabilities.add", ["CHOWN"]),
)
pods_fit_the_next_security_level.breaks(
    manifests=PRIVILEGED,
    the_pod_shares_the_network_of_its_node=put("Deployment web", f"{POD}.hostNetwork", True),
)
