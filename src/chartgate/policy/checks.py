"""How a policy states what it expects: each function makes one check of one address of one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.model import Check, Identity, Rendering, Resource


def equals(resource: Resource, address: str, expected: Any) -> Check:
    """Expect exactly this value, of exactly this type: `true` is not `"true"`, and 1 is not `true`."""
    actual = resource.at(address)
    return _about(resource, address, expected, actual, _same(actual, expected))


def exists(resource: Resource, address: str) -> Check:
    """Expect any value at all."""
    actual = resource.at(address)
    return _about(resource, address, "any value", actual, actual is not ABSENT)


def missing(resource: Resource, address: str) -> Check:
    """Expect no value at that address."""
    actual = resource.at(address)
    return _about(resource, address, ABSENT, actual, actual is ABSENT)


def contains(resource: Resource, address: str, item: Any) -> Check:
    """Expect a list, map or text that contains the item."""
    actual = resource.at(address)
    # `1 in [True]` and `1 in "1"` are Python's, not YAML's.
    passed = (
        item in actual
        if isinstance(actual, str | dict) and isinstance(item, str)
        else isinstance(actual, list) and any(_same(other, item) for other in actual)
    )
    return _about(resource, address, f"contains {item!r}", actual, passed)


def satisfies(resource: Resource, address: str, rule: Callable[[Any], bool], expected: str) -> Check:
    """Expect a value for which the rule holds; `expected` says the rule in words. ABSENT never passes."""
    actual = resource.at(address)
    return _about(resource, address, expected, actual, actual is not ABSENT and rule(actual))


def compares(resource: Resource, address: str, actual: Any, expected: Any) -> Check:
    """Expect a value that was computed from the resource to be exactly this."""
    return _about(resource, address, expected, actual, _same(actual, expected))


def states(resource: Resource, address: str, passed: bool, *, expected: Any, actual: Any) -> Check:
    """Say in own words what was expected of a resource; for rules that no other function expresses."""
    return _about(resource, address, expected, actual, passed)


def rendered(rendering: Rendering, kind: str, name: str, namespace: str = "") -> Check:
    """Expect a resource to be rendered."""
    return _existence(rendering, kind, name, namespace, wanted=True)


def not_rendered(rendering: Rendering, kind: str, name: str, namespace: str = "") -> Check:
    """Expect a resource not to be rendered."""
    return _existence(rendering, kind, name, namespace, wanted=False)


def template_renders(rendering: Rendering, file_name: str, *, wanted: bool) -> Check:
    """Expect a template file of the chart itself to render resources, or none at all."""
    template = f"{rendering.chart.name}/templates/{file_name}"
    found = ", ".join(str(identity) for identity in rendering.resources.from_template(file_name).identities())
    expected = "at least one resource" if wanted else "no resource"
    return Check(template, "", expected, found or "no resource", bool(found) == wanted, template)


def same_identities(expected: Iterable[Identity], actual: Iterable[Resource]) -> list[Check]:
    """Expect exactly these resources: one check for each that should be there or is there."""
    there = {resource.identity: resource for resource in actual}
    wanted = set(expected)
    return [
        Check(
            subject=str(identity),
            path="",
            expected="rendered" if identity in wanted else ABSENT,
            actual="rendered" if identity in there else ABSENT,
            passed=(identity in wanted) == (identity in there),
            template=there[identity].template if identity in there else "",
        )
        for identity in sorted(wanted | set(there))
    ]


def chart_states(part: str, address: str, *, expected: Any, actual: Any) -> Check:
    """Expect something of the chart's own files (`values.yaml`, `values.schema.json`, `Chart.yaml`)."""
    return Check(part, address, expected, actual, _same(actual, expected), template=part)


def helm_states(what: str, *, expected: Any, actual: Any) -> Check:
    """Expect something of what helm said while it rendered."""
    return Check("helm", what, expected, actual, _same(actual, expected))


def _existence(rendering: Rendering, kind: str, name: str, namespace: str, *, wanted: bool) -> Check:
    found = [
        r for r in rendering.resources.of_kind(kind) if r.name == name and (not namespace or r.namespace == namespace)
    ]
    place = f"{namespace}/" if namespace else ""
    return Check(
        subject=str(found[0].identity) if found else f"{kind} {place}{name}",
        path="",
        expected="rendered" if wanted else ABSENT,
        actual="rendered" if found else ABSENT,
        passed=bool(found) == wanted,
        template=found[0].template if found else "",
    )


def _about(resource: Resource, address: str, expected: Any, actual: Any, passed: bool) -> Check:
    return Check(str(resource.identity), address, expected, actual, passed, resource.template)


def _same(actual: Any, expected: Any) -> bool:
    """Compare without Python's `1 == True == 1.0`, at any depth."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(_same(actual[k], expected[k]) for k in expected)
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(_same, actual, expected))
    return type(actual) is type(expected) and bool(actual == expected)
