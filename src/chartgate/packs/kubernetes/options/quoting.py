"""Quoting: a text of digits stays a text, and a number that is given as text stays a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import join, steps
from chartgate.documents.json_documents.equality import unequal
from chartgate.documents.places import Place
from chartgate.documents.shapes import is_whole
from chartgate.documents.walking import nodes
from chartgate.kubernetes.pods.workloads import containers_if_any, template_if_any, variable_values
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.matrix.derivations.user_values import DIGITS, with_texts
from chartgate.model import Check, Rendering, Resource, in_both
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, labels: {tier: web}}, data: {mode: plain}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, env: [{name: A, value: b}], args: [-v], ports: [{containerPort: 8080}]}]}
"""
CONTAINER = "spec.template.spec.containers[web]"
_AS_TEXT, _AS_NUMBER = "a text, as Kubernetes demands", "a number, as Kubernetes demands"


_NO_NUMBER = re.compile(
    r"(?:ARGS|OPTS|OPTIONS|FLAGS|IMAGE|REGISTRY|REPOSITORY|HOST|HOSTNAME|DOMAIN|UR[IL]|PROXY)\]\.value\Z", re.IGNORECASE
)
"""Variables that nobody gives a number alone."""


@policy(
    over=with_texts,
    severity="error",
    remediation="Print texts with `quote`; print numbers as they are, or through `int`.",
)
def texts_of_digits_stay_texts(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A value that is a text of digits is a text where Kubernetes demands one, and a number given as text is a number.

    A password, a tag or the value of a variable may well be `4815162`: without `quote`, the API server gets a number
    and refuses the object. `--set-string`, and what sets values for Argo CD or Terraform, make a text of a port.
    Judged with digits in all texts that templates print, names and what is compared left out.
    Source: https://helm.sh/docs/chart_best_practices/values/#make-types-clear
    """
    if after.error:
        return
    checks = (
        states(place, isinstance(place.value, str), expected=_AS_TEXT, actual=_said(place))
        for resource in after.resources
        for place in _texts(resource)
        if str(place.value) == DIGITS and not _NO_NUMBER.search(place.address)
    )
    yield from (with_cause(check, _where(check.path)) for check in checks)
    given = {str(value) for value in after.scenario.changes.values()} - {DIGITS}
    for old, resource in in_both(before.resources, after.resources):
        is_known = is_built_in(resource.identity.api_version)
        for address, was, now in unequal(old.manifest, resource.manifest) if is_known else ():
            if is_whole(was) and now == str(was) and now in given:
                yield states(resource.place(address), False, expected=_AS_NUMBER, actual=f'the text "{now}"')


def _where(path: str) -> str:
    """Give what texts without quotes have in common: a label is on every object, variables are in one list."""
    *above, last = steps(path)
    if not {"args", "command"}.isdisjoint(above):
        return "arguments"
    if above[-1:] == ["labels"]:
        return "labels"
    return "variables" if last == "value" else join(*above[-1:], last)


def _said(place: Place[Resource]) -> str:
    return "a text" if isinstance(place.value, str) else f"the number {place.value}, of a value that is the text"


def _texts(resource: Resource) -> Iterator[Place[Resource]]:
    """Give the values that must be texts, whatever they are: of labels, annotations, data, variables and arguments."""
    for metadata in (resource / "metadata", template_if_any(resource) / "metadata"):
        for field in ("labels", "annotations"):
            yield from (place for _, place in (metadata / field).entries())
    # What is in the data of a Secret is base64, which is hardly ever digits alone.
    if field := {"ConfigMap": "data", "Secret": "stringData"}.get(resource.kind, ""):
        yield from (place for _, place in (resource / field).entries())
    for container in containers_if_any(resource):
        yield from variable_values(container)
        for field in ("args", "command"):
            for keys, node in nodes(container.at(field)):
                if not isinstance(node, list | dict):
                    yield container.place(join(field, *keys))


_GIVEN = of_scenario(changes={"text": DIGITS, "number": "8080"})
texts_of_digits_stay_texts.breaks(
    manifests=HEALTHY,
    a_variable_is_a_number=(put("Deployment web", f"{CONTAINER}.env[A].value", int(DIGITS)), _GIVEN),
    a_label_is_a_number=(put("ConfigMap settings", "metadata.labels.tier", int(DIGITS)), _GIVEN),
    a_setting_is_a_number=(put("ConfigMap settings", "data.mode", int(DIGITS)), _GIVEN),
    an_argument_is_a_number=(put("Deployment web", f"{CONTAINER}.args", [int(DIGITS)]), _GIVEN),
    a_port_is_a_text=(put("Deployment web", f"{CONTAINER}.ports[0].containerPort", "8080"), _GIVEN),
)
