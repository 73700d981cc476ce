"""Admission: what fits every schema, and the API server refuses all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.workloads import containers, pod_spec
from chartgate.kubernetes.validity.fixed_choices import choices
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Check, Manifest, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import all_containers, pods

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


@policy(severity="error", remediation="Give one of the two another name; each of several ports of a Service needs one.")
def parts_share_no_name(rendering: Rendering) -> Iterator[Check]:
    """No two containers or volumes of a pod, ports of a container or ports of a Service have the same name.

    They are merged and referred to by it. Of several ports of a Service each has a name, and no two take the same
    number for the same protocol. Source:
    https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services
    """
    for service in rendering.resources.of_kind("Service"):
        ports = list(maps_in(service.at("spec.ports")))
        if len(ports) > 1:
            yield from _differ(service, "spec.ports", [port.get("name") for port in ports])
            numbers = [f"{port.get('port')}/{port.get('protocol') or 'TCP'}" for port in ports]
            yield from _differ(service, "spec.ports", numbers)
    for resource, address, pod in pods(rendering):
        found = containers(resource)
        yield from _differ(resource, address, [container.name for container in found])
        yield from _differ(resource, f"{address}.volumes", [v.get("name") for v in maps_in(pod.get("volumes"))])
        for container in found:
            names = [port["name"] for port in maps_in(container.at("ports")) if port.get("name")]
            yield from _differ(resource, f"{container.address}.ports", names)


@parts_share_no_name.counterexample(manifests=HEALTHY)
def an_init_container_is_called_like_another(rendering: Rendering) -> Rendering:
    _pod(rendering)["initContainers"][0]["name"] = "web"
    return rendering


@parts_share_no_name.counterexample(manifests=HEALTHY)
def two_volumes_are_called_alike(rendering: Rendering) -> Rendering:
    _pod(rendering)["volumes"][1]["name"] = "scratch"
    return rendering


@parts_share_no_name.counterexample(manifests=HEALTHY)
def two_ports_of_a_container_are_called_alike(rendering: Rendering) -> Rendering:
    _pod(rendering)["containers"][0]["ports"][1]["name"] = "http"
    return rendering


@parts_share_no_name.counterexample(manifests=HEALTHY)
def one_of_several_ports_has_no_name(rendering: Rendering) -> Rendering:
    del rendering.resources.one("Service", "web").at("spec.ports")[0]["name"]
    return rendering


@parts_share_no_name.counterexample(manifests=HEALTHY)
def two_ports_have_one_number(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").at("spec.ports")[1]["protocol"] = "TCP"
    return rendering


@policy(severity="error", remediation="Raise the limit, or ask for less.")
def requests_stay_within_limits(rendering: Rendering) -> Iterator[Check]:
    """No container asks for more than its own limit.

    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits
    """
    for container in all_containers(rendering):
        requests, limits = (_map(container.at(f"resources.{which}")) for which in ("requests", "limits"))
        for name, request in requests.items():
            asked, most = quantity(request), quantity(limits.get(name))
            if asked is not None and most is not None:
                address = f"{container.address}.resources.requests.{name}"
                expected = f"at most the limit of {limits[name]}"
                yield states(container.resource, address, asked <= most, expected=expected, actual=request)


@requests_stay_within_limits.counterexample(manifests=HEALTHY)
def a_request_counts_in_other_units(rendering: Rendering) -> Rendering:
    _pod(rendering)["containers"][0]["resources"]["requests"]["memory"] = "1100M"
    return rendering


@requests_stay_within_limits.counterexample(manifests=HEALTHY)
def an_init_container_asks_for_more(rendering: Rendering) -> Rendering:
    resources = {"requests": {"cpu": 2}, "limits": {"cpu": "1500m"}}
    _pod(rendering)["initContainers"][0]["resources"] = resources
    return rendering


def _differ(resource: Resource, address: str, names: list[Any]) -> Iterator[Check]:
    """Make one check of all names: each is there, and once."""
    times = Counter(str(name) for name in names)
    wrong = [name for name, count in times.items() if count > 1 or name in ("None", "")]
    if names:
        yield states(resource, address, not wrong, expected="names of their own", actual=wrong or "names of their own")


def _map(value: Any) -> Manifest:
    return value if isinstance(value, dict) else {}


def _pod(rendering: Rendering) -> Manifest:
    return pod_spec(rendering.resources.one("Deployment", "web"))[1]


@policy(severity="error", remediation="Write one of the words that the field takes, in just this spelling.")
def fixed_choices_are_spelt_right(rendering: Rendering) -> Iterator[Check]:
    """A field that takes one of a few words, such as imagePullPolicy, holds one of them.

    To the schemas they are all strings; the API server refuses any other word, upper and lower case included. Before
    and after the hooks. Source: https://kubernetes.io/docs/reference/kubernetes-api/
    """
    patched = [r for r in rendering.after_hooks if all(r is not other for other in rendering.resources)]
    for resource in (*rendering.resources, *patched):
        for choice in choices(resource):
            expected = f"one of {', '.join(choice.allowed)}"
            yield states(resource, choice.address, choice.is_known, expected=expected, actual=choice.value)


@fixed_choices_are_spelt_right.counterexample(manifests=HEALTHY)
def a_type_of_service_that_there_is_not(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").manifest["spec"]["type"] = "ClusterIp"
    return rendering


@fixed_choices_are_spelt_right.counterexample(manifests=HEALTHY)
def images_are_pulled_allways(rendering: Rendering) -> Rendering:
    spec = rendering.resources.one("Deployment", "web").manifest["spec"]["template"]["spec"]
    spec["initContainers"][0]["imagePullPolicy"] = "Allways"
    return rendering


@fixed_choices_are_spelt_right.counterexample(manifests=HEALTHY)
def a_protocol_in_small_letters(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").manifest["spec"]["ports"][1]["protocol"] = "udp"
    return rendering


@fixed_choices_are_spelt_right.counterexample(manifests=HEALTHY)
def a_switch_instead_of_a_word(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "web").manifest["spec"]["strategy"] = {"type": True}
    return rendering
