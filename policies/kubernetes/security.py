"""What containers may do: the restricted Pod Security Standard, control by control.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.addresses import ABSENT
from chartgate.checks import states
from chartgate.kubernetes.lists import texts_in
from chartgate.kubernetes.workloads import Container
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy import policy
from policies.kubernetes.pods import HEALTHY, all_containers, linux_containers, pod_setting, pods, prepare, spec, web

NOTHING = (ABSENT, None)


def _about(container: Container, setting: str, passed: bool, expected: str) -> Check:
    actual = container.at(setting)
    return states(container.resource, f"{container.address}.{setting}", passed, expected=expected, actual=actual)


@policy(severity="error", remediation="Take `privileged: true` out; ask for the one capability that is needed.")
def containers_are_unprivileged(rendering: Rendering) -> Iterator[Check]:
    """No container is privileged.

    A privileged container is root on its node. Control "Privileged Containers" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in all_containers(rendering):
        privileged = container.at("securityContext.privileged")
        yield _about(container, "securityContext.privileged", privileged in (*NOTHING, False), "not true")


@containers_are_unprivileged.counterexample(manifests=HEALTHY)
def the_init_container_is_privileged(rendering: Rendering) -> Rendering:
    prepare(rendering)["securityContext"]["privileged"] = True
    return rendering


@policy(severity="error", remediation="Set securityContext.allowPrivilegeEscalation: false on the container.")
def privilege_escalation_is_off(rendering: Rendering) -> Iterator[Check]:
    """No process of a container can gain more rights than its parent.

    It must be said of each container: the default allows it, and there is no such setting for a pod. Control
    "Privilege Escalation" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in linux_containers(rendering):
        setting = "securityContext.allowPrivilegeEscalation"
        yield _about(container, setting, container.at(setting) is False, "false")


@privilege_escalation_is_off.counterexample(manifests=HEALTHY)
def an_init_container_does_not_say(rendering: Rendering) -> Rendering:
    del prepare(rendering)["securityContext"]["allowPrivilegeEscalation"]
    return rendering


@privilege_escalation_is_off.counterexample(manifests=HEALTHY)
def a_hook_adds_a_container_without_security_context(rendering: Rendering) -> Rendering:
    patched = web(rendering) | {"name": "sidecar", "securityContext": None}
    resource = rendering.resources[0]
    template = {"spec": spec(rendering) | {"containers": [web(rendering), patched]}}
    manifest = resource.manifest | {"spec": resource.manifest["spec"] | {"template": template}}
    after = Resource(manifest, resource.template, resource.default_namespace)
    return dataclasses.replace(rendering, after_hooks=Resources([after]))


@policy(severity="error", remediation="Set securityContext.runAsNonRoot: true on the pod; no container takes it back.")
def containers_run_as_non_root(rendering: Rendering) -> Iterator[Check]:
    """Every container is required not to run as root, by itself or by its pod.

    Control "Running as Non-root" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in all_containers(rendering):
        setting = "securityContext.runAsNonRoot"
        own, of_the_pod = container.at(setting), pod_setting(container, setting)
        yield _about(container, setting, (of_the_pod if own in NOTHING else own) is True, "true, here or on the pod")


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def the_pod_does_not_say(rendering: Rendering) -> Rendering:
    del spec(rendering)["securityContext"]["runAsNonRoot"]
    return rendering


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def a_container_takes_it_back(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["runAsNonRoot"] = False
    return rendering


@policy(severity="error", remediation="Name a user other than 0, or none, and let the image or the cluster choose.")
def no_user_is_root(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container names the user 0.

    Control "Running as Non-root user" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    setting = "securityContext.runAsUser"
    for resource, address, _ in pods(rendering):
        user = resource.at(f"{address}.{setting}")
        yield states(resource, f"{address}.{setting}", user != 0, expected="not 0", actual=user)
    for container in all_containers(rendering):
        yield _about(container, setting, container.at(setting) != 0, "not 0")


@no_user_is_root.counterexample(manifests=HEALTHY)
def the_pod_is_roots(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["runAsUser"] = 0
    return rendering


@no_user_is_root.counterexample(manifests=HEALTHY)
def an_init_container_is_roots(rendering: Rendering) -> Rendering:
    prepare(rendering)["securityContext"]["runAsUser"] = 0
    return rendering


@policy(severity="error", remediation="Set securityContext.seccompProfile.type: RuntimeDefault on the pod.")
def seccomp_confines_containers(rendering: Rendering) -> Iterator[Check]:
    """Every container has a seccomp profile, its own or its pod's: the runtime's default or one of the node.

    Without one, a container may make any system call. Control "Seccomp" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in linux_containers(rendering):
        setting = "securityContext.seccompProfile.type"
        own, of_the_pod = container.at(setting), pod_setting(container, setting)
        passed = (of_the_pod if own in NOTHING else own) in ("RuntimeDefault", "Localhost")
        yield _about(container, setting, passed, "RuntimeDefault or Localhost, here or on the pod")


@seccomp_confines_containers.counterexample(manifests=HEALTHY)
def nobody_names_a_profile(rendering: Rendering) -> Rendering:
    del spec(rendering)["securityContext"]["seccompProfile"]
    return rendering


@seccomp_confines_containers.counterexample(manifests=HEALTHY)
def a_container_is_unconfined(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["seccompProfile"] = {"type": "Unconfined"}
    return rendering


@policy(severity="error", remediation="Set capabilities.drop: [ALL] on the container; add NET_BIND_SERVICE at most.")
def capabilities_are_dropped(rendering: Rendering) -> Iterator[Check]:
    """Every container drops all capabilities, and takes none back but NET_BIND_SERVICE.

    Control "Capabilities" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in linux_containers(rendering):
        dropped = texts_in(container.at("securityContext.capabilities.drop"))
        yield _about(container, "securityContext.capabilities.drop", "ALL" in dropped, "a list with ALL")
        added = container.at("securityContext.capabilities.add")
        passed = added in (*NOTHING, [], ["NET_BIND_SERVICE"])
        yield _about(container, "securityContext.capabilities.add", passed, "NET_BIND_SERVICE or nothing")


@capabilities_are_dropped.counterexample(manifests=HEALTHY)
def a_container_keeps_them(rendering: Rendering) -> Rendering:
    del prepare(rendering)["securityContext"]["capabilities"]
    return rendering


@capabilities_are_dropped.counterexample(manifests=HEALTHY)
def a_container_takes_one_back(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["capabilities"]["add"] = ["NET_BIND_SERVICE", "SYS_ADMIN"]
    return rendering


@policy(severity="error", remediation="Take securityContext.procMount out.")
def proc_is_masked(rendering: Rendering) -> Iterator[Check]:
    """No container sees more of /proc than the runtime shows by default.

    Control "/proc Mount Type" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in all_containers(rendering):
        setting = "securityContext.procMount"
        yield _about(container, setting, container.at(setting) in (*NOTHING, "Default"), "Default or nothing")


@proc_is_masked.counterexample(manifests=HEALTHY)
def a_container_sees_all_of_it(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["procMount"] = "Unmasked"
    return rendering
