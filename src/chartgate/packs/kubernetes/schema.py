"""Schema: what is rendered has a form that API servers accept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from chartgate.charts.version_constraints import admitted
from chartgate.documents.addresses import join
from chartgate.kubernetes.validity.bundled_schemas import SchemaError, bundled_versions, is_known, misfits, misfits_of
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.model import Chart, Check, Rendering, Resource, Schemas
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: config, labels: {app.kubernetes.io/name: web}}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
data: {password: c2VjcmV0}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: web}}
  template:
    metadata: {labels: {app.kubernetes.io/name: web}}
    spec:
      containers:
        - {name: web, image: "example.com/web:1", ports: [{containerPort: 8080}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
spec: {size: 1}
"""


def admitted_versions(chart: Chart) -> list[str]:
    """Give the oldest, a middle and the newest minor version that the chart admits, of those with schemas here."""
    constraint = chart.metadata.get("kubeVersion") or "*"
    try:
        found = admitted(str(constraint), bundled_versions())
    except ValueError:
        return []
    return list(dict.fromkeys([found[0], found[len(found) // 2], found[-1]])) if found else []


@policy(
    severity="error",
    remediation="Correct apiVersion and kind, or name a JSON schema for the kind under `schemas` in the matrix.",
)
def every_kind_has_a_schema(rendering: Rendering) -> Iterator[Check]:
    """Every kind is served by all versions that the chart admits, or has a schema of its own.

    An API version that was removed fails the whole installation; of a kind without a schema, nothing is known. A
    schema is that of Kubernetes, of a CustomResourceDefinition in the same rendering, or of the matrix.
    Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    """
    versions, known = admitted_versions(rendering.chart), bundled_versions()
    for resource in everything(rendering):
        if _own_schema(rendering, resource):
            yield states(resource, "kind", True, expected="a schema", actual="a schema of its own")
            continue
        unknown = [version for version in versions if not is_known(*_kind(resource), version)]
        expected = f"a kind of Kubernetes {', '.join(versions) or f'{known[0]} to {known[-1]}'}, or a schema of its own"
        what = " ".join(_kind(resource))
        actual = f"{what} is unknown to {', '.join(unknown)}" if unknown else f"{what} is known"
        if not versions:
            actual = f"kubeVersion {rendering.chart.metadata.get('kubeVersion')!r} admits none of them"
        yield states(resource, "kind", bool(versions) and not unknown, expected=expected, actual=actual)


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_misspelt_kind(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "web").manifest["kind"] = "Deplyoment"
    return rendering


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_removed_api_version(rendering: Rendering) -> Rendering:
    return _with(rendering, "policy/v1beta1", "PodSecurityPolicy")


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_version_that_newer_clusters_dropped(rendering: Rendering) -> Rendering:
    changed = _with(rendering, "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema")
    return _with_kube_version(changed, ">=1.27.0-0")


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_group_that_only_sounds_like_one_of_kubernetes(rendering: Rendering) -> Rendering:
    return _with(rendering, "batch.volcano.sh/v1", "Job")


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_part_of_an_object(rendering: Rendering) -> Rendering:
    return _with(rendering, "v1", "Container")


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def the_chart_admits_forgotten_versions_only(rendering: Rendering) -> Rendering:
    return _with_kube_version(_with(rendering, "v1", "Secret"), "<1.20.0-0")


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def its_definition_has_no_schema(rendering: Rendering) -> Rendering:
    crd = rendering.resources.one("CustomResourceDefinition", "widgets.example.com").manifest
    del crd["spec"]["versions"][0]["schema"]
    return _with(rendering, "example.com/v1", "Widget")


@policy(severity="error", remediation="Correct the field at this address; the API server would refuse or drop it.")
def manifests_fit_their_schema(rendering: Rendering) -> Iterator[Check]:
    """Every manifest validates, strictly, against the Kubernetes versions that the chart admits.

    The oldest, the newest and one between are asked. Unknown fields count: without strict validation the API server
    drops them in silence, and a misspelt probe is no probe. What the chart's hooks patch is judged after them, too.
    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
    """
    for resource in everything(rendering):
        own = _own_schema(rendering, resource)
        if own:
            yield from fits(resource, misfits_of(resource.manifest, own), " ".join(_kind(resource)))
            continue
        for version in admitted_versions(rendering.chart):
            if is_known(*_kind(resource), version):
                yield from fits(resource, misfits(resource.manifest, version), f"Kubernetes {version}")


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_misspelt_field(rendering: Rendering) -> Rendering:
    _container(rendering)["redinessProbe"] = {"httpGet": {"port": 8080}}
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_number_where_text_must_be(rendering: Rendering) -> Rendering:
    _container(rendering)["env"] = [{"name": "PORT", "value": 8080}]
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_field_that_older_clusters_do_not_know(rendering: Rendering) -> Rendering:
    _container(rendering)["restartPolicyRules"] = [{"action": "Restart"}]
    return _with_kube_version(rendering, ">=1.27.0-0")


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def labels_are_a_list(rendering: Rendering) -> Rendering:
    rendering.resources.one("ConfigMap", "config").manifest["metadata"]["labels"] = ["web"]
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_required_field_is_missing(rendering: Rendering) -> Rendering:
    del _container(rendering)["name"]
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_secret_that_is_not_base64(rendering: Rendering) -> Rendering:
    rendering.resources.one("Secret", "credentials").manifest["data"]["password"] = "plain text"  # noqa: S105
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def its_definition_wants_a_number(rendering: Rendering) -> Rendering:
    rendering.resources.one("Widget", "one").manifest["spec"]["size"] = "large"
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def its_definition_knows_no_such_field(rendering: Rendering) -> Rendering:
    rendering.resources.one("Widget", "one").manifest["spec"]["sise"] = 1
    return rendering


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def the_schema_of_the_matrix_wants_a_host(rendering: Rendering) -> Rendering:
    schemas = Schemas(kinds={"example.org/v1 Gadget": '{"required": ["host"]}'})
    return _with(with_schemas(rendering, schemas), "example.org/v1", "Gadget")


def everything(rendering: Rendering) -> Iterator[Resource]:
    """Give what is rendered, and what the hooks made of it where they changed it."""
    before = {id(resource.manifest) for resource in rendering.resources}
    yield from rendering.resources
    yield from (resource for resource in rendering.after_hooks if id(resource.manifest) not in before)


def _kind(resource: Resource) -> tuple[str, str]:
    return str(resource.manifest.get("apiVersion", "")), resource.kind


def _own_schema(rendering: Rendering, resource: Resource) -> str:
    """Give the schema of the matrix for a kind, or that of its definition in the same rendering; empty for neither."""
    api_version, kind = _kind(resource)
    named = rendering.scenario.schemas.kinds.get(f"{api_version} {kind}", "")
    group, _, version = api_version.partition("/")
    definitions = [
        crd_schema(crd, version)
        for crd in rendering.resources.of_kind("CustomResourceDefinition")
        if (crd.at("spec.group"), crd.at("spec.names.kind")) == (group, kind)
    ]
    return next(filter(None, [named, *definitions]), "")


def fits(resource: Resource, errors: tuple[SchemaError, ...], whose: str, *above: str) -> Iterator[Check]:
    """Make a check of each error, or one that passed."""
    expected = f"fits the schema of {whose}"
    for error in errors:
        address = "".join([join(*above), "." * bool(above and error.address[:1] not in ("", "[")), error.address])
        yield states(resource, address, False, expected=expected, actual=error.problem)
    if not errors:
        yield states(resource, join(*above), True, expected=expected, actual="it does")


def _container(rendering: Rendering) -> dict[str, Any]:
    manifest = rendering.resources.one("Deployment", "web").manifest
    container: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][0]
    return container


def _with(rendering: Rendering, api_version: str, kind: str) -> Rendering:
    manifest = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "two"}}
    rendering.resources.append(Resource(manifest, "literal/templates/all.yaml", "default"))
    return rendering


def with_schemas(rendering: Rendering, schemas: Schemas) -> Rendering:
    """Give a rendering whose matrix names other schemas; for counterexamples."""
    return dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, schemas=schemas))


def _with_kube_version(rendering: Rendering, constraint: str) -> Rendering:
    chart = dataclasses.replace(rendering.chart, metadata={**rendering.chart.metadata, "kubeVersion": constraint})
    return dataclasses.replace(rendering, chart=chart)
