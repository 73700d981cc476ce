"""Admission: what fits every schema, and the API server refuses all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, is_elsewhere, pod_spec
from chartgate.kubernetes.validity.fixed_choices import choices
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER, each

HEALTHY = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: prepare}]
      containers:
        - name: web
          ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}, {containerPort: 9091}]
          resources: {requests: {cpu: 250m, memory: 1Gi}, limits: {cpu: "1", memory: 1024Mi}}
        - {name: proxy, ports: [{name: http, containerPort: 8081}]}
      volumes: [{name: scratch, emptyDir: {}}, {name: data, emptyDir: {}}]
"""
POD = "spec.template.spec"
WEB = f"{POD}.containers[web]"
PREPARE = f"{POD}.initContainers[prepare]"


@policy(
    judges=each(),
    severity="error",
    remediation="Give one of the two another name; each of several ports of a Service needs one.",
)
def parts_share_no_name(resource: Resource) -> Iterator[Check]:
    """No two containers or volumes of a pod, ports of a container or ports of a Service have the same name.

    They are merged and referred to by it. Of several ports of a Service each has a name, and no two take the same
    number for the same protocol. Source:
    https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services
    """
    if resource.kind == "Service":
        listed = resource.place("spec.ports")
        ports = [port.map for port in listed.maps()]
        if len(ports) > 1:
            yield from _differ(listed, [port.get("name") for port in ports])
            yield from _differ(listed, [f"{port.get('port')}/{port.get('protocol') or 'TCP'}" for port in ports])
    elif resource.kind in WORKLOAD_KINDS and not is_elsewhere(resource):
        pod, found = pod_spec(resource), containers(resource)
        yield from _differ(pod, [container.name for container in found])
        yield from _differ(pod / "volumes", [volume.map.get("name") for volume in (pod / "volumes").maps()])
        for container in found:
            names = [port.map.get("name") for port in (container / "ports").maps()]
            yield from _differ(container / "ports", [name for name in names if name])


def _differ(place: Place[Resource], names: list[Any]) -> Iterator[Check]:
    """Make one check of all names: each is there, and once."""
    times = Counter(str(name) for name in names)
    wrong = [name for name, count in times.items() if count > 1 or name in ("None", "")]
    if names:
        yield states(place, not wrong, expected="different names", actual=wrong or "different names")


parts_share_no_name.breaks(
    manifests=HEALTHY,
    an_init_container_is_called_like_another=put("Deployment web", f"{PREPARE}.name", "web"),
    two_volumes_are_called_alike=put("Deployment web", f"{POD}.volumes[data].name", "scratch"),
    two_ports_of_a_container_are_called_alike=put("Deployment web", f"{WEB}.ports[metrics].name", "http"),
    one_of_several_ports_has_no_name=gone("Service web", "spec.ports[http].name"),
    two_ports_have_one_number=put("Service web", "spec.ports[dns].protocol", "TCP"),
)


@policy(judges=CONTAINER, severity="error", remediation="Raise the limit, or ask for less.")
def requests_stay_within_limits(container: Container) -> Iterator[Check]:
    """No container asks for more than its own limit.

    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits
    """
    limits = container.place("resources.limits")
    for name, request in container.place("resources.requests").entries():
        limit = limits / name
        asked, most = quantity(request.value), quantity(limit.value)
        if asked is not None and most is not None:
            yield states(request, asked <= most, expected=f"at most the limit of {limit.value}")


requests_stay_within_limits.breaks(
    manifests=HEALTHY,
    a_request_counts_in_other_units=put("Deployment web", f"{WEB}.resources.requests.memory", "1100M"),
    an_init_container_asks_for_more=put(
        "Deployment web", f"{PREPARE}.resources", {"requests": {"cpu": 2}, "limits": {"cpu": "1500m"}}
    ),
)


@policy(
    judges=each(),
    severity="error",
    remediation="Write one of the words that the field takes, in just this spelling.",
)
def fixed_choices_are_spelt_right(resource: Resource) -> Iterator[Check]:
    """A field that takes one of a few words, such as imagePullPolicy, holds one of them.

    To the schemas they are all strings; the API server refuses any other word, upper and lower case included. Before
    and after the hooks. Source: https://kubernetes.io/docs/reference/kubernetes-api/
    """
    for choice in choices(resource):
        yield states(choice.place, choice.is_known, expected=f"one of {', '.join(choice.allowed)}")


fixed_choices_are_spelt_right.breaks(
    manifests=HEALTHY,
    a_type_of_service_that_there_is_not=put("Service web", "spec.type", "ClusterIp"),
    images_are_pulled_allways=put("Deployment web", f"{PREPARE}.imagePullPolicy", "Allways"),
    a_protocol_in_small_letters=put("Service web", "spec.ports[dns].protocol", "udp"),
    a_switch_instead_of_a_word=put("Deployment web", "spec.strategy.type", True),
)
