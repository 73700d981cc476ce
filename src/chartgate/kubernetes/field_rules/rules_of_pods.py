"""Rules over the fields of pods: volumes, ports of the node, and where a pod may run.

Source: the functions named in each row, in
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
"""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import is_whole
from chartgate.kubernetes.field_rules.field_rule import (
    Breach,
    FieldRule,
    Part,
    at_most_one,
    between,
    listed,
    not_empty,
    words,
)

PROJECTED_SOURCES = (
    "clusterTrustBundle",
    "configMap",
    "downwardAPI",
    "podCertificate",
    "secret",
    "serviceAccountToken",
)
WITHOUT_CONTENT = "without content"
_GRACE = 30
"""Seconds a pod has to end, where it does not say."""
_LONGEST_MODE = 0o777


def _named_source(part: Part) -> Iterator[Breach]:
    for source, field in (("secret", "secretName"), ("configMap", "name")):
        if (part / source).is_map and part.place(f"{source}.{field}").value in (None, ""):
            yield Breach(part.place(f"{source}.{field}"), "nothing", is_omission=True)


def _one_source(part: Part) -> Iterator[Breach]:
    sources = [key for key in part.map if key != "name"]
    there = listed(part, tuple(sources))
    if len(there) > 1:
        yield Breach(part, words(there))
    elif not there and set(sources) - {"emptyDir"}:
        yield Breach(part, f"{words(sources)} {WITHOUT_CONTENT}, so that the volume is an emptyDir")


def _file_paths(part: Part) -> Iterator[Breach]:
    path = part / "path"
    if path.text.startswith(("/", "..")) or ".." in path.text.split("/"):
        yield Breach(path, path.text)


def _host_ports(part: Part) -> Iterator[Breach]:
    """Compare the ports of the node that a pod's containers, which run at the same time, ask for."""
    asked: set[tuple[str, ...]] = set()
    for port in (port for container in (part / "containers").maps() for port in (container / "ports").maps()):
        number, inside = port.at("hostPort"), port.at("containerPort")
        if number and _host_port(port) in asked:
            yield Breach(port / "hostPort", f"{number} more than once")
        if number and part.at("hostNetwork") is True and number != inside:
            yield Breach(port / "hostPort", f"{number}, and containerPort {inside} on the host's network")
        asked.add(_host_port(port))


def _host_port(port: Part) -> tuple[str, str, str]:
    return str(port.at("protocol") or "TCP"), str(port.at("hostIP") or ""), str(port.at("hostPort"))


def _host_users(part: Part) -> Iterator[Breach]:
    if part.at("hostUsers") is False:
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if part.at(field) is True:
                yield Breach(part / field, f"{field} true and hostUsers false")
    if part.at("hostPID") is True and part.at("shareProcessNamespace") is True:
        yield Breach(part / "shareProcessNamespace", "hostPID true and shareProcessNamespace true")


def _sleeps(part: Part) -> Iterator[Breach]:
    grace = part.at("terminationGracePeriodSeconds")
    grace = grace if is_whole(grace) else _GRACE
    for container in (part / "containers").maps():
        for hook in ("postStart", "preStop"):
            seconds = container.place(f"lifecycle.{hook}.sleep.seconds")
            if is_whole(seconds.value) and not 0 <= seconds.value <= grace:
                yield Breach(seconds, f"{seconds.value} seconds of the {grace} that the pod has to end")


def _name_servers(part: Part) -> Iterator[Breach]:
    servers = part.place("dnsConfig.nameservers")
    if part.at("dnsPolicy") == "None" and not servers.value:
        yield Breach(servers, "none, and dnsPolicy None")
    if isinstance(servers.value, list) and len(servers.value) > 3:
        yield Breach(servers, f"{len(servers.value)} of them")


def _tolerated(part: Part) -> Iterator[Breach]:
    operator = part.at("operator") or "Equal"
    if not part.at("key") and operator != "Exists":
        yield Breach(part, f"no key, and operator {operator}", is_omission=True)
    if operator == "Exists" and part.at("value"):
        yield Breach(part / "value", f"{part.at('value')}, and operator Exists")
    if (part / "tolerationSeconds").is_set and part.at("effect") != "NoExecute":
        yield Breach(part / "tolerationSeconds", f"set, and effect {part.at('effect') or 'left out'}")


def _spread(part: Part) -> Iterator[Breach]:
    if (part / "minDomains").is_set and part.at("whenUnsatisfiable") != "DoNotSchedule":
        yield Breach(part / "minDomains", f"set, and whenUnsatisfiable {part.at('whenUnsatisfiable')}")


def _expressions(part: Part) -> Iterator[Breach]:
    for rule in (part / "matchExpressions").maps():
        yield from _expression(rule)


def _expression(rule: Part) -> Iterator[Breach]:
    operator, values = rule.at("operator"), rule.at("values")
    given = len(values) if isinstance(values, list) else 0
    is_wrong = {
        "In": given == 0,
        "NotIn": given == 0,
        "Exists": given > 0,
        "DoesNotExist": given > 0,
        "Gt": given != 1,
        "Lt": given != 1,
    }.get(str(operator), False)
    if is_wrong:
        yield Breach(rule, f"operator {operator} with {given or 'no'} value{'s' * (given != 1)}")


RULES_OF_PODS = (
    FieldRule("volume", "one source", "validateVolumeSource", _one_source),
    FieldRule("volume", "the name of what it shows", "validateSecretVolumeSource", _named_source),
    FieldRule(
        "volume",
        "modes from 0 to 0777 (511)",
        "validateConfigMapVolumeSource",
        between(
            0,
            _LONGEST_MODE,
            *(f"{source}.defaultMode" for source in ("configMap", "secret", "downwardAPI", "projected")),
        ),
    ),
    FieldRule("projected source", "no second source", "validateProjectionSources", at_most_one(*PROJECTED_SOURCES)),
    FieldRule(
        "projected source",
        "a token for at least 600 seconds",
        "validateProjectionSources",
        between(600, 2**32, "serviceAccountToken.expirationSeconds"),
    ),
    FieldRule(
        "file of a volume", "a mode from 0 to 0777 (511)", "validateKeyToPath", between(0, _LONGEST_MODE, "mode")
    ),
    FieldRule("file of a volume", "a path inside of the volume", "ValidateLocalNonReservedPath", _file_paths),
    FieldRule(
        "pod",
        "each port of the node once; on the host's network, the same as in the container",
        "checkHostPortConflicts, validatePodHostNetworkDeps",
        _host_ports,
    ),
    FieldRule("pod", "namespaces that go together", "validateHostUsers, validatePodSpecSecurityContext", _host_users),
    FieldRule("pod", "at least one second to run", "ValidatePodSpec", between(1, 2**31 - 1, "activeDeadlineSeconds")),
    FieldRule("pod", "hooks that sleep no longer than the pod has to end", "validateSleepAction", _sleeps),
    FieldRule("pod", "one to three name servers where dnsPolicy is None", "validatePodDNSConfig", _name_servers),
    FieldRule("toleration", "key, operator, value and effect that go together", "ValidateTolerations", _tolerated),
    FieldRule("spread constraint", "a topologyKey", "validateTopologySpreadConstraints", not_empty("topologyKey")),
    FieldRule(
        "spread constraint",
        "a maxSkew of at least 1",
        "validateTopologySpreadConstraints",
        between(1, None, "maxSkew", "minDomains"),
    ),
    FieldRule("spread constraint", "minDomains only with DoNotSchedule", "validateMinDomains", _spread),
    FieldRule("affinity to pods", "a topologyKey", "validatePodAffinityTerm", not_empty("topologyKey")),
    FieldRule(
        "weighted term",
        "a weight from 1 to 100",
        "validateWeightedPodAffinityTerms, ValidatePreferredSchedulingTerms",
        between(1, 100, "weight"),
    ),
    FieldRule("node affinity", "at least one term", "ValidateNodeSelector", not_empty("nodeSelectorTerms")),
    FieldRule(
        "node expression", "values with In, NotIn, Gt and Lt only", "ValidateNodeSelectorRequirement", _expression
    ),
    FieldRule(
        "label selector", "values with In and NotIn only", "apimachinery ValidateLabelSelectorRequirement", _expressions
    ),
)
"""One row a rule."""
