"""What a definition says of its kind besides its form: rules, defaults, names."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import paired, risks_of


def _definition(field: str = "", names: str = "", spec: str = "") -> str:
    fields = f"{{crew: {{type: integer{field}}}}}"
    schema = (
        f"{{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object{spec}, properties: {fields}}}}}}}}}"
    )
    inside = f"{{group: example.com, scope: Namespaced, names: {{kind: Boat{names}}}, versions: [VERSION]}}"
    version = f"{{name: v1, served: true, schema: {schema}}}"
    meta = "apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: boats.example.com}"
    return f"{{{meta}, spec: {inside.replace('VERSION', version)}}}"


def _ruled(*rules: str, more: str = "") -> str:
    return _definition(f", x-kubernetes-validations: [{', '.join(f'{{rule: {rule}{more}}}' for rule in rules)}]")


def _told(before: str, after: str) -> list[str]:
    return [f"{risk.name} {risk.level} {risk.bump} {risk.reason}" for risk, _ in risks_of(paired(before, after))]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_definition(), _ruled("self > 0"), "danger major spec.crew has to keep self > 0"),
        (_ruled("self > 0"), _ruled("self > 0", "self < 9"), "danger major spec.crew has to keep self < 9"),
        (_ruled("self > 0"), _ruled("self > 1"), "caution major spec.crew has to keep self > 1"),
        (
            _definition(),
            _definition(spec=", x-kubernetes-validations: [{rule: a}]"),
            "danger major spec has to keep a",
        ),
        (
            _definition(", default: 2"),
            _definition(", default: 0"),
            "caution minor what leaves out spec.crew has 0 there now, and had 2",
        ),
        (_definition(), _definition(", minimum: 0"), "caution major v1 is narrower: spec.crew: minimum is 0 now"),
        (
            _definition(", minimum: -1"),
            _definition(", minimum: 0"),
            "danger major v1 is narrower: spec.crew: minimum is 0 now, it was -1",
        ),
        (
            _definition(),
            _definition(", minimum: 0, maximum: 9"),
            "danger major v1 is narrower: spec.crew: maximum is 9 now, spec.crew: minimum is 0 now",
        ),
        (_definition(names=", shortNames: [bt, b]"), _definition(), "caution minor it is no longer found as bt, b"),
        (
            _definition(spec=", x-kubernetes-list-type: atomic"),
            _definition(spec=", x-kubernetes-list-type: set"),
            "danger major spec may have nothing twice now",
        ),
        (_definition(names=", categories: [all]"), _definition(), "caution minor it is no longer found as all"),
    ],
)
def test_what_is_narrower(before: str, after: str, told: str) -> None:
    assert _told(before, after) == [f"crd_narrowed {told}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_ruled("self > 0", "self < 9"), _ruled("self < 9", "self > 0")),
        (_ruled("self > 0"), _ruled("self > 0", more=", message: more than none")),
        (_ruled("self > 0", "self < 9"), _ruled("self > 0")),
        (_definition(), _definition(", default: 2")),
        (_definition(), _definition(names=", shortNames: [bt]")),
    ],
)
def test_what_is_not(before: str, after: str) -> None:
    assert _told(before, after) == []
