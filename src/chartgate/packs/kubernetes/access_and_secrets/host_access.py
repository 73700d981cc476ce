"""What pods may take from their node: the controls of the Pod Security Standards that concern it.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy

from ..healthy.pod import HEALTHY, POD, PREPARE, RESTRICTED, WEB, admitting
from .security import control_checks


@policy(severity="error", remediation="Take hostNetwork, hostPID and hostIPC out of the pod.")
def pods_stay_out_of_host_namespaces(rendering: Rendering) -> Iterator[Check]:
    """No pod shares network, processes or memory with its node.

    Control "Host Namespaces" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Host Namespaces", rendering)


pods_stay_out_of_host_namespaces.breaks(
    manifests=HEALTHY,
    a_pod_is_on_the_network_of_its_node=put("Deployment web", f"{POD}.hostNetwork", True),
)


@policy(
    severity="error",
    remediation="Use a PersistentVolumeClaim for storage, an emptyDir for scratch space.",
)
def volumes_are_of_restricted_types(rendering: Rendering) -> Iterator[Check]:
    """No volume is a folder of the node or a piece of storage that the pod itself names.

    Controls "HostPath Volumes" and "Volume Types" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("HostPath Volumes", rendering)
    yield from control_checks("Volume Types", rendering)


volumes_are_of_restricted_types.breaks(
    manifests=HEALTHY,
    a_volume_is_a_folder_of_the_node=append(
        "Deployment web", f"{POD}.volumes", {"name": "logs", "hostPath": {"path": "/var/log"}}
    ),
)


@volumes_are_of_restricted_types.counterexample(manifests=RESTRICTED)
def an_image_is_mounted_where_that_is_not_allowed_yet(rendering: Rendering) -> Rendering:
    volume = {"name": "model", "image": {"reference": "example.com/model:1"}}
    return admitting(">=1.31.0-0", rendering, append("Deployment web", f"{POD}.volumes", volume))


@policy(severity="error", remediation="Take hostPort out; a Service makes the port reachable.")
def host_ports_stay_closed(rendering: Rendering) -> Iterator[Check]:
    """No container takes a port of its node.

    Control "Host Ports" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Host Ports", rendering)


host_ports_stay_closed.breaks(
    manifests=HEALTHY,
    a_container_takes_a_port=put("Deployment web", f"{WEB}.ports[http].hostPort", 80),
)


@policy(severity="error", remediation="Take `host` out of the probe: it then asks the pod itself.")
def probes_name_no_host(rendering: Rendering) -> Iterator[Check]:
    """No probe and no lifecycle hook sends a request to another host than its pod.

    The node sends it, past all network policies. Control "Host Probes / Lifecycle Hooks" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Host Probes / Lifecycle Hooks", rendering)


probes_name_no_host.breaks(
    manifests=HEALTHY,
    a_probe_asks_the_node=put("Deployment web", f"{WEB}.livenessProbe.httpGet.host", "127.0.0.1"),
    a_container_calls_the_cloud_before_it_stops=put(
        "Deployment web", f"{WEB}.lifecycle.preStop", {"httpGet": {"host": "169.254.169.254", "port": 80}}
    ),
)


@policy(severity="error", remediation="Take the sysctl out, or set it on the node.")
def sysctls_are_safe(rendering: Rendering) -> Iterator[Check]:
    """No pod changes the kernel but by parameters that have no effect on others.

    Newer versions of Kubernetes allow more of them; the kubelet of an older one refuses the pod. Control "Sysctls" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("Sysctls", rendering)


sysctls_are_safe.breaks(
    manifests=HEALTHY,
    a_pod_sets_a_parameter_of_its_node=put(
        "Deployment web", f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "65536"}]
    ),
)


@sysctls_are_safe.counterexample(manifests=HEALTHY)
def an_older_kubelet_refuses_the_parameter(rendering: Rendering) -> Rendering:
    sysctl = {"name": "net.ipv4.tcp_rmem", "value": "4096 87380 16777216"}
    return admitting(">=1.31.0-0", rendering, put("Deployment web", f"{POD}.securityContext.sysctls", [sysctl]))


@policy(severity="error", remediation="Take windowsOptions.hostProcess out.")
def host_process_is_off(rendering: Rendering) -> Iterator[Check]:
    """No container runs as a process of a Windows node.

    Control "HostProcess" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("HostProcess", rendering)


host_process_is_off.breaks(
    manifests=HEALTHY,
    a_pod_is_a_process_of_its_node=put(
        "Deployment web", f"{POD}.securityContext.windowsOptions", {"hostProcess": True}
    ),
)


@policy(severity="error", remediation="Take the profile out, or name RuntimeDefault or Localhost.")
def apparmor_confines_containers(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container is taken out of AppArmor, neither by its field nor by the annotation of old.

    Control "AppArmor" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("AppArmor", rendering)


apparmor_confines_containers.breaks(
    manifests=HEALTHY,
    a_pod_is_unconfined=put("Deployment web", f"{POD}.securityContext.appArmorProfile", {"type": "Unconfined"}),
    an_annotation_takes_the_profile_away=put(
        "Deployment web",
        "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/web]",
        "unconfined",
    ),
)


@policy(severity="error", remediation="Take seLinuxOptions out; the cluster chooses them.")
def selinux_options_are_allowed(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container chooses an SELinux user or role, or a type that is not made for containers.

    Control "SELinux" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from control_checks("SELinux", rendering)


selinux_options_are_allowed.breaks(
    manifests=HEALTHY,
    a_container_has_the_type_of_the_node=put(
        "Deployment web", f"{PREPARE}.securityContext.seLinuxOptions", {"type": "spc_t"}
    ),
    a_pod_has_a_role_of_its_own=put("Deployment web", f"{POD}.securityContext.seLinuxOptions", {"role": "sysadm_r"}),
)
