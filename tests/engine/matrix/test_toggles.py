"""What a toggle and another ci file may change: two forms of one thing, and what is chosen at installation."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from chartgate.model import Declarations, Rendering, Scenario
from chartgate.packs.kubernetes.install_and_upgrade import gitops
from chartgate.packs.kubernetes.options.isolation import feature_isolation
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited

PLAIN = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1}
---
apiVersion: v1
kind: Secret
metadata: {name: made}
"""
_SET = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {}}"
_OTHER = "{apiVersion: v1, kind: Secret, metadata: {name: other}}"
_VAULT = "{apiVersion: example.com/v1, kind: VaultSecret, metadata: {name: login}}"


def toggled(*edits: Edit, shared: tuple[str, ...] = ()) -> list[Rendering]:
    """Give the renderings of literal manifests without a toggle, and as edited with it."""
    declared = Declarations(shared={"feature": shared})
    sides = ((edited(PLAIN), frozenset[str]()), (edited(PLAIN, *edits), frozenset(["feature"])))
    return [
        dataclasses.replace(side, scenario=dataclasses.replace(side.scenario, switched=on, declared=declared))
        for side, on in sides
    ]


@pytest.mark.parametrize(
    ("edits", "shared"),
    [
        ([gone("Deployment web"), added(_SET)], ()),
        ([gone("Secret made"), added(_OTHER)], ()),
        ([gone("Secret made")], ("Secret made",)),
        ([put("Deployment web", "spec.replicas", 2)], ("Deployment *",)),
    ],
)
def test_one_form_in_the_place_of_the_other(edits: list[Edit], shared: tuple[str, ...]) -> None:
    assert [c for c in checks_of(feature_isolation, toggled(*edits, shared=shared)) if not c.passed] == []


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([gone("Secret made")], "not rendered"),
        (
            [gone("Secret made"), added(_VAULT)],
            "not rendered, but VaultSecret login: if feature chooses between the two,"
            ' declare `shared: {feature: ["Secret made"]}`',
        ),
        (
            [gone("Secret made"), added(_OTHER, template="literal/templates/other.yaml")],
            "not rendered, but Secret other: if feature chooses between the two,"
            ' declare `shared: {feature: ["Secret made"]}`',
        ),
    ],
)
def test_what_a_toggle_takes_away(edits: list[Edit], expected: str) -> None:
    [finding] = [check for check in checks_of(feature_isolation, toggled(*edits)) if not check.passed]
    assert (finding.subject, finding.actual) == ("Secret default/made (v1)", expected)


def test_two_ci_files_are_two_installations() -> None:
    scenario = Scenario("one", "release-name", "default", "", {}, {})
    ci = dataclasses.replace(scenario, is_installation=True)
    assert list(gitops.neighbours([ci, dataclasses.replace(ci, name="two")])) == []
    assert len(list(gitops.neighbours([scenario, dataclasses.replace(scenario, name="two")]))) == 1


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (gone("StatefulSet data", "spec.volumeClaimTemplates"), []),
        (put("StatefulSet data", "spec.volumeClaimTemplates", []), []),
        (put("StatefulSet data", "spec.serviceName", "other"), [["spec.serviceName"]]),
        (gone("StatefulSet data", "spec.serviceName"), [["spec.serviceName"]]),
    ],
)
def test_whether_there_are_claims_is_chosen_once(edit: Edit, expected: list[list[str]]) -> None:
    before = literal_rendering(gitops.HEALTHY)
    for pair in ([before, edit.apply(copy.deepcopy(before))], [edit.apply(copy.deepcopy(before)), before]):
        found = [c.actual for c in checks_of(gitops.immutable_fields_keep_their_value, pair) if not c.passed]
        assert found == expected
