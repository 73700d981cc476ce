"""What containers may do: the restricted Pod Security Standard, control by control.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.pods.workloads import Container, pod_spec
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import (
    HEALTHY,
    admitting,
    all_containers,
    is_in_user_namespace,
    linux_containers,
    pod_setting,
    pods,
    prepare,
    spec,
    web,
)

NOTHING = (ABSENT, None)
_PROFILES = ("RuntimeDefault", "Localhost")


def _about(container: Container, setting: str, passed: bool, expected: str) -> Check:
    actual = container.at(setting)
    return states(container.resource, f"{container.address}.{setting}", passed, expected=expected, actual=actual)


def _is_in_user_namespace(rendering: Rendering, container: Container) -> bool:
    return is_in_user_namespace(rendering, pod_spec(container.resource)[1])


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

    Nor does the pod say the opposite, whatever its containers say. In a user namespace (`hostUsers: false`), root is
    nobody on the node, which Kubernetes accepts since 1.35. Control "Running as Non-root" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    setting = "securityContext.runAsNonRoot"
    for resource, address, pod in pods(rendering):
        of_the_pod = resource.at(f"{address}.{setting}")
        passed = of_the_pod is not False or is_in_user_namespace(rendering, pod)
        yield states(resource, f"{address}.{setting}", passed, expected="not false", actual=of_the_pod)
    for container in all_containers(rendering):
        own, of_the_pod = container.at(setting), pod_setting(container, setting)
        passed = (of_the_pod if own in NOTHING else own) is True or _is_in_user_namespace(rendering, container)
        yield _about(container, setting, passed, "true, here or on the pod")


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def the_pod_does_not_say(rendering: Rendering) -> Rendering:
    del spec(rendering)["securityContext"]["runAsNonRoot"]
    return rendering


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def a_container_takes_it_back(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["runAsNonRoot"] = False
    return rendering


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def the_pod_says_the_opposite_of_its_containers(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["runAsNonRoot"] = prepare(rendering)["securityContext"]["runAsNonRoot"] = True
    spec(rendering)["securityContext"]["runAsNonRoot"] = False
    return rendering


@containers_run_as_non_root.counterexample(manifests=HEALTHY)
def user_namespaces_do_not_count_yet(rendering: Rendering) -> Rendering:
    del spec(rendering)["securityContext"]["runAsNonRoot"]
    spec(rendering)["hostUsers"] = False
    return admitting(rendering, ">=1.34.0-0")


@policy(severity="error", remediation="Name a user other than 0, or none, and let the image or the cluster choose.")
def no_user_is_root(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container names the user 0.

    Unless it is in a user namespace (`hostUsers: false`), since 1.35. Control "Running as Non-root user" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    setting = "securityContext.runAsUser"
    for resource, address, pod in pods(rendering):
        user = resource.at(f"{address}.{setting}")
        passed = user != 0 or is_in_user_namespace(rendering, pod)
        yield states(resource, f"{address}.{setting}", passed, expected="not 0", actual=user)
    for container in all_containers(rendering):
        passed = container.at(setting) != 0 or _is_in_user_namespace(rendering, container)
        yield _about(container, setting, passed, "not 0")


@no_user_is_root.counterexample(manifests=HEALTHY)
def the_pod_is_roots(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["runAsUser"] = 0
    return rendering


@no_user_is_root.counterexample(manifests=HEALTHY)
def an_init_container_is_roots(rendering: Rendering) -> Rendering:
    prepare(rendering)["securityContext"]["runAsUser"] = 0
    return rendering


@no_user_is_root.counterexample(manifests=HEALTHY)
def root_in_a_user_namespace_of_an_older_cluster(rendering: Rendering) -> Rendering:
    spec(rendering)["hostUsers"] = False
    web(rendering)["securityContext"]["runAsUser"] = 0
    return admitting(rendering, ">=1.30.0-0")


@policy(severity="error", remediation="Set securityContext.seccompProfile.type: RuntimeDefault on the pod.")
def seccomp_confines_containers(rendering: Rendering) -> Iterator[Check]:
    """Every container has a seccomp profile, its own or its pod's: the runtime's default or one of the node.

    Without one, a container may make any system call. Nor does the pod name another one, whatever its containers do.
    Control "Seccomp" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    setting = "securityContext.seccompProfile.type"
    for resource, address, _ in pods(rendering):
        of_the_pod = resource.at(f"{address}.{setting}")
        passed = of_the_pod in (*NOTHING, *_PROFILES)
        expected = "RuntimeDefault, Localhost or nothing"
        yield states(resource, f"{address}.{setting}", passed, expected=expected, actual=of_the_pod)
    for container in linux_containers(rendering):
        own, of_the_pod = container.at(setting), pod_setting(container, setting)
        passed = (of_the_pod if own in NOTHING else own) in _PROFILES
        yield _about(container, setting, passed, "RuntimeDefault or Localhost, here or on the pod")


@seccomp_confines_containers.counterexample(manifests=HEALTHY)
def nobody_names_a_profile(rendering: Rendering) -> Rendering:
    del spec(rendering)["securityContext"]["seccompProfile"]
    return rendering


@seccomp_confines_containers.counterexample(manifests=HEALTHY)
def a_container_is_unconfined(rendering: Rendering) -> Rendering:
    web(rendering)["securityContext"]["seccompProfile"] = {"type": "Unconfined"}
    return rendering


@seccomp_confines_containers.counterexample(manifests=HEALTHY)
def only_the_containers_are_confined(rendering: Rendering) -> Rendering:
    for container in (prepare(rendering), web(rendering)):
        container["securityContext"]["seccompProfile"] = {"type": "RuntimeDefault"}
    spec(rendering)["securityContext"]["seccompProfile"] = {"type": "Unconfined"}
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
        passed = added in NOTHING or (isinstance(added, list) and set(texts_in(added)) <= {"NET_BIND_SERVICE"})
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
