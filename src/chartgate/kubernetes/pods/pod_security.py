"""The Pod Security Standards as one table: each control, its level, the fields that it restricts, and what they allow.

Policies demand it of every pod; a review compares what two versions of a pod make of it. Source:
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chartgate.charts.metadata.version_constraints import admitted
from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import same
from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.documents.very_objects import TheVery
from chartgate.kubernetes.pods.workloads import Container, containers, pod_template
from chartgate.model import Resource

Things = Literal[
    "pod",
    "containers",
    "containers on Linux",
    "pod and containers",
    "volumes",
    "ports",
    "kubelet requests",
    "AppArmor annotations",
]


@dataclass(frozen=True)
class Field:
    """A field that a control restricts."""

    things: Things
    """The parts of a pod that have it."""
    address: str
    """Where the field is in each of these parts; empty for the part itself."""
    allowed: Sequence[Any]
    """The values that it may have, ABSENT for none."""
    liberty: str
    """What another value would permit, in words; for a list, the item is appended."""
    allowed_since: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The values that it may have as well, each with the version of Kubernetes that first allowed it."""
    read: Callable[[Any], Any] = lambda value: value
    """Converts its value to the form that `allowed` has."""
    items: Callable[[Any], list[Any]] | None = None
    """Gives the items of its value, where they are judged one by one."""
    is_inherited: bool = False
    """Whether a container without it has the value of its pod."""
    is_about_root: bool = False
    """Whether all values are allowed where root is nobody on the node (`hostUsers: false`, since Kubernetes 1.35)."""
    baseline_allows: Sequence[Any] | None = None
    """Of a control of the level "restricted": what the level "baseline" allows instead; None for anything."""

    @property
    def is_demanded(self) -> bool:
        """Whether it must be there: without it, a container may already do what the standards do not allow."""
        return bool(self.wrong(ABSENT, self.allowed))

    def wrong(self, value: Any, allowed: Sequence[Any]) -> list[Any]:
        """Give what is not allowed: the value itself, or items of the list."""
        items = self.items(value) if self.items else [self.read(value)]
        return self.misses(items, allowed)

    @staticmethod
    def misses(items: Sequence[Any], allowed: Sequence[Any]) -> list[Any]:
        """Give the items that are not among those that are allowed."""
        return [item for item in items if not any(same(item, other) for other in allowed)]


class Examined(NamedTuple):
    """A field of a pod, and what is wrong with its value."""

    field: Field
    place: Place[Resource]
    expected: str
    actual: Any
    wrong: list[Any]


def examined(pod: Place[Resource], fields: Iterable[Field], constraint: str = "") -> Iterator[Examined]:
    """Examine fields of a pod and of its containers.

    Args:
        pod: the pod spec.
        fields: those of one control, or of several.
        constraint: the chart's `kubeVersion`: what came later must be allowed in all versions that it admits. Where it
            is empty, or not valid, the rules of today count.

    Raises:
        Missing: a list of containers is not one.
    """
    is_free_of_root = pod.at("hostUsers") is False and _is_since("1.35", constraint)
    for field in fields:
        allowed, expected = _allowed(TheVery(field), constraint)
        for thing in _things(pod, field.things):
            place = thing.place(field.address)
            source = pod.place(field.address) if field.is_inherited and not place.is_set else place
            value = source.value if source.is_set else ABSENT
            wrong = [] if field.is_about_root and is_free_of_root else field.wrong(value, allowed)
            yield Examined(field, place, expected, field.items(value) if field.items else place.value, wrong)


@functools.cache
def _allowed(field: TheVery[Field], constraint: str) -> tuple[tuple[Any, ...], str]:
    """Give the values that a field may have under a constraint, and the same in words: one for all pods."""
    newer = (value for value, version in field.it.allowed_since.items() if _is_since(version, constraint))
    allowed = (*field.it.allowed, *newer)
    return allowed, _words(allowed) + ", here or on the pod" * field.it.is_inherited


def kubelet_requests(container: Container) -> Iterator[Place[Resource]]:
    """Give each `httpGet` and `tcpSocket` of a container's probes and lifecycle hooks."""
    probes = (container / key for key in ("livenessProbe", "readinessProbe", "startupProbe"))
    hooks = (container / "lifecycle" / key for key in ("postStart", "preStop"))
    for handler in (*probes, *hooks):
        yield from (handler / kind for kind in ("httpGet", "tcpSocket") if (handler / kind).is_map)


@functools.cache
def _is_since(version: str, constraint: str) -> bool:
    """Tell whether all versions of Kubernetes that a constraint admits have what came with one of them (`1.35`)."""
    older = tuple(f"1.{minor}" for minor in range(int(version.partition(".")[2])))
    try:
        return not constraint or not admitted(constraint, older)
    except ValueError:
        return True


def _words(allowed: Sequence[Any]) -> str:
    words = [str(value).lower() if isinstance(value, bool) else str(value) for value in allowed if value is not ABSENT]
    words = [*filter(None, words), *["nothing"] * (ABSENT in allowed)]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _things(pod: Place[Resource], which: Things) -> Iterable[Place[Resource]]:
    if which == "pod":
        return [pod]
    if which == "volumes":
        return (pod / "volumes").maps()
    if which == "AppArmor annotations":
        annotations = pod_template(pod.owner) / "metadata" / "annotations"
        return [place for key, place in annotations.entries() if key.startswith(_APPARMOR)]
    found = containers(pod.owner)
    if which == "containers on Linux":
        return [] if pod.at("os.name") == "windows" else found
    if which == "ports":
        return [port for container in found for port in (container / "ports").maps()]
    if which == "kubelet requests":
        return [request for container in found for request in kubelet_requests(container)]
    return [pod, *found] if which == "pod and containers" else found


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


_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
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
