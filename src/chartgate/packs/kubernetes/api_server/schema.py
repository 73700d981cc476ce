"""Schema: what is rendered has a form that API servers accept."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from chartgate.charts.metadata.version_constraints import admitted
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.words import near
from chartgate.kubernetes.validity.bundled_schemas import (
    SchemaError,
    api_versions_of,
    bundled_versions,
    is_known,
    is_of_kubernetes,
    kinds_of,
    misfits,
    misfits_of,
)
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.model import Chart, Check, Declarations, Rendering, Resource, Resources, Schemas
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import Edit, added, gone, of_scenario, put
from chartgate.policy.policy import policy

from ..healthy.pod import HEALTHY as HEALTHY_POD
from ..healthy.pod import WEB, admitting

OTHERS = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: config, labels: {app.kubernetes.io/name: web}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: credentials}, data: {password: c2VjcmV0}}
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
{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}, spec: {size: 1}}
"""
HEALTHY = f"{HEALTHY_POD}---{OTHERS}"
_RUN = 8
"""The newest minor versions that some cluster still runs: clouds support one for some two years."""


def admitted_versions(chart: Chart) -> list[str]:
    """Give the oldest, a middle and the newest minor version that the chart admits, of those with schemas here.

    What nobody runs any longer counts only where the chart admits nothing else.
    """
    return list(_admitted(str(chart.metadata.get("kubeVersion") or "*")))


@functools.lru_cache(maxsize=64)
def _admitted(constraint: str) -> tuple[str, ...]:
    try:
        found = admitted(constraint, bundled_versions())
    except ValueError:
        return ()
    found = tuple(version for version in found if version in bundled_versions()[-_RUN:]) or found
    return tuple(dict.fromkeys([found[0], found[len(found) // 2], found[-1]])) if found else ()


@policy(
    severity="error",
    remediation="Correct apiVersion and kind; of a kind that Kubernetes does not have, name a schema under `schemas`.",
)
def every_kind_has_a_schema(rendering: Rendering) -> Iterator[Check]:
    """Every kind of Kubernetes is served by all versions that the chart admits, and every other one has its own schema.

    An API version that was removed fails the whole installation, unless `.Capabilities` chose it: then another cluster
    gets another. Of a kind without a schema, nothing is known. A schema is that of Kubernetes, of a
    CustomResourceDefinition in the same rendering, or of the matrix, which may also say under `schemas.unjudged` that
    there is none; without a matrix, such kinds are counted.
    Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    """
    versions = admitted_versions(rendering.chart)
    if not versions:
        actual = f"kubeVersion {rendering.chart.metadata.get('kubeVersion')!r} admits none of them"
        known = f"some of Kubernetes {bundled_versions()[0]} to {bundled_versions()[-1]}"
        yield chart_states("Chart.yaml", "kubeVersion", expected=known, actual=actual)
        return
    bundled = bundled_versions()
    if (asked := _asked_version(rendering, bundled[-1])) not in bundled:
        what = f"what only Kubernetes {asked} has or lacks (schemas are those of {bundled[0]} to {bundled[-1]})"
        check = chart_states("Chart.yaml", "kubeVersion", expected=asked, actual=asked)
        yield dataclasses.replace(check, unjudged=what)
    for resource in rendering.forms:
        if own_schema(rendering, resource):
            yield states(resource / "kind", True, expected="its own schema", actual="its own schema")
        elif is_of_kubernetes(resource.identity.api_version):
            yield _is_served(rendering, resource, versions)
        else:
            yield _is_unknown(rendering, resource)


def _is_served(rendering: Rendering, resource: Resource, versions: list[str]) -> Check:
    api_version, kind = _kind(resource)
    unknown = [version for version in versions if not is_known(api_version, kind, version)]
    expected = f"a kind of Kubernetes {', '.join(versions)}"
    if not unknown:
        return states(resource / "kind", True, expected=expected, actual="known")
    calls = calls_of(rendering.chart)
    if calls.asks_the_cluster(resource.template):
        asked = _asked_version(rendering, "")
        now = [asked] if asked else bundled_versions()
        # Of a version without schemas here, nobody knows what it serves, nor does helm of all that a cluster does.
        is_fitting = any(version not in bundled_versions() or is_known(api_version, kind, version) for version in now)
        served = {known.partition(" ")[0] for known in api_versions_of(kind)}
        if is_fitting or calls.may_write(resource.template, served):
            return states(resource / "kind", True, expected=expected, actual="chosen by .Capabilities")
    there = near(kind, sorted(kinds_of(api_version)), 2) or api_versions_of(kind)
    hint = f"; there is {', '.join(there)}" if there else ""
    actual = f"{api_version} {kind} is unknown to {', '.join(unknown)}{hint}"
    return with_cause(states(resource / "kind", False, expected=expected, actual=actual), f"{api_version} {kind}")


def _is_unknown(rendering: Rendering, resource: Resource) -> Check:
    """Tell of a kind that somebody else defines: not judged where nobody could have said what it is.

    So it is without a matrix, and of what only a value brings that a policy tries. The chart's own definition of it has
    a schema, or is at fault.
    """
    what, scenario = " ".join(_kind(resource)), rendering.scenario
    is_own = bool(rendering.resources.indexed(_definitions).get((_group(resource), resource.kind)))
    declared = scenario.declared
    passed = not is_own and (scenario.is_trial or declared.is_conventional or what in declared.schemas.unjudged)
    expected = "its own schema, or an entry under `schemas.unjudged` in the matrix"
    check = states(resource / "kind", passed, expected=expected, actual=f"{what} is unknown")
    return dataclasses.replace(check, unjudged=f"{what} (no schema)") if passed else check


every_kind_has_a_schema.breaks(
    manifests=HEALTHY,
    a_misspelt_kind=put("Deployment web", "kind", "Deplyoment"),
    a_removed_api_version=added("{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: two}}"),
    a_group_that_only_sounds_like_one_of_kubernetes=added(
        "{apiVersion: batch.volcano.sh/v1, kind: Job, metadata: {name: two}}"
    ),
    a_part_of_an_object=added("{apiVersion: v1, kind: Container, metadata: {name: two}}"),
)


every_kind_has_a_schema.breaks(
    manifests=HEALTHY,
    a_version_that_newer_clusters_dropped=(
        added("{apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, kind: FlowSchema, metadata: {name: two}}"),
        admitting(">=1.27.0-0"),
    ),
    the_chart_admits_forgotten_versions_only=admitting("<1.20.0-0"),
    its_definition_has_no_schema=(
        gone("CustomResourceDefinition widgets.example.com", "spec.versions[v1].schema"),
        added("{apiVersion: example.com/v1, kind: Widget, metadata: {name: two}}"),
    ),
)


@policy(severity="error", remediation="Correct the field at this address; the API server would refuse or drop it.")
def manifests_fit_their_schema(rendering: Rendering) -> Iterator[Check]:
    """Every manifest validates, strictly, against the Kubernetes versions that the chart admits.

    The oldest, the newest and one between are asked. Unknown fields count: without strict validation the API server
    drops them in silence, and a misspelt probe is no probe. What the chart's hooks patch is judged after them, too.
    Of what `.Capabilities` decides, another cluster gets another. Versions of more than two years ago are left out.
    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
    """
    versions = tuple(admitted_versions(rendering.chart))
    for resource in rendering.forms:
        own = own_schema(rendering, resource)
        if own:
            yield from fits(
                resource.place(), _errors_of_a_custom_kind(resource.manifest, own), " ".join(_kind(resource))
            )
        else:
            for check in resource.made(_fits_kubernetes, versions):
                if check.passed or not _is_for_others(check, rendering, versions):
                    yield check


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


def with_schemas(schemas: Schemas) -> Edit:
    """Give an edit that makes a matrix name other schemas."""
    return of_scenario(declared=Declarations(schemas=schemas))


manifests_fit_their_schema.breaks(
    manifests=HEALTHY,
    the_schema_of_the_matrix_wants_a_host=(
        with_schemas(Schemas(kinds={"example.org/v1 Gadget": '{"required": ["host"]}'})),
        added("{apiVersion: example.org/v1, kind: Gadget, metadata: {name: two}}"),
    ),
    a_field_that_older_clusters_do_not_know=(
        put("Deployment web", f"{WEB}.restartPolicyRules", [{"action": "Restart"}]),
        admitting(">=1.27.0-0"),
    ),
)


def fits(document: Place[Resource], errors: tuple[SchemaError, ...], whose: str) -> Iterator[Check]:
    """Make a check of each error in a document, or one that passed."""
    expected = f"fits the schema of {whose}"
    for error in errors:
        is_of_key = len(error.unknown) == 1
        yield states(document.place(error.address), False, expected=expected, actual=error.problem, is_of_key=is_of_key)
    if not errors:
        yield states(document, True, expected=expected, actual="it does")


def _errors_of_a_custom_kind(manifest: dict[str, Any], schema: str) -> tuple[SchemaError, ...]:
    """Give what does not fit, once a null is dropped that no definition allows: so the API server does.

    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
    """
    errors = misfits_of(manifest, schema)
    nulls = [steps(one.address) for one in errors if lookup(manifest, one.address) is None and not one.unknown]
    left = copy.deepcopy(manifest) if nulls else manifest
    for *above, last in nulls:
        if isinstance(inside := lookup(left, join(*above)), dict):
            inside.pop(last)
    return misfits_of(left, schema) if nulls else errors


def _fits_kubernetes(resource: Resource, versions: tuple[str, ...]) -> list[Check]:
    # Older clusters do without what they do not know of a definition.
    asked = versions[-1:] if resource.kind == "CustomResourceDefinition" else versions
    return [
        check
        for version in asked
        if is_known(*_kind(resource), version)
        for check in fits(resource.place(), misfits(resource.manifest, version), f"Kubernetes {version}")
    ]


def _is_for_others(check: Check, rendering: Rendering, versions: tuple[str, ...]) -> bool:
    """Tell whether a field that an older version does not have is written for newer ones only."""
    asked = _asked_version(rendering, versions[-1])
    is_of_asked = str(check.expected).endswith(f" {asked}")
    key = (steps(check.path) or [""])[-1]
    return check.is_of_key and not is_of_asked and key in calls_of(rendering.chart).for_some_clusters(check.template)


def _asked_version(rendering: Rendering, otherwise: str) -> str:
    """Give the minor version that the scenario renders for (`1.31`), or `otherwise` where it names none."""
    return ".".join(rendering.scenario.kube_version.removeprefix("v").split(".")[:2]) or otherwise


def _kind(resource: Resource) -> tuple[str, str]:
    return str(resource.manifest.get("apiVersion", "")), resource.kind


def _group(resource: Resource) -> str:
    return resource.identity.api_version.partition("/")[0]


def own_schema(rendering: Rendering, resource: Resource) -> str:
    """Give the schema of the matrix for a kind, or that of its definition in the same rendering; empty for neither."""
    api_version, kind = _kind(resource)
    named = rendering.scenario.declared.schemas.kinds.get(f"{api_version} {kind}", "")
    group, _, version = api_version.partition("/")
    defined = rendering.resources.indexed(_definitions).get((group, kind), ())
    return next(filter(None, [named, *(crd.made(crd_schema, version) for crd in defined)]), "")


def _definitions(resources: Resources) -> dict[tuple[str, str], list[Resource]]:
    """Give the CustomResourceDefinitions by group and kind of what they define."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for crd in resources.of_kind("CustomResourceDefinition"):
        found[(crd / "spec" / "group").text, (crd / "spec" / "names" / "kind").text].append(crd)
    return found
