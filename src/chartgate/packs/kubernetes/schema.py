"""Schema: what is rendered has a form that API servers accept."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.version_constraints import admitted
from chartgate.documents.places import Place
from chartgate.kubernetes.validity.bundled_schemas import SchemaError, bundled_versions, is_known, misfits, misfits_of
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.model import Chart, Check, Declarations, Rendering, Resource, Resources, Schemas
from chartgate.policy.checks import states
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

from .healthy.pod import HEALTHY as HEALTHY_POD
from .healthy.pod import WEB, admitting

OTHERS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: config, labels: {app.kubernetes.io/name: web}}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
data: {password: c2VjcmV0}
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
HEALTHY = f"{HEALTHY_POD}---{OTHERS}"


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
    """Every kind is served by all versions that the chart admits, or has its own schema.

    An API version that was removed fails the whole installation; of a kind without a schema, nothing is known. A
    schema is that of Kubernetes, of a CustomResourceDefinition in the same rendering, or of the matrix.
    Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    """
    versions, known = admitted_versions(rendering.chart), bundled_versions()
    for resource in rendering.forms:
        place, what = resource / "kind", " ".join(_kind(resource))
        unknown = [version for version in versions if not is_known(*_kind(resource), version)]
        expected = f"a kind of Kubernetes {', '.join(versions) or f'{known[0]} to {known[-1]}'}, or its own schema"
        if _own_schema(rendering, resource):
            yield states(place, True, expected=expected, actual="its own schema")
        elif not versions:
            actual = f"kubeVersion {rendering.chart.metadata.get('kubeVersion')!r} admits none of them"
            yield states(place, False, expected=expected, actual=actual)
        else:
            actual = f"{what} is unknown to {', '.join(unknown)}" if unknown else f"{what} is known"
            yield states(place, not unknown, expected=expected, actual=actual)


every_kind_has_a_schema.breaks(
    manifests=HEALTHY,
    a_misspelt_kind=put("Deployment web", "kind", "Deplyoment"),
    a_removed_api_version=added("{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: two}}"),
    a_group_that_only_sounds_like_one_of_kubernetes=added(
        "{apiVersion: batch.volcano.sh/v1, kind: Job, metadata: {name: two}}"
    ),
    a_part_of_an_object=added("{apiVersion: v1, kind: Container, metadata: {name: two}}"),
)


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def a_version_that_newer_clusters_dropped(rendering: Rendering) -> Rendering:
    dropped = "{apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, kind: FlowSchema, metadata: {name: two}}"
    return admitting(">=1.27.0-0", rendering, added(dropped))


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def the_chart_admits_forgotten_versions_only(rendering: Rendering) -> Rendering:
    known_to_all = "{apiVersion: v1, kind: Secret, metadata: {name: two}}"
    return admitting("<1.20.0-0", rendering, added(known_to_all))


@every_kind_has_a_schema.counterexample(manifests=HEALTHY)
def its_definition_has_no_schema(rendering: Rendering) -> Rendering:
    gone("CustomResourceDefinition widgets.example.com", "spec.versions[v1].schema").apply(rendering)
    return added("{apiVersion: example.com/v1, kind: Widget, metadata: {name: two}}").apply(rendering)


@policy(severity="error", remediation="Correct the field at this address; the API server would refuse or drop it.")
def manifests_fit_their_schema(rendering: Rendering) -> Iterator[Check]:
    """Every manifest validates, strictly, against the Kubernetes versions that the chart admits.

    The oldest, the newest and one between are asked. Unknown fields count: without strict validation the API server
    drops them in silence, and a misspelt probe is no probe. What the chart's hooks patch is judged after them, too.
    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
    """
    versions = admitted_versions(rendering.chart)
    for resource in rendering.forms:
        own = _own_schema(rendering, resource)
        if own:
            yield from fits(resource.place(), misfits_of(resource.manifest, own), " ".join(_kind(resource)))
            continue
        for version in versions:
            if is_known(*_kind(resource), version):
                yield from fits(resource.place(), misfits(resource.manifest, version), f"Kubernetes {version}")


manifests_fit_their_schema.breaks(
    manifests=HEALTHY,
    a_misspelt_field=put("Deployment web", f"{WEB}.redinessProbe", {"httpGet": {"port": 8080}}),
    a_number_where_text_must_be=put("Deployment web", f"{WEB}.env", [{"name": "PORT", "value": 8080}]),
    labels_are_a_list=put("ConfigMap config", "metadata.labels", ["web"]),
    a_required_field_is_missing=gone("Deployment web", f"{WEB}.name"),
    a_secret_that_is_not_base64=put("Secret credentials", "data.password", "plain text"),
    its_definition_wants_a_number=put("Widget one", "spec.size", "large"),
    its_definition_knows_no_such_field=put("Widget one", "spec.sise", 1),
)


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def a_field_that_older_clusters_do_not_know(rendering: Rendering) -> Rendering:
    new = put("Deployment web", f"{WEB}.restartPolicyRules", [{"action": "Restart"}])
    return admitting(">=1.27.0-0", rendering, new)


@manifests_fit_their_schema.counterexample(manifests=HEALTHY)
def the_schema_of_the_matrix_wants_a_host(rendering: Rendering) -> Rendering:
    schemas = Schemas(kinds={"example.org/v1 Gadget": '{"required": ["host"]}'})
    gadget = added("{apiVersion: example.org/v1, kind: Gadget, metadata: {name: two}}")
    return gadget.apply(with_schemas(rendering, schemas))


def fits(document: Place[Resource], errors: tuple[SchemaError, ...], whose: str) -> Iterator[Check]:
    """Make a check of each error in a document, or one that passed."""
    expected = f"fits the schema of {whose}"
    for error in errors:
        yield states(document.place(error.address), False, expected=expected, actual=error.problem)
    if not errors:
        yield states(document, True, expected=expected, actual="it does")


def with_schemas(rendering: Rendering, schemas: Schemas) -> Rendering:
    """Give a rendering whose matrix names other schemas; for counterexamples."""
    return dataclasses.replace(
        rendering, scenario=dataclasses.replace(rendering.scenario, declared=Declarations(schemas=schemas))
    )


def _kind(resource: Resource) -> tuple[str, str]:
    return str(resource.manifest.get("apiVersion", "")), resource.kind


def _own_schema(rendering: Rendering, resource: Resource) -> str:
    """Give the schema of the matrix for a kind, or that of its definition in the same rendering; empty for neither."""
    api_version, kind = _kind(resource)
    named = rendering.scenario.declared.schemas.kinds.get(f"{api_version} {kind}", "")
    group, _, version = api_version.partition("/")
    defined = rendering.resources.indexed(_definitions).get((group, kind), ())
    return next(filter(None, [named, *(crd_schema(crd, version) for crd in defined)]), "")


def _definitions(resources: Resources) -> dict[tuple[str, str], list[Resource]]:
    """Give the CustomResourceDefinitions by group and kind of what they define."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for crd in resources.of_kind("CustomResourceDefinition"):
        found[(crd / "spec" / "group").text, (crd / "spec" / "names" / "kind").text].append(crd)
    return found
