"""Names: what everything is called is what the API server takes, under the longest release name as well."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chartgate.charts.template_texts.cut_names import uncut_names
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers, is_elsewhere, pod_spec, template_if_any
from chartgate.kubernetes.validity.name_rules import KEY, LABEL, PORT, QUALIFIED, SUBDOMAIN, VALUE, Rule, fits, rule_of
from chartgate.matrix.derivations.derived import corners
from chartgate.model import Check, Rendering, Resource, Scenario, Severity
from chartgate.policy.checks import WHAT_IS_THERE, states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

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
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: "web:reader"}, rules: []}
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
POD = "spec.template.spec"
POD_LABELS = "spec.template.metadata.labels"
_LONG, _LONGEST = 20, 36
"""Characters of a release's name that few need more of, and that hardly anybody does."""
LONGEST_RELEASE = "a-release-name-as-long-as-helm-accepts-with-53-letter"


@policy(
    judges=each(),
    severity="error",
    remediation="Shorten the name, or build it of lower-case letters, digits and hyphens.",
)
def object_names_are_valid(resource: Resource) -> Iterator[Check]:
    """Every object, and the namespace it is in, has a name that its kind may have.

    Some kinds may have less than others, because their names end up in host names or in labels.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    """
    yield _check(resource / "metadata" / "name", rule_of(resource.kind), resource.name)
    if resource.namespace:
        yield _check(resource / "metadata" / "namespace", LABEL, resource.namespace)


object_names_are_valid.breaks(
    manifests=HEALTHY,
    an_underscore=put("ConfigMap web.config", "metadata.name", "web_config"),
    a_service_begins_with_a_digit=put("Service web", "metadata.name", "8web"),
    a_stateful_set_is_too_long_for_its_pods=put("StatefulSet web", "metadata.name", "w" * 53),
    a_namespace_with_a_dot=put("ConfigMap web.config", "metadata.namespace", "web.config"),
)


@policy(
    judges=each("ConfigMap", "Secret", "Service", *WORKLOAD_KINDS),
    severity="error",
    remediation="Rename it: of lower-case letters, digits and hyphens, a port in 15 of them.",
)
def parts_have_valid_names(resource: Resource) -> Iterator[Check]:
    """Containers, ports, volumes and the keys of ConfigMaps and Secrets have names that Kubernetes takes.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
    """
    if resource.kind in WORKLOAD_KINDS and not is_elsewhere(resource):
        for container in containers(resource):
            yield _check(container / "name", LABEL, container.name)
            yield from _port_checks(container / "ports", PORT)
        for volume in (pod_spec(resource) / "volumes").maps():
            yield _check(volume / "name", LABEL)
    elif resource.kind == "Service":
        yield from _port_checks(resource / "spec" / "ports", LABEL)
    else:
        for field in ("data", "stringData", "binaryData"):
            for key, place in (resource / field).entries():
                yield _check(place, KEY, key)


parts_have_valid_names.breaks(
    manifests=HEALTHY,
    a_port_name_is_too_long=put("StatefulSet web", f"{POD}.containers[web].ports[http].name", "http-for-metrics"),
    a_container_has_a_dot=put("StatefulSet web", f"{POD}.containers[web].name", "web.one"),
    a_volume_has_capital_letters=put("StatefulSet web", f"{POD}.volumes[scratch].name", "Scratch"),
    a_key_is_a_path=put("ConfigMap web.config", "data[conf/web.yaml]", "{}"),
    a_service_port_has_an_underscore=put("Service web", "spec.ports[http].name", "http_web"),
)


@policy(
    judges=each(),
    severity="error",
    remediation="Cut the value with `trunc 63 | trimSuffix`, and replace what no label may hold.",
)
def labels_are_valid(resource: Resource) -> Iterator[Check]:
    """Labels, selectors and the keys of annotations have the form and length that Kubernetes demands.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    for labels in _label_maps(resource):
        for key, value in labels.entries():
            yield _key_check(value, key)
            if value.is_set:
                yield _check(value, VALUE)
    for metadata in _metadata(resource):
        for key, value in (metadata / "annotations").entries():
            yield _key_check(value, key)


labels_are_valid.breaks(
    manifests=HEALTHY,
    a_version_with_a_plus=put("Service web", "metadata.labels[helm.sh/chart]", "web-1.0.0+build"),
    a_value_of_64_characters=put("ConfigMap web.config", "metadata.labels.empty", "a" * 64),
    a_pod_label_ends_in_a_hyphen=put("StatefulSet web", f"{POD_LABELS}.app", "web-"),
    a_selector_has_a_space=put("Service web", "spec.selector.app", "web app"),
    an_annotation_has_two_slashes=put("StatefulSet web", "metadata.annotations[example.com/a/b]", "text"),
)


def longest(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair scenarios with the same ones under the longest release name that helm accepts."""
    return [(scenario, scenario.derived("longest", release=LONGEST_RELEASE)) for scenario in corners(scenarios)]


@policy(
    over=longest,
    severity="error",
    remediation="Cut what is made of the release's name to its limit, with `trunc` and `trimSuffix`.",
)
def long_release_names_fit(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Under a release name of 53 characters, the most that helm accepts, all names and labels are still valid.

    A chart that only ever was installed under a short name breaks here. Each chart is told once, and a name
    that is a label as well by the rule that leaves it least. A warning where names of 20 characters fit; where those
    of 36 do, as in most charts that cut `fullname` and then add a word, nothing. Who never cuts `fullname` is told.
    Source: https://helm.sh/docs/chart_template_guide/builtin_objects/
    """
    checks = list(_name_checks(after))
    if not all(check.passed for check in checks):
        anyway = {str(check.actual) for check in _name_checks(before) if not check.passed}
        checks = [check for check in checks if check.passed or str(check.actual) not in anyway]
    strictest: dict[str, Check] = {}
    for check in checks:
        if not check.passed:
            name = str(check.actual)
            strictest[name] = min(strictest.get(name, check), check, key=_most)
    told = [check for check in checks if check.passed or check.expected == strictest[str(check.actual)].expected]
    fitting: dict[str, int] = {}
    enough = len(LONGEST_RELEASE) if any(not name.is_alone for name in uncut_names(after.chart)) else _LONGEST
    for number, check in enumerate(told):
        most = None if check.passed else _longest_that_fits(check, before, after)
        if most is not None:
            actual = f"{check.actual}; a release's name of up to {most} characters fits"
            told[number] = dataclasses.replace(check, actual=actual)
            told[number] = dataclasses.replace(told[number], passed=most >= enough)
            fitting[_chart_of(check)] = min(most, fitting.get(_chart_of(check), most))
    for check in told:
        most = fitting.get(_chart_of(check), 0)
        severity: Severity = "warning" if most >= _LONG else "error"
        told_as = dataclasses.replace(check, severity=severity, passed=check.passed or most >= enough)
        yield with_cause(told_as, f"names in {_chart_of(check)}")


def _name_checks(rendering: Rendering) -> Iterator[Check]:
    for resource in rendering.forms:
        yield from (*object_names_are_valid(resource), *labels_are_valid(resource))


def _chart_of(check: Check) -> str:
    return check.template.partition("/templates/")[0]


def _longest_that_fits(check: Check, before: Rendering, after: Rendering) -> int | None:
    """Give the most characters of a release's name for which what is too long is not; None where nobody can know."""
    long = next((resource for resource in after.forms if resource.subject == check.subject), None)
    same = [r for r in before.forms if long and (r.template, r.kind) == (long.template, long.kind)]
    if long is None or not same:
        return None
    name = long.name
    text = max(same, key=lambda resource: _common_end(resource.name, name)).place(check.path).text
    most = int(str(check.expected).split()[-2]) - len(text) + len(before.scenario.release)
    return most if before.scenario.release in text else None


def _common_end(one: str, other: str) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _most(check: Check) -> tuple[int, bool]:
    """Sort by the number of characters that a rule allows, which `_check` writes last; names of objects come first."""
    return int(str(check.expected).split()[-2]), check.path != "metadata.name"


long_release_names_fit.breaks(
    manifests=HEALTHY,
    a_suffix_makes_the_name_too_long=put("Service web", "metadata.name", f"{LONGEST_RELEASE}-postgresql"),
    a_suffix_makes_the_label_too_long=put("StatefulSet web", f"{POD_LABELS}.release", f"{LONGEST_RELEASE}-postgresql"),
)


def _port_checks(ports: Place[Resource], rule: Rule) -> Iterator[Check]:
    for port in ports.maps():
        if (port / "name").is_set:
            yield _check(port / "name", rule)


def _label_maps(resource: Resource) -> Iterator[Place[Resource]]:
    for metadata in _metadata(resource):
        yield metadata / "labels"
    selector = resource / "spec" / "selector"
    yield selector / "matchLabels"
    if resource.kind in ("Service", "ReplicationController"):
        yield selector
    for claim in (resource / "spec" / "volumeClaimTemplates").maps():
        yield claim / "metadata" / "labels"


def _metadata(resource: Resource) -> Iterator[Place[Resource]]:
    """Give the metadata of a resource, and of the pods that it makes."""
    yield resource / "metadata"
    if resource.kind in WORKLOAD_KINDS and resource.kind != "Pod":
        yield template_if_any(resource) / "metadata"


def _key_check(place: Place[Resource], key: str) -> Check:
    """Check the key of a label or an annotation: a name, and perhaps a domain in front of it."""
    prefix, slash, name = key.rpartition("/")
    if slash and not fits(prefix.lower(), SUBDOMAIN):
        return _check(place, SUBDOMAIN, prefix.lower())
    return _check(place, QUALIFIED, name)


def _check(place: Place[Resource], rule: Rule, name: Any = WHAT_IS_THERE) -> Check:
    """Check a name: the text at a place, unless another one is given."""
    name = place.value if name is WHAT_IS_THERE else name
    return states(place, fits(name, rule), expected=f"{rule.words}, of at most {rule.most} characters", actual=name)
