"""The Pod Security Standards as one table: each control, its level, the fields that it restricts, and what they allow.

Policies demand it of every pod; a review compares what two versions of a pod make of it. Source:
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import Any, get_args

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import same
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.pods.restricted_fields import Examined, Field
from chartgate.model import PodSecurityLevel, Rendering

_LEVELS: tuple[PodSecurityLevel, ...] = get_args(PodSecurityLevel)
_ENFORCED = "metadata.labels[pod-security.kubernetes.io/enforce]"


def _other_types(volume: Any) -> list[Any]:
    """Give the types of a volume but hostPath, which has its own control."""
    return sorted(key for key, value in (volume or {}).items() if key not in ("name", "hostPath") and value is not None)


def _names(sysctls: Any) -> list[Any]:
    return [sysctl.get("name") for sysctl in maps_in(sysctls)]


def _added(capabilities: Any) -> list[Any]:
    if capabilities is ABSENT:
        return []
    return texts_in(capabilities) if isinstance(capabilities, list) else [capabilities]


def _dropped(capabilities: Any) -> Any:
    return "a list with ALL" if "ALL" in texts_in(capabilities) else capabilities


def _user(number: Any) -> Any:
    return number if same(number, 0) else "not 0"


def _profile(name: Any) -> Any:
    return "localhost/*" if str(name).startswith("localhost/") else name


_CAPABILITIES = "securityContext.capabilities"
_OFF = (False, ABSENT)
_PROFILES = ("RuntimeDefault", "Localhost")
_SECCOMP = "securityContext.seccompProfile.type"
_SELINUX = "securityContext.seLinuxOptions"
_UNCONFINED = "AppArmor does not hold it back"
# Those that have no effect on other pods.
_SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
)
_SYSCTLS_SINCE = {
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
# The capabilities that a runtime gives a container anyway.
_BY_DEFAULT = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
)
_TYPES = "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret"

BASELINE: dict[str, tuple[Field, ...]] = {
    "HostProcess": (
        Field("pod and containers", "securityContext.windowsOptions.hostProcess", _OFF, "it is a process of its node"),
    ),
    "Host Namespaces": tuple(
        Field("pod", key, _OFF, "it shares this with its node") for key in ("hostNetwork", "hostPID", "hostIPC")
    ),
    "Privileged Containers": (Field("containers", "securityContext.privileged", _OFF, "it is privileged"),),
    "HostPath Volumes": (Field("volumes", "hostPath", (ABSENT,), "it sees a folder of its node"),),
    "Host Ports": (Field("ports", "hostPort", (0, ABSENT), "it takes a port of its node"),),
    "Host Probes / Lifecycle Hooks": (
        Field("kubelet requests", "host", ("", ABSENT), "it makes its node send requests to others"),
    ),
    "AppArmor": (
        Field("pod and containers", "securityContext.appArmorProfile.type", (*_PROFILES, ABSENT), _UNCONFINED),
        Field("AppArmor annotations", "", ("runtime/default", "localhost/*", "", ABSENT), _UNCONFINED, read=_profile),
    ),
    "SELinux": (
        Field(
            "pod and containers",
            f"{_SELINUX}.type",
            ("container_t", "container_init_t", "container_kvm_t", "", ABSENT),
            "its SELinux type is not one for containers",
            {"container_engine_t": "1.31"},
        ),
        Field("pod and containers", f"{_SELINUX}.user", ("", ABSENT), "it chooses its SELinux user"),
        Field("pod and containers", f"{_SELINUX}.role", ("", ABSENT), "it chooses its SELinux role"),
    ),
    "/proc Mount Type": (
        Field("containers", "securityContext.procMount", ("Default", ABSENT), "it sees all of /proc"),
    ),
    "Sysctls": (
        Field("pod", "securityContext.sysctls", _SYSCTLS, "it sets the kernel parameter", _SYSCTLS_SINCE, items=_names),
    ),
}
RESTRICTED: dict[str, tuple[Field, ...]] = {
    "Volume Types": (
        Field("volumes", "", _TYPES.split(), "it has a volume of the type", {"image": "1.33"}, items=_other_types),
    ),
    "Privilege Escalation": (
        Field(
            "containers on Linux",
            "securityContext.allowPrivilegeEscalation",
            (False,),
            "it may gain more rights than it started with",
        ),
    ),
    "Running as Non-root": (
        Field("pod", "securityContext.runAsNonRoot", (True, ABSENT), "it may run as root", is_about_root=True),
        Field(
            "containers",
            "securityContext.runAsNonRoot",
            (True,),
            "it may run as root",
            is_inherited=True,
            is_about_root=True,
        ),
    ),
    "Running as Non-root user": (
        Field(
            "pod and containers",
            "securityContext.runAsUser",
            ("not 0",),
            "it runs as root",
            read=_user,
            is_about_root=True,
        ),
    ),
    "Seccomp": (
        Field(
            "pod",
            _SECCOMP,
            (*_PROFILES, ABSENT),
            "it may make any system call",
            baseline_allows=(*_PROFILES, ABSENT),
        ),
        Field(
            "containers on Linux",
            _SECCOMP,
            _PROFILES,
            "it may make any system call",
            is_inherited=True,
            baseline_allows=(*_PROFILES, ABSENT),
        ),
    ),
    "Capabilities": (
        Field(
            "containers on Linux",
            f"{_CAPABILITIES}.drop",
            ("a list with ALL",),
            "it may keep capabilities",
            read=_dropped,
        ),
        Field(
            "containers on Linux",
            f"{_CAPABILITIES}.add",
            ("NET_BIND_SERVICE",),
            "it gets the capability",
            items=_added,
            baseline_allows=_BY_DEFAULT.split(),
        ),
    ),
}
"""What the level "restricted" adds; its Seccomp and Capabilities include those of the baseline."""
CONTROLS = {**BASELINE, **RESTRICTED}
"""All controls, under the names that the standards give them."""


def demanded_level(rendering: Rendering, namespace: str) -> PodSecurityLevel:
    """Give what a pod in a namespace must keep to.

    That is the stricter of what the settings demand and of what the namespace, if it is rendered, enforces; `baseline`
    where neither says anything.
    """
    labels = [found.at(_ENFORCED) for found in rendering.resources.named("Namespace", namespace)]
    said = [level for level in _LEVELS if level in (*labels, rendering.scenario.declared.pod_security)]
    return said[-1] if said else "baseline"


def next_level(level: PodSecurityLevel) -> PodSecurityLevel | None:
    """Give the next stricter level, None where there is none."""
    stricter = _LEVELS[_LEVELS.index(level) + 1 :]
    return stricter[0] if stricter else None


def violates(control: str, found: Examined, level: PodSecurityLevel) -> bool:
    """Tell whether a level does not allow what was found wrong under a control."""
    lax = found.field.baseline_allows
    is_bad = control in BASELINE or (lax is not None and bool(found.field.misses(found.wrong, lax)))
    return bool(found.wrong) and (level == "restricted" or (level == "baseline" and is_bad))
