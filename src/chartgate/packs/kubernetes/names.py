"""Names: what everything is called is what the API server takes, under the longest release name as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers, pod_spec, pod_template
from chartgate.kubernetes.validity.name_rules import KEY, LABEL, PORT, QUALIFIED, SUBDOMAIN, VALUE, Rule, fits, rule_of
from chartgate.matrix.derived import corners
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web.config, labels: {app.kubernetes.io/name: web, empty: "", bare: null}}
data: {web.yaml: "{}"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "web:reader"}
rules: []
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, annotations: {Example.com/Note: any text}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, ports: [{name: http, containerPort: 80}]}
      volumes: [{name: scratch, emptyDir: {}}]
"""
LONGEST_RELEASE = "a-release-name-as-long-as-helm-accepts-with-53-letter"


@policy(severity="error", remediation="Shorten the name, or build it of lower-case letters, digits and hyphens.")
def object_names_are_valid(rendering: Rendering) -> Iterator[Check]:
    """Every object, and the namespace it is in, has a name that its kind may have.

    Some kinds may have less than others, because their names end up in host names or in labels.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    """
    for resource in rendering.resources:
        yield from _named(resource)


@object_names_are_valid.counterexample(manifests=HEALTHY)
def an_underscore(rendering: Rendering) -> Rendering:
    return _renamed(rendering, "ConfigMap", "web_config")


@object_names_are_valid.counterexample(manifests=HEALTHY)
def a_service_begins_with_a_digit(rendering: Rendering) -> Rendering:
    return _renamed(rendering, "Service", "8web")


@object_names_are_valid.counterexample(manifests=HEALTHY)
def a_stateful_set_is_too_long_for_its_pods(rendering: Rendering) -> Rendering:
    return _renamed(rendering, "StatefulSet", "w" * 53)


@object_names_are_valid.counterexample(manifests=HEALTHY)
def a_namespace_with_a_dot(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("ConfigMap")[0].manifest["metadata"]["namespace"] = "web.config"
    return rendering


@policy(severity="error", remediation="Rename it: of lower-case letters, digits and hyphens, a port in 15 of them.")
def parts_have_valid_names(rendering: Rendering) -> Iterator[Check]:
    """Containers, ports, volumes and the keys of ConfigMaps and Secrets have names that Kubernetes takes.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
    """
    for resource in rendering.resources:
        if resource.kind in ("ConfigMap", "Secret"):
            for part in ("data", "stringData", "binaryData"):
                for key in _map(resource.at(part)):
                    yield _check(resource, join(part, str(key)), key, KEY)
        if resource.kind == "Service":
            for index, port in enumerate(maps_in(resource.at("spec.ports"))):
                if port.get("name") is not None:
                    yield _check(resource, f"spec.ports[{index}].name", port["name"], LABEL)
        if resource.kind in WORKLOAD_KINDS:
            yield from _parts_of_pods(resource)


@parts_have_valid_names.counterexample(manifests=HEALTHY)
def a_port_name_is_too_long(rendering: Rendering) -> Rendering:
    _pod(rendering)["containers"][0]["ports"][0]["name"] = "http-for-metrics"
    return rendering


@parts_have_valid_names.counterexample(manifests=HEALTHY)
def a_container_has_a_dot(rendering: Rendering) -> Rendering:
    _pod(rendering)["containers"][0]["name"] = "web.one"
    return rendering


@parts_have_valid_names.counterexample(manifests=HEALTHY)
def a_volume_has_capital_letters(rendering: Rendering) -> Rendering:
    _pod(rendering)["volumes"][0]["name"] = "Scratch"
    return rendering


@parts_have_valid_names.counterexample(manifests=HEALTHY)
def a_key_is_a_path(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("ConfigMap")[0].manifest["data"]["conf/web.yaml"] = "{}"
    return rendering


@parts_have_valid_names.counterexample(manifests=HEALTHY)
def a_service_port_has_an_underscore(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("Service")[0].manifest["spec"]["ports"][0]["name"] = "http_web"
    return rendering


@policy(severity="error", remediation="Cut the value with `trunc 63 | trimSuffix`, and replace what no label may hold.")
def labels_are_valid(rendering: Rendering) -> Iterator[Check]:
    """Labels, selectors and the keys of annotations have the form and length that Kubernetes demands.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    for resource in rendering.resources:
        yield from _labelled(resource)


@labels_are_valid.counterexample(manifests=HEALTHY)
def a_version_with_a_plus(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("Service")[0].manifest["metadata"]["labels"] = {"helm.sh/chart": "web-1.0.0+build"}
    return rendering


@labels_are_valid.counterexample(manifests=HEALTHY)
def a_value_of_64_characters(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("ConfigMap")[0].manifest["metadata"]["labels"]["empty"] = "a" * 64
    return rendering


@labels_are_valid.counterexample(manifests=HEALTHY)
def a_pod_label_ends_in_a_hyphen(rendering: Rendering) -> Rendering:
    _stateful_set(rendering)["spec"]["template"]["metadata"]["labels"]["app"] = "web-"
    return rendering


@labels_are_valid.counterexample(manifests=HEALTHY)
def a_selector_has_a_space(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("Service")[0].manifest["spec"]["selector"]["app"] = "web app"
    return rendering


@labels_are_valid.counterexample(manifests=HEALTHY)
def an_annotation_has_two_slashes(rendering: Rendering) -> Rendering:
    _stateful_set(rendering)["metadata"]["annotations"]["example.com/a/b"] = "text"
    return rendering


def longest(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair scenarios with the same ones under the longest release name that helm accepts."""
    return [(scenario, scenario.derived("longest", release=LONGEST_RELEASE)) for scenario in corners(scenarios)]


@policy(
    over=longest,
    severity="error",
    remediation="Cut what is made of the release's name to its limit, with `trunc` and `trimSuffix`.",
)
def long_release_names_fit(before: Rendering, after: Rendering) -> Iterator[Check]:  # noqa: ARG001 - a pair
    """Under a release name of 53 characters, the most that helm accepts, all names and labels are still valid.

    A chart that only ever was installed under a short name breaks here.
    Source: https://helm.sh/docs/chart_template_guide/builtin_objects/
    """
    for resource in after.resources:
        yield from _named(resource)
        yield from _labelled(resource)


@long_release_names_fit.counterexample(manifests=HEALTHY)
def a_suffix_makes_the_name_too_long(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    return before, _renamed(after, "Service", f"{LONGEST_RELEASE}-postgresql")


@long_release_names_fit.counterexample(manifests=HEALTHY)
def a_suffix_makes_the_label_too_long(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    _stateful_set(after)["spec"]["template"]["metadata"]["labels"]["release"] = f"{LONGEST_RELEASE}-postgresql"
    return before, after


def _named(resource: Resource) -> Iterator[Check]:
    yield _check(resource, "metadata.name", resource.name, rule_of(resource.kind))
    if resource.namespace:
        yield _check(resource, "metadata.namespace", resource.namespace, LABEL)


def _parts_of_pods(workload: Resource) -> Iterator[Check]:
    for container in containers(workload):
        yield _check(workload, f"{container.address}.name", container.name, LABEL)
        for index, port in enumerate(maps_in(container.at("ports"))):
            if port.get("name") is not None:
                yield _check(workload, f"{container.address}.ports[{index}].name", port["name"], PORT)
    address, spec = pod_spec(workload)
    for index, volume in enumerate(maps_in(spec.get("volumes"))):
        yield _check(workload, f"{address}.volumes[{index}].name", volume.get("name"), LABEL)


def _labelled(resource: Resource) -> Iterator[Check]:
    for address, labels in _label_maps(resource):
        for key, value in labels.items():
            yield _key_check(resource, join_below(address, str(key)), str(key))
            if value is not None and not address.endswith("annotations"):
                yield _check(resource, join_below(address, str(key)), value, VALUE)


def _label_maps(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    addresses = ["metadata.labels", "metadata.annotations", "spec.selector.matchLabels"]
    if resource.kind in ("Service", "ReplicationController"):
        addresses.append("spec.selector")
    if resource.kind in WORKLOAD_KINDS and resource.kind != "Pod":
        above, _ = pod_template(resource)
        addresses += [f"{above}.metadata.labels", f"{above}.metadata.annotations"]
    for index, _ in enumerate(maps_in(resource.at("spec.volumeClaimTemplates"))):
        addresses.append(f"spec.volumeClaimTemplates[{index}].metadata.labels")
    for address in addresses:
        yield address, _map(resource.at(address))


def _key_check(resource: Resource, address: str, key: str) -> Check:
    prefix, slash, name = key.rpartition("/")
    if slash and not fits(prefix.lower(), SUBDOMAIN):
        return _check(resource, address, prefix.lower(), SUBDOMAIN)
    return _check(resource, address, name, QUALIFIED)


def join_below(address: str, key: str) -> str:
    """Give the address of a key of the map at an address."""
    below = join(key)
    return f"{address}{below}" if below.startswith("[") else f"{address}.{below}"


def _check(resource: Resource, address: str, name: Any, rule: Rule) -> Check:
    expected = f"{rule.words}, of at most {rule.most} characters"
    return states(resource, address, fits(name, rule), expected=expected, actual=name)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _stateful_set(rendering: Rendering) -> dict[str, Any]:
    return rendering.resources.of_kind("StatefulSet")[0].manifest


def _pod(rendering: Rendering) -> dict[str, Any]:
    spec: dict[str, Any] = _stateful_set(rendering)["spec"]["template"]["spec"]
    return spec


def _renamed(rendering: Rendering, kind: str, name: str) -> Rendering:
    rendering.resources.of_kind(kind)[0].manifest["metadata"]["name"] = name
    return rendering
