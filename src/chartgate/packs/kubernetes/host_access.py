"""What pods may take from their node: the controls of the Pod Security Standards that concern it.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.workloads import containers, pod_template
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import HEALTHY, admitting, all_containers, is_since, pods, prepare, spec, web

NOTHING = (ABSENT, None)

# "Sysctls": those that are namespaced and have no effect on other pods, each with the version that first allowed it.
_SYSCTLS = {
    "kernel.shm_rmid_forced": "1.0",
    "net.ipv4.ip_local_port_range": "1.0",
    "net.ipv4.ip_unprivileged_port_start": "1.0",
    "net.ipv4.tcp_syncookies": "1.0",
    "net.ipv4.ping_group_range": "1.0",
    "net.ipv4.ip_local_reserved_ports": "1.27",
    "net.ipv4.tcp_keepalive_time": "1.29",
    "net.ipv4.tcp_fin_timeout": "1.29",
    "net.ipv4.tcp_keepalive_intvl": "1.29",
    "net.ipv4.tcp_keepalive_probes": "1.29",
    "net.ipv4.tcp_rmem": "1.32",
    "net.ipv4.tcp_wmem": "1.32",
    "net.ipv4.tcp_slow_start_after_idle": "1.37",
    "net.ipv4.tcp_notsent_lowat": "1.37",
}
_VOLUMES = dict.fromkeys(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"), "1.0"
) | {"image": "1.33"}
_HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SELINUX_TYPES = {
    **dict.fromkeys(("", "container_t", "container_init_t", "container_kvm_t"), "1.0"),
    "container_engine_t": "1.31",
}


def _allowed(rendering: Rendering, since: Mapping[str, str]) -> list[str]:
    """Give what all versions that the chart admits allow."""
    return [what for what, version in since.items() if is_since(rendering, version)]


@policy(severity="error", remediation="Take hostNetwork, hostPID and hostIPC out of the pod.")
def pods_stay_out_of_host_namespaces(rendering: Rendering) -> Iterator[Check]:
    """No pod shares network, processes or memory with its node.

    Control "Host Namespaces" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource, address, pod in pods(rendering):
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            passed = pod.get(key) in (None, False)
            yield states(resource, f"{address}.{key}", passed, expected="not true", actual=pod.get(key, ABSENT))


@pods_stay_out_of_host_namespaces.counterexample(manifests=HEALTHY)
def a_pod_is_on_the_network_of_its_node(rendering: Rendering) -> Rendering:
    spec(rendering)["hostNetwork"] = True
    return rendering


@policy(severity="error", remediation="Use a PersistentVolumeClaim for storage, an emptyDir for scratch space.")
def volumes_are_of_restricted_types(rendering: Rendering) -> Iterator[Check]:
    """No volume is a folder of the node or a piece of storage that the pod itself names.

    Controls "HostPath Volumes" and "Volume Types" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    allowed = _allowed(rendering, _VOLUMES)
    for resource, address, pod in pods(rendering):
        for index, volume in enumerate(maps_in(pod.get("volumes"))):
            types = sorted(key for key, value in volume.items() if key != "name" and value is not None)
            place = f"{address}.volumes[{index}]"
            yield states(
                resource,
                place,
                all(kind in allowed for kind in types),
                expected=f"one of {', '.join(allowed)}",
                actual=types,
            )


@volumes_are_of_restricted_types.counterexample(manifests=HEALTHY)
def a_volume_is_a_folder_of_the_node(rendering: Rendering) -> Rendering:
    spec(rendering)["volumes"].append({"name": "logs", "hostPath": {"path": "/var/log"}})
    return rendering


@volumes_are_of_restricted_types.counterexample(manifests=HEALTHY)
def an_image_is_mounted_where_that_is_not_allowed_yet(rendering: Rendering) -> Rendering:
    spec(rendering)["volumes"].append({"name": "model", "image": {"reference": "example.com/model:1"}})
    return admitting(rendering, ">=1.31.0-0")


@policy(severity="error", remediation="Take hostPort out; a Service makes the port reachable.")
def host_ports_stay_closed(rendering: Rendering) -> Iterator[Check]:
    """No container takes a port of its node.

    Control "Host Ports" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in all_containers(rendering):
        for index, port in enumerate(maps_in(container.at("ports"))):
            taken = port.get("hostPort", ABSENT)
            address = f"{container.address}.ports[{index}].hostPort"
            yield states(container.resource, address, taken in (*NOTHING, 0), expected="none", actual=taken)


@host_ports_stay_closed.counterexample(manifests=HEALTHY)
def a_container_takes_a_port(rendering: Rendering) -> Rendering:
    web(rendering)["ports"][0]["hostPort"] = 80
    return rendering


@policy(severity="error", remediation="Take `host` out of the probe: it then asks the pod itself.")
def probes_name_no_host(rendering: Rendering) -> Iterator[Check]:
    """No probe and no lifecycle hook sends a request to another host than its pod.

    The node sends it, past all network policies. Control "Host Probes / Lifecycle Hooks" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for container in all_containers(rendering):
        for handler in _HANDLERS:
            for kind in ("httpGet", "tcpSocket"):
                if isinstance(container.at(f"{handler}.{kind}"), dict):
                    address = f"{handler}.{kind}.host"
                    host = container.at(address)
                    place = f"{container.address}.{address}"
                    yield states(container.resource, place, host in (*NOTHING, ""), expected="none", actual=host)


@probes_name_no_host.counterexample(manifests=HEALTHY)
def a_probe_asks_the_node(rendering: Rendering) -> Rendering:
    web(rendering)["livenessProbe"]["httpGet"]["host"] = "127.0.0.1"
    return rendering


@probes_name_no_host.counterexample(manifests=HEALTHY)
def a_container_calls_the_cloud_before_it_stops(rendering: Rendering) -> Rendering:
    web(rendering)["lifecycle"] = {"preStop": {"httpGet": {"host": "169.254.169.254", "port": 80}}}
    return rendering


@policy(severity="error", remediation="Take the sysctl out, or set it on the node.")
def sysctls_are_safe(rendering: Rendering) -> Iterator[Check]:
    """No pod changes the kernel but by parameters that have no effect on others.

    Newer versions of Kubernetes allow more of them; the kubelet of an older one refuses the pod. Control "Sysctls" of
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    allowed = _allowed(rendering, _SYSCTLS)
    for resource, address, _ in pods(rendering):
        place = f"{address}.securityContext.sysctls"
        names = [sysctl.get("name") for sysctl in maps_in(resource.at(place))]
        unsafe = [name for name in names if name not in allowed]
        yield states(resource, place, not unsafe, expected="only safe ones", actual=unsafe or "only safe ones")


@sysctls_are_safe.counterexample(manifests=HEALTHY)
def a_pod_sets_a_parameter_of_its_node(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["sysctls"] = [{"name": "kernel.msgmax", "value": "65536"}]
    return rendering


@sysctls_are_safe.counterexample(manifests=HEALTHY)
def an_older_kubelet_refuses_the_parameter(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["sysctls"] = [{"name": "net.ipv4.tcp_rmem", "value": "4096 87380 16777216"}]
    return admitting(rendering, ">=1.31.0-0")


def _settings(rendering: Rendering, *settings: str) -> Iterator[tuple[Resource, str, str, Any]]:
    """Give these settings of every security context, of pods and of containers: resource, address, setting, value."""
    for resource, address, pod in pods(rendering):
        for place, owner in ((address, pod), *((c.address, c.manifest) for c in containers(resource))):
            for setting in settings:
                inside = f"securityContext.{setting}"
                yield resource, f"{place}.{inside}", setting, lookup(owner, inside)


@policy(severity="error", remediation="Take windowsOptions.hostProcess out.")
def host_process_is_off(rendering: Rendering) -> Iterator[Check]:
    """No container runs as a process of a Windows node.

    Control "HostProcess" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource, address, _, actual in _settings(rendering, "windowsOptions.hostProcess"):
        yield states(resource, address, actual in (*NOTHING, False), expected="not true", actual=actual)


@host_process_is_off.counterexample(manifests=HEALTHY)
def a_pod_is_a_process_of_its_node(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["windowsOptions"] = {"hostProcess": True}
    return rendering


@policy(severity="error", remediation="Take the profile out, or name RuntimeDefault or Localhost.")
def apparmor_confines_containers(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container is taken out of AppArmor, neither by its field nor by the annotation of old.

    Control "AppArmor" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource, address, _, actual in _settings(rendering, "appArmorProfile.type"):
        passed = actual in (*NOTHING, "RuntimeDefault", "Localhost")
        yield states(resource, address, passed, expected="RuntimeDefault, Localhost or nothing", actual=actual)
    for resource, _, _ in pods(rendering):
        above, template = pod_template(resource)
        annotations = lookup(template, "metadata.annotations")
        for key, profile in annotations.items() if isinstance(annotations, dict) else ():
            if key.startswith(_APPARMOR):
                address = ".".join(filter(None, (above, join("metadata", "annotations", key))))
                passed = profile in (None, "", "runtime/default") or str(profile).startswith("localhost/")
                yield states(resource, address, passed, expected="runtime/default or localhost/*", actual=profile)


@apparmor_confines_containers.counterexample(manifests=HEALTHY)
def a_pod_is_unconfined(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["appArmorProfile"] = {"type": "Unconfined"}
    return rendering


@apparmor_confines_containers.counterexample(manifests=HEALTHY)
def an_annotation_takes_the_profile_away(rendering: Rendering) -> Rendering:
    metadata = pod_template(rendering.resources[0])[1]["metadata"]
    metadata["annotations"] = {f"{_APPARMOR}web": "unconfined"}
    return rendering


@policy(severity="error", remediation="Take seLinuxOptions out; the cluster chooses them.")
def selinux_options_are_allowed(rendering: Rendering) -> Iterator[Check]:
    """No pod and no container chooses an SELinux user or role, or a type that is not made for containers.

    Control "SELinux" of https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    keys = ("seLinuxOptions.type", "seLinuxOptions.user", "seLinuxOptions.role")
    types = _allowed(rendering, _SELINUX_TYPES)
    for resource, address, setting, actual in _settings(rendering, *keys):
        accepted = types if setting == "seLinuxOptions.type" else [""]
        expected = ", ".join(filter(None, accepted)) or "nothing"
        yield states(resource, address, actual in (*NOTHING, *accepted), expected=expected, actual=actual)


@selinux_options_are_allowed.counterexample(manifests=HEALTHY)
def a_container_has_the_type_of_the_node(rendering: Rendering) -> Rendering:
    prepare(rendering)["securityContext"]["seLinuxOptions"] = {"type": "spc_t"}
    return rendering


@selinux_options_are_allowed.counterexample(manifests=HEALTHY)
def a_pod_has_a_role_of_its_own(rendering: Rendering) -> Rendering:
    spec(rendering)["securityContext"]["seLinuxOptions"] = {"role": "sysadm_r"}
    return rendering
