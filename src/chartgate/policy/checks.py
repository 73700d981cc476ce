"""How a policy states what it expects: each function makes one check of one place."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import same
from chartgate.documents.places import Place
from chartgate.model import AskedObject, Check, Identity, Rendering, Resource, Severity

_ASKED = re.compile(r", as (\w++) asks\Z")
WHAT_IS_THERE: Any = object()
"""Stands for the value of the place that a check is about."""


def equals(place: Place[Resource], expected: Any) -> Check:
    """Expect exactly this value, of exactly this type: `true` is not `"true"`, and 1 is not `true`."""
    return _about(place, expected, place.value, same(place.value, expected))


def exists(place: Place[Resource]) -> Check:
    """Expect any value at all."""
    return _about(place, "any value", place.value, place.is_there)


def missing(place: Place[Resource]) -> Check:
    """Expect no value."""
    return _about(place, ABSENT, place.value, not place.is_there)


def contains(place: Place[Resource], item: Any) -> Check:
    """Expect a list, map or text that contains the item."""
    actual = place.value
    # `1 in [True]` and `1 in "1"` are Python's, not YAML's.
    passed = (
        item in actual
        if isinstance(actual, str | dict) and isinstance(item, str)
        else isinstance(actual, list) and any(same(other, item) for other in actual)
    )
    return _about(place, f"contains {item!r}", actual, passed)


def satisfies(place: Place[Resource], rule: Callable[[Any], bool], expected: str) -> Check:
    """Expect a value for which the rule holds; `expected` says the rule in words. ABSENT never passes."""
    return _about(place, expected, place.value, place.is_there and rule(place.value))


def compares(place: Place[Resource], actual: Any, expected: Any) -> Check:
    """Expect a value that was computed from what is there to be exactly this."""
    return _about(place, expected, actual, same(actual, expected))


def states(
    place: Place[Resource],
    passed: bool,
    *,
    expected: Any,
    actual: Any = WHAT_IS_THERE,
    severity: Severity | None = None,
    asked: AskedObject | None = None,
    is_omission: bool = False,
    is_of_key: bool = False,
    elsewhere: str = "",
) -> Check:
    """Say in words of one's own what was expected; for rules that no other function expresses.

    Args:
        place: what was examined.
        passed: whether it is as expected.
        expected: what was expected, in words or as a value.
        actual: what is there instead, in words; the value itself where nothing else is said.
        severity: where it is not that of the policy.
        asked: the object that has to be there, where it is about a reference.
        is_omission: whether nothing there is wrong, and something is not given.
        is_of_key: whether the last key of the address is wrong, whatever is below it.
        elsewhere: what is there in another namespace, in place of what has to be.
    """
    found, owner = place.value if actual is WHAT_IS_THERE else actual, place.owner
    return Check(
        owner.subject,
        place.address,
        expected,
        found,
        passed,
        owner.template,
        severity=severity,
        asked=asked,
        is_omission=is_omission,
        is_of_key=is_of_key,
        elsewhere=elsewhere,
    )


def as_asked(expected: Any, policy: str) -> str:
    """Say what a policy expects that another one asks on a scenario of its own: `once, as keys_are_there_once asks`."""
    return f"{expected}, as {policy} asks"


def without_asker(expected: str) -> str:
    """Give what is expected, whoever asks."""
    return _ASKED.sub("", expected)


def asker(expected: Any) -> str:
    """Name the policy that asks what another one expects; empty for one that expects it by itself."""
    asked = _ASKED.search(str(expected))
    return asked[1] if asked else ""


def with_cause(check: Check, cause: str) -> Check:
    """Say what makes a check that did not pass one finding with all of its policy that have this cause, in all cases.

    Args:
        check: is given back as it is where it passed.
        cause: in words that a person understands behind the policy's name.
    """
    return check if check.passed else dataclasses.replace(check, cause=cause)


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
    return Check(part, address, expected, actual, same(actual, expected), template=part)


def helm_states(what: str, *, expected: Any, actual: Any) -> Check:
    """Expect something of what helm said while it rendered."""
    return Check("helm", what, expected, actual, same(actual, expected))


def _existence(rendering: Rendering, kind: str, name: str, namespace: str, *, wanted: bool) -> Check:
    found = rendering.resources.named(kind, name, namespace or None)
    place = f"{namespace}/" if namespace else ""
    return Check(
        subject=str(found[0].identity) if found else f"{kind} {place}{name}",
        path="",
        expected="rendered" if wanted else ABSENT,
        actual="rendered" if found else ABSENT,
        passed=bool(found) == wanted,
        template=found[0].template if found else "",
    )


def _about(place: Place[Resource], expected: Any, actual: Any, passed: bool) -> Check:
    return states(place, passed, expected=expected, actual=actual)
