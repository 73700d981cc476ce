"""Rules over the fields of containers: probes, hooks, variables, mounts, ports, security contexts.

Source: the functions named in each row, in
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.shapes import is_whole, maps_in, texts_in
from chartgate.kubernetes.field_rules.field_rule import (
    Breach,
    FieldRule,
    Part,
    between,
    exactly_one,
    never,
    quantities,
)

PROBE_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
HOOK_HANDLERS = ("exec", "httpGet", "sleep", "tcpSocket")
_SECONDS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
VARIABLE_SOURCES = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")
# What a variable may say of its own pod; labels and annotations one by one.
_FIELDS = re.compile(
    r"metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]"
    r"|spec\.(nodeName|serviceAccountName|host)|status\.(hostIPs?|podIPs?)"
)
_STANDARD = re.compile(r"cpu|memory|ephemeral-storage|hugepages-\S++")
_RESOURCES = re.compile(r"(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-\S+)")


def _kubelet_ports(part: Part) -> Iterator[Breach]:
    for handler in (part / name for name in ("httpGet", "tcpSocket", "grpc")):
        port = handler / "port"
        if "port" in handler.map and port.value is None:  # the schema takes null for either of number and text
            yield Breach(port, "null")
        elif is_whole(port.value) and not 0 < port.value < 65536:
            yield Breach(port, str(port.value))
        elif port.text.isdecimal():
            yield Breach(port, f"the text {port.text!r}, which would be a name")


def _commands(part: Part) -> Iterator[Breach]:
    if (part / "exec").is_map and not part.at("exec.command"):
        yield Breach(part / "exec" / "command", "no command", is_omission=True)


def _value_beside_source(part: Part) -> Iterator[Breach]:
    if part.at("value") and (part / "valueFrom").is_set:
        yield Breach(part, "value and valueFrom")


def _pod_fields(part: Part) -> Iterator[Breach]:
    field, resource = part / "fieldRef" / "fieldPath", part / "resourceFieldRef" / "resource"
    for place, known in ((field, _FIELDS), (resource, _RESOURCES)):
        if place.text and not known.fullmatch(place.text):
            yield Breach(place, place.text)


def _variable_names(part: Part) -> Iterator[Breach]:
    name = part / "name"
    if name.value == "" or "=" in name.text:
        yield Breach(name, repr(name.value))


def _named_keys(part: Part) -> Iterator[Breach]:
    for key in (part / source / "key" for source in ("secretKeyRef", "configMapKeyRef")):
        if key.value == "":
            yield Breach(key, "''")


def _beside_the_volume(part: Part) -> Iterator[Breach]:
    paths = [place for place in (part / "subPath", part / "subPathExpr") if place.text]
    if len(paths) > 1:
        yield Breach(part, "subPath and subPathExpr")
    for place in paths:
        if place.text.startswith("/") or ".." in place.text.split("/"):
            yield Breach(place, place.text)


def _read_only_below(part: Part) -> Iterator[Breach]:
    if part.at("recursiveReadOnly") in ("Enabled", "IfPossible") and part.at("readOnly") is not True:
        yield Breach(part / "recursiveReadOnly", f"{part.at('recursiveReadOnly')}, and readOnly is not true")


def _escalation(part: Part) -> Iterator[Breach]:
    if part.at("allowPrivilegeEscalation") is False:
        if part.at("privileged") is True:
            yield Breach(part, "allowPrivilegeEscalation false and privileged true")
        if "CAP_SYS_ADMIN" in texts_in(part.at("capabilities.add")):
            yield Breach(part, "allowPrivilegeEscalation false and the capability CAP_SYS_ADMIN")


def _profiles(part: Part) -> Iterator[Breach]:
    for profile in (part / "seccompProfile", part / "appArmorProfile"):
        is_local, named = profile.at("type") == "Localhost", bool(profile.at("localhostProfile"))
        if profile.is_map and is_local != named:
            yield Breach(profile, f"type {profile.at('type')!r} with{'' if named else 'out'} localhostProfile")


def _unknown_resources(part: Part) -> Iterator[Breach]:
    for listed in (part / "resources" / "requests", part / "resources" / "limits"):
        for name, place in listed.entries() if listed.is_map else ():
            if "/" not in name and not _STANDARD.fullmatch(name):
                yield Breach(place, name)


def _mounted_twice(part: Part) -> Iterator[Breach]:
    """Compare the volumes that a container mounts with those that it opens as devices."""
    mounted = {str(mount.get("name")) for mount in maps_in(part.at("volumeMounts"))}
    for device in (part / "volumeDevices").maps():
        if str(device.at("name")) in mounted:
            yield Breach(device, f"{device.at('name')} as a mount and as a device")


RULES_OF_CONTAINERS = (
    FieldRule(
        "probe", f"exactly one handler: {', '.join(PROBE_HANDLERS)}", "validateHandler", exactly_one(*PROBE_HANDLERS)
    ),
    FieldRule(
        "hook of a container",
        f"exactly one handler: {', '.join(HOOK_HANDLERS)}",
        "validateHandler",
        exactly_one(*HOOK_HANDLERS),
    ),
    FieldRule(
        "request of the kubelet",
        "a port from 1 to 65535, as a number, or the name of one",
        "ValidatePortNumOrName",
        _kubelet_ports,
    ),
    FieldRule("request of the kubelet", "a command to execute", "validateExecAction", _commands),
    FieldRule("probe", "no negative number", "validateProbe", between(0, None, *_SECONDS)),
    FieldRule(
        "probe", "at least one second to end", "validateProbe", between(1, None, "terminationGracePeriodSeconds")
    ),
    FieldRule(
        "probe that restarts",
        "a successThreshold of 1",
        "validateLivenessProbe, validateStartupProbe",
        between(0, 1, "successThreshold"),
    ),
    FieldRule(
        "readiness probe",
        "no terminationGracePeriodSeconds: it ends nothing",
        "validateReadinessProbe",
        never("terminationGracePeriodSeconds", because="the probe restarts nothing"),
    ),
    FieldRule(
        "init container",
        "no probe and no hook: it runs once, and to its end",
        "validateInitContainers",
        never("lifecycle", "livenessProbe", "readinessProbe", "startupProbe", because="no restartPolicy Always"),
    ),
    FieldRule("variable", "a value or a source of it, not both", "validateEnvVarValueFrom", _value_beside_source),
    FieldRule("variable", "a name without `=`", "ValidateEnv", _variable_names),
    FieldRule(
        "source of a variable",
        f"exactly one of {', '.join(VARIABLE_SOURCES)}",
        "validateEnvVarValueFrom",
        exactly_one(*VARIABLE_SOURCES),
    ),
    FieldRule(
        "source of a variable", "a field of the pod that variables can show", "validateObjectFieldSelector", _pod_fields
    ),
    FieldRule("source of a variable", "a key that is named", "validateSecretKeySelector", _named_keys),
    FieldRule(
        "source of variables",
        "exactly one of configMapRef, secretRef",
        "ValidateEnvFrom",
        exactly_one("configMapRef", "secretRef"),
    ),
    FieldRule(
        "mount", "recursiveReadOnly only where it is readOnly", "validateMountRecursiveReadOnly", _read_only_below
    ),
    *(
        FieldRule(
            part,
            "quantities, such as 500m and 1Gi",
            "ValidateResourceQuantityValue, resource ParseQuantity",
            quantities("resources.requests", "resources.limits"),
        )
        for part in ("container", "init container")
    ),
    *(
        FieldRule(
            part,
            "resources that Kubernetes knows, or that have a domain",
            "validateContainerResourceName",
            _unknown_resources,
        )
        for part in ("container", "init container")
    ),
    FieldRule("container", "each volume either mounted or a device", "ValidateVolumeDevices", _mounted_twice),
    FieldRule(
        "port of a container", "ports from 1 to 65535", "validateContainerPorts", between(1, 65535, "containerPort")
    ),
    FieldRule(
        "port of a container", "ports of the node up to 65535", "validateContainerPorts", between(0, 65535, "hostPort")
    ),
    FieldRule(
        "container's security context",
        "no privilege beside allowPrivilegeEscalation: false",
        "ValidateSecurityContext",
        _escalation,
    ),
    FieldRule(
        "security context",
        "a localhostProfile with type Localhost, and only there",
        "validateSeccompProfileField, ValidateAppArmorProfileField",
        _profiles,
    ),
    FieldRule(
        "mount", "one path inside of the volume: relative, without `..`", "ValidateVolumeMounts", _beside_the_volume
    ),
)
"""One row a rule."""
