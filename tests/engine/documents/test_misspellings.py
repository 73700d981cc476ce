"""Which names differ as a slip of the hand does."""

from __future__ import annotations

import pytest

from chartgate.documents.misspellings import lost_a_letter, nearly


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("pullpolicy", ["pullPolicy", "tag"], ["pullPolicy"]),
        ("pull-secrets", ["pullSecrets"], ["pullSecrets"]),
        ("replciaCount", ["replicaCount"], ["replicaCount"]),
        ("tolerationz", ["tolerations", "toleration"], ["tolerations", "toleration"]),
        ("nodeSelectr", ["nodeSelector"], ["nodeSelector"]),
        ("host", ["port", "hosts"], []),
        ("startupProbe", ["readinessProbe", "livenessProbe"], []),
        ("minReplicas", ["maxReplicas"], ["maxReplicas"]),
        ("tag", ["tag"], []),
        ("x" * 10_000, ["y" * 10_000], []),
        ("", ["a", ""], []),
    ],
)
def test_what_was_meant(name: str, known: list[str], expected: list[str]) -> None:
    assert nearly(name, known) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tye", "type", True),
        ("modee", "mode", True),
        ("ports", "port", False),
        ("host", "port", False),
        ("mode", "mode", False),
        ("", "a", True),
        ("x" * 10_000, "x" * 10_001, False),
    ],
)
def test_a_letter_is_lost(one: str, other: str, expected: bool) -> None:
    assert (lost_a_letter(one, other), lost_a_letter(other, one)) == (expected, expected)
